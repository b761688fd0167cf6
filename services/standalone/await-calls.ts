import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { AsteriskConsole } from './asterisk.ts';

const lookMs = 500;
/** As Asterisk gives them: the name of the Asterisk, where it has one (`systemname`), and two numbers. */
const uniqueId = /^(?:[0-9a-z]+-)?\d+\.\d+$/;
/** So many times in a row Asterisk may give no answer: one command that fails must not end a call to 999. */
const mostMisses = 3;

/** Calls that Asterisk carries. */
export interface Carried {
  readonly calls: number;
  /** How many of them are to 999, 112 or 18000. */
  readonly emergencies: number;
}

/**
 * Counts calls in what `core show channels concise` prints, one channel a line, its id the last of its fields. Channels that
 * Clearline made have an id of Clearline's, and those that the dialplan dialled are in AppDial; the dialplan marks emergency
 * calls in the account code.
 */
export function countCalls(printed: string): Carried {
  const begun = printed.split('\n').filter((row) => {
    const fields = row.trim().split('!');
    const [name = '', , , , , application = ''] = fields;
    return (
      fields.length > 5 && /^PJSIP\//.test(name) && !/^AppDial/.test(application) && uniqueId.test(fields.at(-1) ?? '')
    );
  });
  return { calls: begun.length, emergencies: begun.filter((row) => row.includes('/emergency!')).length };
}

/**
 * Waits until Asterisk carries no call any more: for ordinary ones and for emergencies as long as each may take, or until
 * somebody insists. Says what it waits for, and again when that changes. An Asterisk that does not answer is not waited for.
 */
export async function awaitCalls(
  cli: AsteriskConsole,
  { drainSeconds, emergencySeconds }: Config['stop'],
  say: (message: string) => void,
  insisted: AbortSignal,
): Promise<void> {
  const since = performance.now();
  const isWorthIt = ({ calls, emergencies }: Carried) => {
    const seconds = (performance.now() - since) / 1000;
    return (calls > 0 && seconds < drainSeconds) || (emergencies > 0 && seconds < emergencySeconds);
  };
  let told = '';
  const tell = (carried: Carried) => {
    const waiting = wordsFor(carried);
    if (waiting !== told) say(`Waiting for ${waiting} to end. Ctrl-C again ends all at once.`);
    told = waiting;
  };
  let misses = 0;
  while (!insisted.aborted) {
    const carried = await cli('core show channels concise').then(countCalls, () => null);
    misses = carried === null ? misses + 1 : 0;
    if (carried === null ? misses === mostMisses : !isWorthIt(carried)) return;
    if (carried !== null) tell(carried);
    await pause(lookMs, undefined, { signal: insisted }).catch(() => {});
  }
}

function wordsFor({ calls, emergencies }: Carried): string {
  const all = calls === 1 ? '1 call' : `${calls} calls`;
  if (emergencies === 0) return all;
  return calls === 1 ? '1 call to an emergency number' : `${all}, ${emergencies} of them to an emergency number,`;
}
