import type { CallerIdentity } from '../caller.ts';
import type { CallRecord, InboundRecord, OutgoingRecord } from '../record.ts';
import { tellAssessment, tellBeside, tellCall, tellDialled, tellEnding, tellSighting, tellVerdict } from '../tell.ts';
import { parties, promptWords } from '../words.ts';
import type { Report, ReportedCall } from './report-input.ts';
import { type Block, cut, known, moment, utc } from './report-words.ts';

/** One call of a pack: its numbers as the network gave them, its times, what was played, and how the line was shown to be clear. */
export function callBlocks({ call, file, beside }: ReportedCall, { style }: Report): readonly Block[] {
  const { record } = call;
  const inbound = record.direction === 'inbound';
  const what = inbound
    ? 'Call to the line'
    : `Call from the line to ${cut(tellDialled(record.number, style), file, 60)}`;
  return [
    { heading: `${what}, ${utc(record.arrivedAt).replace(/\.\d+/, '')}`, page: true },
    {
      text: `Call ${record.id}. The whole of it is in ${file}.${beside ? ' It is not part of the incident itself.' : ''}`,
    },
    ...(record.reconstructed ? [{ alarm: 'Nobody watched all of this call: it was pieced together afterwards.' }] : []),
    { facts: inbound ? inboundFacts(record) : outgoingFacts(record) },
    { subheading: 'Times' },
    { head: ['What', 'UTC, and by the clock of the site'], rows: timeRows(record, style.timeZone), widths: [1, 2] },
    ...(inbound ? signallingBlocks(record, file) : lookBlocks(record)),
    ...promptBlocks(record, style.timeZone),
    { subheading: 'Step by step' },
    { head: ['UTC', 'Local time', 'What happened'], rows: storyRows(call, style, file), widths: [3, 3, 14] },
  ];
}

function inboundFacts(record: InboundRecord): (readonly [string, string])[] {
  const { caller, verdict } = record;
  return known([
    ['Number shown', numberWords(caller, 'presentation')],
    ['Number the network gave', numberWords(caller, 'network')],
    ['Name shown', caller.name],
    ['Attested', caller.attestation && `${caller.attestation} (the network’s word, not verified)`],
    ['Signs of forgery', caller.signs.map(({ text }) => text).join(' ')],
    ['Number dialled', record.dialled],
    ['Trunk', record.trunk],
    ['Taken for', verdict && `${tellVerdict(verdict)}. ${verdict.reasons.map(({ text }) => text).join(' ')}`],
    ...endFacts(record),
    ['Carrier let go', record.released && `${utc(record.released.at)} (SIP ${record.released.status})`],
    ['Recordings', record.recordings.join(', ')],
  ]);
}

function numberWords({ withheld, ...caller }: CallerIdentity, which: 'presentation' | 'network'): string {
  const number = caller[which];
  if (number === null) return withheld && which === 'presentation' ? 'withheld' : 'none';
  const same = number.e164 === null || number.e164 === number.written;
  const note = withheld ? ' (the caller asked the network not to show it)' : '';
  return `${number.written}${same ? '' : `, that is ${number.e164}`}${note}`;
}

function outgoingFacts(record: OutgoingRecord): (readonly [string, string])[] {
  return known([
    ['Keyed', record.dialled],
    ['Number', tellDialled(record.number)],
    ['Kind', `${record.number.class} number`],
    ['Dialled inside or after', record.outOf && `call ${record.outOf}`],
    ['Line held before', record.held ? 'yes, after a suspect call' : 'no'],
    ['Line shown to be clear', record.clearedAt === null ? 'no' : utc(record.clearedAt)],
    ['Trunk', record.trunk ?? 'none took the call'],
    ['Trunks tried', record.attempts.map(({ trunk, at }) => `${trunk} (${utc(at)})`).join(', ')],
    ...endFacts(record),
    ['Recordings', record.recordings.join(', ')],
  ]);
}

function endFacts({ ending, faults }: CallRecord): readonly (readonly [string, string | null])[] {
  return [
    ['How it ended', tellEnding(ending)],
    ['Who ended it', ending.by === 'clearline' ? 'Clearline' : parties[ending.by].toLowerCase()],
    ['Cause', `${ending.cause} (ITU-T Q.850: ${causeWords[ending.cause] ?? 'see the table there'})`],
    ['Faults', faults.join('; ')],
  ];
}

