import { afterEach, describe, expect, it } from 'vitest';
import type { CommandAmi } from '../../../services/cli/world.ts';
import type { ChannelRow } from '../../../services/core/line-look.ts';
import { finishedCall, monday, storedLine } from '../../support/finished-call.ts';
import { type Desk, desk, fakeAmi, goodConfig } from './world.ts';

const open: Desk[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.remove();
});

const caller: ChannelRow = { id: '17.9', name: 'PJSIP/trunk-carrier-00000003', line: 'room-12' };
const phone: ChannelRow = { id: '17.10', name: 'PJSIP/room-12-00000004', line: 'room-12' };
const elsewhere: ChannelRow = { id: '17.11', name: 'PJSIP/trunk-carrier-00000005', line: 'room-13' };
const seconds = (fromNow: number) => monday / 1000 + fromNow;

interface Scene {
  /** What ARI lists; null: it hangs. */
  readonly ari?: readonly ChannelRow[] | null;
  readonly ami?: Partial<CommandAmi>;
  readonly trunks?: string;
  readonly onTrouble?: string;
}

/** A desk before an Asterisk that shows what the scene says; AMI sees what ARI does unless it is told apart. */
function deskBefore({ ari = [], ami = {}, trunks = goodConfig, onTrouble }: Scene = {}): Desk {
  const env = {
    CLEARLINE_ARI_PASSWORD: 'ari-password',
    CLEARLINE_AMI_PASSWORD: 'ami-password',
    CLEARLINE_STAFF_PHONE_PASSWORD: 'staff-password',
    USER: 'anna',
  };
  const channels = (ari ?? []).map(({ id, name, line }) => ({ id, name, accountcode: line }));
  const answer = async () => (ari === null ? new Promise<never>(() => {}) : Response.json(channels));
  const made = desk(
    [storedLine(), storedLine({ id: 'room-13', number: '+441923555013', resident: 'Tom Hill' })],
    {
      env,
      fetch: answer,
      openAmi: (_, trouble) => {
        if (onTrouble !== undefined) {
          queueMicrotask(() => trouble(onTrouble));
          return fakeAmi({ whenReady: () => new Promise(() => {}) });
        }
        return fakeAmi({ listChannelsOf: async (line) => (ari ?? []).filter((row) => row.line === line), ...ami });
      },
    },
    trunks,
  );
  open.push(made);
  return made;
}

const held = (left = 252, shown = '+447700900123'): Partial<CommandAmi> => ({
  readHolds: async () => ({
    until: new Map([['room-12', seconds(left)]]),
    callers: new Map([['room-12', shown]]),
    timed: new Map(),
  }),
});

describe('clear', () => {
  it('says that the line is clear, what each witness saw, and answers with code 0', async () => {
    const { code, out } = await deskBefore({ ari: [elsewhere] }).run('clear', '01923 555012');
    expect(code).toBe(0);
    expect(out).toContain(
      'The line of Elsie Brown (room-12) is clear.\n  ARI and AMI both see nobody else on the line.',
    );
    expect(out).toMatch(/WITNESS +ASKED +ANSWERED +CHANNELS OF THE LINE/);
    expect(out).toMatch(/ARI +2026-11-23 10:00:00 +in [\d.]+ ms +none/);
    expect(out).toMatch(/AMI +2026-11-23 10:00:00 +in [\d.]+ ms +none/);
    expect(out).toMatch(/It is not held\.$/);
  });

  it('shows the channel that is still there, whichever witness saw it', async () => {
    const scene = { ari: [caller, elsewhere], ami: { listChannelsOf: async () => [] } };
    const { code, out } = await deskBefore(scene).run('clear', 'room-12');
    expect(code).toBe(1);
    expect(out).toContain('(room-12) is not clear.\n  Channel 17.9 still exists.');
    expect(out).toMatch(/ARI .* 17\.9 \(PJSIP\/trunk-carrier-00000003\)\n/);
    expect(out).toMatch(/AMI .* none\n/);
    expect(out).not.toContain('17.11');
  });

  it('does not call a line clear when a witness is silent, and gives each a second at the most', async () => {
    const begun = performance.now();
    const silent = await deskBefore({ ari: null, ami: { readHolds: async () => null } }).run('clear', 'room-12');
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(silent.code).toBe(1);
    expect(silent.out).toContain('ARI did not answer within a second.');
    expect(silent.out).toMatch(/ARI +\S+ \S+ +no +did not answer within a second/);
    expect(silent.out).toContain('Whether it is held, AMI did not say.');
    const refused = await deskBefore({ onTrouble: 'the login was refused' }).run('clear', 'room-12');
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(
      /AMI +\S+ \S+ +no +AMI at 127\.0\.0\.1:5038: the login was refused\. Is Asterisk running/,
    );
  });

  it('is not clear while the only trunk may be held open, and is over another', async () => {
    const timed = {
      until: new Map(),
      callers: new Map(),
      timed: new Map([['carrier', seconds(90)]]),
    };
    const ami = { readHolds: async () => timed };
    const only = 'trunks: [{ name: carrier, address: 192.0.2.7, clearing: timed }]\n';
    const alone = await deskBefore({ ami, trunks: only }).run('clear', 'room-12');
    expect(alone.code).toBe(1);
    expect(alone.out).toContain('The far end may hold trunk carrier open for 90 s more.');
    const beside = await deskBefore({ ami }).run('clear', 'room-12');
    expect(beside.code).toBe(0);
    expect(beside.out).toContain('The trunk carrier may be held open for another 1 min 30 s.');
    expect(await deskBefore({ ami }).run('lift', 'room-12', '--reason', 'It was the surgery.')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /nothing to lift\.\nNot lifted: the trunk carrier may be held open for another 1 min 30 s/,
      ),
    });
  });

  it('says who left the hold, how the carriers answered, and who lifted the last', async () => {
    const at = deskBefore({ ami: held() });
    await at.calls.save(finishedCall({ id: '17.1', arrivedAt: monday - 60_000 }));
    await at.calls.save(finishedCall({ id: '17.2', arrivedAt: monday - 120_000, released: null }));
    await at.lifts.put({ line: 'room-12', at: monday - 86_400_000, by: 'Tom', why: 'It was the surgery.' });
    const { code, out } = await at.run('clear', 'room-12');
    expect(code).toBe(0);
    expect(out).toContain('It is held: 4 min 12 s left, after a call from 07700 900123. Strangers are screened');
    expect(out).toContain('The carrier has let go of 17.1.');
    expect(out).toContain('The carrier was not heard to let go of 17.2.');
    expect(out).toContain('A hold was last lifted at 2026-11-22 10:00:00 by Tom: It was the surgery.');
    const json = JSON.parse((await at.run('clear', 'room-12', '--json')).out);
    expect(json).toMatchObject({ line: 'room-12', assessment: { state: 'clear' }, hold: { leftMs: 252_000 } });
  });

  it.each(['', 'anonymous'])('says of a hold left by %j that no number was shown', async (shown) => {
    const { out } = await deskBefore({ ami: held(60, shown) }).run('clear', 'room-12');
    expect(out).toContain('It is held: 1 min left, after a call that showed no number.');
  });

  it('names the lines there are when there is no such one', async () => {
    expect(await deskBefore().run('clear', 'room-99')).toMatchObject({
      code: 1,
      err: 'There is no line room-99. The lines there are: room-12 (Elsie Brown), room-13 (Tom Hill).',
    });
  });
});

