/**
 * Reads the name and address forms of SIP headers (RFC 3261 section 20.10 and 25.1; RFC 3966 for tel). Every step looks
 * for the next character of a kind, so that hostile text costs no more than its length, and nothing here throws.
 */

export interface NameAddress {
  /** Display name, unquoted and raw; empty where there is none. */
  readonly name: string;
  /** `tel`, `sip` or `sips`; empty where the text holds no address. */
  readonly scheme: string;
  /** Number or name before the @, percent-decoded, without its parameters. */
  readonly user: string;
  readonly host: string;
  /** Parameters of the user part, of the URI and of the header together, keys in lower case. */
  readonly params: ReadonlyMap<string, string>;
}

/** Reads a From header, or the comma-separated list a P-Asserted-Identity header may be. At most eight are read. */
export function readNameAddresses(header: string): NameAddress[] {
  return splitOutside(header, ',')
    .slice(0, 8)
    .map(readOne)
    .filter((address) => address.scheme !== '');
}

function readOne(text: string): NameAddress {
  const { name, rest } = takeName(text.trim());
  const open = rest.indexOf('<');
  const close = rest.indexOf('>', open);
  // Without angle brackets every parameter is the header's (RFC 3261 section 20), which is all the same here.
  const uri = open < 0 ? rest : rest.slice(open + 1, close < 0 ? undefined : close);
  const after = open < 0 || close < 0 ? '' : rest.slice(close + 1);
  const token = open < 0 ? '' : rest.slice(0, open).trim();
  return { name: name ?? token, ...readUri(uri.trim(), after) };
}

/** A quoted display name, if the text begins with one that ends; a stray quote is skipped. */
function takeName(text: string): { name: string | null; rest: string } {
  if (!text.startsWith('"')) return { name: null, rest: text };
  const end = closingQuote(text, 0);
  if (end < 0) return { name: null, rest: text.slice(1) };
  return { name: text.slice(1, end).replace(/\\([\s\S])/g, '$1'), rest: text.slice(end + 1) };
}

function readUri(uri: string, after: string): Omit<NameAddress, 'name'> {
  const colon = uri.indexOf(':');
  const scheme = uri.slice(0, Math.max(colon, 0)).toLowerCase();
  if (scheme !== 'sip' && scheme !== 'sips' && scheme !== 'tel') {
    return { scheme: '', user: '', host: '', params: new Map() };
  }
  const address = uri.slice(colon + 1);
  const at = scheme === 'tel' ? -1 : address.lastIndexOf('@');
  const userPart = scheme === 'tel' ? address : address.slice(0, Math.max(at, 0));
  const hostPart = scheme === 'tel' ? '' : address.slice(at + 1);
  const [user = '', ...userParams] = userPart.split(';');
  const [host = '', ...uriParams] = (hostPart.split('?')[0] ?? '').split(';');
  return {
    scheme,
    user: decode(user.split(':')[0] ?? ''),
    host: host.toLowerCase(),
    params: readParams([...userParams, ...uriParams, ...after.split(';').slice(1)]),
  };
}

function readParams(params: readonly string[]): Map<string, string> {
  const read = new Map<string, string>();
  for (const param of params) {
    const equals = param.indexOf('=');
    const key = (equals < 0 ? param : param.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? '' : param.slice(equals + 1).trim();
    if (key !== '' && !read.has(key)) read.set(key, value);
  }
  return read;
}

/** Splits a header at a separator that stands outside quotes and angle brackets. */
export function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let bracketed = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"' && !bracketed) {
      const end = closingQuote(text, at);
      // A quote nobody closes is a stray character, not the start of a name as long as the header.
      if (end < 0) break;
      at = end;
    } else if (character === '<') bracketed = true;
    else if (character === '>') bracketed = false;
    else if (character === separator && !bracketed) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
