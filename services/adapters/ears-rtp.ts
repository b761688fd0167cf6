/** What Asterisk sends of a listened channel: RTP (RFC 3550) with G.711 A-law (RFC 3551, payload type 8). */

const headerBytes = 12;
const aLaw = 8;
/** Silence put in place of lost packets, at most: what is missing for longer was another sound anyway. */
const mostFilled = 5;
/** A sequence number further off than this begins a new stream. */
const farOff = 100;
/** Asterisk sends 20 ms a packet; whatever sends more than a tenth of a second is not Asterisk. */
const longestPayload = 800;

const linear = Int16Array.from({ length: 256 }, (_, code) => {
  const even = code ^ 0x55;
  const segment = (even & 0x70) >> 4;
  const step = (even & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return even & 0x80 ? magnitude : -magnitude;
});

/** One stream of packets as 8 kHz samples in order; lost packets are silence, late and foreign ones nothing. */
export class RtpAudio {
  private expected: number | null = null;

  /** The samples one datagram adds; null when it is not a packet of this kind. */
  read(datagram: Uint8Array): Int16Array | null {
    const payload = payloadOf(datagram);
    if (payload === null) return null;
    const sequence = ((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0);
    const missing = this.expected === null ? 0 : (sequence - this.expected) & 0xffff;
    // Behind: it comes too late, or twice.
    if (missing >= 0x10000 - farOff) return null;
    this.expected = (sequence + 1) & 0xffff;
    const filled = missing < farOff ? Math.min(missing, mostFilled) * payload.length : 0;
    const samples = new Int16Array(filled + payload.length);
    payload.forEach((code, i) => {
      samples[filled + i] = linear[code] ?? 0;
    });
    return samples;
  }
}

function payloadOf(datagram: Uint8Array): Uint8Array | null {
  const [first = 0, second = 0] = datagram;
  if (datagram.length < headerBytes || first >> 6 !== 2 || (second & 0x7f) !== aLaw) return null;
  const contributors = headerBytes + 4 * (first & 0x0f);
  const extension =
    first & 0x10 ? 4 + 4 * (((datagram[contributors + 2] ?? 0) << 8) | (datagram[contributors + 3] ?? 0)) : 0;
  const padding = first & 0x20 ? (datagram.at(-1) ?? 0) : 0;
  const payload = datagram.subarray(contributors + extension, Math.max(0, datagram.length - padding));
  return payload.length > 0 && payload.length <= longestPayload ? payload : null;
}
