import type { Buffer } from 'node:buffer';
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { methodOf, parseMessage, type SipMessage, transactionOf } from './message.ts';

/** Milliseconds that only ever go forward. Add `performance.timeOrigin` for the epoch. */
export const now = (): number => performance.now();

export interface Peer {
  readonly host: string;
  readonly port: number;
}

/** One line of a phone's SIP log, kept for the evidence of a failed test. */
export interface Logged {
  readonly at: number;
  readonly way: 'sent' | 'received';
  readonly text: string;
}

/** UDP is allowed to lose a datagram even on loopback, when a buffer is full: ask again, as RFC 3261 §17.1 does. */
const repeatAfterMs = [500, 1000, 2000, 4000];

/**
 * A phone's SIP socket. It repeats requests until something answers, and answers a repeated request with the answer it
 * already gave, so that the phone above it sees
 * a request again only where it chose not to answer.
 */
export class Wire {
  readonly log: Logged[] = [];
  onMessage: (message: SipMessage, at: number) => void = () => undefined;
  readonly #socket: Socket;
  readonly #peer: Peer;
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #answered = new Map<string, Buffer>();

  private constructor(socket: Socket, peer: Peer) {
    this.#socket = socket;
    this.#peer = peer;
    socket.on('message', (datagram) => this.#receive(datagram));
    // A peer that is not there yet shows as an ICMP error; the repetition, not the error, is what the phone goes by.
    socket.on('error', () => undefined);
  }

  static async open(host: string, port: number, peer: Peer): Promise<Wire> {
    // Looked up at once, what is sent leaves at once: what is sent just before close() leaves, too.
    const lookup: SocketOptions['lookup'] = (address, _, done) => done(null, address, 4);
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20, lookup });
    // Asked for before the address is looked up, which may be done at once.
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    return new Wire(socket, peer);
  }

  get local(): Peer {
    const { address, port } = this.#socket.address();
    return { host: address, port };
  }

  /** Sends once, and gives the time it left. */
  send(datagram: Buffer): number {
    const at = now();
    this.log.push({ at, way: 'sent', text: datagram.toString('utf8') });
    this.#socket.send(datagram, this.#peer.port, this.#peer.host);
    return at;
  }

  /** Sends a request, again and again until a response to its transaction comes. */
  request(datagram: Buffer): number {
    const message = parseMessage(datagram);
    const at = this.send(datagram);
    if (message !== null) this.#repeat(transactionOf(message), datagram, 0);
    return at;
  }

  /** Answers a request; the same answer goes out again when the request is repeated. */
  answer(request: SipMessage, datagram: Buffer): number {
    this.#answered.set(transactionOf(request), datagram);
    return this.send(datagram);
  }

  close(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#socket.close();
  }

  #repeat(transaction: string, datagram: Buffer, times: number): void {
    const delay = repeatAfterMs[times];
    if (delay === undefined) return;
    const again = () => {
      this.send(datagram);
      this.#repeat(transaction, datagram, times + 1);
    };
    this.#waiting.set(transaction, setTimeout(again, delay));
  }

  #receive(datagram: Buffer): void {
    const at = now();
    const message = parseMessage(datagram);
    this.log.push({ at, way: 'received', text: datagram.toString('utf8') });
    if (message === null) return;
    const transaction = transactionOf(message);
    if (message.status > 0) {
      clearTimeout(this.#waiting.get(transaction));
      this.#waiting.delete(transaction);
    } else if (methodOf(message) !== 'ACK') {
      const given = this.#answered.get(transaction);
      if (given !== undefined) {
        this.send(given);
        return;
      }
    }
    this.onMessage(message, at);
  }
}

/** A UDP port of that address that nobody has now. */
export async function freePort(host: string): Promise<number> {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
