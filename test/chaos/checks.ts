import type { InboundRecord, OutgoingRecord } from '../../services/core/record.ts';
import type { Marker } from '../support/audio.ts';
import { markers } from '../support/audio.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import { Heard } from '../support/phone/heard.ts';
import { type Book, type Entry, wasTaken } from './book.ts';
import type { Havoc } from './faults.ts';

/** What the phones saw, held against the promises. Everything here is a function of what was noted in the run. */

/** One line of the table: the figure, and what speaks against it, a sentence each; none is as it should be. */
export interface Verdict {
  readonly what: string;
  readonly figure: string;
  readonly faults: readonly string[];
}

/** Milliseconds by which the packets of two sockets may be noticed in the other order, on a busy machine. */
const noticedMs = 250;

/** Bridged calls went on until somebody hung up, if their Asterisk lived; and both sides were heard to the end. */
export function judgeTalks({ talks }: Book, havoc: Havoc): Verdict {
  const lived = talks.filter(({ from, to }) => havoc.asteriskLived(from, to + 1_000));
  const faults = lived.flatMap(({ kind, legs, from, to, end }) =>
    end === 'as agreed'
      ? []
      : [`${kind} ${legs[0].id} was ${end} after ${Math.round(to - from)} ms${during(havoc, to)}`],
  );
  const survived = lived.length - faults.length;
  return {
    what: 'conversations that survived, of those whose Asterisk lived',
    figure: `${survived} of ${lived.length} (${talks.length} in all)`,
    faults: [...faults, ...(talks.length === 0 ? ['nobody ever talked'] : [])],
  };
}

/** Every emergency call reached a far end, and at the first try unless Asterisk was dead for some of that. */
export function judgeEmergencies({ emergencies }: Book, havoc: Havoc): Verdict {
  const tries = emergencies.flatMap(({ tries }) => tries);
  const failed = emergencies.filter(({ tries }) => !tries.some(({ reached }) => reached));
  const refused = tries.filter(
    ({ reached, call, givenUpAt }) => !reached && havoc.asteriskLived(call.invitedAt, givenUpAt),
  );
  return {
    what: 'emergency calls connected',
    figure: `${emergencies.length - failed.length} of ${emergencies.length} (${tries.length} tries)`,
    faults: [
      ...failed.map(({ line, number }) => `${number} of ${line} reached nobody`),
      ...refused.map(
        ({ call, givenUpAt }) =>
          `a try failed while Asterisk lived: ${call.id}, SIP ${call.status}, given up after ${Math.round(givenUpAt - call.invitedAt)} ms${during(havoc, call.invitedAt)}`,
      ),
      ...(emergencies.length === 0 ? ['nobody ever dialled 999'] : []),
    ],
  };
}

/** When a guarded call was answered no suspect had a leg, and from then on nobody heard what they should not. */
export function judgeGuarded({ guarded, guardedDialled }: Book, havoc: Havoc): Verdict {
  const faults = guarded.flatMap(({ resident, far, suspects, residentPhone }) => {
    const answered = far.answeredAt ?? Number.NaN;
    const about = `guarded call ${far.id} (resident ${resident.id})`;
    const present = suspects.filter(({ call, goodbyeAt }) => {
      if (call.answeredAt === null || call.answeredAt > answered) return false;
      const goneAt = Math.min(goodbyeAt ?? Number.POSITIVE_INFINITY, call.ended?.at ?? Number.POSITIVE_INFINITY);
      return goneAt > answered + noticedMs && havoc.asteriskLived(call.answeredAt, answered);
    });
    // By their arrival: an Asterisk that stood still hands over all at once what it had, before it hangs up.
    const until = Math.min(...[far, resident].map(({ ended }) => ended?.at ?? Number.POSITIVE_INFINITY));
    const heardBy = ({ media }: PhoneCall, marker: Marker) =>
      new Heard(
        media.packets.filter(({ at }) => at > answered + noticedMs && at < until),
        [],
      )
        .marker(marker)
        .map(({ from, to }) => `for ${ms(to - from)} from ${ms(from - answered)} after its answer`);
    const overheard = suspects.flatMap(({ call }) =>
      [...heardBy(call, markers.resident), ...heardBy(call, markers.police)].map((when) => ({ call, when })),
    );
    const reached = residentPhone.calls.flatMap((call) =>
      heardBy(call, markers.caller).map((when) => ({ call, when })),
    );
    const legs = suspects.map(
      ({ call, goodbyeAt }) => `suspect ${call.id}, goodbye ${goodbyeAt ? ms(goodbyeAt - answered) : 'never'}`,
    );
    return [
      ...present.map(({ call }) => `${about} was answered while the suspect's leg ${call.id} stood`),
      ...overheard.map(({ call, when }) => `the suspect ${call.id} heard ${about} ${when} (${legs})`),
      ...(suspects.length === 0
        ? []
        : reached.map(
            ({ call, when }) => `the resident heard a caller in ${call.id} during ${about} ${when} (${legs})`,
          )),
    ].map((fault) => fault + during(havoc, answered));
  });
  const beside = guarded.filter(({ suspects }) => suspects.length > 0).length;
  return {
    what: 'guarded calls connected while not clear',
    figure: `${faults.length} of ${guarded.length} connected, ${beside} beside or after a suspect (${guardedDialled} dialled)`,
    faults,
  };
}

