import type { Lease, LeaseAnswer } from '../core/ports.ts';
import { soon } from '../soon.ts';

/** `<token> <owner>`, gone when the lease has run out. */
const ownerKey = 'clearline:owner';
/** The greatest token given so far. */
const tokenKey = 'clearline:token';
const standbyKey = 'clearline:standby';
/** How long who said that they stand by is believed to, in milliseconds: they say it four times a second. */
const standbyMs = 1_000;
/** How long a lease is good for, in milliseconds: `leaseMs` of ownership.ts. */
const leaseMs = 3_000;
const answerMs = 1_000;

/** Each script answers [state, token or owner, 1 where somebody stands by]. Scripts run one at a time, so nothing comes between. */
const tellHolder = `
  local held = redis.call('GET', KEYS[1])
  local function tell()
    if not held then return { 'free' } end
    local token, owner = string.match(held, '^(%d+) (.*)$')
    if owner ~= ARGV[1] then return { 'other', owner or held } end
    local standby = redis.call('GET', KEYS[3])
    return { 'ours', token, standby and standby ~= ARGV[1] and 1 or 0 }
  end
  local function own(token)
    held = token .. ' ' .. ARGV[1]
    redis.call('SET', KEYS[1], held, 'PX', ARGV[2])
    return tell()
  end
`;
const standByScript = `${tellHolder}
  redis.call('SET', KEYS[3], ARGV[1], 'PX', ${standbyMs})
  return tell()
`;
const takeScript = `${tellHolder}
  local answer = tell()
  local dead = answer[1] == 'other' and answer[2] == ARGV[3]
  if answer[1] ~= 'free' and not dead then return answer end
  return own(string.format('%.0f', redis.call('INCR', KEYS[2])))
`;
const renewScript = `${tellHolder}
  if held then
    local answer = tell()
    if answer[1] == 'ours' and answer[2] == ARGV[3] then return own(ARGV[3]) end
    return answer[1] == 'ours' and { 'free' } or answer
  end
  local newest = tonumber(redis.call('GET', KEYS[2]) or '0')
  if newest > tonumber(ARGV[3]) then return { 'free' } end
  redis.call('SET', KEYS[2], ARGV[3])
  return own(ARGV[3])
`;
const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[3] .. ' ' .. ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** A connection to Redis, as far as a lease needs it. */
export interface Scripted {
  eval(script: string, keys: number, ...rest: (string | number)[]): Promise<unknown>;
}

/** The lease in Redis, over a `producer` connection. `owner` names this process as no other is named. */
export function redisLease(redis: Scripted, owner: string): Lease {
  const run = (script: string, more = '') =>
    soon(redis.eval(script, 3, ownerKey, tokenKey, standbyKey, owner, leaseMs, more), answerMs);
  return {
    standBy: async () => read(await run(standByScript)),
    take: async (dead) => read(await run(takeScript, dead ?? '')),
    renew: async (token) => read(await run(renewScript, token)),
    release: async (token) => void (await run(releaseScript, token)),
  };
}

/** Who has the calls and who stands by, by the names that they gave themselves; null for nobody. */
export interface LeaseHolders {
  readonly owner: string | null;
  readonly standby: string | null;
}

interface Readable {
  mget(...keys: string[]): Promise<readonly (string | null)[]>;
}

/** For whoever only looks on. Rejects when Redis refuses. */
export async function readHolders(redis: Readable): Promise<LeaseHolders> {
  const [held, standby = null] = await redis.mget(ownerKey, standbyKey);
  const owner = held?.replace(/^\d+ /, '') ?? null;
  return { owner, standby: standby === owner ? null : standby };
}

/** Null also where Redis does not say within a second. */
export async function readOwner(redis: Readable): Promise<string | null> {
  return (await soon(readHolders(redis), answerMs))?.owner ?? null;
}

function read(answer: unknown): LeaseAnswer {
  const [state, about, standby] = Array.isArray(answer) ? answer : [];
  switch (state) {
    case 'ours':
      return { state, token: String(about), awaited: standby === 1 };
    case 'other':
      return { state, owner: String(about) };
    case 'free':
      return { state };
    default:
      return { state: 'away' };
  }
}
