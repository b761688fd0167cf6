import { describe, expect, test } from 'vitest';
import { gone, ok, onBothExchanges, refused } from '../support/exchange-suite.ts';
import { until } from '../support/until.ts';

/** Asterisk, and the fake that the flow tests use, behave alike wherever Clearline could tell: telephones rung, bridges. */

const word = { prompt: 'goodbye' } as const;

onBothExchanges((scene) => {
  describe('a telephone that is rung', () => {
    const resident = () => `${scene.id}-resident`;

    test('answers, and is known by its call and leg', async () => {
      expect(await scene.dial()).toEqual(ok);
      expect(await scene.heard('ChannelEntered', resident())).toMatchObject({ args: ['leg', scene.id, 'resident'] });
      expect(scene.exchange.rung(resident()).answered).toBe(true);
    });

    test.each([
      ['is busy', { do: 'busy', afterMs: 30 }, 17],
      ['declines', { do: 'decline', afterMs: 30 }, 21],
    ] as const)('%s', async (_what, onRing, cause) => {
      scene.exchange.onRing(onRing);
      expect(await scene.dial()).toEqual(ok);
      expect(await scene.heard('ChannelGone', resident())).toMatchObject({ cause });
      expect(scene.all('ChannelEntered', resident())).toEqual([]);
    });

    test.each([{ do: 'ring' }, { do: 'dead' }] as const)('does not answer in time ($do)', async (onRing) => {
      scene.exchange.onRing(onRing);
      const before = performance.now();
      expect(await scene.dial(scene.exchange.endpoint, 1)).toEqual(ok);
      expect(await scene.heard('ChannelGone', resident())).toMatchObject({ cause: 19 });
      expect(performance.now() - before).toBeGreaterThan(900);
    });

    test('is not registered', async () => {
      expect(await scene.dial(scene.exchange.absent)).toEqual(refused);
      expect(scene.all('ChannelGone', resident())).toEqual([]);
    });

    test('is hung up while it rings, with the cause named', async () => {
      scene.exchange.onRing({ do: 'ring' });
      await scene.dial();
      expect(await scene.telephony.hangUp(resident(), 19)).toEqual(ok);
      expect(await scene.heard('ChannelGone', resident())).toMatchObject({ cause: 19 });
    });

    test('cannot be rung twice under one name, and nothing plays to it yet', async () => {
      scene.exchange.onRing({ do: 'ring' });
      await scene.dial();
      expect(await scene.dial()).toEqual(refused);
      expect(await scene.telephony.play(resident(), `${scene.id}-p1`, [word])).toEqual(refused);
      expect(await scene.telephony.connect(`${scene.id}-talk`, [scene.id, resident()], false)).toEqual(gone);
      scene.bridges.push(`${scene.id}-talk`);
    });
  });

  describe('a bridge', () => {
    test('lets two hear one another, until it is removed', async () => {
      const resident = await scene.connected(false);
      void scene.caller.speak(3000);
      void resident.speak(3000);
      await until('the resident hears the caller', () => resident.hears(scene.caller));
      await until('the caller hears the resident', () => scene.caller.hears(resident));
      expect(await scene.telephony.removeBridge(`${scene.id}-talk`)).toEqual(ok);
      expect(await scene.telephony.removeBridge(`${scene.id}-talk`)).toMatchObject({ ok: false });
    });

    test('that watches keys tells them of both, in order', async () => {
      const resident = await scene.connected(true);
      resident.press('1');
      scene.caller.press('*');
      await until(
        'both keys are told',
        () =>
          scene.all('DigitReceived', scene.id).length + scene.all('DigitReceived', `${scene.id}-resident`).length === 2,
      );
      expect(scene.all('DigitReceived', `${scene.id}-resident`)).toMatchObject([{ digit: '1' }]);
      expect(scene.all('DigitReceived', scene.id)).toMatchObject([{ digit: '*' }]);
    });

    test('that does not watch keys tells none', async () => {
      const resident = await scene.connected(false);
      resident.press('1');
      await resident.speak(300);
      await scene.telephony.removeBridge(`${scene.id}-talk`);
      resident.press('2');
      await scene.heard('DigitReceived', `${scene.id}-resident`);
      expect(scene.all('DigitReceived', `${scene.id}-resident`)).toMatchObject([{ digit: '2' }]);
    });

    test('keeps whoever is left when the other leaves, and plays to them', async () => {
      const resident = await scene.connected(true);
      scene.caller.hangUp();
      await scene.heard('ChannelGone', scene.id);
      expect(await scene.telephony.play(`${scene.id}-resident`, `${scene.id}-p1`, [word])).toEqual(ok);
      expect(await scene.heard('PlaybackEnded', `${scene.id}-p1`)).toMatchObject({ failed: false });
      resident.hangUp();
      await scene.heard('ChannelGone', `${scene.id}-resident`);
      expect(await scene.telephony.removeBridge(`${scene.id}-talk`)).toEqual(ok);
    });

    test('takes a channel out of the one it was in', async () => {
      const resident = await scene.connected(false);
      scene.bridges.push(`${scene.id}-onward`);
      expect(await scene.telephony.connect(`${scene.id}-onward`, [`${scene.id}-resident`], true)).toEqual(ok);
      resident.press('7');
      await until(
        'the new bridge, which watches, tells the key',
        () => scene.all('DigitReceived', `${scene.id}-resident`).length === 1,
      );
    });

    test('does not take a channel that is gone', async () => {
      await scene.answered();
      scene.bridges.push(`${scene.id}-talk`);
      expect(await scene.telephony.connect(`${scene.id}-talk`, [scene.id, `${scene.id}-resident`], true)).toEqual(gone);
    });

    test('is recorded until it is removed', async () => {
      await scene.connected(true);
      expect(await scene.telephony.recordBridge(`${scene.id}-talk`, `${scene.id}-call`)).toEqual(ok);
      await scene.telephony.removeBridge(`${scene.id}-talk`);
      await scene.heard('RecordingEnded', `${scene.id}-call`);
      expect(await scene.telephony.recordBridge(`${scene.id}-talk`, `${scene.id}-call`)).toEqual(gone);
    });
  });

  test('nothing can be done with a channel that is gone', async () => {
    expect(await scene.telephony.setVariable(scene.id, 'CLEARLINE_HOLD_SECONDS', '0')).toEqual(ok);
    scene.caller.hangUp();
    await scene.heard('ChannelGone', scene.id);
    const replies = [
      scene.telephony.answer(scene.id),
      scene.telephony.alert(scene.id),
      scene.telephony.play(scene.id, `${scene.id}-p1`, [word]),
      scene.telephony.record(scene.id, `${scene.id}-name`, 4, 1),
      scene.telephony.setVariable(scene.id, 'CLEARLINE_HOLD_SECONDS', '0'),
      scene.telephony.hangUp(scene.id, 16),
      scene.telephony.hangUp(scene.id, 16),
    ];
    expect(await Promise.all(replies)).toEqual(replies.map(() => gone));
  });
});
