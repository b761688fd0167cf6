import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { delayAri } from '../support/ari-delay.ts';
import { markers, tones } from '../support/audio.ts';
import { amiRefused } from '../support/faults.ts';
import { hearsMarker } from '../support/listen.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, type Site, startSite } from '../support/site.ts';
import { startTestStack } from '../support/stack.ts';
import { atOnceMs, until } from '../support/until.ts';

/**
 * An interceptor that hangs keeps its connection to Asterisk, which goes on giving it every call; one that dies leaves calls behind.
 * Nobody lends a hand.
 */

/** Until a hung interceptor is killed, and the dialplan or the next one has taken over who waits; in milliseconds. */
const mendedMs = 15_000;

const prompts = makeShortPrompts();
let site: Site;
let phones: Phones;

beforeAll(async () => {
  site = await startSite({
    lines: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({
      id: `room-${n}`,
      number: `+44192355510${n}`,
      mode: 'announce' as const,
    })),
    settings: { sounds: { folder: prompts.folder } },
    carrier: true,
  });
});
beforeEach(() => {
  phones = site.phones();
});
afterEach(async () => {
  await site.stack.asterisk.cli('channel request hangup all');
  await site.untilQuiet();
  phones.close();
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

/** What rings at either trunk's far end after this moment. */
function ringsOutside(after: number): Promise<ReceivedCall> {
  const received = () => [...site.carrier.received, ...site.police.received];
  return until('it rings outside', () => received().find(({ invitedAt }) => invitedAt > after));
}

/** Stops the interceptor as the kernel does; answers which process that was. */
function hang(): number {
  const pid = site.stack.service('interceptor')?.pid ?? 0;
  expect(pid).toBeGreaterThan(0);
  process.kill(pid, 'SIGSTOP');
  return pid;
}

/** Another one answers calls, and why is said. */
async function untilReplaced(pid: number): Promise<void> {
  const { stack } = site;
  await until('another interceptor is up', () => ![pid, null, undefined].includes(stack.service('interceptor')?.pid));
  expect(stack.output.join('\n')).toContain('interceptor ended (killed: no sign of life for 5 s).');
}

describe('the interceptor hangs', () => {
  test('101 is dialled: it is connected within 15 s, and the next call is decided by Clearline again', async () => {
    const resident = await lineUp(phones, 'room-1');
    const pid = hang();
    const dialledAt = now();
    const call = await resident.call({ to: '101' });
    const far = await ringsOutside(dialledAt);
    expect(far.invitedAt - dialledAt).toBeLessThan(mendedMs);
    far.answer();
    await call.untilAnswered();
    await hearOneAnother(call, far);
    call.hangUp();
    await far.untilEnded();
    await untilReplaced(pid);
    const again = now();
    const second = await resident.call({ to: '101' });
    const rung = await ringsOutside(again);
    expect(rung.invitedAt - again).toBeLessThan(atOnceMs);
    rung.answer();
    await hearOneAnother(second, rung);
    second.hangUp();
    expect((await site.recordedFrom('room-1')).record).toMatchObject({ dialled: '101', by: 'phone', faults: [] });
  });

  test('a caller comes in: they wait no longer than that until the telephone rings, and can speak', async () => {
    const resident = await lineUp(phones, 'room-2');
    hang();
    const call = await site.carrier.call({ to: '01923555102', from: { number: '02079460999' } });
    const rung = await resident.nextCall();
    rung.answer();
    await hearOneAnother(rung, call);
    rung.hangUp();
    await call.untilEnded();
  });

  test('while a caller hears the telephone ring: it rings on, or anew, and they can speak', async () => {
    const resident = await lineUp(phones, 'room-3');
    const call = await site.carrier.call({ to: '01923555103', from: { number: '02079460999' } });
    const first = await resident.nextCall();
    const { output } = site.stack;
    const { length } = output;
    await untilReplaced(hang());
    // As much as was kept of the call when it hung decides.
    const isTakenUp = output.slice(length).some((line) => line.includes('took up the calls'));
    const anew = () => resident.received.find((one) => one !== first);
    const rung = isTakenUp && !first.ended ? first : await until('it rings anew', anew);
    rung.answer();
    await hearOneAnother(rung, call);
    rung.hangUp();
    await call.untilEnded();
  });
});

describe('the interceptor dies while AMI is away, so that no other can take its calls', () => {
  test('a caller hears the telephone ring: it rings anew; and a resident waits for 101: it is connected', async () => {
    const ami = amiRefused(site.stack);
    const resident = await lineUp(phones, 'room-4');
    const caller = await site.carrier.call({ to: '01923555104', from: { number: '02079460999' } });
    const first = await resident.nextCall();
    await ami.begin();
    try {
      const other = await lineUp(phones, 'room-5', '127.0.0.5');
      const waiting = await other.call({ to: '101' });
      await waiting.untilAnswered();
      const killedAt = now();
      site.stack.service('interceptor')?.kill('SIGKILL');
      const far = await ringsOutside(killedAt);
      far.answer();
      await hearOneAnother(waiting, far);
      waiting.hangUp();
      const rung = await until('it rings anew', () => resident.received.find((one) => one !== first));
      rung.answer();
      await hearOneAnother(rung, caller);
      rung.hangUp();
      await caller.untilEnded();
      expect(await ami.isAway()).toBe(true);
    } finally {
      await ami.mend();
    }
    await until('Clearline takes the calls again', () => site.stack.service('interceptor')?.pid, 40_000);
  });
});

describe('the connection to Asterisk carries nothing more, and nobody is told', () => {
  test('it is noticed and made anew; who waited goes to the dialplan, and what was missed is told', async () => {
    const { stack } = site;
    const [resident, other, third] = await Promise.all([
      lineUp(phones, 'room-6'),
      lineUp(phones, 'room-7', '127.0.0.5'),
      lineUp(phones, 'room-8', '127.0.0.6'),
    ]);
    const ari = await delayAri(stack);
    try {
      const call = (n: number) => site.carrier.call({ to: `0192355510${n}`, from: { number: `0207946099${n}` } });
      const [kept, ended] = await Promise.all([call(6), call(7)]);
      const [talking, left] = await Promise.all([resident.nextCall(), other.nextCall()]);
      for (const rung of [talking, left]) rung.answer();
      await Promise.all([hearOneAnother(talking, kept), hearOneAnother(left, ended)]);
      const saidBefore = stack.output.length;
      const said = (text: string) => stack.output.slice(saidBefore).some((line) => line.includes(text));
      const pid = stack.service('interceptor')?.pid;
      const lostAt = now();
      ari.loseAll();
      ended.hangUp();
      const late = await call(8);
      await until('it is noticed', () => said('the connection to Asterisk is lost'), 30_000);
      console.log(`half open: noticed after ${Math.round(now() - lostAt)} ms`);
      const ringing = await third.nextCall();
      console.log(`half open: whoever called meanwhile is put through after ${Math.round(now() - late.invitedAt)} ms`);
      ringing.answer();
      await Promise.all([hearOneAnother(ringing, late), hearOneAnother(talking, kept)]);
      // Their caller is gone, as they were told.
      for (const rung of [talking, ringing, left]) rung.hangUp();
      await Promise.all([kept.untilEnded(), late.untilEnded()]);
      expect((await site.recorded(ended.id)).record).toMatchObject({
        reconstructed: true,
        ending: { outcome: 'talked', by: 'caller' },
      });
      expect((await site.recorded(kept.id)).record).toMatchObject({
        ending: { outcome: 'talked', by: 'resident' },
        faults: [],
      });
      expect(stack.service('interceptor')?.pid, 'nothing had to be started again').toBe(pid);
    } finally {
      await ari.remove();
    }
  });
});

test('a service that a container starts is kept the same way, and ends with what keeps it', async () => {
  const stack = await startTestStack();
  const keep = fileURLToPath(new URL('../../services/standalone/keep.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [keep, 'interceptor'], {
    env: { ...process.env, CLEARLINE_CONFIG: stack.configFile },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => said.push(line));
  }
  try {
    // Its last words are told again when it is killed.
    const startedBut = (before: number) =>
      said
        .filter((line) => line.includes('answering calls'))
        .map((line): number => JSON.parse(line).pid)
        .find((pid) => pid !== before);
    const first = await until('it answers calls', () => startedBut(0));
    process.kill(first, 'SIGSTOP');
    const last = await until('another answers calls', () => startedBut(first));
    expect(said.join('\n')).toContain('interceptor ended (killed: no sign of life for 5 s).');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(() => process.kill(last, 0)).toThrow('ESRCH');
  } finally {
    child.kill('SIGKILL');
    await stack.stop();
  }
});
