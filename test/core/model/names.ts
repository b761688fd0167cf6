/** What Clearline promises: each is the name of a test. */
export const promises = {
  alone:
    'from the moment a guarded call is offered to a trunk nobody who called, or was called before, hears or is heard',
  timed: 'a guarded call is offered to no trunk that an earlier caller may hold open',
  emergency: 'an emergency number keyed inside a suspect call is on its way in that very step',
  uncut: 'no emergency call is ever cut by Clearline',
  reached: 'every emergency call is connected as soon as a trunk works',
  cut: 'a caller is asked off the line in the very step in which a guarded or an emergency number is dialled past them',
  warned: 'nobody whom nobody vouches for can speak to the resident before the warning has ended',
  intruder: 'whoever the exchange itself lets into a guarded call is found out',
  connected: 'a guarded call is connected in bounded time, without a key, once witnesses answer and trunks work',
  stuck: 'nobody is left alone in a call: in the end all who have not hung up speak with somebody',
  concluded: 'every call has one conclusion and one record, and nothing is asked of it afterwards',
  sound: 'Clearline itself fails in no call',
} as const;
export type PromiseName = keyof typeof promises;

export class BrokenPromise extends Error {
  readonly promise: PromiseName;

  constructor(promise: PromiseName, what: string) {
    super(what);
    this.promise = promise;
  }
}

/** What the random lives have to come to, or they would show nothing. */
export const scenes = [
  'a guarded call is offered to a trunk',
  'a caller is dialled past',
  'a guarded call leaves while a trunk may be held open',
  'an emergency number is keyed inside a suspect call',
  'a caller is refused while the resident is engaged',
  'a stranger speaks after the warning',
  'an intruder is found out',
  'Clearline comes back to calls it does not know',
  'Clearline takes calls up where they were',
  'a call back is promised',
] as const;
export type Scene = (typeof scenes)[number];
