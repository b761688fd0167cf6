import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScreeningMode } from '../../services/core/line.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** A band rings one line after the other, on real Asterisk: the next stranger meets the raised guard, and nobody else does. */

const prompts = makeShortPrompts();
const anna = '07700900123';
let site: Site;

beforeAll(async () => {
  const mode: ScreeningMode = 'announce';
  const trusted = [{ number: '+447700900123', name: 'Anna' }];
  site = await startSite({
    lines: [1, 2, 3, 4].map((n) => ({ id: `room-${n}`, number: `+44192355510${n}`, mode, area: 'Oxhey', trusted })),
    settings: { sounds: { folder: prompts.folder }, campaigns: { enabled: true } },
  });
});
afterAll(async () => {
  await site?.stop();
  rmSync(prompts.folder, { recursive: true });
});

test('three lines rung from neighbouring numbers: the fourth asks the next stranger for a name, and lets Anna through', async () => {
  const phones = site.phones();
  const network = await phones.trunk(networkAddress);
  for (const n of [1, 2, 3]) {
    const call = await network.call({ to: `0192355510${n}`, from: { number: `0207946001${n}` } });
    await call.untilAnswered();
    call.hangUp();
  }
  const [campaign] = await until('a campaign is found', async () => {
    const found = await site.store.campaigns.list({ area: 'Oxhey', limit: 10 });
    return found.length > 0 && found;
  });
  expect(campaign).toMatchObject({ calls: 3, lines: 3, areas: ['Oxhey'] });
  await until('staff are alerted', async () => {
    const alerts = await site.store.alerts.list({ limit: 10 });
    return alerts.some(({ kind, area }) => kind === 'campaign' && area === 'Oxhey');
  });

  await until(
    'a stranger to the fourth line is challenged',
    async () => {
      const since = Date.now();
      const call = await network.call({ to: '01923555104', from: { number: '01632960999' } });
      await call.untilAnswered();
      call.hangUp();
      const record = await until('the call is on record', async () => {
        const [newest] = await site.store.calls.list({ line: 'room-4', since: since - 50, limit: 1 });
        return newest?.direction === 'inbound' && newest;
      });
      const kinds = record.verdict?.reasons.map(({ kind }) => kind) ?? [];
      return record.verdict?.treatment === 'challenge' && kinds.includes('guard-raised');
    },
    20_000,
  );

  const resident = await lineUp(phones, 'room-4');
  const call = await network.call({ to: '01923555104', from: { number: anna } });
  const rung = await resident.nextCall();
  rung.answer();
  await call.untilAnswered();
  expect(rung.shows.name).toBe('Trusted: Anna');
  call.hangUp();
  await rung.untilEnded();
  phones.close();
});
