import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName, readCaller, type Signalling } from '../../services/core/caller.ts';
import { numberRules } from '../../services/core/number.ts';
import { gb } from '../../services/core/packs/gb.ts';

const rules = numberRules(gb, {
  emergency: [],
  guarded: [],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: ['0800 123 1234'],
});
const home = { international: false, attests: false };
const abroad = { international: true, attests: false };
const attesting = { international: false, attests: true };

const silent: Signalling = {
  from: null,
  assertedIdentity: null,
  privacy: null,
  diversion: null,
  identity: null,
  callId: null,
  userAgent: null,
  sourceAddress: null,
  codecs: [],
};
const invite = (headers: Partial<Signalling>): Signalling => ({ ...silent, ...headers });
const anna = '+441923555001';

function passport(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256', ppt: 'shaken' })}.${part(claims)}.c2ln;info=<https://cert.example/c.pem>;alg=ES256`;
}

describe('who the From header says it is', () => {
  it.each([
    ['a quoted name', '"Anna Smith" <sip:01923555001@trunk.example>;tag=1', anna, 'Anna Smith'],
    ['a name of tokens', 'Anna Smith <sip:01923555001@trunk.example>', anna, 'Anna Smith'],
    ['no name', '<sip:+441923555001@trunk.example;user=phone>;tag=x', anna, null],
    ['no brackets', 'sip:+441923555001@trunk.example;tag=x', anna, null],
    ['escapes in the name', '"Anna \\"Nan\\" \\\\ Smith" <sip:01923555001@x>', anna, 'Anna "Nan" \\ Smith'],
    ['brackets and a comma in the name', '"A <b@c>, d" <sip:01923555001@x>', anna, 'A <b@c>, d'],
    ['sips', '<SIPS:01923555001@trunk.example>', anna, null],
    ['tel with separators', 'Anna <tel:+44-1923-555001;phone-context=+44>', anna, 'Anna'],
    ['a password and user parameters', '<sip:01923555001;isub=1:secret@x>', anna, null],
    ['percent escapes', '<sip:%2B441923555001@x>', anna, null],
    ['a quote nobody closes', '"Anna <sip:01923555001@x>', anna, 'Anna'],
    ['a bracket nobody closes', '"Anna" <sip:01923555001@x', anna, 'Anna'],
    ['space and folding', ' \r\n "Anna"\t<sip:01923555001@x> ', anna, 'Anna'],
    ['two signs @', '<sip:01923555001@evil@x>', null, null],
    ['an IPv6 host', '<sip:01923555001@[2001:db8::1]:5060>', anna, null],
  ])('reads %s', (_, from, e164, name) => {
    const caller = readCaller(invite({ from }), home, rules);
    expect({ e164: caller.presentation?.e164 ?? null, name: caller.name }).toEqual({ e164, name });
    expect(caller.withheld).toBe(false);
  });

  it.each([
    ['nothing at all', null],
    ['an empty header', ''],
    ['no address', 'hello, world'],
    ['another scheme', '<mailto:anna@example.org>'],
    ['an unavailable number', '<sip:unavailable@unknown.invalid>'],
    ['no user', '<sip:trunk.example>'],
    ['NULs and noise', '\u0000\u0001<<<>>>"\\"'],
  ])('takes %s for no number, not for a withheld one', (_, from) => {
    expect(readCaller(invite({ from }), abroad, rules)).toMatchObject({
      presentation: null,
      withheld: false,
      signs: [],
    });
  });

  it('keeps what a From without a number said', () => {
    const caller = readCaller(invite({ from: '<sip:alice@pbx.example>' }), home, rules);
    expect(caller).toMatchObject({ presentation: { written: 'alice', e164: null }, signs: [] });
  });
});

