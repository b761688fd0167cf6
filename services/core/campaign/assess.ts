import {
  blockOf,
  type Campaign,
  type CampaignKind,
  type CampaignRules,
  claimKey,
  dayMs,
  hourMs,
  isOn,
  keysOf,
  minuteMs,
  numbersOf,
  type PastSighting,
  type Sighting,
} from './campaign.ts';
import { chanceOfAtLeast, usualCalls } from './chance.ts';
import { campaignId } from './id.ts';
import { tellBurst, tellFew, tellSame, tellUnlikely } from './tell.ts';

/** What a call is judged by: all of it at most `windowDays` away, whichever of two calls was noted first. */
export interface Evidence {
  /** Calls that have something in common with it, or rang its area about the same time; the call itself may be among them. */
  readonly near: readonly PastSighting[];
  /** Calls of strangers to the area at this time of day in the past 28 days, and how many hours that were. */
  readonly usual: { readonly calls: number; readonly hours: number; readonly days: number };
  /** Campaigns that one of its keys names, over or not. */
  readonly campaigns: readonly Campaign[];
  /** The one that has the call already. */
  readonly own: Campaign | null;
}

export type Assessment =
  | { readonly state: 'none'; readonly reasons: readonly string[] }
  /** `calls`: those that come to belong to it, ids, oldest first; the call itself is among them. */
  | { readonly state: 'begins' | 'joins'; readonly campaign: Campaign; readonly calls: readonly Sighting[] };

/** Days that the area must have been watched before anything is said of what is usual there. */
const leastDays = 7;

/**
 * Whether a call belongs to a campaign: one that goes on, or one that begins with it. Says why not in figures. The answer is the
 * same, and the campaign's id, however often and in whatever order calls of the same campaign are judged.
 */
export function assessCampaign(sighting: Sighting, evidence: Evidence, rules: CampaignRules): Assessment {
  const { own } = evidence;
  if (own !== null) return { state: 'joins', campaign: touched(own, sighting), calls: [sighting] };
  const going = keysOf(sighting)
    .map(({ kind, key }) =>
      evidence.campaigns.find((each) => each.kind === kind && each.key === key && fits(each, sighting, rules)),
    )
    .find((campaign) => campaign !== undefined);
  if (going) return { state: 'joins', campaign: touched(going, sighting), calls: [sighting] };
  const findings = [...findSame(sighting, evidence, rules), findBurst(sighting, evidence, rules)];
  const found = findings.find(({ enough }) => enough);
  if (!found) return { state: 'none', reasons: findings.flatMap(({ said }) => said) };
  return conclude(sighting, found, evidence);
}

/** One way in which calls may belong together, and whether there are enough of them. */
interface Finding {
  readonly kind: CampaignKind;
  readonly key: string;
  /** Those that have it in common, oldest first, the call itself among them. */
  readonly calls: readonly PastSighting[];
  readonly enough: boolean;
  readonly said: readonly string[];
}

/** Not before the campaign could have been found, and not after it was quiet for too long or somebody ended it. */
function fits(campaign: Campaign, { at }: Sighting, rules: CampaignRules): boolean {
  if (at < campaign.firstAt - rules.windowDays * dayMs) return false;
  return isOn(campaign, at, rules);
}

function findSame(sighting: Sighting, { near }: Evidence, rules: CampaignRules): Finding[] {
  return keysOf(sighting).map(({ kind, key }) => {
    const spanMs = kind === 'number' ? rules.windowDays * dayMs : rules.windowHours * hourMs;
    const alike = near.filter((each) => counts(each) && has(each, kind, key));
    const calls = densest(sighting, alike, spanMs);
    const reported = calls.some((call) => call.reported);
    const least = linesNeeded(kind, reported, rules);
    const seen = { kind, key, calls, reported, least, spanMs };
    const enough = linesOf(calls) >= least && (kind !== 'neighbours' || isSpread(calls, key));
    return { kind, key, calls, enough, said: [enough ? tellSame(seen) : tellFew(seen)] };
  });
}

