import { describe, expect, test } from 'vitest';
import { changeIncident, type IncidentPatch } from '../../../services/core/incident/change.ts';
import type { Incident } from '../../../services/core/incident/incident.ts';
import { monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';

/** What staff enter, and what is refused. */

const now = monday + 60_000;
const change = (patch: IncidentPatch, incident = openedIncident()) => changeIncident(incident, patch, 'Anna', now);
const changed = (patch: IncidentPatch, incident?: Incident) => {
  const { incident: next, faults } = change(patch, incident);
  if (next === undefined) throw new Error(`refused: ${JSON.stringify(faults)}`);
  return next;
};
const keys = (patch: IncidentPatch, incident?: Incident) => change(patch, incident).faults?.map(({ key }) => key);

describe('a change', () => {
  test('keeps what it does not name, and is the next version', () => {
    const next = changed({ outcome: 'agreed', caller: { role: 'bank' }, victim: { consent: true } });
    expect(next).toEqual({
      ...openedIncident(),
      outcome: 'agreed',
      caller: { ...openedIncident().caller, role: 'bank' },
      victim: { ...openedIncident().victim, consent: true },
      version: 2,
    });
  });

  test('that changes nothing makes no version', () => {
    const same = openedIncident();
    expect(changed({ outcome: 'realised', addCalls: ['1795358400.17'] }, same)).toBe(same);
  });

  test('adds actions and notes to those there are, with who and when', () => {
    const once = changed({ actions: [{ what: 'bank', reference: 'B-77' }], notes: ['She is shaken.'] });
    const twice = changed(
      { actions: [{ what: '101', at: monday, note: 'An officer comes.' }], notes: ['Son told.'] },
      once,
    );
    expect(twice.actions).toEqual([
      { what: '101', at: monday, by: 'Anna', reference: null, note: 'An officer comes.' },
      { what: 'bank', at: now, by: 'Anna', reference: 'B-77', note: null },
    ]);
    expect(twice.notes.map(({ text, by, at }) => [text, by, at])).toEqual([
      ['She is shaken.', 'Anna', now],
      ['Son told.', 'Anna', now],
    ]);
  });

  test('a courier is filled in by and by, and taken away whole', () => {
    const tall = changed({ courier: { description: 'tall' } });
    const both = changed({ courier: { vehicle: 'white Ford' } }, tall);
    expect(both.courier).toEqual({ at: null, description: 'tall', vehicle: 'white Ford' });
    expect(changed({ courier: null }, both).courier).toBeNull();
  });

  test('calls are added once and taken away', () => {
    const more = changed({ addCalls: ['17.2', '17.2', '1795358400.17'] });
    expect(more.calls).toEqual(['1795358400.17', '17.2']);
    expect(changed({ removeCalls: ['1795358400.17'] }, more).calls).toEqual(['17.2']);
  });

  test('a legal hold is set, goes on with another reason, and is lifted with one', () => {
    const held = changed({ hold: { why: 'Operation Elm' } });
    expect(held.legalHold).toEqual({ since: now, by: 'Anna', why: 'Operation Elm' });
    const other = changeIncident(held, { hold: { why: 'court' } }, 'Ben', now + 1).incident;
    expect(other?.legalHold).toEqual({ since: now, by: 'Anna', why: 'court' });
    const lifted = changed({ liftHold: { why: 'case closed' } }, held);
    expect(lifted.legalHold).toBeNull();
    expect(lifted.notes.at(-1)?.text).toBe('The legal hold was lifted: case closed');
  });

  test('closes and opens again', () => {
    const closed = changed({ status: 'closed' });
    expect(changed({ status: 'open' }, closed)).toEqual({ ...openedIncident(), version: 3 });
  });

  test('has the secrets taken out of every text, and says so', () => {
    const card = '4929 1234 5678 9015';
    const { incident, removed } = change({
      suspicion: card,
      caller: {
        name: card,
        rank: card,
        organisation: card,
        words: `PIN 4821 ${card}`,
        callBackNumber: '020 7946 0000',
      },
      courier: { description: card, vehicle: card },
      victim: { contact: card, needs: card },
      actions: [{ what: 'bank', reference: card, note: card }],
      notes: [card],
      hold: { why: card },
    });
    expect(JSON.stringify(incident)).not.toMatch(/4929|4821/);
    expect(incident?.caller.callBackNumber).toBe('020 7946 0000');
    expect(removed).toContain('card number');
  });
});

describe('is refused', () => {
  test.each<[string, IncidentPatch, string[]]>([
    ['a time to come', { at: now + 1, actions: [{ what: '101', at: now + 1 }] }, ['at', 'actions[0].at']],
    ['more recovered than lost', { loss: { cash: 100, recovered: 101 } }, ['loss.recovered']],
    ['recovered, and nothing lost', { loss: { recovered: 1 } }, ['loss.recovered']],
    ['closed, and nobody knows how far it went', { status: 'closed', outcome: null }, ['outcome']],
    ['a call that it does not have', { removeCalls: ['17.9'] }, ['removeCalls']],
    ['no hold to lift', { liftHold: { why: 'so' } }, ['liftHold']],
    [
      'several at once',
      { at: now + 1, loss: { recovered: 5 }, status: 'closed', outcome: null },
      ['at', 'loss.recovered', 'outcome'],
    ],
  ])('%s', (_, patch, faults) => {
    expect(keys(patch)).toEqual(faults);
  });

  test('set and lifted at once', () => {
    const held = changed({ hold: { why: 'court' } });
    expect(keys({ hold: { why: 'a' }, liftHold: { why: 'b' } }, held)).toEqual(['liftHold']);
  });
});