describe('a withheld number', () => {
  it.each([
    ['an anonymous From', { from: '"Anonymous" <sip:anonymous@anonymous.invalid>' }],
    ['an anonymous host', { from: '<sip:01923555001@anonymous.invalid:5060>' }],
    ['a restricted user', { from: '<sip:Restricted@gateway.example>' }],
    ['Privacy: id', { from: '"Anna" <sip:01923555001@x>', privacy: 'id' }],
    ['Privacy: user;critical', { from: '"Anna" <sip:01923555001@x>', privacy: 'user;critical' }],
    ['Privacy: Header , id', { from: '"Anna" <sip:01923555001@x>', privacy: 'Header , id' }],
  ])('is seen in %s, and the network’s number is kept apart', (_, headers) => {
    const caller = readCaller(invite({ ...headers, assertedIdentity: `<sip:${anna}@net>` }), home, rules);
    expect(caller).toMatchObject({ withheld: true, presentation: null, name: null, network: { e164: anna } });
  });

  it.each(['none', 'session', 'history', 'idle', ''])('is not seen in Privacy: %s', (privacy) => {
    const caller = readCaller(invite({ from: '<sip:01923555001@x>', privacy }), home, rules);
    expect(caller).toMatchObject({ withheld: false, presentation: { e164: anna } });
  });

  it('is never told in the sentence of a sign', () => {
    const caller = readCaller(invite({ privacy: 'id', assertedIdentity: `<sip:${anna}@net>` }), abroad, rules);
    expect(caller.signs.map(({ kind }) => kind)).toEqual(['home-number-from-abroad']);
    expect(caller.signs[0]?.text).not.toMatch(/\d/);
  });
});

describe('the number the network asserts', () => {
  it.each([
    ['one address', `<sip:${anna}@net>`],
    ['a list with a tel address', `"A, B" <sip:anna@net>, <tel:${anna}>`],
    ['a bare address', `tel:${anna}`],
  ])('is read from %s', (_, assertedIdentity) => {
    const caller = readCaller(invite({ from: '<sip:01923555001@x>', assertedIdentity }), home, rules);
    expect(caller.network?.written).toBeTruthy();
    expect(caller.presentation?.e164).toBe(anna);
  });

  it('gives the name where From has none', () => {
    const headers = { from: '<sip:01923555001@x>', assertedIdentity: `"Anna" <tel:${anna}>` };
    expect(readCaller(invite(headers), home, rules).name).toBe('Anna');
  });
});

describe('attestation', () => {
  const from = '<sip:01923555001@x>';
  const about = { orig: { tn: '441923555001' } };
  it.each([
    ['A', { from, identity: passport({ attest: 'A', ...about }) }, 'full'],
    ['B', { from, identity: passport({ attest: 'B', ...about }) }, 'partial'],
    ['C', { from, identity: passport({ attest: 'C' }) }, 'gateway'],
    ['the second of two', { from, identity: `${passport({ div: 1 })}, ${passport({ attest: 'B' })}` }, 'partial'],
    [
      'a claim about another number',
      { from, identity: passport({ attest: 'A', orig: { tn: '442012345678' } }) },
      'failed',
    ],
    ['an unknown level', { from, identity: passport({ attest: 'Z' }) }, null],
    ['no JSON', { from, identity: 'eyJ.bm8.sig' }, null],
    ['null claims', { from, identity: passport(null) }, null],
    ['noise', { from, identity: '...;;,"<' }, null],
    ['verstat passed in the user part', { from: '<sip:01923555001;verstat=TN-Validation-Passed@x>' }, 'full'],
    ['verstat passed at level C', { from: '<sip:01923555001@x;verstat=TN-Validation-Passed-C>' }, 'gateway'],
    ['verstat failed in From', { from: '<sip:01923555001@x>;verstat=TN-Validation-Failed' }, 'failed'],
    [
      'verstat failed beside a claim',
      { from: `${from};verstat=TN-Validation-Failed-B`, identity: passport({ attest: 'A' }) },
      'failed',
    ],
    ['verstat failed in PAI', { from, assertedIdentity: `<tel:${anna};verstat=TN-Validation-Failed>` }, 'failed'],
    ['no validation', { from: '<sip:01923555001;verstat=No-TN-Validation@x>' }, null],
  ])('reads %s', (_, headers, attestation) => {
    expect(readCaller(invite(headers), home, rules).attestation).toBe(attestation);
  });
});

