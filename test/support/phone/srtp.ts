import { createCipheriv, createHmac } from 'node:crypto';

/**
 * SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711), for short calls: it never counts past a packet number of 65,535. One for each
 * direction, made from the 30 bytes that `a=crypto` says in base64.
 */
export class Srtp {
  private readonly cipherKey: Buffer;
  private readonly salt: Buffer;
  private readonly authKey: Buffer;

  constructor(inline: string) {
    const master = Buffer.from(inline, 'base64');
    const derive = (label: number, bytes: number) => {
      const iv = Buffer.alloc(16);
      master.copy(iv, 0, 16, 30);
      iv[7] = (iv[7] ?? 0) ^ label;
      return createCipheriv('aes-128-ctr', master.subarray(0, 16), iv).update(Buffer.alloc(bytes));
    };
    this.cipherKey = derive(0, 16);
    this.authKey = derive(1, 20);
    this.salt = derive(2, 14);
  }

  /** A whole RTP packet, without extension headers, encrypted and signed. */
  protect(rtp: Buffer): Buffer {
    const closed = Buffer.concat([rtp.subarray(0, 12), this.crypt(rtp)]);
    return Buffer.concat([closed, this.tagOf(closed)]);
  }

  /** The audio in a packet; null where it is not signed with this key. */
  open(packet: Buffer): Buffer | null {
    const closed = packet.subarray(0, -10);
    return packet.length > 22 && this.tagOf(closed).equals(packet.subarray(-10)) ? this.crypt(closed) : null;
  }

  private crypt(packet: Buffer): Buffer {
    const iv = Buffer.alloc(16);
    this.salt.copy(iv);
    for (let at = 0; at < 4; at += 1) iv[4 + at] = (iv[4 + at] ?? 0) ^ (packet[8 + at] ?? 0);
    for (let at = 0; at < 2; at += 1) iv[12 + at] = (iv[12 + at] ?? 0) ^ (packet[2 + at] ?? 0);
    return createCipheriv('aes-128-ctr', this.cipherKey, iv).update(packet.subarray(12));
  }

  private tagOf(closed: Buffer): Buffer {
    return createHmac('sha1', this.authKey).update(closed).update(Buffer.alloc(4)).digest().subarray(0, 10);
  }
}
