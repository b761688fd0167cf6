import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Hep, listenHep } from '../../services/adapters/hep.ts';
import type { SipSeen } from '../../services/core/hep.ts';
import { Releases, type Settled } from '../../services/interceptor/exchange/releases.ts';
import { hepPassword } from '../../services/secrets.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** What the copies of SIP messages show on a real Asterisk, with carriers that behave and carriers that do not. */

const dialplan = `[carrier]
exten => 01,1,Answer()
 same => n,Wait(0.4)
 same => n,Hangup()
exten => 02,1,Answer()
 same => n,Wait(60)
exten => 03,1,Ringing()
 same => n,Wait(60)
exten => 04,1,Hangup(21)
`;
const [endsSoon, talks, rings, refuses] = ['01', '02', '03', '04'];

let stack: TestStack;
let phones: Phones;
let carrier: Phone;
let hep: Hep;
/** Another exchange, with the interceptor, whose lines let callers through. */
let site: Site;
let callers: Phones;
let network: Phone;
let rooms: readonly (Phone | undefined)[];
const releases = new Releases(Date.now);
const seen: SipSeen[] = [];
const troubles: string[] = [];

beforeAll(async () => {
  const mode = 'paused';
  site = await startSite({
    lines: [1, 2, 3].map((n) => ({ id: `room-${n}`, number: `+44192355510${n}`, mode })),
  });
  stack = await startTestStack({
    trunks: [{ name: 'net', address: `127.0.0.2:${await freePort()}` }],
    site: { 'extensions.conf': dialplan, 'pjsip.conf': '[trunk-net](+)\ncontext = carrier\n' },
  });
  const { sip, asterisk } = stack.config;
  hep = listenHep(
    { port: asterisk.hepPort, password: hepPassword(stack.secrets), sip },
    (one) => {
      seen.push(one);
      releases.hear(one);
    },
    (why) => troubles.push(why),
  );
  phones = new Phones({ host: '127.0.0.1', port: sip.port });
  carrier = await phones.trunk('127.0.0.2');
  callers = site.phones();
  network = await callers.trunk(networkAddress);
  rooms = [undefined, ...(await Promise.all([1, 2, 3].map((n) => lineUp(callers, `room-${n}`))))];
});

afterAll(async () => {
  hep?.close();
  phones?.close();
  await stack?.stop();
  callers?.close();
  await site?.stop();
});

/** A call from the carrier. Its SIP Call-ID stands for the channel, too. */
async function place(to: string): Promise<PlacedCall> {
  const call = await carrier.call({ to, from: { number: '02079460999' } });
  releases.note(call.id, call.id);
  return call;
}

async function placeAnswered(to: string): Promise<PlacedCall> {
  const call = await place(to);
  await call.untilAnswered();
  await until('the ACK is copied', () => copies(call, 'them', 'ACK').length > 0);
  return call;
}

function copies(call: PlacedCall, sentBy: 'us' | 'them', method: string, status: number | null = null): SipSeen[] {
  return seen.filter(
    (one) => one.callId === call.id && one.sentBy === sentBy && one.method === method && one.status === status,
  );
}

const untilCopied = (call: PlacedCall, sentBy: 'us' | 'them', method: string, status: number | null = null) =>
  until(`${sentBy} ${method} ${status ?? ''} is copied`, () => copies(call, sentBy, method, status)[0]);

const timeOf = (settled: Settled): number => (settled.state === 'released' ? settled.at : Number.NaN);

/** The CSeq of each BYE of ours, repetitions aside. */
const goodbyes = (call: PlacedCall) => [...new Set(copies(call, 'us', 'BYE').map(({ sequence }) => sequence))];

/** Another request with the headers of the call's INVITE, as a carrier out of step might send it. */
function sendAstray(call: PlacedCall, method: string, change: (lines: string) => string = (lines) => lines): void {
  const invite = carrier.wire.log.find(({ way, text }) => way === 'sent' && text.includes(`Call-ID: ${call.id}`));
  const [head = ''] = (invite?.text ?? '').split(/Content-Type/);
  const request = `${head.replaceAll('INVITE', method)}Content-Length: 0\r\n\r\n`;
  carrier.wire.request(Buffer.from(change(request)));
}

async function hangUp(call: PlacedCall): Promise<void> {
  const { httpPort } = stack.config.asterisk;
  const ari = (path: string, method = 'GET') =>
    fetch(`http://127.0.0.1:${httpPort}/ari/channels${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`clearline:${stack.secrets.ari}`)}` },
    });
  const channels = (await (await ari('')).json()) as { readonly id: string; readonly protocol_id: string }[];
  const channel = channels.find(({ protocol_id }) => protocol_id === call.id);
  expect(channel, "ARI's protocol_id is the SIP Call-ID").toBeDefined();
  await ari(`/${channel?.id}`, 'DELETE');
}

