import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../services/adapters/sql/store.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { freePort, startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** clearline clear, status and lift on a real Asterisk. No interceptor runs: they need none. */

let stack: TestStack;
let trunkPort: number;
let phones: Phones;
let carrier: Phone;

beforeAll(async () => {
  trunkPort = await freePort();
  stack = await startTestStack({
    lines: [
      { id: 'room-1', number: '+441923555101', resident: 'Elsie Brown' },
      { id: 'room-1-2', number: '+441923555102', resident: 'Tom Hill' },
    ],
    trunks: [{ name: 'carrier', address: `127.0.0.2:${trunkPort}` }],
    settings: { screening: { holdSeconds: 300 } },
  });
});

afterAll(() => stack?.stop());

beforeEach(async () => {
  const [host = '', port] = stack.sip.split(':');
  phones = new Phones({ host, port: Number(port) });
  carrier = await phones.trunk('127.0.0.2', trunkPort);
});

afterEach(async () => {
  await stack.asterisk.cli('channel request hangup all');
  await until('Asterisk has no channel left', async () => (await stack.channels()).length === 0);
  phones.close();
  for (const family of ['hold', 'caller', 'timed']) await stack.asterisk.cli(`database deltree clearline-${family}`);
});

const main = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

/** Types a command, in a process of its own as staff would. */
function clearline(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, CLEARLINE_CONFIG: stack.configFile, USER: 'anna' };
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, out, err });
    });
  });
}

async function lampOf(resident: string): Promise<string> {
  const { out } = await clearline('status', '--json');
  const findings: { part: string; lamp?: string }[] = JSON.parse(out);
  return findings.find(({ part }) => part === `Line of ${resident}`)?.lamp ?? 'none';
}

test('a suspect call is seen by both witnesses, leaves the line held, and the hold is lifted with a reason', async () => {
  expect(await clearline('clear', 'room-1')).toMatchObject({
    code: 0,
    out: expect.stringContaining('It is not held.'),
  });

  const call = await carrier.call({ to: '01923555101', from: { name: 'Police', number: '07700900123' } });
  await call.untilAnswered();
  const [channel = ''] = await stack.channels();
  // All at once: the dialplan, which finds no telephone, ends the call after some words.
  const [during, neighbour, lamp, neighboursLamp, early] = await Promise.all([
    clearline('clear', '01923 555101'),
    clearline('clear', 'room-1-2'),
    lampOf('Elsie Brown'),
    lampOf('Tom Hill'),
    clearline('lift', 'room-1', '--reason', 'It was the surgery.'),
  ]);
  expect(during.code).toBe(1);
  expect(during.out).toContain(`The line of Elsie Brown (room-1) is not clear.\n  Channel ${channel} still exists.`);
  for (const witness of ['ARI', 'AMI']) {
    expect(during.out).toMatch(new RegExp(`${witness} .* in [\\d.]+ ms +${channel} \\(PJSIP/trunk-carrier-`));
  }
  expect(neighbour.code).toBe(0);
  expect([lamp, neighboursLamp]).toEqual(['call', 'clear']);
  expect(early.code).toBe(1);
  expect(early.err).toContain(`still up: ${channel} (PJSIP/trunk-carrier-`);

  call.hangUp();
  await until('the channel is gone', async () => (await stack.channels()).length === 0);
  const after = await clearline('clear', 'room-1');
  expect(after.code).toBe(0);
  expect(after.out).toMatch(/It is held: (5 min|4 min \d+ s) left, after a call from 07700 900123/);
  expect(await lampOf('Elsie Brown')).toBe('held');

  const lifted = await clearline('lift', 'room-1', '--reason', 'It was the surgery.');
  expect(lifted).toMatchObject({ code: 0, out: expect.stringContaining('On record: anna: It was the surgery.') });
  const last = await clearline('clear', 'room-1');
  expect(last.code).toBe(0);
  expect(last.out).toMatch(/It is not held\.\nA hold was last lifted at .* by anna: It was the surgery\./);
  expect(await lampOf('Elsie Brown')).toBe('clear');
  for (const family of ['hold', 'caller', 'timed']) {
    expect(await stack.asterisk.cli(`database show clearline-${family}`)).toContain('0 results found');
  }
  const store = await openStore(stack.config);
  expect(await store.lifts.list('room-1', 9)).toEqual([
    { line: 'room-1', at: expect.any(Number), by: 'anna', why: 'It was the surgery.' },
  ]);
  await store.close();
});

test('a withheld number is told to nobody', async () => {
  const call = await carrier.call({
    to: '01923555102',
    from: { name: 'Anonymous', number: 'anonymous' },
    headers: { 'P-Asserted-Identity': '<sip:07700900456@127.0.0.2>', Privacy: 'id' },
  });
  await call.untilAnswered();
  call.hangUp();
  await until('the channel is gone', async () => (await stack.channels()).length === 0);
  const { out } = await clearline('clear', 'room-1-2');
  expect(out).toContain('left, after a call that showed no number.');
  expect(out + (await clearline('status')).out).not.toMatch(/7700 ?900456/);
  expect(await stack.asterisk.cli('database show clearline-caller')).not.toContain('7700900456');
});

test('a lone trunk that may be held open keeps every line from being clear, and lifting a line does not free it', async () => {
  const until300 = Math.floor(Date.now() / 1000) + 300;
  await stack.asterisk.cli(`database put clearline-timed carrier ${until300}`);
  const held = await clearline('clear', 'room-1');
  expect(held.code).toBe(1);
  expect(held.out).toMatch(/The far end may hold trunk carrier open for \d+ s more\./);
  expect((await clearline('clear', 'room-1-2')).code).toBe(1);
  expect((await clearline('status')).out).toMatch(
    /Trunk carrier .*; the trunk carrier may be held open for another \d+ min/,
  );
  expect(await lampOf('Elsie Brown')).toBe('clear');
  const lifting = ['lift', 'room-1', '--reason', 'The gateway shows the line free.'] as const;
  expect(await clearline(...lifting)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/nothing to lift\.\nNot lifted: the trunk carrier may be held open for another \d+ min/),
  });
  await stack.asterisk.cli('database put clearline-hold room-1 9999999999');
  expect(await clearline(...lifting)).toMatchObject({
    code: 0,
    out: expect.stringContaining('until then it carries no guarded call of any line.\n'),
  });
  expect((await clearline('clear', 'room-1')).code).toBe(1);
  await stack.asterisk.cli('database del clearline-timed carrier');
  expect((await clearline('clear', 'room-1')).code).toBe(0);
});

test('an Asterisk that hangs is no proof that a line is clear', async () => {
  const { pid } = stack.asterisk;
  if (pid === null) throw new Error('Asterisk runs in this stack');
  process.kill(pid, 'SIGSTOP');
  try {
    const { code, out } = await clearline('clear', 'room-1');
    expect(code).toBe(1);
    expect(out).toContain('ARI did not answer within a second.');
    expect(out).toContain('AMI did not answer within a second.');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
