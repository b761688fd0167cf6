/** What a report is made of, and how times and long texts are written in it. */

export type Block =
  /** Begins the report. */
  | { readonly title: string; readonly under: string }
  /** `page`: begins a new one. */
  | { readonly heading: string; readonly page?: boolean }
  | { readonly subheading: string }
  | { readonly text: string }
  /** A warning that must not be overlooked. */
  | { readonly alarm: string }
  /** Names and what is known of them, in two columns. */
  | { readonly facts: readonly (readonly [string, string])[] }
  | {
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** Widths of the columns in parts of the whole. */
      readonly widths: readonly number[];
      /** Digests and raw headers are set in a fixed width. */
      readonly fixed?: boolean;
    };

/** `2026-11-23 10:00:00.000 UTC (23 Nov 2026, 10:00:00 GMT)`. */
export function moment(at: number, timeZone: string): string {
  const local = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at);
  return `${utc(at)} (${local})`;
}

/** `2026-11-23 10:00:00.000 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

/** A text of any length, cut after `most` characters with a word on where the rest is. */
export function cut(text: string, where: string, most = 300): string {
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  return `${characters.slice(0, most).join('')} … (${characters.length.toLocaleString('en-GB')} characters in all: see ${where})`;
}

/** Facts with something to say. */
export function known(facts: readonly (readonly [string, string | null])[]): (readonly [string, string])[] {
  return facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]));
}
