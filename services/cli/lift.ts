import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import { findLine } from './find-line.ts';
import { inTime } from './finding.ts';
import { holdOf, type TimedTrunks, tellHold, tellTimed, timedTrunksOf } from './hold.ts';
import { readReason, whoRuns } from './who.ts';
import { askWitnesses, withAmi } from './witnesses.ts';
import { CommandError, reasonOf, type Session } from './world.ts';

/** clearline lift: take the hold off a line before its time, with a reason on record. */

export function addLift(program: Command, session: Session): void {
  program
    .command('lift')
    .argument('<line>', 'the line: its id or its number')
    .summary('lift the hold of a line, with a reason')
    .description('Take the hold off a line before its time. Who did so, when and why is kept on record.')
    .requiredOption('--reason <text>', 'why it is safe to do so')
    .option('--by <name>', 'who lifts it (default: the user of this machine)')
    .action((line: string, options: LiftOptions) => lift(session, line, options));
}

interface LiftOptions {
  readonly reason: string;
  readonly by?: string;
}

async function lift(session: Session, wanted: string, options: LiftOptions): Promise<void> {
  const { now, out } = session.world;
  const why = readReason(options.reason, 'it is safe to lift the hold');
  const by = whoRuns(session, options.by);
  await session.withStore(async (store, config) => {
    const line = findLine(await store.lines.all(), wanted);
    const { held, timedTrunks } = await findHold(session, config, line);
    // First: a hold that is gone without a reason on record is what must not be.
    await store.lifts.put({ line: line.id, at: now(), by, why });
    await remove(session, config, line.id);
    out(
      [
        `The hold of ${line.resident} (${line.id}) is lifted; it had ${held}.`,
        ...stillTimed(timedTrunks),
        `On record: ${by}: ${why}`,
      ].join('\n'),
    );
  });
}

/** A trunk is other lines' too, and no one line's staff can know that its far end let go: its time is not cut short here. */
function stillTimed(timedTrunks: TimedTrunks): string[] {
  return tellTimed(timedTrunks).map(
    (told) => `Not lifted: ${told}; until then it carries no guarded call of any line.`,
  );
}

interface Held {
  /** What is left of the hold, in words. */
  readonly held: string;
  readonly timedTrunks: TimedTrunks;
}

/** Throws CommandError when there is no hold, or somebody may still be on the line. */
async function findHold(session: Session, config: Config, { id, resident }: StoredLine): Promise<Held> {
  const { ari, ami, holds } = await askWitnesses(session, config, id);
  for (const [name, { channels, why }] of [['ARI', ari] as const, ['AMI', ami] as const]) {
    if (channels === null)
      throw new CommandError(`${name} cannot say whether a caller is on the line of ${resident}: ${why}`);
  }
  const others = [...(ari.channels ?? []), ...(ami.channels ?? [])].filter(({ name }) => !isTelephone(name, id));
  if (others.length > 0) {
    const named = new Set(others.map((channel) => `${channel.id} (${channel.name})`));
    throw new CommandError(
      `The hold stays: another leg of ${resident} (${id}) is still up: ${[...named].join(', ')}. End that call first.`,
    );
  }
  if (holds === null) throw new CommandError('AMI did not say whether the line is held.');
  const hold = holdOf(holds, id, session.world.now());
  const timedTrunks = timedTrunksOf(holds, session.world.now());
  if (hold.leftMs === 0) {
    const nothing = `The line of ${resident} (${id}) is not held: there is nothing to lift.`;
    throw new CommandError([nothing, ...stillTimed(timedTrunks)].join('\n'));
  }
  return { held: tellHold(hold), timedTrunks };
}

/** The line's own telephone; anybody else on the line came over a trunk, or is staff. */
function isTelephone(channel: string, line: string): boolean {
  return channel.startsWith(`PJSIP/${line}-`) && /^-[0-9a-f]{8}$/.test(channel.slice(`PJSIP/${line}`.length));
}

async function remove({ world }: Session, config: Config, line: string): Promise<void> {
  const reply = await inTime(() => withAmi(world, config, (ami) => ami.removeHold(line))).catch((error: unknown) => {
    return { ok: false as const, why: reasonOf(error) };
  });
  if (!reply.ok) {
    throw new CommandError(`The line is still held, and the reason is on record already: ${reply.why}. Try again.`);
  }
}
