import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import type { DeliveryState, Plan } from '../../services/core/alerting/delivery.ts';
import type { RaisedAlert } from '../../services/core/ports.ts';
import { monday } from '../support/finished-call.ts';
import { storeBackends } from '../support/stores.ts';

const minute = 60_000;
const alert = (id: string, at = monday): RaisedAlert => ({ id, kind: 'reported', at, line: 'room-12', call: '17.1' });
const plan = (recipient: string, at: number | null = null): Plan => ({ recipient, channel: 'email', at });
const claim = (token: string, until = monday + minute) => ({ token, until });

const databases = storeBackends().filter(({ name }) => name !== 'fake');

describe.each(databases)('DeliveryStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
  });
  afterEach(() => store.close());

  /** Plans an alert for these, and answers with the ids of what is to be sent. */
  const planned = async (id: string, plans: readonly Plan[], now = monday) => {
    await store.alerts.save(alert(id, now));
    return (await store.deliveries.plan(id, now, () => plans)).map((delivery) => delivery.id).sort();
  };
  const stateOf = async (id: string) => (await store.deliveries.find(id))?.state;

  test('an alert is saved with what it is about', async () => {
    const about = { ...alert('c'), kind: 'campaign', area: 'Oxhey', incident: 'i-1', campaign: 'c-1' } as const;
    await store.alerts.save(about);
    expect(await store.alerts.list({ limit: 1 })).toEqual([about]);
  });

  test('planned many times at once, each recipient has one delivery, and every planning hears of both', async () => {
    const both = [plan('warden'), plan('daughter')];
    const all = await Promise.all(Array.from({ length: 10 }, () => planned('a', both)));
    expect(new Set(all.map((ids) => ids.join()))).toEqual(new Set(['a/daughter,a/warden']));
    expect(await store.deliveries.list({ limit: 10 })).toHaveLength(2);
    expect(await store.deliveries.find('a/warden')).toEqual({
      id: 'a/warden',
      alert: 'a',
      recipient: 'warden',
      channel: 'email',
      state: 'queued',
      digest: null,
      plannedAt: monday,
      due: monday,
      attempts: 0,
      sentAt: null,
      fault: null,
    });
  });

  test('planning hears of the last hour’s messages, of which a digest that more may join is none', async () => {
    await planned('old', [plan('warden')], monday - 61 * minute);
    await planned('a', [plan('warden'), plan('daughter')], monday - minute);
    await planned('b', [plan('warden', monday + minute)], monday);
    let heard: unknown;
    await store.alerts.save(alert('c'));
    await store.deliveries.plan('c', monday, (recent) => {
      heard = Object.fromEntries(recent);
      return [];
    });
    expect(heard).toEqual({ warden: [monday - minute], daughter: [monday - minute] });
  });

  test('what waits is told in one message, until that is being sent', async () => {
    const seven = monday + 60 * minute;
    const digest = `digest-warden-${seven}`;
    expect(await planned('a', [plan('warden', seven)], monday)).toEqual([digest]);
    expect(await planned('b', [plan('warden', seven + minute)], monday + minute)).toEqual([digest]);
    expect(await store.deliveries.alertsOf({ id: digest, alert: null })).toEqual([
      alert('a'),
      alert('b', monday + minute),
    ]);
    const sending = await store.deliveries.claim(digest, seven, claim('t', seven + minute));
    expect(sending).toMatchObject({ alert: null, recipient: 'warden', state: 'sending', attempts: 1 });
    expect(await planned('c', [plan('warden', seven)], seven)).toEqual([`digest-warden-${seven + 1}`]);
    await store.deliveries.settle(digest, 't', { state: 'queued', due: seven + 5 * minute, fault: 'busy' });
    expect(await planned('d', [plan('warden', seven + 9 * minute)], seven)).toEqual([`digest-warden-${seven + 1}`]);
    const claimed = claim('u', seven + 9 * minute);
    await store.deliveries.claim(digest, seven + 5 * minute, claimed);
    await store.deliveries.settle(digest, 'u', { state: 'sent', at: seven + 6 * minute });
    expect(await store.deliveries.ofAlerts(['a', 'c'])).toMatchObject([
      { id: 'a/warden', state: 'sent', sentAt: seven + 6 * minute, digest },
      { id: 'c/warden', state: 'queued', sentAt: null },
    ]);
    expect(await stateOf('a/warden')).toBe('merged');
  });

  test('of many workers one has the claim; another has it when that has ended', async () => {
    await planned('a', [plan('warden')]);
    const { deliveries } = store;
    const tokens = Array.from({ length: 10 }, (_, index) => `t${index}`);
    const claimed = await Promise.all(tokens.map((token) => deliveries.claim('a/warden', monday, claim(token))));
    expect(claimed.filter((each) => each !== null)).toHaveLength(1);
    const token = tokens[claimed.findIndex((each) => each !== null)] ?? '';
    expect(await deliveries.renew('a/warden', claim(token, monday + 2 * minute))).toBe(true);
    expect(await deliveries.claim('a/warden', monday + minute, claim('late'))).toBeNull();
    expect(await deliveries.claim('a/warden', monday + 2 * minute, claim('next', monday + 3 * minute))).toMatchObject({
      attempts: 2,
    });
    expect(await deliveries.renew('a/warden', claim(token))).toBe(false);
    expect(await deliveries.handOver('a/warden', claim(token))).toBe(false);
    expect(await deliveries.settle('a/warden', token, { state: 'sent', at: monday })).toBe(false);
    expect(await deliveries.handOver('a/warden', claim('next', monday + 3 * minute))).toBe(true);
    expect(await deliveries.claim('a/warden', monday + 9 * minute, claim('third'))).toBeNull();
    expect(await stateOf('a/warden')).toBe('handed-over');
  });

  test('a message is not sent before it is due, nor after it was sent', async () => {
    await planned('a', [plan('warden')]);
    expect(await store.deliveries.claim('a/warden', monday - 1, claim('t'))).toBeNull();
    await store.deliveries.claim('a/warden', monday, claim('t'));
    const later = { state: 'queued', due: monday + minute, fault: 'busy' } as const;
    expect(await store.deliveries.settle('a/warden', 't', later)).toBe(true);
    expect(await store.deliveries.find('a/warden')).toMatchObject({ due: monday + minute, fault: 'busy', attempts: 1 });
    expect(await store.deliveries.claim('a/warden', monday, claim('u'))).toBeNull();
    await store.deliveries.claim('a/warden', monday + minute, claim('u'));
    expect(await store.deliveries.settle('a/warden', 'u', { state: 'sent', at: monday + minute })).toBe(true);
    expect(await store.deliveries.find('a/warden')).toMatchObject({ sentAt: monday + minute, fault: null });
    expect(await store.deliveries.claim('a/warden', monday + 9 * minute, claim('v'))).toBeNull();
  });

  test('handed over under a claim that ended: unconfirmed, unless its worker lived after all', async () => {
    await planned('a', [plan('warden'), plan('daughter')]);
    for (const who of ['warden', 'daughter']) {
      await store.deliveries.claim(`a/${who}`, monday, claim(who));
      await store.deliveries.handOver(`a/${who}`, claim(who));
    }
    expect(await store.deliveries.markUnconfirmed(monday + minute - 1)).toBe(0);
    expect(await store.deliveries.markUnconfirmed(monday + minute)).toBe(2);
    expect(await store.deliveries.toDo(monday + 9 * minute, 10)).toEqual([]);
    expect(await store.deliveries.settle('a/warden', 'warden', { state: 'sent', at: monday })).toBe(true);
    expect(await store.deliveries.list({ states: ['unconfirmed'], limit: 5 })).toMatchObject([{ id: 'a/daughter' }]);
    expect(await store.deliveries.retry('a/warden', monday)).toBe(false);
    expect(await store.deliveries.retry('a/daughter', monday + minute)).toBe(true);
    expect(await store.deliveries.find('a/daughter')).toMatchObject({ state: 'queued', attempts: 0 });
  });

  test('what is left to do: due, or left under a claim that ended; the longest overdue first', async () => {
    for (const [id, due] of [
      ['a', monday],
      ['b', monday - minute],
      ['c', monday + minute],
      ['d', monday - 2 * minute],
    ] as const) {
      await planned(id, [plan('warden')], due);
    }
    await store.deliveries.claim('b/warden', monday, claim('t', monday + minute));
    await store.deliveries.claim('d/warden', monday, claim('t', monday));
    const left = async (now: number, limit = 9) => (await store.deliveries.toDo(now, limit)).map(({ id }) => id);
    expect(await left(monday)).toEqual(['d/warden', 'a/warden']);
    expect(await left(monday + minute)).toEqual(['d/warden', 'b/warden', 'a/warden', 'c/warden']);
    expect(await left(monday, 1)).toEqual(['d/warden']);
  });

  test('a digest that failed is queued once more by any alert it tells of, and no further one joins it', async () => {
    const [digest = ''] = await planned('a', [plan('warden', monday + minute)]);
    await store.deliveries.claim(digest, monday + minute, claim('t', monday + 2 * minute));
    await store.deliveries.settle(digest, 't', { state: 'failed', at: monday + minute, fault: 'it answered 400' });
    expect(await store.deliveries.ofAlerts(['a'])).toMatchObject([{ state: 'failed', fault: 'it answered 400' }]);
    expect(await store.deliveries.retry('a/warden', monday + 2 * minute)).toBe(true);
    expect(await stateOf(digest)).toBe('queued');
    const [other] = await planned('b', [plan('warden', monday + 3 * minute)], monday + 2 * minute);
    expect(other).toBe(`digest-warden-${monday + 3 * minute}`);
    expect(await store.deliveries.alertsOf({ id: digest, alert: null })).toEqual([alert('a')]);
  });

  test('dead letters are listed, counted and queued once more', async () => {
    await planned('a\0/"\'', [plan('warden')]);
    const id = 'a\0/"\'/warden';
    await store.deliveries.claim(id, monday, claim('t'));
    await store.deliveries.settle(id, 't', { state: 'failed', at: monday, fault: '550 no such \0 mailbox' });
    const dead = { states: ['failed'] as DeliveryState[], recipient: 'warden', limit: 5 };
    expect(await store.deliveries.list(dead)).toMatchObject([{ id, fault: '550 no such \0 mailbox' }]);
    expect(await store.deliveries.list({ ...dead, recipient: 'nobody' })).toEqual([]);
    expect(await store.deliveries.count('failed')).toBe(1);
    expect(await store.deliveries.retry(id, monday + minute)).toBe(true);
    expect(await store.deliveries.retry('nothing', monday)).toBe(false);
    expect(await store.deliveries.count('failed')).toBe(0);
    expect((await store.deliveries.toDo(monday + minute, 5)).map((each) => each.id)).toEqual([id]);
  });
});
