import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { header, type SipMessage } from '../support/phone/message.ts';
import { type Stranger, strangerAt } from '../support/phone/stranger.ts';
import { lineUp, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** What those get who are neither a trunk nor a telephone: nothing, and for guessing at passwords, not even that. */

let site: Site;
const strangers: Stranger[] = [];
const stranger = async (address: string) => {
  const { port } = site.stack.config.sip;
  const one = await strangerAt(address, { host: '127.0.0.1', port });
  strangers.push(one);
  return one;
};

beforeAll(async () => {
  site = await startSite({
    carrier: true,
    lines: [
      { id: 'room-1', number: '+441923555001' },
      { id: 'room-2', number: '+441923555002' },
    ],
    settings: { sip: { neverBan: ['127.0.0.64/30'] } },
  });
}, 60_000);
afterAll(async () => {
  for (const one of strangers) one.close();
  await site?.stop();
});

/** What an answer tells beside what the question itself said. */
function told(answer: SipMessage | null): string {
  if (answer === null) return 'nothing';
  const challenge = header(answer, 'www-authenticate').replaceAll(/(nonce|opaque)="[^"]*"/g, '$1');
  return [answer.status, challenge, header(answer, 'server'), header(answer, 'allow')].join(' | ');
}

const offer = 'v=0\r\no=- 1 1 IN IP4 127.0.0.20\r\ns=-\r\nc=IN IP4 127.0.0.20\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

describe('a stranger', () => {
  it.each([
    ['INVITE', 'anonymous', ['Content-Type: application/sdp'], offer],
    ['REGISTER', 'room-1', [], ''],
    ['OPTIONS', 'room-1', [], ''],
    ['SUBSCRIBE', 'room-1', ['Event: presence'], ''],
    ['MESSAGE', 'room-1', ['Content-Type: text/plain'], 'hello'],
    ['PUBLISH', 'room-1', ['Event: presence'], ''],
    ['REFER', 'room-1', ['Refer-To: <sip:999@127.0.0.1>'], ''],
    ['NOTIFY', 'room-1', ['Event: check-sync'], ''],
    ['INFO', 'room-1', [], ''],
    ['FROB', 'room-1', [], ''],
  ])('gets 401 to %s, the same for who is there and who is not', async (method, user, lines, body) => {
    const asking = await stranger('127.0.0.20');
    const ask = async (to: string, from: string) => told(await asking.ask(method, { to, from }, lines, body));
    const known = await ask('room-1', user);
    expect(known).toMatch(/^401 \| Digest realm="sip",nonce,opaque,/);
    expect(known).not.toMatch(/clearline|asterisk|\d\.\d/i);
    expect(await ask('room-1', 'nobody')).toBe(known);
    expect(await ask('01923555001', 'anonymous')).toBe(known);
    expect(await ask('999', 'trunk-net')).toBe(known);
    expect(await site.stack.channels()).toEqual([]);
  });

  it('learns from a wrong password no more about who is there than from a wrong name', async () => {
    const asking = await stranger('127.0.0.21');
    expect(await asking.guess({ user: 'room-1', password: 'wrong' })).toBe(401);
    expect(await asking.guess({ user: 'nobody', password: 'wrong' })).toBe(401);
    expect(await asking.guess({ user: 'trunk-net', password: '' })).toBe(401);
  });
});

const acl = async () => readFile(join(site.stack.config.paths.generated, 'acl.conf'), 'utf8').catch(() => '');
/** As many wrong passwords as Clearline puts up with; what the last was answered. */
async function guessOften(one: Stranger, times = 10): Promise<number | null> {
  let last: number | null = null;
  for (let turn = 0; turn < times; turn += 1) last = await one.guess({ user: 'room-2', password: `wrong-${turn}` });
  return last;
}
const refusal = async (one: Stranger) => (await one.ask('REGISTER', { from: 'room-1' }))?.status ?? null;
/** Guesses for as long as it is heard: an interceptor that has only just begun may have missed the first. */
const guessUntilRefused = (one: Stranger) =>
  until('the guesser is refused', async () => (await one.guess({ user: 'room-2', password: 'wrong' })) === 403);

describe('whoever guesses passwords', () => {
  it('is refused, and nobody else is; the ban is in AstDB, and is over when that is taken away', async () => {
    const [guesser, other] = [await stranger('127.0.0.30'), await stranger('127.0.0.31')];
    expect(await guessOften(guesser)).toBe(401);
    await until('the guesser is refused', async () => (await refusal(guesser)) === 403);
    expect(await refusal(other)).toBe(401);
    expect(await acl()).toContain('deny = 127.0.0.30/32\n');
    await until('staff are alerted', async () =>
      (await site.store.alerts.list({ limit: 9 })).some(({ kind }) => kind === 'password-guessing'),
    );
    await site.stack.asterisk.cli('database del clearline-ban 127.0.0.30');
    await until('the guesser is heard again', async () => (await refusal(guesser)) === 401);
  });

  it('is refused still when the interceptor was away and is back', async () => {
    const guesser = await stranger('127.0.0.32');
    await guessUntilRefused(guesser);
    await site.stack.stopService('interceptor');
    expect(await refusal(guesser)).toBe(403);
    await site.stack.startService('interceptor');
    expect(await refusal(guesser)).toBe(403);
    await site.stack.asterisk.cli(`database put clearline-ban 127.0.0.32 "1000 1300 1"`);
    await until('the ban is over by itself', async () => (await refusal(guesser)) === 401);
  });

  it('cannot have another shut out by writing their address: no answer to a challenge that was never sent there counts', async () => {
    await guessUntilRefused(await stranger('127.0.0.35'));
    const forger = await stranger('127.0.0.33');
    const challenge = await forger.ask('REGISTER', { from: 'room-2' });
    const nonce = /nonce="([^"]*)"/.exec(header(challenge as SipMessage, 'www-authenticate'))?.[1] ?? '';
    expect(nonce).not.toBe('');
    const victim = await stranger('127.0.0.34');
    const digest = (nonceSaid: string) =>
      `Authorization: Digest username="room-2",realm="sip",nonce="${nonceSaid}",uri="sip:x",response="${'a'.repeat(32)}"`;
    for (let turn = 0; turn < 30; turn += 1) {
      for (const said of [nonce, '1/abc']) victim.send('REGISTER', { from: 'room-2' }, [digest(said)]);
    }
    // Somebody who really guesses, after all of that: once they are refused, the forged ones have been judged too.
    await guessUntilRefused(await stranger('127.0.0.36'));
    expect(await refusal(victim)).toBe(401);
    expect(await acl()).not.toContain('127.0.0.34');
  });

  it('is not banned where a telephone is registered, whose 999 goes through, nor where the site says so', async () => {
    const phones = site.phones();
    try {
      const resident = await lineUp(phones, 'room-1', '127.0.0.40');
      const [neighbour, spared] = [await stranger('127.0.0.40'), await stranger('127.0.0.66')];
      expect(await guessOften(neighbour, 25)).toBe(401);
      expect(await guessOften(spared, 25)).toBe(401);
      for (const address of ['127.0.0.40', '127.0.0.66']) {
        const noticed = (line: string) => line.includes(`"${address}"`) && line.includes('is not shut out');
        await until(`the guesses from ${address} are noticed`, () => site.stack.output.some(noticed));
      }
      expect(await acl()).not.toMatch(/127\.0\.0\.(40|66)/);
      site.carrier.onCall = { do: 'answer', afterMs: 0 };
      const call = await resident.call({ to: '999' });
      await call.untilAnswered();
      call.hangUp();
      await site.untilQuiet();
    } finally {
      phones.close();
    }
  });
});
