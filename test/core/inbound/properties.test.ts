import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect, Leg } from '../../../services/core/call.ts';
import { classifyDialled } from '../../../services/core/number.ts';
import { foldRecord } from '../../../services/core/record.ts';
import { prompt } from '../../support/site.ts';
import { drained, type Followed, follow, isWaitingForPeople, lives, silenced } from './random.ts';
import { rules, tellStage } from './story.ts';

/** What holds for every call, whatever happens to it in whatever order: thousands of calls, the same ones each time. */

const runs = { numRuns: 4000, seed: 20261123 };

function always(what: string, check: (call: Followed) => void): void {
  test(what, () => {
    fc.assert(
      fc.property(lives, (life) => check(follow(life))),
      runs,
    );
  });
}

function effectsOf<D extends Effect['do']>({ steps }: Followed, what: D): Extract<Effect, { do: D }>[] {
  const isWhat = (effect: Effect): effect is Extract<Effect, { do: D }> => effect.do === what;
  return steps.flatMap(({ effects }) => effects.filter(isWhat));
}

test('the random calls come to every stage', () => {
  const seen = fc.sample(lives, runs).flatMap((life) => follow(life).steps.map(({ call }) => tellStage(call.stage)));
  const stages = new Set(seen.map((stage) => stage.replaceAll(/,? ?\d.*| from.*|,.*by.*/g, '')));
  expect([...stages].toSorted()).toEqual([
    'advising',
    'announcing',
    'challenging',
    'closing',
    'ended',
    'naming',
    'parting',
    'ringing resident',
    'ringing staff',
    'taking-message',
    'taking-message, recording',
    'talking resident',
    'talking staff',
    'whispering resident',
    'whispering staff',
  ]);
});

test('and to every way in which a resident dials out of them, and to every alert', () => {
  const effects = fc.sample(lives, runs).flatMap((life) => follow(life).steps.flatMap((step) => step.effects));
  const told = effects.flatMap((effect) => {
    if (effect.do === 'Raise') return [`raise ${effect.alert}`];
    if (effect.do !== 'DialOut') return [];
    return [`${classifyDialled(effect.number, rules.safeNumbers).class} by ${effect.by}`];
  });
  expect([...new Set(told)].toSorted()).toEqual([
    'emergency by advice',
    'emergency by ghost-dial',
    'guarded by advice',
    'guarded by ghost-dial',
    'raise call-while-held',
    'raise fake-dial-tone',
    'raise ghost-dial',
    'raise reported',
    'raise returned-call',
  ]);
});

