import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../services/adapters/sql/store.ts';
import { assessCampaign } from '../../services/core/campaign/assess.ts';
import { block, trust, unlist } from '../../services/core/contacts/lists.ts';
import type { InboundRecord } from '../../services/core/record.ts';
import { callingNumber, finishedCall, storedLine } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';
import { sighting, usualRules } from '../support/sightings.ts';
import { storeBackends } from '../support/stores.ts';

/** Beyond any day on which this runs: what is over is not read. */
const noon = Date.UTC(2100, 0, 4, 12);
const hour = 3_600_000;
const plumber = '+441923555700';

describe.each(storeBackends().filter(({ name }) => name !== 'fake'))('ContactStore: $name', (backend) => {
  let store: Store;
  beforeAll(() => backend.start());
  afterAll(() => backend.stop());
  beforeEach(async () => {
    store = await backend.open();
    await store.lines.upsert([storedLine(), storedLine({ id: 'room-14', number: '+441923555014' })]);
  });
  afterEach(() => store.close());

  const lineNow = async (id = 'room-12') => (await store.lines.all()).find((line) => line.id === id);
  /** Whether the running services would notice what `act` does. */
  const isNoticed = async (act: () => Promise<unknown>) => {
    const before = await store.lines.revision();
    await act();
    return (await store.lines.revision()) !== before;
  };

  describe('the lists', () => {
    const anna = { number: '+441923555777', name: 'Anna\0 O’Brien' };

    test('take in a contact, in order, and the services notice', async () => {
      const add = () => store.contacts.edit('room-12', (lists) => trust(lists, [anna]).lists);
      expect(await isNoticed(add)).toBe(true);
      expect((await lineNow())?.trusted).toEqual([...storedLine().trusted, anna]);
      expect(await lineNow('room-14')).toEqual(storedLine({ id: 'room-14', number: '+441923555014' }));
    });

    test('are left alone where nothing is to be changed, or there is no such line', async () => {
      expect(await store.contacts.edit('room-12', () => null)).toBe(true);
      expect(await store.contacts.edit('room-99', (lists) => lists)).toBe(false);
      expect(await lineNow()).toEqual(storedLine());
    });

    test('give up a number', async () => {
      await store.contacts.edit('room-12', (lists) => block(lists, '201'));
      await store.contacts.edit('room-12', (lists) => unlist(lists, '+441923555666'));
      expect(await lineNow()).toMatchObject({
        trusted: [{ number: '+441923555100', name: 'Anna' }],
        blocked: ['201'],
      });
    });

    test('lose nothing when several change them at once', async () => {
      const numbers = Array.from({ length: 10 }, (_, index) => `+44192355580${index}`);
      await Promise.all(
        numbers.map((number) =>
          store.contacts.edit('room-12', (lists) => trust(lists, [{ number, name: 'Carer' }]).lists),
        ),
      );
      const listed = (await lineNow())?.trusted.map(({ number }) => number) ?? [];
      expect(listed.toSorted()).toEqual([...storedLine().trusted.map(({ number }) => number), ...numbers].toSorted());
    });

    test('hold a long address book', async () => {
      const book = Array.from({ length: 2_500 }, (_, index) => ({ number: `+4419235${10_000 + index}`, name: 'x' }));
      await store.contacts.edit('room-12', (lists) => trust(lists, book).lists);
      expect((await lineNow())?.trusted.slice(2)).toEqual(book);
    });
  });

  describe('a pause', () => {
    const wanted = { line: 'room-12', at: noon, until: noon + hour, by: 'jo', why: 'the engineer\0 tests' };

    test('is in force until its end, on record, and noticed', async () => {
      expect(await isNoticed(() => store.contacts.pause(wanted))).toBe(true);
      expect(await lineNow()).toEqual({ ...storedLine(), pausedUntil: noon + hour });
      expect((await lineNow('room-14'))?.pausedUntil).toBeUndefined();
      expect(await store.contacts.pauses('room-12', 5)).toEqual([{ ...wanted, endedAt: null, endedBy: null }]);
    });

    test('is ended once, by name, and noticed', async () => {
      await store.contacts.pause(wanted);
      expect(await isNoticed(() => store.contacts.resume('room-12', noon + 1000, 'sam'))).toBe(true);
      expect(await store.contacts.resume('room-12', noon + 2000, 'sam')).toBe(false);
      expect(await lineNow()).toEqual(storedLine());
      const [ended] = await store.contacts.pauses('room-12', 5);
      expect(ended).toMatchObject({ endedAt: noon + 1000, endedBy: 'sam' });
    });

    test('that is over by itself cannot be ended', async () => {
      await store.contacts.pause(wanted);
      expect(await store.contacts.resume('room-12', noon + hour, 'sam')).toBe(false);
    });

    test('takes the place of the one before, and both stay on record', async () => {
      await store.contacts.pause({ ...wanted, until: noon + 8 * hour });
      await store.contacts.pause({ ...wanted, at: noon + 1000, until: noon + hour, by: 'sam' });
      expect((await lineNow())?.pausedUntil).toBe(noon + hour);
      expect(await store.contacts.pauses('room-12', 5)).toMatchObject([
        { by: 'sam', endedAt: null },
        { by: 'jo', endedAt: noon + 1000, endedBy: 'sam' },
      ]);
      expect(await store.contacts.pauses('room-12', 1)).toHaveLength(1);
    });

    test('of long ago is not read', async () => {
      await store.contacts.pause({ ...wanted, at: 0, until: hour });
      expect(await lineNow()).toEqual(storedLine());
    });

    test('of a line there is not is refused', async () => {
      expect(await store.contacts.pause({ ...wanted, line: 'room-99' })).toBe(false);
      expect(await store.contacts.pauses('room-99', 5)).toEqual([]);
    });

    test('stays when the line is imported again, and on record when it is removed', async () => {
      await store.contacts.pause({ ...wanted, at: Date.now() });
      await store.lines.upsert([storedLine({ resident: 'Elsie Brown-Hill' })]);
      expect((await lineNow())?.pausedUntil).toBe(noon + hour);
      await store.lines.remove('room-12');
      await store.lines.upsert([storedLine()]);
      expect(await lineNow()).toEqual(storedLine());
      expect(await store.contacts.pauses('room-12', 5)).toMatchObject([{ by: 'jo', endedBy: 'clearline' }]);
    });
  });

  describe('an expected caller', () => {
    const wanted = {
      id: 'e1',
      line: 'room-12',
      number: plumber,
      name: 'Hill\0 Plumbing',
      from: noon,
      until: noon + 2 * hour,
      at: noon - hour,
      by: 'jo',
    };
    const window = { number: plumber, name: wanted.name, from: noon, until: noon + 2 * hour };

    test('stands beside the line, with who told so, and is noticed', async () => {
      expect(await isNoticed(() => store.contacts.expect(wanted))).toBe(true);
      expect(await lineNow()).toEqual({ ...storedLine(), expected: [window] });
      expect(await store.contacts.expectations('room-12', noon)).toEqual([{ ...wanted, cancelledBy: null }]);
    });

    test('without a number, beside another and a pause', async () => {
      await store.contacts.expect(wanted);
      await store.contacts.expect({ ...wanted, id: 'e0', number: null, name: 'The surgery', from: noon - hour });
      await store.contacts.pause({ line: 'room-12', at: noon, until: noon + hour, by: 'jo', why: 'x' });
      const surgery = { ...window, number: null, name: 'The surgery', from: noon - hour };
      expect(await lineNow()).toEqual({ ...storedLine(), pausedUntil: noon + hour, expected: [surgery, window] });
    });

    test('the same a second time changes nothing', async () => {
      await store.contacts.expect(wanted);
      await store.contacts.expect({ ...wanted, name: 'Somebody else' });
      expect((await lineNow())?.expected).toEqual([window]);
    });

    test('is cancelled once', async () => {
      await store.contacts.expect(wanted);
      expect(await isNoticed(() => store.contacts.cancel('e1', noon + 5, 'sam'))).toBe(true);
      expect(await store.contacts.cancel('e1', noon + 6, 'sam')).toBe(false);
      expect((await lineNow())?.expected).toEqual([{ ...window, until: noon + 5 }]);
      expect(await store.contacts.expectations('room-12', noon)).toMatchObject([{ cancelledBy: 'sam' }]);
      expect(await store.contacts.expectations('room-12', noon + 5)).toEqual([]);
    });

    test('of a line there is not is refused, and goes with its line', async () => {
      expect(await store.contacts.expect({ ...wanted, line: 'room-99' })).toBe(false);
      await store.contacts.expect(wanted);
      await store.lines.upsert([storedLine()]);
      expect((await lineNow())?.expected).toEqual([window]);
      await store.lines.remove('room-12');
      expect(await store.contacts.expectations('room-12', noon)).toEqual([]);
    });
  });

  describe('candidates for the list', () => {
    let calls = 0;
    const showing = (number: string) => {
      const { caller } = finishedCall().record;
      return { caller: { ...caller, presentation: callingNumber(number, number) } };
    };
    const call = async (number: string, changes: Partial<InboundRecord> = {}) => {
      calls += 1;
      await store.calls.save(
        finishedCall({
          id: `call-${calls}`,
          arrivedAt: noon + calls,
          ...showing(number),
          ending: { outcome: 'handled-by-staff', by: 'caller', cause: 16 },
          ...changes,
        }),
      );
      return `call-${calls}`;
    };
    const thrice = async (number = plumber, changes: Partial<InboundRecord> = {}) => {
      for (let count = 0; count < 3; count++) await call(number, changes);
    };
    const numbers = async (line: string | null = null, since = noon) =>
      (await store.contacts.candidates(line, since, 3)).map((each) => `${each.line} ${each.number}`);

    test('called three times and were put through, with those calls, the latest first', async () => {
      await thrice();
      const [found, ...others] = await store.contacts.candidates('room-12', noon, 3);
      expect(others).toEqual([]);
      expect(found).toMatchObject({ line: 'room-12', number: plumber });
      const times = found?.calls.map(({ arrivedAt }) => arrivedAt) ?? [];
      expect(times).toHaveLength(3);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    });

    test('are asked for by line, or all', async () => {
      await thrice();
      await thrice('+441923555701', { line: 'room-14', ending: { outcome: 'talked', by: 'caller', cause: 16 } });
      expect(await numbers('room-14')).toEqual(['room-14 +441923555701']);
      expect((await numbers()).toSorted()).toEqual([`room-12 ${plumber}`, 'room-14 +441923555701']);
    });

    test('did so lately, and often enough', async () => {
      await thrice();
      expect(await numbers('room-12', noon + calls - 1)).toEqual([]);
    });

    test.each<[string, Partial<InboundRecord>]>([
      ['were never put through', { ending: { outcome: 'challenge-failed', by: 'clearline', cause: 16 } }],
      ['called a line there is not', { line: 'room-99' }],
      ['have no number', { caller: { ...finishedCall().record.caller, presentation: callingNumber('alice') } }],
    ])('are none that %s', async (_, changes) => {
      await thrice(plumber, changes);
      expect(await numbers()).toEqual([]);
    });

    test.each(['reported', 'ghost-dialled', 'fake-dial-tone', 'returned-call'] as const)(
      'are none that were ever in a call that ended as %s, on any line, whenever that was',
      async (outcome) => {
        await thrice();
        await call(plumber, { arrivedAt: 5, line: 'room-14', ending: { outcome, by: 'resident', cause: 16 } });
        expect(await numbers()).toEqual([]);
      },
    );

    test('are none that the network gave in such a call, whatever was shown', async () => {
      await thrice();
      const caller = { ...finishedCall().record.caller, network: callingNumber(plumber, plumber) };
      const { verdict } = finishedCall().record;
      const suspect = verdict && { ...verdict, standing: 'suspect' as const };
      const ending = { outcome: 'reported', by: 'resident', cause: 16 } as const;
      await call('+441923555999', { caller, verdict: suspect, ending });
      expect(await numbers()).toEqual([]);
    });

    test('are none that have a part in an incident, by the number shown or by the network’s', async () => {
      await thrice();
      await thrice('+441923555701');
      const calls = [await call(plumber), await call('+441923555999')];
      await store.incidents.open(openedIncident({ calls }));
      const [shown, behind] = calls;
      await store.campaigns.note(sighting({ call: shown ?? '', shown: plumber }));
      const network = { shown: '+441923555999', network: '+441923555701' };
      await store.campaigns.note(sighting({ call: behind ?? '', ...network }));
      await thrice('+441923555702');
      expect(await numbers()).toEqual(['room-12 +441923555702']);
    });

    test('are none that have a part in a campaign', async () => {
      const rings = ['room-12', 'room-14', 'room-15'].map((line) => sighting({ line, at: noon, shown: plumber }));
      for (const seen of rings) {
        await store.calls.save(finishedCall({ id: seen.call, line: seen.line, ...showing(plumber) }));
        await store.campaigns.note(seen);
        const assessment = assessCampaign(seen, await store.campaigns.evidence(seen, usualRules), usualRules);
        if (assessment.state !== 'none') await store.campaigns.add(assessment, seen, usualRules);
      }
      expect(await store.campaigns.list({ limit: 2 })).toHaveLength(1);
      await thrice();
      await thrice('+441923555702');
      expect(await numbers()).toEqual(['room-12 +441923555702']);
    });

    test('are none that ever showed a sign of forgery, or that any line blocks', async () => {
      await thrice();
      await thrice('+441923555701');
      await thrice('+441923555702');
      const { verdict } = finishedCall().record;
      const suspect = verdict && { ...verdict, standing: 'suspect' as const };
      await call(plumber, { line: 'room-14', verdict: suspect });
      await store.contacts.edit('room-14', (lists) => block(lists, '+441923555701'));
      expect(await numbers()).toEqual(['room-12 +441923555702']);
    });

    test('are none that the line trusts already; another line may', async () => {
      await thrice();
      await thrice(plumber, { line: 'room-14' });
      await store.contacts.edit('room-12', (lists) => trust(lists, [{ number: plumber, name: 'Hill' }]).lists);
      expect(await numbers()).toEqual([`room-14 ${plumber}`]);
    });

    test('are none that staff dismissed, for that line', async () => {
      await thrice();
      await thrice(plumber, { line: 'room-14' });
      const dismissal = { line: 'room-12', number: plumber, at: noon, by: 'jo' };
      await store.contacts.dismiss(dismissal);
      await store.contacts.dismiss({ ...dismissal, at: noon + 1, by: 'sam' });
      expect(await numbers()).toEqual([`room-14 ${plumber}`]);
      expect(await store.contacts.dismissed('room-12')).toEqual([dismissal]);
    });
  });
});
