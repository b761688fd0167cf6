import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ExchangeEvent, readExchangeEvent } from '../../../services/adapters/ari-events.ts';
import { foldRecord } from '../../../services/core/record.ts';
import { strangeEvent } from '../../fuzz/ari.ts';
import { chosen } from '../../fuzz/figures.ts';
import { Dice } from '../../support/dice.ts';
import { FakeTelephony, type OnRing } from '../../support/fake-telephony.ts';
import { runner } from './runner.ts';

/**
 * Calls on an exchange whose events are mixed with others that it never should send: of unknown channels, in absurd order,
 * twice, with fields missing or of another kind. Whatever was heard, once every channel is gone so is every call, with one
 * sound record each, and nothing is kept.
 */

const { count, seed } = chosen(10_000);
/** Events of one life. */
const events = 200;
const lines = ['room-12', 'room-14', 'room-99'] as const;
const numbers = ['01923555012', '01923555014', '101', '999', '02079460000', '+', ''] as const;
const commands = [
  'answer',
  'alert',
  'play',
  'stopPlaying',
  'record',
  'recordBridge',
  'dial',
  'connect',
  'removeBridge',
  'hangUp',
  'setVariable',
  'continueInDialplan',
] as const;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 10) });
});
afterEach(() => {
  vi.useRealTimers();
});

it.each(Array.from({ length: Math.ceil(count / events) }, (_, life) => seed + life))('life %i', async (life) => {
  const dice = new Dice(life);
  /** Every channel that was ever told of, and those with which a call began. */
  const [told, admitted] = [new Set<string>(), new Set<string>()];
  const fake: FakeTelephony = new FakeTelephony({ hear: (event) => hear(event) });
  const hear = (event: ExchangeEvent) => {
    home.calls.hear(event);
    if ('channel' in event) told.add(event.channel);
    if ('peer' in event) told.add(event.peer);
    if ('channel' in event && home.calls.isRunning(event.channel)) admitted.add(event.channel);
  };
  const home = runner(Object.fromEntries(commands.map((name) => [name, fake[name].bind(fake)])));
  fake.dialplan.trunks = ['carrier', 'second'];
  fake.phones.set('PJSIP/room-12', { do: 'answer', afterMs: 500 });
  fake.phones.set(
    'PJSIP/room-14',
    dice.pick<OnRing>([{ do: 'ring' }, { do: 'busy', afterMs: 200 }, { do: 'answer', afterMs: 0 }]),
  );
  fake.phones.set('PJSIP/101@trunk-carrier', { do: 'answer', afterMs: 300 });
  const noise = dice.pick([0.05, 0.3, 0.9]);
  for (let left = events; left > 0; left -= 1) {
    if (dice.happens(0.1)) begin(fake, dice);
    if (dice.happens(0.1)) act(fake, dice);
    await vi.advanceTimersByTimeAsync(dice.below(dice.happens(0.1) ? 5_000 : 400));
    if (!dice.happens(noise)) continue;
    const channels = ['1.1', '1.2', ...fake.channels.keys()] as [string, ...string[]];
    const event = readExchangeEvent(
      JSON.parse(JSON.stringify(strangeEvent({ channels, lines, numbers }, dice)) ?? 'null'),
    );
    if (event) {
      hear(event);
      if (dice.happens(0.2)) hear(event);
    }
  }
  for (const channel of [...fake.channels.values()]) channel.hangUp();
  for (const channel of told) home.calls.hear({ type: 'ChannelGone', channel, cause: 16, at: Date.now() });
  await vi.advanceTimersByTimeAsync(3_600_000);
  expectNothingLeft(home, fake);
  expectSoundRecords(home);
  expect(home.facts.calls.map(({ record }) => record.id).toSorted()).toEqual([...admitted].toSorted());
});

it('an event without a time that is one is none', () => {
  const destroyed = {
    type: 'ChannelDestroyed',
    cause: 16,
    channel: { id: '1.1', creationtime: '2026-11-23T10:00:00Z' },
  };
  expect(readExchangeEvent({ ...destroyed, timestamp: '2026-11-23T10:00:00.000+0000' })).toMatchObject({
    channel: '1.1',
  });
  expect(readExchangeEvent({ ...destroyed, timestamp: 'soon' })).toBeNull();
});

/** Somebody calls a line, or its telephone calls out. */
function begin(fake: FakeTelephony, dice: Dice): void {
  const number = dice.pick(dice.happens(0.7) ? [numbers[0], numbers[1]] : numbers);
  const from = dice.pick(['01923555100', '02079460000', '101', '']);
  if (dice.happens(0.3)) fake.dialOut(dice.pick(['room-12', 'room-14']), dice.pick(['101', ...numbers]));
  else fake.arrive(number, dice.pick(['carrier', 'nobody']), [Buffer.from(`<sip:${from}@a>`).toString('base64')]);
}

/** Somebody who is in a call does something. */
function act(fake: FakeTelephony, dice: Dice): void {
  const channels = [...fake.channels.values()];
  const channel = channels[dice.below(channels.length)];
  if (dice.happens(0.3)) channel?.hangUp();
  else channel?.press(dice.pick(['1', '9', '0']));
}

function expectNothingLeft({ calls, log }: ReturnType<typeof runner>, fake: FakeTelephony): void {
  expect(calls.running).toBe(0);
  expect([...fake.channels.keys()]).toEqual([]);
  expect([...fake.bridges.keys()]).toEqual([]);
  for (const line of lines) expect(calls.isBusy(line)).toBe(false);
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  const whereabouts = Reflect.get(calls, 'whereabouts');
  for (const kept of ['dialled', 'names']) expect([...Reflect.get(whereabouts, kept).keys()]).toEqual([]);
}

function expectSoundRecords({ facts }: ReturnType<typeof runner>): void {
  for (const { record, journal } of facts.calls) {
    expect(record).toEqual(JSON.parse(JSON.stringify(foldRecord(record.id, journal))));
    for (const { at } of journal) expect(at).toBeGreaterThan(0);
    for (const at of [record.arrivedAt, record.endedAt]) expect(at).toBeGreaterThan(0);
  }
}
