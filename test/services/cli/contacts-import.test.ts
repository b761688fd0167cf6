import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../services/adapters/sql/store.ts';
import { parseConfig } from '../../../services/config.ts';
import { storedLine } from '../../support/finished-call.ts';
import { type Desk, desk, goodConfig } from './world.ts';

const open: Desk[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.remove();
});

/** A desk with a line in a database of its own, and a file to import into it. */
async function newDesk(name: string, content: string | Uint8Array) {
  const made = desk([], { openStore });
  open.push(made);
  const file = join(made.folder, name);
  writeFileSync(file, content);
  const store = await openStore(parseConfig(goodConfig, `${made.folder}/clearline.yaml`));
  await store.lines.upsert([storedLine({ trusted: [], blocked: ['+441923555666'] })]);
  const trusted = async () => (await store.lines.all())[0]?.trusted.map(({ number, name: of }) => `${number} ${of}`);
  return {
    trusted,
    store,
    import: (...options: string[]) => made.run('contacts', 'import', 'room-12', file, ...options),
  };
}

const card = (...lines: string[]) => ['BEGIN:VCARD', ...lines, 'END:VCARD', ''].join('\r\n');
const anna = card('VERSION:3.0', 'FN:Anna Brown', 'TEL;TYPE=CELL:07700 900123');

describe('an address book is read', () => {
  it.each<[string, string, string | Uint8Array, string[]]>([
    ['vCard 3.0', 'a.vcf', anna, ['+447700900123 Anna Brown']],
    [
      'vCard 4.0 with URIs, types and an extension',
      'a.vcf',
      card(
        'VERSION:4.0',
        'FN:Anna Brown',
        'TEL;VALUE=uri;TYPE="voice,home":tel:+44-1923-555001;ext=5',
        'TEL;TYPE=cell;VALUE=uri:tel:+447700900123',
      ),
      ['+441923555001 Anna Brown (home)', '+447700900123 Anna Brown (mobile)'],
    ],
    [
      'vCard 2.1 as telephones write it, in quoted-printable with soft breaks',
      'a.vcf',
      card(
        'VERSION:2.1',
        'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Br=C3=B6wn;Zo=C3=AB=',
        ';;;',
        'TEL;CELL;PREF:+44 (0)7700 900123',
        'PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQ',
        ' AAAQABAAD/2wBDAAMCAgICAg',
        '',
      ),
      ['+447700900123 Zoë Bröwn'],
    ],
    [
      'quoted-printable in another character set',
      'a.vcf',
      card('VERSION:2.1', 'FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB', 'TEL:07700900123'),
      ['+447700900123 Zoë'],
    ],
    [
      'folded lines, groups, escapes, no name but a company’s; fax and people without a number left out',
      'a.vcf',
      card(
        'VERSION:3.0',
        'ORG:Hill\\, Sons;Plumbing',
        'item1.TEL;type=WORK:01923',
        '  555700',
        'TEL;TYPE=FAX:01923 555701',
      ) + card('VERSION:3.0', 'FN:Ben', 'EMAIL:ben@example.org'),
      ['+441923555700 Hill, Sons'],
    ],
    ['line feeds alone', 'a.vcf', anna.replaceAll('\r\n', '\n'), ['+447700900123 Anna Brown']],
    ['a byte order mark', 'a.vcf', `\ufeff${anna}`, ['+447700900123 Anna Brown']],
    ['UTF-16', 'a.vcf', Buffer.from(`\ufeff${anna}`, 'utf16le'), ['+447700900123 Anna Brown']],
    ['UTF-16 without its mark', 'a.vcf', Buffer.from(anna, 'utf16le'), ['+447700900123 Anna Brown']],
    [
      'UTF-16 the other way round',
      'a.vcf',
      Buffer.from(`\ufeff${anna}`, 'utf16le').swap16(),
      ['+447700900123 Anna Brown'],
    ],
    ['Latin-1', 'a.vcf', Buffer.from(anna.replace('Anna', 'Zoë'), 'latin1'), ['+447700900123 Zoë Brown']],
    ['no ending, by its look', 'book', anna, ['+447700900123 Anna Brown']],
    [
      'a spreadsheet',
      'a.csv',
      'name,number\r\n"Brown, Anna",07700 900123\r\n\r\nDr Hill,\'+44 1923 555700\r\n',
      ['+447700900123 Brown, Anna', '+441923555700 Dr Hill'],
    ],
    [
      'a spreadsheet of another program',
      'a.csv',
      '\ufeffFirst Name;Last Name;E-mail;Phone 1 - Type;Phone 1 - Value;Mobile Phone\nAnna;Brown;a@example.org;Home;01923 555001 ::: 01923 555002;\nBen;;;;;07700 900124\n',
      ['+441923555001 Anna Brown', '+441923555002 Anna Brown', '+447700900124 Ben'],
    ],
    [
      'numbers twice: the later name stands',
      'a.csv',
      'name,number\nAnna,07700900123\nAnna Brown,+44 7700 900123\n',
      ['+447700900123 Anna Brown'],
    ],
  ])('%s', async (_, name, content, expected) => {
    const book = await newDesk(name, content);
    expect(await book.import()).toMatchObject({ code: 0, err: '' });
    expect(await book.trusted()).toEqual(expected);
  });
});

