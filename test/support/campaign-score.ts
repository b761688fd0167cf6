import type { CampaignRules } from '../../services/core/campaign/campaign.ts';
import { CampaignHistory, type HistorySize } from './campaign-history.ts';
import { MemoryCampaigns } from './campaign-memory.ts';
import { day } from './sightings.ts';

/** How well campaigns are found in a history that is known. */
export interface Score {
  readonly calls: number;
  /** By the way in which they were planted: how many, how many found, and at which of their calls on average. */
  readonly planted: ReadonlyMap<string, { count: number; found: number; atCall: number }>;
  /** Campaigns that are none, by `kind of campaign: source of most of its calls`. */
  readonly falseAlarms: ReadonlyMap<string, number>;
  /** Days without fraud, summed over the areas. */
  readonly quietDays: number;
  readonly recall: number;
  /** False alarms in 1,000 quiet days of one area. */
  readonly falseRate: number;
}

/** Follows every call of a history of so many days, as the worker does. */
export function scoreHistory(size: HistorySize, days: number, rules: CampaignRules): Score {
  const history = new CampaignHistory(size);
  const memory = new MemoryCampaigns(rules);
  const found = new Map<string, { atCall: number }>();
  const callsOf = new Map<string, number>();
  const falseAlarms = new Map<string, number>();
  const seen = new Map<string, { planted: string | null; source: string }>();
  let calls = 0;
  for (let index = 0; index < days; index += 1) {
    history.quiet = index >= days - 5;
    for (const { sighting, planted, source } of history.day(index)) {
      calls += 1;
      seen.set(sighting.call, { planted, source });
      if (planted !== null) callsOf.set(planted, (callsOf.get(planted) ?? 0) + 1);
      const assessment = memory.follow(sighting);
      if (assessment.state === 'none') continue;
      const among = assessment.calls.map(({ call }) => seen.get(call));
      const frauds = among.filter((each) => each?.planted != null);
      for (const each of frauds) {
        const name = each?.planted ?? '';
        if (!found.has(name)) found.set(name, { atCall: callsOf.get(name) ?? 0 });
      }
      if (
        assessment.state !== 'begins' ||
        assessment.campaign.foundBy !== sighting.call ||
        frauds.length * 2 > among.length
      )
        continue;
      const sources = among.map((each) => each?.source ?? '');
      const most = sources.toSorted((a, b) => count(sources, b) - count(sources, a))[0];
      const what = `${assessment.campaign.kind}: ${most}`;
      falseAlarms.set(what, (falseAlarms.get(what) ?? 0) + 1);
    }
  }
  return summary(calls, history, days, found, falseAlarms);
}

function count(among: readonly string[], one: string): number {
  return among.filter((each) => each === one).length;
}

function summary(
  calls: number,
  history: CampaignHistory,
  days: number,
  found: ReadonlyMap<string, { atCall: number }>,
  falseAlarms: ReadonlyMap<string, number>,
): Score {
  const planted = new Map<string, { count: number; found: number; atCall: number }>();
  const noisy = new Set<string>();
  for (const [name, { kind, area, from, to }] of history.planted) {
    const row = planted.get(kind) ?? { count: 0, found: 0, atCall: 0 };
    const hit = found.get(name);
    planted.set(kind, {
      count: row.count + 1,
      found: row.found + (hit ? 1 : 0),
      atCall: row.atCall + (hit?.atCall ?? 0),
    });
    for (let at = from; at < to + day; at += day) noisy.add(`${area} ${Math.floor(at / day)}`);
  }
  const quietDays = days * history.areas.length - noisy.size;
  const total = [...falseAlarms.values()].reduce((sum, each) => sum + each, 0);
  const rows = [...planted.values()];
  const recall = rows.reduce((sum, row) => sum + row.found, 0) / Math.max(1, history.planted.size);
  for (const row of rows) row.atCall /= Math.max(1, row.found);
  return { calls, planted, falseAlarms, quietDays, recall, falseRate: (total / quietDays) * 1000 };
}
