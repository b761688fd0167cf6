import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../services/adapters/sql/store.ts';
import type { World } from '../../../services/cli/world.ts';
import { parseConfig } from '../../../services/config.ts';
import type { InboundRecord } from '../../../services/core/record.ts';
import { callingNumber, finishedCall, storedLine } from '../../support/finished-call.ts';
import { type Desk, desk, goodConfig } from './world.ts';

/** Noon in London, in winter, and beyond any day on which this runs: what is over is not read. */
const noon = Date.UTC(2100, 0, 4, 12);
const hour = 3_600_000;

const open: Desk[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.remove();
});

/** A desk with a database of its own, as of noon. */
async function newDesk(changes: Partial<World> = {}, config = goodConfig) {
  const made = desk([], { openStore, now: () => noon, env: { USER: 'jo' }, ...changes }, config);
  open.push(made);
  const store = await openStore(parseConfig(config, `${made.folder}/clearline.yaml`));
  await store.lines.upsert([storedLine(), storedLine({ id: 'room-14', number: '+441923555014' })]);
  const lineNow = async () => (await store.lines.all())[0] ?? storedLine();
  return { ...made, store, lineNow };
}

describe('clearline contacts', () => {
  it('adds a number in any form, once, and lists it', async () => {
    const { run, lineNow } = await newDesk();
    const added = await run('contacts', 'add', 'room-12', '+44 (0)1923 555700', '--name', 'Hill Surgery');
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining('trusts 3 numbers') });
    expect((await lineNow()).trusted.at(-1)).toEqual({ number: '+441923555700', name: 'Hill Surgery' });
    const again = await run('contacts', 'add', 'room-12', '01923 555700', '--name', 'Hill Surgery');
    expect(again.out).toContain('1 number stood there already.');
    const { out } = await run('contacts', 'list', '01923 555012');
    expect(out).toMatch(/^trusted +01923 555700 +Hill Surgery$/m);
    expect(out).toMatch(/^blocked +01923 555666$/m);
  });

  it.each([
    ['101', 'no number that fraudsters pose as'],
    ['999', 'no emergency number'],
    ['0909 123 4567', 'no premium number'],
    ['201', 'no short number'],
    ['Anna', 'a telephone number such as'],
  ])('refuses to trust %s, with the reason', async (number, why) => {
    const { run, lineNow } = await newDesk();
    const { code, err } = await run('contacts', 'add', 'room-12', number, '--name', 'PC Jones');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(why) });
    expect(await lineNow()).toEqual(storedLine());
  });

  it('refuses a blocked number until it is taken off that list, and the line’s own', async () => {
    const { run, lineNow } = await newDesk();
    const refused = await run('contacts', 'add', 'room-12', '01923 555666', '--name', 'PC Jones');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('blocked list of room-12') });
    const own = await run('contacts', 'add', 'room-12', '01923 555012', '--name', 'Elsie');
    expect(own).toMatchObject({ code: 1, err: expect.stringContaining('own number') });
    expect(await lineNow()).toEqual(storedLine());
    await run('contacts', 'remove', 'room-12', '01923 555666');
    expect((await run('contacts', 'add', 'room-12', '01923 555666', '--name', 'Ben')).code).toBe(0);
  });

  it('blocks a number, which is trusted no more, and takes it off again', async () => {
    const { run, lineNow } = await newDesk();
    const { out } = await run('contacts', 'block', 'room-12', '0044 1923 555100');
    expect(out).toContain('It was trusted before (Anna).');
    expect(await lineNow()).toMatchObject({
      trusted: [{ number: '201', name: 'Kitchen' }],
      blocked: ['+441923555666', '+441923555100'],
    });
    expect((await run('contacts', 'remove', 'room-12', '01923 555100')).out).toContain('(blocked) is on neither list');
    expect(await run('contacts', 'remove', 'room-12', '01923 555100')).toMatchObject({ code: 1 });
  });

  it('names the lines there are where it does not know one', async () => {
    const { run } = await newDesk();
    expect(await run('contacts', 'list', 'room-99')).toMatchObject({
      code: 1,
      err: expect.stringContaining('room-14 (Elsie Brown)'),
    });
  });
});

describe('clearline expect', () => {
  it('stands beside the line, and is told in the list with who said so', async () => {
    const { run, lineNow } = await newDesk();
    const number = ['--number', '01923 555700'];
    const { out } = await run('expect', 'room-12', 'Hill Plumbing', ...number, '--from', '13:00', '--to', '15:30');
    expect(out).toContain('from 2100-01-04 13:00:00 to 2100-01-04 15:30:00');
    expect((await lineNow()).expected).toEqual([
      { number: '+441923555700', name: 'Hill Plumbing', from: noon + hour, until: noon + 3.5 * hour },
    ]);
    expect((await run('contacts', 'list', 'room-12')).out).toMatch(
      /^expected +01923 555700 +Hill Plumbing.* as jo said/m,
    );
  });

  it('without a number says what that means, and can be cancelled', async () => {
    const { run, lineNow } = await newDesk();
    const { out } = await run('expect', 'room-12', 'The plumber', '--to', '2h');
    expect(out).toContain('never without the warning');
    expect((await lineNow()).expected).toMatchObject([{ number: null, from: noon, until: noon + 2 * hour }]);
    const id = /Its id: (\S+)/.exec(out)?.[1] ?? '';
    expect(await run('contacts', 'cancel', 'room-12', id)).toMatchObject({ code: 0 });
    expect(await run('contacts', 'cancel', 'room-12', id)).toMatchObject({ code: 1 });
    expect((await run('contacts', 'list', 'room-12')).out).not.toContain('plumber');
  });

  it.each<[string, string[]]>([
    ['The window is over already', ['--from', '09:00', '--to', '11:00']],
    ['end after it begins', ['--from', '14:00', '--to', '13:00']],
    ['24 hours at most', ['--to', '25h']],
    ['--to: found "late"', ['--to', 'late']],
    ['--from: found "24:00"', ['--from', '24:00', '--to', '1h']],
    ['fraudsters pose as', ['--to', '1h', '--number', '101']],
    ['blocked list, which stands above', ['--to', '1h', '--number', '01923 555666']],
    ['trusted list already', ['--to', '1h', '--number', '01923 555100']],
  ])('refuses: %s', async (why, options) => {
    const { run, lineNow } = await newDesk();
    const { code, err } = await run('expect', 'room-12', 'Somebody', ...options);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(why) });
    expect(await lineNow()).toEqual(storedLine());
  });
});

