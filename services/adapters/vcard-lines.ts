/**
 * A card's lines as a parser of versions 3.0 and 4.0 takes them. Phones still write version 2.1, with types that have no name
 * (`TEL;CELL:…`) and quoted-printable; and photographs, which nobody needs here.
 */

const wanted = /^(?:[\w-]+\.)?(FN|N|ORG|TEL)[;:]/i;

/** `lines` are those between BEGIN and END. What is not wanted of a card is left out. */
export function unfoldCard(lines: readonly string[]): string {
  const properties = joinLines(lines).filter((line) => wanted.test(line));
  return ['BEGIN:VCARD', 'VERSION:3.0', ...properties.map(modernise), 'END:VCARD'].join('\r\n');
}

/** A line that begins with white space goes on with the one before (RFC 6350, 3.2); so does one after a soft break. */
function joinLines(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    if (before !== undefined && isQuoted(before) && before.endsWith('='))
      joined.splice(-1, 1, before.slice(0, -1) + line);
    else if (before !== undefined && /^[ \t]/.test(line)) joined.splice(-1, 1, before + line.slice(1));
    else joined.push(line);
  }
  return joined;
}

function isQuoted(line: string): boolean {
  return /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(line);
}

function modernise(line: string): string {
  // A colon inside quotes belongs to a parameter.
  const colon = /^(?:[^":]|"[^"]*")*/.exec(line)?.[0].length ?? 0;
  // Whoever reads it next says what is wrong with it.
  if (line[colon] !== ':') return line;
  const [name = '', ...params] = line.slice(0, colon).split(';');
  const value = line.slice(colon + 1);
  const charset = params.find((param) => /^CHARSET=/i.test(param))?.slice('CHARSET='.length) ?? 'utf-8';
  const kept = params.filter((param) => !/^(CHARSET=|(ENCODING=)?(QUOTED-PRINTABLE|8BIT|7BIT)$)/i.test(param));
  const named = kept.map((param) => (param.includes('=') ? param : `TYPE=${param}`));
  return `${[name, ...named].join(';')}:${isQuoted(line) ? decodeQuoted(value, charset) : value}`;
}

/** Quoted-printable (RFC 2045, 6.7). A line break in it is escaped as versions 3.0 and 4.0 do. */
function decodeQuoted(value: string, charset: string): string {
  const bytes = Uint8Array.from(
    value
      .replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
      .split('')
      .map((character) => character.charCodeAt(0) & 0xff),
  );
  return decoderOf(charset)
    .decode(bytes)
    .replace(/\r\n|\r|\n/g, '\\n');
}

function decoderOf(charset: string): { decode(bytes: Uint8Array): string } {
  try {
    return new TextDecoder(charset.trim());
  } catch {
    return new TextDecoder('windows-1252');
  }
}