/** Every inbound call that Asterisk took is on record once, known by its Call-ID, or by the tag of its From. */
export function judgeInbound({ placed }: Book, records: readonly InboundRecord[], havoc: Havoc): Verdict {
  const entries = placed.filter(({ direction }) => direction === 'inbound');
  const known = new Map<string, InboundRecord[]>();
  const strays: InboundRecord[] = [];
  for (const record of records) {
    const entry = entries.find(({ call }) => isOf(record, call));
    if (entry) known.set(entry.call.id, [...(known.get(entry.call.id) ?? []), record]);
    else strays.push(record);
  }
  return verdictOnRecords('calls to a line', entries, (entry) => known.get(entry.call.id) ?? [], strays, havoc);
}

function isOf({ signalling: { callId, from } }: InboundRecord, call: Entry['call']): boolean {
  return callId === null ? (from ?? '').includes(call.tag) : callId === call.id;
}

/** Milliseconds between what a phone and Asterisk call the beginning. */
const sameCallMs = 9_000;

/** A telephone's calls have no Call-ID on record: its line, the number and the time tell them apart. */
export function judgeOutgoing({ placed }: Book, records: readonly OutgoingRecord[], havoc: Havoc): Verdict {
  const entries = placed.filter(({ direction }) => direction === 'outgoing');
  const left = records.filter(({ by }) => by === 'phone').toSorted((a, b) => a.arrivedAt - b.arrivedAt);
  const known = new Map<string, OutgoingRecord[]>();
  for (const certainty of ['yes', 'perhaps', 'no'] as const)
    for (const { call, line, dialled } of entries.filter((entry) => wasTaken(entry) === certainty)) {
      const at = performance.timeOrigin + call.invitedAt;
      const index = left.findIndex(
        (record) => record.line === line && record.dialled === dialled && Math.abs(record.arrivedAt - at) < sameCallMs,
      );
      known.set(call.id, index < 0 ? [] : left.splice(index, 1));
    }
  return verdictOnRecords('calls from a line', entries, (entry) => known.get(entry.call.id) ?? [], left, havoc);
}

function verdictOnRecords(
  what: string,
  entries: readonly Entry[],
  recordsOf: (entry: Entry) => readonly { readonly id: string }[],
  strays: readonly { readonly id: string; readonly arrivedAt: number }[],
  havoc: Havoc,
): Verdict {
  const taken = entries.filter((entry) => wasTaken(entry) === 'yes');
  const missing = taken.filter((entry) => recordsOf(entry).length === 0);
  const doubled = entries.filter((entry) => recordsOf(entry).length > 1);
  const tell = ({ kind, call }: Entry) => {
    const { invitedAt, answeredAt, status } = call;
    const end = call.ended ? Math.round(call.ended.at - invitedAt) : 'none';
    const died = havoc.asteriskLived(invitedAt, call.ended?.at ?? invitedAt) ? '' : '; its Asterisk died';
    return `${kind} ${call.id}, SIP ${status}, ${answeredAt ? 'answered' : 'not answered'}, end after ${end} ms${died}${during(havoc, invitedAt)}`;
  };
  return {
    what: `${what}: records = calls placed`,
    figure: `${taken.length - missing.length} of ${taken.length}, ${doubled.length} doubled, ${strays.length} of nobody (${entries.length} INVITEs)`,
    faults: [
      ...missing.map((entry) => `missing: ${tell(entry)}`),
      ...doubled.map((entry) => `doubled: ${tell(entry)} as ${recordsOf(entry).map(({ id }) => id)}`),
      ...strays.map(({ id, arrivedAt }) => `of nobody: ${id}${during(havoc, arrivedAt - performance.timeOrigin)}`),
    ],
  };
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}

function during(havoc: Havoc, at: number): string {
  const faults = havoc.at(at);
  return ` [${Math.round(at / 1000)} s${faults.length > 0 ? `: ${faults.join(', ')}` : ''}]`;
}
