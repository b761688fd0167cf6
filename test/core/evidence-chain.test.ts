import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accountOf,
  findChange,
  makeCallFile,
  readCallFile,
  writeCallFile,
} from '../../services/core/evidence/call-file.ts';
import {
  type ChainHead,
  type ChainLink,
  emptyChain,
  linkCall,
  linkRemoval,
  type StoredAccount,
} from '../../services/core/evidence/chain.ts';
import {
  type ChainFault,
  checkEnd,
  checkLink,
  type LinkedAccount,
  nothingRead,
} from '../../services/core/evidence/check-chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A chain over what happened to a few calls, as a database would hold it. */
interface Book {
  readonly links: ChainLink[];
  readonly stored: Map<string, StoredAccount>;
  head: ChainHead;
}

type Happening = { readonly call: string; readonly account: StoredAccount | null };

function write(happenings: readonly Happening[]): Book {
  const book: Book = { links: [], stored: new Map(), head: emptyChain };
  for (const [at, { call, account }] of happenings.entries()) {
    const link = account
      ? linkCall(book.head, account, at, sha256)
      : linkRemoval(book.head, { call, by: 'retention', why: 'old' }, at, sha256);
    if (account) book.stored.set(call, account);
    else book.stored.delete(call);
    book.links.push(link);
    book.head = link;
  }
  return book;
}

function check({ links, stored, head }: Book): ChainFault[] {
  let read = nothingRead;
  const faults: ChainFault[] = [];
  for (const [index, link] of links.entries()) {
    const newest = !links.some((each, later) => later > index && each.call === link.call);
    const next: LinkedAccount = { link, newest, stored: newest ? (stored.get(link.call) ?? null) : null };
    const checked = checkLink(read, next, sha256);
    faults.push(...checked.faults);
    read = checked.read;
  }
  return [...faults, ...checkEnd(read, head)];
}

const happening = fc
  .record({
    call: fc.constantFrom('a', 'b', 'c'),
    revision: fc.nat(2),
    text: fc.string({ unit: 'binary' }),
    gone: fc.boolean(),
  })
  .map(({ call, revision, text, gone }): Happening => {
    const account = { call, revision, record: JSON.stringify(text), journal: JSON.stringify([text, call]) };
    return { call, account: gone ? null : account };
  });
const happenings = fc.array(happening, { minLength: 1, maxLength: 12 });

/** Another value of the same type. */
function other(value: string | number | null): string | number {
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'x';
  const [first = 'x'] = value;
  return `${first === '0' ? '1' : '0'}${value.slice(1)}`;
}

describe('the chain', () => {
  test('is in order over whatever happened', () => {
    fc.assert(
      fc.property(happenings, (all) => {
        expect(check(write(all))).toEqual([]);
      }),
    );
  });

  test('names the link of which anything at all was changed, and no other', () => {
    const what = fc.constantFrom<keyof ChainLink>(
      'at',
      'revision',
      'record',
      'journal',
      'by',
      'why',
      'previous',
      'hash',
    );
    fc.assert(
      fc.property(happenings, fc.nat(), what, (all, pick, key) => {
        const book = write(all);
        const at = pick % book.links.length;
        const link = book.links[at] as ChainLink;
        book.links[at] = { ...link, [key]: other(link[key]) } as ChainLink;
        const faults = check(book).filter((fault) => fault.what === 'link');
        expect(faults.map((fault) => fault.link)).toEqual([at + 1]);
      }),
    );
  });

  test('names the call of which a byte of record or journal was changed', () => {
    fc.assert(
      fc.property(
        happenings,
        fc.constantFrom<'record' | 'journal'>('record', 'journal'),
        fc.nat(),
        (all, what, pick) => {
          const book = write(all);
          const [call, account] = [...book.stored][0] ?? [];
          fc.pre(call !== undefined && account !== undefined);
          const text = account?.[what] ?? '';
          const at = pick % text.length;
          const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
          book.stored.set(call ?? '', { ...(account as StoredAccount), [what]: changed });
          const newest = book.links.findLast((link) => link.call === call)?.seq;
          expect(check(book)).toMatchObject([{ what, call, link: newest, found: sha256(changed) }]);
        },
      ),
    );
  });

  test('names a link that was taken out, wherever it was', () => {
    fc.assert(
      fc.property(happenings, fc.nat(), (all, pick) => {
        const book = write(all);
        const at = pick % book.links.length;
        const isLast = at === book.links.length - 1;
        book.links.splice(at, 1);
        expect(check(book)).toContainEqual(expect.objectContaining({ what: isLast ? 'head' : 'row', link: at + 1 }));
      }),
    );
  });

  test('names the first link that a forger put in another’s place, who made the rest fit', () => {
    const book = write([0, 1, 2, 3].map((index) => ({ call: `c${index}`, account: account(`c${index}`) })));
    const [kept] = book.links;
    const forged = linkCall(kept as ChainLink, { ...account('c1'), record: '"forged"' }, 1, sha256);
    book.links[1] = forged;
    book.stored.set('c1', { ...account('c1'), record: '"forged"' });
    expect(check(book)).toMatchObject([
      { what: 'link', link: 3, why: expect.stringContaining('does not follow link 2') },
    ]);
  });
});

function account(call: string): StoredAccount {
  return { call, revision: 0, record: '{}', journal: '[]' };
}

describe('a call’s file', () => {
  const json = fc.jsonValue({ maxDepth: 2 });
  const stored = fc
    .record({ record: json, journal: fc.array(json, { maxLength: 6 }), revision: fc.nat(3) })
    .map(({ record, journal, revision }): StoredAccount => {
      return { call: '1.2', revision, record: JSON.stringify(record), journal: JSON.stringify(journal) };
    });

  test('gives back the very texts that are stored', () => {
    fc.assert(
      fc.property(stored, (each) => {
        const file = readCallFile(writeCallFile(makeCallFile(each, sha256)));
        expect(typeof file === 'string' ? file : accountOf(file)).toEqual(each);
      }),
    );
  });

  test('names the entry of its journal that was changed', () => {
    fc.assert(
      fc.property(stored, fc.nat(), (each, pick) => {
        const file = makeCallFile(each, sha256);
        fc.pre(file.journal.length > 0);
        const at = pick % file.journal.length;
        const journal = file.journal.map((entry, index) => (index === at ? { ...entry, entry: ['changed'] } : entry));
        expect(findChange(writeCallFile({ ...file, journal }), sha256)).toBe(
          `in journal entry ${at + 1} of ${journal.length}`,
        );
      }),
    );
  });

  test.each([
    ['another id', (text: string) => text.replace('"1.2"', '"1.3"'), 'in the record, in the call’s id'],
    ['another record', (text: string) => text.replace('"here"', '"there"'), 'in the record'],
    ['a broken text', (text: string) => text.replace('{', '['), 'so that it is no JSON any more'],
    ['a missing name', (text: string) => text.replace('recordHash', 'recordHush'), 'in the names at its top'],
    [
      'an entry without its hash',
      (text: string) => text.replace('"hash"', '"hush"'),
      'in journal entry 1, whose names',
    ],
    ['another layout', (text: string) => text.replace('\n', '\t'), 'at character 1, outside record and journal'],
    ['nothing but null', () => 'null', 'in the names at its top'],
  ])('says where %s is', (_, change, words) => {
    const text = writeCallFile(makeCallFile({ call: '1.2', revision: 0, record: '"here"', journal: '[1,2]' }, sha256));
    expect(findChange(change(text), sha256)).toContain(words);
  });
});
