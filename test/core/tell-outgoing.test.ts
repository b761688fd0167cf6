import { describe, expect, it } from 'vitest';
import {
  alertKinds,
  type CallEvent,
  type Effect,
  type JournalEntry,
  outcomes,
  promptNames,
} from '../../services/core/call.ts';
import type { LineEvidence, Sighting } from '../../services/core/clearance.ts';
import type { Dialled } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import { tellAlert, tellBeside, tellDialled, tellerOf, tellOutcome, tellSighting } from '../../services/core/tell.ts';
import { promptWords } from '../../services/core/words.ts';
import { monday, storedLine } from '../support/finished-call.ts';

const london = { timeZone: 'Europe/London', pack: gb };
const police: Dialled = { class: 'guarded', number: '101', prefix: null, name: 'Police' };

type Happening = DistributedOmit<CallEvent, 'at'> | Effect;
type DistributedOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** The sentences, without their times. */
function tell(...happenings: readonly Happening[]): string[] {
  const teller = tellerOf('17.1', london);
  return happenings
    .map((what): JournalEntry => {
      return 'do' in what ? { at: monday, effect: what } : { at: monday, event: { ...what, at: monday } as CallEvent };
    })
    .flatMap(teller)
    .map((sentence) => sentence.replace('10:00:00.000', '').trim());
}

const dialled = (changes: Partial<Extract<CallEvent, { type: 'Dialled' }>> = {}): Happening => ({
  type: 'Dialled',
  line: storedLine(),
  number: police,
  written: '101',
  by: 'phone',
  outOf: null,
  answered: false,
  held: false,
  trunks: ['carrier'],
  suspectTrunks: [],
  staffed: true,
  ...changes,
});

const sighting = (...channels: string[]): Sighting => ({ at: monday, tookMs: 0.4, channels, peers: [] });
const evidence = (ari: Sighting, ami: Sighting): LineEvidence => ({
  ari,
  ami,
  expectedPeer: null,
  timedTrunks: [],
  releases: [],
});

describe('a call from the line', () => {
  it('is told from the digits to the end', () => {
    expect(
      tell(
        dialled({ held: true }),
        { do: 'CutOthers' },
        { do: 'InspectLine' },
        { do: 'Raise', alert: 'line-not-clear' },
        { do: 'PutThrough', number: police, route: { kind: 'over', trunk: 'carrier' } },
        { type: 'Dialling', trunk: 'carrier' },
        { type: 'Ringing', leg: 'far' },
        { type: 'Answered', leg: 'far' },
        { type: 'HungUp', leg: 'resident', cause: 16 },
        { do: 'HangUp', leg: 'far', cause: 16 },
        { type: 'HungUp', leg: 'far', cause: 16 },
        { do: 'Conclude', ending: { outcome: 'connected', by: 'resident', cause: 16 } },
      ),
    ).toEqual([
      'The resident dials 101 (Police), a guarded number.',
      'The line is held after an earlier suspect call, or one still goes on.',
      'Clearline ends every other call of this line.',
      'Staff are alerted: the line could not be shown to be clear for a safe number.',
      'Clearline puts the resident through to 101 (Police) over the trunk carrier.',
      'The call goes out over the trunk carrier.',
      '101 (Police) rings.',
      '101 (Police) answers.',
      'The resident hangs up.',
      'Clearline ends the call with 101 (Police).',
      'The call is over: connected; ended by the resident.',
    ]);
  });

  it.each([
    [
      dialled({ by: 'ghost-dial', outOf: '17.0' }),
      'Inside the call 17.0, the resident dialled 101 (Police), a guarded number, and is being connected.',
    ],
    [
      dialled({ by: 'advice', outOf: '17.0' }),
      'After the call 17.0, the resident asked for 101 (Police), a guarded number.',
    ],
    [
      dialled({ by: 'call-back', answered: true }),
      'As promised, Clearline calls the resident back to connect 101 (Police), a guarded number.',
    ],
    [
      dialled({ number: { class: 'ordinary', number: '+441923555100', prefix: '141' }, written: '14101923555100' }),
      'The resident dials 01923 555100, keyed as 14101923555100.',
    ],
    [
      dialled({ number: { class: 'premium', number: '+449098790000', prefix: null }, written: '09098790000' }),
      /a premium-rate number, keyed as/,
    ],
    [{ type: 'CameBack', status: 'CHANUNAVAIL', cause: 20 }, 'The call is not taken: it cannot be reached (cause 20).'],
    [{ type: 'CameBack', status: 'TORTURE', cause: 0 }, 'The call is not taken: torture (cause 0).'],
    [{ type: 'DialToneHeard', leg: 'caller' }, 'A dial tone is heard in what the caller sends.'],
    [{ type: 'Released', leg: 'caller', status: 481 }, 'The carrier has let go of the call with the caller (SIP 481).'],
    [{ type: 'HungUp', leg: 'far', cause: 17 }, 'The number dialled is busy.'],
    [{ do: 'PutThrough', number: police, route: { kind: 'emergency' } }, 'Clearline has 101 (Police) called at once.'],
    [
      { do: 'PutThrough', number: police, route: { kind: 'dialplan' } },
      /^Clearline leaves 101 \(Police\) to the dialplan/,
    ],
    [
      { do: 'PutThrough', number: police, route: { kind: 'any' } },
      'Clearline puts the resident through to 101 (Police).',
    ],
    [
      { do: 'CallBackLater', number: police },
      'The resident is to be called back for 101 (Police) once the line is clear.',
    ],
    [
      { do: 'DialOut', leg: 'resident', number: '101', by: 'ghost-dial' },
      'The resident leaves this call, and 101 is called in another.',
    ],
    [{ do: 'Cut', channels: ['17.9'] }, 'Clearline cuts what else is on the line: 17.9.'],
  ] as const)('has a sentence for %j', (happening, sentence) => {
    const [said] = tell(happening);
    if (typeof sentence === 'string') expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });

  it('names 999 and a bank with their owners', () => {
    expect(tellDialled({ class: 'emergency', number: '999', prefix: null, name: 'Emergency services' })).toBe(
      '999 (Emergency services)',
    );
    expect(tellDialled({ class: 'guarded', number: '+443457404404', prefix: null, name: 'My bank' })).toBe(
      '0345 740 4404 (My bank)',
    );
  });

  it('has words for every outcome, alert and prompt', () => {
    for (const outcome of outcomes) expect(tellOutcome({ outcome })).toMatch(/ |^(connected|refused)$/);
    for (const kind of alertKinds) expect(tellAlert(kind)).toMatch(/ /);
    expect(Object.keys(promptWords).sort()).toEqual([...promptNames].sort());
  });
});

