import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { openRecordingFolder } from '../adapters/recordings.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import { changeIncident, type IncidentPatch } from '../core/incident/change.ts';
import type { RetentionRun } from '../core/retention/stores.ts';
import { enforce, type RetentionParts, survey } from '../retention.ts';
import { periodsOf } from '../settings/retention.ts';
import { findIncident } from './find-incident.ts';
import { tellDue, tellPeriods, tellRun } from './retention-words.ts';
import { readReason, whoRuns } from './who.ts';
import { CommandError, type Session } from './world.ts';

/** clearline retention: how long what is kept, what was removed, and what must stay for a court. */

export function addRetention(program: Command, session: Session): void {
  const retention = program
    .command('retention')
    .summary('how long what is kept, what was removed, what would go now; legal holds')
    .description('Show how long each kind of data is kept, what the last runs removed, and what would go now.')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nThe periods are in clearline.yaml, under retention. What they are for: docs/retention.md')
    .action((options: { json?: boolean }) => show(session, options.json === true));
  retention
    .command('run')
    .description('Remove what is past its period now, as the worker does each night.')
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--by <name>', 'who asks for it (default: the user of this machine)')
    .action((options: RunOptions) => run(session, options));
  for (const [name, what] of [
    ['hold', 'Keep an incident, its calls and their recordings until the hold is released, whatever their periods.'],
    ['release', 'Release a legal hold. What is past its period by then goes the next night.'],
  ] as const) {
    retention
      .command(name)
      .argument('<incident>', 'the incident’s id, that of one of its calls, or last for the newest')
      .description(what)
      .requiredOption('--reason <text>', 'why: who asked for it, and under what reference')
      .option('--by <name>', 'who does so (default: the user of this machine)')
      .action((incident: string, options: HoldOptions) => changeHold(session, name, incident, options));
  }
}

interface RunOptions {
  readonly dryRun?: boolean;
  readonly by?: string;
}

interface HoldOptions {
  readonly reason: string;
  readonly by?: string;
}

/** So many reports are shown. */
const lastReports = 5;

function partsOf(session: Session, store: Store, config: Config): RetentionParts {
  return {
    store: store.retention,
    recordings: openRecordingFolder(config.paths.recordings),
    periods: periodsOf(config.retention),
    now: session.world.now,
  };
}

async function show(session: Session, json: boolean): Promise<void> {
  const { out } = session.world;
  const { parts, runs, due, config } = await session.withStore(async (store, config) => {
    const parts = partsOf(session, store, config);
    return { parts, config, runs: await store.retention.runs(lastReports), due: await survey(parts) };
  });
  if (json) {
    return out(JSON.stringify({ periods: parts.periods, runs, due: Object.fromEntries(due) }, null, 2));
  }
  const zone = session.zone();
  out(`Removed each night at ${config.retention.at} (${config.site.timeZone}):`);
  out(tellPeriods(parts.periods, due));
  out(runs.length === 0 ? '\nThere was no run yet.' : `\n${runs.map((each) => tellRun(each, zone)).join('\n')}`);
}

async function run(session: Session, { dryRun, by }: RunOptions): Promise<void> {
  const { out } = session.world;
  await session.withStore(async (store, config) => {
    const parts = partsOf(session, store, config);
    if (dryRun === true) {
      out('Nothing is removed; this would go now:');
      return out(tellDue(await survey(parts)));
    }
    const done = await runToItsEnd(parts, { id: `asked-${randomUUID()}`, by: whoRuns(session, by) });
    out(tellRun(done, session.zone()));
    const failed = done.counts.reduce((sum, count) => sum + count.failed, 0);
    if (done.fault !== null || failed > 0)
      throw new CommandError('Some recordings are still there; the next run tries again.');
  });
}

/** How long another may have the turn before the person who asked is told so, in tries and milliseconds. */
const tries = 60;
const betweenMs = 500;

async function runToItsEnd(parts: RetentionParts, asked: { id: string; by: string }): Promise<RetentionRun> {
  for (let busy = 0; busy < tries; ) {
    const progress = await enforce(parts, asked, 2000);
    if (progress.state === 'done') return progress.run;
    if (progress.state === 'more') continue;
    busy += 1;
    await pause(betweenMs);
  }
  throw new CommandError('A run is going on already, in another process. See: clearline retention');
}

async function changeHold(
  session: Session,
  what: 'hold' | 'release',
  wanted: string,
  { reason, by }: HoldOptions,
): Promise<void> {
  const { now, out } = session.world;
  const why = readReason(reason, what === 'hold' ? 'it must be kept' : 'it need not be kept any longer');
  const who = whoRuns(session, by);
  const patch: IncidentPatch = what === 'hold' ? { hold: { why } } : { liftHold: { why } };
  const id = await session.withStore(async ({ incidents }) => {
    const incident = await findIncident(incidents, wanted);
    const { id } = incident;
    if (what === 'release' && incident.legalHold === null) throw new CommandError(`There is no legal hold on ${id}.`);
    const changed = changeIncident(incident, patch, who, now());
    if (!changed.incident)
      throw new CommandError(changed.faults.map(({ key, expected }) => `${key}: expected ${expected}`).join('\n'));
    if (changed.incident !== incident && !(await incidents.change(changed.incident, who, now()))) {
      throw new CommandError(`${id} was changed by somebody else at the same moment. Try again.`);
    }
    return id;
  });
  out(
    what === 'hold'
      ? `${id}, its calls and their recordings are kept until the hold is released.\nOn record: ${who}: ${why}`
      : `The legal hold on ${id} is released.\nOn record: ${who}: ${why}`,
  );
}
