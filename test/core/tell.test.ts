import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../services/config.ts';
import type { CallEvent, Effect, JournalEntry } from '../../services/core/call.ts';
import { type CallerIdentity, readCaller } from '../../services/core/caller.ts';
import { decideInbound, newInboundCall } from '../../services/core/inbound.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import { foldRecord } from '../../services/core/record.ts';
import { screenCaller } from '../../services/core/screen.ts';
import { duration, tellCall, tellCaller, tellerOf } from '../../services/core/tell.ts';
import { monday, storedLine } from '../support/finished-call.ts';

const london = { timeZone: 'Europe/London', pack: gb };
const noNumbers = numberRules(gb, parseConfig('', '/site/clearline.yaml').numbers);
const rules = {
  safeNumbers: noNumbers,
  nameSeconds: 4,
  challengeSeconds: 8,
  messageSeconds: 60,
  reminderSeconds: 300,
  holdSeconds: 300,
  reportedHoldSeconds: 1800,
};

const signalling = {
  from: '"PC Jones" <sip:07700900123@trunk.example>',
  assertedIdentity: null,
  privacy: null,
  diversion: null,
  identity: null,
  callId: null,
  userAgent: null,
  sourceAddress: null,
  codecs: [],
};
const noTrust = { international: false, attests: false };
const stranger = readCaller(signalling, noTrust, noNumbers);

function arrived(caller: CallerIdentity, known: boolean): CallEvent {
  const line = known ? storedLine() : null;
  const facts = { caller, signalling, held: false, engaged: false, calledBefore: false, staffed: false, random: 0.7 };
  return { type: 'Arrived', at: monday, dialled: '01923555012', line, trunk: 'carrier', ...facts };
}

/** Milliseconds since the call arrived, and what happened or what Clearline did. */
type Happening = readonly [number, DistributedOmit<CallEvent, 'at'> | Effect];
type DistributedOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

function journalOf(happenings: readonly Happening[]): JournalEntry[] {
  return happenings.map(([after, what]) => {
    const at = monday + after;
    return 'do' in what ? { at, effect: what } : { at, event: { ...what, at } as CallEvent };
  });
}

function tell(happenings: readonly Happening[]): string[] {
  const journal = journalOf(happenings);
  const ending = { outcome: 'failed', by: 'clearline', cause: 16 } as const;
  const whole: JournalEntry[] = [{ at: monday, event: arrived(stranger, true) }, ...journal];
  return tellCall(
    { record: foldRecord('17.1', [...whole, { at: monday, effect: { do: 'Conclude', ending } }]), journal },
    london,
  );
}

describe('tellerOf', () => {
  it('tells a call while it goes on, and remembers what went before', () => {
    const tellOne = tellerOf('17.1', london);
    const entries = journalOf([
      [0, { type: 'Answered', leg: 'resident' }],
      [5, { type: 'HungUp', leg: 'resident', cause: 16 }],
    ]);
    expect(entries.map(tellOne)).toEqual([
      ['10:00:00.000  The resident answers the phone.'],
      ['10:00:00.005  The resident hangs up.'],
    ]);
  });

  it('quotes the prompts where it is given their wording', () => {
    const tellOne = tellerOf('17.1', { ...london, wording: (prompt) => `“${prompt} in full”` });
    const sounds = [{ prompt: 'please-wait' }, { tone: 'ring' }] as const;
    const [entry] = journalOf([[0, { do: 'Play', leg: 'caller', playback: '17.1-p1', sounds }]]);
    expect(entry && tellOne(entry)).toEqual([
      '10:00:00.000  The caller hears: “please-wait in full”; the ringing tone.',
    ]);
  });
});

