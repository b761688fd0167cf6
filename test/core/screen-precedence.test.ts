import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCaller } from '../../services/core/caller.ts';
import { readBlockable, readTrustable } from '../../services/core/contacts/trustable.ts';
import { type ProtectedLine, screeningModes } from '../../services/core/line.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import { screenCaller, type Verdict } from '../../services/core/screen.ts';
import { storedLine } from '../support/finished-call.ts';

/** The lists stand above every other check, and blocked above trusted, however the number is written on either side. */

const rules = numberRules(gb, {
  emergency: [],
  guarded: [],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: [],
});
const noon = Date.UTC(2026, 10, 23, 12);
const number = '+441923555001';
const forms = [
  '01923 555001',
  '01923555001',
  '+441923555001',
  '+44 1923 555001',
  '+44 (0)1923 555 001',
  '00441923555001',
  '0044 (0) 1923 555001',
  '441923555001',
  '44 1923 555001',
  '1923555001',
  '(01923) 555-001',
  '01923.555.001',
];

/** A call as the trunk would signal it: the number in From, or in P-Asserted-Identity alone, or in both. */
function callFrom(written: string, where: 'from' | 'network' | 'both' = 'from') {
  const uri = `<sip:${encodeURIComponent(written)}@carrier.example>`;
  const anonymous = '"Anonymous" <sip:anonymous@anonymous.invalid>';
  const signalling = {
    from: where === 'network' ? anonymous : uri,
    assertedIdentity: where === 'from' ? null : uri,
    privacy: where === 'network' ? 'id' : null,
    diversion: null,
    identity: null,
    callId: null,
    userAgent: null,
    sourceAddress: null,
    codecs: [],
  };
  return readCaller(signalling, { international: false, attests: false }, rules);
}

function listed(written: string): string {
  const [trusted, blocked] = [readTrustable(written, rules), readBlockable(written, rules)];
  if (!('number' in trusted) || !('number' in blocked) || trusted.number !== blocked.number) {
    throw new Error(`${written} is read as two numbers, or none`);
  }
  return trusted.number;
}

describe('a number on a list, in any form, is that of a caller who shows it in any form', () => {
  it.each(forms)('%s', (written) => {
    for (const signalled of forms) {
      for (const where of ['from', 'network', 'both'] as const) {
        const line = { ...storedLine(), trusted: [{ number: listed(written), name: 'Anna' }], blocked: [] };
        const who = callFrom(signalled, where);
        expect(screenCaller(who, line, { at: noon, held: false }), signalled).toMatchObject({ treatment: 'connect' });
        const both = { ...line, blocked: [listed(written)] };
        expect(screenCaller(who, both, { at: noon, held: false }), signalled).toMatchObject({ standing: 'blocked' });
        const expected = [{ number: listed(written), name: 'Anna', from: noon, until: noon + 1 }];
        const awaited = { ...line, trusted: [], expected };
        expect(screenCaller(who, awaited, { at: noon, held: false }), signalled).toMatchObject({
          treatment: 'connect',
        });
      }
    }
  });

  it('from abroad', () => {
    for (const signalled of ['+61298765432', '0061 2 9876 5432', '61298765432']) {
      const line = { ...storedLine(), trusted: [{ number: listed('+61 (2) 9876-5432'), name: 'Kate' }] };
      expect(screenCaller(callFrom(signalled), line, { at: noon, held: true })).toMatchObject({ treatment: 'connect' });
    }
  });
});

interface Situation {
  readonly line: ProtectedLine;
  readonly held: boolean;
  readonly calledBefore: boolean;
  readonly lists: ReadonlySet<'trusted' | 'blocked' | 'expected'>;
}

function situation(
  lists: readonly ('trusted' | 'blocked' | 'expected')[],
  {
    mode,
    held,
    raised,
    paused,
    nobody,
  }: Record<'held' | 'raised' | 'paused' | 'nobody', boolean> & Pick<ProtectedLine, 'mode'>,
): Situation {
  const on = new Set(lists);
  const window = { name: 'Anna', from: noon, until: noon + 1 };
  const line: ProtectedLine = {
    ...storedLine(),
    mode,
    trusted: on.has('trusted') ? [{ number, name: 'Anna' }] : [],
    blocked: on.has('blocked') ? [number] : [],
    expected: [
      ...(on.has('expected') ? [{ ...window, number }] : []),
      ...(nobody ? [{ ...window, number: null }] : []),
    ],
    ...(raised && { raisedUntil: noon + 1 }),
    ...(paused && { pausedUntil: noon + 1 }),
  };
  return { line, held, calledBefore: held, lists: on };
}

/** What has to be true of every verdict, whatever else is so of the line. */
function check({ lists, line, held }: Situation, verdict: Verdict): void {
  const isFree = !held && line.raisedUntil === undefined;
  if (lists.has('blocked')) {
    expect(verdict).toMatchObject({ standing: 'blocked', wording: 'strong', trustedName: null });
    expect(verdict.treatment).not.toBe('connect');
  } else if (lists.size > 0) {
    expect(verdict).toMatchObject({ standing: 'trusted', treatment: 'connect', trustedName: 'Anna' });
  } else {
    expect(verdict.standing).toBe('unvouched');
    const resting = line.mode === 'paused' || line.pausedUntil !== undefined;
    expect(verdict.treatment === 'connect').toBe(resting && isFree);
  }
}

const flags = [false, true];
const combinations = flags.flatMap((trusted) =>
  flags.flatMap((blocked) =>
    flags.map((expected) => [
      ...(trusted ? (['trusted'] as const) : []),
      ...(blocked ? (['blocked'] as const) : []),
      ...(expected ? (['expected'] as const) : []),
    ]),
  ),
);

describe('every combination of lists, mode, hold, guard, pause and a window without a number', () => {
  it.each(combinations.map((lists) => [lists.join(' + ') || 'on no list', lists] as const))('%s', (_, lists) => {
    let seen = 0;
    for (const mode of screeningModes) {
      for (const held of flags)
        for (const raised of flags)
          for (const paused of flags)
            for (const nobody of flags) {
              const now = situation(lists, { mode, held, raised, paused, nobody });
              check(now, screenCaller(callFrom('01923 555001'), now.line, { at: noon, held, calledBefore: held }));
              seen += 1;
            }
    }
    expect(seen).toBe(64);
  });
});

it('a pause or a window never makes a suspect’s call easier than it was, but for the pause itself', () => {
  const flag = fc.boolean();
  const lists = fc.subarray<'trusted' | 'blocked' | 'expected'>(['trusted', 'blocked', 'expected']);
  const state = fc.record({
    mode: fc.constantFrom(...screeningModes),
    held: flag,
    raised: flag,
    paused: flag,
    nobody: flag,
  });
  fc.assert(
    fc.property(lists, state, fc.constantFrom(...forms), (on, moment, signalled) => {
      const now = situation(on, moment);
      const forged = callFrom(signalled);
      const signs = [{ kind: 'attestation-failed', text: 'The network says no.' } as const];
      const verdict = screenCaller({ ...forged, signs }, now.line, { at: noon, held: moment.held });
      // Whoever shows a sign of forgery is never connected unwarned, whatever list the number is on.
      expect(verdict.treatment).not.toBe('connect');
      expect(verdict.standing).toBe(on.includes('blocked') ? 'blocked' : 'suspect');
      const without = situation(on, { ...moment, nobody: false });
      expect(screenCaller({ ...forged, signs }, without.line, { at: noon, held: moment.held })).toEqual(verdict);
    }),
  );
});
