export { row } from '../row.ts';

const unwakes = ['unwake inspect', 'unwake words'];

/** The effects of handing the resident's leg to the dialplan. */
export function goesOn(how: string, number = '101'): string[] {
  return [`put ${number} through, ${how}`, 'wake deadline 7200 s', ...unwakes];
}

/** The effects of an end with these legs still to be hung up. */
export function closes(...hangUps: string[]): string[] {
  return ['wake deadline 5 s', ...unwakes, ...hangUps.map((who) => `hang up ${who}`)];
}

/** The effects of a call whose last leg is gone. */
export function concludes(ending: string): string[] {
  return [...closes(), 'unwake deadline', `conclude ${ending}`];
}

/** The effects of last words to the resident. */
export function parts(...does: string[]): string[] {
  return ['wake deadline 22 s', ...unwakes, ...does];
}

/** The effects of a look at the line. */
export const looks = ['look', 'wake inspect 2 s'];

/** The effects of going back to looking at the line, with this many seconds left. */
export function resumes(seconds: number): string[] {
  return [`wake deadline ${seconds} s`, ...looks, 'wake words 0.6 s'];
}
