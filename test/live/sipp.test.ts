import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BareAsterisk, startBareAsterisk } from '../support/phone/bare-asterisk.ts';
import { type Answerers, Phones, runLoad, startAnswerers } from '../support/phones.ts';
import { until } from '../support/until.ts';

/** SIPp as we drive it, proved against an Asterisk with nothing of Clearline in it. 61 rings many1; 2 reads four keys. */

const lines = ['flat-1', 'many1', 'many2'].map((user) => ({ user, password: `word-of-${user}` }));
const many = lines.slice(1);
const trunkAddress = '127.0.0.2';
const address = '127.0.0.6';
const extensions = `[from-trunk]
exten => 2,1,Answer()
 same => n,Read(PRESSED,,4,,1,10)
 same => n,Set(CALLERID(name)=pressed \${PRESSED})
 same => n,Dial(PJSIP/flat-1,20)
exten => _6X,1,Dial(PJSIP/many\${EXTEN:1},20)
 same => n,Hangup(\${HANGUPCAUSE})
`;
const rows = ['61', '62'].map((to) => ({ to, name: 'Load', number: '01923555000' }));

let asterisk: BareAsterisk;
let phones: Phones;
let answerers: Answerers | undefined;

beforeAll(async () => {
  asterisk = await startBareAsterisk({ extensions, trunkAddress, lines });
});

afterAll(async () => {
  await asterisk.stop();
});

beforeEach(() => {
  phones = new Phones(asterisk);
});

afterEach(async () => {
  phones.close();
  await answerers?.stop();
  answerers = undefined;
  const channels = () => asterisk.console('core show channels');
  await until('Asterisk has no channel left', async () => (await channels()).includes('\n0 active channels'));
});

test('calls at 20 a second are all answered and all end', async () => {
  answerers = await startAnswerers({ asterisk, address, script: { ringMs: 50 }, lines: many });
  const script = { hangUpAfterMs: 300 };
  const result = await runLoad({
    asterisk,
    address: trunkAddress,
    rows,
    script,
    calls: 60,
    rate: 20,
    withinMs: 20_000,
  });
  expect(result).toMatchObject({ succeeded: 60, failed: 0, errors: '' });
  expect(result.calls).toHaveLength(60);
  for (const call of result.calls) {
    expect(call).toMatchObject({ status: 200, endedBy: 'caller' });
    // SIPp's timers are late or early by some milliseconds.
    expect(call.answeredAt).toBeGreaterThan((call.ringingAt ?? Number.POSITIVE_INFINITY) + 30);
    expect(call.endedAt).toBeGreaterThan((call.answeredAt ?? Number.POSITIVE_INFINITY) + 250);
  }
  expect(new Set(result.calls.map(({ to }) => to))).toEqual(new Set(['61', '62']));
});

test.each([
  { what: 'hangs up', phone: { ringMs: 1, hangUpAfterMs: 200 }, caller: {}, seen: '200 far end' },
  { what: 'refuses', phone: { ringMs: 1, refuseWith: 486 }, caller: {}, seen: '486 far end' },
  { what: 'is cancelled', phone: { ringMs: 9000 }, caller: { cancelAfterMs: 300 }, seen: '487 caller' },
])('a phone that $what leaves no call failed', async ({ phone, caller, seen }) => {
  answerers = await startAnswerers({ asterisk, address, script: phone, lines: many });
  const options = { asterisk, address: trunkAddress, rows, script: caller, calls: 4, rate: 20, withinMs: 10_000 };
  const { calls, failed, errors } = await runLoad(options);
  expect({ failed, errors }).toEqual({ failed: 0, errors: '' });
  expect(calls.map(({ status, endedBy }) => `${status} ${endedBy}`)).toEqual(Array(4).fill(seen));
});

test('keys by INFO from a script reach Asterisk, and headers go with every call', async () => {
  const flat = await phones.register({ address: '127.0.0.3', user: 'flat-1', password: 'word-of-flat-1' });
  flat.onCall = { do: 'answer', afterMs: 0 };
  await asterisk.console('pjsip set logger on');
  const running = runLoad({
    asterisk,
    address: trunkAddress,
    headers: ['Privacy: id'],
    rows: [{ to: '2', name: 'Load', number: '1' }],
    script: { keys: '4711', keyEveryMs: 100 },
    calls: 1,
    rate: 1,
    withinMs: 20_000,
  });
  const rung = await flat.nextCall();
  expect(rung.shows.name).toBe('pressed 4711');
  await rung.untilAnswered();
  rung.hangUp();
  expect(await running).toMatchObject({ succeeded: 1, failed: 0, errors: '' });
  expect(await asterisk.log()).toMatch(/^Privacy: id\r?$/m);
});

test('a phone of SIPp’s answers our call, and our BYE', async () => {
  answerers = await startAnswerers({ asterisk, address, script: { ringMs: 1 }, lines: many });
  const caller = await phones.trunk(trunkAddress);
  const call = await caller.call({ to: '61', from: { name: 'Police', number: '101' } });
  const answeredAt = await call.untilAnswered();
  call.hangUp();
  expect(await until('Asterisk answered our BYE', () => call.byeAnsweredAt)).toBeGreaterThan(answeredAt);
});

test('a load that does not end in time says so, and leaves no SIPp behind', async () => {
  answerers = await startAnswerers({ asterisk, address, script: { ringMs: 600 }, lines: many });
  const options = { asterisk, address: trunkAddress, rows, script: { cancelAfterMs: 5000, hangUpAfterMs: 600 } };
  await expect(runLoad({ ...options, calls: 2, rate: 20, withinMs: 300 })).rejects.toThrow('until SIPp has finished');
  await asterisk.console('channel request hangup all');
});
