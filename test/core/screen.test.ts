import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallerIdentity, type SignKind, signKinds } from '../../services/core/caller.ts';
import { type ProtectedLine, type ScreeningMode, screeningModes } from '../../services/core/line.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';
import {
  type Circumstances,
  isReturnedCall,
  type Standing,
  screenCaller,
  type Treatment,
} from '../../services/core/screen.ts';

const anna = '+441923555001';
const blocked = '+442012345678';
const stranger = '+447700900123';

const line: ProtectedLine = {
  id: 'room-12',
  number: '+441923555012',
  resident: 'Mrs Jones',
  area: 'Rickmansworth',
  mode: 'guarded',
  trusted: [
    { number: anna, name: 'Anna' },
    { number: '201', name: 'Reception' },
  ],
  blocked: [blocked],
  recordCalls: false,
  toneWatch: true,
  ringSeconds: 30,
};

/** Any moment: nothing of this line has a beginning or an end. */
const at = Date.UTC(2026, 10, 23, 10);
const free: Circumstances = { at, held: false };
const held: Circumstances = { at, held: true };

const numbered = (number: string) => ({ written: number, e164: number.startsWith('+') ? number : null });
const sign = (kind: SignKind) => ({ kind, text: `The sign ${kind} was seen.` });

interface Sketch {
  readonly from?: string;
  readonly network?: string;
  readonly signs?: readonly SignKind[];
  readonly withheld?: boolean;
}

function caller({ from, network, signs = [], withheld = false }: Sketch): CallerIdentity {
  return {
    presentation: from === undefined ? null : numbered(from),
    network: network === undefined ? null : numbered(network),
    name: null,
    withheld,
    attestation: null,
    signs: signs.map(sign),
  };
}

const callers = {
  trusted: caller({ from: anna }),
  'trusted with a sign': caller({ from: anna, signs: ['attestation-failed'] }),
  unvouched: caller({ from: stranger }),
  withheld: caller({ withheld: true }),
  'no number': caller({}),
  suspect: caller({ from: stranger, signs: ['attestation-failed'] }),
  blocked: caller({ from: blocked }),
};

const standings: Record<keyof typeof callers, Standing> = {
  trusted: 'trusted',
  'trusted with a sign': 'suspect',
  unvouched: 'unvouched',
  withheld: 'unvouched',
  'no number': 'unvouched',
  suspect: 'suspect',
  blocked: 'blocked',
};

type Row = [ScreeningMode, keyof typeof callers, Treatment, 'plain' | 'strong', Treatment, 'plain' | 'strong'];

