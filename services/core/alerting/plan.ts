import type { AlertKind } from '../call.ts';
import type { RaisedAlert } from '../ports.ts';
import type { Plan, Recent, Recipient } from './delivery.ts';
import { endOfQuiet } from './quiet.ts';

/** Who is told of an alert, and when. */

const hourMs = 3_600_000;

/** What relatives hear of where the site does not choose: what was done to their resident. */
const kindsForRelatives: readonly AlertKind[] = [
  'reported',
  'ghost-dial',
  'fake-dial-tone',
  'returned-call',
  'money-at-risk',
];

export interface Situation {
  /** UTC milliseconds. */
  readonly now: number;
  /** IANA name. */
  readonly timeZone: string;
  /** Where the alert's line lies; null: it has none, or is not known any more. */
  readonly area: string | null;
  readonly recent: Recent;
}

/** Nobody who is not in the answer hears of it. */
export function planDeliveries(
  alert: RaisedAlert,
  recipients: readonly Recipient[],
  situation: Situation,
): readonly Plan[] {
  return recipients
    .filter((recipient) => isFor(recipient, alert, situation.area))
    .map((recipient) => ({
      recipient: recipient.name,
      channel: recipient.channel,
      at: whenFor(recipient, alert.kind, situation),
    }));
}

/** Whoever is named for lines or areas hears of those alone, and nothing that is about neither. */
function isFor(recipient: Recipient, alert: RaisedAlert, area: string | null): boolean {
  const { lines, areas, kinds = lines.length > 0 ? kindsForRelatives : null } = recipient;
  if (kinds !== null && !kinds.includes(alert.kind)) return false;
  if (lines.length === 0 && areas.length === 0) return true;
  const where = alert.area ?? area;
  return lines.includes(alert.line) || (where !== null && areas.includes(where));
}

function whenFor(recipient: Recipient, kind: AlertKind, { now, timeZone, recent }: Situation): number | null {
  if (recipient.atOnce.includes(kind)) return null;
  let at = now;
  const known = recent.get(recipient.name) ?? [];
  const { quietHours } = recipient;
  // Either may lead into the other, each at most once more: after the night nothing of the hour before counts.
  for (;;) {
    const allowed = allowedAt(recipient, known, at);
    const awake = quietHours ? endOfQuiet(allowed, quietHours, timeZone) : allowed;
    if (awake === at) return at === now ? null : at;
    at = awake;
  }
}

/** The first moment from `at` on at which neither the gap nor the hour's number of messages stands in the way. */
function allowedAt({ gapSeconds, perHour }: Recipient, known: readonly number[], at: number): number {
  const times = known.toSorted((a, b) => a - b);
  const last = times.at(-1);
  // Another worker's clock may be ahead of ours: without a gap that is nothing to wait for.
  const afterGap = last === undefined || gapSeconds === 0 ? at : Math.max(at, last + gapSeconds * 1000);
  // With so many in an hour, the hour has to pass since the first of them.
  const first = times.filter((time) => time > afterGap - hourMs).at(-perHour);
  return first === undefined ? afterGap : Math.max(afterGap, first + hourMs);
}
