/** Whether a figure grows with the calls that went through. */

export interface Reading {
  readonly calls: number;
  readonly value: number;
}

export interface Growth {
  /** At the last reading, by the straight line through all of them, less the same at the first. */
  readonly grown: number;
  readonly perThousand: number;
}

/** The straight line of least squares through the readings. */
export function growthOf(readings: readonly Reading[]): Growth {
  const mean = (of: (reading: Reading) => number) =>
    readings.reduce((sum, each) => sum + of(each), 0) / readings.length;
  const [calls, value] = [mean((each) => each.calls), mean((each) => each.value)];
  const covariance = mean((each) => (each.calls - calls) * (each.value - value));
  const variance = mean((each) => (each.calls - calls) ** 2);
  const slope = variance === 0 ? 0 : covariance / variance;
  const span = (readings.at(-1)?.calls ?? 0) - (readings[0]?.calls ?? 0);
  return { grown: slope * span, perThousand: slope * 1_000 };
}
