import { expect, test } from 'vitest';
import type { Story } from './story.ts';

/** One transition a row: what an event made of a call, the stage it is in and what is asked of the world, in order. */
export function row(title: string, after: Story, stage: string, does: readonly string[]): void {
  test(title, () => {
    expect({ stage: after.stage, does: after.does }).toEqual({ stage, does });
  });
}

/** The effects of a call whose last leg is gone. */
export function concludes(ending: string): string[] {
  return ['wake deadline 5 s', 'unwake reminder', 'unwake deadline', `conclude ${ending}`];
}

/** The effects of an end with these legs still to be hung up. */
export function closes(...hangUps: string[]): string[] {
  return ['wake deadline 5 s', 'unwake reminder', ...hangUps.map((who) => `hang up ${who}`)];
}
