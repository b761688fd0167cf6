import type { ScreeningMode } from '../../../services/core/line.ts';
import type { LoadCall } from '../../support/phone/sipp-results.ts';
import type { Peer } from '../../support/phone/wire.ts';
import {
  type AnswererScript,
  type Answerers,
  type CallerScript,
  runLoad,
  startAnswerers,
} from '../../support/phones.ts';
import { networkAddress } from '../../support/site.ts';

/** Short calls of every usual kind, by SIPp. */

const anna = '+447700900123';
const spam = '+442079460999';
/** So many lines of each kind that two calls seldom meet on one. */
const lines = Array.from({ length: 50 }, (_, index) => index);

interface Kind {
  readonly name: string;
  readonly mode: ScreeningMode;
  /** Of each ten calls. */
  readonly share: number;
  readonly from: string;
  readonly caller: CallerScript;
  readonly phone?: AnswererScript;
  readonly lineExists?: boolean;
}

const kinds: readonly Kind[] = [
  {
    name: 'trusted',
    mode: 'guarded',
    share: 3,
    from: anna,
    caller: { hangUpAfterMs: 800 },
    phone: { ringMs: 50 },
  },
  {
    name: 'announced',
    mode: 'announce',
    share: 2,
    from: '+442079460001',
    caller: { hangUpAfterMs: 4_500 },
    // Before the advice is over: its pauses would make each batch half a minute longer.
    phone: { ringMs: 50, hangUpAfterMs: 6_000 },
  },
  {
    name: 'refused',
    mode: 'trusted-only',
    share: 2,
    from: spam,
    caller: { patienceMs: 20_000 },
    phone: { ringMs: 50 },
  },
  { name: 'nobody', mode: 'guarded', share: 1, from: anna, caller: {}, lineExists: false },
  {
    name: 'busy',
    mode: 'guarded',
    share: 1,
    from: anna,
    caller: {},
    phone: { ringMs: 0, refuseWith: 486 },
  },
  {
    name: 'impatient',
    mode: 'guarded',
    share: 1,
    from: anna,
    caller: { cancelAfterMs: 500 },
    phone: { ringMs: 60_000 },
  },
];

const idOf = (kind: Kind, index: number) => `${kind.name}-${index}`;
const numberOf = (kind: Kind, index: number) => `0192355${kinds.indexOf(kind)}${String(index).padStart(3, '0')}`;

export const soakLines = kinds
  .filter(({ lineExists = true }) => lineExists)
  .flatMap((kind) =>
    lines.map((index) => ({
      id: idOf(kind, index),
      number: `+44${numberOf(kind, index).slice(1)}`,
      mode: kind.mode,
      trusted: [{ number: anna, name: 'Anna' }],
      blocked: [spam],
    })),
  );

/** The telephones of all lines, registered. */
export function putUpTelephones(asterisk: Peer): Promise<Answerers[]> {
  const answering = kinds.flatMap((kind, index) => (kind.phone ? [{ kind, script: kind.phone, index }] : []));
  return Promise.all(
    answering.map(({ kind, script, index }) =>
      startAnswerers({
        asterisk,
        address: `127.0.0.${30 + index}`,
        script,
        lines: lines.map((line) => ({ user: idOf(kind, line), password: `secret-${idOf(kind, line)}` })),
      }),
    ),
  );
}

/** Places `count` calls, a multiple of ten, and gives each as its caller saw it when the last is over. */
export async function placeCalls(asterisk: Peer, count: number, rate: number): Promise<LoadCall[]> {
  const runs = await Promise.all(
    kinds.map((kind) =>
      runLoad({
        asterisk,
        address: networkAddress,
        script: kind.caller,
        rows: lines.map((index) => ({ to: numberOf(kind, index), name: kind.name, number: kind.from })),
        calls: (count * kind.share) / 10,
        rate: (rate * kind.share) / 10,
        withinMs: 60_000 + (2_000 * count) / rate,
      }),
    ),
  );
  return runs.flatMap(({ calls }) => calls);
}