describe('a look at the line', () => {
  const busy = evidence(sighting('17.9'), sighting('17.9'));
  const clear = evidence(sighting(), sighting());

  it('is told once for as long as nothing changes', () => {
    const told = tell(
      { type: 'LineInspected', evidence: busy },
      { type: 'LineInspected', evidence: busy },
      { type: 'LineInspected', evidence: clear },
      { type: 'LineInspected', evidence: busy },
    );
    expect(told.filter((sentence) => sentence.startsWith('The line'))).toEqual([
      'The line is not clear yet.',
      'The line is clear.',
      'The line is not clear yet.',
    ]);
    expect(told.join('\n')).toContain('17.9');
  });

  it('says that the line is held while its only trunk may be held open, once, however the time runs', () => {
    const timed = (leftMs: number): Happening => ({
      type: 'LineInspected',
      evidence: { ...clear, timedTrunks: [{ trunk: 'carrier', leftMs }] },
    });
    expect(tell(dialled(), timed(90_000), timed(89_000)).slice(1)).toEqual([
      'The line is not clear yet.',
      'The far end may hold trunk carrier open for 90 s more.',
    ]);
    expect(tell(dialled(), { type: 'Answered', leg: 'far' }, timed(90_000))[2]).toBe('The line is clear.');
  });

  it('says what each witness saw', () => {
    expect(tellSighting(null)).toBe('no answer within a second');
    expect(tellSighting(sighting())).toBe('nobody else (0.4 ms)');
    expect(tellSighting(sighting('17.9', '17.10'))).toBe('17.9, 17.10 (0.4 ms)');
    expect(tellSighting({ at: monday, tookMs: 1, channels: [], peers: ['17.9'] })).toBe(
      'nobody else; connected to 17.9 (1 ms)',
    );
  });

  it('says what stands beside it: timed trunks and the carriers’ answers', () => {
    const beside = tellBeside({
      ...clear,
      timedTrunks: [{ trunk: 'gateway', leftMs: 252_000 }],
      releases: [
        { channel: '17.8', state: 'released' },
        { channel: '17.9', state: 'awaited' },
        { channel: '17.10', state: 'unknown' },
      ],
    });
    expect(beside).toEqual([
      'the far end may hold the trunk gateway open for another 4 min 12 s',
      'the carrier has let go of 17.8',
      'the carrier has not yet let go of 17.9',
      'the carrier was not heard to let go of 17.10',
    ]);
  });
});
