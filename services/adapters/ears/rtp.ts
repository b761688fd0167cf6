/**
 * What Asterisk sends of a listened channel: RTP (RFC 3550) with 16-bit samples, 8,000 a second, high byte first. It calls
 * that payload type 10 or 11, which RFC 3551 has for the same at 44,100 Hz.
 */

const headerBytes = 12;
const payloadTypes = [10, 11];
/** Silence put in place of lost packets, at most so many: what is missing for longer was another sound anyway. */
const mostFilled = 5;
/** A sequence number further off than this begins a new stream, as another source does. */
const farOff = 100;
/** Asterisk sends 20 ms a packet; whatever sends more than a tenth of a second is not Asterisk. */
const longestPayload = 1600;

/** One stream of packets as samples in order; lost packets are silence, late and foreign ones nothing. */
export class RtpAudio {
  private expected: number | null = null;
  private source = 0;

  /** The samples that a datagram adds; null when it is no such packet. */
  read(datagram: Uint8Array): Int16Array | null {
    const payload = payloadOf(datagram);
    if (payload === null) return null;
    const sequence = sixteenBits(datagram, 2);
    const source = sixteenBits(datagram, 8) * 0x10000 + sixteenBits(datagram, 10);
    if (source !== this.source) [this.source, this.expected] = [source, null];
    const missing = this.expected === null ? 0 : (sequence - this.expected) & 0xffff;
    // Behind: it comes too late, or twice.
    if (missing > 0xffff - farOff) return null;
    this.expected = (sequence + 1) & 0xffff;
    const count = payload.length >> 1;
    const filled = missing < farOff ? Math.min(missing, mostFilled) * count : 0;
    const samples = new Int16Array(filled + count);
    for (let i = 0; i < count; i += 1) samples[filled + i] = sixteenBits(payload, 2 * i);
    return samples;
  }
}

function payloadOf(datagram: Uint8Array): Uint8Array | null {
  const [first = 0, second = 0] = datagram;
  if (datagram.length < headerBytes || first >> 6 !== 2 || !payloadTypes.includes(second & 0x7f)) return null;
  const contributors = headerBytes + 4 * (first & 0x0f);
  const extension = first & 0x10 ? 4 + 4 * sixteenBits(datagram, contributors + 2) : 0;
  const padding = first & 0x20 ? (datagram.at(-1) ?? 0) : 0;
  const payload = datagram.subarray(contributors + extension, Math.max(0, datagram.length - padding));
  return payload.length > 0 && payload.length <= longestPayload ? payload : null;
}

/** Zero beyond the end, where a malformed header points to. */
function sixteenBits(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
