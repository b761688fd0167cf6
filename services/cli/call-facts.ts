import { cleanName } from '../core/caller.ts';
import type { CallRecord, InboundRecord, OutgoingRecord } from '../core/record.ts';
import { duration, tellAlert, tellCaller, tellDialled, tellEnding, tellVerdict } from '../core/tell.ts';
import { count, formatTime } from './table.ts';

/** A record's facts as people read them: who with whom, and what is known beside. */

/** Both ends of a call: `01923 555001 “PC Jones”` and `Elsie Brown (room-12)`, or the other way round. */
export function ends(record: CallRecord): { readonly from: string; readonly to: string } {
  const line = record.resident ? `${record.resident} (${record.line})` : null;
  if (record.direction === 'outgoing') return { from: line ?? 'a line', to: tellDialled(record.number) };
  return { from: callerWords(record), to: line ?? record.dialled };
}

function callerWords({ caller, verdict }: InboundRecord): string {
  const name = verdict?.trustedName ?? (caller.name ? `“${caller.name}”` : null);
  return name === null ? tellCaller(caller) : `${tellCaller(caller)} ${name}`;
}

/** Pairs of a fact's name and its value; those without one are left out. */
export function factsOf(record: CallRecord, timeZone: string): [string, string][] {
  const facts = record.direction === 'inbound' ? inboundFacts(record, timeZone) : outgoingFacts(record, timeZone);
  return facts.filter(([, value]) => value !== '');
}

function inboundFacts(record: InboundRecord, timeZone: string): [string, string][] {
  const { caller, signalling, verdict, released } = record;
  const shown = caller.withheld ? [] : sipFacts(record);
  const { from } = ends(record);
  return [
    ['Caller', from],
    ['Line', record.resident ? `${record.resident} (${record.line}), ${record.area}` : `none has ${record.dialled}`],
    ['Arrived', `${formatTime(record.arrivedAt, timeZone)}, over the trunk ${record.trunk}`],
    ['Lasted', lasted(record)],
    ['Verdict', verdict ? tellVerdict(verdict) : ''],
    ['Outcome', outcome(record)],
    ['Alerts', alerts(record)],
    ['Recordings', record.recordings.join(', ')],
    ['Hold left', record.holdSeconds > 0 ? duration(record.holdSeconds) : ''],
    ['Carrier', released ? `let go of the call at ${formatTime(released.at, timeZone)} (SIP ${released.status})` : ''],
    ['Faults', faults(record)],
    ['Account', unwatched(record)],
    ...shown,
    ['Attested', caller.attestation ? `${caller.attestation} (the network’s word, not verified)` : ''],
    ['Call-ID', plain(signalling.callId)],
    ['Came from', plain(signalling.sourceAddress)],
    ['User agent', plain(signalling.userAgent)],
    ['Codecs', signalling.codecs.map(plain).join(', ')],
  ];
}

function outgoingFacts(record: OutgoingRecord, timeZone: string): [string, string][] {
  const { number, outOf, trunk, clearedAt } = record;
  const { from, to } = ends(record);
  return [
    ['Dialled', `${to}${record.dialled === number.number ? '' : `, keyed as ${plain(record.dialled)}`}`],
    ['Line', `${from}, ${record.area ?? ''}`],
    ['Began', formatTime(record.arrivedAt, timeZone)],
    ['Lasted', lasted(record)],
    ['How', howWords[record.by]],
    ['Out of', outOf === null ? '' : `the call ${outOf}`],
    ['Line held', record.held ? 'yes, after a suspect call' : 'no'],
    ['Line clear', clearedAt === null ? '' : formatTime(clearedAt, timeZone)],
    ['Trunk', trunk ?? 'none took the call'],
    ['Tried', record.attempts.map((attempt) => attempt.trunk).join(', ')],
    ['Outcome', outcome(record)],
    ['Alerts', alerts(record)],
    ['Recordings', record.recordings.join(', ')],
    ['Faults', faults(record)],
    ['Account', unwatched(record)],
  ];
}

const howWords: Record<OutgoingRecord['by'], string> = {
  phone: 'from the telephone',
  'ghost-dial': 'keyed while a caller was still on the line',
  advice: 'by a key after a caller had gone',
  'call-back': 'as the call back that was promised',
};

function lasted({ arrivedAt, endedAt }: CallRecord): string {
  return duration((endedAt - arrivedAt) / 1000);
}

function outcome({ ending }: CallRecord): string {
  return `${tellEnding(ending)} (cause ${ending.cause})`;
}

function alerts(record: CallRecord): string {
  return record.alerts.map(({ alert }) => tellAlert(alert)).join('; ');
}

function faults(record: CallRecord): string {
  return record.faults.length > 0 ? count(record.faults.length, 'fault') : '';
}

/** A record of a former release says nothing of it: then it was watched. */
export function unwatched({ reconstructed }: CallRecord): string {
  return reconstructed ? 'Nobody watched all of it: pieced together afterwards.' : '';
}

/** The headers may hold the number that was withheld; they stay in the JSON. */
function sipFacts({ signalling }: InboundRecord): [string, string][] {
  return [
    ['From', plain(signalling.from)],
    ['P-Asserted-Identity', plain(signalling.assertedIdentity)],
    ['Privacy', plain(signalling.privacy)],
    ['Diversion', plain(signalling.diversion)],
  ];
}

function plain(text: string | null): string {
  return cleanName(text ?? '', 200);
}
