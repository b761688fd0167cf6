import type { Incident } from '../../core/incident/incident.ts';
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
  statusWords,
  tellPence,
} from '../../core/incident/words.ts';
import { findIncident } from '../find-incident.ts';
import { formatTable, formatTime } from '../table.ts';
import type { Session } from '../world.ts';
import { whoseOf } from './list.ts';

export async function showIncident(session: Session, wanted: string, json: boolean): Promise<void> {
  const { out } = session.world;
  const { incident, history, zone } = await session.withStore(async ({ incidents }) => {
    const found = await findIncident(incidents, wanted);
    return {
      incident: found,
      history: await incidents.history(found.id),
      zone: session.zone(),
    };
  });
  if (json) return out(JSON.stringify({ incident, history }, null, 2));
  const time = (at: number) => formatTime(at, zone);
  out(
    [
      `Incident ${incident.id}`,
      ...pairs(factsOf(incident, time)),
      ...section('What was done', actionRows(incident, time)),
      ...section(
        'Notes',
        incident.notes.map(({ at, by, text }) => [time(at), by, text]),
      ),
      ...section(
        'Versions',
        history.map(({ incident: { version }, by, at }) => [String(version), time(at), by]),
      ),
      '',
      incident.calls.length > 0 ? `Its calls: clearline calls show ${incident.calls[0]}` : 'No call is linked to it.',
    ].join('\n'),
  );
}

type Rows = readonly (readonly string[])[];

function pairs(rows: Rows): string[] {
  return columns(rows.filter(([, value]) => value !== ''));
}

function section(title: string, rows: Rows): string[] {
  return rows.length === 0 ? [] : ['', title, ...columns(rows)];
}

function columns(rows: Rows): string[] {
  const heads = rows[0]?.map(() => '') ?? [];
  return formatTable(heads, rows).split('\n').slice(1).map(indent);
}

const indent = (line: string) => `  ${line}`;

function factsOf(incident: Incident, time: (at: number) => string): Rows {
  const { caller, courier, victim, loss, legalHold, outcome, endedBy } = incident;
  const words = <K extends string>(of: Record<K, string>, keys: readonly K[]) => keys.map((key) => of[key]).join(', ');
  const money = (pence: number | null) => (pence === null ? '' : tellPence(pence));
  return [
    ['Happened', time(incident.at)],
    ['Line', whoseOf(incident)],
    ['Area', incident.area ?? ''],
    ['How far it went', outcome === null ? outcomeUnknown : incidentOutcomeWords[outcome]],
    ['Ended by', endedBy === null ? '' : endedByWords[endedBy]],
    ['Suspicion', incident.suspicion ?? ''],
    ['Claimed to be', caller.role === null ? '' : roleWords[caller.role]],
    ['Name given', [caller.rank, caller.name].filter(Boolean).join(' ')],
    ['Of', caller.organisation ?? ''],
    ['Number to ring', caller.callBackNumber ?? ''],
    ['Pretext', caller.pretext === null ? '' : pretextWords[caller.pretext]],
    ['Secrecy', caller.secrecyDemanded === null ? '' : caller.secrecyDemanded ? 'demanded' : 'not demanded'],
    ['Rules broken', words(ruleWords, caller.rulesBroken)],
    ['His words', caller.words ?? ''],
    ['Asked for', words(detailWords, incident.asked)],
    ['Was given', words(detailWords, incident.given)],
    ['Lost', money(loss.cash)],
    ['Recovered', money(loss.recovered)],
    [
      'Courier',
      courier ? [courier.at && time(courier.at), courier.description, courier.vehicle].filter(Boolean).join(', ') : '',
    ],
    ['Victim', [victim.contact, victim.ageBand, victim.needs].filter(Boolean).join('; ')],
    ['Consent', victim.consent === null ? '' : victim.consent ? 'to tell the police and partners' : 'not given'],
    ['Opened', `${time(incident.openedAt)} by ${incident.openedBy}: ${openedForWords[incident.openedFor]}`],
    ['Status', statusWords[incident.status]],
    ['Legal hold', legalHold ? `since ${time(legalHold.since)} by ${legalHold.by}: ${legalHold.why}` : ''],
    ['Campaign', incident.campaign ?? ''],
    ['Calls', incident.calls.join(', ')],
  ];
}

function actionRows({ actions }: Incident, time: (at: number) => string): Rows {
  return actions.map(({ at, by, what, reference, note }) => {
    const about = [reference && `reference ${reference}`, note].filter(Boolean).join('; ');
    return [time(at), by, about === '' ? actionWords[what] : `${actionWords[what]}: ${about}`];
  });
}
