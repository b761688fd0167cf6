import fc from 'fast-check';
import { vi } from 'vitest';
import type { Clock } from './clock.ts';
import { days, type Moment, perform } from './people.ts';
import { type sites, World } from './world.ts';

/** One life of a home: anything happens, then everything works again and nobody does anything, then everybody hangs up. */

export interface Life {
  readonly trunks: keyof typeof sites;
  readonly seed: number;
  readonly day: readonly Moment[];
}

export const lives: fc.Arbitrary<Life> = fc.record({
  trunks: fc.constantFrom('proven', 'proven', 'mixed', 'analogue'),
  seed: fc.integer(),
  day: days,
});

const startedMs = 50;
/** Longer than any wait of Clearline's and of the dialplan's one after the other. */
const settledMs = 200_000;
/** Call backs that were promised are made, or given up. */
const overMs = 300_000;

/** Rejects with a BrokenPromise. The trail, if one is given, is what happened. */
export async function live(life: Life, trail: string[] | null = null): Promise<World> {
  const world = new World(life.trunks, life.seed);
  world.promises.trail = trail;
  stubTime(world.clock);
  try {
    world.comeBack();
    await world.pass(startedMs);
    for (const { deed, thenMs } of life.day) {
      world.promises.told(`--- ${JSON.stringify(deed)}`);
      perform(world, deed);
      await world.pass(thenMs);
    }
    const urgent = world.mend();
    await world.pass(settledMs);
    world.checkSettled(urgent);
    world.part();
    await world.pass(overMs);
    world.checkOver();
    return world;
  } finally {
    world.die();
    vi.unstubAllGlobals();
  }
}

/** The interceptor's timers run on the world's clock, and die with it. */
function stubTime(clock: Clock): void {
  const handle = (task: { cancelled: boolean }) => Object.assign(task, { unref: () => task });
  const cancel = (task?: { cancelled: boolean }) => {
    if (task) task.cancelled = true;
  };
  vi.stubGlobal('setTimeout', (run: () => void, ms = 0) => handle(clock.after(ms, run, 'node')));
  vi.stubGlobal('clearTimeout', cancel);
  vi.stubGlobal('setInterval', (run: () => void, ms: number) => {
    const every = { cancelled: false };
    const next = (): unknown =>
      clock.after(
        ms,
        () => {
          if (every.cancelled) return;
          run();
          next();
        },
        'node',
      );
    next();
    return handle(every);
  });
  vi.stubGlobal('clearInterval', cancel);
}
