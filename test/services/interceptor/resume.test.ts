import { describe, expect, it } from 'vitest';
import type { ChannelSighting } from '../../../services/adapters/ari-http.ts';
import type { CallEvent, Effect, JournalEntry, Leg } from '../../../services/core/call.ts';
import type { LegState } from '../../../services/core/step.ts';
import {
  type CallView,
  lostWithProcess,
  missed,
  outstanding,
  peerOf,
  type Seen,
} from '../../../services/interceptor/restart/resume.ts';

/** What a call that nobody watched has missed, and what of it is done again: a row a case. */

const now = 100_000;
const none: Record<Leg, LegState> = { caller: 'none', resident: 'none', staff: 'none', far: 'none' };

function call(changes: Partial<CallView> = {}): CallView {
  return {
    id: '1.1',
    first: 'caller',
    legs: { ...none, caller: 'up', resident: 'up' },
    stage: 'talking',
    playing: null,
    comfort: null,
    journal: [],
    channelOf: (leg) => (leg === 'caller' ? '1.1' : leg === 'far' ? '9.9' : `1.1-${leg}`),
    ...changes,
  };
}

const outgoing = (changes: Partial<CallView>): CallView =>
  call({
    first: 'resident',
    legs: { ...none, resident: 'up' },
    channelOf: (leg) => (leg === 'resident' ? '1.1' : leg === 'far' ? '9.9' : `1.1-${leg}`),
    ...changes,
  });

function channel(id: string, changes: Partial<ChannelSighting> = {}): ChannelSighting {
  const given = 'clearline,inbound,01923555012,net';
  return { id, name: id, line: '', context: '', extension: 's', application: 'Stasis', given, state: 'Up', ...changes };
}

function seen(channels: readonly ChannelSighting[], more: Partial<Seen> = {}): Seen {
  const known = new Map(channels.map((one) => [one.id, one]));
  return { channels: known, bridges: [], over: new Set(), ended: new Map(), ...more };
}

const did = (effect: Effect, at = 1): JournalEntry => ({ at, effect });
const heard = (event: CallEvent): JournalEntry => ({ at: event.at, event });
const both = [channel('1.1'), channel('1.1-resident')];
const talk = { id: '1.1-talk', channels: ['1.1', '1.1-resident'] };

describe('what was missed', () => {
  const ringing = call({ stage: 'ringing', legs: { ...none, caller: 'up', resident: 'ringing' } });
  it.each<[string, CallView, Seen, readonly Partial<CallEvent>[]]>([
    ['nothing where everybody is still there', call(), seen(both), []],
    [
      'a caller who is gone',
      call(),
      seen([channel('1.1-resident')]),
      [{ type: 'HungUp', leg: 'caller', cause: 0, at: now }],
    ],
    [
      'a caller who is gone, as Asterisk noted it',
      call(),
      seen([channel('1.1-resident')], { ended: new Map([['1.1', { endedAt: 90_000, cause: 16, facts: null }]]) }),
      [{ type: 'HungUp', leg: 'caller', cause: 16, at: 90_000 }],
    ],
    [
      'both, the one first whose end came first',
      call(),
      seen([], { ended: new Map([['1.1', { endedAt: 90_000, cause: 16, facts: null }]]) }),
      [{ leg: 'caller' }, { leg: 'resident' }],
    ],
    ['a telephone that was picked up', ringing, seen(both), [{ type: 'Answered', leg: 'resident', at: now }]],
    [
      'nothing while it rings',
      ringing,
      seen([channel('1.1'), channel('1.1-resident', { application: 'AppDial2', state: 'Ringing' })]),
      [],
    ],
    [
      'a resident’s leg that went on to dial: it is this call’s no more',
      call(),
      seen([channel('1.1'), channel('1.1-resident', { application: 'Dial', context: 'emergency' })]),
      [{ type: 'HungUp', leg: 'resident', cause: 16 }],
    ],
    [
      'a far end that is gone',
      outgoing({ stage: 'connected', legs: { ...none, resident: 'up', far: 'up' } }),
      seen([channel('1.1', { application: 'Dial' })]),
      [{ type: 'HungUp', leg: 'far' }],
    ],
  ])('%s', (_, of, sight, events) => {
    expect(missed(of, sight, now)).toMatchObject(events);
    expect(missed(of, sight, now)).toHaveLength(events.length);
  });
});