describe('mode, standing and hold', () => {
  // The last two columns are the verdict while the line is held.
  const rows: Row[] = [
    ['announce', 'trusted', 'connect', 'plain', 'connect', 'plain'],
    ['announce', 'trusted with a sign', 'announce', 'plain', 'announce', 'plain'],
    ['announce', 'unvouched', 'announce', 'plain', 'challenge', 'plain'],
    ['announce', 'withheld', 'announce', 'plain', 'challenge', 'plain'],
    ['announce', 'no number', 'announce', 'plain', 'challenge', 'plain'],
    ['announce', 'suspect', 'announce', 'strong', 'staff-or-refuse', 'strong'],
    ['announce', 'blocked', 'announce', 'strong', 'staff-or-refuse', 'strong'],
    ['guarded', 'trusted', 'connect', 'plain', 'connect', 'plain'],
    ['guarded', 'trusted with a sign', 'announce', 'plain', 'announce', 'plain'],
    ['guarded', 'unvouched', 'challenge', 'plain', 'staff-or-message', 'plain'],
    ['guarded', 'withheld', 'challenge', 'plain', 'staff-or-message', 'plain'],
    ['guarded', 'no number', 'challenge', 'plain', 'staff-or-message', 'plain'],
    ['guarded', 'suspect', 'staff-or-refuse', 'strong', 'refuse', 'strong'],
    ['guarded', 'blocked', 'staff-or-refuse', 'strong', 'refuse', 'strong'],
    ['trusted-only', 'trusted', 'connect', 'plain', 'connect', 'plain'],
    ['trusted-only', 'trusted with a sign', 'announce', 'plain', 'announce', 'plain'],
    ['trusted-only', 'unvouched', 'staff-or-message', 'plain', 'staff-or-message', 'plain'],
    ['trusted-only', 'withheld', 'staff-or-message', 'plain', 'staff-or-message', 'plain'],
    ['trusted-only', 'no number', 'staff-or-message', 'plain', 'staff-or-message', 'plain'],
    ['trusted-only', 'suspect', 'refuse', 'strong', 'refuse', 'strong'],
    ['trusted-only', 'blocked', 'refuse', 'strong', 'refuse', 'strong'],
    ['paused', 'trusted', 'connect', 'plain', 'connect', 'plain'],
    ['paused', 'trusted with a sign', 'warn', 'plain', 'announce', 'plain'],
    ['paused', 'unvouched', 'connect', 'plain', 'announce', 'plain'],
    ['paused', 'withheld', 'connect', 'plain', 'announce', 'plain'],
    ['paused', 'no number', 'connect', 'plain', 'announce', 'plain'],
    ['paused', 'suspect', 'warn', 'strong', 'announce', 'strong'],
    ['paused', 'blocked', 'warn', 'strong', 'announce', 'strong'],
  ];
  it.each(rows)('%s, %s: %s (%s); held: %s (%s)', (mode, who, treatment, wording, heldTreatment, heldWording) => {
    const standing = standings[who];
    const before = screenCaller(callers[who], { ...line, mode }, free);
    expect(before).toMatchObject({ standing, treatment, wording });
    const after = screenCaller(callers[who], { ...line, mode }, held);
    expect(after).toMatchObject({ standing, treatment: heldTreatment, wording: heldWording });
    expect(after.reasons.map(({ kind }) => kind)).toContain('line-held');
    expect(before.reasons.map(({ kind }) => kind)).not.toContain('line-held');
  });
});

describe('the lists', () => {
  it.each<[string, Sketch, Standing, Treatment, string | null, string[]]>([
    ['the number shown', { from: anna }, 'trusted', 'connect', 'Anna', ['trusted-contact']],
    ['the network’s number', { network: anna }, 'trusted', 'connect', 'Anna', ['trusted-contact']],
    [
      'the network’s number behind a switchboard’s',
      { from: stranger, network: anna, signs: ['identities-differ'] },
      'trusted',
      'connect',
      'Anna',
      ['trusted-contact'],
    ],
    [
      'the network’s number behind a forged 999',
      { from: '999', network: anna, signs: ['short-code', 'identities-differ'] },
      'suspect',
      'announce',
      'Anna',
      ['trusted-contact', 'short-code'],
    ],
    [
      'only the number shown, while the network says another',
      { from: anna, network: stranger, signs: ['identities-differ'] },
      'suspect',
      'announce',
      'Anna',
      ['trusted-contact', 'identities-differ'],
    ],
    [
      'a number nobody attested',
      { from: anna, signs: ['attestation-missing'] },
      'suspect',
      'announce',
      'Anna',
      ['trusted-contact', 'attestation-missing'],
    ],
    [
      'a number from abroad',
      { from: anna, signs: ['home-number-from-abroad'] },
      'suspect',
      'announce',
      'Anna',
      ['trusted-contact', 'home-number-from-abroad'],
    ],
    [
      'a withheld number that the network gives',
      { network: anna, withheld: true },
      'trusted',
      'connect',
      'Anna',
      ['trusted-contact'],
    ],
    ['an extension', { from: '201' }, 'trusted', 'connect', 'Reception', ['trusted-contact']],
    [
      'a trusted number behind a blocked one',
      { from: blocked, network: anna },
      'blocked',
      'staff-or-refuse',
      null,
      ['blocked-number'],
    ],
    [
      'a blocked number behind a trusted one',
      { from: anna, network: blocked, signs: ['identities-differ'] },
      'blocked',
      'staff-or-refuse',
      null,
      ['blocked-number', 'identities-differ'],
    ],
    [
      'a blocked number that is withheld',
      { network: blocked, withheld: true },
      'blocked',
      'staff-or-refuse',
      null,
      ['blocked-number'],
    ],
  ])('match %s', (_, sketch, standing, treatment, trustedName, kinds) => {
    const verdict = screenCaller(caller(sketch), line, free);
    expect(verdict).toMatchObject({ standing, treatment, trustedName });
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual([...kinds, 'mode']);
  });
});