function linesNeeded(kind: CampaignKind, reported: boolean, rules: CampaignRules): number {
  if (kind === 'number') return reported ? Math.min(rules.lines, rules.linesIfReported) : rules.lines;
  if (kind === 'neighbours') return rules.neighbourLines;
  // A story is known only where staff were told it: each such call was reported.
  return kind === 'script' ? Math.min(rules.claimLines, rules.linesIfReported) : rules.claimLines;
}

/** More than one number of the block: of one alone it is for the stricter rule of a number to judge. */
function isSpread(calls: readonly Sighting[], block: string): boolean {
  return new Set(calls.flatMap(numbersOf).filter((number) => blockOf(number) === block)).size > 1;
}

/** Calls that another kind of campaign explains are no part of a burst: else one caller who rings often would look like many. */
function findBurst(sighting: Sighting, { near, usual }: Evidence, rules: CampaignRules): Finding {
  const { area } = sighting;
  const free = near.filter(
    (each) => each.area === area && counts(each) && [undefined, 'burst'].includes(each.campaign?.kind),
  );
  const calls = densest(sighting, free, rules.burstMinutes * minuteMs);
  const lines = linesOf(calls);
  const average = usualCalls(usual, rules.burstMinutes);
  const chance = chanceOfAtLeast(lines, average);
  const seen = { area, calls: calls.length, lines, minutes: rules.burstMinutes, usual: average, chance, seen: usual };
  const known = usual.days >= leastDays;
  const enough = known && lines >= rules.burstLines && chance * rules.burstOneIn <= 1;
  return {
    kind: 'burst',
    key: area,
    calls,
    enough,
    said: enough ? [tellBurst(seen)] : tellUnlikely(seen, known, rules),
  };
}

/** Of a campaign that is over, nothing is counted a second time. */
function counts({ campaign }: PastSighting): boolean {
  return campaign === null || !campaign.over;
}

function has(call: Sighting, kind: CampaignKind, key: string): boolean {
  switch (kind) {
    case 'number':
      return numbersOf(call).includes(key);
    case 'neighbours':
      return numbersOf(call).some((number) => blockOf(number) === key);
    case 'claim':
      return call.claim !== null && claimKey(call.claim, call.area) === key;
    case 'script':
      return call.script === key;
    case 'burst':
      return call.area === key;
  }
}

/** Of every stretch of that length with the call in it, the one in which most lines were rung; oldest first. */
function densest(sighting: Sighting, others: readonly PastSighting[], spanMs: number): readonly PastSighting[] {
  const rest = others.filter(({ call, at }) => call !== sighting.call && Math.abs(at - sighting.at) <= spanMs);
  const all = [...rest, { ...sighting, campaign: null }].sort((a, b) => a.at - b.at || (a.call < b.call ? -1 : 1));
  let best: readonly PastSighting[] = [];
  for (const [first, { at }] of all.entries()) {
    if (at > sighting.at) break;
    const stretch = all.slice(first).filter((each) => each.at <= at + spanMs);
    if (linesOf(stretch) > linesOf(best)) best = stretch;
  }
  return best;
}

function linesOf(calls: readonly Sighting[]): number {
  return new Set(calls.map(({ line }) => line)).size;
}

/** Where most of the calls belong to a campaign already, this is one more side of that one, and not another. */
function conclude(sighting: Sighting, found: Finding, { campaigns }: Evidence): Assessment {
  const free = found.calls.filter(({ campaign }) => campaign === null);
  const others = found.calls.filter(({ call }) => call !== sighting.call);
  for (const [id, calls] of Map.groupBy(others, ({ campaign }) => campaign?.id)) {
    const campaign = campaigns.find((each) => each.id === id);
    if (campaign && calls.length * 2 > others.length)
      return { state: 'joins', campaign: touched(campaign, sighting), calls: free };
  }
  const first = free[0] ?? sighting;
  const campaign: Campaign = {
    id: campaignId(found.kind, found.key, first),
    kind: found.kind,
    key: found.key,
    firstCall: first.call,
    firstAt: first.at,
    lastAt: Math.max(...free.map(({ at }) => at)),
    foundBy: sighting.call,
    foundAt: sighting.at,
    reasons: found.said,
    ended: null,
  };
  return { state: 'begins', campaign, calls: free };
}

function touched(campaign: Campaign, { at }: Sighting): Campaign {
  return { ...campaign, lastAt: Math.max(campaign.lastAt, at) };
}
