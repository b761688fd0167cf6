import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mailSender } from '../../../services/adapters/deliver-mail.ts';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import type { Delivery, Recipient } from '../../../services/core/alerting/delivery.ts';
import type { RaisedAlert } from '../../../services/core/ports.ts';
import { type Delivered, deliver, wireName } from '../../../services/worker/deliver.ts';
import { mendDeliveries } from '../../../services/worker/mend-deliveries.ts';
import { planAlert } from '../../../services/worker/plan-alert.ts';
import { temporaryConfig } from '../../support/config.ts';
import { storedLine } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';
import { type Mailbox, openMailbox } from '../../support/mailbox.ts';
import { freePort } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

/** Planning and delivering on a real database and a real mail server, with the clock in the test's hand. */

const minute = 60_000;
const evening = Date.UTC(2026, 10, 23, 21, 30);
const warden: Recipient = {
  ...{ name: 'warden', channel: 'email', to: 'warden@example.org', lines: [], areas: [] },
  ...{ atOnce: ['money-at-risk'], gapSeconds: 0, perHour: 20 },
};

let now: number;
let store: Store;
let mailbox: Mailbox;
let port: number;
let told: string[];
let queued: string[];
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  now = evening;
  told = [];
  queued = [];
  const site = temporaryConfig();
  store = await openStore(site.config);
  mailbox = await openMailbox();
  port = mailbox.port;
  await store.lines.upsert([storedLine({ id: 'room-12', resident: 'Alma Jones', area: 'Oxhey' })]);
  closers.push(
    site.remove,
    () => store.close(),
    () => mailbox.close(),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const queue = {
  put: async ({ id }: Pick<Delivery, 'id'>, at: number) => void queued.push(`${id} at ${at - evening}`),
  close: async () => {},
};

const alert = (id: string, kind: RaisedAlert['kind'] = 'reported'): RaisedAlert => {
  return { id, kind, at: now, line: 'room-12', call: id };
};

async function raise(id: string, who: Partial<Recipient> = {}, kind?: RaisedAlert['kind']): Promise<void> {
  await store.alerts.save(alert(id, kind));
  const recipients = [{ ...warden, ...who }];
  const { deliveries, lines } = store;
  const plan = planAlert({ deliveries, lines, queue, recipients, timeZone: 'Europe/London', now: () => now });
  for (const _ of ['once', 'and once more']) await plan(alert(id, kind));
}

function tell(
  delivery: string,
  { deliveries = store.deliveries, stop = new AbortController(), recipients = [warden] } = {},
) {
  const from = { name: 'Cedar House', address: 'clearline@cedar.example.org' };
  const send = mailSender({ host: '127.0.0.1', port, tls: 'none', from });
  const around = async () => ({
    ...{ site: 'Cedar House', timeZone: 'Europe/London' },
    residentOf: () => 'Alma Jones',
  });
  return deliver({
    ...{ deliveries, recipients, around, attempts: 3, senders: new Map([['warden', send]]), log: memoryLog() },
    onDelivered: (channel, how: Delivered) => void told.push(`${channel} ${how}`),
    ...{ stop: stop.signal, now: () => now, chance: () => 0 },
  })({ delivery });
}

test('a mail is sent once, however often it is asked for', async () => {
  await raise('17.1');
  expect(queued).toEqual(['17.1/warden at 0', '17.1/warden at 0']);
  expect(await Promise.all([tell('17.1/warden'), tell('17.1/warden'), tell('17.1/warden')])).toEqual([
    null,
    null,
    null,
  ]);
  expect(await tell('17.1/warden')).toBeNull();
  expect(mailbox.mails).toMatchObject([
    { id: `<${wireName('17.1/warden')}@cedar.example.org>`, subject: 'Clearline: a call was reported at Cedar House' },
  ]);
  expect(mailbox.mails[0]?.text).toContain('Line: Alma Jones (room-12)');
  expect(told).toEqual(['email sent']);
});

test('nobody to tell: nothing is planned', async () => {
  await raise('17.1', { lines: ['room-99'] });
  expect(await store.deliveries.list({ limit: 5 })).toEqual([]);
  expect(queued).toEqual([]);
});

describe('tried again', () => {
  test('after 451, under the same name, when it is due and not before', async () => {
    const names: string[] = [];
    mailbox.onMail(({ id }) => {
      names.push(id);
      return names.length < 3 ? 451 : null;
    });
    await raise('17.1');
    expect(await tell('17.1/warden')).toEqual({ value: { delivery: '17.1/warden' }, inMs: 10_000 });
    expect(await tell('17.1/warden')).toMatchObject({ inMs: 10_000 });
    now += 10_000;
    expect(await tell('17.1/warden')).toMatchObject({ inMs: 20_000 });
    now += 20_000;
    expect(await tell('17.1/warden')).toBeNull();
    expect(new Set(names).size).toBe(1);
    expect(names).toHaveLength(3);
    expect(await store.deliveries.find('17.1/warden')).toMatchObject({ state: 'sent', attempts: 3, fault: null });
    expect(told).toEqual(['email again', 'email again', 'email sent']);
  });

  test('while nobody is there, and then somebody is', async () => {
    const there = port;
    port = await freePort();
    await raise('17.1');
    expect(await tell('17.1/warden')).toMatchObject({ inMs: 10_000 });
    expect((await store.deliveries.find('17.1/warden'))?.fault).toMatch(/ECONNREFUSED/);
    port = there;
    now += 10_000;
    expect(await tell('17.1/warden')).toBeNull();
    expect(mailbox.mails).toHaveLength(1);
  });

  test('so often, and then given up; once more when somebody asks', async () => {
    mailbox.onMail(() => 451);
    await raise('17.1');
    for (const wait of [10_000, 20_000, 0]) {
      await tell('17.1/warden');
      now += wait;
    }
    expect(await store.deliveries.find('17.1/warden')).toMatchObject({ state: 'failed', attempts: 3 });
    expect(told.at(-1)).toBe('email failed');
    mailbox.onMail(() => null);
    expect(await tell('17.1/warden')).toBeNull();
    expect(mailbox.mails).toEqual([]);
    await store.deliveries.retry('17.1/warden', now);
    await tell('17.1/warden');
    expect(mailbox.mails).toHaveLength(1);
  });

  test('at once by the next worker, when this one stops', async () => {
    const stop = new AbortController();
    stop.abort();
    await raise('17.1');
    expect(await tell('17.1/warden', { stop })).toMatchObject({ inMs: 1 });
    expect(await tell('17.1/warden')).toBeNull();
    expect(mailbox.mails).toHaveLength(1);
  });
});

describe('given up at once', () => {
  test('after 550', async () => {
    mailbox.onMail(() => 550);
    await raise('17.1');
    expect(await tell('17.1/warden')).toBeNull();
    const dead = { state: 'failed', attempts: 1, fault: expect.stringContaining('the mail server said: 550') };
    expect(await store.deliveries.find('17.1/warden')).toMatchObject(dead);
  });

  test('where the recipient is no longer in the settings', async () => {
    await raise('17.1');
    await tell('17.1/warden', { recipients: [] });
    const fault = 'nobody of this name is in alerts.recipients any more';
    expect(await store.deliveries.find('17.1/warden')).toMatchObject({ state: 'failed', fault });
  });
});

test('an answer is filed as soon as the database takes it, and the mail not sent again meanwhile', async () => {
  let refusals = 2;
  const deliveries = {
    ...store.deliveries,
    settle: async (...args: Parameters<Store['deliveries']['settle']>) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('database is locked');
      return store.deliveries.settle(...args);
    },
  };
  await raise('17.1');
  expect(await tell('17.1/warden', { deliveries })).toBeNull();
  expect(refusals).toBe(-1);
  expect(await store.deliveries.find('17.1/warden')).toMatchObject({ state: 'sent' });
  expect(mailbox.mails).toHaveLength(1);
});

