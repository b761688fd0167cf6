import { expect, test } from 'vitest';
import { isSuspect } from '../../services/worker/suspects.ts';
import { Home, monday, numbers } from './home.ts';

/** Callers to an area in which fraudsters are ringing one line after the other. */

const raised = { raisedUntil: monday + 3_600_000, raisedFor: '20261123-k3f9q2wz' };

test('a stranger is not let through to a guarded line while the guard of its area is raised, and is told how to leave word', async () => {
  const home = new Home({ lines: [raised] });
  const caller = home.call();
  await home.pass(2);
  expect(caller.heard).toContain('leave-a-message');
  expect([...home.exchange.channels.keys()].filter((id) => id !== caller.id)).toEqual([]);
  caller.hangUp();
  await home.pass(1);
  const record = home.record(caller);
  if (record.direction !== 'inbound') throw new Error('it was a call to the line');
  expect(record.verdict).toMatchObject({ standing: 'unvouched', treatment: 'staff-or-message' });
  expect(record.verdict?.reasons.map(({ text }) => text)).toContain(
    'Fraudsters are ringing the area (campaign 20261123-k3f9q2wz), so every line there screens one step more strictly for a while.',
  );
  expect(isSuspect({ record, journal: [] })).toBe(true);
});

test('whoever is trusted rings through as always', async () => {
  const home = new Home({ lines: [raised] });
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call({ from: numbers.anna });
  await home.pass(2);
  expect(caller.hears).toEqual([home.party(caller, 'resident').id]);
  caller.hangUp();
  await home.pass(1);
});

test('once the guard has run out, strangers are screened as before', async () => {
  const home = new Home({ lines: [{ ...raised, raisedUntil: monday - 1 }] });
  home.onRing({ do: 'answer', afterMs: 1000 });
  const caller = home.call();
  await home.passChallenge(caller);
  await home.pass(10);
  expect(caller.hears).toEqual([home.party(caller, 'resident').id]);
  caller.hangUp();
  await home.pass(60);
});
