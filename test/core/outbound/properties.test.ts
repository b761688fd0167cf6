import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../../services/core/call.ts';
import { type LineEvidence, strangersAmongPeers } from '../../../services/core/clearance.ts';
import { decideOutbound } from '../../../services/core/outbound.ts';
import { foldRecord } from '../../../services/core/record.ts';
import { drained, type Followed, follow, lives, type Passed, silenced } from './random.ts';
import { tellStage } from './story.ts';

/** What holds for every outgoing call, whatever happens to it in whatever order: thousands of calls, the same ones each time. */

const runs = { numRuns: 4000, seed: 20261123 };

function always(what: string, check: (call: Followed) => void, numRuns = runs.numRuns): void {
  test(what, () => {
    fc.assert(
      fc.property(lives, (life) => check(follow(life))),
      { ...runs, numRuns },
    );
  });
}

function effectsOf<D extends Effect['do']>(
  steps: readonly Pick<Passed, 'effects'>[],
  what: D,
): Extract<Effect, { do: D }>[] {
  const isWhat = (effect: Effect): effect is Extract<Effect, { do: D }> => effect.do === what;
  return steps.flatMap(({ effects }) => effects.filter(isWhat));
}

/** Both witnesses answered, and saw nobody; said here once more, so that the clearance itself is put to the test. */
function seesNobody({ ari, ami }: LineEvidence): boolean {
  return [ari, ami].every((seen) => seen !== null && seen.channels.length + seen.peers.length === 0);
}

function classOf({ call }: Followed): string {
  return call.facts?.number.class ?? 'none';
}

test('the random calls come to every stage', () => {
  const seen = fc.sample(lives, runs).flatMap((life) => follow(life).steps.map(({ call }) => tellStage(call.stage)));
  const stages = new Set(
    seen.map((stage) => stage.replace(/, .*( by .*|over .*)/, (_, how) => (how.startsWith('over') ? ', over' : ''))),
  );
  expect([...stages].toSorted()).toEqual([
    'checking',
    'closing',
    'connected',
    'connected, first look',
    'connected, last look',
    'ended',
    'gone on, any',
    'gone on, dialplan',
    'gone on, emergency',
    'gone on, over',
    'parting',
    'promising',
    'ringing-staff',
    'warning',
    'with-staff',
  ]);
});

describe('the promise', () => {
  always(
    'a guarded number leaves over a trunk only upon a look, asked for since, that found the line clear',
    (call) => {
      if (classOf(call) !== 'guarded') return;
      let asked = false;
      for (const { event, effects } of call.steps) {
        // Nothing that was seen before a trunk gave the call back, or was told before, counts any more.
        if (event.type === 'CameBack') asked = false;
        for (const { route } of effectsOf([{ effects }], 'PutThrough')) {
          expect(['over', 'dialplan']).toContain(route.kind);
          if (route.kind !== 'over') continue;
          expect(event.type).toBe('LineInspected');
          if (event.type !== 'LineInspected') continue;
          expect(asked).toBe(true);
          expect(seesNobody(event.evidence)).toBe(true);
          expect(event.evidence.timedTrunks.map(({ trunk }) => trunk)).not.toContain(route.trunk);
        }
        if (event.type === 'LineInspected') asked = false;
        if (effects.some((effect) => effect.do === 'InspectLine')) asked = true;
      }
    },
  );

  always('an emergency number leaves in the first step, and nothing is said, asked or hung up', (call) => {
    if (classOf(call) !== 'emergency') return;
    const { by } = call.call.facts ?? {};
    const expected = by === 'phone' ? [] : [{ kind: 'emergency' }];
    expect(effectsOf(call.steps.slice(0, 1), 'PutThrough').map(({ route }) => route)).toEqual(expected);
    expect(effectsOf(call.steps.slice(0, 1), 'CutOthers')).toHaveLength(1);
    for (const { effects, call: after } of call.steps) {
      const asked = effects.map((effect) => effect.do);
      for (const not of ['Play', 'Answer', 'InspectLine', 'Ring']) expect(asked).not.toContain(not);
      const resident = effects.some((effect) => effect.do === 'HangUp' && effect.leg === 'resident');
      if (after.stage.name !== 'closing') expect(resident).toBe(false);
    }
  });

  always('whoever is seen connected to the resident ends the guarded call in that step', ({ steps }) => {
    for (const { event, before, effects } of steps) {
      if (event.type !== 'LineInspected' || before.stage.name !== 'connected' || before.guard?.look !== 'asked')
        continue;
      const { audit } = before.stage;
      if (audit === null || audit.phase === 'over' || strangersAmongPeers(event.evidence).length === 0) continue;
      expect(effects).toContainEqual({ do: 'Raise', alert: 'audit-failed' });
      expect(effects).toContainEqual({ do: 'HangUp', leg: 'resident', cause: 16 });
    }
  });

  always('every channel seen on a line that is not clear is cut at once', ({ steps }) => {
    for (const { event, before, effects } of steps) {
      if (event.type !== 'LineInspected' || before.stage.name !== 'checking' || before.guard?.look !== 'asked')
        continue;
      const { ari, ami } = event.evidence;
      const channels = [ari, ami].flatMap((seen) => [...(seen?.channels ?? []), ...(seen?.peers ?? [])]);
      const cut = effectsOf([{ effects }], 'Cut').flatMap((effect) => effect.channels);
      expect(cut.toSorted()).toEqual([...new Set(channels)].toSorted());
    }
  });
});

