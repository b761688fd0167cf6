import type { Command } from 'commander';
import type { StoredLine } from '../core/ports.ts';
import { look } from './finding.ts';
import { lookAtAsterisk } from './status-asterisk.ts';
import { count, formatTable } from './table.ts';
import { exitCodes, type Session } from './world.ts';

/** clearline status: is everything running? Each part has a second to answer. */

export function addStatus(program: Command, session: Session): void {
  program
    .command('status')
    .summary('is everything running? One lamp a line')
    .description(
      'Look at every part: Asterisk, Clearline in it, trunks, phones, Redis, the database; and one lamp a line: ' +
        'clear, call or held. Just after a start trunks and phones may be unknown: Asterisk has not asked them yet.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit code 0: all is well; 1: something is down; 2: the configuration has faults.')
    .action((options: { json?: boolean }) => status(session, options.json === true));
}

async function status(session: Session, json: boolean): Promise<void> {
  const { out, pingRedis } = session.world;
  const config = session.config();
  let lines: readonly StoredLine[] = [];
  const [database, redis] = await Promise.all([
    look('Database', () =>
      session.withStore(async (store) => {
        lines = await store.lines.all();
        return `${count(lines.length, 'line')} on record`;
      }),
    ),
    look('Redis', () => pingRedis(config).then(() => 'answers')),
  ]);
  const findings = [...(await lookAtAsterisk(session.world, config, lines)), redis, database];
  session.exitCode = findings.every(({ ok }) => ok) ? exitCodes.fine : exitCodes.wrong;
  if (json) return out(JSON.stringify(findings, null, 2));
  const rows = findings.map(({ part, ok, lamp, detail }) => [lamp ?? (ok ? 'ok' : 'DOWN'), part, detail]);
  out(formatTable(['STATE', 'PART', 'WHAT WAS SEEN'], rows));
}
