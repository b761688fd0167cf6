import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskSecrets } from '../../../services/core/incident/mask.ts';

/** What is taken out of free text, and what stays. */

const card = '4929123456789015';

describe('is taken out', () => {
  test.each([
    ['Her PIN is 4821.', 'Her PIN is [PIN or code removed].'],
    ['PIN: 4-8-2-1', 'PIN: [PIN or code removed]'],
    ['the pin was four eight two one', 'the pin was [PIN or code removed]'],
    ['pin double four treble two', 'pin [PIN or code removed]'],
    ['PIN 12:34', 'PIN [PIN or code removed]'],
    ['P.I.N. ４８２１', 'P.I.N. [PIN or code removed]'],
    ['she told him 4821, which is her pin', 'she told him [PIN or code removed], which is her pin'],
    ['gave 7391 as the one-time code', 'gave [PIN or code removed] as the one-time code'],
    ['the bank’s code G7K2PQ', 'the bank’s code [PIN or code removed]'],
    ['CVV 123', 'CVV [PIN or code removed]'],
    ['expiry 12/28', 'expiry [PIN or code removed]'],
    ['password: Fluffy99!', 'password: [password removed]'],
    ['her password is fluffy', 'her password is [password removed]'],
    [`read out ${card}`, 'read out [card number removed]'],
    ['read out 4929 1234 5678 9015 to him', 'read out [card number removed] to him'],
    ['4929-1234-5678-9015', '[card number removed]'],
    ['4929, then 1234, then 5678 and 9015', '[card number removed]'],
    ['3782 822463 10005', '[card number removed]'],
    ['reference 4929 1234 5678 9015', 'reference [card number removed]'],
    ['mistyped 4929 1234 5678 9016', 'mistyped [card number removed]'],
    ['four nine two nine one two three four five six seven eight nine zero one five', '[card number removed]'],
    ['card ending 9015', 'card ending [card number removed]'],
    ['sort code 12-34-56, account 12345678', 'sort code [sort code removed], account [account number removed]'],
    ['12-34-56', '[sort code removed]'],
    ['sort code 20/11/26', 'sort code [sort code removed]'],
    ['12345678', '[account number removed]'],
    ['into 1234 5678 at once', 'into [account number removed] at once'],
    ['GB29 NWBK 6016 1331 9268 19', '[account number removed]'],
    ['DE89370400440532013000', '[account number removed]'],
    ['account reference 12345678', 'account reference [account number removed]'],
  ])('%s', (written, masked) => {
    expect(maskSecrets(written).text).toBe(masked);
  });
});

describe('stays', () => {
  test.each([
    'He said: hang up and dial 101 to check.',
    'He asked for her card and PIN, and to ring 0800 123 4567 or 101.',
    'Her account was compromised, he said; call back on 020 7946 0000.',
    'Card stopped; bank on +44 1923 555001, 0044 1923 555002 and (01923) 555003.',
    'He rang from 07700 900123 and 07700 900124',
    'room 12, 01923 555001',
    'called from 0033 1 23 45 67 89',
    'He wanted £4,000 from her account, or 500 pounds with the card.',
    'A courier takes the card on 23/11/2026 at 14:30.',
    'Card taken 23 November 2026.',
    'since 2026-11-23 10:00',
    'Crime reference 42/12345/26; the bank has her card.',
    'CAD 1234 of today, log 567',
    'Reference NFRC240112345678',
    'The card was taken; crime number 4212345626',
    'Told 159 and 7726.',
    'White Ford, AB12 CDE, driver about 30, with 2 men',
    'She is 82 and lives at 14 Church Road, WD3 1AB.',
    'Postcode 12345',
    'The password was changed.',
    'text it to 7726, then rang 159, 101 or 999',
    '',
  ])('%s', (written) => {
    expect(maskSecrets(written)).toEqual({ text: written, removed: [] });
  });

  test.each([
    '01923 555001',
    '+44 7700 900123',
    'crime number 42/12345/26',
    'NFRC240112345678',
    '12345678',
    'CAD 1234 card',
  ])('in a field for numbers: %s', (written) => {
    expect(maskSecrets(written, true).text).toBe(written);
  });
});

test('a card number and a PIN are taken out of a field for numbers too', () => {
  expect(maskSecrets('4929 1234 5678 9015', true).text).toBe('[card number removed]');
  expect(maskSecrets('her PIN 4821', true).text).toBe('her PIN [PIN or code removed]');
});

