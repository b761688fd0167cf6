import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { until } from '../until.ts';
import { parseMessage, type SipMessage } from './message.ts';

/** Where a certificate and its key lie; it is signed by itself, so it also vouches for itself. */
export interface Papers {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate for these addresses in a folder. */
export async function makePapers(folder: string, addresses: readonly string[]): Promise<Papers> {
  const altNames = addresses.map((ip) => ({ type: 7 as const, ip }));
  const made = await generate([{ name: 'commonName', value: 'Clearline test' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  const papers = { certificate: join(folder, 'test.pem'), key: join(folder, 'test.key') };
  await writeFile(papers.certificate, made.cert);
  await writeFile(papers.key, made.private, { mode: 0o600 });
  return papers;
}

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
  static async open(port: number, localAddress: string, { certificate }: Papers): Promise<TlsPeer> {
    const from = connectTcp({ host: '127.0.0.1', port, localAddress });
    const socket = connect({ socket: from, host: '127.0.0.1', ca: readFileSync(certificate) });
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
export async function listenTls(
  host: string,
  port: number,
  { certificate, key }: Papers,
  onPeer: (peer: TlsPeer) => void,
): Promise<() => void> {
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => {
    onPeer(new TlsPeer(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return () => void server.close();
}