const mixed = [
  'name,number',
  'Anna,07700 900123',
  'Short,101',
  'Villain,01923 555666',
  ',01923 555001',
  'Line,01923 555012',
  'Torn,01923 55',
  'Dear,0909 123 4567',
  'Shortened,4.47701E+11',
].join('\n');

describe('faults', () => {
  it('are named all at once, with place, what was found and what was expected; and nothing is imported', async () => {
    const book = await newDesk('homes.csv', mixed);
    const { code, err } = await book.import();
    expect(code).toBe(1);
    expect(err.split('\n')).toEqual([
      expect.stringMatching(/homes.csv, row 3, number: found “101”, expected no number that fraudsters pose as/),
      expect.stringMatching(
        /homes.csv, row 4, number: found “01923 555666”, expected no number on the blocked list of room-12/,
      ),
      expect.stringMatching(/homes.csv, row 5, name: found nothing, expected whose number 01923 555001 is/),
      expect.stringMatching(/homes.csv, row 6, number: found “01923 555012”, expected no number of the line itself/),
      expect.stringMatching(/homes.csv, row 7, number: found “01923 55”, expected a telephone number/),
      expect.stringMatching(/homes.csv, row 8, number: found “0909 123 4567”, expected no premium number/),
      expect.stringMatching(/homes.csv, row 9, number: found “4.47701E\+11”, expected a telephone number/),
      expect.stringContaining('Nothing was imported: 7 faults.'),
    ]);
    expect(await book.trusted()).toEqual([]);
  });

  it('are left out on demand', async () => {
    const book = await newDesk('homes.csv', mixed);
    expect(await book.import('--skip-faulty')).toMatchObject({
      code: 0,
      out: expect.stringContaining('trusts 1 number.'),
    });
    expect(await book.trusted()).toEqual(['+447700900123 Anna']);
  });

  it.each<[string, string, string, string]>([
    [
      'a card without an end',
      'a.vcf',
      `${anna}BEGIN:VCARD\r\nFN:Ben\r\nTEL:1\r\n`,
      'line 6: found “the card has no END:VCARD”',
    ],
    ['a card that cannot be read', 'a.vcf', anna + card('FN;X="a:Ben', 'TEL:01923555001'), 'line 6: found'],
    ['no card at all', 'a.vcf', 'hello', 'expected BEGIN:VCARD'],
    [
      'a spreadsheet without a column of numbers',
      'a.csv',
      'name,mail\nAnna,a@example.org',
      'expected a first row that names the columns: name, number',
    ],
    ['nothing', 'a.csv', '', 'expected a first row that names the columns'],
    ['people without a number', 'a.csv', 'name,number\nAnna,', 'has no telephone number'],
    ['bytes that are no text', 'a.vcf', '\u0000\u0001\u0002\u0003\u0000\u0000', 'expected BEGIN:VCARD'],
  ])('%s', async (_, name, content, why) => {
    const book = await newDesk(name, content);
    expect(await book.import()).toMatchObject({ code: 1, err: expect.stringContaining(why) });
    expect(await book.trusted()).toEqual([]);
  });

  it('of more contacts than anybody can oversee: nothing is imported', async () => {
    const rows = Array.from({ length: 501 }, (_, index) => `Somebody,07700 ${900_000 + index}`);
    const book = await newDesk('a.csv', ['name,number', ...rows].join('\n'));
    expect(await book.import()).toMatchObject({ code: 1, err: expect.stringContaining('may trust 500 numbers') });
    expect(await book.trusted()).toEqual([]);
  });
});

it('a dry run tells what would be, and changes nothing', async () => {
  const book = await newDesk('a.vcf', anna);
  const { code, out } = await book.import('--dry-run');
  expect(code).toBe(0);
  expect(out).toContain('1 number would be added:\n  Anna Brown, 07700 900123');
  expect(out).toContain('Nothing was changed (--dry-run).');
  expect(await book.trusted()).toEqual([]);
});

it('what stood there stays, and a second import tells that nothing is new', async () => {
  const book = await newDesk('a.vcf', anna);
  await book.store.contacts.edit('room-12', ({ blocked }) => ({
    trusted: [{ number: '201', name: 'Kitchen' }],
    blocked,
  }));
  await book.import();
  const { out } = await book.import();
  expect(out).toContain('1 number stood there already.');
  expect(await book.trusted()).toEqual(['201 Kitchen', '+447700900123 Anna Brown']);
});