describe('signs of forgery', () => {
  it.each([
    ['999', { from: '<sip:999@x>' }, home, ['short-code']],
    ['101 behind the country’s code', { from: '<sip:+44101@x>' }, home, ['short-code']],
    ['another short code', { from: '<sip:62226@x>' }, home, ['short-code']],
    ['a premium number', { from: '<sip:09061234567@x>' }, home, ['premium-number']],
    ['too few digits', { from: '<sip:01923555@x>' }, home, ['impossible-length']],
    ['too many digits', { from: '<sip:+44192355500112@x>' }, home, ['impossible-length']],
    ['the bank’s inbound number', { from: '<sip:+448001231234@x>' }, home, ['do-not-originate']],
    ['a home number from abroad', { from: '<sip:01923555001@x>' }, abroad, ['home-number-from-abroad']],
    ['a foreign number from abroad', { from: '<sip:+33123456789@x>' }, abroad, []],
    [
      'two numbers',
      { from: '<sip:01923555001@x>', assertedIdentity: '<tel:+33123456789>' },
      home,
      ['identities-differ'],
    ],
    ['one number written twice', { from: '<sip:01923555001@x>', assertedIdentity: `<tel:${anna}>` }, home, []],
    ['a name and a number', { from: '<sip:alice@x>', assertedIdentity: `<tel:${anna}>` }, home, []],
    ['a failed check', { from: '<sip:01923555001;verstat=TN-Validation-Failed@x>' }, attesting, ['attestation-failed']],
    ['no check where there always is one', { from: '<sip:01923555001@x>' }, attesting, ['attestation-missing']],
    [
      'a check where there always is one',
      { from: '<sip:01923555001@x>', identity: passport({ attest: 'C' }) },
      attesting,
      [],
    ],
    ['no number where there always is a check', { from: '<sip:anonymous@anonymous.invalid>' }, attesting, []],
    ['a sign on both numbers, once', { from: '<sip:999@x>', assertedIdentity: '<tel:999>' }, home, ['short-code']],
    [
      'several at once',
      { from: '<sip:999@x>', assertedIdentity: '<sip:09061234567@x>' },
      { international: true, attests: true },
      ['short-code', 'premium-number', 'home-number-from-abroad', 'identities-differ', 'attestation-missing'],
    ],
    ['an honest call', { from: '"Anna" <sip:01923555001@x>', assertedIdentity: `<sip:${anna}@net>` }, home, []],
  ])('%s', (_, headers, trunk, kinds) => {
    const { signs } = readCaller(invite(headers), trunk, rules);
    expect(signs.map(({ kind }) => kind)).toEqual(kinds);
    for (const { text } of signs) expect(text).toMatch(/^[A-Z].{20,160}\.$/);
  });

  it('says whose number was shown', () => {
    const { signs } = readCaller(invite({ from: '<sip:999@x>' }), home, rules);
    expect(signs[0]?.text).toBe('The caller showed 999, which never rings anybody (Emergency services).');
  });
});

describe('names', () => {
  it.each([
    ['control characters', 'An\u0000na\r\nBcc: x\u007f\u0085', 'An na Bcc: x'],
    ['direction overrides', 'Police\u202e999\u202c\u2066x\u2069', 'Police999x'],
    ['invisible characters', 'A\u200bn\ufeffna', 'Anna'],
    ['a lone surrogate', 'Anna \ud83d', 'Anna \ufffd'],
    ['emoji and other scripts', '👩‍👧 Анна', '👩‍👧 Анна'],
    ['81 emoji', '😀'.repeat(81), '😀'.repeat(80)],
    ['2,000 characters', 'x'.repeat(2000), 'x'.repeat(80)],
    ['space around it', ' Anna ', 'Anna'],
    ['nothing but space', ' \t\u00a0\n', ''],
  ])('are cleaned of %s', (_, raw, clean) => {
    expect(cleanName(raw)).toBe(clean);
  });
});

describe('hostile text', () => {
  const pieces = fc.constantFrom(
    '"',
    '\\',
    '<',
    '>',
    '@',
    ';',
    ',',
    '%',
    ':',
    '.',
    '=',
    'sip:',
    'tel:',
    '\u0000',
    '😀',
    '1',
    ' ',
  );
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8192 }),
    fc.array(pieces, { maxLength: 8192, size: 'max' }).map((parts) => parts.join('')),
    fc.tuple(pieces, fc.integer({ min: 1, max: 8192 })).map(([piece, count]) => piece.repeat(count).slice(0, 8192)),
  );

  // Of the processor's time: what else the machine does is no fault of ours.
  it('is answered, safely and within 100 ms', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const signalling = invite({ from: text, assertedIdentity: text, privacy: text, identity: text });
        const begun = process.threadCpuUsage();
        const caller = readCaller(signalling, { international: true, attests: true }, rules);
        const { user, system } = process.threadCpuUsage(begun);
        expect((user + system) / 1000).toBeLessThan(100);
        expect(Array.from(caller.name ?? '').length).toBeLessThanOrEqual(80);
        expect(`${caller.name}${caller.presentation?.written}${caller.network?.written}`).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 200 },
    );
  });
});
