import { describe, expect, test } from 'vitest';
import { awaitCalls, countCalls } from '../../services/standalone/await-calls.ts';

/** As Asterisk 22 prints them: name, context, extension, priority, state, application, data, caller, account … bridge, id. */
const row = (name: string, application: string, account: string, id: string) =>
  `${name}!from-trunk!s!1!Up!${application}!(data)!+441923555012!${account}!!3!12!bridge!${id}\n`;
const stranger = row('PJSIP/trunk-net-00000001', 'Stasis', '', '1795358400.1');
const rung = row('PJSIP/room-12-00000002', 'Stasis', 'room-12', '1795358400.1-resident');
const watching = row('Snoop/1795358400.1-00000001', 'Stasis', '', '1795358400.1-ear');
const dialling = row('PJSIP/room-12-00000003', 'Dial', 'room-12/emergency', '1795358400.4');
const dialled = row('PJSIP/trunk-net-00000004', 'AppDial', 'room-12/emergency', '1795358400.5');
const named = (stranger + rung + watching + dialling + dialled).replaceAll('!bridge!', '!bridge!5bb93ec6-');

describe('the calls that Asterisk carries', () => {
  test.each([
    ['nothing', '', { calls: 0, emergencies: 0 }],
    ['a conversation is one call, whatever listens to it', stranger + rung + watching, { calls: 1, emergencies: 0 }],
    ['a call to 999 is one call', dialling + dialled, { calls: 1, emergencies: 1 }],
    ['an Asterisk with a name begins each id with it', named, { calls: 2, emergencies: 1 }],
    ['both', stranger + rung + dialling + dialled, { calls: 2, emergencies: 1 }],
    ['what is no list', 'Unable to connect to remote asterisk\n', { calls: 0, emergencies: 0 }],
  ])('%s', (_, printed, carried) => {
    expect(countCalls(printed)).toEqual(carried);
  });
});

describe('before it stops', () => {
  const run = async (
    printed: readonly string[],
    stop: { drainSeconds: number; emergencySeconds: number },
    insisted = false,
  ) => {
    const said: string[] = [];
    let asked = 0;
    const abort = new AbortController();
    if (insisted) abort.abort();
    const cli = async () => {
      asked += 1;
      return printed[Math.min(asked, printed.length) - 1] ?? '';
    };
    await awaitCalls(cli, stop, (message) => said.push(message), abort.signal);
    return { said, asked };
  };
  const patient = { drainSeconds: 60, emergencySeconds: 60 };

  test('calls are waited for, and each change is said', async () => {
    const { said, asked } = await run([stranger + dialling, stranger + dialling, dialling, ''], patient);
    expect(asked).toBe(4);
    expect(said).toEqual([
      'Waiting for 2 calls, 1 of them to an emergency number, to end. Ctrl-C again ends all at once.',
      'Waiting for 1 call to an emergency number to end. Ctrl-C again ends all at once.',
    ]);
  });

  test.each([
    ['a call that takes longer than it may', [stranger], { drainSeconds: 0, emergencySeconds: 60 }, false],
    ['an emergency that takes longer than it may', [dialling], { drainSeconds: 0, emergencySeconds: 0 }, false],
    ['anything once somebody insists', [dialling], patient, true],
  ])('%s is not waited for', async (_, printed, stop, insisted) => {
    expect((await run(printed, stop, insisted)).said).toEqual([]);
  });

  test('an Asterisk that does not answer is not waited for', async () => {
    const cli = () => Promise.reject(new Error('it hangs'));
    await expect(awaitCalls(cli, patient, () => {}, new AbortController().signal)).resolves.toBeUndefined();
  });

  test('a console that fails once does not end a call to 999', async () => {
    const answers = [dialling, null, null, dialling, null, ''];
    let asked = 0;
    const cli = async () => {
      const answer = answers[asked] ?? null;
      asked += 1;
      return answer ?? Promise.reject(new Error('no process could be made'));
    };
    await awaitCalls(cli, patient, () => {}, new AbortController().signal);
    expect(asked).toBe(answers.length);
  });

  test('an emergency is waited for although other calls are not any more', async () => {
    const { said, asked } = await run([dialling + stranger, stranger], { drainSeconds: 0, emergencySeconds: 60 });
    expect(asked).toBe(2);
    expect(said).toHaveLength(1);
  });
});
