import type { Command } from 'commander';
import type { LeaseHolders } from '../adapters/lease.ts';
import type { StoredLine } from '../core/ports.ts';
import { type Finding, look } from './finding.ts';
import { lookAtAsterisk } from './status-asterisk.ts';
import { count, formatTable } from './table.ts';
import { exitCodes, type Session } from './world.ts';

/** clearline status: is everything running? Each part has a second to answer. */

export function addStatus(program: Command, session: Session): void {
  program
    .command('status')
    .summary('is everything running? One lamp a line')
    .description(
      'Look at every part: Asterisk, Clearline in it, trunks, phones, Redis, the database; which process has the calls; and ' +
        'one lamp a line: clear, call or held. Just after a start trunks and phones may be unknown: Asterisk has not asked them yet.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit code 0: all is well; 1: something is down; 2: the configuration has faults.')
    .action((options: { json?: boolean }) => status(session, options.json === true));
}

async function status(session: Session, json: boolean): Promise<void> {
  const { out, askRedis } = session.world;
  const config = session.config();
  let lines: readonly StoredLine[] = [];
  let holders: LeaseHolders | null = null;
  const [database, redis] = await Promise.all([
    look('Database', () =>
      session.withStore(async (store) => {
        lines = await store.lines.all();
        return `${count(lines.length, 'line')} on record`;
      }),
    ),
    look('Redis', async () => {
      holders = await askRedis(config);
      return 'answers';
    }),
  ]);
  const findings = [...(await lookAtAsterisk(session.world, config, lines)), redis, ...findOwner(holders), database];
  session.exitCode = findings.every(({ ok }) => ok) ? exitCodes.fine : exitCodes.wrong;
  if (json) return out(JSON.stringify(findings, null, 2));
  const rows = findings.map(({ part, ok, lamp, detail }) => [lamp ?? (ok ? 'ok' : 'DOWN'), part, detail]);
  out(formatTable(['STATE', 'PART', 'WHAT WAS SEEN'], rows));
}

/** What Redis says of whose the calls are; nothing where it says nothing. Of machines or containers that differ, only the numbers are told. */
function findOwner(holders: LeaseHolders | null): Finding[] {
  if (holders === null) return [];
  const part = 'Interceptor';
  const { owner, standby } = holders;
  const waits = standby === null ? 'nobody stands by' : `${processOf(standby)} stands by`;
  if (owner === null) return [{ part, ok: true, lamp: 'unknown', detail: `nobody has the calls just now; ${waits}` }];
  return [{ part, ok: true, detail: `${processOf(owner)} has the calls; ${waits}` }];
}

/** Names are those of interceptor/ownership/who.ts. */
function processOf(name: string): string {
  const [, pid] = /\.(\d+)\.\d+$/.exec(name) ?? [];
  return pid === undefined ? 'a process without a number' : `process ${pid}`;
}
