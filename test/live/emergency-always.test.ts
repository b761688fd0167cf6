import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFailed, test } from 'vitest';
import { markers, tones } from '../support/audio.ts';
import { type Fault, faultsOf } from '../support/faults.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * 999 goes out whatever else of Clearline fails. Each part is really away while the resident dials, which is looked at
 * before and after; and whoever else was on the line is cut.
 */

const prompts = makeShortPrompts();
/** One for each story: a suspect call leaves its line held. Calls to the last are announced and warned of, which takes longer. */
const rooms = Array.from({ length: 24 }, (_, index) => `room-${index + 1}`);
const warned = rooms.slice(-2);
const plain = rooms.slice(0, -2);
/** A key of the test's telephones, with the pause after it; see Media.press. */
const keyMs = 200;
let stack: TestStack;
let faults: ReturnType<typeof faultsOf>;
let carrierPort: number;
let phones: Phones;
let carrier: Phone;
/** Away now, in this order. */
let away: Fault[];

beforeAll(async () => {
  carrierPort = await freePort();
  stack = await startTestStack({
    lines: rooms.map((id, index) => ({
      id,
      number: `+4419235551${10 + index}`,
      mode: warned.includes(id) ? 'announce' : 'paused',
    })),
    trunks: [{ name: 'carrier', address: `127.0.0.2:${carrierPort}` }],
    settings: { sounds: { folder: prompts.folder } },
    services: ['worker', 'interceptor'],
    silenceMs: Number.POSITIVE_INFINITY,
  });
  faults = faultsOf(stack);
});

afterAll(async () => {
  for (const fault of Object.values<Fault>(faults ?? {})) await fault.stop?.();
  await stack?.stop();
  rmSync(prompts.folder, { recursive: true });
});

beforeEach(async () => {
  away = [];
  phones = new Phones({ host: '127.0.0.1', port: stack.config.sip.port });
  onTestFailed(({ task }) => phones.save(join(tmpdir(), 'clearline-failed', task.name.replaceAll(/\W+/g, '-'))));
  carrier = await phones.trunk('127.0.0.2', carrierPort);
});

afterEach(async () => {
  try {
    await stack.asterisk.cli('channel request hangup all');
    for (const fault of away) await fault.mend();
    await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  } finally {
    // Their ports are the next story's.
    phones.close();
  }
});

/** A telephone whose line is clear and not held. */
function home(from = plain): Promise<Phone> {
  const user = from.shift() ?? 'no room is left';
  return phones.register({ address: '127.0.0.3', user, password: `secret-${user}` });
}

async function takeAway(...parts: readonly Fault[]): Promise<void> {
  for (const part of parts) {
    away.push(part);
    await part.begin();
  }
}

async function isStillAway(): Promise<void> {
  for (const part of away) expect([part.name, await part.isAway()]).toEqual([part.name, true]);
}

async function hearOneAnother(one: PhoneCall, other: PhoneCall): Promise<void> {
  void one.media.play(tones(markers.resident, 800), true);
  void other.media.play(tones(markers.police, 800), true);
  await Promise.all([hearsMarker(one, markers.police), hearsMarker(other, markers.resident)]);
  one.media.stop();
  other.media.stop();
}

/** A stranger in conversation with the resident, who says something all the while. */
async function talking(resident: Phone): Promise<{ suspect: PhoneCall; rung: ReceivedCall }> {
  const to = `019235551${10 + rooms.indexOf(resident.name)}`;
  const suspect = await carrier.call({ to, from: { number: '02079460999' } });
  const rung = await resident.nextCall();
  rung.answer();
  void suspect.media.play(tones(markers.caller, 800), true);
  await hearsMarker(rung, markers.caller);
  return { suspect, rung };
}

/** Holds the line where the dialplan looks. */
async function hold({ name }: Phone): Promise<void> {
  await stack.asterisk.cli(`database put clearline-hold ${name} ${Math.ceil(Date.now() / 1000) + 300}`);
}

interface Emergency {
  readonly call: PhoneCall;
  readonly taken: ReceivedCall;
}