describe('a returned-call pretence', () => {
  const safeNumbers = numberRules(gb, {
    emergency: [{ number: '0800 555 1212', name: 'the pendants’ centre' }],
    guarded: [{ number: '0345 123 4567', name: 'Watford Building Society' }],
    premium: [],
    ordinary: [],
    abroadIsPremium: false,
    doNotOriginate: [],
  });
  const bank = '+443451234567';
  const again = { calledBefore: true, safeNumbers };
  const first = { calledBefore: false, safeNumbers };

  type Known = Pick<Circumstances, 'calledBefore' | 'safeNumbers'>;

  it.each<[string, Sketch, Known, Standing]>([
    ['the bank’s number', { from: bank }, first, 'unvouched'],
    ['the bank’s number, by the network', { network: bank, withheld: true }, first, 'unvouched'],
    ['the pendants’ centre', { from: '+448005551212' }, first, 'unvouched'],
    ['Report Fraud', { from: '+443001232040' }, first, 'unvouched'],
    ['101', { from: '101', signs: ['short-code'] }, first, 'suspect'],
    ['999', { from: '999', signs: ['short-code'] }, first, 'suspect'],
    ['any short code', { from: '2580', signs: ['short-code'] }, first, 'suspect'],
    ['a number that only receives calls', { from: stranger, signs: ['do-not-originate'] }, first, 'suspect'],
    ['the number of whoever left the hold', { from: stranger }, again, 'unvouched'],
    ['that of a trusted contact, forged, again', { from: anna, signs: ['attestation-failed'] }, again, 'suspect'],
    ['a blocked one again', { from: blocked }, again, 'blocked'],
  ])('%s: refused on a held line, whatever its mode', (_, sketch, known, standing) => {
    for (const mode of screeningModes) {
      const refused = screenCaller(caller(sketch), { ...line, mode }, { ...held, ...known });
      expect(refused).toMatchObject({ standing, treatment: 'refuse', wording: 'strong' });
      expect(isReturnedCall(refused)).toBe(true);
      expect(refused.reasons.map(({ kind }) => kind).slice(-2)).toEqual(['line-held', 'returned-call']);
      const unheld = screenCaller(caller(sketch), { ...line, mode }, { ...free, ...known });
      expect(unheld).toEqual(screenCaller(caller(sketch), { ...line, mode }, free));
    }
  });

  it.each<[string, Sketch, Known]>([
    ['a trusted caller again', { from: anna }, again],
    ['an extension of the house again', { from: '201' }, again],
    ['an extension of the house, though it is short', { from: '201', signs: ['short-code'] }, first],
    ['another stranger', { from: stranger }, first],
    ['one who withholds', { withheld: true }, first],
    ['one whose text is no number', { from: 'constructor' }, first],
  ])('%s: none', (_, sketch, known) => {
    const verdict = screenCaller(caller(sketch), line, { ...held, ...known });
    expect(verdict).toEqual(screenCaller(caller(sketch), line, held));
    expect(isReturnedCall(verdict)).toBe(false);
  });

  it('names the owner of the number to staff', () => {
    const { reasons } = screenCaller(caller({ from: bank }), line, { ...held, ...first });
    expect(reasons.at(-1)?.text).toContain('Watford Building Society');
  });
});

describe('strangers', () => {
  it.each<[string, Sketch, Standing, string[]]>([
    ['an ordinary one', { from: stranger }, 'unvouched', ['not-on-list']],
    [
      'one whose network attests nothing',
      { from: stranger, signs: ['attestation-missing'] },
      'unvouched',
      ['not-on-list', 'attestation-missing'],
    ],
    ['one who withholds', { withheld: true }, 'unvouched', ['withheld']],
    [
      'one who withholds a strange number',
      { network: '999', withheld: true, signs: ['short-code'] },
      'unvouched',
      ['withheld', 'short-code'],
    ],
    ['one without a number', { from: 'alice' }, 'unvouched', ['no-number']],
    [
      'one whose number failed the check',
      { from: stranger, signs: ['attestation-failed'] },
      'suspect',
      ['attestation-failed'],
    ],
    [
      'one with two signs',
      { from: '999', signs: ['short-code', 'attestation-missing'] },
      'suspect',
      ['short-code', 'attestation-missing'],
    ],
  ])('%s', (_, sketch, standing, kinds) => {
    const verdict = screenCaller(caller(sketch), line, free);
    expect(verdict.standing).toBe(standing);
    expect(verdict.trustedName).toBeNull();
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual([...kinds, 'mode']);
  });
});