describe('clearline pause and resume', () => {
  it('let screening rest until a time, with who and why on record, and end it', async () => {
    const { run, store, lineNow } = await newDesk();
    const { out } = await run('pause', 'room-12', '--until', 'tomorrow 09:15', '--reason', 'moving in', '--by', 'sam');
    expect(out).toContain('rests until 2100-01-05 09:15:00');
    expect((await lineNow()).pausedUntil).toBe(noon + 21.25 * hour);
    expect((await run('contacts', 'list', 'room-12')).out).toContain(
      'paused until 2100-01-05 09:15:00 by sam: moving in',
    );
    expect((await run('lines', 'list')).out).toMatch(/^room-12 .* guarded \(paused\) /m);
    expect((await run('explain', '--to', 'room-12', '--from', '07700900123')).out).toContain('paused for a while');
    expect(await run('resume', 'room-12')).toMatchObject({ code: 0 });
    expect(await run('resume', 'room-12')).toMatchObject({ code: 1, err: expect.stringContaining('not paused') });
    expect(await store.contacts.pauses('room-12', 9)).toMatchObject([{ by: 'sam', why: 'moving in', endedBy: 'jo' }]);
  });

  it.each<[string, string[]]>([
    ['24 hours at most', ['--for', '2d', '--reason', 'x']],
    ['end after now', ['--until', '11:00', '--reason', 'x']],
    ['--for 2h or --until', ['--reason', 'x']],
    ['--for 2h or --until', ['--for', '2h', '--until', '13:00', '--reason', 'x']],
    ['--reason: say why', ['--for', '2h', '--reason', ' ']],
    ['--for: found "0h"', ['--for', '0h', '--reason', 'x']],
  ])('refuses: %s', async (why, options) => {
    const { run, lineNow } = await newDesk();
    const { code, err } = await run('pause', 'room-12', ...options);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(why) });
    expect(await lineNow()).toEqual(storedLine());
  });

  it('reads times by the clocks of the site, whatever the season', async () => {
    const summer = Date.UTC(2100, 6, 5, 11);
    const { run, lineNow } = await newDesk({ now: () => summer });
    await run('pause', 'room-12', '--until', '13:00', '--reason', 'x');
    expect((await lineNow()).pausedUntil).toBe(summer + hour);
  });

  it('outlive an export and an import of the lines', async () => {
    const { run, folder, lineNow } = await newDesk();
    await run('pause', 'room-12', '--for', '1h', '--reason', 'x');
    await run('expect', 'room-12', 'The plumber', '--to', '2h');
    const before = await lineNow();
    await run('lines', 'export', '--output', `${folder}/lines.csv`);
    expect(await run('lines', 'import', `${folder}/lines.csv`)).toMatchObject({ code: 0 });
    expect(await lineNow()).toEqual(before);
    expect(before.pausedUntil).toBe(noon + hour);
    expect(before.expected).toHaveLength(1);
  });
});

describe('clearline contacts suggestions', () => {
  async function withSurgery() {
    const made = await newDesk();
    const { caller } = finishedCall().record;
    for (const index of [1, 2, 3]) {
      const changes: Partial<InboundRecord> = {
        id: `call-${index}`,
        arrivedAt: noon - index * hour,
        caller: { ...caller, presentation: callingNumber('01923555700', '+441923555700'), name: 'Surgery' },
        ending: { outcome: 'handled-by-staff', by: 'caller', cause: 16 },
      };
      await made.store.calls.save(finishedCall(changes));
    }
    return made;
  }

  it('change nothing by themselves, and are accepted by a person', async () => {
    const { run, lineNow } = await withSurgery();
    const { out } = await run('contacts', 'suggestions');
    expect(out).toMatch(/^room-12 +01923 555700 +“Surgery” .* staff took 3 calls; nobody reported one$/m);
    expect(await lineNow()).toEqual(storedLine());
    const accepted = await run('contacts', 'accept', 'room-12', '01923 555700', '--name', 'Hill Surgery');
    expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining('trusts 3 numbers') });
    expect((await run('contacts', 'suggestions', 'room-12')).out).toContain('No number was put through 3 times');
  });

  it('are dismissed for good', async () => {
    const { run } = await withSurgery();
    await run('contacts', 'dismiss', 'room-12', '01923 555700');
    expect((await run('contacts', 'suggestions')).out).toContain('No number was put through');
    const { code, err } = await run('contacts', 'accept', 'room-12', '01923 555700', '--name', 'Hill');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('is not suggested for room-12') });
  });

  it('are told as JSON', async () => {
    const { run } = await withSurgery();
    const { out } = await run('contacts', 'suggestions', 'room-12', '--json');
    expect(JSON.parse(out)).toMatchObject([{ line: 'room-12', number: '+441923555700', byStaff: 3, talked: 0 }]);
  });
});
