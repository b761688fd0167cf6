import { expect, test } from 'vitest';
import { createLog, maskSentence } from '../../services/log.ts';

function logged(
  maskPersonalData: boolean,
  write: (log: ReturnType<typeof createLog>) => void,
): Record<string, unknown> {
  const lines: string[] = [];
  const log = createLog({ log: { level: 'info', maskPersonalData } }, 'test', { write: (line) => lines.push(line) });
  write(log);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

test('numbers and names are hidden wherever they stand', () => {
  const line = logged(true, (log) =>
    log.info(
      {
        caller: { name: 'Anna Smith', written: '01923 555 001', e164: '+441923555001' },
        signalling: { contact: '<sip:447700900123@192.0.2.1>' },
        err: new Error('no answer from 01923555001'),
      },
      'ringing 01923-555-001',
    ),
  );
  const text = JSON.stringify(line);
  expect(text).not.toMatch(/Anna|555|900123/);
  expect(line.caller).toEqual({ name: '[hidden]', written: '[number ..01]', e164: '[number ..01]' });
  expect(line.msg).toBe('ringing [number ..01]');
});

test('the reasons of a verdict, which name the trusted contact, are hidden', () => {
  const reasons = [{ kind: 'trusted-contact', text: 'The number is on this line’s trusted list: Anna.' }];
  const line = logged(true, (log) =>
    log.info({ entry: { effect: { do: 'Screen', verdict: { reasons } } } }, 'journal'),
  );
  expect(JSON.stringify(line)).not.toContain('Anna');
  expect(line.entry).toEqual({
    effect: { do: 'Screen', verdict: { reasons: [{ kind: 'trusted-contact', text: '[hidden]' }] } },
  });
});

test('numbers in a sentence are hidden as in the log', () => {
  const sentence = 'asterisk ended (exit code 1). Its last lines: no endpoint for 01923 555 001';
  const masked = (maskPersonalData: boolean) => maskSentence({ log: { level: 'info', maskPersonalData } }, sentence);
  expect(masked(true)).toBe('asterisk ended (exit code 1). Its last lines: no endpoint for [number ..01]');
  expect(masked(false)).toBe(sentence);
});

test('call ids, times, counts and short codes stay readable, and the line stays JSON', () => {
  const fields = {
    call: '1795358400.17',
    at: 1795358400123,
    bytes: 441923555001,
    list: [441923555001],
    dialled: '999',
  };
  expect(logged(true, (log) => log.info(fields, 'reached 101'))).toMatchObject({ ...fields, msg: 'reached 101' });
});

test('a value that contains itself does not stop the log', () => {
  const knot: Record<string, unknown> = {};
  knot.self = knot;
  expect(logged(true, (log) => log.info({ knot }, 'tied'))).toMatchObject({ msg: 'tied' });
});

test('nothing is hidden where the site says so', () => {
  expect(logged(false, (log) => log.info({ name: 'Anna', number: '+441923555001' }, 'x'))).toMatchObject({
    name: 'Anna',
    number: '+441923555001',
  });
});

test('the level is the configured one', () => {
  const lines: string[] = [];
  createLog({ log: { level: 'warn', maskPersonalData: true } }, 'test', { write: (line) => lines.push(line) }).info(
    'x',
  );
  expect(lines).toEqual([]);
});