describe('whatever the call', () => {
  const number = fc.constantFrom(anna, blocked, stranger, '999', '201', 'alice', undefined);
  const anyCaller = fc
    .record({
      from: number,
      network: number,
      signs: fc.subarray([...signKinds]),
      withheld: fc.boolean(),
    })
    .map(({ from, network, signs, withheld }) =>
      caller({ ...(from && !withheld ? { from } : {}), ...(network ? { network } : {}), signs, withheld }),
    );
  const anyMode = fc.constantFrom(...screeningModes);
  const severity: Treatment[] = [
    'connect',
    'warn',
    'announce',
    'challenge',
    'staff-or-message',
    'staff-or-refuse',
    'refuse',
  ];
  const verdictOf = (who: CallerIdentity, mode: ScreeningMode, held: boolean) =>
    screenCaller(who, { ...line, mode }, { at, held });
  const shows = (who: CallerIdentity, wanted: string) =>
    [who.network, who.presentation].some((shown) => shown?.written === wanted);

  const properties: [string, (who: CallerIdentity, mode: ScreeningMode, held: boolean) => void][] = [
    [
      'a blocked number is never simply connected',
      (who, mode, held) => {
        fc.pre(shows(who, blocked));
        const verdict = verdictOf(who, mode, held);
        expect(verdict).toMatchObject({ standing: 'blocked', wording: 'strong' });
        expect(verdict.treatment).not.toBe('connect');
      },
    ],
    [
      'a trusted number without a sign always connects, and with one is never stopped unless it poses as a returned call',
      (who, mode, held) => {
        fc.pre(shows(who, anna) && !shows(who, blocked));
        const verdict = verdictOf(who, mode, held);
        const poses = held && who.signs.some(({ kind }) => kind === 'do-not-originate');
        const milder: Treatment[] = poses ? ['connect', 'refuse'] : ['connect', 'warn', 'announce'];
        expect(who.signs.length === 0 ? ['connect'] : milder).toContain(verdict.treatment);
      },
    ],
    [
      'nobody off the trusted list is connected unless screening is paused',
      (who, mode, held) => {
        fc.pre(!shows(who, anna) && !shows(who, '201') && (mode !== 'paused' || held));
        expect(verdictOf(who, mode, held).treatment).not.toBe('connect');
      },
    ],
    [
      'a verdict says why',
      (who, mode, held) => {
        const { reasons } = verdictOf(who, mode, held);
        expect(reasons.length).toBeGreaterThan(1);
        for (const { text } of reasons) expect(text).toMatch(/^[A-Z].*\.$/);
      },
    ],
    [
      'a hold never makes it easier',
      (who, mode) => {
        const at = (held: boolean) => severity.indexOf(verdictOf(who, mode, held).treatment);
        expect(at(true)).toBeGreaterThanOrEqual(at(false));
      },
    ],
    [
      'a sign more never makes it easier',
      (who, mode, held) => {
        const honest = verdictOf({ ...who, signs: [] }, mode, held).treatment;
        const signed = verdictOf(who, mode, held).treatment;
        expect(severity.indexOf(signed)).toBeGreaterThanOrEqual(severity.indexOf(honest));
      },
    ],
    [
      'a withheld number is never called suspect',
      (who, mode, held) => {
        fc.pre(who.withheld && !shows(who, blocked) && !shows(who, anna) && !shows(who, '201'));
        expect(verdictOf(who, mode, held).standing).toBe('unvouched');
      },
    ],
  ];
  it.each(properties)('%s', (_, property) => {
    fc.assert(fc.property(anyCaller, anyMode, fc.boolean(), property));
  });
});
