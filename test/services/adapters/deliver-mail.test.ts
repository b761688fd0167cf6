import { createServer, type Server, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test } from 'vitest';
import { type MailOptions, mailSender } from '../../../services/adapters/deliver-mail.ts';
import type { Letter } from '../../../services/core/alerting/sender.ts';
import { type Mailbox, openMailbox } from '../../support/mailbox.ts';
import { freePort } from '../../support/stack.ts';
import { until } from '../../support/until.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const letter: Letter = {
  id: 'clearline_0123456789abcdef',
  to: 'warden@example.org',
  message: {
    subject: 'Clearline: a call was reported at Café Court',
    text: 'First line.\n.\n..dots — £5',
    urgent: true,
  },
  alerts: [],
};
const idOnWire = '<clearline_0123456789abcdef@cedar.example.org>';
const from = { name: 'Café Court', address: 'clearline@cedar.example.org' };

async function open(options: Parameters<typeof openMailbox>[0] = {}): Promise<Mailbox> {
  const mailbox = await openMailbox(options);
  closers.push(mailbox.close);
  return mailbox;
}

/** Sends the letter, and answers with what became of it and how often it was handed over. */
async function send(options: Partial<MailOptions>, { refuse = false, stop = new AbortController() } = {}) {
  let handedOver = 0;
  const sender = mailSender({ host: '127.0.0.1', port: 25, tls: 'none', from, ...options });
  const answer = await sender(letter, {
    stop: stop.signal,
    handOver: async () => {
      handedOver += 1;
      if (refuse) throw new Error('another worker has this delivery');
    },
  });
  return { ...answer, handedOver };
}

test('a mail arrives whole, under its own name, as one that no machine answers', async () => {
  const mailbox = await open();
  expect(await send({ port: mailbox.port })).toEqual({ kind: 'taken', handedOver: 1 });
  const [mail] = mailbox.mails;
  expect(mail).toMatchObject({ id: idOnWire, to: ['warden@example.org'], text: `${letter.message.text}\n` });
  expect(mail?.raw).toMatch(/^From: =\?UTF-8\?.*<clearline@cedar\.example\.org>\r$/m);
  expect(mail?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail?.raw).toMatch(/^Importance: high\r$/m);
  expect(mail?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
});

describe('a server that refuses', () => {
  test.each([
    [451, false],
    [421, false],
    [452, false],
    [550, true],
    [554, true],
  ])('the message with %i', async (code, forGood) => {
    const mailbox = await open();
    mailbox.onMail(() => code);
    expect(await send({ port: mailbox.port })).toEqual({
      ...{ kind: 'refused', forGood, handedOver: 1 },
      why: expect.stringMatching(new RegExp(`^the mail server said: ${code} .*not now`)),
    });
  });

  test.each([
    [450, false],
    [550, true],
  ])('the recipient with %i', async (responseCode, forGood) => {
    const onRcptTo = (_: unknown, __: unknown, done: (error: Error) => void) =>
      done(Object.assign(new Error('who?'), { responseCode }));
    const mailbox = await open({ onRcptTo });
    expect(await send({ port: mailbox.port })).toMatchObject({ kind: 'refused', forGood, handedOver: 0 });
  });

  test('the connection', async () => {
    const answer = await send({ port: await freePort() });
    expect(answer).toEqual({
      kind: 'refused',
      forGood: false,
      handedOver: 0,
      why: expect.stringMatching(/ECONNREFUSED/),
    });
  });

  test('a name that is nobody’s', async () => {
    expect(await send({ host: 'mail.invalid' })).toMatchObject({ kind: 'refused', forGood: false, handedOver: 0 });
  });
});

test('where handing over is refused the dot never goes, and the server has nothing', async () => {
  const mailbox = await open();
  const why = 'another worker has this delivery';
  expect(await send({ port: mailbox.port }, { refuse: true })).toEqual({
    ...{ kind: 'refused', forGood: false, handedOver: 1, why },
  });
  expect((await send({ port: mailbox.port })).kind).toBe('taken');
  expect(mailbox.mails).toHaveLength(1);
});

test('a worker that stops ends an attempt that is not handed over', async () => {
  const server = await listen(() => {});
  const stop = new AbortController();
  const attempt = send({ port: server.port }, { stop });
  await until('it has called', () => server.sockets.length > 0);
  stop.abort();
  expect(await attempt).toMatchObject({
    kind: 'refused',
    forGood: false,
    why: 'the worker was stopped',
    handedOver: 0,
  });
  expect(await send({ port: server.port }, { stop })).toMatchObject({ why: 'the worker was stopped' });
});

describe('a server that goes silent', () => {
  const deadlines = { handOverMs: 300, answerMs: 300 };
  test('at once', async () => {
    const server = await listen(() => {});
    const why = 'the mail server did not take the message within 0.3 s';
    expect(await send({ port: server.port, deadlines })).toMatchObject({ kind: 'refused', forGood: false, why });
  });

  test('after the dot: nobody knows', async () => {
    const mailbox = await open();
    mailbox.onMail(() => new Promise(() => {}));
    const why = 'the mail server did not answer the message within 0.3 s';
    expect(await send({ port: mailbox.port, deadlines })).toEqual({ kind: 'in-doubt', why, handedOver: 1 });
  });

  test('for a while, and then takes it', async () => {
    const mailbox = await open();
    mailbox.onMail(() => new Promise((resolve) => setTimeout(() => resolve(null), 100)));
    expect((await send({ port: mailbox.port })).kind).toBe('taken');
  });
});

test('a connection that breaks after the dot leaves it in doubt, one that breaks before does not', async () => {
  const speak = (upTo: RegExp) => (socket: Socket) => {
    socket.write('220 here\r\n');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      if (upTo.test(heard)) return socket.destroy();
      for (const [command] of heard.matchAll(/^(EHLO|MAIL|RCPT|DATA).*\r\n/gim)) {
        heard = heard.replace(command, '');
        socket.write(/^DATA/i.test(command) ? '354 go\r\n' : '250 fine\r\n');
      }
    });
  };
  const before = await listen(speak(/^First line/m));
  // The end of the body goes first, the dot alone.
  const after = await listen(speak(/\r\n\.\r\n$/));
  expect(await send({ port: after.port })).toMatchObject({ kind: 'in-doubt', handedOver: 1 });
  expect((await send({ port: before.port }, { refuse: true })).kind).toBe('refused');
});

