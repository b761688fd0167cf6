import { Buffer } from 'node:buffer';

/** A header line as it goes on the wire: text, or bytes where a test wants what no text can say (NUL, broken UTF-8). */
export type Line = string | Uint8Array;

/** One SIP message, taken apart no further than a telephone needs (RFC 3261 §7). */
export interface SipMessage {
  /** The request's method; empty for a response. */
  readonly method: string;
  /** The response's status; 0 for a request. */
  readonly status: number;
  readonly uri: string;
  /** In order; names in lower case, compact forms written out. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const compactForms: Record<string, string> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  k: 'supported',
};

/** Null for what is no SIP message, such as the keep-alives Asterisk may send. */
export function parseMessage(datagram: Buffer): SipMessage | null {
  const text = datagram.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [start = '', ...lines] = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const [first = '', second = '', third = ''] = start.split(' ');
  const isResponse = first === 'SIP/2.0';
  if (!isResponse && third !== 'SIP/2.0') return null;
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return [compactForms[name] ?? name, line.slice(colon + 1).trim()];
  });
  return {
    method: isResponse ? '' : first,
    status: isResponse ? Number(second) : 0,
    uri: isResponse ? '' : second,
    headers,
    body: text.slice(end + 4),
  };
}

/** The first header of that name; an empty string where there is none. */
export function header(message: SipMessage, name: string): string {
  return headerValues(message, name)[0] ?? '';
}

function headerValues(message: SipMessage, name: string): string[] {
  return message.headers.filter(([found]) => found === name.toLowerCase()).map(([, value]) => value);
}

/** `sip:…` of a From, To or Contact value, without the display name and the parameters outside the brackets. */
export function uriOf(value: string): string {
  return /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? '';
}

/** The tag of a From or To value; an empty string outside a dialog. */
export function tagOf(value: string): string {
  return /;\s*tag=([^;\s]+)/i.exec(value.slice(value.lastIndexOf('>') + 1))?.[1] ?? '';
}

/** The display name of a From value, its quotes and escapes undone: what a telephone shows. */
export function displayNameOf(value: string): string {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, '$1');
  return value.includes('<') ? value.slice(0, value.indexOf('<')).trim() : '';
}

/** The user part of a From value: the number a telephone shows. */
export function numberOf(value: string): string {
  return /^sips?:([^@;]*)@/.exec(uriOf(value))?.[1] ?? '';
}

/** The method a response answers, or a request's own. */
export function methodOf(message: SipMessage): string {
  return message.method || (header(message, 'cseq').split(/\s+/)[1] ?? '');
}

/** What tells one transaction from another: its branch and method (RFC 3261 §17). */
export function transactionOf(message: SipMessage): string {
  return `${/branch=([^;,\s]+)/.exec(header(message, 'via'))?.[1] ?? ''} ${methodOf(message)}`;
}

/** The Q.850 cause of a Reason header (RFC 3326); null where the far end gave none. */
export function causeOf(message: SipMessage): number | null {
  for (const reason of headerValues(message, 'reason')) {
    const cause = /^Q\.850\s*;.*?cause=(\d+)/i.exec(reason)?.[1];
    if (cause !== undefined) return Number(cause);
  }
  return null;
}

/** The datagram for a start line, header lines and a body. Content-Length is added; nothing is checked or escaped. */
export function compose(start: string, lines: readonly Line[], body = ''): Buffer {
  const parts: Line[] = [start, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body];
  return Buffer.concat(parts.flatMap((part, i) => [Buffer.from(i === 0 ? '' : '\r\n'), Buffer.from(part)]));
}

/** A response carries back what routes it (RFC 3261 §8.2.6.2). `tag` is ours, added to a To that has none yet. */
export function answerTo(
  request: SipMessage,
  status: number,
  reason: string,
  tag: string,
  more: readonly Line[] = [],
  body = '',
): Buffer {
  const to = header(request, 'to');
  const lines = [
    ...headerValues(request, 'via').map((via) => `Via: ${via}`),
    ...headerValues(request, 'record-route').map((route) => `Record-Route: ${route}`),
    `From: ${header(request, 'from')}`,
    `To: ${tagOf(to) === '' ? `${to};tag=${tag}` : to}`,
    `Call-ID: ${header(request, 'call-id')}`,
    `CSeq: ${header(request, 'cseq')}`,
    ...more,
  ];
  return compose(`SIP/2.0 ${status} ${reason}`, lines, body);
}
