import { claimedRoles, pretexts } from '../incident/incident.ts';
import { pretextWords, roleWords } from '../incident/words.ts';
import { formatNumber } from '../number.ts';
import { gb } from '../packs/gb.ts';
import { type CampaignKind, type CampaignRules, dayMs, hourMs, type Sighting } from './campaign.ts';
import { oneIn } from './chance.ts';

/** Campaigns in sentences for staff, with the figures that decided. */

export interface Alike {
  readonly kind: CampaignKind;
  readonly key: string;
  readonly calls: readonly Sighting[];
  readonly reported: boolean;
  /** Lines that make a campaign. */
  readonly least: number;
  readonly spanMs: number;
}

export interface Burst {
  readonly area: string;
  readonly calls: number;
  readonly lines: number;
  readonly minutes: number;
  /** Calls in as many minutes, on average. */
  readonly usual: number;
  readonly chance: number;
  readonly seen: { readonly calls: number; readonly days: number };
}

/** What the calls of a campaign have in common: "calls from the number 07700 900123". */
export function tellKey(kind: CampaignKind, key: string): string {
  switch (kind) {
    case 'number':
      return `calls from the number ${tellNumber(key)}`;
    case 'neighbours':
      return `calls from numbers ${tellBlock(key)}`;
    case 'claim':
      return `callers who say they are ${tellClaim(key)}`;
    case 'script':
      return `callers with the same story: ${tellStory(key)}`;
    case 'burst':
      return `many strangers at once in ${key}`;
  }
}

/** Why calls that have something in common are a campaign. */
export function tellSame(alike: Alike): string {
  const { calls, reported, least } = alike;
  const report = reported ? ', and somebody reported at least one of them' : '';
  const enough = `; ${least} lines make a campaign${reported && alike.kind === 'number' ? ' once a call is reported' : ''}`;
  return `${subject(alike)} rang ${rung(calls)}${within(alike)}${report}${enough}.`;
}

/** Why they are none. */
export function tellFew(alike: Alike): string {
  return `${subject(alike)} rang ${rung(alike.calls)}${within(alike)}; ${alike.least} lines would make a campaign.`;
}

export function tellBurst(burst: Burst): string {
  return `${tellCalls(burst)}; ${tellUsual(burst)}. By chance that comes about once in ${oneIn(burst.chance)} such stretches of time.`;
}

export function tellUnlikely(burst: Burst, known: boolean, { burstLines, burstOneIn }: CampaignRules): string[] {
  if (burst.lines < burstLines) return [`${tellCalls(burst)}; ${burstLines} lines would be looked at as a burst.`];
  if (!known) return [`${tellCalls(burst)}; nobody knows yet how many are usual there.`];
  const wanted = oneIn(1 / burstOneIn);
  return [`${tellCalls(burst)}; ${tellUsual(burst)}. That is not rarer than once in ${wanted} by chance.`];
}

function tellCalls({ area, calls, lines, minutes }: Burst): string {
  return `${count(calls, 'call')} of strangers to ${count(lines, 'line')} in ${area} within ${minutes} minutes`;
}

function tellUsual({ usual, seen }: Burst): string {
  const figure = Number(usual.toPrecision(2));
  return `usual are ${figure} at this time of day (${seen.calls} calls about this hour in ${count(seen.days, 'day')})`;
}

function subject({ kind, key }: Alike): string {
  switch (kind) {
    case 'number':
      return `The number ${tellNumber(key)}`;
    case 'neighbours':
      return `Numbers ${tellBlock(key)}`;
    case 'claim':
      return `Callers who say they are ${tellClaim(key)}`;
    default:
      return `Callers with the same story (${tellStory(key)})`;
  }
}

function tellNumber(number: string): string {
  return formatNumber(number, gb);
}

function tellBlock(block: string): string {
  return `that differ in their last two digits only (${tellNumber(`${block}00`)} and so on)`;
}

function tellClaim(key: string): string {
  return roleOf(key.slice(0, key.indexOf('@')));
}

function tellStory(key: string): string {
  const [role = '', pretext = ''] = key.split('/');
  const known = pretexts.find((each) => each === pretext);
  return `${roleOf(role)}, ${known ? pretextWords[known] : pretext}`;
}

/** A newer release may have roles that this one has no words for. */
function roleOf(stored: string): string {
  const role = claimedRoles.find((each) => each === stored);
  return role ? roleWords[role] : stored;
}

function rung(calls: readonly Sighting[]): string {
  const lines = new Set(calls.map(({ line }) => line)).size;
  const areas = [...new Set(calls.map(({ area }) => area))];
  return `${count(lines, 'line')} (${count(calls.length, 'call')}) in ${areas.join(', ')}`;
}

function within({ calls, spanMs }: Alike): string {
  const times = calls.map(({ at }) => at);
  const tookMs = Math.max(...times) - Math.min(...times);
  const took =
    tookMs < 2 * hourMs
      ? count(Math.max(1, Math.ceil(tookMs / 60_000)), 'minute')
      : count(Math.ceil(tookMs / hourMs), 'hour');
  const span = spanMs >= 2 * dayMs ? count(spanMs / dayMs, 'day') : count(spanMs / hourMs, 'hour');
  return calls.length > 1 ? ` within ${took} (of ${span} that count)` : ` in ${span}`;
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
