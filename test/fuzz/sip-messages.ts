import type { Dice } from '../support/dice.ts';
import type { Peer } from '../support/phone/wire.ts';

/** SIP requests as an honest party sends them: what the torture and the mutations begin with. */

/** Who sends, and what for. */
export interface Party {
  readonly local: Peer;
  readonly transport: 'UDP' | 'TCP';
  readonly asterisk: Peer;
  /** The user part of From and Contact. */
  readonly user: string;
  /** The Authorization line for this method and URI; null for whoever has no password. */
  readonly authorise: ((method: string, uri: string) => string) | null;
  /** Numbers this party may dial. */
  readonly numbers: readonly [string, ...string[]];
  /** Headers of a request inside a call that is up, its From, To and Call-ID; empty where there is none. */
  readonly inside: readonly string[];
}

export const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'INFO',
  'REFER',
  'UPDATE',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'MESSAGE',
  'PUBLISH',
] as const;

export function uriOf({ asterisk }: Party, user: string): string {
  return `sip:${user}@${asterisk.host}:${asterisk.port}`;
}

export function sdp({ local }: Party, media = 'm=audio 4000 RTP/AVP 8 0 101'): string {
  const lines = [
    'v=0',
    `o=- 1 1 IN IP4 ${local.host}`,
    's=-',
    `c=IN IP4 ${local.host}`,
    't=0 0',
    media,
    'a=rtpmap:101 telephone-event/8000',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export interface Changes {
  readonly uri?: string;
  readonly callId?: string;
  /** Whole lines in place of those with the same name, or beside them. */
  readonly lines?: readonly string[];
  /** Names of headers that are left out. */
  readonly without?: readonly string[];
  readonly body?: string;
  readonly type?: string;
}

/** A request, complete but for what `changes` says. Outside a call, unless `changes` brings a call's headers. */
export function request(party: Party, dice: Dice, method: string, changes: Changes = {}): string {
  const { local, transport, user } = party;
  const uri = changes.uri ?? uriOf(party, method === 'REGISTER' ? '' : dice.pick(party.numbers)).replace(':@', ':');
  const contact = `<sip:${user}@${local.host}:${local.port}${transport === 'TCP' ? ';transport=tcp' : ''}>`;
  const body = changes.body ?? (method === 'INVITE' || method === 'UPDATE' ? sdp(party) : '');
  const own = [
    `Via: SIP/2.0/${transport} ${local.host}:${local.port};rport;branch=z9hG4bK${dice.name()}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@${local.host}>;tag=${dice.name()}`,
    `To: <${method === 'REGISTER' ? uriOf(party, user) : uri}>`,
    `Call-ID: ${changes.callId ?? dice.name()}@fuzz`,
    `CSeq: ${1 + dice.below(1000)} ${method}`,
    `Contact: ${contact}`,
    ...(method === 'REGISTER' ? ['Expires: 300'] : []),
    ...(party.authorise ? [party.authorise(method, uri)] : []),
    ...(body === '' ? [] : [`Content-Type: ${changes.type ?? 'application/sdp'}`]),
  ];
  const lines = changes.lines ?? [];
  const replaced = new Set([...lines.map(nameOf), ...(changes.without ?? []).map((name) => name.toLowerCase())]);
  const kept = own.filter((line) => !replaced.has(nameOf(line)));
  const length = replaced.has('content-length') ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`${method} ${uri} SIP/2.0`, ...kept, ...lines, ...length, '', body].join('\r\n');
}

/** What an honest party might send: mostly calls, and now and then something inside the call that is up. */
export function good(party: Party, dice: Dice): string {
  const [inside] = party.inside;
  if (inside !== undefined && dice.happens(0.25)) {
    const method = dice.pick(['INVITE', 'BYE', 'CANCEL', 'INFO', 'REFER', 'OPTIONS', 'UPDATE']);
    return request(party, dice, method, { ...extras(party, dice, method), lines: party.inside });
  }
  const method = dice.happens(0.4) ? 'INVITE' : dice.pick([...methods]);
  return request(party, dice, method, extras(party, dice, method));
}

function extras(party: Party, dice: Dice, method: string): Changes {
  switch (method) {
    case 'INFO':
      return { body: `Signal=${dice.pick(['1', '9', '#'])}\r\nDuration=160\r\n`, type: 'application/dtmf-relay' };
    case 'REFER':
      return { lines: [`Refer-To: <${uriOf(party, dice.pick(party.numbers))}>`] };
    case 'SUBSCRIBE':
    case 'NOTIFY':
    case 'PUBLISH':
      return { lines: [`Event: ${dice.pick(['dialog', 'message-summary', 'presence', 'refer'])}`] };
    case 'MESSAGE':
      return { body: 'your account is compromised', type: 'text/plain' };
    default:
      return {};
  }
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).trim().toLowerCase();
}
