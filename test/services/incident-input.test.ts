import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeIncident } from '../../services/core/incident/change.ts';
import { readIncidentPatch, tellPatchFault } from '../../services/incident-input.ts';
import { monday } from '../support/finished-call.ts';
import { openedIncident } from '../support/incidents.ts';

/** What anybody may send as a patch. */

const faultsOf = (value: unknown) => readIncidentPatch(value).faults?.map(tellPatchFault);

test('every fault is told, with its place, what was found and what was expected', () => {
  expect(
    faultsOf({
      outcome: 'lost',
      caller: { role: 'polis', callBackNumber: 'none', nmae: 'x' },
      loss: { cash: 1.5 },
      actions: [{ what: 'bank' }, { what: 'banc', at: 'noon' }],
      status: 'gone',
      secret: 1,
    })?.map((told) => told.split(', expected')[0]),
  ).toEqual([
    'outcome: found "lost"',
    'caller.role: found "polis"',
    'caller.callBackNumber: found "none"',
    'caller.nmae: found "x"',
    'loss.cash: found 1.5',
    'actions[1].what: found "banc"',
    'actions[1].at: found "noon"',
    'status: found "gone"',
    'secret: found 1',
  ]);
  expect(faultsOf({ caller: { nmae: 'x' } })).toEqual([
    'caller.nmae: found "x", expected no such field (did you mean "name"?).',
  ]);
  expect(faultsOf(null)).toEqual(['the incident: found nothing, expected fields under it.']);
});

test('texts lose the space around them, lists their repetitions, and times their zone', () => {
  const patch = { area: ' Oxhey ', given: ['pin', 'cash', 'pin'], at: '2026-11-23T11:00:00+01:00', courier: null };
  expect(readIncidentPatch(patch).patch).toEqual({ area: 'Oxhey', given: ['pin', 'cash'], at: monday, courier: null });
});

test('whatever is sent is a patch that can be made or faults in words, never an exception', () => {
  const keys = [
    'caller',
    'loss',
    'actions',
    'notes',
    'courier',
    'victim',
    'at',
    'outcome',
    'hold',
    '__proto__',
    'addCalls',
  ];
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true }),
  );
  fc.assert(
    fc.property(anything, (value) => {
      const { patch, faults } = readIncidentPatch(value);
      if (patch === undefined) expect(faults.map(tellPatchFault).every((told) => told.endsWith('.'))).toBe(true);
      else expect(changeIncident(openedIncident(), patch, 'Anna', monday + 1)).toBeDefined();
    }),
    { numRuns: 300 },
  );
});
