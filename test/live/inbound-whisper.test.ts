import { afterAll, beforeAll } from 'vitest';
import { markers, sampleRate, tones } from '../support/audio.ts';
import { Ears } from '../support/ears.ts';
import type { PhoneCall } from '../support/phone/call.ts';
import type { Span } from '../support/phone/heard.ts';
import type { Found } from '../support/phone/match.ts';
import { type Scene, voice } from '../support/scene.ts';
import { digits, prompt } from '../support/site.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/**
 * The promise, with the real prompts: the resident hears the whole warning before anything of the caller, and the caller
 * nothing of it. Both speak without a break from the moment they are answered: a marker that no prompt contains.
 */

const { story } = stories({ prompts: 'real', settings: { screening: { reminderSeconds: 13 } } });

type Name = Parameters<typeof prompt>[0];

let ears: Ears;
beforeAll(() => {
  ears = new Ears();
});
afterAll(() => ears.close());

/** Where each prompt was heard. */
function find(call: PhoneCall, names: readonly Name[]): Promise<((Found & Span) | null)[]> {
  const { heard } = call;
  return Promise.all(names.map((name) => ears.find(prompt(name), heard)));
}

/** Shows that these prompts were heard, each to its end, one after another; gives the end of the last. */
async function showHeard(scene: Scene, call: PhoneCall, names: readonly Name[]): Promise<number> {
  let end = 0;
  for (const [i, found] of (await find(call, names)).entries()) {
    scene.expect(found, `${names[i]} is heard`).toMatchObject({ complete: true });
    scene.expect(found?.from, `${names[i]} is heard in its turn`).toBeGreaterThan(end - 50);
    end = found?.to ?? Number.NaN;
  }
  return end;
}

async function showUnheard(scene: Scene, call: PhoneCall, names: readonly Name[]): Promise<void> {
  const found = await find(call, names);
  const heard = names.filter((_, i) => (found[i]?.similarity ?? 0) > 0.4);
  scene.expect(heard).toEqual([]);
}

function speak(call: PhoneCall, marker: keyof typeof markers): void {
  void call.media.play(tones(markers[marker], 1000), true);
}

/** Asterisk sends no audio while it waits: this much of none means that the prompt is over. */
async function untilQuiet(call: PhoneCall, after = 0, ms = 200): Promise<number> {
  return until(
    `${call.id} hears nothing`,
    () => {
      const last = call.media.packets.at(-1)?.at ?? Number.POSITIVE_INFINITY;
      return last > after && performance.now() - last > ms ? last : null;
    },
    40_000,
  );
}

/** The whisper is over when the caller hears the resident, who has been speaking from the start. */
async function untilHeardMarker(call: PhoneCall, marker: keyof typeof markers): Promise<void> {
  const seconds = () => call.heard.samples.length / sampleRate;
  let looked = 0;
  await until(
    `${call.id} hears the ${marker}`,
    () => {
      if (seconds() < looked + 0.5) return false;
      looked = seconds();
      return call.heard.marker(markers[marker]).length > 0;
    },
    50_000,
  );
}

const warning = ['whisper-warning', 'whisper-keys'] as const;

story('announce: the barrier holds both ways, and the advice follows', { mode: 'announce' }, async (scene) => {
  const call = await scene.call();
  await call.untilAnswered();
  speak(call, 'caller');
  const rung = await scene.resident.nextCall();
  rung.answer();
  speak(rung, 'resident');
  await untilHeardMarker(call, 'resident');
  await untilHeardMarker(rung, 'caller');
  call.hangUp();
  const endOfTalk = performance.now();
  await untilQuiet(rung, endOfTalk + 5000);
  rung.hangUp();

  const end = await showHeard(scene, rung, ['whisper-unknown', ...warning]);
  const [first] = rung.heard.marker(markers.caller);
  scene.expect(first?.from).toBeGreaterThan(end);
  scene.expect(first?.from).toBeLessThan(end + 1000);
  await showHeard(scene, rung, [...warning, 'caller-gone', 'advice']);
  await showHeard(scene, call, ['announcement']);
  await showUnheard(scene, call, ['whisper-unknown', ...warning, 'advice']);
  // The two captures have clocks of their own, by the arrival of their first packet.
  scene.expect(call.heard.marker(markers.resident)[0]?.from).toBeGreaterThan(end - 200);
  await scene.over(call, { resident: rung });
});

