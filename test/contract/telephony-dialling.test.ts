import { describe, expect, test } from 'vitest';
import { gone, ok, onBothExchanges, refused } from '../support/exchange-suite.ts';
import { until } from '../support/until.ts';

/** Asterisk, and the fake that the flow tests use, behave alike wherever Clearline could tell: calls that the dialplan dials. */

onBothExchanges((scene) => {
  /** What was told of the dials for a channel, each thing once. */
  const dials = (id: string) =>
    scene.exchange.events.flatMap((event) => (event.type === 'DialTold' && event.channel === id ? [event] : []));
  const statuses = (id: string) => [...new Set(dials(id).map(({ status }) => status))];
  const told = (id: string, status: string) => until(`${status} is told`, () => statuses(id).includes(status));

  describe('a telephone that dials', () => {
    test('enters with the number, its line, and what was dialled', async () => {
      const { id, resident } = await scene.exchange.dialOut('101');
      expect(await scene.heard('ChannelEntered', id)).toMatchObject({
        args: ['outgoing', '101', 'flat-1', '101', '1'],
      });
      resident.hangUp();
      await scene.heard('ChannelGone', id);
    });

    test('is sent on: who is dialled is told, rings, answers, and hears whoever dialled', async () => {
      scene.exchange.onTrunk('101', { do: 'answer', afterMs: 100 });
      const { id, resident } = await scene.exchange.dialOut('101');
      expect(await scene.telephony.continueInDialplan(id, 'over-net', '101')).toEqual(ok);
      await told(id, 'ANSWER');
      expect(statuses(id)).toEqual(['dialling', 'ringing', 'ANSWER']);
      expect(dials(id)[0]?.peerName).toMatch(/^PJSIP\/trunk-net-[0-9a-f]{8}$/);
      await until('the resident is answered', () => resident.answered);
      const far = scene.exchange.far(id);
      void resident.speak(3000);
      void far.speak(3000);
      await until('they hear one another', () => far.hears(resident) && resident.hears(far));
      // The dialplan has it now: asking again is answered alike, and changes nothing.
      expect(await scene.telephony.continueInDialplan(id, 'over-net', '101')).toEqual(ok);
      expect(await scene.telephony.play(id, `${id}-p1`, [{ prompt: 'goodbye' }])).toEqual(refused);
      // So is an answer that comes late: nobody is hung up for it.
      expect(await scene.telephony.answer(id)).toEqual(ok);
      void far.speak(3000);
      const heard = resident.hears(far);
      await until('they hear one another still', () => heard && resident.hears(far));
      far.hangUp();
      await scene.heard('ChannelGone', id);
      const peer = dials(id)[0]?.peer ?? '';
      await scene.heard('ChannelGone', peer);
      // Who hung up is told before either is gone; which of them is gone first is not certain.
      const end = scene.story(peer, id).filter((what) => /Leaving|Gone/.test(what));
      expect(end[0]).toBe(`ChannelLeaving ${peer}`);
    });

    test('and hangs up takes whom it dialled along', async () => {
      scene.exchange.onTrunk('101', { do: 'ring' });
      const { id, resident } = await scene.exchange.dialOut('101');
      await scene.telephony.continueInDialplan(id, 'over-net', '101');
      await told(id, 'ringing');
      resident.hangUp();
      await scene.heard('ChannelGone', id);
      await scene.heard('ChannelGone', dials(id)[0]?.peer ?? '');
    });

    test.each([
      ['is busy', { do: 'busy', afterMs: 30 }, 'BUSY', '17'],
      ['declines', { do: 'decline', afterMs: 30 }, 'CHANUNAVAIL', '21'],
    ] as const)('comes back when whoever it dialled over one trunk %s', async (_what, onTrunk, status, cause) => {
      scene.exchange.onTrunk('101', onTrunk);
      const { id, resident } = await scene.exchange.dialOut('101');
      await scene.telephony.continueInDialplan(id, 'over-net', '101');
      const back = await until('it is back', () => scene.all('ChannelEntered', id)[1]);
      expect(back).toMatchObject({ args: ['back', status, cause] });
      expect(resident.answered).toBe(false);
      await scene.telephony.hangUp(id, 16);
      await scene.heard('ChannelGone', id);
    });
  });

  test('a leg that is sent on leaves its bridge', async () => {
    scene.exchange.onTrunk('101', { do: 'answer', afterMs: 30 });
    const resident = await scene.connected(true);
    const leg = `${scene.id}-resident`;
    expect(await scene.telephony.continueInDialplan(leg, 'over-net', '101')).toEqual(ok);
    await told(leg, 'ANSWER');
    const far = scene.exchange.far(leg);
    void far.speak(3000);
    void resident.speak(3000);
    await until('they hear one another', () => far.hears(resident) && resident.hears(far));
    expect(far.hears(scene.caller)).toBe(false);
    far.hangUp();
    await scene.heard('ChannelGone', leg);
  });

  test('nobody sends on a channel that is gone', async () => {
    await scene.telephony.hangUp(scene.id, 16);
    await scene.heard('ChannelGone', scene.id);
    expect(await scene.telephony.continueInDialplan(scene.id, 'over-net', '101')).toEqual(gone);
  });
});
