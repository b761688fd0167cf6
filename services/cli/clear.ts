import type { Command } from 'commander';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import { assessDeparture, type LineEvidence } from '../core/clearance.ts';
import type { HoldLift, StoredLine } from '../core/ports.ts';
import { capital, tellBeside } from '../core/tell.ts';
import { findLine } from './find-line.ts';
import { type Hold, holdOf, type TimedTrunks, tellHold, tellTimed, timedTrunksOf } from './hold.ts';
import { formatTable, formatTime } from './table.ts';
import { askWitnesses, sightingOf, type Testimonies, type Testimony } from './witnesses.ts';
import { exitCodes, type Session } from './world.ts';

/** clearline clear: is a line free of every path to a suspect, now? */

export function addClear(program: Command, session: Session): void {
  program
    .command('clear')
    .argument('<line>', 'the line: its id or its number')
    .summary('is a line clear now? The evidence, and what follows from it')
    .description(
      'Ask both witnesses (ARI and AMI) which channels the line has now, and say whether 101 could leave it.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExit code 0: the line is clear; 1: it is not, or nobody can say; 2: not understood.')
    .action((line: string, options: { json?: boolean }) => clear(session, line, options.json === true));
}

async function clear(session: Session, wanted: string, json: boolean): Promise<void> {
  const { out, now } = session.world;
  const { line, releases, lift, config } = await session.withStore(async (store, settings) => {
    const found = findLine(await store.lines.all(), wanted);
    const [last] = await store.lifts.list(found.id, 1);
    return { line: found, releases: await lastReleases(store, found.id, now()), lift: last, config: settings };
  });
  const seen = await askWitnesses(session, config, line.id);
  const hold = seen.holds && holdOf(seen.holds, line.id, now());
  const timedTrunks = seen.holds ? timedTrunksOf(seen.holds, now()) : [];
  const evidence: LineEvidence = {
    ari: sightingOf(seen.ari),
    ami: sightingOf(seen.ami),
    expectedPeer: null,
    timedTrunks,
    releases,
  };
  const assessment = assessDeparture(evidence, trunksOf(config));
  session.exitCode = assessment.state === 'clear' ? exitCodes.fine : exitCodes.wrong;
  if (json) return out(JSON.stringify({ line: line.id, assessment, evidence, hold, lift: lift ?? null }, null, 2));
  const verdict = assessment.state === 'clear' ? 'is clear' : 'is not clear';
  out(
    [
      `The line of ${line.resident} (${line.id}) ${verdict}.`,
      ...[...assessment.reasons, ...tellBeside({ ...evidence, timedTrunks: [] })].map(
        (reason) => `  ${capital(reason)}`,
      ),
      '',
      tellWitnesses(seen, session),
      '',
      tellState(line, hold, timedTrunks, lift, session),
    ].join('\n'),
  );
}

function trunksOf({ trunks }: Config): string[] {
  return trunks.map(({ name }) => name);
}

const anHour = 3_600_000;

/** How the carriers answered our goodbyes to those nobody vouched for, in the last hour. */
async function lastReleases(store: Store, line: string, now: number): Promise<LineEvidence['releases']> {
  const calls = await store.calls.list({ line, direction: 'inbound', since: now - anHour, limit: 10 });
  return calls.flatMap((record) =>
    record.direction === 'inbound' && record.verdict !== null && record.verdict.standing !== 'trusted'
      ? [{ channel: record.id, state: record.released ? ('released' as const) : ('unknown' as const) }]
      : [],
  );
}

function tellWitnesses({ ari, ami }: Testimonies, session: Session): string {
  const rows = [
    ['ARI', ari],
    ['AMI', ami],
  ] as const;
  return formatTable(
    ['WITNESS', 'ASKED', 'ANSWERED', 'CHANNELS OF THE LINE'],
    rows.map(([name, witness]) => [
      name,
      formatTime(witness.at, session.zone()),
      witness.channels === null ? 'no' : `in ${witness.tookMs} ms`,
      tellChannels(witness),
    ]),
  );
}

function tellChannels({ channels, why }: Testimony): string {
  if (channels === null) return why;
  return channels.length === 0 ? 'none' : channels.map(({ id, name }) => `${id} (${name})`).join(', ');
}

function tellState(
  line: StoredLine,
  hold: Hold | null,
  timedTrunks: TimedTrunks,
  lift: HoldLift | undefined,
  session: Session,
): string {
  const held =
    hold === null
      ? 'Whether it is held, AMI did not say.'
      : hold.leftMs > 0
        ? `It is held: ${tellHold(hold)}. Strangers are screened more strictly. Lift it: clearline lift ${line.id} --reason TEXT`
        : 'It is not held.';
  const lifted = lift && `A hold was last lifted at ${formatTime(lift.at, session.zone())} by ${lift.by}: ${lift.why}`;
  return [held, ...tellTimed(timedTrunks).map((told) => `${capital(told)}.`), ...(lifted ? [lifted] : [])].join('\n');
}
