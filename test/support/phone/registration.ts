import type { Buffer } from 'node:buffer';
import { newBranch, token } from './dialog.ts';
import { answerChallenge, type Credentials } from './digest.ts';
import { compose, header, type Line, type SipMessage } from './message.ts';

export interface Account {
  /** Where the registrar is, `host:port`. */
  readonly registrar: string;
  readonly contact: string;
  /** Our own `host:port`. */
  readonly via: string;
  readonly credentials: Credentials;
}

/**
 * Registers for so many seconds (0 withdraws), answering a digest challenge once. Gives the last status: 200 when it was
 * done. `ask` sends a request and gives the response to that Call-ID and CSeq.
 */
export async function register(
  account: Account,
  seconds: number,
  ask: (request: Buffer, transaction: string) => Promise<SipMessage>,
): Promise<number> {
  const callId = token();
  const uri = `sip:${account.registrar}`;
  const identity = `<sip:${account.credentials.user}@${account.registrar}>`;
  const send = (cseq: string, lines: readonly Line[]) => {
    const head = [
      `Via: SIP/2.0/UDP ${account.via};rport;branch=${newBranch()}`,
      'Max-Forwards: 70',
      `From: ${identity};tag=${token()}`,
      `To: ${identity}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq}`,
      `Contact: <${account.contact}>`,
      `Expires: ${seconds}`,
    ];
    return ask(compose(`REGISTER ${uri} SIP/2.0`, [...head, ...lines]), `${callId} ${cseq}`);
  };
  const first = await send('1 REGISTER', []);
  if (first.status !== 401) return first.status;
  const answer = answerChallenge(header(first, 'www-authenticate'), 'REGISTER', uri, account.credentials);
  const second = await send('2 REGISTER', [`Authorization: ${answer}`]);
  return second.status;
}