/** ITU-T Q.850, table 1: those that calls of a home end with. */
const causeWords: Readonly<Record<number, string>> = {
  0: 'none given',
  1: 'unallocated number',
  3: 'no route to destination',
  16: 'normal call clearing',
  17: 'user busy',
  18: 'no user responding',
  19: 'no answer from user',
  20: 'subscriber absent',
  21: 'call rejected',
  26: 'non-selected user clearing',
  27: 'destination out of order',
  28: 'invalid number format',
  31: 'normal, unspecified',
  34: 'no circuit available',
  38: 'network out of order',
  41: 'temporary failure',
  42: 'switching equipment congestion',
  44: 'requested circuit not available',
  58: 'bearer capability not presently available',
  88: 'incompatible destination',
  102: 'recovery on timer expiry',
  127: 'interworking, unspecified',
};

function timeRows(record: CallRecord, timeZone: string): string[][] {
  const times: [string, number | null][] = [
    [record.direction === 'inbound' ? 'The call arrived (INVITE)' : 'The number was dialled', record.arrivedAt],
    ['A first leg was answered, by Clearline or a person', record.answeredAt],
    ['The two parties first heard one another', record.connectedAt],
    ['The call was over', record.endedAt],
    [record.direction === 'inbound' ? 'The caller’s channel was gone' : 'The line was clear', record.clearedAt],
  ];
  return times.map(([what, at]) => [what, at === null ? 'never, or not seen' : moment(at, timeZone)]);
}

function signallingBlocks({ signalling }: InboundRecord, file: string): readonly Block[] {
  const headers: [string, string | null][] = [
    ['From', signalling.from],
    ['P-Asserted-Identity', signalling.assertedIdentity],
    ['Privacy', signalling.privacy],
    ['Diversion', signalling.diversion],
    ['Identity', signalling.identity],
    ['Call-ID', signalling.callId],
    ['User-Agent', signalling.userAgent],
    ['Came from', signalling.sourceAddress],
    ['Codecs', signalling.codecs.join(', ')],
  ];
  const rows = headers.map(([name, value]) => [name, value === null ? 'absent' : cut(value, file)]);
  return [
    { subheading: 'What the network sent (SIP)' },
    { head: ['Header', 'Text'], rows, widths: [2, 7], fixed: true },
  ];
}

/** Looks that a table of a report has room for; the file has all. */
const shownLooks = 40;

function lookBlocks({ looks }: OutgoingRecord): readonly Block[] {
  if (looks.length === 0)
    return [{ text: 'Nobody looked whether the line was clear: the number is none of those for which it must be.' }];
  const rows = looks
    .slice(0, shownLooks)
    .map(({ at, evidence, assessment }) => [
      utc(at),
      tellSighting(evidence.ari),
      tellSighting(evidence.ami),
      [tellAssessment(assessment), ...tellBeside(evidence)].join('; '),
    ]);
  const more = looks.length - shownLooks;
  return [
    { subheading: 'How the line was shown to be clear' },
    { text: 'Two witnesses, ARI and AMI, are asked each time who else is on the line.' },
    { head: ['UTC', 'ARI saw', 'AMI saw', 'Taken for'], rows, widths: [3, 3, 3, 5] },
    ...(more > 0 ? [{ text: `${more} more looks are in the call’s file.` }] : []),
  ];
}

function promptBlocks({ promptsPlayed }: CallRecord, timeZone: string): readonly Block[] {
  if (promptsPlayed.length === 0) return [{ subheading: 'Prompts played' }, { text: 'None.' }];
  const rows = promptsPlayed.map(({ at, leg, prompt }) => [
    moment(at, timeZone),
    parties[leg].replace(/^The/, 'to the'),
    promptWords[prompt] ?? prompt,
  ]);
  return [{ subheading: 'Prompts played' }, { head: ['When', 'To whom', 'What it says'], rows, widths: [4, 2, 4] }];
}

/** Steps that a table has room for: some twelve pages. */
const shownSteps = 400;

function storyRows(call: ReportedCall['call'], style: Report['style'], file: string): string[][] {
  const local = tellCall(call, style);
  const rows = tellCall(call, { ...style, timeZone: 'UTC' }).map((sentence, index) => {
    const [, at = '', what = sentence.trimStart()] = /^(\d\d:\d\d:\d\d\.\d{3}) {2}(.*)$/s.exec(sentence) ?? [];
    return [at, at === '' ? '' : (local[index] ?? '').slice(0, at.length), cut(what, file)];
  });
  const more = rows.length - shownSteps;
  return more > 0 ? [...rows.slice(0, shownSteps), ['', '', `${more} more steps are in ${file}.`]] : rows;
}