describe('tellCall', () => {
  it('tells a stranger’s call from the first ring to the hold it leaves', () => {
    const ending = { outcome: 'talked', by: 'resident', cause: 16 } as const;
    const warning = [
      { prompt: 'whisper-unknown' },
      { prompt: 'whisper-named' },
      { recording: '17.1-name' },
      { prompt: 'whisper-warning' },
    ] as const;
    const lines = tell([
      [0, arrived(stranger, true)],
      [2, { do: 'Screen', verdict: screenCaller(stranger, storedLine(), { at: 2, held: false }) }],
      [2, { do: 'Answer', leg: 'caller' }],
      [2, { do: 'Wake', timer: 'deadline', afterMs: 30_000 }],
      [
        3,
        {
          do: 'Play',
          leg: 'caller',
          playback: '17.1-p1',
          sounds: [{ prompt: 'announcement' }, { prompt: 'say-your-name' }],
        },
      ],
      [1000, { type: 'PromptFinished', playback: '17.1-p1' }],
      [1002, { do: 'Record', leg: 'caller', recording: '17.1-name', maxSeconds: 4, silenceSeconds: 1 }],
      [2000, { type: 'RecordingFinished', recording: '17.1-name', seconds: 1.84 }],
      [
        2002,
        { do: 'Play', leg: 'caller', playback: '17.1-p2', sounds: [{ prompt: 'press-to-continue' }, { digit: '7' }] },
      ],
      [3000, { type: 'KeyPressed', leg: 'caller', digit: '7' }],
      [3001, { do: 'StopPlaying', playback: '17.1-p2' }],
      [3002, { do: 'Ring', leg: 'resident', showName: 'Unknown caller', showNumber: '+447700900123', seconds: 30 }],
      [3002, { do: 'Play', leg: 'caller', playback: '17.1-p3', sounds: [{ prompt: 'please-wait' }, { tone: 'ring' }] }],
      [4000, { type: 'Answered', leg: 'resident' }],
      [4002, { do: 'Play', leg: 'resident', playback: '17.1-p4', sounds: warning }],
      [5001, { do: 'Hold', seconds: 300, vouched: false }],
      [5002, { do: 'Connect', legs: ['caller', 'resident'], watchKeys: true }],
      [6000, { type: 'HungUp', leg: 'resident', cause: 16 }],
      [6001, { do: 'HangUp', leg: 'caller', cause: 16 }],
      [7000, { type: 'HungUp', leg: 'caller', cause: 16 }],
      [7002, { do: 'Conclude', ending }],
    ]);
    expect(lines).toEqual([
      '10:00:00.000  A call from 07700 900123, who shows the name “PC Jones”, arrives for Elsie Brown (room-12) over the trunk carrier.',
      '10:00:00.002  Clearline decides: nobody vouches for the caller; announcement, name and a digit to press, warning to the resident.',
      '              The number is on neither of this line’s lists.',
      '              In the mode in force, guarded, the caller says a name and presses a digit, and the resident hears the warning.',
      '10:00:00.002  Clearline answers the call itself.',
      '10:00:00.003  The caller hears: the announcement that this line is protected; the request to say a name.',
      '10:00:01.002  The caller may speak; up to 4 s are recorded.',
      '10:00:02.000  The caller’s name is recorded: 1.8 s.',
      '10:00:02.002  The caller hears: the digit to press to be put through; “7”.',
      '10:00:03.000  The caller presses 7.',
      '10:00:03.002  The resident’s phone rings and shows: Unknown caller, 07700 900123.',
      '10:00:03.002  The caller hears: the request to wait; the ringing tone.',
      '10:00:04.000  The resident answers the phone.',
      '10:00:04.002  The resident hears: that the caller is unknown; who the caller claims to be; the caller’s recorded words; the warning of what bank and police never ask.',
      '10:00:05.001  This call leaves the line held for 5 min.',
      '10:00:05.002  The caller and the resident can speak with one another.',
      '10:00:06.000  The resident hangs up.',
      '10:00:07.000  Clearline ends the call with the caller.',
      '10:00:07.002  The call is over: caller and resident talked; ended by the resident.',
    ]);
  });

  it('has words for whatever the flow does', () => {
    let call = newInboundCall('17.1', rules);
    const journal: JournalEntry[] = [];
    for (const event of [arrived(stranger, true), { type: 'HungUp', at: monday, leg: 'caller', cause: 16 } as const]) {
      const step = decideInbound(call, event);
      journal.push({ at: monday, event }, ...step.effects.map((effect) => ({ at: monday, effect })));
      call = step.call;
    }
    const lines = tellCall({ record: foldRecord('17.1', journal), journal }, london);
    expect(lines.join('\n')).not.toContain('undefined');
    expect(lines.at(-1)).toBe('10:00:00.000  The call is over: the caller gave up; ended by the caller.');
  });

  it('tells a call to a number nobody has, on a held line', () => {
    const [first, second] = tell([[0, { ...arrived(stranger, false), held: true } as CallEvent]]);
    expect(first).toMatch(/arrives for a number that no protected line has over the trunk carrier\.$/);
    expect(second).toBe('              The line is held after an earlier suspect call.');
  });

  it.each([
    ['resident', 17, 'The resident’s phone is busy.'],
    ['resident', 19, 'The resident’s phone is not answered.'],
    ['staff', 20, 'The staff’s phone is not registered.'],
    ['resident', 21, 'The resident’s phone refuses the call.'],
    ['far', 38, 'The number dialled does not take the call (cause 38).'],
    ['caller', 16, 'The caller hangs up.'],
  ] as const)('says what it means when the leg of the %s ends with cause %i', (leg, cause, sentence) => {
    expect(tell([[0, { type: 'HungUp', leg, cause }]])).toEqual([`10:00:00.000  ${sentence}`]);
  });

  it('says when a line was inspected, what was seen, and what Asterisk refused', () => {
    const sighting = { at: monday, tookMs: 0.4, channels: [], peers: [] };
    const evidence = { ari: sighting, ami: null, expectedPeer: null, timedTrunks: [], releases: [] };
    const lines = tell([
      [0, { type: 'LineInspected', evidence }],
      [0, { type: 'EffectFailed', effect: 'Play', about: '17.1-p1', why: 'no answer' }],
      [0, { type: 'Woke', timer: 'deadline' }],
      [0, { type: 'TakenOver' }],
      [0, { type: 'BrokenOff', why: 'no such sound' }],
    ]);
    expect(lines).toEqual([
      '10:00:00.000  The line is not clear yet.',
      '              AMI did not answer within a second.',
      '10:00:00.000  Asterisk did not do what Clearline asked (Play, 17.1-p1): no answer.',
      '10:00:00.000  The time to wait for this is up.',
      '10:00:00.000  What went on since the line above was not watched; it was pieced together afterwards.',
      '10:00:00.000  Clearline could not go on with this call: no such sound.',
    ]);
  });

  it('survives a journal that a later release wrote', () => {
    expect(tell([[0, { type: 'Teleported' } as unknown as CallEvent]])).toEqual([]);
  });
});

describe('tellCaller', () => {
  const nobody: CallerIdentity = {
    presentation: null,
    network: null,
    name: null,
    withheld: false,
    attestation: null,
    signs: [],
  };
  it.each([
    [
      'the number shown',
      { ...nobody, presentation: { written: '+441923555001', e164: '+441923555001' } },
      '01923 555001',
    ],
    [
      'the network’s number',
      { ...nobody, network: { written: '0033123456789', e164: '+33123456789' } },
      '0033 1 23 45 67 89',
    ],
    ['a short code', { ...nobody, presentation: { written: '999', e164: null } }, '999'],
    ['no number', nobody, 'no number'],
    [
      'never a withheld number',
      { ...nobody, withheld: true, network: { written: '0', e164: '+441923555001' } },
      'a withheld number',
    ],
  ])('tells %s', (_, caller, words) => {
    expect(tellCaller(caller, london)).toBe(words);
  });
});

it.each([
  [0, '0 s'],
  [59.6, '1 min'],
  [45, '45 s'],
  [125, '2 min 5 s'],
  [1800, '30 min'],
])('writes %d seconds as %s', (count, words) => {
  expect(duration(count)).toBe(words);
});
