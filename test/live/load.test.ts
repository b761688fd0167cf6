import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../../services/core/call.ts';
import type { ScreeningMode } from '../../services/core/line.ts';
import { type AnswererScript, type Answerers, type CallerScript, runLoad, startAnswerers } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** 500 calls of mixed kinds at 20 a second: every one on record once, rightly, and nothing left behind. */

const anna = '+447700900123';
const spam = '+442079460999';
/** So many lines of each kind that no line has two calls at once: a suspect on the line makes it stricter with the next. */
const home = Array.from({ length: 40 }, (_, index) => index);

interface Kind {
  readonly name: string;
  readonly mode: ScreeningMode;
  readonly calls: number;
  readonly from: string;
  readonly caller: CallerScript;
  /** Absent: no line has the number, or its phone never registered. */
  readonly phone?: AnswererScript;
  readonly lineExists?: boolean;
  readonly status: number;
  readonly outcome: Outcome;
}

const kinds: readonly Kind[] = [
  {
    name: 'trusted',
    mode: 'guarded',
    calls: 150,
    from: anna,
    caller: { hangUpAfterMs: 1000 },
    phone: { ringMs: 50 },
    status: 200,
    outcome: 'talked',
  },
  {
    name: 'announced',
    mode: 'announce',
    calls: 100,
    from: '+442079460001',
    caller: { hangUpAfterMs: 5000 },
    phone: { ringMs: 50 },
    status: 200,
    outcome: 'talked',
  },
  {
    name: 'refused',
    mode: 'trusted-only',
    calls: 100,
    from: spam,
    caller: { patienceMs: 20_000 },
    phone: { ringMs: 50 },
    status: 200,
    outcome: 'refused',
  },
  {
    name: 'nobody',
    mode: 'guarded',
    calls: 50,
    from: anna,
    caller: {},
    lineExists: false,
    status: 404,
    outcome: 'unknown-number',
  },
  {
    name: 'busy',
    mode: 'guarded',
    calls: 50,
    from: anna,
    caller: {},
    phone: { ringMs: 0, refuseWith: 486 },
    status: 486,
    outcome: 'busy',
  },
  {
    name: 'impatient',
    mode: 'guarded',
    calls: 25,
    from: anna,
    caller: { cancelAfterMs: 700 },
    phone: { ringMs: 60_000 },
    status: 487,
    outcome: 'caller-gone',
  },
  { name: 'absent', mode: 'guarded', calls: 25, from: anna, caller: {}, status: 480, outcome: 'not-reachable' },
];
const total = kinds.reduce((sum, { calls }) => sum + calls, 0);
const rate = 20;

let site: Site;
let phones: Answerers[];
const prompts = makeShortPrompts();
const lineId = (kind: Kind, index: number) => `${kind.name}-${index}`;
const number = (kind: Kind, index: number) => `0192355${kinds.indexOf(kind)}${String(index).padStart(3, '0')}`;

beforeAll(async () => {
  const lines = kinds
    .filter(({ lineExists = true }) => lineExists)
    .flatMap((kind) =>
      home.map((index) => ({
        id: lineId(kind, index),
        number: `+44${number(kind, index).slice(1)}`,
        mode: kind.mode,
        trusted: [{ number: anna, name: 'Anna' }],
        blocked: [spam],
      })),
    );
  // Without a hold, so that one call does not change how the next is screened.
  site = await startSite({ lines, settings: { screening: { holdSeconds: 0 }, sounds: { folder: prompts.folder } } });
  const [host = '', port = ''] = site.stack.sip.split(':');
  const asterisk = { host, port: Number(port) };
  phones = await Promise.all(
    kinds.flatMap((kind, index) =>
      kind.phone === undefined
        ? []
        : [
            startAnswerers({
              asterisk,
              address: `127.0.0.${10 + index}`,
              script: kind.phone,
              lines: home.map((line) => ({ user: lineId(kind, line), password: `secret-${lineId(kind, line)}` })),
            }),
          ],
    ),
  );
});
afterAll(async () => {
  await Promise.all(phones.map((phone) => phone.stop()));
  await site.stop();
  rmSync(prompts.folder, { recursive: true });
});

test(`${total} calls at ${rate} a second`, async () => {
  const [host = '', port = ''] = site.stack.sip.split(':');
  const runs = await Promise.all(
    kinds.map((kind) =>
      runLoad({
        asterisk: { host, port: Number(port) },
        address: '127.0.0.2',
        script: kind.caller,
        rows: home.map((index) => ({ to: number(kind, index), name: kind.name, number: kind.from })),
        calls: kind.calls,
        rate: (rate * kind.calls) / total,
        withinMs: 90_000,
      }),
    ),
  );
  // The residents of announced calls never hang up: they hear their advice to its end.
  await site.untilQuiet(40_000);
  const placed = new Map(
    runs.flatMap((run, index) => run.calls.map((call) => [call.callId, { call, kind: kinds[index] }])),
  );
  expect(placed.size).toBe(total);
  for (const { call, kind } of placed.values())
    expect(`${kind?.name} ${call.status}`).toBe(`${kind?.name} ${kind?.status}`);

  const records = await until(
    `${total} calls are on record`,
    async () => {
      const found = await site.store.calls.list({ direction: 'inbound', limit: 2 * total });
      return found.length >= total && found.flatMap((record) => (record.direction === 'inbound' ? [record] : []));
    },
    20_000,
  );
  expect(records).toHaveLength(total);
  const told = records.map(
    ({ signalling, ending }) => `${placed.get(signalling.callId ?? '')?.kind?.name} ${ending.outcome}`,
  );
  expect(new Set(records.map(({ signalling }) => signalling.callId)).size).toBe(total);
  expect(tally(told)).toEqual(
    Object.fromEntries(kinds.map(({ name, outcome, calls }) => [`${name} ${outcome}`, calls])),
  );
  expect(records.flatMap(({ faults }) => faults)).toEqual([]);
});

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
