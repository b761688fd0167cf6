export { row } from '../row.ts';

/** The effects of a call whose last leg is gone. */
export function concludes(ending: string): string[] {
  return ['wake deadline 5 s', 'unwake reminder', 'unwake deadline', `conclude ${ending}`];
}

/** The effects of an end with these legs still to be hung up. */
export function closes(...hangUps: string[]): string[] {
  return ['wake deadline 5 s', 'unwake reminder', ...hangUps.map((who) => `hang up ${who}`)];
}
