import { expect } from 'vitest';
import type { ScreeningMode } from '../../services/core/line.ts';
import type { Standing } from '../../services/core/screen.ts';
import { heardNames, said } from '../support/listen.ts';
import type { CallOptions } from '../support/phone/phone.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { type Scene, voiceWhenAsked } from '../support/scene.ts';
import { stories } from '../support/stories.ts';

/** Who is let through, how, and on which record: the four modes, each kind of caller, and the held line. */

const { story } = stories({ prompts: 'tones' });

const anna = { number: '+447700900123', name: 'Anna' };
const spam = '+442079460999';

type Kind = 'trusted' | 'unknown' | 'withheld' | 'forged' | 'claims to be Anna' | 'blocked';

interface CallerKind extends Pick<CallOptions, 'from' | 'headers'> {
  readonly standing: Standing;
  readonly shows: { readonly name: string; readonly number?: string };
  readonly reason: string;
}

const anonymous = 'From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=anonymous';
const beware = { name: 'Beware: suspect caller' };
const kinds: Record<Exclude<Kind, 'unknown'>, CallerKind> = {
  trusted: {
    from: anna,
    standing: 'trusted',
    shows: { name: 'Trusted: Anna', number: anna.number },
    reason: 'trusted-contact',
  },
  withheld: {
    from: { line: anonymous },
    headers: { Privacy: 'id', 'P-Asserted-Identity': '<sip:+442079460888@carrier.example>' },
    standing: 'unvouched',
    // Nor is the number that the network gave shown to anybody.
    shows: { name: 'Unknown caller, withheld', number: 'anonymous' },
    reason: 'withheld',
  },
  forged: {
    from: { name: 'Police', number: '999' },
    standing: 'suspect',
    shows: { ...beware, number: '999' },
    reason: 'short-code',
  },
  'claims to be Anna': {
    from: anna,
    headers: { 'P-Asserted-Identity': '<sip:+442079460777@carrier.example>' },
    standing: 'suspect',
    shows: { name: 'Says Anna, unproven', number: anna.number },
    reason: 'identities-differ',
  },
  blocked: {
    from: { name: 'Prize Draw', number: spam },
    standing: 'blocked',
    shows: { ...beware, number: spam },
    reason: 'blocked-number',
  },
};

type Course = 'connect' | 'warn' | 'announce' | 'challenge' | 'message' | 'refuse';
type Wording = 'plain' | 'strong';

/** The table of screening modes, as calls take it where there are no staff. */
const table: Record<ScreeningMode, Record<Kind, readonly [Course, Wording]>> = {
  announce: {
    trusted: ['connect', 'plain'],
    unknown: ['announce', 'plain'],
    withheld: ['announce', 'plain'],
    forged: ['announce', 'strong'],
    'claims to be Anna': ['announce', 'plain'],
    blocked: ['announce', 'strong'],
  },
  guarded: {
    trusted: ['connect', 'plain'],
    unknown: ['challenge', 'plain'],
    withheld: ['challenge', 'plain'],
    forged: ['refuse', 'strong'],
    'claims to be Anna': ['announce', 'plain'],
    blocked: ['refuse', 'strong'],
  },
  'trusted-only': {
    trusted: ['connect', 'plain'],
    unknown: ['message', 'plain'],
    withheld: ['message', 'plain'],
    forged: ['refuse', 'strong'],
    'claims to be Anna': ['announce', 'plain'],
    blocked: ['refuse', 'strong'],
  },
  paused: {
    trusted: ['connect', 'plain'],
    unknown: ['connect', 'plain'],
    withheld: ['connect', 'plain'],
    forged: ['warn', 'strong'],
    'claims to be Anna': ['warn', 'plain'],
    blocked: ['warn', 'strong'],
  },
};

/** A stranger has talked with the resident, and the line is held from then on. */
async function hold(scene: Scene): Promise<void> {
  const { mode, index } = scene.line;
  // Not the one who calls next: whoever shows the same number again is taken to pose as a returned call.
  const number = `+441632960${String(100 + index)}`;
  const from = { name: 'PC Brown', number };
  const caller = { ...callerOf(scene, 'unknown'), from, shows: { name: 'Unknown caller', number } };
  await courses[table[mode].unknown[0]](scene, await scene.call({ from }), caller, 'plain');
}

