import { promptNames } from '../core/call.ts';
import type { CountryPack } from '../core/number.ts';

/**
 * Reads a dialplan as text and names what could not work: a way that leads nowhere, a prompt without its sound, an
 * emergency number that does not go straight out. Asterisk itself says nothing of these until a call gets there.
 */

export interface DialplanFiles {
  /** Templates and generated files by name: `extensions.conf`, `generated/extensions.conf`, `site/extensions.conf`. */
  readonly files: ReadonlyMap<string, string>;
  /** Names of the sound files, with their endings. */
  readonly sounds: ReadonlySet<string>;
  /** Where the sound files lie, for the sentence about one that is missing. */
  readonly folder: string;
  readonly pack: CountryPack;
}

/** Where telephones and trunks begin, and where Clearline sends a call that it decided upon. */
const required = [
  'from-trunk',
  'from-line',
  'emergency',
  'dial-out',
  'over-trunk',
  'fallback-inbound',
  'fallback-outbound',
];

/** Every fault, each with its file, its line where it has one, and what to do. */
export function dialplanFaults({ files, sounds, folder, pack }: DialplanFiles): string[] {
  const rows = readRows(files);
  const contexts = new Set(rows.map(({ context }) => context));
  return [
    ...required
      .filter((name) => !contexts.has(name))
      .map((name) => `extensions.conf: there is no context [${name}]. Restore it from Clearline's own file.`),
    ...rows.flatMap((row) =>
      targetsOf(row.text)
        .filter((name) => !contexts.has(name))
        .map((name) => missing(row, name)),
    ),
    ...endpointContexts(files)
      .filter(({ name }) => !contexts.has(name))
      .map(({ name, ...row }) => missing(row, name)),
    ...emergencyFaults(rows, pack),
    ...stasisFaults(rows),
    ...soundFaults(rows, sounds, folder),
    ...includeFaults(files),
  ];
}

interface Row {
  readonly file: string;
  readonly line: number;
  readonly context: string;
  /** Without its comment. */
  readonly text: string;
}

const place = ({ file, line }: Pick<Row, 'file' | 'line'>) => `${file}:${line}`;

function missing(row: Pick<Row, 'file' | 'line'>, name: string): string {
  return `${place(row)}: leads to the context [${name}], which there is not. Correct the name or add the context.`;
}

function readRows(files: ReadonlyMap<string, string>): Row[] {
  return [...files]
    .filter(([file]) => file.endsWith('extensions.conf'))
    .flatMap(([file, text]) => {
      let context = '';
      return text.split('\n').map((raw, index): Row => {
        const row = withoutComment(raw);
        const [, name] = /^\[([^\]]+)\]/.exec(row) ?? [];
        if (name !== undefined) context = name;
        return { file, line: index + 1, context, text: row };
      });
    });
}

function withoutComment(row: string): string {
  return row.replace(/(?<!\\);.*$/, '').trimEnd();
}

/** The contexts a row leads to, where they are named and not computed. */
function targetsOf(text: string): string[] {
  const names: string[] = [];
  const [, included] = /^\s*include\s*=>?\s*([^,\s]+)/.exec(text) ?? [];
  if (included) names.push(included);
  // MSet() has its commas escaped.
  const [, handler] = /hangup_handler_(?:push|wipe)\)=([^,)\\]+)\\?,/.exec(text) ?? [];
  if (handler) names.push(handler);
  const [, onAnswer] = /\b[UbB]\(([^)^]+)/.exec(text) ?? [];
  if (onAnswer) names.push(onAnswer);
  const [, ownChannel] = /\bLocal\/[^@]+@([^/,)]+)/.exec(text) ?? [];
  if (ownChannel) names.push(ownChannel);
  for (const { name, argument } of applicationsOf(text, ['Goto', 'Gosub', 'GotoIf', 'GosubIf'])) {
    const branches = name.endsWith('If')
      ? splitOutside(splitOutside(argument, '?').slice(1).join('?'), ':')
      : [argument];
    for (const branch of branches) {
      const parts = splitOutside(branch, ',');
      if (parts.length === 3 && parts[0]) names.push(parts[0].trim());
    }
  }
  return names.filter((name) => !name.includes('${'));
}

