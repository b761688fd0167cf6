import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../services/cli/decode.ts';
import { formatOf, listFormats, readLineList, tellFault, writeLineList } from '../../../services/cli/line-list.ts';
import { cleanName } from '../../../services/core/caller.ts';
import { screeningModes } from '../../../services/core/line.ts';
import { readNumber } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import type { StoredLine } from '../../../services/core/ports.ts';
import { storedLine } from '../../support/finished-call.ts';

const defaults = { pack: gb, area: 'Watford', staffPhone: 'staff' };
const header = 'id,number,resident,area,mode,trusted,blocked,record,ring_seconds,phone_secret';
const readCsv = (...rows: string[]) => readLineList([header, ...rows].join('\r\n'), 'csv', defaults);
const told = (list: ReturnType<typeof readLineList>) =>
  list.faults.map((fault) => tellFault('homes', list.unit, fault));

describe('a list as it should be', () => {
  const full = storedLine({ phoneSecret: 'Abcdef-123456' });

  it('is read from CSV, with the defaults for what is left out', () => {
    const list = readCsv(
      'room-12,01923 555012,Elsie Brown,Rickmansworth,guarded,01923 555100=Anna; 201=Kitchen,01923 555666,no,30,Abcdef-123456',
      'room-13,+44 1923 555013,Tom Hill,,,,,,,',
    );
    expect(list.faults).toEqual([]);
    expect(list.good.map(({ line }) => line)).toEqual([
      full,
      {
        id: 'room-13',
        number: '+441923555013',
        resident: 'Tom Hill',
        area: 'Watford',
        mode: 'guarded',
        trusted: [],
        blocked: [],
        recordCalls: false,
        toneWatch: true,
        ringSeconds: 30,
        phoneSecret: null,
      },
    ]);
  });

  it.each([
    ['no', false],
    ['yes', true],
    ['', true],
  ])('listens for dial tones where tone_watch is %j: %s', (written, toneWatch) => {
    const text = `id,number,resident,Tone Watch\nroom-1,01923 555001,Ann,${written}`;
    expect(readLineList(text, 'csv', defaults).good[0]?.line).toMatchObject({ toneWatch });
    const bad = readLineList(text.replace(/,\w*$/, ',maybe'), 'csv', defaults);
    expect(told(bad)).toEqual(['homes, row 2, tone_watch: found “maybe”, expected yes or no.']);
  });

  it.each([
    ['semicolons', 'id;number;resident\nroom-1;01923 555001;Ann\n'],
    ['tabs', 'id\tnumber\tresident\nroom-1\t01923 555001\tAnn\n'],
    [
      'a byte order mark, capitals, spaces and empty rows',
      '\ufeffID, Number ,Resident,\n\n,,,\nroom-1,01923 555001,Ann,\n',
    ],
    ['columns in another order', 'resident,ID,number,Ring seconds\nAnn,room-1,01923555001,30'],
    ['a number without its zero', 'id,number,resident\nroom-1,1923555001,Ann'],
  ])('is read from CSV with %s', (_, text) => {
    const list = readLineList(text, 'csv', defaults);
    expect(told(list)).toEqual([]);
    expect(list.good.map(({ line }) => [line.id, line.number, line.resident])).toEqual([
      ['room-1', '+441923555001', 'Ann'],
    ]);
  });

  it.each([
    ['a list under lines', 'lines:\n  - id: room-1\n    number: 01923555001\n    resident: Ann\n    record: no\n'],
    ['a bare list', '- { id: room-1, number: +441923555001, resident: Ann, area: }\n'],
    ['anchors', 'who: &ann Ann\nlines:\n  - id: room-1\n    number: "01923 555001"\n    resident: *ann\n'],
  ])('is read from YAML as %s', (_, text) => {
    const list = readLineList(text, 'yaml', defaults);
    expect(told(list)).toEqual([]);
    expect(list.good.map(({ line }) => [line.id, line.number, line.resident])).toEqual([
      ['room-1', '+441923555001', 'Ann'],
    ]);
  });

  it('is read from YAML with contacts as a list or as text', () => {
    const text = [
      'lines:',
      '  - id: room-1',
      '    number: 01923555001',
      '    resident: Ann',
      '    trusted: [{ number: 01923555100, name: Anna; Bob }, 201=Kitchen]',
      '    blocked: [01923 555666, "0033 1 23 45 67 89"]',
    ].join('\n');
    expect(readLineList(text, 'yaml', defaults).good[0]?.line).toMatchObject({
      trusted: [
        { number: '+441923555100', name: 'Anna; Bob' },
        { number: '201', name: 'Kitchen' },
      ],
      blocked: ['+441923555666', '+33123456789'],
    });
  });

  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .map(cleanName)
    .filter((clean) => clean !== '');
  const tricky = fc.constantFrom(
    '=SUM(A1)',
    '+1',
    '-x',
    '@me',
    "'=x",
    "O'Neil, Anna",
    'a"b',
    'x;y\\z',
    'yes',
    'null',
    '1e5',
  );
  const anyName = fc.oneof(name, tricky);
  const full4 = fc
    .tuple(fc.constantFrom('+441923', '+44770', '+33123', '+1202', '+4420'), fc.stringMatching(/^\d{5,8}$/))
    .map((parts) => readNumber(parts.join(''), gb))
    .filter(({ kind }) => kind === 'full')
    .map(({ number }) => number);
  const extension = fc.integer({ min: 200, max: 89_999 }).map(String);
  const anyLine = fc
    .record({
      id: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter((id) => !/^(trunk-|staff$)/.test(id)),
      number: full4,
      resident: anyName,
      area: anyName,
      mode: fc.constantFrom(...screeningModes),
      trusted: fc.uniqueArray(fc.record({ number: fc.oneof(full4, extension), name: anyName }), {
        maxLength: 4,
        selector: (contact) => contact.number,
      }),
      blocked: fc.uniqueArray(full4, { maxLength: 4 }),
      recordCalls: fc.boolean(),
      toneWatch: fc.boolean(),
      ringSeconds: fc.integer({ min: 5, max: 120 }),
      phoneSecret: fc.stringMatching(/^[A-Za-z0-9._~!@%^*+=:/-]{8,32}$/),
    })
    .map((line): StoredLine => {
      const trusted = line.trusted.filter(({ number }) => number !== '18000');
      return {
        ...line,
        trusted,
        blocked: line.blocked.filter((number) => trusted.every((one) => one.number !== number)),
      };
    });
  const anyLines = fc
    .uniqueArray(anyLine, { maxLength: 5, selector: (line) => line.id })
    .map((lines) => [...new Map(lines.map((line) => [line.number, line])).values()]);

  it.each(listFormats)('comes back from %s as it was written', (format) => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const list = readLineList(writeLineList(lines, format, gb, true), format, defaults);
        expect(told(list)).toEqual([]);
        expect(list.good.map(({ line }) => line)).toEqual(lines);
      }),
    );
  });

  it('gives a spreadsheet nothing to run', () => {
    fc.assert(
      fc.property(anyLines, (lines) => {
        const cells = readLineList(writeLineList(lines, 'csv', gb, true), 'csv', defaults).rows;
        expect(cells).toBe(lines.length);
        expect(writeLineList(lines, 'csv', gb, true)).not.toMatch(/(^|,)"?[=+\-@\t]/m);
      }),
    );
  });

  it('keeps the secrets to itself unless asked', () => {
    for (const format of listFormats) {
      const text = writeLineList([full], format, gb, false);
      expect(text).not.toContain(full.phoneSecret);
      expect(readLineList(text, format, defaults).good[0]?.line.phoneSecret).toBeNull();
    }
  });
});