describe('lift', () => {
  const liftIt = ['lift', 'room-12', '--reason', 'It was the surgery.'];

  it('takes the hold away and keeps who did so, when and why', async () => {
    const removed: string[] = [];
    const removeHold = async (line: string) => {
      removed.push(line);
      return { ok: true } as const;
    };
    const at = deskBefore({ ari: [phone], ami: { ...held(), removeHold } });
    const { code, out } = await at.run(...liftIt);
    expect(code).toBe(0);
    expect(out).toContain(
      'The hold of Elsie Brown (room-12) is lifted; it had 4 min 12 s left, after a call from 07700',
    );
    expect(removed).toEqual(['room-12']);
    const lift = { line: 'room-12', at: monday, by: 'anna', why: 'It was the surgery.' };
    expect(await at.lifts.list('room-12', 9)).toEqual([lift]);
    await at.run(...liftIt, '--by', 'Dr Hill');
    expect((await at.lifts.list('room-12', 9)).map(({ by }) => by)).toContain('Dr Hill');
  });

  it.each([
    [
      'a caller is still up',
      { ari: [caller, phone], ami: held() },
      1,
      /still up: 17\.9 \(PJSIP\/trunk-carrier-00000003\)\. End that call/,
    ],
    ['ARI is silent', { ari: null, ami: held() }, 1, /^ARI cannot say .*: did not answer within a second/],
    ['AMI is silent', { ami: { listChannelsOf: async () => null } }, 1, /^AMI cannot say/],
    ['the line is not held', {}, 1, /is not held: there is nothing to lift/],
  ])('refuses when %s', async (_, scene, code, sentence) => {
    const at = deskBefore(scene);
    expect(await at.run(...liftIt)).toMatchObject({ code, err: expect.stringMatching(sentence), out: '' });
    expect(await at.lifts.list('room-12', 9)).toEqual([]);
  });

  it.each([[['--reason', ' \u200b ']], [[]]])('refuses without a reason (%j)', async (args) => {
    const at = deskBefore({ ami: held() });
    const { code, err } = await at.run('lift', 'room-12', ...args);
    expect(code).toBe(2);
    expect(err).toContain('--reason');
    expect(await at.lifts.list('room-12', 9)).toEqual([]);
  });

  it('says that the line is still held when AMI does not do it', async () => {
    const removeHold = async () => ({ ok: false, gone: false, why: 'AMI is not connected' }) as const;
    const { code, err } = await deskBefore({ ami: { ...held(), removeHold } }).run(...liftIt);
    expect(code).toBe(1);
    expect(err).toBe('The line is still held, and the reason is on record already: AMI is not connected. Try again.');
  });
});

describe('alerts', () => {
  it('shows what staff were alerted of, of all lines or of one', async () => {
    const at = deskBefore();
    expect((await at.run('alerts')).out).toBe('No alert is on record.');
    const alert = { id: 'a', kind: 'ghost-dial', at: monday, line: 'room-12', call: '17.1' } as const;
    await at.alerts.save(alert);
    await at.alerts.save({ ...alert, id: 'b', kind: 'reported', at: monday + 1000, line: 'room-99', call: null });
    const rows = (await at.run('alerts')).out.split('\n').map((row) => row.replace(/ {2,}/g, ' | '));
    expect(rows).toEqual([
      'TIME | LINE OR AREA | CALL | WHAT',
      '2026-11-23 10:00:01 | room-99 | the resident reported a call',
      '2026-11-23 10:00:00 | Elsie Brown (room-12) | 17.1 | the resident dialled a safe number while a stranger was still on the line',
    ]);
    expect(JSON.parse((await at.run('alerts', '--line', 'room-12', '--json')).out)).toEqual([
      { ...alert, deliveries: [] },
    ]);
    expect((await at.run('alerts', '--limit', '1')).err).toBe('These are the newest 1; --limit shows more.');
    expect((await at.run('alerts', '--line', 'x')).out).toBe('No alert of x is on record.');
  });
});
