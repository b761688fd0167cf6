import { z } from 'zod';
import type { KeptHolds } from '../adapters/ami-holds.ts';
import type { Config } from '../config.ts';
import type { Sighting } from '../core/clearance.ts';
import type { ChannelRow } from '../core/line-look.ts';
import { readSecrets } from '../secrets.ts';
import { ariOf } from './ari.ts';
import { inTime } from './finding.ts';
import { type CommandAmi, reasonOf, type Session, type World } from './world.ts';

/** Both witnesses, asked once: what Asterisk's own books say of a line over ARI and over AMI. */

/** One witness's answer; `channels` is null, and `why` says so, when there was none within a second. */
export interface Testimony {
  readonly at: number;
  readonly tookMs: number;
  readonly channels: readonly ChannelRow[] | null;
  readonly why: string;
}

export interface Testimonies {
  readonly ari: Testimony;
  readonly ami: Testimony;
  /** What AstDB says; null when AMI did not answer. */
  readonly holds: KeptHolds | null;
}

const channelList = z.array(z.looseObject({ id: z.string(), name: z.string(), accountcode: z.string() }));

/** Asks both at once. Nothing is thrown: who does not answer is silent. */
export async function askWitnesses(session: Session, config: Config, line: string): Promise<Testimonies> {
  const { world } = session;
  let holds: KeptHolds | null = null;
  const [ari, ami] = await Promise.all([
    testify(world, () => listOverAri(world, config, line)),
    testify(world, () =>
      withAmi(world, config, async (asked) => {
        const [channels, kept] = await Promise.all([asked.listChannelsOf(line), asked.readHolds()]);
        holds = kept;
        return channels;
      }),
    ),
  ]);
  return { ari, ami, holds };
}

async function listOverAri(world: World, config: Config, line: string): Promise<ChannelRow[]> {
  const channels = channelList.parse(await ariOf(world, config)('/channels'));
  return channels
    .filter(({ accountcode }) => accountcode === line)
    .map(({ id, name, accountcode }) => ({ id, name, line: accountcode }));
}

async function testify(world: World, ask: () => Promise<readonly ChannelRow[] | null>): Promise<Testimony> {
  const at = world.now();
  const begun = performance.now();
  const silent = 'did not answer within a second';
  const [channels, why] = await inTime(ask).then(
    (rows) => [rows, rows === null ? silent : ''] as const,
    (error: unknown) => [null, reasonOf(error)] as const,
  );
  return { at, tookMs: Math.round((performance.now() - begun) * 10) / 10, channels, why };
}

/** As core/clearance.ts takes it: nobody is at the telephone for this question, so every channel of the line counts. */
export function sightingOf({ at, tookMs, channels }: Testimony): Sighting {
  return channels && { at, tookMs, channels: channels.map(({ id }) => id), peers: [] };
}

/** Opens AMI for one use. Rejects with a sentence when it cannot be opened; the caller sets the deadline. */
export async function withAmi<T>(
  world: Pick<World, 'env' | 'openAmi'>,
  config: Config,
  use: (ami: CommandAmi) => Promise<T>,
): Promise<T> {
  const { amiHost: host, amiPort: port } = config.asterisk;
  const { ami: password } = readSecrets(config, world.env);
  const { promise: refused, reject } = Promise.withResolvers<never>();
  const ami = world.openAmi({ host, port, user: 'clearline', password }, (why) => {
    reject(new Error(`AMI at ${host}:${port}: ${why}. Is Asterisk running (npm start)?`));
  });
  try {
    await Promise.race([ami.whenReady(), refused]);
    return await use(ami);
  } finally {
    ami.close();
  }
}
