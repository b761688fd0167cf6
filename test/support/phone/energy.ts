/** Energy of the samples from `start` up to `end`. */
export function energyOf(samples: Int16Array, start = 0, end = samples.length): number {
  let sum = 0;
  for (let i = Math.max(0, start); i < Math.min(end, samples.length); i++) sum += (samples[i] ?? 0) ** 2;
  return sum;
}
