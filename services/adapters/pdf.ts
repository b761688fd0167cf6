import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { open } from 'fontkit';
import pdfmake from 'pdfmake';
import type { Content, StyleDictionary, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Block } from '../core/evidence/report-words.ts';

/**
 * Draws a report as a PDF (pdfmake; the font is DejaVu, which has most of the world's letters). The same blocks, title and
 * time give the same bytes.
 */

const fontFolder = join(dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/package.json'))), 'ttf');
const files = { normal: 'DejaVuSans.ttf', bold: 'DejaVuSans-Bold.ttf', fixed: 'DejaVuSansMono.ttf' };
const pathOf = (file: string) => join(fontFolder, file);

pdfmake.setFonts({
  text: { normal: pathOf(files.normal), bold: pathOf(files.bold) },
  fixed: { normal: pathOf(files.fixed), bold: pathOf(files.fixed) },
});
// Nothing that a report quotes can make it read a file or ask the network.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => dirname(path) === fontFolder);

export interface PdfHead {
  /** Stands on each page, and in the file's own description. */
  readonly title: string;
  /** UTC milliseconds: the date the file gives as its own. */
  readonly at: number;
  /** In large print, for people who see badly: a page to hang up. */
  readonly large?: boolean;
}

/** The PDF's bytes. */
export async function drawPdf(blocks: readonly Block[], { title, at, large = false }: PdfHead): Promise<Buffer> {
  const show = await newShow();
  const definition: TDocumentDefinitions = {
    info: { title: show(title), creator: 'Clearline', producer: 'Clearline', creationDate: new Date(at) },
    language: 'en-GB',
    pageSize: 'A4',
    pageMargins: [50, 60, 50, 60],
    content: blocks.map((block) => (large && 'facts' in block ? drawLarge(block.facts, show) : draw(block, show))),
    styles: large ? largeStyles : styles,
    // A heading at the foot of a page, without what it stands over, says nothing.
    pageBreakBefore: ({ headlineLevel, startPosition }) =>
      headlineLevel !== undefined && startPosition.verticalRatio > lowestHeading,
    defaultStyle: { font: 'text', fontSize: 10, lineHeight: 1.25 },
    header: { text: show(title), style: 'edge', margin: [50, 28, 50, 0] },
    footer: (page, pages) => ({ text: `Page ${page} of ${pages}`, style: 'edge', margin: [50, 20, 50, 0] }),
  };
  return pdfmake.createPdf(definition).getBuffer();
}

/** Where on a page, from its top, a heading still has room for the beginning of a table below it. */
const lowestHeading = 0.86;

const styles: StyleDictionary = {
  title: { fontSize: 26, bold: true },
  under: { fontSize: 13, margin: [0, 0, 0, 18] },
  heading: { fontSize: 16, bold: true, margin: [0, 16, 0, 6] },
  subheading: { fontSize: 12, bold: true, margin: [0, 12, 0, 4] },
  text: { margin: [0, 2, 0, 6] },
  alarm: { bold: true, fillColor: '#fbe3e3' },
  name: { bold: true },
  edge: { fontSize: 8, color: '#444444' },
};

/** At least 18 points, as for people who see badly; the numbers larger still. */
const largeStyles: StyleDictionary = {
  ...styles,
  title: { fontSize: 36, bold: true },
  under: { fontSize: 20, margin: [0, 0, 0, 10] },
  heading: { fontSize: 24, bold: true, margin: [0, 12, 0, 6] },
  text: { fontSize: 19, margin: [0, 2, 0, 6] },
  name: { fontSize: 20 },
  number: { fontSize: 30, bold: true, noWrap: true },
  edge: { fontSize: 12, color: '#444444' },
};

type Show = (text: string) => string;

function draw(block: Block, show: Show): Content {
  if ('title' in block)
    return [
      { text: block.title, style: 'title' },
      { text: show(block.under), style: 'under' },
    ];
  if ('heading' in block) {
    const page = block.page ? { pageBreak: 'before' as const } : {};
    return { text: show(block.heading), style: 'heading', headlineLevel: 1, ...page };
  }
  if ('subheading' in block) return { text: show(block.subheading), style: 'subheading', headlineLevel: 2 };
  if ('text' in block) return { text: show(block.text), style: 'text' };
  if ('alarm' in block) {
    return { table: { widths: [486], body: [[{ text: show(block.alarm), style: 'alarm' }]] }, margin: [0, 4, 0, 6] };
  }
  if ('facts' in block) return drawFacts(block.facts, show);
  return drawTable(block, show);
}

function drawFacts(facts: readonly (readonly [string, string])[], show: Show): Content {
  if (facts.length === 0) return [];
  const body = facts.map(([name, value]): TableCell[] => [{ text: show(name), style: 'name' }, { text: show(value) }]);
  // Widths are given: a column that may grow does so for a long word, beyond the page.
  return { table: { widths: [140, 343], body }, layout: 'noBorders', margin: [0, 2, 0, 6] };
}

/** What is to be read from afar, under its name. */
function drawLarge(facts: readonly (readonly [string, string])[], show: Show): Content {
  return facts.map(([name, value]) => ({
    stack: [
      { text: show(name), style: 'name' },
      { text: show(value), style: 'number' },
    ],
    unbreakable: true,
    margin: [0, 0, 0, 12],
  }));
}

/** Characters of a cell that fit on one page whatever they are shown as. */
const mostUnbroken = 400;

function drawTable({ head, rows, widths, fixed }: Extract<Block, { rows: unknown }>, show: Show): Content {
  const whole = widths.reduce((sum, width) => sum + width, 0);
  // Padding and lines of each column come out of the 495 points that A4 leaves between the margins.
  const room = 495 - widths.length * 9;
  const cell = (text: string, column: number): TableCell =>
    fixed && column > 0 ? { text: show(text), font: 'fixed', fontSize: 8.5 } : { text: show(text), fontSize: 9 };
  return {
    table: {
      headerRows: 1,
      keepWithHeaderRows: 1,
      dontBreakRows: rows.every((row) => row.every((text) => text.length <= mostUnbroken)),
      widths: widths.map((width) => (room * width) / whole),
      body: [
        head.map((text) => ({ text: show(text), style: 'name', fontSize: 9 })),
        ...rows.map((row) => row.map(cell)),
      ],
    },
    layout: { hLineWidth: () => 0.5, vLineWidth: () => 0, hLineColor: () => '#888888' },
    margin: [0, 2, 0, 8],
  };
}

/** Control characters, those that turn the direction of what follows or take no room, and halves of a character. */
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Variation_Selector}\u115f\u1160\u3164\\]|\u034f/u;
/** An accent stands on the letter before it: a pile of them would stand on the lines above. */
const accent = /\p{M}/u;
const mostAccents = 2;

