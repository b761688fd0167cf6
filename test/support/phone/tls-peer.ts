import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';
import { parseMessage, type SipMessage } from './message.ts';

/** A certificate for loopback addresses, signed by itself, for these tests alone; good until 2126. */
export const certificate = fileURLToPath(new URL('../tls/test.pem', import.meta.url));
export const certificateKey = fileURLToPath(new URL('../tls/test.key', import.meta.url));

/** SIP over one TLS connection. */
export class TlsPeer {
  readonly messages: SipMessage[] = [];
  readonly socket: TLSSocket;
  private unread = Buffer.alloc(0);

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', () => undefined);
  }

  /** Rejects where no TLS comes about. */
  static async open(port: number, localAddress: string): Promise<TlsPeer> {
    const socket = connect({ host: '127.0.0.1', port, localAddress, ca: readFileSync(certificate), servername: '' });
    await once(socket, 'secureConnect');
    return new TlsPeer(socket);
  }

  send(datagram: Buffer): void {
    this.socket.write(datagram);
  }

  /** The first message for which this is true. */
  next(what: string, is: (message: SipMessage) => boolean): Promise<SipMessage> {
    return until(what, () => this.messages.find(is));
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    for (;;) {
      const end = this.unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.unread.subarray(0, end).toString('latin1');
      const length = end + 4 + Number(/^(?:Content-Length|l):\s*(\d+)/im.exec(head)?.[1] ?? 0);
      if (this.unread.length < length) return;
      const message = parseMessage(this.unread.subarray(0, length));
      if (message !== null) this.messages.push(message);
      this.unread = this.unread.subarray(length);
    }
  }
}

/** Takes SIP over TLS, as a carrier does; every connection is told to `onPeer`. */
export async function listenTls(host: string, port: number, onPeer: (peer: TlsPeer) => void): Promise<() => void> {
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(certificateKey) }, (socket) => {
    onPeer(new TlsPeer(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return () => void server.close();
}
