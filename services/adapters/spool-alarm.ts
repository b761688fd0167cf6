import type { RaisedAlert } from '../core/ports.ts';
import type { Log } from '../log.ts';

/** How full the spool is: its files against their limit, and what has no room there any more. */
export interface Fullness {
  readonly bytes: number;
  readonly limitBytes: number;
  readonly inMemory: number;
}

/** Four fifths: a home has months from here on, a fleet has hours. */
const fillingAt = 0.8;
/** An alarm is over when the spool is this empty; otherwise one at the edge would go on and off. */
const fineAt = 0.5;
/** The log repeats an alarm this often while it lasts, in milliseconds. */
const repeatMs = 60_000;

type Level = 'fine' | 'spool-filling' | 'spool-full';

const sayings: Record<Exclude<Level, 'fine'>, string> = {
  'spool-filling': 'THE SPOOL FILLS: the queue is away, and call facts fill four fifths of the disk they may use',
  'spool-full': 'THE SPOOL IS FULL: call facts wait in memory, and are lost if this process ends',
};

/**
 * Tells how full the spool is, loudly: in the log, again and again, and once as an alert. The alert takes the same way as
 * all others, so staff hear of it when the queue is back; who must know at once watches the log. Call it whenever
 * something may have changed.
 */
export function fullnessAlarm(raise: (alert: RaisedAlert) => void, log: Log): (now: Fullness) => void {
  let level: Level = 'fine';
  let toldAt = 0;
  return (fullness) => {
    const before = level;
    level = levelOf(fullness, before);
    if (level === 'fine') {
      if (before !== 'fine') log.info(fullness, 'the spool has room again');
      return;
    }
    const at = Date.now();
    if (level === before && at - toldAt < repeatMs) return;
    toldAt = at;
    log.error(fullness, sayings[level]);
    if (level !== before && rank(level) > rank(before)) {
      raise({ id: `${level}-${at}`, kind: level, at, line: '', call: null });
    }
  };
}

function levelOf({ bytes, limitBytes, inMemory }: Fullness, before: Level): Level {
  if (inMemory > 0) return 'spool-full';
  if (bytes >= fillingAt * limitBytes) return 'spool-filling';
  return before !== 'fine' && bytes > fineAt * limitBytes ? 'spool-filling' : 'fine';
}

function rank(level: Level): number {
  return ['fine', 'spool-filling', 'spool-full'].indexOf(level);
}