describe('every call', () => {
  always('ends with one conclusion once everybody has hung up', (call) => {
    const whole = drained(call);
    expect(whole.call.stage.name).toBe('ended');
    expect(effectsOf(whole, 'Conclude')).toHaveLength(1);
    const end = whole.steps.findIndex(({ call: { stage } }) => stage.name === 'ended');
    const after = whole.steps.slice(end + 1).flatMap(({ effects }) => effects);
    expect(after.filter((effect) => effect.do !== 'HangUp')).toEqual([]);
  });

  always('ends by itself when nothing more is heard, but for people who talk', (call) => {
    const { call: last } = silenced(call);
    if (!isWaitingForPeople(last)) expect(last.stage.name).toBe('ended');
  });

  always('has a deadline in every stage but a conversation', ({ steps }) => {
    for (const { call, deadline } of steps) {
      const { stage } = call;
      expect(deadline, stage.name).toBe(stage.name !== 'talking' && stage.name !== 'ended');
    }
  });

  always('folds into a record with its ending', (call) => {
    const whole = drained(call);
    const { stage } = whole.call;
    const record = foldRecord('c', whole.journal);
    expect(stage).toEqual({ name: 'ended', ending: record.ending });
  });

  always('is concluded when nobody is left, or when the hang-ups took too long', ({ steps }) => {
    for (const { event, call, effects } of steps) {
      if (!effects.some(({ do: what }) => what === 'Conclude')) continue;
      const everybodyLeft = Object.values(call.legs).every((leg) => leg === 'none' || leg === 'gone');
      expect(everybodyLeft || event.type === 'Woke').toBe(true);
    }
  });

  always('mints each playback once, and awaits none longer than it lasts plus a margin', ({ steps }) => {
    const playbacks = effectsOf({ steps } as Followed, 'Play').map(({ playback }) => playback);
    expect(new Set(playbacks).size).toBe(playbacks.length);
    for (const { call, effects } of steps) {
      const awaited = effects.find((effect) => effect.do === 'Play' && effect.playback === call.playing);
      const wake = effects.find((effect) => effect.do === 'Wake' && effect.timer === 'deadline');
      if (awaited?.do === 'Play' && wake?.do === 'Wake') {
        expect(secondsOf(awaited), `${call.stage.name}: ${JSON.stringify(awaited.sounds)}`).toBeLessThan(
          wake.afterMs / 1000 - 2,
        );
      }
    }
  });

  always('answers the caller at most once, and before they can speak', (call) => {
    const asked = call.steps.flatMap(({ effects }) => effects);
    const answers = asked.flatMap((effect, index) => (effect.do === 'Answer' ? [index] : []));
    expect(answers.length).toBeLessThanOrEqual(1);
    const talk = asked.findIndex((effect) => effect.do === 'Connect' && effect.legs.includes('caller'));
    if (talk >= 0) expect(answers[0]).toBeLessThan(talk);
  });

  always('connects nobody on whose channel something plays, which would hold up every other call', ({ steps }) => {
    const playing = new Map<string, Leg>();
    for (const { event, effects } of steps) {
      if (event.type === 'PromptFinished') playing.delete(event.playback);
      if (event.type === 'EffectFailed') playing.delete(event.about);
      for (const effect of effects) {
        if (effect.do === 'Play') playing.set(effect.playback, effect.leg);
        if (effect.do === 'StopPlaying') playing.delete(effect.playback);
        if (effect.do === 'Connect')
          expect([...playing.values()].filter((leg) => effect.legs.includes(leg))).toEqual([]);
      }
    }
  });

  always('hangs up every phone it rang, unless it hung up itself or left to dial', (call) => {
    const whole = drained(call);
    for (const { leg } of effectsOf(whole, 'Ring')) {
      const told = whole.steps.some(({ event }) => event.type === 'HungUp' && event.leg === leg);
      const left = effectsOf(whole, 'DialOut').some((effect) => effect.leg === leg);
      expect(told || left || effectsOf(whole, 'HangUp').some((effect) => effect.leg === leg), leg).toBe(true);
    }
  });
});

