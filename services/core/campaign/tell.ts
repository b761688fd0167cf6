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

/** What the calls of a campaign have in common, as the object of "callers from …". */
export function tellKey(kind: CampaignKind, key: string): string {
  switch (kind) {
    case 'number':
      return `the number ${key}`;
    case 'neighbours':
      return `numbers that begin with ${key}`;
    case 'claim':
      return `callers who say they are of: ${claimed(key)}`;
    case 'script':
      return `callers with the same story: ${words(key)}`;
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
      return `The number ${key}`;
    case 'neighbours':
      return `Numbers that begin with ${key}`;
    case 'claim':
      return `Callers who say they are of “${claimed(key)}”`;
    default:
      return `Callers with the same story (${words(key)})`;
  }
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

function claimed(key: string): string {
  return words(key.slice(0, key.indexOf('@')));
}

function words(key: string): string {
  return key.replace('/', ', ').replaceAll('-', ' ');
}

function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
