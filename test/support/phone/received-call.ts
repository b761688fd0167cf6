import { type CallParts, PhoneCall } from './call.ts';
import { causeOf, displayNameOf, header, numberOf, type SipMessage } from './message.ts';

/** A call that came to this phone. */
export class ReceivedCall extends PhoneCall {
  readonly invite: SipMessage;
  /** When the INVITE arrived. */
  readonly invitedAt: number;
  /** What a telephone's display says. */
  readonly shows: { readonly name: string; readonly number: string };
  /** A phone that was picked up while the CANCEL was on its way: the 200 to its INVITE crosses that. */
  answersWhenCancelled = false;
  private isAcknowledged = false;
  private isHangingUp = false;

  constructor(parts: CallParts, invite: SipMessage, at: number) {
    super(parts);
    this.invite = invite;
    this.invitedAt = at;
    const from = header(invite, 'from');
    this.shows = { name: displayNameOf(from), number: numberOf(from) };
  }

  ring(): void {
    this.ringingAt = this.reply(this.invite, 180);
    this.status = 180;
  }

  /** Sends and takes sound before anybody picks up, as exchanges do for their announcements (183). */
  speakEarly(): void {
    this.reply(this.invite, 183, ['Content-Type: application/sdp'], this.sdp('sendrecv'));
    this.listenTo(this.invite);
  }

  /** Picks up. */
  answer(): void {
    if (this.ended !== null || this.answeredAt !== null) return;
    this.answeredAt = this.reply(this.invite, 200, ['Content-Type: application/sdp'], this.sdp('sendrecv'));
    this.status = 200;
    this.listenTo(this.invite);
  }

  /** Says that the number is to be reached elsewhere: 302. */
  redirect(target: string): void {
    const at = this.reply(this.invite, 302, [`Contact: <${target}>`]);
    this.end({ at, by: 'us', how: 'refused', status: 302, cause: null });
  }

  /** Refuses: 486 busy, 603 declined, 480 not there. */
  refuse(status: number): void {
    if (this.ended !== null || this.answeredAt !== null) return;
    const at = this.reply(this.invite, status);
    this.end({ at, by: 'us', how: 'refused', status, cause: null });
  }

  /** Whoever was called says goodbye only after the ACK of the 200 (RFC 3261 §15): before it Asterisk may know of no such call. */
  override hangUp(): void {
    this.isHangingUp = true;
    if (this.isAcknowledged) super.hangUp();
  }

  protected override receiveRequest(message: SipMessage, at: number): void {
    if (message.method === 'ACK') {
      this.isAcknowledged = true;
      if (this.isHangingUp) this.hangUp();
    }
    if (message.method !== 'CANCEL') {
      super.receiveRequest(message, at);
      return;
    }
    if (this.ignoresGoodbye) return;
    this.reply(message, 200);
    if (this.answersWhenCancelled) this.answer();
    if (this.answeredAt !== null || this.ended !== null) return;
    this.reply(this.invite, 487);
    this.end({ at, by: 'them', how: 'cancel', status: 487, cause: causeOf(message) });
  }
}