describe('the promise', () => {
  always(
    'a caller nobody vouches for cannot speak before the resident has heard the warning to its end',
    ({ steps, treatment }) => {
      if (treatment === 'connect') return;
      const warnings = new Set<string>();
      let warned = false;
      for (const { event, effects } of steps) {
        if (event.type === 'PromptFinished' && warnings.has(event.playback)) warned = true;
        for (const effect of effects) {
          if (isWarning(effect)) warnings.add(effect.playback);
          if (effect.do === 'Connect' && joins(effect, 'caller', 'resident')) expect(warned).toBe(true);
        }
      }
    },
  );

  always('two legs are connected once', (call) => {
    const pairs = effectsOf(call, 'Connect').map(({ legs }) => legs.toSorted().join());
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  always('a resident who dials out is let go of for good, by their own keys or the advice’s', (call) => {
    const whole = drained(call);
    const effects = whole.steps.flatMap((step) => step.effects);
    const left = effects.findIndex(({ do: what }) => what === 'DialOut');
    if (left < 0) return;
    const later = effects.slice(left + 1);
    expect(later.filter((effect) => effect.do === 'DialOut')).toEqual([]);
    expect(later.filter((effect) => 'leg' in effect && effect.leg === 'resident')).toEqual([]);
    expect(later.filter((effect) => effect.do === 'Connect')).toEqual([]);
    const step = whole.steps.find((one) => one.effects.some(({ do: what }) => what === 'DialOut'));
    const byKey = step?.event.type === 'KeyPressed' && step.event.leg === 'resident';
    expect(byKey || (step?.event.type === 'Woke' && step.event.timer === 'keys')).toBe(true);
  });

  always(
    'a guarded number leaves only after the caller was cut, an emergency one before anything else',
    ({ steps }) => {
      for (const [index, { effects }] of steps.entries()) {
        const out = effects.find((effect) => effect.do === 'DialOut');
        if (out?.do !== 'DialOut') continue;
        const before = steps[index - 1]?.call;
        const callerIsThere = before?.legs.caller === 'up' || before?.legs.caller === 'ringing';
        const order = effects.map(({ do: what }) => what).filter((what) => what === 'DialOut' || what === 'HangUp');
        const [first, second] =
          classifyDialled(out.number, rules.safeNumbers).class === 'emergency'
            ? ['DialOut', 'HangUp']
            : ['HangUp', 'DialOut'];
        expect(order).toEqual(callerIsThere ? [first, second] : ['DialOut']);
      }
    },
  );

  always(
    'no resident keys three digits of 101, 999 or 112 one after the other and goes on talking to a stranger',
    (call) => {
      if (call.standing === 'trusted') return;
      const keys: string[] = [];
      let at = 0;
      for (const { event, call: after } of call.steps) {
        if (event.type !== 'KeyPressed' || event.leg !== 'resident' || !/\d/.test(event.digit)) continue;
        // A key reported at once after another may be the same press.
        if (event.at - at > 20_000 || event.at - at < 100) keys.length = 0;
        at = event.at;
        keys.push(event.digit);
        const dialled = /(?:101|999|112)$/.test(keys.join(''));
        // The inside of a longer number waits for its rest.
        if (dialled && after.keying.pending === null) expect(tellStage(after.stage)).not.toBe('talking resident');
      }
    },
  );

  always('a trusted caller and the resident hear nothing but one another', (call) => {
    if (call.standing === 'trusted') expect(effectsOf(call, 'Play')).toEqual([]);
  });

  always(
    'who is not trusted and may speak with the resident holds the line from before that; a trusted one never does',
    ({ steps, standing }) => {
      let held = 0;
      for (const effect of steps.flatMap(({ effects }) => effects)) {
        if (effect.do === 'Hold') held = effect.seconds;
        if (standing === 'trusted') expect(held).toBe(0);
        else if (effect.do === 'Connect' && joins(effect, 'caller', 'resident')) expect(held).toBeGreaterThan(0);
      }
    },
  );

  always('nobody is ever connected with a party that has gone', ({ steps }) => {
    for (const { call, effects } of steps) {
      for (const effect of effects) {
        if (effect.do === 'Connect') expect(effect.legs.map((leg) => call.legs[leg])).toEqual(['up', 'up']);
      }
    }
  });
});

type Connect = Extract<Effect, { do: 'Connect' }>;

function joins({ legs }: Connect, one: Leg, other: Leg): boolean {
  return legs.includes(one) && legs.includes(other);
}

function isWarning(effect: Effect): effect is Extract<Effect, { do: 'Play' }> {
  if (effect.do !== 'Play' || effect.leg !== 'resident') return false;
  // The last of its sounds: only of that one does Asterisk tell whether it was played.
  const last = effect.sounds.at(-1) ?? {};
  return 'prompt' in last && last.prompt === 'whisper-warning';
}

const lengths = new Map<string, number>();

/** How long what is played lasts; a tone goes on until it is stopped, and a name may fill the time it has. */
function secondsOf({ sounds }: Extract<Effect, { do: 'Play' }>): number {
  const seconds = sounds.map((sound) => {
    if ('tone' in sound) return 0;
    if ('recording' in sound) return 10;
    const name = 'prompt' in sound ? sound.prompt : (`digit-${Number(sound.digit)}` as const);
    const known = lengths.get(name) ?? prompt(name).length / 8000;
    lengths.set(name, known);
    return known;
  });
  return seconds.reduce((sum, one) => sum + one, 0);
}
