import { createHash, createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fitsPassword } from '../accounts.ts';
import type { Asked } from '../adapters/web.ts';
import type { Account, SessionLimits } from '../core/accounts.ts';
import type { ConsoleParts } from './parts.ts';

/** Who asks: a browser by its session, a program by name and password (RFC 7617) with each request. */

export interface Login {
  recognise(asked: Asked): Promise<Account | null>;
  /** The secret of a new session; or why there is none, the same for an unknown name and a wrong password. */
  begin(asked: Asked, name: string, password: string): Promise<{ readonly session: string } | { readonly why: string }>;
  end(asked: Asked): Promise<void>;
}

/** A program asks often: its password is hashed anew once in so long, and the telephones' machine has better to do between. */
const rememberMs = 5 * 60_000;
const mostRemembered = 1000;

export function openLogin({ store, config, now, wrongMs }: ConsoleParts): Login {
  const { accounts } = store;
  const limits: SessionLimits = {
    idleMs: config.console.idleMinutes * 60_000,
    longestMs: config.console.longestHours * 3_600_000,
  };
  const remembered = new Map<string, { readonly hash: string; readonly until: number }>();
  const key = randomBytes(32);

  const check = async (asked: Asked, name: string, password: string): Promise<Account | 'wrong' | 'often'> => {
    if (!(await asked.mayGuess())) return 'often';
    const account = await accounts.find(name);
    const fits = await fitsPassword(password.slice(0, 1000), account?.hash ?? null);
    if (account !== null && fits && !account.disabled) return account;
    await pause(wrongMs);
    return 'wrong';
  };
  const checkBasic = async (asked: Asked, header: string): Promise<Account | null> => {
    const [, name, password] = /^([^:]*):(.*)$/s.exec(decodeBasic(header)) ?? [];
    if (name === undefined || password === undefined) return null;
    const digest = createHmac('sha256', key).update(`${name}:${password}`).digest('base64');
    const known = remembered.get(digest);
    if (known !== undefined && known.until > now()) {
      const account = await accounts.find(name);
      if (account !== null && !account.disabled && account.hash === known.hash) return account;
    }
    const found = await check(asked, name, password);
    if (typeof found === 'string') return null;
    if (remembered.size >= mostRemembered) remembered.clear();
    remembered.set(digest, { hash: found.hash, until: now() + rememberMs });
    return found;
  };

  return {
    async recognise(asked) {
      if (asked.authorization !== null) return checkBasic(asked, asked.authorization);
      return asked.session === null ? null : accounts.useSession(digestOf(asked.session), now(), limits);
    },
    async begin(asked, name, password) {
      const found = await check(asked, name, password);
      if (found === 'often') return { why: 'That was too often within a minute. Wait a minute, and try again.' };
      if (found === 'wrong') return { why: 'The name and the password do not belong together.' };
      const session = randomBytes(32).toString('base64url');
      await accounts.beginSession({ digest: digestOf(session), account: found.name, at: now() }, limits);
      return { session };
    },
    async end({ session }) {
      if (session !== null) await accounts.endSession(digestOf(session));
    },
  };
}

/** The database knows only this: whoever reads it cannot log in with it. */
function digestOf(session: string): string {
  return createHash('sha256').update(session).digest('base64url');
}

function decodeBasic(header: string): string {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header) ?? [];
  return Buffer.from(encoded, 'base64').toString('utf8');
}