describe('every call', () => {
  always('has a deadline in every stage but a conversation', ({ steps }) => {
    for (const { call, timers } of steps) {
      const { name } = call.stage;
      const talks = name === 'connected' || name === 'with-staff';
      expect(timers.has('deadline'), name).toBe(!talks && name !== 'ended');
    }
  });

  always('looks again and speaks again while it waits', ({ steps }) => {
    for (const { call, timers } of steps) {
      if (call.stage.name !== 'checking') continue;
      expect(timers.has('words')).toBe(true);
      const isClear = call.guard?.sentence === true && call.guard.unclearSince === null;
      expect(timers.has('inspect') || isClear).toBe(true);
    }
  });

  always('goes on being audited until the audit is over', ({ steps }) => {
    for (const { call, timers } of steps) {
      if (call.stage.name !== 'connected' || call.stage.audit === null) continue;
      expect(timers.has('inspect')).toBe(call.stage.audit.phase !== 'over');
    }
  });

  always('leaves no timer behind', ({ steps }) => {
    for (const { call, timers } of steps) if (call.stage.name === 'ended') expect([...timers.keys()]).toEqual([]);
  });

  always(
    'ends by itself when nothing more is heard, but for people who talk',
    (call) => {
      if (classOf(call) === 'emergency') return;
      const { stage } = silenced(call);
      if (stage.name !== 'connected' && stage.name !== 'with-staff') expect(stage.name).toBe('ended');
    },
    500,
  );

  always('ends with one conclusion once everybody has hung up', (call) => {
    const { call: last, steps } = drained(call);
    expect(last.stage.name).toBe('ended');
    expect(effectsOf(steps, 'Conclude')).toHaveLength(1);
    const end = steps.findIndex(({ call: { stage } }) => stage.name === 'ended');
    expect(
      steps
        .slice(end + 1)
        .flatMap(({ effects }) => effects)
        .filter((effect) => effect.do !== 'HangUp'),
    ).toEqual([]);
  });

  always('folds into a record with its ending', (call) => {
    const { call: last, journal } = drained(call);
    expect(last.stage).toEqual({ name: 'ended', ending: foldRecord('c', journal).ending });
  });

  always('hangs up staff it rang, unless they hung up themselves', (call) => {
    const { steps } = drained(call);
    if (effectsOf(steps, 'Ring').length === 0) return;
    const told = steps.some(({ event }) => event.type === 'HungUp' && event.leg === 'staff');
    expect(told || effectsOf(steps, 'HangUp').some(({ leg }) => leg === 'staff')).toBe(true);
  });

  always('hands nobody over, and connects nobody, to whom something still plays', ({ steps }) => {
    const playing = new Set<string>();
    for (const { event, effects } of steps) {
      if (event.type === 'PromptFinished') playing.delete(event.playback);
      if (event.type === 'EffectFailed' && event.effect === 'Play') playing.delete(event.about);
      for (const effect of effects) {
        if (effect.do === 'PutThrough' || effect.do === 'Connect') expect([...playing]).toEqual([]);
        if (effect.do === 'Play') playing.add(effect.playback);
        if (effect.do === 'StopPlaying') playing.delete(effect.playback);
      }
    }
  });

  always('says one thing at a time, and only to a resident who is there and answered', ({ steps }) => {
    let answered = false;
    const playing = new Set<string>();
    for (const { event, call, effects } of steps) {
      if (event.type === 'Dialled' && event.answered) answered = true;
      if (event.type === 'PromptFinished') playing.delete(event.playback);
      if (event.type === 'EffectFailed' && event.effect === 'Play') playing.delete(event.about);
      for (const effect of effects) {
        if (effect.do === 'Answer') answered = true;
        if (effect.do === 'StopPlaying') playing.delete(effect.playback);
        if (effect.do !== 'Play') continue;
        expect({ answered, resident: call.legs.resident, playing: [...playing] }).toEqual({
          answered: true,
          resident: 'up',
          playing: [],
        });
        playing.add(effect.playback);
      }
    }
  });

  always(
    'can be taken up again from plain data',
    ({ steps }) => {
      for (const { event, before, call, effects } of steps) {
        const stored = JSON.parse(JSON.stringify(before)) as typeof before;
        expect(decideOutbound(stored, event)).toEqual({ call, effects });
      }
    },
    500,
  );
});
