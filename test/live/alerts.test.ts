import { describe, expect, test } from 'vitest';
import type { Delivery, DeliveryState } from '../../services/core/alerting/delivery.ts';
import { type AlertScene, playAlerts, reported } from '../support/alert-scene.ts';
import { Dice } from '../support/dice.ts';
import { until } from '../support/until.ts';
import { startWorker } from '../support/worker.ts';

/** Alerts on their way to real servers, told by processes that are killed. */

const named = (count: number) => Array.from({ length: count }, (_, index) => `17.${index}`);
const inState = (all: readonly Delivery[], state: DeliveryState) => all.filter((each) => each.state === state);
const twice = (arrived: readonly unknown[]) => arrived.filter((each, index) => arrived.indexOf(each) !== index);

describe.concurrent('killed', () => {
  test('at each step of a message: it arrives once, and where nobody can know that, it says so', async () => {
    const steps = [
      // where, to whom, and how it then stands
      ['after claim 1', 'warden', 'sent'],
      ['before settle 1', 'warden', 'unconfirmed'],
      ['after settle 1', 'warden', 'sent'],
      ['before settle 1', 'pager', 'unconfirmed'],
      ['before settle 1', 'app', 'sent'],
    ] as const;
    await playAlerts({}, async (scene) => {
      const successor = scene.work();
      for (const [index, [die, recipient, state]] of steps.entries()) {
        successor.signal('SIGSTOP');
        const id = await scene.plan(reported(`17.${index}`), recipient);
        expect(await scene.work(die).ended).toBe('SIGKILL');
        successor.signal('SIGCONT');
        await until(`${die}: ${recipient}'s is ${state}`, async () => (await stateOf(scene, id)) === state);
        expect(scene.arrivedAt(recipient)).toContain(`17.${index}`);
      }
      for (const recipient of ['warden', 'pager', 'app']) expect(twice(scene.arrivedAt(recipient))).toEqual([]);
    });
  });

  test('right before the last byte: nothing arrives, it is told, and staff may send it once more', async () => {
    await playAlerts({}, async (scene) => {
      const ids = [await scene.plan(reported('17.1'), 'warden')];
      expect(await scene.work('after handOver 1').ended).toBe('SIGKILL');
      ids.push(await scene.plan(reported('17.2'), 'pager'));
      expect(await scene.work('after handOver 1').ended).toBe('SIGKILL');
      scene.work();
      const doubtful = inState(await scene.settled(2), 'unconfirmed');
      expect(doubtful.map(({ id }) => id).sort()).toEqual(ids.sort());
      expect(doubtful[0]?.fault).toBe('it was handed over, and whoever did so ended before the answer came');
      expect([...scene.arrivedAt('warden'), ...scene.arrivedAt('pager')]).toEqual([]);
      for (const id of ids) expect(await scene.store.deliveries.retry(id, Date.now())).toBe(true);
      expect(inState(await scene.settled(2), 'sent')).toHaveLength(2);
      expect([...scene.arrivedAt('warden'), ...scene.arrivedAt('pager')]).toEqual(['17.1', '17.2']);
    });
  });

  test('while it plans: everybody hears all the same', async () => {
    await playAlerts({}, async (scene) => {
      await scene.raise([reported('17.1')]);
      expect(await scene.work('before plan 1').ended).toBe('SIGKILL');
      await scene.raise([reported('17.2')]);
      expect(await scene.work('after plan 1').ended).toBe('SIGKILL');
      scene.work();
      expect(inState(await scene.settled(6), 'sent')).toHaveLength(6);
      for (const who of ['warden', 'pager', 'app']) {
        expect(scene.arrivedAt(who).toSorted()).toEqual(['17.1', '17.2']);
      }
    });
  });

  test('again and again, anywhere, with twenty alerts: nobody hears twice, and whatever did not arrive is told', async () => {
    const dice = new Dice(20_261_123);
    await playAlerts({}, async (scene) => {
      await scene.raise(named(20).map(reported));
      for (let lives = 0; lives < 3; lives += 1) {
        const moment = dice.pick(['before', 'after']);
        expect(await scene.work(`${moment} any ${5 + dice.below(45)}`).ended).toBe('SIGKILL');
      }
      scene.work();
      const doubtful = inState(await scene.settled(60), 'unconfirmed');
      expect(scene.arrivedAt('app').toSorted()).toEqual(named(20).toSorted());
      for (const who of ['warden', 'pager']) {
        const arrived = scene.arrivedAt(who);
        expect(twice(arrived)).toEqual([]);
        const told = doubtful.filter(({ recipient }) => recipient === who).map(({ alert }) => alert);
        expect(told).toEqual(expect.arrayContaining(named(20).filter((call) => !arrived.includes(call))));
      }
    });
  });
});

describe.concurrent('two workers', () => {
  test('at once send nothing twice', async () => {
    await playAlerts({}, async (scene) => {
      for (const _ of ['one', 'other']) scene.work();
      await scene.raise(named(10).map(reported));
      expect(inState(await scene.settled(30), 'sent')).toHaveLength(30);
      for (const who of ['warden', 'pager', 'app']) {
        expect(scene.arrivedAt(who).toSorted()).toEqual(named(10).toSorted());
      }
    });
  });

  test('of which one is frozen with a message all but sent: the other sends it, and the first does not when it wakes', async () => {
    await playAlerts({}, async (scene) => {
      const id = await scene.plan(reported('17.1'), 'warden');
      const frozen = scene.work('before handOver 1 freeze');
      await frozen.untilFrozen();
      const other = scene.work();
      await until('the other has sent it', async () => (await stateOf(scene, id)) === 'sent');
      other.signal('SIGSTOP');
      frozen.signal('SIGCONT');
      // It works again, so it has been through with the first.
      const next = await scene.plan(reported('17.2'), 'warden');
      await until('it sends the next', async () => (await stateOf(scene, next)) === 'sent');
      expect(scene.arrivedAt('warden')).toEqual(['17.1', '17.2']);
    });
  });
});

describe.concurrent('a worker', () => {
  test('that is the real one mails an alert, with what the settings say', async () => {
    await playAlerts({}, async (scene) => {
      await scene.raise([reported('17.1')]);
      const worker = startWorker(scene.file);
      try {
        await until('the mail is there', () => scene.mailbox.mails.length > 0, 60_000);
        expect(scene.mailbox.mails[0]?.subject).toBe('Clearline: a call was reported at Cedar House');
        await until('it is on record', async () => (await stateOf(scene, '17.1/warden')) === 'sent');
      } finally {
        worker.kill('SIGKILL');
      }
    });
  });

  test('tells in one message what the limit held back, though the server is busy at first', async () => {
    await playAlerts({ gapSeconds: 2 }, async (scene) => {
      let busy = 2;
      scene.mailbox.onMail(() => {
        busy -= 1;
        return busy >= 0 ? 451 : null;
      });
      scene.work();
      await scene.raise(named(5).map(reported));
      const all = await scene.settled(18);
      expect(inState(all, 'sent')).toHaveLength(6);
      expect(inState(all, 'merged')).toHaveLength(12);
      expect(scene.mailbox.mails.map(({ subject }) => subject).toSorted()).toEqual([
        'Clearline: 4 alerts at Cedar House',
        'Clearline: a call was reported at Cedar House',
      ]);
    });
  });
});

async function stateOf({ store }: AlertScene, id: string): Promise<DeliveryState | undefined> {
  return (await store.deliveries.find(id))?.state;
}