describe('TLS and login', async () => {
  const attributes = [{ name: 'commonName', value: 'localhost' }];
  const { private: key, cert } = await generate(attributes, {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const login = { user: 'clearline', password: 'right' };
  const secured = {
    ...{ key, cert, disabledCommands: [], authOptional: false, allowInsecureAuth: false },
    onAuth: ((auth, _, done) => {
      const known = auth.username === 'clearline' && auth.password === 'right';
      done(known ? null : new Error('wrong password'), { user: 'clearline' });
    }) as NonNullable<NonNullable<Parameters<typeof openMailbox>[0]>['onAuth']>,
  };

  test.each(['starttls', 'implicit'] as const)(
    '%s: only who holds a certificate of the given authority',
    async (tls) => {
      const mailbox = await open({ ...secured, secure: tls === 'implicit' });
      const to = { host: 'localhost', port: mailbox.port, tls, login };
      expect(await send(to)).toMatchObject({
        kind: 'refused',
        forGood: false,
        why: expect.stringMatching(/self-signed/),
      });
      expect((await send({ ...to, ca: cert })).kind).toBe('taken');
      expect(mailbox.mails).toHaveLength(1);
    },
  );

  test('a certificate of another name is refused', async () => {
    const mailbox = await open(secured);
    const to = { host: '127.0.0.1', port: mailbox.port, tls: 'starttls', ca: cert } as const;
    expect(await send(to)).toMatchObject({ kind: 'refused', forGood: false, handedOver: 0 });
  });

  test('a password that is wrong can be put right: the message waits', async () => {
    const mailbox = await open(secured);
    const to = { host: 'localhost', port: mailbox.port, tls: 'starttls', ca: cert } as const;
    const wrong = await send({ ...to, login: { ...login, password: 'wrong' } });
    expect(wrong).toMatchObject({ kind: 'refused', forGood: false, why: expect.stringMatching(/wrong password/) });
    expect(wrong).not.toMatchObject({ why: expect.stringContaining('clearline') });
  });

  test('a server without STARTTLS gets neither mail nor password', async () => {
    const mailbox = await open();
    expect(await send({ port: mailbox.port, tls: 'starttls', login })).toMatchObject({
      kind: 'refused',
      forGood: false,
    });
    expect(mailbox.mails).toEqual([]);
  });
});

/** A server that does what it is told, and speaks no SMTP by itself. */
async function listen(hear: (socket: Socket) => void): Promise<{ port: number; sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    hear(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return { port: (server.address() as { port: number }).port, sockets };
}
