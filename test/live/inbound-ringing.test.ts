import { heardNames } from '../support/listen.ts';
import type { OnCall } from '../support/phone/phone.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/** A phone that is not picked up, registers twice or not at all, and calls for nobody: each has its ending and its record. */

const holdSeconds = 3;
const { story } = stories({ prompts: 'tones', settings: { screening: { holdSeconds } } });

const anna = { number: '+447700900123', name: 'Anna' };
const trusting = { trusted: [anna] };

const unanswered: readonly {
  readonly what: string;
  readonly onCall?: OnCall;
  readonly registered?: boolean;
  readonly ending: { readonly outcome: string; readonly by: string; readonly cause: number };
  /** What an unanswered caller's network is told, and what an answered caller hears. */
  readonly status: number;
  readonly words: string;
}[] = [
  {
    what: 'is busy',
    onCall: { do: 'refuse', status: 486 },
    ending: { outcome: 'busy', by: 'resident', cause: 17 },
    status: 486,
    words: 'busy',
  },
  {
    what: 'declines',
    onCall: { do: 'refuse', status: 603 },
    ending: { outcome: 'resident-refused', by: 'resident', cause: 21 },
    status: 403,
    words: 'refused',
  },
  {
    what: 'rings unheard',
    ending: { outcome: 'no-answer', by: 'resident', cause: 19 },
    status: 480,
    words: 'no-answer',
  },
  {
    what: 'is dead though registered',
    onCall: { do: 'ignore' },
    ending: { outcome: 'no-answer', by: 'resident', cause: 19 },
    status: 480,
    words: 'no-answer',
  },
  {
    what: 'has gone on strike',
    onCall: { do: 'refuse', status: 480 },
    ending: { outcome: 'no-answer', by: 'resident', cause: 19 },
    status: 480,
    words: 'no-answer',
  },
  {
    what: 'is broken',
    onCall: { do: 'refuse', status: 500 },
    ending: { outcome: 'not-reachable', by: 'clearline', cause: 20 },
    status: 480,
    words: 'not-reachable',
  },
  {
    what: 'is not registered',
    registered: false,
    ending: { outcome: 'not-reachable', by: 'clearline', cause: 20 },
    status: 480,
    words: 'not-reachable',
  },
];

for (const { what, onCall, registered = true, ending, status, words } of unanswered) {
  const line = { ...trusting, mode: 'announce', ringSeconds: 2, phone: registered } as const;
  story(`the phone ${what}: a trusted caller's network is told`, line, async (scene) => {
    if (onCall) scene.resident.onCall = onCall;
    const call = await scene.call({ from: anna });
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'refused', status });
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({ ending, answeredAt: null, connectedAt: null, holdSeconds: 0 });
    scene.expect(record.promptsPlayed).toEqual([]);
  });
  story(`the phone ${what}: a stranger hears it`, line, async (scene) => {
    if (onCall) scene.resident.onCall = onCall;
    const call = await scene.call();
    scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
    // The request to wait is cut short by a phone that refuses at once.
    scene.expect(heardNames(call).filter((name) => name !== 'please-wait')).toEqual(['announcement', words]);
    const { record, played } = await scene.over(call);
    scene.expect(played('caller')).toEqual(['announcement', 'please-wait', words]);
    // An answered call is cleared normally, whatever was in its way.
    scene.expect(record).toMatchObject({ ending: { ...ending, cause: 16 }, connectedAt: null, holdSeconds: 0 });
  });
}

story('the phone rings on and is cancelled when the time is up', { ...trusting, ringSeconds: 2 }, async (scene) => {
  const call = await scene.call({ from: anna });
  const rung = await scene.resident.nextCall();
  const { at } = await rung.untilEnded();
  scene.expect(rung.ended).toMatchObject({ by: 'them', how: 'cancel' });
  scene.expect(at - rung.invitedAt).toBeGreaterThan(1900);
  scene.expect(at - rung.invitedAt).toBeLessThan(10_000);
  await scene.over(call, { resident: rung });
});

story('a number that nobody has is refused with 404', {}, async (scene) => {
  const call = await scene.call({ to: '01923559999' });
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'refused', status: 404 });
  const { record } = await scene.over(call);
  scene.expect(record).toMatchObject({
    line: null,
    dialled: '01923559999',
    verdict: null,
    answeredAt: null,
    ending: { outcome: 'unknown-number', by: 'clearline', cause: 1 },
    holdSeconds: 0,
  });
});

story('of two phones that register for a line, the later one rings', trusting, async (scene) => {
  const later = await scene.anotherPhone();
  const call = await scene.call({ from: anna });
  const rung = await scene.answered(later);
  await scene.talk(call, rung);
  call.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending.outcome).toBe('talked');
  scene.expect(scene.rangSince(call)).toBe(0);
});

story('a phone that registers again after it left is reached', trusting, async (scene) => {
  await scene.resident.unregister();
  const missed = await scene.call({ from: anna });
  scene.expect(await missed.untilEnded()).toMatchObject({ how: 'refused', status: 480 });
  scene.expect((await scene.over(missed)).record.ending.outcome).toBe('not-reachable');
  await scene.resident.register();
  const call = await scene.call({ from: anna });
  const rung = await scene.answered();
  await scene.talk(call, rung);
  rung.hangUp();
  scene.expect(await call.untilEnded()).toMatchObject({ by: 'them', how: 'bye', cause: 16 });
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.ending).toEqual({ outcome: 'talked', by: 'resident', cause: 16 });
});

story('a second caller meets a busy phone, and the first call goes on', trusting, async (scene) => {
  const first = await scene.call({ from: anna });
  const rung = await scene.answered();
  await scene.talk(first, rung);
  scene.resident.onCall = { do: 'refuse', status: 486 };
  const second = await scene.call({ from: anna });
  scene.expect(await second.untilEnded()).toMatchObject({ how: 'refused', status: 486 });
  await scene.talk(first, rung);
  first.hangUp();
  scene.expect((await scene.over(second)).record.ending.outcome).toBe('busy');
  scene.expect((await scene.over(first, { resident: rung })).record.ending.outcome).toBe('talked');
});

story('a hold runs out, and the line screens as before', { mode: 'paused' }, async (scene) => {
  const first = await scene.call();
  const rung = await scene.answered();
  await scene.talk(first, rung);
  first.hangUp();
  const before = await scene.over(first, { resident: rung });
  scene.expect(before.record).toMatchObject({ held: false, holdSeconds });
  const heldUntil = (await scene.site.heldUntil(scene.line.id)) ?? Number.NaN;
  await until('the hold has run out', () => Date.now() > (heldUntil + 1) * 1000);
  const second = await scene.call();
  const again = await scene.answered();
  await scene.talk(second, again);
  second.hangUp();
  const after = await scene.over(second, { resident: again });
  scene.expect(after.record).toMatchObject({ held: false, verdict: { treatment: 'connect' } });
});
