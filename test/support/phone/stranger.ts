import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { token } from './dialog.ts';
import { answerChallenge, type Credentials } from './digest.ts';
import { compose, header, parseMessage, type SipMessage } from './message.ts';
import type { Peer } from './wire.ts';

/** Somebody with no account who sends what they like from an address of their own. */
export interface Stranger {
  /** The answer to one request; null when none comes within half a second. `to` and `from` are the users named. */
  ask(
    method: string,
    named: { to?: string; from: string },
    lines?: readonly string[],
    body?: string,
  ): Promise<SipMessage | null>;
  /** Sends one and waits for nothing. */
  send(method: string, named: { to?: string; from: string }, lines?: readonly string[]): void;
  /** Registers with this password; the status it came to, null where nothing was answered. */
  guess(credentials: Credentials): Promise<number | null>;
  close(): void;
}

const patienceMs = 500;

export async function strangerAt(address: string, asterisk: Peer): Promise<Stranger> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const peer = `${asterisk.host}:${asterisk.port}`;
  const write = (
    method: string,
    { to, from }: { to?: string; from: string },
    lines: readonly string[],
    body: string,
  ) => {
    const callId = token();
    const local = `${address}:${socket.address().port}`;
    const target = `sip:${to === undefined ? '' : `${to}@`}${peer}`;
    const datagram = compose(
      `${method} ${target} SIP/2.0`,
      [
        `Via: SIP/2.0/UDP ${local};branch=z9hG4bK${token()};rport`,
        'Max-Forwards: 70',
        `From: <sip:${from}@${asterisk.host}>;tag=${token()}`,
        `To: <${target}>`,
        `Call-ID: ${callId}`,
        `CSeq: 1 ${method}`,
        `Contact: <sip:${from}@${local}>`,
        ...lines,
      ],
      body,
    );
    socket.send(datagram, asterisk.port, asterisk.host);
    return callId;
  };
  const ask: Stranger['ask'] = (method, named, lines = [], body = '') =>
    answerOf(socket, write(method, named, lines, body));
  return {
    ask,
    send: (method, named, lines = []) => void write(method, named, lines, ''),
    async guess(credentials) {
      const named = { from: credentials.user };
      const challenge = await ask('REGISTER', named);
      if (challenge?.status !== 401) return challenge?.status ?? null;
      const asked = header(challenge, 'www-authenticate');
      const answer = answerChallenge(asked, 'REGISTER', `sip:${peer}`, credentials);
      return (await ask('REGISTER', named, [`Authorization: ${answer}`]))?.status ?? null;
    },
    close: () => socket.close(),
  };
}

function answerOf(socket: Socket, callId: string): Promise<SipMessage | null> {
  return new Promise((resolve) => {
    const done = (answer: SipMessage | null) => {
      clearTimeout(timer);
      socket.off('message', hear);
      resolve(answer);
    };
    const hear = (datagram: Buffer) => {
      const message = parseMessage(datagram);
      if (message !== null && message.status >= 200 && header(message, 'call-id') === callId) done(message);
    };
    const timer = setTimeout(() => done(null), patienceMs);
    socket.on('message', hear);
  });
}
