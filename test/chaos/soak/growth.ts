/** Whether a figure grows with the calls that went through. */

export interface Reading {
  readonly calls: number;
  readonly value: number;
}

export interface Growth {
  /** From the first reading to the last, by the slope. */
  readonly grown: number;
  readonly perThousand: number;
}

/**
 * The median of the slopes between every two readings (Theil and Sen): a straight line that one odd reading, such as a pool that
 * was just being tidied, does not tilt.
 */
export function growthOf(readings: readonly Reading[]): Growth {
  const slopes = readings.flatMap((one, index) =>
    readings.slice(index + 1).map((other) => (other.value - one.value) / (other.calls - one.calls)),
  );
  const sorted = slopes.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const slope = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
  const span = (readings.at(-1)?.calls ?? 0) - (readings[0]?.calls ?? 0);
  return { grown: slope * span, perThousand: slope * 1_000 };
}
