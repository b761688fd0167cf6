import { expect, test } from 'vitest';

/** One transition a row: what an event made of a call, the stage it is in and what is asked of the world, in order. */
export function row(
  title: string,
  after: { readonly stage: string; readonly does: readonly string[] },
  stage: string,
  does: readonly string[],
): void {
  test(title, () => {
    expect({ stage: after.stage, does: after.does }).toEqual({ stage, does });
  });
}