/** The resident dials, with every part that is to be away really away; it rings at once. */
async function dial(resident: Phone, number: string, leavesAs = number): Promise<Emergency> {
  await isStillAway();
  const call = await resident.call({ to: number });
  const taken = await carrier.nextCall();
  expect(taken.invite.uri).toMatch(new RegExp(`^sip:${leavesAs}@`));
  expect(taken.invitedAt - call.invitedAt).toBeLessThan(atOnceMs);
  return { call, taken };
}

/** The emergency services pick up, the two hear one another and nobody else does, and all that was away is so still. */
async function speak({ call, taken }: Emergency, suspect?: PhoneCall): Promise<void> {
  taken.answer();
  await call.untilAnswered();
  await suspect?.untilEnded();
  const alone = now();
  await hearOneAnother(call, taken);
  if (suspect) expect(suspect.ended).toMatchObject({ by: 'them', how: 'bye' });
  expect([call, taken].flatMap(({ heard }) => heard.marker(markers.caller)).filter(({ from }) => from > alone)).toEqual(
    [],
  );
  expect([call.ended, taken.ended]).toEqual([null, null]);
  await isStillAway();
}

const single = ['interceptorKilled', 'interceptorHung', 'redisKilled', 'amiRefused', 'sqlReadOnly'] as const;

describe.each(single)('with %s', (name) => {
  test('999 leaves at once, and is answered', async () => {
    const resident = await home();
    await takeAway(faults[name]);
    await speak(await dial(resident, '999'));
  });

  test('999 leaves from a second line of the telephone, and the suspect on the first is cut', async () => {
    const resident = await home();
    const { suspect } = await talking(resident);
    await takeAway(faults[name]);
    await speak(await dial(resident, '999'), suspect);
  });
});

test('a held line does not keep 999 waiting', async () => {
  const resident = await home();
  await hold(resident);
  await speak(await dial(resident, '999'));
});

test('999 that left while the interceptor hung goes on when it runs again', async () => {
  const resident = await home();
  const { suspect } = await talking(resident);
  await takeAway(faults.interceptorHung);
  const emergency = await dial(resident, '999');
  await speak(emergency, suspect);
  away = [];
  await faults.interceptorHung.mend();
  // It has caught up on all of it when it takes a call again.
  const ordinary = await (await home()).call({ to: '01923555002' });
  const taken = await carrier.nextCall();
  expect(taken.invite.uri).toMatch(/^sip:01923555002@/);
  ordinary.cancel();
  await speak(emergency);
});

describe('999 keyed inside a call with a suspect leaves at once, and the suspect is cut', () => {
  test.each([
    ['with nothing away', []],
    [
      'with Redis, AMI, the worker and SQL away, on a held line',
      ['sqlReadOnly', 'redisKilled', 'amiRefused', 'workerKilled'],
    ],
  ] as const)('%s', async (_, parts) => {
    const resident = await home(warned);
    const { suspect, rung } = await talking(resident);
    await hold(resident);
    await takeAway(...parts.map((name) => faults[name]));
    rung.press('999');
    const keyed = now() + 3 * keyMs;
    const taken = await carrier.nextCall();
    expect(taken.invite.uri).toMatch(/^sip:999@/);
    expect(taken.invitedAt - keyed).toBeLessThan(atOnceMs);
    await speak({ call: rung, taken }, suspect);
  });
});

describe('everything at once: SQL read-only, Redis and the worker killed, AMI refused, the line held, a suspect on it', () => {
  test.each([
    ['999', '999', 'interceptorHung'],
    ['999', '999', 'interceptorKilled'],
    ['112', '112', 'interceptorHung'],
    ['18000', '18000', 'interceptorHung'],
    ['141999', '999', 'interceptorHung'],
  ] as const)('%s leaves at once as %s with %s, and the suspect is cut', async (dialled, leavesAs, interceptor) => {
    const resident = await home();
    const { suspect } = await talking(resident);
    await hold(resident);
    const { sqlReadOnly, redisKilled, amiRefused, workerKilled } = faults;
    await takeAway(sqlReadOnly, redisKilled, amiRefused, workerKilled, faults[interceptor]);
    await speak(await dial(resident, dialled, leavesAs), suspect);
  });
});