test('what was taken out is named', () => {
  expect(maskSecrets(`PIN 4821 and card ${card}, then password: hello`).removed).toEqual(
    expect.arrayContaining(['card number', 'password']),
  );
});

describe('whatever stands around it', () => {
  const words = fc
    .array(
      fc.constantFrom(
        'he',
        'said',
        'card',
        'the',
        'bank',
        'rang,',
        'PIN',
        '14',
        'and',
        '£20',
        '01923 555001',
        '\n',
        '👵',
      ),
      {
        maxLength: 8,
      },
    )
    .map((some) => some.join(' '));
  const separator = fc.constantFrom('', ' ', '-', ' - ', '.', '/', '\u00a0', '–', ', ');
  const cardDigits = fc
    .tuple(fc.constantFrom('4', '51', '37', '6011', '22'), fc.array(fc.nat(9), { minLength: 11, maxLength: 14 }))
    .map(([prefix, rest]) => withCheckDigit(`${prefix}${rest.join('')}`.slice(0, 18)));
  const bare = (text: string) => text.replace(/\D/g, '');

  test('no card number stays', () => {
    fc.assert(
      fc.property(
        words,
        cardDigits,
        separator,
        fc.constantFrom(4, 5, 19),
        words,
        (before, digits, gap, size, after) => {
          const written = digits.match(new RegExp(`.{1,${size}}`, 'g'))?.join(gap) ?? '';
          const { text, removed } = maskSecrets(`${before} a ${written} b ${after}`);
          expect(bare(text)).not.toContain(digits.slice(0, 8));
          expect(removed).toContain('card number');
        },
      ),
    );
  });

  test('no PIN stays near its name', () => {
    const pin = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.nat(9)).map((digits) => digits.join(''));
    const before = fc.constantFrom(
      'PIN ',
      'pin is ',
      'PIN: ',
      'her pin number was ',
      'passcode=',
      'code ',
      'security code ',
    );
    fc.assert(
      fc.property(words, before, pin, words, (around, name, digits, after) => {
        const { text } = maskSecrets(`${around} x ${name}${digits} x ${after}`);
        expect(text).toContain('removed]');
        expect(text).not.toContain(`${name}${digits}`);
      }),
    );
  });

  test('a telephone number stays', () => {
    const number = fc
      .tuple(fc.constantFrom('01923 ', '07700 ', '020 7', '+44 1923 ', '0800 '), fc.nat({ max: 999_999 }))
      .map(([area, rest]) => `${area}${String(rest).padStart(6, '0')}`);
    fc.assert(
      fc.property(
        fc.constantFrom('he rang from', 'card; call', 'her account:', 'PIN? Ring'),
        number,
        (before, dialled) => {
          fc.pre(bare(dialled).length >= 10);
          expect(maskSecrets(`${before} ${dialled} today`).text).toBe(`${before} ${dialled} today`);
        },
      ),
    );
  });

  test('masking again changes nothing, and any text is taken', () => {
    const pieces = fc.constantFrom(
      'PIN',
      'card',
      '1234',
      '12-34-56',
      ' ',
      '. ',
      'one',
      'password is',
      '0',
      '+44',
      'x',
      ': ',
    );
    const texts = fc.oneof(
      words,
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(texts, (written) => {
        const once = maskSecrets(written).text;
        expect(maskSecrets(once)).toEqual({ text: once, removed: [] });
      }),
      { numRuns: 500 },
    );
  });

  test('a long text takes no long time', () => {
    const started = performance.now();
    maskSecrets('1 '.repeat(4000));
    maskSecrets('9'.repeat(8000));
    maskSecrets('card 4 '.repeat(1000));
    maskSecrets('AB12'.repeat(2000));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

function withCheckDigit(digits: string): string {
  for (let check = 0; check < 10; check += 1) if (luhn(`${digits}${check}`)) return `${digits}${check}`;
  throw new Error('some digit always fits');
}

/** As the standard tells it, and unlike the code that is tested. */
function luhn(digits: string): boolean {
  const odd = [...digits].reverse().filter((_, place) => place % 2 === 0);
  const even = [...digits].reverse().filter((_, place) => place % 2 === 1);
  const sum = [...odd, ...even.flatMap((digit) => [...String(Number(digit) * 2)])].reduce(
    (all, one) => all + Number(one),
    0,
  );
  return sum % 10 === 0;
}
