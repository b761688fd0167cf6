import { setTimeout as pause } from 'node:timers/promises';
import type { PromptName } from '../../services/core/call.ts';
import { babble, firstSound, joined, markers, tones } from '../../test/support/audio.ts';
import type { PlacedCall } from '../../test/support/phone/placed-call.ts';
import { now } from '../../test/support/phone/wire.ts';
import { type Answerers, Phones, runLoad, startAnswerers } from '../../test/support/phones.ts';
import { digits, prompt } from '../../test/support/site.ts';
import { until } from '../../test/support/until.ts';

/**
 * The people of the demo. Relative, blocked caller, two of the band and the residents are SIPp telephones, which follow a script. The
 * stranger has to hear which digit he is asked for, since it differs call by call and nothing but his receiver tells it:
 * he is played by a telephone that listens (test/support/phone).
 */

type Asterisk = { readonly host: string; readonly port: number };

export const trunkAddress = '127.0.0.2';
const residentAddress = '127.0.0.3';

const ms = (sound: Int16Array) => sound.length / 8;

/** A resident who answers and waits for the other to hang up. */
export function easyResident(asterisk: Asterisk, user: string, password: string): Promise<Answerers> {
  const lines = [{ user, password }];
  return startAnswerers({ asterisk, address: residentAddress, lines, script: { ringMs: 1500 } });
}

/** The longest that the name of `stranger` makes the words before the warning, in milliseconds. */
const nameMs = 2_500;
const talkMs = 3_500;

/**
 * A resident who hears the warning out, talks for a few seconds, presses star, hears the advice out and hangs up. What
 * he hears goes back to where it came from, so the caller hears himself as soon as the resident does.
 */
export function wiseResident(asterisk: Asterisk, user: string, password: string): Promise<Answerers> {
  const afterMs = warningMs(['whisper-unknown', 'whisper-named', 'whisper-warning', 'whisper-keys']) + nameMs + talkMs;
  const hangUpAfterMs = Math.round(ms(joined(prompt('reported'), prompt('advice')))) + 500;
  const script = { ringMs: 1000, keys: [{ key: '*', afterMs }], hangUpAfterMs };
  return startAnswerers({ asterisk, address: residentAddress, lines: [{ user, password }], script, echo: true });
}

/** A resident who hears the warning out, and hangs up a moment later. */
export function waryResident(asterisk: Asterisk, user: string, password: string): Promise<Answerers> {
  const hangUpAfterMs = warningMs(['whisper-unknown', 'whisper-warning', 'whisper-keys']) + 2_000;
  const lines = [{ user, password }];
  return startAnswerers({ asterisk, address: residentAddress, lines, script: { ringMs: 1000, hangUpAfterMs } });
}

function warningMs(prompts: readonly PromptName[]): number {
  return Math.round(ms(joined(...prompts.map(prompt))));
}

export interface Caller {
  readonly to: string;
  readonly name: string;
  readonly number: string;
}

/** Calls by SIPp and waits for the end. `hangUpAfterMs`: the caller's own goodbye; without it, the other's. */
export async function callOnce(asterisk: Asterisk, caller: Caller, hangUpAfterMs?: number): Promise<void> {
  const script = hangUpAfterMs === undefined ? {} : { hangUpAfterMs };
  const one = { rows: [caller], calls: 1, rate: 20, withinMs: 40_000 };
  const result = await runLoad({ asterisk, address: trunkAddress, script, ...one });
  if (result.succeeded !== 1 || result.calls[0]?.status !== 200) {
    throw new Error(`SIPp’s call as “${caller.name}” went wrong: ${result.errors || JSON.stringify(result.calls)}`);
  }
}

/**
 * Calls, says a name when he is asked for it, presses the digit he hears, and talks without a pause until the other side
 * ends it. Answers with the moment his voice got through and came back, in milliseconds since the epoch. Rejects when he
 * does not get that far.
 */
export async function callAsStranger(asterisk: Asterisk, { to, name, number }: Caller): Promise<number> {
  const phones = new Phones(asterisk);
  try {
    const phone = await phones.trunk(trunkAddress);
    const call = await phone.call({ to, from: { name, number } });
    await call.untilAnswered();
    await pause(ms(joined(prompt('announcement'), prompt('say-your-name'))) + 200);
    await call.media.play(babble(1_500, 7));
    call.press(await hearDigit(call));
    void call.media.play(tones(markers.caller, 1_000), true);
    await call.untilEnded(90_000);
    const echo = call.heard.marker(markers.caller)[0];
    if (!echo) throw new Error('The stranger’s voice never came back from Arthur’s telephone.');
    return performance.timeOrigin + echo.from;
  } finally {
    phones.close();
  }
}

/**
 * The digit that is asked for. It is looked for in each pause of the voice and not while it speaks: to compare sounds takes
 * a slow machine long enough to tear what it hears meanwhile. What was missed is heard again, as Clearline asks three times.
 */
function hearDigit(call: PlacedCall): Promise<string> {
  const after = now();
  let [looked, spoke] = [0, false];
  const listen = () => {
    const packets = call.media.packets.length;
    if (packets < looked + 10) return null;
    looked = packets;
    const lately = firstSound(call.heard.samples.subarray(-3200)) !== null;
    const pausing = spoke && !lately;
    spoke = lately;
    return pausing ? call.heard.which(digits, after) : null;
  };
  return until('the stranger hears which digit to press', listen, 35_000);
}
