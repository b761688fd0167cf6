import { randomBytes } from 'node:crypto';
import { header, type Line, type SipMessage, tagOf, uriOf } from './message.ts';
import type { Peer } from './wire.ts';

export const token = (): string => randomBytes(8).toString('hex');
/** A branch of RFC 3261 begins with this cookie. */
export const newBranch = (): string => `z9hG4bK${token()}`;

/** One side's view of a dialog (RFC 3261 §12): what each of its requests repeats. */
export interface Dialog {
  readonly callId: string;
  readonly local: Peer;
  readonly contact: string;
  readonly localTag: string;
  /** Our own From line; null where a test leaves it out. */
  readonly from: Line | null;
  /** The far end's To (or From) value, with its tag once there is one. */
  remote: string;
  /** The request URI: the far end's Contact once it has given one. */
  target: string;
  sequence: number;
}

export interface RequestOptions {
  readonly sequence?: number;
  readonly branch?: string;
  readonly lines?: readonly Line[];
}

/** The start line and header lines of a request in that dialog; `lines` follow as they are. */
export function requestIn(
  dialog: Dialog,
  method: string,
  options: RequestOptions = {},
): { start: string; lines: Line[] } {
  const { host, port } = dialog.local;
  const lines: Line[] = [
    `Via: SIP/2.0/UDP ${host}:${port};rport;branch=${options.branch ?? newBranch()}`,
    'Max-Forwards: 70',
    ...(dialog.from === null ? [] : [dialog.from]),
    `To: ${dialog.remote}`,
    `Call-ID: ${dialog.callId}`,
    `CSeq: ${options.sequence ?? dialog.sequence} ${method}`,
    `Contact: <${dialog.contact}>`,
    ...(options.lines ?? []),
  ];
  return { start: `${method} ${dialog.target} SIP/2.0`, lines };
}

/** Learns the far end's tag and contact from its answer to our INVITE. */
export function learn(dialog: Dialog, response: SipMessage): void {
  const to = header(response, 'to');
  if (tagOf(to) !== '') dialog.remote = to;
  const contact = header(response, 'contact');
  if (contact !== '') dialog.target = uriOf(contact);
}

/** The called side's dialog, from the INVITE that opened it. */
export function dialogFrom(invite: SipMessage, local: Peer, contact: string): Dialog {
  const localTag = token();
  return {
    callId: header(invite, 'call-id'),
    local,
    contact,
    localTag,
    from: `From: ${header(invite, 'to')};tag=${localTag}`,
    remote: header(invite, 'from'),
    target: uriOf(header(invite, 'contact')),
    sequence: 1,
  };
}
