import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import type { Finding } from './finding.ts';
import { type TimedTrunks, tellTimed } from './hold.ts';

/**
 * What Asterisk knows of trunks and telephones. It asks them whether they are there (OPTIONS), for the first time at any moment of its first
 * interval, and calls them offline until they have answered: that is no news of them, and calls go out to them and ring.
 */

/** The intervals, with the time for an answer, in milliseconds: of trunks in core/asterisk-pjsip.ts, of telephones in dialplan/pjsip.conf. */
const trunksAskedMs = 17_000;
const phonesAskedMs = 63_000;

/** `states` are those of ARI's endpoints, by name; `upForMs` is how long Asterisk has run. A trunk that may be held open is no fault. */
export function findEndpoints(
  config: Config,
  lines: readonly StoredLine[],
  states: ReadonlyMap<string, string>,
  upForMs: number,
  timedTrunks: TimedTrunks,
): Finding[] {
  const findPhone = phoneFinder(states, upForMs);
  const { phone } = config.staff;
  return [
    ...config.trunks.map(({ name, address }) => {
      const finding = findTrunk(name, address, states.get(`trunk-${name}`), upForMs);
      const held = tellTimed(timedTrunks.filter(({ trunk }) => trunk === name));
      return { ...finding, detail: [finding.detail, ...held].join('; ') };
    }),
    ...(phone === undefined ? [] : [findPhone('Staff phone', phone)]),
    ...lines.map(({ id, resident }) => findPhone(`Phone of ${resident}`, id)),
  ];
}

const notKnown = 'Asterisk does not know it yet. Is Clearline running (npm start)? What is wrong: clearline check';

function findTrunk(name: string, address: string, state: string | undefined, upForMs: number): Finding {
  const part = `Trunk ${name}`;
  if (state === undefined) return { part, ok: false, detail: notKnown };
  if (state === 'offline') {
    if (upForMs < trunksAskedMs) return notAsked(part, `${address} was not asked yet whether it is there`, upForMs);
    return { part, ok: false, detail: `${address} does not answer. Is the address right, and the network up?` };
  }
  // A lone trunk is not watched (dialplan/pjsip.conf), so Asterisk calls it online or unknown without having asked it.
  return { part, ok: true, detail: `at ${address}, ${state === 'online' ? 'usable' : 'not watched'}` };
}

function phoneFinder(states: ReadonlyMap<string, string>, upForMs: number): (part: string, id: string) => Finding {
  return (part, id) => {
    const state = states.get(id);
    if (state === undefined) return { part, ok: false, detail: notKnown };
    if (state === 'online') return { part, ok: true, detail: `registered as ${id}` };
    if (upForMs < phonesAskedMs) return notAsked(part, `${id} has not registered or been asked yet`, upForMs);
    return {
      part,
      ok: false,
      detail: `${id} is not registered, so it cannot ring. Is it on, with the right password?`,
    };
  };
}

function notAsked(part: string, what: string, upForMs: number): Finding {
  const seconds = Math.max(0, Math.round(upForMs / 1000));
  return { part, ok: true, lamp: 'unknown', detail: `${what}: Asterisk started ${seconds} s ago` };
}
