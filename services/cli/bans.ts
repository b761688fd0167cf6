import type { Command } from 'commander';
import { type Ban, isInForce, readBan } from '../core/guessing.ts';
import { inTime } from './finding.ts';
import { count, formatTable, formatTime } from './table.ts';
import { withAmi } from './witnesses.ts';
import { type CommandAmi, CommandError, reasonOf, type Session } from './world.ts';

/** clearline bans: who is shut out for guessing telephones' passwords, and how to let them in again. */

export function addBans(program: Command, session: Session): void {
  const bans = program
    .command('bans')
    .summary('who is shut out for guessing telephones’ passwords')
    .description('Show which addresses are refused for guessing telephones’ passwords, and until when.')
    .addHelpText('after', '\nFigures, and how to never ban an address: docs/security.md')
    .action(() => showBans(session));
  bans
    .command('lift')
    .argument('<address>', 'as "clearline bans" shows it')
    .description('Let an address in again, within some two seconds. Its next guesses count as its first.')
    .action((address: string) => liftBan(session, address));
}

async function showBans(session: Session): Promise<void> {
  const { out } = session.world;
  const timeZone = session.zone();
  const bans = await readBans(session);
  if (bans.length === 0) return out('Nobody is shut out.');
  const rows = bans.map(({ address, from, until, times }) => [
    address.includes(':') ? `${address}/64` : address,
    formatTime(from, timeZone),
    formatTime(until, timeZone),
    times === 1 ? 'the first time' : `${count(times, 'time')} in a row`,
  ]);
  out(formatTable(['ADDRESS', 'SINCE', 'UNTIL', 'HOW OFTEN'], rows));
}

async function liftBan(session: Session, written: string): Promise<void> {
  const address = written
    .trim()
    .replace(/\/\d+$/, '')
    .toLowerCase();
  const bans = await readBans(session);
  if (!bans.some((ban) => ban.address === address)) {
    throw new CommandError(`${address} is not shut out. Who is: clearline bans`);
  }
  const done = await askAmi(session, (ami) => ami.bans.remove('bans', address));
  if (!done.ok) throw new CommandError(`${address} is still shut out: ${done.why}. Try again.`);
  session.world.out(`${address} is let in again within some two seconds, if Clearline is running.`);
}

/** Those in force, the longest first. */
async function readBans(session: Session): Promise<readonly Ban[]> {
  const kept = await askAmi(session, (ami) => ami.bans.read('bans'));
  if (kept === null) throw new CommandError('AMI did not say who is shut out. See: clearline status');
  return bansInForce(kept, session.world.now()).sort((a, b) => b.until - a.until);
}

/** Of what AstDB keeps of bans; `now` in ms since the epoch. */
export function bansInForce(kept: ReadonlyMap<string, string>, now: number): Ban[] {
  return [...kept].flatMap(([address, text]) => readBan(address, text) ?? []).filter((ban) => isInForce(ban, now));
}

function askAmi<T>(session: Session, ask: (ami: CommandAmi) => Promise<T>): Promise<T> {
  return inTime(() => withAmi(session.world, session.config(), ask)).catch((error: unknown) => {
    throw new CommandError(reasonOf(error));
  });
}
