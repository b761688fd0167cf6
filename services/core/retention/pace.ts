/** How long a step of a run may keep the database to itself, in milliseconds. */
const mostMs = 50;
/** How many things the first step judges. */
export const firstStep = 20;

/** How many the next step judges: as many as can be done in a third of the time it may take, by how long the last one took: a disk is slow at times. */
export function nextStep(last: number, tookMs: number): number {
  const fitting = last * Math.min(2, mostMs / 3 / Math.max(1, tookMs));
  return Math.round(Math.min(1000, Math.max(1, fitting)));
}
