import { beforeEach, describe, expect, test } from 'vitest';
import type { Reply } from '../../services/core/ports.ts';
import { gone, ok, onBothExchanges } from '../support/exchange-suite.ts';
import { promptMs } from '../support/exchanges.ts';
import { until } from '../support/until.ts';

/** Asterisk, and the fake that the flow tests use, behave alike wherever Clearline could tell: a call, its sounds. */

const word = { prompt: 'goodbye' } as const;

onBothExchanges((scene) => {
  describe('an arrival', () => {
    test('enters with the number dialled and the trunk, and rings when told', async () => {
      expect(await scene.heard('ChannelEntered', scene.id)).toMatchObject({
        args: expect.arrayContaining(['inbound', 'net']),
      });
      expect(scene.caller.rings).toBe(false);
      expect(await scene.telephony.alert(scene.id)).toEqual(ok);
      await until('it rings', () => scene.caller.rings);
      expect(scene.caller.answered).toBe(false);
    });

    test('is answered, and answered again without harm', async () => {
      await scene.answered();
      expect(await scene.telephony.answer(scene.id)).toEqual(ok);
    });

    test('is refused with a cause that the caller is told', async () => {
      expect(await scene.telephony.hangUp(scene.id, 17)).toEqual(ok);
      expect(await scene.heard('ChannelGone', scene.id)).toMatchObject({ cause: 17 });
      await until('the caller is told', () => scene.caller.cause === 17);
    });

    test('is cancelled by the caller', async () => {
      await scene.telephony.alert(scene.id);
      scene.caller.hangUp();
      expect(await scene.heard('ChannelGone', scene.id)).toMatchObject({ cause: 127 });
      expect(scene.story(scene.id)).toEqual([
        `ChannelEntered ${scene.id}`,
        `ChannelLeaving ${scene.id}`,
        `FactsTold ${scene.id}`,
        `ChannelGone ${scene.id}`,
      ]);
    });
  });

  describe('a playback', () => {
    beforeEach(() => scene.answered());

    test('ends when it is heard', async () => {
      const before = performance.now();
      expect(await scene.telephony.play(scene.id, `${scene.id}-p1`, [word, { digit: '5' }])).toEqual(ok);
      expect(await scene.heard('PlaybackEnded', `${scene.id}-p1`)).toMatchObject({ failed: false });
      expect(performance.now() - before).toBeGreaterThan(promptMs * 1.8);
      expect(await scene.telephony.stopPlaying(`${scene.id}-p1`)).toEqual(gone);
      expect(scene.all('PlaybackEnded', `${scene.id}-p1`)).toHaveLength(1);
    });

    test('waits for the one before', async () => {
      await Promise.all([
        scene.telephony.play(scene.id, `${scene.id}-p1`, [word]),
        scene.telephony.play(scene.id, `${scene.id}-p2`, [word]),
      ]);
      const second = await scene.heard('PlaybackEnded', `${scene.id}-p2`);
      const [first] = scene.all('PlaybackEnded', `${scene.id}-p1`);
      expect((second?.at ?? 0) - (first?.at ?? Number.NaN)).toBeGreaterThan(promptMs * 0.8);
    });

    test('goes on as long as a tone does, and is stopped', async () => {
      const other = await scene.exchange.arrive();
      await scene.telephony.play(scene.id, `${scene.id}-p1`, [word, { tone: 'ring' }]);
      await scene.telephony.play(scene.id, `${scene.id}-p2`, [word]);
      await scene.telephony.answer(other.id);
      await scene.telephony.play(other.id, `${other.id}-p1`, [word, word, word]);
      await scene.heard('PlaybackEnded', `${other.id}-p1`);
      await scene.telephony.hangUp(other.id, 16);
      expect(scene.all('PlaybackEnded', `${scene.id}-p1`)).toEqual([]);
      expect(await scene.telephony.stopPlaying(`${scene.id}-p1`)).toEqual(ok);
      expect(await scene.heard('PlaybackEnded', `${scene.id}-p1`)).toMatchObject({ failed: false });
      await scene.heard('PlaybackEnded', `${scene.id}-p2`);
    });

    test('stopped while it waits in line ends in its turn, unheard', async () => {
      await scene.telephony.play(scene.id, `${scene.id}-p1`, [word, word]);
      await scene.telephony.play(scene.id, `${scene.id}-p2`, [word, word, word]);
      expect(await scene.telephony.stopPlaying(`${scene.id}-p2`)).toEqual(ok);
      const second = await scene.heard('PlaybackEnded', `${scene.id}-p2`);
      const [first] = scene.all('PlaybackEnded', `${scene.id}-p1`);
      expect((second?.at ?? 0) - (first?.at ?? Number.NaN)).toBeLessThan(2.5 * promptMs);
    });

    test('fails when the caller hangs up, with all that wait; the hang-up is announced before and told after', async () => {
      await scene.telephony.play(scene.id, `${scene.id}-p1`, [word, word]);
      await scene.telephony.play(scene.id, `${scene.id}-p2`, [word]);
      scene.caller.hangUp();
      await scene.heard('ChannelGone', scene.id);
      expect(scene.all('PlaybackEnded', `${scene.id}-p1`)).toEqual([expect.objectContaining({ failed: true })]);
      expect(scene.all('PlaybackEnded', `${scene.id}-p2`)).toEqual([expect.objectContaining({ failed: true })]);
      expect(scene.story(scene.id, `${scene.id}-p1`, `${scene.id}-p2`)).toEqual([
        `ChannelEntered ${scene.id}`,
        `ChannelLeaving ${scene.id}`,
        `PlaybackEnded ${scene.id}-p1`,
        `PlaybackEnded ${scene.id}-p2`,
        `FactsTold ${scene.id}`,
        `ChannelGone ${scene.id}`,
      ]);
    });

    test('keeps the channel from being answered or connected, and every later command from being served', async () => {
      await scene.telephony.play(scene.id, `${scene.id}-p1`, [word, word]);
      scene.bridges.push(`${scene.id}-talk`);
      const endedBy = async (command: Promise<Reply>) => {
        await command;
        return scene.all('PlaybackEnded', `${scene.id}-p1`);
      };
      const connects = endedBy(scene.telephony.connect(`${scene.id}-talk`, [scene.id], false));
      const next = endedBy(scene.telephony.stopPlaying('nothing'));
      expect(await connects).toMatchObject([{ failed: false }]);
      expect(await next).toHaveLength(1);
    });
  });

  describe('a recording', () => {
    beforeEach(() => scene.answered());

    const lasts = async (maxSeconds: number, silenceSeconds: number, meanwhile: () => void) => {
      const before = Date.now();
      expect(await scene.telephony.record(scene.id, `${scene.id}-name`, maxSeconds, silenceSeconds)).toEqual(ok);
      meanwhile();
      const ended = await scene.heard('RecordingEnded', `${scene.id}-name`);
      return (ended?.at ?? 0) - before;
    };

    test('of silence ends when the silence is up', async () => {
      const ms = await lasts(4, 1, () => {});
      expect(ms).toBeGreaterThan(900);
      expect(ms).toBeLessThan(3000);
    });

    test('of somebody who speaks ends that silence after the last word', async () => {
      const ms = await lasts(4, 1, () => void scene.caller.speak(700));
      expect(ms).toBeGreaterThan(1500);
      expect(ms).toBeLessThan(3800);
    });

    test('ends when its time is up', async () => {
      const ms = await lasts(1, 5, () => void scene.caller.speak(3000));
      expect(ms).toBeGreaterThan(900);
      // Asterisk counts whole seconds of its clock.
      expect(ms).toBeLessThan(4500);
    });

    test('ends with the key #', async () => {
      const ms = await lasts(4, 3, () => scene.caller.press('#'));
      expect(ms).toBeLessThan(2800);
    });

    test('of a caller who hangs up ends between the announcement and the end, with the seconds it has', async () => {
      await scene.telephony.record(scene.id, `${scene.id}-message`, 10, 5);
      await scene.caller.speak(1500);
      scene.caller.hangUp();
      await scene.heard('ChannelGone', scene.id);
      expect(await scene.heard('RecordingEnded', `${scene.id}-message`)).toMatchObject({ seconds: 1 });
      expect(scene.story(scene.id, `${scene.id}-message`).slice(1, 3)).toEqual([
        `ChannelLeaving ${scene.id}`,
        `RecordingEnded ${scene.id}-message`,
      ]);
    });
  });
});
