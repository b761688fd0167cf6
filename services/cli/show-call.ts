import { gb } from '../core/packs/gb.ts';
import type { OutgoingRecord } from '../core/record.ts';
import { clockTime, type Style, tellAssessment, tellBeside, tellCall, tellSighting } from '../core/tell.ts';
import { factsOf } from './call-facts.ts';
import { formatTable } from './table.ts';
import { CommandError, type Session } from './world.ts';

/** clearline calls show: one call, its facts, what happened step by step, and each look at the line. */
export async function showCall(session: Session, id: string, json: boolean): Promise<void> {
  const { out } = session.world;
  const timeZone = session.zone();
  const call = await session.withStore(async ({ calls }) => {
    const wanted = id === 'last' ? (await calls.list({ limit: 1 }))[0]?.id : id;
    return wanted === undefined ? null : calls.find(wanted);
  });
  if (call === null) {
    const what = id === 'last' ? 'No call is on record yet.' : `No call ${id} is on record. Their ids: clearline calls`;
    throw new CommandError(what);
  }
  if (json) return out(JSON.stringify(call, null, 2));
  const { record } = call;
  const style = { pack: gb, timeZone };
  const looks = record.direction === 'outgoing' ? lookTable(record.looks, style) : [];
  const facts = formatTable(['', ''], factsOf(record, timeZone)).split('\n').slice(1);
  out(
    [
      `Call ${record.id}`,
      ...indent(facts),
      '',
      'What happened',
      ...indent(tellCall(call, style)),
      ...(looks.length > 0 ? ['', 'Looks at the line', ...indent(looks)] : []),
    ].join('\n'),
  );
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

type Look = OutgoingRecord['looks'][number];

/** A line a look; a look that saw the same as the one before only adds to its number. */
function lookTable(looks: readonly Look[], style: Style): string[] {
  if (looks.length === 0) return [];
  const runs: { first: Look; last: Look; times: number }[] = [];
  for (const look of looks) {
    const run = runs.at(-1);
    if (run && sightOf(run.last) === sightOf(look)) Object.assign(run, { last: look, times: run.times + 1 });
    else runs.push({ first: look, last: look, times: 1 });
  }
  const rows = runs.map(({ first, last, times }) => {
    const { evidence, assessment } = last;
    const until = times > 1 ? ` to ${clockTime(last.at, style)}, ${times} times` : '';
    const taken = [tellAssessment(assessment), ...tellBeside(evidence)].join('; ');
    return [clockTime(first.at, style) + until, tellSighting(evidence.ari), tellSighting(evidence.ami), taken];
  });
  return formatTable(['TIME', 'ARI SAW', 'AMI SAW', 'TAKEN FOR'], rows).split('\n');
}

/** What was seen, without when and how fast. */
function sightOf({ evidence, assessment }: Look): string {
  const seen = [evidence.ari, evidence.ami].map((sighting) => sighting && [sighting.channels, sighting.peers]);
  const timed = evidence.timedTrunks.map(({ trunk }) => trunk);
  return JSON.stringify([seen, assessment.state, timed, evidence.releases]);
}