/** Shows every character as itself where it is safe and the font has it, else as `\u{…}` with its number. */
async function newShow(): Promise<Show> {
  const fonts = await Promise.all(Object.values(files).map((file) => open(pathOf(file))));
  const isSafe = remember((character) => {
    const code = character.codePointAt(0) ?? 0;
    const isDrawn = fonts.every((font) => 'hasGlyphForCodePoint' in font && font.hasGlyphForCodePoint(code));
    return isDrawn && !unsafe.test(character);
  });
  return (text) => {
    let safe = '';
    let accents = 0;
    for (const character of text) {
      accents = accent.test(character) ? accents + 1 : 0;
      const isShown = isSafe(character) && accents <= mostAccents;
      safe += isShown ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`;
    }
    return safe.replace(longWord, (word) => word.replace(piece, '$&\u200b'));
  };
}

/**
 * pdfmake takes seconds, or for ever, to break a word of thousands of letters: such a one gets places to break, which are not
 * drawn. Digests and names of files are shorter, and can be copied as they stand.
 */
const longWord = /\S{129,}/g;
const piece = /.{32}/gu;

function remember<T>(answer: (character: string) => T): (character: string) => T {
  const known = new Map<string, T>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const now = answer(character);
    known.set(character, now);
    return now;
  };
}