describe('in one message', () => {
  const quietHours = { from: '21:00', until: '07:00' };
  const seven = Date.UTC(2026, 10, 24, 7);

  test('what came in quiet hours, when they end; what is urgent comes at once', async () => {
    for (const id of ['17.1', '17.2', '17.3']) {
      await raise(id, { quietHours });
      now += minute;
    }
    await raise('17.4', { quietHours }, 'money-at-risk');
    await tell('17.4/warden');
    expect(mailbox.mails.map(({ subject }) => subject)).toEqual(['Clearline: money may be at risk at Cedar House']);
    const digest = `digest-warden-${seven}`;
    expect(await tell(digest)).toMatchObject({ inMs: seven - now });
    now = seven;
    expect(await tell(digest)).toBeNull();
    expect(mailbox.mails).toHaveLength(2);
    expect(mailbox.mails[1]?.subject).toBe('Clearline: 3 alerts at Cedar House');
    expect(mailbox.mails[1]?.text.match(/Call: 17\.\d/g)).toEqual(['Call: 17.1', 'Call: 17.2', 'Call: 17.3']);
    expect(await store.deliveries.ofAlerts(['17.2'])).toMatchObject([{ state: 'sent', digest, sentAt: seven }]);
  });

  test('what came above the hour’s number, when the hour is over', async () => {
    for (let index = 1; index <= 5; index += 1) {
      await raise(`17.${index}`, { perHour: 2 });
      now += minute;
    }
    for (const index of [1, 2]) await tell(`17.${index}/warden`);
    now = evening + 60 * minute;
    await tell(`digest-warden-${now}`);
    expect(mailbox.mails.map(({ subject }) => subject)).toEqual([
      'Clearline: a call was reported at Cedar House',
      'Clearline: a call was reported at Cedar House',
      'Clearline: 3 alerts at Cedar House',
    ]);
  });
});

test('what nobody sees to is found: overdue, left by a dead worker, or in doubt', async () => {
  for (const id of ['17.1', '17.2', '17.3', '17.4']) await raise(id);
  const claim = { token: 't', until: now + minute };
  for (const id of ['17.2', '17.3', '17.4']) await store.deliveries.claim(`${id}/warden`, now, claim);
  await store.deliveries.handOver('17.3/warden', claim);
  await store.deliveries.handOver('17.4/warden', { ...claim, until: now + 9 * minute });
  queued = [];
  now += 2 * minute;
  const stop = mendDeliveries({ deliveries: store.deliveries, queue, log: memoryLog(), now: () => now, everyMs: 10 });
  await until('both are queued', () => queued.length >= 2);
  stop();
  expect(new Set(queued)).toEqual(new Set([`17.1/warden at ${2 * minute}`, `17.2/warden at ${2 * minute}`]));
  expect((await store.deliveries.find('17.3/warden'))?.state).toBe('unconfirmed');
  expect((await store.deliveries.find('17.4/warden'))?.state).toBe('handed-over');
});