const stricter: readonly [ScreeningMode, Course][] = [
  ['paused', 'announce'],
  ['announce', 'challenge'],
  ['guarded', 'message'],
];
for (const [mode, course] of stricter) {
  story(`held, ${mode}: the next stranger meets ${course}`, { mode, trusted: [anna] }, async (scene) => {
    await hold(scene);
    const call = await scene.call();
    const { record } = await courses[course](scene, call, callerOf(scene, 'unknown'), 'plain');
    scene.expect(record.held).toBe(true);
    scene.expect(record.verdict?.reasons.map(({ kind }) => kind)).toContain('line-held');
  });
}

story(
  'held: a trusted caller still rings through, and lifts nothing',
  { mode: 'paused', trusted: [anna] },
  async (scene) => {
    await hold(scene);
    const before = await scene.site.heldUntil(scene.line.id);
    const call = await scene.call({ from: anna });
    const { record } = await courses.connect(scene, call, kinds.trusted);
    scene.expect(record.held).toBe(true);
    scene.expect(await scene.site.heldUntil(scene.line.id)).toBe(before);
  },
);

for (const [mode, row] of Object.entries(table) as [ScreeningMode, (typeof table)[ScreeningMode]][]) {
  for (const [kind, [course, wording]] of Object.entries(row) as [Kind, readonly [Course, Wording]][]) {
    story(`${mode}, ${kind}: ${course}, ${wording}`, { mode, trusted: [anna], blocked: [spam] }, async (scene) => {
      const caller = callerOf(scene, kind);
      const call = await scene.call(caller);
      const told = await courses[course](scene, call, caller, wording);
      scene.expect(told.record).toMatchObject({
        held: false,
        line: scene.line.id,
        // What was spoken in, where the call was answered; else what was offered.
        signalling: { codecs: expect.arrayContaining(['alaw']) },
        verdict: { standing: caller.standing, wording },
        caller: { withheld: kind === 'withheld' },
      });
      scene.expect(told.record.verdict?.reasons.map(({ kind }) => kind)).toContain(caller.reason);
    });
  }
}

const now = Date.now();
const hour = 3_600_000;
const soon = { from: now - hour, until: now + hour };
const plumber = { name: 'Hill Plumbing', number: anna.number };

story(
  'expected about now, by a number: connect, though the line is guarded',
  { mode: 'guarded', expected: [{ ...plumber, ...soon }] },
  async (scene) => {
    const shows = { name: 'Trusted: Hill Plumbing', number: plumber.number };
    const { record } = await courses.connect(scene, await scene.call({ from: plumber }), { ...kinds.trusted, shows });
    scene.expect(record.verdict?.reasons.map(({ kind }) => kind)).toEqual(['expected-caller', 'mode']);
  },
);

story(
  'expected about now, without a number: announce, and the warning, where others are challenged',
  { mode: 'guarded', expected: [{ number: null, name: 'The plumber', ...soon }] },
  async (scene) => {
    const { record } = await courses.announce(scene, await scene.call(), callerOf(scene, 'unknown'), 'plain');
    scene.expect(record.verdict?.reasons.map(({ kind }) => kind)).toContain('expected-caller');
  },
);

story('paused for a while: a stranger rings through', { mode: 'guarded', pausedUntil: now + hour }, async (scene) => {
  const { record } = await courses.connect(scene, await scene.call(), callerOf(scene, 'unknown'));
  scene.expect(record.verdict?.reasons.map(({ kind }) => kind)).toEqual(['not-on-list', 'line-paused', 'mode']);
});

function callerOf(scene: Scene, kind: Kind): CallerKind {
  if (kind !== 'unknown') return kinds[kind];
  const from = { name: 'PC Brown', number: scene.stranger };
  const shows = { name: 'Unknown caller', number: scene.stranger };
  return { from, standing: 'unvouched', shows, reason: 'not-on-list' };
}

const strongOr = (wording: Wording, strong: string, plain: string) => (wording === 'strong' ? strong : plain);

