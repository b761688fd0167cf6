import type { AlertKind } from '../call.ts';
import { cleanName } from '../caller.ts';
import type { RaisedAlert } from '../ports.ts';
import { capital, tellAlert } from '../tell.ts';
import { headlines, steps } from './message-words.ts';

/**
 * What somebody reads of an alert. It is made of the alert's kind, the time, and what the site itself calls its lines: nothing that
 * a caller said, showed or was called can be in it. The subject, which shows on locked telephones, names nobody.
 */
export interface Message {
  readonly subject: string;
  /** Plain text, lines of any length parted by `\n`. */
  readonly text: string;
  /** Nobody who sleeps should sleep on. */
  readonly urgent: boolean;
}

export interface Surroundings {
  /** The site's name; the default says nothing, and is not told. */
  readonly site: string;
  readonly timeZone: string;
  /** The resident whose line it is; null where there is none on record. */
  residentOf(line: string): string | null;
}

const urgentKinds: readonly AlertKind[] = ['money-at-risk', 'ghost-dial', 'fake-dial-tone', 'returned-call'];

/** Of one alert, or of several that waited together, oldest first. There must be one. */
export function tellAlerts(alerts: readonly RaisedAlert[], around: Surroundings): Message {
  const [first] = alerts;
  if (!first) throw new Error('there is no alert to tell of');
  const urgent = alerts.some(({ kind }) => urgentKinds.includes(kind));
  const headline = alerts.length === 1 ? headlineOf(first.kind) : `${alerts.length} alerts`;
  const subject = `Clearline: ${headline}${placeOf(around.site)}`;
  const opening = capital(`${headline}${placeOf(around.site)}`);
  const body =
    alerts.length === 1
      ? [...factsOf(first, around), '', ...whatToDo(stepsOf(first.kind))]
      : [
          ...alerts.flatMap((alert) => [...factsOf(alert, around), '']),
          ...whatToDo([...new Set(alerts.flatMap(({ kind }) => stepsOf(kind)))]),
        ];
  return { subject, text: [opening, '', ...body, '', ...closing].join('\n'), urgent };
}

/** To see whether a message arrives. */
export function tellTest({ site }: Pick<Surroundings, 'site'>): Message {
  const text = [`This is a test${placeOf(site)}: nothing has happened.`, '', 'Alerts will reach you in this way.'];
  return { subject: `Clearline: a test${placeOf(site)}`, text: [...text, '', ...closing].join('\n'), urgent: false };
}

const closing = ['Clearline sent this by itself. Nobody reads an answer to it.'];

/** A later release may know of more kinds than this one has words for. */
function headlineOf(kind: AlertKind): string {
  return headlines[kind] ?? 'something happened';
}

function stepsOf(kind: AlertKind): readonly string[] {
  return steps[kind] ?? ['See what happened: clearline alerts'];
}

function placeOf(site: string): string {
  const name = cleanName(site, 60);
  return name === '' || name === 'Clearline' ? '' : ` at ${name}`;
}

function factsOf({ kind, at, line, area, call, incident, campaign }: RaisedAlert, around: Surroundings): string[] {
  const resident = cleanName(around.residentOf(line) ?? '', 80);
  const whose = resident === '' ? line : `${resident} (${line})`;
  const named = {
    When: tellTime(at, around.timeZone),
    Line: whose,
    Area: area,
    Call: call,
    Incident: incident,
    Campaign: campaign,
  };
  return [
    capital(tellAlert(kind)),
    ...Object.entries(named).flatMap(([name, value]) => (value ? [`${name}: ${cleanName(value, 120)}`] : [])),
  ];
}

function whatToDo(what: readonly string[]): string[] {
  return ['What to do now:', ...what.map((step) => `- ${step}`)];
}

/** `Monday 23 November 2026, 14:02`. */
export function tellTime(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}, ${part('hour')}:${part('minute')}`;
}
