import type { Incident } from '../incident/incident.ts';
import {
  actionWords,
  detailWords,
  endedByWords,
  incidentOutcomeWords,
  openedForWords,
  outcomeUnknown,
  pretextWords,
  roleWords,
  ruleWords,
  tellPence,
} from '../incident/words.ts';
import type { Report } from './report-input.ts';
import { type Block, known, moment } from './report-words.ts';

/** The incident as staff put it on record: what happened, what was lost, and what was done about it. */
export function incidentBlocks({ incident, campaign, style }: Report): readonly Block[] {
  const at = (time: number) => moment(time, style.timeZone);
  const { courier, legalHold } = incident;
  return [
    { heading: 'What happened' },
    {
      facts: known([
        ['Opened', `${at(incident.openedAt)}, by ${incident.openedBy}: ${openedForWords[incident.openedFor]}`],
        ['How far it went', incident.outcome === null ? outcomeUnknown : incidentOutcomeWords[incident.outcome]],
        ['Ended by', incident.endedBy && endedByWords[incident.endedBy]],
        ['What raised suspicion', incident.suspicion],
        ['Campaign', campaign],
        ['Status', `${incident.status}, version ${incident.version} of the record`],
        ['Legal hold', legalHold && `since ${at(legalHold.since)}, by ${legalHold.by}: ${legalHold.why}`],
      ]),
    },
    ...callerBlocks(incident),
    { subheading: 'Asked for, given and lost' },
    {
      facts: known([
        ['Asked for', list(incident.asked.map((kind) => detailWords[kind]))],
        ['Given', list(incident.given.map((kind) => detailWords[kind]))],
        ['Lost', incident.loss.cash === null ? 'not known' : tellPence(incident.loss.cash)],
        ['Recovered', incident.loss.recovered === null ? null : tellPence(incident.loss.recovered)],
        ['Courier came', courier && (courier.at === null ? 'yes; the time is not known' : at(courier.at))],
        ['Courier', courier?.description ?? null],
        ['Vehicle', courier?.vehicle ?? null],
      ]),
    },
    ...victimBlocks(incident),
    ...actionBlocks(incident, at),
    ...noteBlocks(incident, at),
  ];
}

function callerBlocks({ caller }: Incident): readonly Block[] {
  const { secrecyDemanded: secrecy } = caller;
  const facts = known([
    ['Name given', caller.name],
    ['Rank given', caller.rank],
    ['Said to be of', caller.organisation],
    ['Role', caller.role && roleWords[caller.role]],
    ['Number to ring back', caller.callBackNumber],
    ['Reason given', caller.pretext && pretextWords[caller.pretext]],
    ['Secrecy demanded', secrecy === null ? null : secrecy ? 'yes' : 'no'],
    [
      'Rules broken',
      list(
        caller.rulesBroken.map((rule) => ruleWords[rule]),
        null,
      ),
    ],
    ['In the caller’s words', caller.words],
  ]);
  const heading: Block = { subheading: 'What the caller said of himself' };
  return facts.length > 0 ? [heading, { facts }] : [heading, { text: 'Nothing is on record yet.' }];
}

const ageWords: Record<NonNullable<Incident['victim']['ageBand']>, string> = {
  'under-60': 'under 60',
  '60-69': '60 to 69',
  '70-79': '70 to 79',
  '80-89': '80 to 89',
  '90-or-over': '90 or over',
};

function victimBlocks({ victim }: Incident): readonly Block[] {
  const facts = known([
    ['How to reach', victim.contact],
    ['Age', victim.ageBand && ageWords[victim.ageBand]],
    ['Needs', victim.needs],
  ]);
  return facts.length > 0 ? [{ subheading: 'The victim' }, { facts }] : [];
}

function actionBlocks({ actions }: Incident, at: (time: number) => string): readonly Block[] {
  const heading: Block = { subheading: 'What was done about it' };
  if (actions.length === 0) return [heading, { text: 'Nothing is on record yet.' }];
  const rows = actions.map((action) => [
    at(action.at),
    `${actionWords[action.what]}${action.note ? `: ${action.note}` : ''}`,
    action.reference ?? 'none',
    action.by,
  ]);
  return [heading, { head: ['When', 'What', 'Reference', 'By'], rows, widths: [5, 6, 4, 3] }];
}

function noteBlocks({ notes }: Incident, at: (time: number) => string): readonly Block[] {
  if (notes.length === 0) return [];
  const rows = notes.flatMap((note) =>
    note.text.split('\n').map((line, index) => (index === 0 ? [at(note.at), line, note.by] : ['', line, ''])),
  );
  return [{ subheading: 'Notes' }, { head: ['When', 'Note', 'By'], rows, widths: [5, 10, 3] }];
}

function list(words: readonly string[], none: string | null = 'nothing is on record'): string | null {
  return words.length === 0 ? none : words.join('; ');
}