function applicationsOf(text: string, wanted: readonly string[]): { name: string; argument: string }[] {
  return [...text.matchAll(/\b([A-Za-z]+)\(/g)].flatMap(({ 0: head, 1: name = '', index }) => {
    if (!wanted.includes(name)) return [];
    const start = index + head.length;
    let depth = 1;
    let end = start;
    while (end < text.length && depth > 0) {
      if (text[end] === '(') depth++;
      if (text[end] === ')') depth--;
      end++;
    }
    return [{ name, argument: text.slice(start, depth === 0 ? end - 1 : end) }];
  });
}

function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character)) depth--;
    if (character === separator && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${character}`);
  }
  return parts;
}

function endpointContexts(files: ReadonlyMap<string, string>): { name: string; file: string; line: number }[] {
  return [...files]
    .filter(([file]) => file.endsWith('pjsip.conf'))
    .flatMap(([file, text]) =>
      text.split('\n').flatMap((raw, index) => {
        const [, name] = /^\s*context\s*=>?\s*(\S+)/.exec(withoutComment(raw)) ?? [];
        return name === undefined ? [] : [{ name, file, line: index + 1 }];
      }),
    );
}

/** Emergency calls leave by the dialplan alone: nothing of Clearline may stand in their way. */
function emergencyFaults(rows: readonly Row[], pack: CountryPack): string[] {
  const out = rows
    .filter(({ context, text }) => /^emergency/.test(context) && /\b(Stasis|AGI|System|Read)\(/i.test(text))
    .map(
      (row) =>
        `${place(row)}: an emergency call is handed to something that may not be there. Remove it from [${row.context}].`,
    );
  for (const number of Object.keys(pack.emergency)) {
    const way = new RegExp(`^\\s*exten\\s*=>?\\s*_?${number}!?,1,Goto\\(emergency,`);
    if (rows.some(({ context, text }) => context === 'from-line' && way.test(text))) continue;
    out.push(
      `extensions.conf: [from-line] does not send ${number} to [emergency]. Add: exten => _${number}!,1,Goto(emergency,${number},1)`,
    );
  }
  return out;
}

/** An application that is not there, or gives the call back, goes on to the next priority. */
function stasisFaults(rows: readonly Row[]): string[] {
  return rows.flatMap((row, index) => {
    if (!/\bStasis\(/.test(row.text)) return [];
    const next = rows.slice(index + 1).find(({ text }) => text.trim() !== '');
    if (next?.file === row.file && next.context === row.context && /^\s*same\s*=>?/.test(next.text)) return [];
    return [`${place(row)}: no way on after Stasis(). Add a line below it that goes to a fallback context.`];
  });
}

function soundFaults(rows: readonly Row[], sounds: ReadonlySet<string>, folder: string): string[] {
  const used = rows.flatMap((row) => [
    ...[...row.text.matchAll(/\$\{CLEARLINE_SOUNDS\}\/([a-z0-9-]+)/g)].map(([, name = '']) => ({ row, name })),
    ...[...row.text.matchAll(/Gosub\(say,s,1\(([a-z0-9-]+)\)/g)].map(([, name = '']) => ({ row, name })),
  ]);
  const without = (name: string) => ['wav', 'wav16'].filter((ending) => !sounds.has(`${name}.${ending}`));
  const digits = Array.from({ length: 10 }, (_, digit) => `digit-${digit}`);
  return [
    ...[...promptNames, ...digits].flatMap((name) =>
      without(name).map(
        (ending) =>
          `${folder}/${name}.${ending}: this prompt has no sound. Record it; Clearline's own come from npm run prompts`,
      ),
    ),
    ...used
      .filter(({ name }) => !promptNames.some((known) => known === name) && without(name).length > 0)
      .map(
        ({ row, name }) =>
          `${place(row)}: plays ${name}, which has no sound. Correct the name, or add it to prompts.yaml and run npm run prompts.`,
      ),
  ];
}

function includeFaults(files: ReadonlyMap<string, string>): string[] {
  return [...files].flatMap(([file, text]) =>
    [...text.matchAll(/^#include\s+"?([^"\s]+)/gm)].flatMap(([, name = '']) =>
      files.has(name)
        ? []
        : [`${file}: includes ${name}, which Clearline does not write. Use #tryinclude site/… for your own.`],
    ),
  );
}
