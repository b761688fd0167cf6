/**
 * Copies of SIP messages as Asterisk's res_hep sends them (HEP version 3, in Homer's specification "HEPv3 Network Protocol"):
 * `HEP3`, the packet's length, then chunks of vendor, type, length and value. Read here with no more of the SIP message than
 * tells who said goodbye and what was answered.
 */

/** What a SIP message shows of the call it belongs to. */
export interface SipGlimpse {
  /** When Asterisk sent or received it, milliseconds since the epoch. */
  readonly at: number;
  /** As Asterisk itself read it: the packet's correlation id, with `uuid_type = call-id`. */
  readonly callId: string;
  /** The method of a request, or of the request that a response answers. */
  readonly method: string;
  /** The response's status; null for a request. */
  readonly status: number | null;
  readonly sequence: number;
  /** Empty where there is none. */
  readonly fromTag: string;
  readonly toTag: string;
  /** What a challenge (401) asks with, when it is Asterisk's own. */
  readonly nonce?: string;
}

/** A message on its way between Asterisk and a far end. */
export interface SipCopy extends SipGlimpse {
  readonly source: SipPeer;
  readonly destination: SipPeer;
}

/** The same with the answer to who sent it. */
export interface SipSeen extends SipGlimpse {
  readonly sentBy: 'us' | 'them';
}

export interface SipPeer {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly port: number;
}

/** Chunk types of vendor 0, the generic ones. */
const chunk = {
  source4: 0x03,
  destination4: 0x04,
  source6: 0x05,
  destination6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  protocol: 0x0b,
  password: 0x0e,
  payload: 0x0f,
  correlation: 0x11,
} as const;
const sip = 1;
const longestCallId = 1024;
/** The headers read stand near the beginning; the body is never looked at. */
const readOfMessage = 16_384;

/**
 * Null for anything but an intact copy of a SIP message that carries this password. Never throws, and takes time in
 * proportion to the packet, whatever its bytes are.
 */
export function readHep(packet: Uint8Array, password: string): SipCopy | null {
  const chunks = readChunks(packet);
  if (chunks === null || textOf(chunks.get(chunk.password)) !== password) return null;
  if (numberOf(chunks.get(chunk.protocol)) !== sip) return null;
  const source = peerOf(chunks, chunk.source4, chunk.source6, chunk.sourcePort);
  const destination = peerOf(chunks, chunk.destination4, chunk.destination6, chunk.destinationPort);
  const seconds = numberOf(chunks.get(chunk.seconds));
  const callId = textOf(chunks.get(chunk.correlation));
  if (!source || !destination || seconds === null || callId === '' || callId.length > longestCallId) return null;
  const message = readMessage(textOf(chunks.get(chunk.payload)?.subarray(0, readOfMessage)));
  const microseconds = numberOf(chunks.get(chunk.microseconds)) ?? 0;
  return message && { at: seconds * 1000 + Math.floor(microseconds / 1000), source, destination, callId, ...message };
}

/** Our Asterisk sent it, whatever a far end wrote into the SIP message that it copies. */
export function isFromAsterisk(packet: Uint8Array, password: string): boolean {
  return textOf(readChunks(packet)?.get(chunk.password)) === password;
}

type Chunks = ReadonlyMap<number, Uint8Array>;

/** Null where a length does not fit: what follows would be read from the wrong place. */
function readChunks(packet: Uint8Array): Chunks | null {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet.length < 6 || view.getUint32(0) !== 0x48455033) return null;
  const end = view.getUint16(4);
  if (end > packet.length) return null;
  const found = new Map<number, Uint8Array>();
  for (let at = 6; at < end; ) {
    if (at + 6 > end) return null;
    const length = view.getUint16(at + 4);
    if (length < 6 || at + length > end) return null;
    if (view.getUint16(at) === 0) found.set(view.getUint16(at + 2), packet.subarray(at + 6, at + length));
    at += length;
  }
  return found;
}

function numberOf(value: Uint8Array | undefined): number | null {
  if (value === undefined || value.length === 0 || value.length > 4) return null;
  return value.reduce((sum, byte) => sum * 256 + byte, 0);
}

const decoder = new TextDecoder();

function textOf(value: Uint8Array | undefined): string {
  return value === undefined ? '' : decoder.decode(value);
}

function peerOf(chunks: Chunks, type4: number, type6: number, portType: number): SipPeer | null {
  const [four, six, port] = [chunks.get(type4), chunks.get(type6), numberOf(chunks.get(portType))];
  if (port === null) return null;
  if (four?.length === 4) return { family: 'ipv4', address: four.join('.'), port };
  if (six?.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, i) => numberOf(six.subarray(2 * i, 2 * i + 2))?.toString(16));
  return { family: 'ipv6', address: groups.join(':'), port };
}

type Message = Pick<SipGlimpse, 'method' | 'status' | 'sequence' | 'fromTag' | 'toTag' | 'nonce'>;

/** RFC 3261 §7, §20.16, §25.1. A message that says CSeq, From or To twice is taken for forged: it shows nothing. */
function readMessage(text: string): Message | null {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = (end < 0 ? text : text.slice(0, end)).replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const response = /^SIP\/2\.0 (\d{3})(?: |$)/.exec(start);
  const request = /^([A-Z]{1,20}) \S.* SIP\/2\.0$/.exec(start);
  if (!response && !request) return null;
  const [cseq, from, to] = [header(lines, 'cseq'), header(lines, 'from', 'f'), header(lines, 'to', 't')];
  if (cseq === null || from === null || to === null) return null;
  const [, sequence, method = ''] = /^(\d{1,10})\s+([A-Z]{1,20})$/.exec(cseq) ?? [];
  if (sequence === undefined || (request && request[1] !== method)) return null;
  const status = response ? Number(response[1]) : null;
  const nonce =
    status === 401 ? /\bnonce="([^"]{1,100})"/.exec(header(lines, 'www-authenticate') ?? '')?.[1] : undefined;
  const message = { method, status, sequence: Number(sequence), fromTag: tagOf(from), toTag: tagOf(to) };
  return nonce === undefined ? message : { ...message, nonce };
}

/** The value of the only header of that name; null where there is none, or more than one. */
function header(lines: readonly string[], ...names: readonly string[]): string | null {
  const values = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 && names.includes(line.slice(0, colon).trim().toLowerCase()) ? [line.slice(colon + 1).trim()] : [];
  });
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** A tag stands behind the last `>`: a display name may hold anything. */
function tagOf(value: string): string {
  return /;\s*tag\s*=\s*([^;\s,]+)/i.exec(value.slice(value.lastIndexOf('>') + 1))?.[1] ?? '';
}
