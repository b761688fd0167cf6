import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FinishedCall } from '../../services/core/record.ts';
import { markers, tones } from '../support/audio.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { Phones } from '../support/phones.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** A resident's own calls, on real Asterisk: who is let through, over which trunk, and what is on record of it. */

let site: Site;
let phones: Phones;

beforeAll(async () => {
  site = await startSite({ lines: [{ id: 'room-1', number: '+441923555101', mode: 'paused' }] });
});
beforeEach(() => {
  phones = site.phones();
});
afterEach(async () => {
  phones.close();
  await site.stack.asterisk.cli('channel request hangup all');
  await site.untilQuiet();
  for (const family of ['hold', 'timed', 'caller']) {
    await site.stack.asterisk.cli(`database deltree clearline-${family}`);
  }
});
afterAll(() => site?.stop());

async function hearOneAnother(one: PhoneCall, other: PhoneCall): Promise<void> {
  void one.media.play(tones(markers.resident, 800), true);
  void other.media.play(tones(markers.caller, 800), true);
  await Promise.all([hearsMarker(one, markers.caller), hearsMarker(other, markers.resident)]);
  one.media.stop();
  other.media.stop();
}

/** The record of the newest outgoing call, once there is one. */
function outgoing(): Promise<FinishedCall> {
  return until('the outgoing call is on record', async () => {
    const [newest] = await site.store.calls.list({ direction: 'outgoing', limit: 1 });
    return newest && site.store.calls.find(newest.id);
  });
}

describe('a resident dials 101', () => {
  test('on a clear line: it rings at once over the first trunk, both hear one another, and all is on record', async () => {
    const network = await phones.trunk(networkAddress, site.networkPort);
    const resident = await lineUp(phones, 'room-1');
    const call = await resident.call({ to: '101' });
    const rung = await network.nextCall();
    expect(rung.invitedAt - call.invitedAt).toBeLessThan(500);
    rung.answer();
    await call.untilAnswered();
    await hearOneAnother(call, rung);
    call.hangUp();
    await rung.untilEnded();
    const { record } = await outgoing();
    expect(record).toMatchObject({
      direction: 'outgoing',
      line: 'room-1',
      dialled: '101',
      number: { class: 'guarded', name: 'Police' },
      by: 'phone',
      trunk: 'net',
      ending: { outcome: 'connected', by: 'resident' },
      faults: [],
    });
  });
});