/** The whole way of a call through each treatment, to its record. */
const courses = {
  async connect(scene: Scene, call: PlacedCall, { shows, standing }: CallerKind) {
    const rung = await scene.resident.nextCall();
    scene.expect(rung.shows).toMatchObject(shows);
    await call.untilRinging();
    rung.answer();
    await scene.talk(call, rung);
    call.hangUp();
    await rung.untilEnded();
    const told = await scene.over(call, { resident: rung });
    scene.expect(told.record.promptsPlayed).toEqual([]);
    scene.expect(told.record).toMatchObject({
      ending: { outcome: 'talked', by: 'caller', cause: 16 },
      holdSeconds: standing === 'trusted' ? 0 : 300,
      verdict: { treatment: 'connect' },
    });
    return told;
  },

  async warn(scene: Scene, call: PlacedCall, caller: CallerKind, wording: Wording) {
    await call.untilRinging();
    const told = await warnedTalk(scene, call, caller, wording);
    scene.expect(told.played('caller')).toEqual([]);
    scene.expect(told.record.verdict?.treatment).toBe('warn');
    return told;
  },

  async announce(scene: Scene, call: PlacedCall, caller: CallerKind, wording: Wording) {
    const told = await warnedTalk(scene, call, caller, wording);
    const announcement = strongOr(wording, 'announcement-strong', 'announcement');
    scene.expect(told.played('caller')).toEqual([announcement, 'please-wait']);
    scene.expect(heardNames(call)).toEqual([announcement, 'please-wait']);
    scene.expect(told.record.verdict?.treatment).toBe('announce');
    return told;
  },

  async challenge(scene: Scene, call: PlacedCall, caller: CallerKind, wording: Wording) {
    const digit = await scene.passChallenge(call);
    const told = await warnedTalk(scene, call, caller, wording, ['whisper-named']);
    const words = ['announcement', 'say-your-name', 'press-to-continue', 'please-wait'];
    scene.expect(told.played('caller')).toEqual(words);
    scene.expect(heardNames(call)).toEqual(expect.arrayContaining(words));
    scene.expect(told.record).toMatchObject({
      keys: [{ leg: 'caller', digit }],
      recordings: [`${told.record.id}-name`],
      verdict: { treatment: 'challenge' },
    });
    return told;
  },

  async message(scene: Scene, call: PlacedCall) {
    await said(call, 'leave-a-message');
    void call.media.play(voiceWhenAsked);
    await said(call, 'message-saved');
    await call.untilEnded();
    const told = await scene.over(call);
    scene.expect(told.played('caller')).toEqual(['leave-a-message', 'message-saved']);
    scene.expect(told.record).toMatchObject({
      ending: { outcome: 'message-left', by: 'clearline', cause: 16 },
      recordings: [`${told.record.id}-message`],
      holdSeconds: 0,
      verdict: { treatment: 'staff-or-message' },
    });
    scene.expect(scene.rangSince(call)).toBe(0);
    return told;
  },

  async refuse(scene: Scene, call: PlacedCall) {
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    const told = await scene.over(call);
    scene.expect(told.played('caller')).toEqual(['refused']);
    scene.expect(heardNames(call)).toEqual(['refused']);
    scene.expect(told.record).toMatchObject({
      ending: { outcome: 'refused', by: 'clearline', cause: 16 },
      holdSeconds: 0,
    });
    scene.expect(scene.rangSince(call)).toBe(0);
    return told;
  },
} as const;

/** The phone rings, the resident hears the warning, they talk, the caller hangs up, the resident hears the advice. */
async function warnedTalk(
  scene: Scene,
  call: PlacedCall,
  { shows }: CallerKind,
  wording: Wording,
  named: readonly string[] = [],
) {
  const rung = await scene.resident.nextCall();
  scene.expect(rung.shows).toMatchObject(shows);
  rung.answer();
  await scene.talk(call, rung);
  const opening = strongOr(wording, 'whisper-strong', 'whisper-unknown');
  const whisper = [opening, ...named, 'whisper-warning', 'whisper-keys'];
  scene.expect(heardNames(rung)).toEqual(whisper);
  call.hangUp();
  await said(rung, 'advice');
  rung.hangUp();
  const told = await scene.over(call, { resident: rung });
  scene.expect(told.played('resident')).toEqual([...whisper, 'caller-gone', 'advice']);
  scene.expect(told.record).toMatchObject({
    ending: { outcome: 'talked', by: 'caller', cause: 16 },
    holdSeconds: 300,
  });
  return told;
}
