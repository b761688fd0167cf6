import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pushSender } from '../../../services/adapters/deliver-push.ts';
import { webhookSender } from '../../../services/adapters/deliver-webhook.ts';
import type { Letter, Send } from '../../../services/core/alerting/sender.ts';
import { type HttpInbox, openHttpInbox } from '../../support/http-inbox.ts';
import { freePort } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

let inbox: HttpInbox;
beforeEach(async () => {
  inbox = await openHttpInbox();
});
afterEach(() => inbox.close());

const secret = `whsec_${Buffer.from('a secret of the care app').toString('base64')}`;
const webhook = (changes: Partial<Parameters<typeof webhookSender>[0]> = {}) =>
  webhookSender({ secret, site: 'Rose Court', now: Date.now, ...changes });

const letter = (changes: Partial<Letter> = {}): Letter => ({
  id: 'clearline_0123456789abcdef',
  to: `${inbox.url}/topic`,
  message: { subject: 'Clearline: a call was reported at Café Court', text: 'What to do — now', urgent: true },
  alerts: [
    {
      id: 'a',
      kind: 'reported',
      at: Date.UTC(2026, 10, 23, 14, 2),
      line: 'room-12',
      call: '17.1',
      resident: 'Alma Jones',
    },
  ],
  ...changes,
});

async function send(by: Send, { to = letter(), refuse = false, stop = new AbortController() } = {}) {
  let handedOver = 0;
  const answer = await by(to, {
    stop: stop.signal,
    handOver: async () => {
      handedOver += 1;
      if (refuse) throw new Error('another worker has this delivery');
    },
  });
  return { ...answer, handedOver };
}

