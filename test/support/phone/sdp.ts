import type { Codec } from './g711.ts';
import { digitPayloadType, type FarEnd, payloadTypes } from './rtp.ts';
import type { Peer } from './wire.ts';

/** `sendonly` puts the far end on hold (RFC 3264 §8.4). */
export type Direction = 'sendrecv' | 'sendonly' | 'inactive';

/** What a phone offers or answers: G.711 and RFC 4733 digits, 20 ms a packet. */
export function writeSdp(media: Peer, codecs: readonly Codec[], version: number, direction: Direction): string {
  const types = codecs.map((codec) => payloadTypes[codec]);
  const lines = [
    'v=0',
    `o=- 1 ${version} IN IP4 ${media.host}`,
    's=-',
    `c=IN IP4 ${media.host}`,
    't=0 0',
    `m=audio ${media.port} RTP/AVP ${[...types, digitPayloadType].join(' ')}`,
    ...codecs.map((codec) => `a=rtpmap:${payloadTypes[codec]} ${codec}/8000`),
    `a=rtpmap:${digitPayloadType} telephone-event/8000`,
    `a=fmtp:${digitPayloadType} 0-16`,
    'a=ptime:20',
    `a=${direction}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Where the far end wants its audio, in its own first choice of our codecs; null without audio we can speak. */
export function readSdp(body: string): FarEnd | null {
  const host = /^c=IN IP4 (\S+)/m.exec(body)?.[1];
  const audio = /^m=audio (\d+) \S+ ([\d ]+)/m.exec(body);
  if (host === undefined || audio === null) return null;
  const offered = (audio[2] ?? '').split(' ').map(Number);
  const first = offered.find((type) => type === payloadTypes.PCMU || type === payloadTypes.PCMA);
  if (first === undefined) return null;
  const digits = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(body)?.[1];
  return {
    host,
    port: Number(audio[1]),
    codec: first === payloadTypes.PCMU ? 'PCMU' : 'PCMA',
    digits: digits === undefined ? null : Number(digits),
  };
}
