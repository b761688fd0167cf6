/** Times as people of the site read and type them. `zone` is an IANA name; moments are UTC milliseconds. */

/** "23 November 2026, 10:00". */
export function tellTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: zone })
    .format(at)
    .replace(' at ', ', ');
}

/** "2026-11-23T10:00", as a browser's field for times has it. */
export function toField(at: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone: zone })
    .format(at)
    .replace(' ', 'T');
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
