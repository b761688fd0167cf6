import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawPdf } from '../../../services/adapters/pdf.ts';
import type { Block } from '../../../services/core/evidence/report-words.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-pdf-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const head = { title: 'Evidence: incident-1', at: Date.UTC(2026, 10, 23, 10) };

async function textOf(blocks: readonly Block[], ...options: string[]): Promise<string> {
  const file = join(folder, 'drawn.pdf');
  writeFileSync(file, await drawPdf(blocks, head));
  return execFileSync('pdftotext', [...options, file, '-'], { maxBuffer: 64_000_000 }).toString();
}

/** A block of each kind that quotes this text; headings and heads are our own words, with a number or a name at most. */
function everyBlock(text: string): Block[] {
  const short = text.slice(0, 150);
  return [
    { title: 'Evidence', under: short },
    { heading: short },
    { subheading: short },
    { text },
    { alarm: text.slice(0, 600) },
    { facts: [[short, text]] },
    {
      head: ['a', 'b'],
      rows: [
        ['one', text],
        ['two', short],
      ],
      widths: [1, 3],
    },
    { head: ['a', 'b'], rows: [['one', text.slice(0, 300)]], widths: [1, 4], fixed: true },
  ];
}

test.each([
  ['one word of 10 kB', 'x'.repeat(10_000)],
  ['10 kB of wide letters', 'W'.repeat(10_000)],
  ['10 kB of what cannot be shown', '\u202e\0\ud800'.repeat(3000)],
  ['10 kB of words', 'Do not tell anybody. '.repeat(500)],
  ['piled accents', 'a\u0301\u0302\u0303\u0304'.repeat(500)],
])('nothing leaves the page: %s', async (_, text) => {
  const pages = await textOf(everyBlock(text), '-bbox');
  const words = [...pages.matchAll(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"/g)];
  expect(words.length).toBeGreaterThan(100);
  for (const [word, ...box] of words) {
    const [left = 0, top = 0, right = 0, bottom = 0] = box.map(Number);
    // A4 is 595 by 842 points; the margins at the sides are 50.
    expect([left >= 49, right <= 546, top >= 20, bottom <= 822], word).toEqual([true, true, true, true]);
  }
});

test('whatever is quoted is drawn, safely and without a word lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), async (quoted) => {
      const told = await textOf([{ text: `before ${quoted} after` }]);
      expect(told).toContain('before');
      expect(told.replace(/\s/g, '')).toContain('after');
      expect(told).not.toMatch(/[\0\u200b\u202d\u202e\u2066-\u2069\ufeff]/);
    }),
    { numRuns: 10 },
  );
});

test('a stranger’s text cannot pass for a character that is shown as its number', async () => {
  const told = await textOf([{ text: 'one \\u{202e} two \u202e three' }]);
  expect(told).toContain('one \\u{5c}u{202e} two \\u{202e} three');
});

test('a heading stands over what it belongs to, on the same page', async () => {
  const filler: Block[] = Array.from({ length: 30 }, (_, line) => ({ text: `line ${line}` }));
  const table: Block = { head: ['Name', 'Value'], rows: [['first', 'row']], widths: [1, 1] };
  for (let lines = 24; lines < 30; lines += 1) {
    const pages = (await textOf([...filler.slice(0, lines), { subheading: 'Below stands a table' }, table])).split(
      '\f',
    );
    const page = pages.find((each) => each.includes('Below stands a table'));
    expect(page, `${lines} lines before it`).toContain('first');
  }
});

test('the same report gives the same bytes', async () => {
  const blocks = everyBlock('Elsie Brown');
  expect(await drawPdf(blocks, head)).toEqual(await drawPdf(blocks, head));
});
