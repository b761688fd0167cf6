import { rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FinishedCall } from '../../services/core/record.ts';
import { markers, tones } from '../support/audio.ts';
import { noticedMs } from '../support/guarded.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { atOnceMs, until } from '../support/until.ts';

/** A resident's own calls, on real Asterisk: who is let through, over which trunk, and what is on record of it. */

let site: Site;
let phones: Phones;

const prompts = makeShortPrompts();

beforeAll(async () => {
  site = await startSite({
    lines: [1, 2, 3, 4, 5].map((n) => ({ id: `room-${n}`, number: `+44192355510${n}`, mode: 'announce' as const })),
    settings: { sounds: { folder: prompts.folder } },
  });
});
beforeEach(() => {
  phones = site.phones();
});
afterEach(async () => {
  await site.stack.asterisk.cli('channel request hangup all');
  await site.untilQuiet();
  phones.close();
  for (const family of ['hold', 'timed', 'caller']) {
    await site.stack.asterisk.cli(`database deltree clearline-${family}`);
  }
});
afterAll(async () => {
  await site?.stop();
  rmSync(prompts.folder, { recursive: true });
});

async function hearOneAnother(one: PhoneCall, other: PhoneCall): Promise<void> {
  void one.media.play(tones(markers.resident, 800), true);
  void other.media.play(tones(markers.caller, 800), true);
  await Promise.all([hearsMarker(one, markers.caller), hearsMarker(other, markers.resident)]);
  one.media.stop();
  other.media.stop();
}

/** The record of the newest call to this number that began since, once it is over. */
function outgoing(to: string, since: number): Promise<FinishedCall> {
  return until('the outgoing call is on record', async () => {
    const [newest] = await site.store.calls.list({ direction: 'outgoing', since, limit: 1 });
    return newest?.direction === 'outgoing' && newest.number.number === to ? site.store.calls.find(newest.id) : null;
  });
}

/** A stranger in conversation with the resident. */
async function talking(network: Phone, resident: Phone) {
  const to = `0192355510${resident.name.at(-1)}`;
  const call = await network.call({ to, from: { number: '02079460999' } });
  const rung = await resident.nextCall();
  rung.answer();
  await call.untilAnswered();
  await hearOneAnother(rung, call);
  return { call, rung };
}

/** 101 rings over the trunk that no call came in by. */
async function policeCall(since: number): Promise<ReceivedCall> {
  const before = now() - (Date.now() - since);
  return until('it rings', () => site.police.received.find(({ invitedAt }) => invitedAt > before));
}

/** Closes AMI for everybody, or opens it again. */
async function closeAmi(closed: boolean): Promise<void> {
  const { asterisk, config } = site.stack;
  const file = join(config.paths.asterisk, 'etc/site/manager.conf');
  if (closed) await writeFile(file, '[general](+)\nenabled = no\n');
  else await rm(file);
  await asterisk.cli('manager reload');
  await until('nobody is connected, or somebody is again', async () => {
    const shown = await asterisk.cli('manager show connected');
    const [, session] = /^ *clearline .* (\d+) +\d+ +\d+ +\d+ *$/m.exec(shown) ?? [];
    if (closed && session) await asterisk.cli(`manager kick session ${session}`);
    return closed !== (session !== undefined);
  });
}

describe('a resident dials 101', () => {
  test('on a clear line: it rings at once over the first trunk, both hear one another, and all is on record', async () => {
    const since = Date.now();
    const network = await phones.trunk(networkAddress, site.networkPort);
    const resident = await lineUp(phones, 'room-1');
    const call = await resident.call({ to: '101' });
    const rung = await network.nextCall();
    expect(rung.invitedAt - call.invitedAt).toBeLessThan(atOnceMs);
    rung.answer();
    await call.untilAnswered();
    await hearOneAnother(call, rung);
    call.hangUp();
    await rung.untilEnded();
    const { record } = await outgoing('101', since);
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

  test('on a second line of the telephone, while a stranger is on the first: the stranger is cut, then the other trunk rings', async () => {
    const since = Date.now();
    const network = await phones.trunk(networkAddress);
    const resident = await lineUp(phones, 'room-2');
    const { call, rung } = await talking(network, resident);
    const second = await resident.call({ to: '101' });
    const police = await policeCall(since);
    expect(call.ended).toMatchObject({ by: 'them', how: 'bye' });
    expect(call.ended?.at).toBeLessThan(police.invitedAt + noticedMs);
    expect(rung.ended?.at).toBeLessThan(police.invitedAt + noticedMs);
    police.answer();
    await hearOneAnother(second, police);
    police.hangUp();
    await second.untilEnded();
    const { record } = await outgoing('101', since);
    expect(record).toMatchObject({
      held: true,
      trunk: 'police',
      ending: { outcome: 'connected', by: 'far' },
      faults: [],
    });
  });

  test('with the keys of the telephone, inside a call with a stranger: the stranger is cut, and the police are called', async () => {
    const since = Date.now();
    const network = await phones.trunk(networkAddress);
    const resident = await lineUp(phones, 'room-3');
    const { call, rung } = await talking(network, resident);
    rung.press('101');
    const { at } = await call.untilEnded();
    const police = await policeCall(since);
    expect(police.invitedAt + noticedMs).toBeGreaterThan(at);
    police.answer();
    await hearOneAnother(rung, police);
    rung.hangUp();
    await police.untilEnded();
    const { record } = await outgoing('101', since);
    expect(record).toMatchObject({ by: 'ghost-dial', trunk: 'police', ending: { outcome: 'connected' }, faults: [] });
    const looks = record.direction === 'outgoing' ? record.looks : [];
    expect(looks.at(-1)).toMatchObject({
      assessment: { state: 'clear' },
      evidence: { ari: { channels: [] }, ami: { channels: [] }, releases: [{ state: 'released' }] },
    });
  });

  test('while Clearline waits for AMI and dies: the next one lets the dialplan connect the resident', async () => {
    const since = Date.now();
    const network = await phones.trunk(networkAddress, site.networkPort);
    const resident = await lineUp(phones, 'room-4');
    await closeAmi(true);
    const call = await resident.call({ to: '101' });
    await call.untilAnswered();
    process.kill(site.stack.service('interceptor')?.pid ?? 0, 'SIGKILL');
    await closeAmi(false);
    const rung = await Promise.race([network.nextCall(), policeCall(since)]);
    rung.answer();
    await hearOneAnother(call, rung);
    call.hangUp();
    await rung.untilEnded();
  });
});

test('999 keyed inside a call with a stranger leaves at once, and the stranger is cut', async () => {
  const since = Date.now();
  const network = await phones.trunk(networkAddress);
  const out = await phones.trunk(networkAddress, site.networkPort);
  const resident = await lineUp(phones, 'room-5');
  const { call, rung } = await talking(network, resident);
  rung.press('999');
  const emergency = await Promise.race([out.nextCall(), policeCall(since)]);
  const { at } = await call.untilEnded();
  expect(Math.abs(at - emergency.invitedAt)).toBeLessThan(atOnceMs);
  emergency.answer();
  await hearOneAnother(rung, emergency);
  emergency.hangUp();
  await rung.untilEnded();
  const { record } = await outgoing('999', since);
  expect(record).toMatchObject({ by: 'ghost-dial', number: { class: 'emergency' }, ending: { outcome: 'connected' } });
});
