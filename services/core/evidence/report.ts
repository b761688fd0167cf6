import { callBlocks } from './report-call.ts';
import { incidentBlocks } from './report-incident.ts';
import type { Report } from './report-input.ts';
import { integrityBlocks } from './report-integrity.ts';
import { type Block, cut, moment } from './report-words.ts';

/** What the report of an evidence pack says, block by block; an adapter draws it. It leaves no text out silently. */

/** The whole report, in the order of its pages. */
export function writeReport(report: Report): readonly Block[] {
  return [
    ...cover(report),
    ...incidentBlocks(report),
    ...report.calls.flatMap((call) => callBlocks(call, report)),
    ...integrityBlocks(report),
  ];
}

function cover({ incident, site, made, style, calls }: Report): readonly Block[] {
  const at = (time: number) => moment(time, style.timeZone);
  const own = calls.filter(({ beside }) => !beside);
  return [
    { title: 'Evidence pack', under: cut(incident.id, 'incident.json', 100) },
    {
      facts: [
        ['Site', `${site.name}, ${site.area}`],
        ['Line', incident.line ?? 'not known'],
        ['Resident', incident.resident ?? 'not known'],
        ['Area', incident.area ?? 'not known'],
        ['When', at(incident.at)],
        ['Calls', `${own.length} of the incident, ${calls.length - own.length} beside`],
        ['Made', `${at(made.at)}, by ${made.by}`],
        ['Made with', `Clearline ${made.version}`],
        ['Victim’s consent', consentWords(incident.victim.consent)],
        ...(made.withoutConsentBecause === null
          ? []
          : [['Made without it because', made.withoutConsentBecause] as const]),
      ],
    },
    {
      text: `All times are given in UTC, and then by the clock of the site (${style.timeZone}). Times within calls are those of the telephone exchange (Asterisk).`,
    },
    {
      // The mark that turns the direction of writing is drawn as its number, as it would be in a caller's name.
      text: 'What is quoted from the network is shown as it came. A character that cannot be shown, or would change how others are shown, stands as its number: a mark that turns the direction of writing as \u202e. What is cut short is whole in the file that is named beside it.',
    },
  ];
}

function consentWords(consent: boolean | null): string {
  if (consent === null) return 'the victim has not been asked, or has not answered';
  return consent
    ? 'the victim agrees that the police and partners are told'
    : 'the victim does not agree that the police and partners are told';
}
