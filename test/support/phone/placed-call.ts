import { type CallParts, PhoneCall } from './call.ts';
import { learn, requestIn } from './dialog.ts';
import { answerChallenge, type Credentials } from './digest.ts';
import { causeOf, compose, header, type Line, methodOf, type SipMessage } from './message.ts';

/** A call this phone makes. */
export class PlacedCall extends PhoneCall {
  invitedAt = 0;
  readonly #credentials: Credentials | null;
  readonly #lines: readonly Line[];
  #cancelled = false;
  #authorised = false;

  constructor(parts: CallParts, credentials: Credentials | null, lines: readonly Line[]) {
    super(parts);
    this.#credentials = credentials;
    this.#lines = lines;
  }

  /** Of its From: what a record without a Call-ID tells it by. */
  get tag(): string {
    return this.dialog.localTag;
  }

  /** Sends the INVITE. */
  invite(): void {
    this.invitedAt = this.#sendInvite([]);
  }

  /** Gives up before the answer; a call that was answered meanwhile is hung up. */
  cancel(): void {
    if (this.ended !== null) return;
    if (this.answeredAt !== null) return this.hangUp();
    this.#cancelled = true;
    const request = requestIn(this.dialog, 'CANCEL', { branch: this.branch });
    this.wire.request(compose(request.start, request.lines));
  }

  #sendInvite(authorisation: readonly Line[]): number {
    const lines = [...this.#lines, ...authorisation, 'Content-Type: application/sdp'];
    return this.send('INVITE', lines, this.sdp('sendrecv'));
  }

  protected override receiveResponse(message: SipMessage, at: number): void {
    if (methodOf(message) !== 'INVITE' || this.answeredAt !== null || this.ended !== null) {
      super.receiveResponse(message, at);
      return;
    }
    this.status = message.status;
    if (message.status === 180) this.ringingAt ??= at;
    if (message.status < 300) this.listenTo(message);
    if (message.status < 200) return;
    if (message.status < 300) this.#answered(message, at);
    else this.#refused(message, at);
  }

  #answered(message: SipMessage, at: number): void {
    learn(this.dialog, message);
    this.answeredAt = at;
    this.acknowledge(message);
    if (this.#cancelled) this.hangUp();
  }

  #refused(message: SipMessage, at: number): void {
    this.acknowledge(message);
    if ((message.status === 401 || message.status === 407) && this.#authorise(message)) return;
    const by = this.#cancelled ? 'us' : 'them';
    this.end({ at, by, how: by === 'us' ? 'cancel' : 'refused', status: message.status, cause: causeOf(message) });
  }

  #authorise(message: SipMessage): boolean {
    if (this.#credentials === null || this.#authorised) return false;
    this.#authorised = true;
    const [challenge, answer] =
      message.status === 401 ? ['www-authenticate', 'Authorization'] : ['proxy-authenticate', 'Proxy-Authorization'];
    const value = answerChallenge(header(message, challenge), 'INVITE', this.dialog.target, this.#credentials);
    this.dialog.sequence++;
    this.#sendInvite([`${answer}: ${value}`]);
    return true;
  }
}