story('guarded: the caller’s own name, then the warning, then the caller; star cuts them off', {}, async (scene) => {
  const call = await scene.call();
  await call.untilAnswered();
  // As a person would, and when the recording has surely begun.
  const asked = await untilQuiet(call, 0, 450);
  await call.media.play(voice);
  const digitSaid = await untilQuiet(call, asked + 500);
  const recent = call.heard.startedAt === null ? 0 : digitSaid - 1600;
  const digit = call.heard.which(digits, recent);
  scene.expect(digit).not.toBeNull();
  speak(call, 'caller');
  call.press(digit ?? '');
  const rung = await scene.answered();
  speak(rung, 'resident');
  await untilHeardMarker(call, 'resident');
  await untilHeardMarker(rung, 'caller');
  rung.press('*');
  const { at } = await call.untilEnded();
  await until('the resident must have been told', () => performance.now() > at + 5000);
  rung.hangUp();

  await showHeard(scene, call, ['announcement', 'say-your-name', 'press-to-continue']);
  await showUnheard(scene, call, ['whisper-unknown', 'whisper-named', ...warning, 'reported']);
  const [named] = await find(rung, ['whisper-named']);
  const name = await ears.find(voice, rung.heard);
  const [warned] = await find(rung, ['whisper-warning']);
  scene.expect(name).toMatchObject({ complete: true });
  scene.expect(name?.from).toBeGreaterThan((named?.to ?? Number.NaN) - 50);
  scene.expect(name?.to).toBeLessThan(warned?.from ?? Number.NaN);
  const end = await showHeard(scene, rung, ['whisper-unknown', 'whisper-named', ...warning]);
  scene.expect(rung.heard.marker(markers.caller)[0]?.from).toBeGreaterThan(end);
  await showHeard(scene, rung, [...warning, 'reported']);
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record).toMatchObject({ ending: { outcome: 'reported' }, holdSeconds: 1800 });
});

story('paused, forged: not even answered before the warning; reminded alone', { mode: 'paused' }, async (scene) => {
  const call = await scene.call({ from: { name: 'Police', number: '101' } });
  const rung = await scene.answered();
  speak(rung, 'resident');
  await call.untilAnswered();
  speak(call, 'caller');
  await untilHeardMarker(rung, 'caller');
  rung.media.stop();
  const connected = performance.now();
  await until('a reminder must be over', () => performance.now() > connected + 23_800, 27_000);
  speak(rung, 'resident');
  await untilHeardMarker(call, 'resident');
  rung.hangUp();

  const end = await showHeard(scene, rung, ['whisper-strong', ...warning]);
  scene.expect(rung.heard.marker(markers.caller)[0]?.from).toBeGreaterThan(end);
  scene.expect(call.answeredAt).toBeGreaterThan(end - 200);
  scene.expect(call.heard.startedAt).toBeGreaterThan(end - 200);
  await showHeard(scene, rung, ['whisper-keys', 'reminder']);
  await showUnheard(scene, call, ['whisper-strong', ...warning, 'reminder']);
  await scene.over(call, { resident: rung });
});

story('announce, forged: the caller hears what did not pass', { mode: 'announce' }, async (scene) => {
  const call = await scene.call({ from: { name: 'Your Bank', number: '159' } });
  await scene.resident.nextCall();
  call.hangUp();
  await showHeard(scene, call, ['announcement-strong']);
  await scene.over(call);
});

story('guarded, forged: the refusal is heard to its end', {}, async (scene) => {
  const call = await scene.call({ from: { name: 'Emergency', number: '999' } });
  await call.untilEnded();
  await showHeard(scene, call, ['refused']);
  await scene.over(call);
});
