import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecordingShelf } from '../../services/adapters/recordings.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { CallEvent, Effect, JournalEntry } from '../../services/core/call.ts';
import type { Signalling } from '../../services/core/caller.ts';
import { type Incident, nothingKnown } from '../../services/core/incident/incident.ts';
import { foldRecord } from '../../services/core/record.ts';
import { makePack, type PackParts, type PackRequest } from '../../services/evidence/make-pack.ts';
import { ensureSiteKey } from '../../services/evidence/site-key.ts';
import { encodeWav } from '../../services/wav.ts';
import { type TemporaryConfig, temporaryConfig } from './config.ts';
import { finishedOutgoing, monday, storedLine } from './finished-call.ts';

/** A fraud as it may really come to be on record, with everything a caller can do to whoever reads of it. */

/** Names and headers that must neither break nor deceive a page. */
export const nasty = {
  name: 'PC J\u202eones\u202c \0 <b>\ud800 電話 😀 \u0627\u0644\u0634 a\u0301\u0301\u0301\u0301',
  from: `"PC <script>alert(1)</script> \u202e\0\ud800" <sip:01923555001@192.0.2.7>;tag=1;x=${'long-'.repeat(2000)}`,
  callId: `${'9'.repeat(300)}@192.0.2.7`,
} as const;

export const suspectId = '5bb93ec6-1795362185.3';

/** A call that the resident reported, with a recording. */
function suspectCall(id: string = suspectId) {
  const event = (after: number, rest: { type: CallEvent['type'] } & Record<string, unknown>) =>
    ({ at: monday + after, event: { at: monday + after, ...rest } as CallEvent }) satisfies JournalEntry;
  const effect = (after: number, rest: Effect): JournalEntry => ({ at: monday + after, effect: rest });
  const signalling: Signalling = {
    from: nasty.from,
    assertedIdentity: '<sip:+447700900123@192.0.2.7>',
    privacy: null,
    diversion: '<sip:02079460000@192.0.2.9>;reason=unconditional',
    identity: null,
    callId: nasty.callId,
    userAgent: 'SIPp',
    sourceAddress: '192.0.2.7:5060',
    codecs: ['alaw', 'ulaw'],
  };
  const caller = {
    presentation: { written: '01923555001', e164: '+441923555001' },
    network: { written: '+447700900123', e164: '+447700900123' },
    name: nasty.name,
    withheld: false,
    attestation: null,
    signs: [{ kind: 'identities-differ', text: 'The number shown is not the one the network gave.' }],
  } as const;
  const journal: JournalEntry[] = [
    event(0, {
      type: 'Arrived',
      dialled: '01923555012',
      line: storedLine(),
      trunk: 'carrier',
      caller,
      signalling,
      held: false,
      engaged: false,
      calledBefore: false,
      staffed: true,
      random: 0.5,
    }),
    effect(1, {
      do: 'Screen',
      verdict: {
        standing: 'unvouched',
        treatment: 'challenge',
        wording: 'plain',
        trustedName: null,
        reasons: [{ kind: 'not-on-list', text: 'The number is on no list.' }],
      },
    }),
    effect(2, { do: 'Answer', leg: 'caller' }),
    effect(3, { do: 'Play', leg: 'caller', playback: 'p1', sounds: [{ prompt: 'announcement' }] }),
    event(9000, { type: 'KeyPressed', leg: 'caller', digit: '4' }),
    effect(9010, {
      do: 'Ring',
      leg: 'resident',
      showName: `Unknown: ${nasty.name}`,
      showNumber: '+441923555001',
      seconds: 30,
    }),
    event(14_000, { type: 'Answered', leg: 'resident' }),
    effect(14_010, { do: 'Play', leg: 'resident', playback: 'p2', sounds: [{ prompt: 'whisper-warning' }] }),
    effect(20_000, { do: 'Connect', legs: ['caller', 'resident'], watchKeys: true }),
    effect(20_001, { do: 'RecordCall', recording: `${id}-call` }),
    event(95_000, { type: 'KeyPressed', leg: 'resident', digit: '*' }),
    effect(95_001, { do: 'Raise', alert: 'reported' }),
    effect(95_002, { do: 'HangUp', leg: 'caller', cause: 16 }),
    event(95_020, { type: 'HungUp', leg: 'caller', cause: 16 }),
    event(95_040, { type: 'Released', leg: 'caller', status: 200 }),
    effect(95_050, { do: 'Hold', seconds: 1800, vouched: false }),
    effect(95_060, { do: 'Conclude', ending: { outcome: 'reported', by: 'resident', cause: 16 } }),
  ];
  return { record: foldRecord(id, journal), journal };
}

