import type { CallEvent, JournalEntry } from '../../services/core/call.ts';
import type { CallingNumber } from '../../services/core/caller.ts';
import type { StoredLine } from '../../services/core/ports.ts';
import type { FinishedCall, InboundRecord, OutgoingRecord } from '../../services/core/record.ts';

/** 10:00 UTC on some Monday: tests never need today. */
export const monday = Date.UTC(2026, 10, 23, 10);

/** A finished call to a line as the interceptor would queue it, with what the test wants changed in its record. */
export function finishedCall(changes: Partial<InboundRecord> = {}): FinishedCall & { readonly record: InboundRecord } {
  const record: InboundRecord = {
    id: '1795358400.17',
    direction: 'inbound',
    line: 'room-12',
    resident: 'Elsie Brown',
    area: 'Rickmansworth',
    dialled: '01923555012',
    trunk: 'carrier',
    clock: 'asterisk',
    arrivedAt: monday,
    answeredAt: monday + 40,
    connectedAt: null,
    endedAt: monday + 9000,
    clearedAt: monday + 9010,
    released: { at: monday + 9030, status: 200 },
    caller: {
      presentation: callingNumber('01923555001', '+441923555001'),
      network: null,
      name: 'PC Jones',
      withheld: false,
      attestation: null,
      signs: [],
    },
    signalling: {
      from: '"PC Jones" <sip:01923555001@192.0.2.7>;tag=1',
      assertedIdentity: null,
      privacy: null,
      diversion: null,
      identity: null,
      callId: 'a84b4c76e66710@192.0.2.7',
      userAgent: 'SIPp',
      sourceAddress: '192.0.2.7:5060',
      codecs: ['alaw'],
    },
    verdict: {
      standing: 'unvouched',
      treatment: 'challenge',
      wording: 'plain',
      trustedName: null,
      reasons: [{ kind: 'not-on-list', text: 'The number is on no list.' }],
    },
    held: false,
    promptsPlayed: [{ at: monday + 50, leg: 'caller', prompt: 'announcement' }],
    keys: [],
    recordings: [],
    alerts: [],
    ending: { outcome: 'challenge-failed', by: 'clearline', cause: 16 },
    holdSeconds: 300,
    faults: [],
    reconstructed: false,
    ...changes,
  };
  return {
    record,
    journal: [
      { at: record.arrivedAt, effect: { do: 'Answer', leg: 'caller' } },
      { at: record.endedAt, event: { at: record.endedAt, type: 'HungUp', leg: 'caller', cause: 16 } },
    ],
  };
}

/** A finished call from a line: 101 over a line that a stranger's leg still held at first. */
export function finishedOutgoing(
  changes: Partial<OutgoingRecord> = {},
): FinishedCall & { readonly record: OutgoingRecord } {
  const at = monday + 60_000;
  const sighting = (channels: readonly string[]) => ({ at, tookMs: 0.4, channels, peers: [] });
  const evidence = { expectedPeer: null, timedTrunks: [], releases: [] };
  const looks: OutgoingRecord['looks'] = [
    {
      at: at + 2,
      evidence: { ...evidence, ari: sighting(['17.9']), ami: sighting(['17.9']) },
      assessment: { state: 'clearing', suspects: ['17.9'], reasons: ['channel 17.9 still exists'] },
    },
    {
      at: at + 20,
      evidence: { ...evidence, ari: sighting([]), ami: sighting([]) },
      assessment: { state: 'clear', reasons: ['ARI and AMI both see no other channel of the line'] },
    },
  ];
  const record: OutgoingRecord = {
    id: '1795358400.31',
    direction: 'outgoing',
    line: 'room-12',
    resident: 'Elsie Brown',
    area: 'Rickmansworth',
    dialled: '101',
    number: { class: 'guarded', number: '101', prefix: null, name: 'Police' },
    by: 'phone',
    outOf: null,
    trunk: 'carrier',
    attempts: [{ at: at + 25, trunk: 'carrier' }],
    looks,
    clearedAt: at + 20,
    clock: 'asterisk',
    arrivedAt: at,
    answeredAt: at + 3000,
    connectedAt: at + 3000,
    endedAt: at + 60_000,
    held: true,
    promptsPlayed: [],
    keys: [],
    recordings: [],
    alerts: [],
    ending: { outcome: 'connected', by: 'resident', cause: 16 },
    faults: [],
    reconstructed: false,
    ...changes,
  };
  return {
    record,
    journal: [
      { at: record.arrivedAt, event: dialledEvent(record) },
      ...looks.map((look): JournalEntry => {
        return { at: look.at, event: { at: look.at, type: 'LineInspected', evidence: look.evidence } };
      }),
      { at: record.endedAt, event: { at: record.endedAt, type: 'HungUp', leg: 'resident', cause: 16 } },
    ],
  };
}

function dialledEvent({ arrivedAt, number, dialled, by, outOf, held }: OutgoingRecord): CallEvent {
  const facts = { answered: false, trunks: ['carrier'], suspectTrunks: [], staffed: true };
  return { at: arrivedAt, type: 'Dialled', line: storedLine(), number, written: dialled, by, outOf, held, ...facts };
}

export function callingNumber(written: string, e164: string | null = null): CallingNumber {
  return { written, e164 };
}

export function storedLine(changes: Partial<StoredLine> = {}): StoredLine {
  return {
    id: 'room-12',
    number: '+441923555012',
    resident: 'Elsie Brown',
    area: 'Rickmansworth',
    mode: 'guarded',
    trusted: [
      { number: '+441923555100', name: 'Anna' },
      { number: '201', name: 'Kitchen' },
    ],
    blocked: ['+441923555666'],
    recordCalls: false,
    toneWatch: true,
    ringSeconds: 30,
    phoneSecret: 'correct horse battery staple',
    ...changes,
  };
}