describe('what is done again', () => {
  const play: Effect = { do: 'Play', leg: 'resident', playback: '1.1-p3', sounds: [{ prompt: 'whisper-warning' }] };
  const deadline: Effect = { do: 'Wake', timer: 'deadline', afterMs: 60_000 };
  const whispering = call({ stage: 'whispering', playing: '1.1-p3', journal: [did(deadline), did(play)] });
  const over = new Set(['1.1-p3', '1.1-name']);
  const connect: Effect = { do: 'Connect', legs: ['caller', 'resident'], watchKeys: true };
  const hangUp: Effect = { do: 'HangUp', leg: 'caller', cause: 16 };
  const ring: Effect = { do: 'Ring', leg: 'staff', showName: '', showNumber: null, seconds: 30 };
  const answer: Effect = { do: 'Answer', leg: 'caller' };
  it.each<[string, CallView, Seen, readonly Effect[]]>([
    ['a warning that may not have been heard, with all its time', whispering, seen(both, { over }), [play, deadline]],
    ['not one that still plays', whispering, seen(both), []],
    [
      'not one to somebody who is gone',
      { ...whispering, legs: { ...none, caller: 'up', resident: 'gone' } },
      seen(both, { over }),
      [],
    ],
    [
      'words to a resident who waits, whose time goes on',
      outgoing({ stage: 'checking', playing: '1.1-p3', journal: [did(deadline), did(play)] }),
      seen([channel('1.1')], { over }),
      [play],
    ],
    ['a connection that never was', call({ journal: [did(connect)] }), seen(both), [connect]],
    ['not one that is', call({ journal: [did(connect)] }), seen(both, { bridges: [talk] }), []],
    [
      'not one of a stage in which they are not to talk',
      call({ stage: 'whispering', journal: [did(connect)] }),
      seen(both),
      [],
    ],
    ['not one with somebody who is gone', call({ journal: [did(connect)] }), seen([channel('1.1')]), []],
    [
      'a hang-up of somebody who is still there',
      call({ stage: 'closing', journal: [did(hangUp)] }),
      seen(both),
      [hangUp],
    ],
    ['not of somebody who is gone', call({ stage: 'closing', journal: [did(hangUp)] }), seen([]), []],
    [
      'not of a telephone that was rung again since',
      call({
        legs: { ...none, caller: 'up', staff: 'ringing' },
        journal: [did({ ...hangUp, leg: 'staff' }), did(ring)],
      }),
      seen([channel('1.1'), channel('1.1-staff')]),
      [],
    ],
    [
      'an answer that Asterisk has not given',
      call({ journal: [did(answer)] }),
      seen([channel('1.1', { state: 'Ring' })]),
      [answer],
    ],
    ['not one that it has', call({ journal: [did(answer)] }), seen(both), []],
  ])('%s', (_, of, sight, effects) => {
    expect(outstanding(of, sight, now).again.map(({ effect }) => effect)).toEqual(effects);
  });
});

describe('what ended unheard', () => {
  const record: Effect = { do: 'Record', leg: 'caller', recording: '1.1-name', maxSeconds: 4, silenceSeconds: 2 };
  const naming = call({ stage: 'naming', journal: [did(record, now - 3_000)] });
  const put: Effect = {
    do: 'PutThrough',
    number: { class: 'guarded', number: '101', prefix: null },
    route: { kind: 'over', trunk: 'net' },
  };
  const goneOn = (at: number) => outgoing({ stage: 'gone-on', journal: [did(put, at)] });
  it.each<[string, CallView, Seen, readonly Partial<CallEvent>[]]>([
    ['a recording', naming, seen(both, { over: new Set(['1.1-name']) }), [{ type: 'RecordingFinished', seconds: 3 }]],
    ['not one that goes on', naming, seen(both), []],
    [
      'not one whose end was heard',
      call({
        ...naming,
        journal: [...naming.journal, heard({ type: 'RecordingFinished', recording: '1.1-name', seconds: 1, at: 5 })],
      }),
      seen(both, { over: new Set(['1.1-name']) }),
      [],
    ],
    [
      'a reminder, which is not said twice',
      call({ playing: '1.1-p9' }),
      seen(both, { over: new Set(['1.1-p9']) }),
      [{ type: 'PromptFinished', playback: '1.1-p9' }],
    ],
    ['a hand-over that never was', goneOn(now - 5_000), seen([channel('1.1')]), [{ type: 'CameBack', status: '' }]],
    ['not one that is on its way', goneOn(now - 500), seen([channel('1.1')]), []],
    ['not one that was done', goneOn(now - 5_000), seen([channel('1.1', { application: 'Dial' })]), []],
    [
      'a resident given back',
      goneOn(now - 500),
      seen([channel('1.1', { given: 'clearline,back,CONGESTION,034' })]),
      [{ type: 'CameBack', status: 'CONGESTION', cause: 34 }],
    ],
  ])('%s', (_, of, sight, events) => {
    expect(outstanding(of, sight, now).events).toMatchObject(events);
    expect(outstanding(of, sight, now).events).toHaveLength(events.length);
  });
});

it('whom the dialplan connected is known by its bridge, and nobody by Clearline’s', () => {
  const far = channel('9.9', { name: 'PJSIP/trunk-net-0000000a' });
  const bridges = [{ id: 'a4e8', channels: ['1.1', '9.9'] }];
  expect(peerOf('1.1', seen([channel('1.1'), far], { bridges }))).toBe(far);
  expect(peerOf('1.1', seen(both, { bridges: [talk] }))).toBeNull();
  expect(peerOf('1.1', seen(both))).toBeNull();
});

it('what only the process knew is told again: alerts, the hold, who is listened to, and what was promised', () => {
  const raise: Effect = { do: 'Raise', alert: 'call-while-held' };
  const hold = (seconds: number): Effect => ({ do: 'Hold', seconds, vouched: false });
  const listen: Effect = { do: 'Listen', leg: 'caller' };
  const journal = [did(raise), did(hold(0)), did(hold(300)), did(listen)];
  const again = (of: CallView) => lostWithProcess(of).map(({ effect }) => effect);
  expect(again(call({ journal }))).toEqual([raise, hold(300), listen]);
  expect(again(call({ journal, stage: 'advising', legs: { ...none, caller: 'gone', resident: 'up' } }))).toEqual([
    raise,
  ]);
  const later: Effect = { do: 'CallBackLater', number: { class: 'guarded', number: '101', prefix: null } };
  expect(again(outgoing({ stage: 'promising', journal: [did(later)] }))).toEqual([later]);
});