describe('a list with faults', () => {
  const good = 'room-1,01923 555001,Ann,,,,,,,';
  it.each([
    ['Room 1,01923 555001,Ann,,,,,,,', 'homes, row 3, id: found “Room 1”, expected lower-case letters'],
    ['trunk-a,01923 555002,Ann,,,,,,,', 'homes, row 3, id: found “trunk-a”, expected a name that is not taken'],
    ['staff,01923 555002,Ann,,,,,,,', 'homes, row 3, id: found “staff”, expected a name that is not taken'],
    ['anonymous,01923 555002,Ann,,,,,,,', 'homes, row 3, id: found “anonymous”, expected a name that is not taken'],
    ['room-1,01923 555002,Ann,,,,,,,', 'homes, row 3, id: found “room-1”, expected an id that row 2 does not have'],
    [
      'room-2,+441923555001,Ann,,,,,,,',
      'homes, row 3, number: found “+441923555001”, expected a number that row 2 does not have',
    ],
    ['room-2,,Ann,,,,,,,', 'homes, row 3, number: found nothing, expected the telephone number callers dial'],
    ['room-2,12345,Ann,,,,,,,', 'homes, row 3, number: found “12345”, expected the telephone number'],
    ['room-2,4.41924E+11,Ann,,,,,,,', 'format the column as text'],
    ['room-2,01923 555002, ,,,,,,,', 'homes, row 3, resident: found nothing, expected the name'],
    [
      'room-2,01923 555002,Ann,,gaurded,,,,,',
      'homes, row 3, mode: found “gaurded”, expected announce, guarded, trusted-only, paused (did you mean guarded?).',
    ],
    [
      'room-2,01923 555002,Ann,,,01923 555100,,,,',
      'homes, row 3, trusted: found “01923 555100”, expected entries such as 01923 555001=Anna',
    ],
    [
      'room-2,01923 555002,Ann,,,Anna=01923 555100,,,,',
      'homes, row 3, trusted: found “Anna”, expected a telephone number',
    ],
    [
      'room-2,01923 555002,Ann,,,999=Police,,,,',
      'homes, row 3, trusted: found “999”, expected no 999: it never rings anybody',
    ],
    [
      'room-2,01923 555002,Ann,,,01923 555100=A; 01923555100=B,,,,',
      'homes, row 3, trusted: found “+441923555100”, expected each trusted number once',
    ],
    ['room-2,01923 555002,Ann,,,,nobody,,,', 'homes, row 3, blocked: found “nobody”, expected a telephone number'],
    ['room-2,01923 555002,Ann,,,01923 555100=A,+441923555100,,,', 'expected no number that is trusted as well (A)'],
    ['room-2,01923 555002,Ann,,,,,perhaps,,', 'homes, row 3, record: found “perhaps”, expected yes or no'],
    [
      'room-2,01923 555002,Ann,,,,,,300,',
      'homes, row 3, ring_seconds: found “300”, expected whole seconds between 5 and 120',
    ],
    ['room-2,01923 555002,Ann,,,,,,,geheim', 'homes, row 3, phone_secret: found “6 characters”, expected 8 to 128'],
    ['room-2,01923 555002,Brown,x, Ann,,,,,', 'homes, row 3, mode: found “Ann”'],
    ['room-2,01923 555002,Ann,,,,,,,,x', 'homes, row 3: found “x”, expected at most 10 cells'],
  ])('names what is wrong with %s', (row, sentence) => {
    const list = readCsv(good, row, 'room-3,01923 555003,Cid,,,,,,,');
    expect(told(list).join('\n')).toContain(sentence);
    expect(list.good.map(({ line }) => line.id)).toEqual(['room-1', 'room-3']);
    expect(list.rows).toBe(3);
  });

  it('names every fault of a row', () => {
    expect(readCsv('X,1,,,x,x,x,x,x,x').faults.map(({ column }) => column)).toEqual([
      'trusted',
      'id',
      'number',
      'resident',
      'mode',
      'blocked',
      'record',
      'ring_seconds',
      'phone_secret',
    ]);
  });

  it.each([
    [
      'csv',
      'id,number,residant\n',
      'homes, row 1: found “residant”, expected a column there is (did you mean resident?).',
    ],
    ['csv', 'id,number\n', 'homes, row 1, resident: found “id, number”, expected a first row that names the columns'],
    ['csv', 'id,id,number,resident\n', 'homes, row 1, id: found “id”, expected each column once.'],
    ['csv', '', 'homes, row 1, id: found nothing, expected a first row that names the columns'],
    ['csv', 'id,number,resident\nroom-1,"01923 555001,Ann\n', 'homes: found “Quote Not Closed'],
    ['yaml', 'lines: [', 'expected valid YAML'],
    ['yaml', 'homes: []', 'homes, line 1: found “no list of lines”, expected "lines:" and under it'],
    ['yaml', '- room-1\n', 'homes, line 1: found “room-1”, expected an entry such as'],
    [
      'yaml',
      '- id: room-1\n  number: 01923555001\n  resident: Ann\n\n- id: x y\n  nummer: 3\n',
      'homes, line 5: found “nummer”, expected a column there is (did you mean number?)',
    ],
    ['yaml', `a: &a [x, x]\nb: &b [${'*a, '.repeat(20)}]\nlines: [${'*b, '.repeat(20)}]\n`, 'expected plain YAML'],
  ] as const)('names what is wrong with a whole %s file', (format, text, sentence) => {
    expect(told(readLineList(text, format, defaults)).join('\n')).toContain(sentence);
  });

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...listFormats), fc.string({ unit: 'binary', maxLength: 500 }), (format, text) => {
        const list = readLineList(format === 'csv' ? `${header}\n${text}` : text, format, defaults);
        expect(list.good.length).toBeLessThanOrEqual(list.rows);
      }),
    );
  });
});

describe('what a file is', () => {
  it.each([
    ['homes.csv', '- id', 'csv'],
    ['homes.YAML', 'id,number', 'yaml'],
    ['-', 'id,number,resident\n', 'csv'],
    ['-', 'lines:\n  - id: x', 'yaml'],
    ['-', '# homes\n- id: x', 'yaml'],
  ])('%s beginning %j is %s', (name, text, format) => {
    expect(formatOf(name, text)).toBe(format);
  });

  it.each([
    ['UTF-8', Buffer.from('Zoë')],
    ['UTF-16 with its mark', Buffer.from('\ufeffZoë', 'utf16le')],
    ['Windows-1252', Buffer.from('Zoë', 'latin1')],
  ])('is decoded from %s', (_, bytes) => {
    expect(decodeText(bytes)).toBe('Zoë');
  });
});
