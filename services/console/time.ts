/** Times as people of the site read and type them. `zone` is an IANA name; moments are UTC milliseconds. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than a row of a page may. */
function formatOf(locale: string, dateStyle: 'long' | 'short', timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: 'short', timeZone });
  formats.set(key, format);
  return format;
}

/** "23 November 2026, 10:00". */
export function tellTime(at: number, zone: string): string {
  return formatOf('en-GB', 'long', zone).format(at).replace(' at ', ', ');
}

/** "2026-11-23T10:00", as a browser's field for times has it. */
export function toField(at: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return formatOf('sv-SE', 'short', zone).format(at).replace(' ', 'T');
}

/** The inverse; null for what is no such time. Of an hour that the clocks repeat, the first. */
export function fromField(text: string, zone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return null;
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return null;
  const offset = (at: number) => Date.parse(`${toField(at, zone)}Z`) - Math.floor(at / 60_000) * 60_000;
  // Clocks change by hours: one of the offsets around is the right one.
  const found = [wall - 86_400_000, wall + 86_400_000].map((near) => wall - offset(near));
  return found.find((at) => toField(at, zone) === text) ?? null;
}
