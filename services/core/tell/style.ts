import type { Leg, PromptName } from '../call.ts';
import type { CallerIdentity } from '../caller.ts';
import { type CountryPack, type Dialled, formatNumber } from '../number.ts';
import { gb } from '../packs/gb.ts';
import { parties } from '../words.ts';

/** What every sentence about a call has in common: how numbers, times and parties are written. */

export interface Style {
  /** IANA name, such as `Europe/London`; left out, the machine's own. */
  readonly timeZone?: string;
  /** How telephone numbers are written. */
  readonly pack: CountryPack;
  /** How a prompt is told; left out, by what it says and not by its wording. */
  readonly wording?: (prompt: PromptName) => string;
}

export const british: Style = { pack: gb };

/** What has gone before decides what a hang-up means, and whether a look at the line is news. */
export interface Seen {
  /** Legs that have picked up. Whoever called counts as such. */
  readonly answered: Set<Leg>;
  /** Legs that Clearline itself is hanging up. */
  readonly cut: Set<Leg>;
  /** Whom the resident dialled. */
  far: string;
  /** The trunks a guarded call may take, until it is connected; null when no call leaves. */
  trunks: readonly string[] | null;
  /** What the look before saw. */
  look: string;
}

export const newSeen = (): Seen => ({
  answered: new Set(['caller']),
  cut: new Set(),
  far: parties.far,
  trunks: null,
  look: '',
});

/** A party as a sentence begins with it: `The resident`, `101 (Police)`. */
export function party(leg: Leg, { far }: Seen): string {
  return leg === 'far' ? far : parties[leg];
}

/** The same inside a sentence. */
export function partyWithin(leg: Leg, seen: Seen): string {
  return party(leg, seen).replace(/^The/, 'the');
}

/** Who called, as staff may see it: a withheld number is never told. */
export function tellCaller({ presentation, network, withheld }: CallerIdentity, style: Style = british): string {
  if (withheld) return 'a withheld number';
  const shown = presentation ?? network;
  if (shown === null) return 'no number';
  return formatNumber(shown.e164 ?? shown.written, style.pack);
}

/** A number dialled, and whose it is where that is known: `101 (Police)`. */
export function tellDialled({ number, name }: Dialled, { pack }: Style = british): string {
  const written = formatNumber(number, pack);
  return name === undefined ? written : `${written} (${name})`;
}

/** `14:02:11.250`. */
export function clockTime(at: number, { timeZone }: Style): string {
  const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(at);
  return `${time}.${String(Math.trunc(at) % 1000).padStart(3, '0')}`;
}

export function seconds(count: number): string {
  return `${Math.round(count * 10) / 10} s`;
}

/** `45 s`, `5 min`, `2 min 5 s`. */
export function duration(count: number): string {
  const whole = Math.round(count);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
}

export function capital(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