/** What staff put on record of it. */
export function reportedIncident(changes: Partial<Incident> = {}): Incident {
  return {
    ...nothingKnown,
    id: `incident-${suspectId}`,
    at: monday,
    openedAt: monday + 95_000,
    openedBy: 'resident',
    openedFor: 'reported',
    line: 'room-12',
    resident: 'Elsie Brown',
    area: 'Rickmansworth',
    calls: [suspectId],
    campaign: null,
    status: 'open',
    legalHold: { since: monday + 100_000, by: 'anna', why: 'the police asked for it' },
    version: 1,
    outcome: 'agreed',
    endedBy: 'resident',
    suspicion: 'He asked her to keep it from her daughter.',
    caller: {
      ...nothingKnown.caller,
      name: 'Detective Sergeant Mark Jones',
      rank: 'Detective Sergeant',
      organisation: 'Hertfordshire police',
      role: 'police',
      callBackNumber: '101',
      pretext: 'account-compromised',
      secrecyDemanded: true,
      rulesBroken: ['asks-to-withdraw', 'asks-to-send'],
      words: `Your account is compromised, \u202eesrever\u202c. ${'Do not tell anybody at the bank. '.repeat(12)}`,
    },
    asked: ['cash', 'card'],
    given: ['bank-name'],
    loss: { cash: 0, recovered: null },
    courier: { at: monday + 3_600_000, description: 'a man in a grey coat', vehicle: 'a blue van' },
    victim: { contact: 'by her daughter Anna', ageBand: '80-89', needs: 'hard of hearing', consent: true },
    actions: [
      { what: '101', at: monday + 600_000, by: 'anna', reference: '41/12345/26', note: 'crime reported' },
      { what: 'bank', at: monday + 900_000, by: 'anna', reference: null, note: null },
    ],
    notes: [{ at: monday + 700_000, by: 'anna', text: 'She is shaken.\nDaughter is on her way.' }],
    ...changes,
  };
}

export interface EvidenceDesk {
  readonly site: TemporaryConfig;
  readonly store: Store;
  readonly parts: PackParts;
  /** Makes a pack of the incident in the site's folder. */
  pack(changes?: Partial<PackRequest>): ReturnType<typeof makePack>;
  path(name: string): string;
  close(): Promise<void>;
}

/** A site with one reported call, a call to 101 after it, the incident, and a recording of `seconds` of sound. */
export async function evidenceDesk({ incident = reportedIncident(), seconds = 1 } = {}): Promise<EvidenceDesk> {
  const site = temporaryConfig('site: { name: Cedar House, area: Rickmansworth }');
  const { config } = site;
  const store = await openStore(config);
  await store.calls.save(suspectCall());
  await store.calls.save(finishedOutgoing());
  await store.incidents.open(incident);
  mkdirSync(config.paths.recordings, { recursive: true });
  const sound = new Int16Array(8000 * seconds).map((_, at) => Math.round(8000 * Math.sin((at * Math.PI) / 20)));
  writeFileSync(join(config.paths.recordings, `${suspectId}-call.wav`), encodeWav(sound, 8000));
  const shelf = openRecordingShelf(config.paths.recordings, store.accessLog);
  const parts: PackParts = { store, shelf, key: ensureSiteKey(config), site: config.site, version: '0.0.0' };
  const path = (name: string) => join(config.paths.data, name);
  const asked = { incident: incident.id, by: 'anna', at: monday + 86_400_000, withoutConsentBecause: null };
  return {
    site,
    store,
    parts,
    path,
    pack: (changes = {}) => makePack(parts, { ...asked, file: path('pack.zip'), ...changes }),
    async close() {
      await store.close();
      site.remove();
    },
  };
}