describe.concurrent('a caller', () => {
  test('whose carrier answers our BYE is released, at the time of the answer', async () => {
    const before = Date.now();
    const call = await placeAnswered(endsSoon);
    const settled = releases.settled(call.id);
    await call.untilEnded();
    const release = await settled;
    expect(release).toMatchObject({ state: 'released', status: 200, asked: true });
    expect(timeOf(release)).toBeGreaterThan(before + 300);
    expect(timeOf(release)).toBeLessThanOrEqual(Date.now());
    expect(releases.stateOf(call.id)).toBe('released');
  });

  test('whose carrier knows of no such call is released', async () => {
    const call = await placeAnswered(talks);
    carrier.calls.splice(carrier.calls.indexOf(call), 1);
    call.media.close();
    await hangUp(call);
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: 481, asked: true });
  });

  test('whose carrier misses our BYE at first is released when it answers a repetition', async () => {
    const call = await placeAnswered(talks);
    call.ignoresGoodbye = true;
    await hangUp(call);
    const got = () => carrier.wire.log.some(({ text }) => text.startsWith('BYE') && text.includes(call.id));
    await until('the first BYE is ignored', got);
    call.ignoresGoodbye = false;
    const release = await releases.settled(call.id);
    const [first, second] = copies(call, 'us', 'BYE');
    expect(timeOf(release)).toBeGreaterThanOrEqual(second?.at ?? Number.POSITIVE_INFINITY);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(400);
  });

  test('whose carrier never answers our BYE, and asks for more, is never released', async () => {
    const call = await placeAnswered(talks);
    call.ignoresGoodbye = true;
    await hangUp(call);
    const goodbye = await untilCopied(call, 'us', 'BYE');
    const settled = releases.settled(call.id);
    call.hold();
    // Asterisk accepts it, though the channel is gone, and says goodbye once more.
    await until('Asterisk says goodbye again', () => goodbyes(call).length === 2);
    call.resume();
    await until('and again', () => goodbyes(call).length === 3);
    expect(releases.stateOf(call.id)).toBe('awaited');
    expect(await settled).toEqual({ state: 'unanswered' });
    expect(Date.now() - goodbye.at).toBeGreaterThanOrEqual(32_000);
    expect(Date.now() - goodbye.at).toBeLessThan(34_000);
    expect(releases.stateOf(call.id)).toBe('awaited');
    expect(copies(call, 'us', 'BYE').length).toBeGreaterThan(8);
  }, 60_000);

  test('who hangs up is released when we accept it', async () => {
    const call = await placeAnswered(talks);
    expect(releases.stateOf(call.id)).toBe('awaited');
    call.hangUp();
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: 200, asked: false });
    expect(copies(call, 'us', 'BYE')).toEqual([]);
  });

  test('who hangs up some other call is not', async () => {
    const call = await placeAnswered(talks);
    sendAstray(call, 'BYE', (text) => text.replace(/^(To: .*)$/m, '$1;tag=guessed').replace(/branch=\w+/, '$&x'));
    await untilCopied(call, 'us', 'BYE', 481);
    expect(releases.stateOf(call.id)).toBe('awaited');
    call.hangUp();
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: 200 });
  });

  test('who gives up before the answer is released', async () => {
    const call = await place(rings);
    await call.untilRinging();
    call.cancel();
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: 487, asked: false });
  });

  test('who gives up after the answer is not', async () => {
    const call = await placeAnswered(talks);
    sendAstray(call, 'CANCEL');
    await until('the CANCEL is answered', () =>
      seen.some((one) => one.callId === call.id && one.method === 'CANCEL' && one.sentBy === 'us'),
    );
    expect(releases.stateOf(call.id)).toBe('awaited');
    await hangUp(call);
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: 200 });
  });

  test('whom we refuse is released with the ACK', async () => {
    const call = await place(refuses);
    const ended = await call.untilEnded();
    expect(await releases.settled(call.id)).toMatchObject({ state: 'released', status: ended.status, asked: true });
    expect(copies(call, 'them', 'ACK')).toHaveLength(1);
  });
});

describe.concurrent('the record of a call', () => {
  /** A call that is put through, as the line's mode says. */
  async function talk(line: number, number: string) {
    const call = await network.call({ to: `0192355510${line}`, from: { number } });
    const rung = await until('the telephone rings', () => rooms[line]?.received[0]);
    rung.answer();
    await call.untilAnswered();
    return { call, rung };
  }

  test('says when and how the carrier answered the goodbye', async () => {
    const { call, rung } = await talk(1, '02079460801');
    rung.hangUp();
    await call.untilEnded();
    const { record, journal } = await site.recorded(call.id);
    expect(record).toMatchObject({ released: { status: 200 }, alerts: [] });
    expect(journal.at(-1)).toMatchObject({ event: { type: 'Released', leg: 'caller' } });
  });

  test('says nothing where the caller said it', async () => {
    const { call } = await talk(2, '02079460802');
    call.hangUp();
    const { record } = await site.recorded(call.id);
    expect(record).toMatchObject({ released: null, alerts: [], clearedAt: expect.any(Number) });
  });

  test('is there at once, and has an alert later where the carrier never answered', async () => {
    const { call, rung } = await talk(3, '02079460803');
    call.ignoresGoodbye = true;
    rung.hangUp();
    const onRecord = async () => (await site.store.calls.list({ from: '02079460803', limit: 1 }))[0];
    const { id } = await until('the call is on record', onRecord);
    expect(await site.store.calls.find(id)).toMatchObject({ record: { released: null, alerts: [] } });
    const alerted = async () => {
      const found = await site.store.calls.find(id);
      return found?.record.alerts.length !== 0 && found?.record;
    };
    const record = await until('the record tells of the alert', alerted, 45_000);
    expect(record).toMatchObject({ released: null, alerts: [{ alert: 'not-released' }] });
    // It comes by a queue of its own.
    const told = async () => (await site.store.alerts.list({ limit: 10 })).filter(({ call }) => call === id);
    const alert = await until('the alert is on record', async () => (await told())[0]);
    expect(alert).toMatchObject({ kind: 'not-released', call: id });
    expect(await told()).toHaveLength(1);
    expect((record.alerts[0]?.at ?? 0) - record.endedAt).toBeGreaterThan(31_000);
  }, 60_000);
});

test('Asterisk sent nothing that could not be read', () => {
  expect(hep.dropped).toBe(0);
  expect(troubles).toEqual([]);
});
