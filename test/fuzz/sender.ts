import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { newBranch, token } from '../support/phone/dialog.ts';
import {
  answerTo,
  compose,
  header,
  methodOf,
  parseMessage,
  type SipMessage,
  tagOf,
  uriOf,
} from '../support/phone/message.ts';
import type { Peer } from '../support/phone/wire.ts';
import { until } from '../support/until.ts';

/**
 * Sends whatever it is given, and is honest beside: calls that it happened to begin it ends, since nobody else would, and
 * what Asterisk asks it answers.
 */
export class Sender {
  /** How often each status was answered; 0: no answer that could be read. */
  readonly answers = new Map<number, number>();
  /** What the last challenge said. */
  challenge: string | null = null;
  private readonly socket: Socket;
  private readonly peer: Peer;
  private readonly ended = new Set<string>();
  private readonly awaited = new Map<string, () => void>();

  private constructor(socket: Socket, peer: Peer) {
    this.socket = socket;
    this.peer = peer;
    socket.on('message', (datagram) => this.receive(datagram));
    socket.on('error', () => undefined);
  }

  static async open(address: string, peer: Peer): Promise<Sender> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 21 });
    socket.bind(0, address);
    await once(socket, 'listening');
    return new Sender(socket, peer);
  }

  get local(): Peer {
    const { address, port } = this.socket.address();
    return { host: address, port };
  }

  send(datagram: Buffer): void {
    this.socket.send(datagram, this.peer.port, this.peer.host);
  }

  /** Resolves when the request with this Call-ID is answered: whatever was sent before it has then been read. */
  async answered(request: Buffer, callId: string): Promise<void> {
    let isAnswered = false;
    this.awaited.set(callId, () => {
      isAnswered = true;
    });
    this.send(request);
    await until(`Asterisk answers ${this.local.host}`, () => isAnswered, 5_000);
    this.awaited.delete(callId);
  }

  /** Sends the bytes over a connection of their own, and reads until the other end closes it or a moment has passed. */
  async sendByTcp(bytes: Buffer): Promise<void> {
    const socket = connect({ host: this.peer.host, port: this.peer.port, localAddress: this.local.host });
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.setTimeout(100, () => socket.destroy());
    socket.write(bytes);
    await closed;
  }

  close(): void {
    this.socket.close();
  }

  private receive(datagram: Buffer): void {
    const message = parseMessage(datagram);
    if (message === null) return;
    if (message.status === 0) return this.reply(message);
    const awaited = this.awaited.get(header(message, 'call-id'));
    if (awaited) return awaited();
    this.answers.set(message.status, (this.answers.get(message.status) ?? 0) + 1);
    this.challenge = header(message, 'www-authenticate') || this.challenge;
    if (methodOf(message) !== 'INVITE' || message.status === 100) return;
    this.end(message);
  }

  private reply(request: SipMessage): void {
    if (request.method !== 'ACK') this.send(answerTo(request, 200, 'OK', token()));
  }

  /** Gives up what rings, and thanks for what was answered and hangs up. */
  private end(response: SipMessage): void {
    if (response.status < 200) {
      const key = `cancel ${header(response, 'call-id')} ${header(response, 'cseq')}`;
      if (this.ended.has(key)) return;
      this.ended.add(key);
      return this.send(this.follow(response, 'CANCEL', branchOf(response), 0));
    }
    this.send(this.follow(response, 'ACK', response.status < 300 ? newBranch() : branchOf(response), 0));
    const key = `bye ${header(response, 'call-id')} ${tagOf(header(response, 'to'))}`;
    if (response.status >= 300 || this.ended.has(key)) return;
    this.ended.add(key);
    this.send(this.follow(response, 'BYE', newBranch(), 1));
  }

  private follow(response: SipMessage, method: string, branch: string, step: number): Buffer {
    const { host, port } = this.local;
    const contact = header(response, 'contact');
    const target = contact === '' ? `sip:x@${this.peer.host}:${this.peer.port}` : uriOf(contact);
    const to = header(response, 'to');
    const lines = [
      `Via: SIP/2.0/UDP ${host}:${port};rport;branch=${branch}`,
      'Max-Forwards: 70',
      `From: ${header(response, 'from')}`,
      `To: ${method === 'CANCEL' ? to.replace(/;tag=[^;]*/, '') : to}`,
      `Call-ID: ${header(response, 'call-id')}`,
      `CSeq: ${(Number.parseInt(header(response, 'cseq'), 10) || 0) + step} ${method}`,
    ];
    return compose(`${method} ${target} SIP/2.0`, lines);
  }
}

function branchOf(response: SipMessage): string {
  return /branch=([^;,\s]+)/.exec(header(response, 'via'))?.[1] ?? '';
}
