import { type Answerers, runLoad, startAnswerers } from '../support/phones.ts';
import { until } from '../support/until.ts';
import { anna, counts, type Home, numberOf } from './home.ts';

/** Other people's conversations: trusted callers with residents, each on a line of its own, both legs up and silent. */
export interface Others {
  readonly channels: number;
  /** So many more conversations; resolves when all of them are up. */
  begin(conversations: number): Promise<void>;
  stop(): Promise<void>;
}

/** Calls a second: half of what two slow cores carry. */
const rate = 40;

export async function startOthers(home: Home): Promise<Others> {
  const { stack } = home;
  const asterisk = { host: '127.0.0.1', port: stack.config.sip.port };
  const lines = Array.from({ length: counts.other }, (_, index) => `other-${index + 1}`);
  const telephones: Answerers = await startAnswerers({
    asterisk,
    address: '127.0.0.6',
    script: { ringMs: 0 },
    lines: lines.map((user) => ({ user, password: `secret-${user}` })),
  });
  const runs: Promise<unknown>[] = [];
  let up = 0;
  return {
    get channels() {
      return 2 * up;
    },
    async begin(conversations) {
      const rows = lines.slice(up, up + conversations);
      const run = runLoad({
        asterisk,
        address: '127.0.0.2',
        script: { patienceMs: 600_000 },
        rows: rows.map((_, index) => ({ to: numberOf('other', up + index), name: 'Anna', number: anna })),
        calls: rows.length,
        rate,
        withinMs: 900_000,
      });
      runs.push(run);
      up += rows.length;
      const isUp = async () => bridged(await stack.asterisk.cli('core show channels concise')) >= 2 * up;
      await Promise.race([until(`${up} other conversations are up`, isUp, 60_000), run]);
      if (!(await isUp())) throw new Error('the other conversations did not last');
    },
    async stop() {
      await stack.asterisk.cli('channel request hangup all');
      await Promise.all(runs);
      await telephones.stop();
    },
  };
}

/** The last but one field of a channel is the bridge it is in. */
function bridged(channels: string): number {
  return channels.split('\n').filter((row) => (row.split('!').at(-2) ?? '') !== '').length;
}