describe('a webhook', () => {
  test('arrives signed as Standard Webhooks says, under its own name each time, and is never handed over', async () => {
    expect(await send(webhook())).toEqual({ kind: 'taken', handedOver: 0 });
    await send(webhook());
    const [first, second] = inbox.posts;
    for (const { body, headers } of inbox.posts) {
      expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow();
      expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    }
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(JSON.parse(first?.body ?? '')).toEqual({
      type: 'clearline.alerts',
      timestamp: '2026-11-23T14:02:00.000Z',
      data: {
        id: 'clearline_0123456789abcdef',
        site: 'Rose Court',
        urgent: true,
        subject: 'Clearline: a call was reported at Café Court',
        text: 'What to do — now',
        alerts: [
          {
            ...{ id: 'a', kind: 'reported', at: '2026-11-23T14:02:00.000Z' },
            ...{ line: 'room-12', call: '17.1', resident: 'Alma Jones' },
          },
        ],
      },
    });
  });

  test('is signed over name, time and body, as Node reckons it and not the library', async () => {
    const now = () => 1_614_265_330_000;
    await send(webhook({ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', now }));
    const [posted] = inbox.posts;
    expect(posted?.headers['webhook-timestamp']).toBe('1614265330');
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const signed = `${letter().id}.1614265330.${posted?.body}`;
    const signature = createHmac('sha256', key).update(signed).digest('base64');
    expect(posted?.headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  test.each([
    [null, 'it has no secret yet: docs/alerts.md'],
    ['not base64!', 'its secret is not "whsec_" and base64: docs/alerts.md'],
  ])('waits for a secret: %s', async (given, why) => {
    expect(await send(webhook({ secret: given }))).toMatchObject({ kind: 'refused', forGood: false, why });
    expect(inbox.posts).toEqual([]);
  });

  test('that is not answered, or broken off, may be sent again: its receiver drops what it has', async () => {
    inbox.onPost(() => new Promise(() => {}));
    const why = 'no answer within 0.3 s';
    expect(await send(webhook({ deadlineMs: 300 }))).toMatchObject({ kind: 'refused', forGood: false, why });
    inbox.onPost((_, response) => void response.destroy());
    expect(await send(webhook())).toMatchObject({ kind: 'refused', forGood: false });
  });

  test('of a worker that stops is left to the next', async () => {
    inbox.onPost(() => new Promise(() => {}));
    const stop = new AbortController();
    const attempt = send(webhook(), { stop });
    await until('it has arrived', () => inbox.posts.length > 0);
    stop.abort();
    expect(await attempt).toMatchObject({ kind: 'refused', forGood: false, why: 'the worker was stopped' });
  });
});

describe.each([
  ['webhook', () => webhook()],
  ['push', () => pushSender(null)],
] as const)('%s: what the receiver answers', (_, sender) => {
  test.each([
    [204, { kind: 'taken' }],
    [400, { kind: 'refused', forGood: true }],
    [401, { kind: 'refused', forGood: true }],
    [404, { kind: 'refused', forGood: true }],
    [410, { kind: 'refused', forGood: true }],
    [408, { kind: 'refused', forGood: false }],
    [429, { kind: 'refused', forGood: false }],
    [500, { kind: 'refused', forGood: false }],
    [503, { kind: 'refused', forGood: false }],
  ])('%i', async (status, expected) => {
    inbox.onPost((_posted, response) => void response.writeHead(status).end());
    expect(await send(sender())).toMatchObject(expected);
  });

  test('no redirect is followed, and it is told where to', async () => {
    inbox.onPost(
      (_posted, response) => void response.writeHead(307, { location: 'https://elsewhere.example/x?token=1' }).end(),
    );
    const why = 'it answered 307, go to elsewhere.example: put the right address into alerts.recipients';
    expect(await send(sender())).toMatchObject({ kind: 'refused', forGood: true, why });
    expect(inbox.posts).toHaveLength(1);
  });

  test('an endless answer is cut, and told in short', async () => {
    inbox.onPost((_posted, response) => {
      response.writeHead(500);
      const pour = () => {
        while (!response.destroyed && response.write('no\n'.repeat(1000)));
      };
      response.on('drain', pour);
      pour();
      return new Promise(() => {});
    });
    const answer = await send(sender());
    expect(answer).toMatchObject({
      kind: 'refused',
      forGood: false,
      why: expect.stringMatching(/^it answered 500: no no/),
    });
    expect('why' in answer && answer.why.length).toBeLessThan(250);
  });

  test('nobody is there', async () => {
    const to = letter({ to: `http://127.0.0.1:${await freePort()}/topic` });
    expect(await send(sender(), { to })).toMatchObject({ kind: 'refused', forGood: false, handedOver: 0 });
  });
});

describe('a push', () => {
  test('goes to its topic with title, priority and token', async () => {
    expect(await send(pushSender('tk_secret'))).toEqual({ kind: 'taken', handedOver: 1 });
    const [posted] = inbox.posts;
    expect(posted).toMatchObject({ path: '/topic', body: 'What to do — now' });
    expect(posted?.headers).toMatchObject({ priority: '5', authorization: 'Bearer tk_secret' });
    const title = Buffer.from(String(posted?.headers.title).slice('=?UTF-8?B?'.length, -2), 'base64').toString('utf8');
    expect(title).toBe('Clearline: a call was reported at Café Court');
  });

  test('that is not urgent, of a plain title and no token', async () => {
    await send(pushSender(null), { to: letter({ message: { subject: 'Plain', text: 'x', urgent: false } }) });
    expect(inbox.posts[0]?.headers).toMatchObject({ title: 'Plain', priority: '4' });
    expect(inbox.posts[0]?.headers).not.toHaveProperty('authorization');
  });

  test('that is too long is cut at the end of a line', async () => {
    const text = Array.from({ length: 500 }, (_, index) => `line ${index} — £`).join('\n');
    await send(pushSender(null), { to: letter({ message: { subject: 'Long', text, urgent: false } }) });
    const { body = '' } = inbox.posts[0] ?? {};
    expect(Buffer.byteLength(body)).toBeLessThan(4096);
    expect(body).toMatch(/line \d+ — £\n… and more: clearline alerts$/);
  });

  test('without its last byte is no request', async () => {
    const why = 'another worker has this delivery';
    expect(await send(pushSender(null), { refuse: true })).toMatchObject({ kind: 'refused', forGood: false, why });
    await until('the receiver sees it broken off', () => inbox.broken() === 1);
    expect(inbox.posts).toEqual([]);
  });

  test('whose answer does not come is in doubt; so is what a proxy says of somebody behind it', async () => {
    inbox.onPost((_, response) => void response.destroy());
    expect(await send(pushSender(null))).toMatchObject({ kind: 'in-doubt', handedOver: 1 });
    inbox.onPost((_, response) => void response.writeHead(504).end());
    expect(await send(pushSender(null))).toMatchObject({ kind: 'in-doubt', why: 'it answered 504' });
    inbox.onPost(() => new Promise(() => {}));
    expect(await send(pushSender(null, 300))).toMatchObject({ kind: 'in-doubt', why: 'no answer within 0.3 s' });
  });
});
