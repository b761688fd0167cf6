import type { FakeChannel, Unstamped } from './fake-channel.ts';

/** What a telephone does when it is rung. `dead` never even rings. */
export type OnRing =
  | { readonly do: 'ring' }
  | { readonly do: 'dead' }
  | { readonly do: 'answer'; readonly afterMs: number }
  | { readonly do: 'busy'; readonly afterMs: number }
  | { readonly do: 'decline'; readonly afterMs: number };

/** What the fake's dialplan needs of its exchange. */
export interface Switchboard {
  emit(event: Unstamped): void;
  enter(channel: FakeChannel): void;
  open(id: string, line: string, args: readonly string[]): FakeChannel;
  /** What answers at a dial string, `PJSIP/101@trunk-first`. */
  phoneAt(endpoint: string): OnRing | undefined;
  /** They hear one another until one of them goes. */
  connect(id: string, channels: readonly FakeChannel[]): void;
}

const causes = { busy: 17, decline: 21, noAnswer: 19, absent: 20 };
/** How long one trunk is rung. */
const ringSeconds = 60;

/**
 * The part of dialplan/extensions.conf that dials: trunk after trunk, or one. It tells how each dial fares; whoever goes
 * takes the other along; and a context that tries one trunk gives its caller back where that does not take the call.
 */
export class FakeDialplan {
  /** Every channel that was sent into a context, in order: `1.1 over-first 101`. */
  readonly visits: string[] = [];
  /** The trunks, in order. */
  trunks: readonly string[] = [];
  private readonly board: Switchboard;
  /** Who dials for whom. */
  private readonly pairs = new Map<FakeChannel, FakeChannel>();
  private dials = 0;

  constructor(board: Switchboard) {
    this.board = board;
  }

  run(channel: FakeChannel, context: string, number: string): void {
    this.visits.push(`${channel.id} ${context} ${number}`);
    if (context === 'fallback-inbound') return;
    const one = /^over-(.+)$/.exec(context)?.[1];
    this.dial(channel, number, one === undefined ? this.trunks : [one], one !== undefined);
  }

  /** The channel that the dialplan dialled for this one. */
  farOf(channel: FakeChannel): FakeChannel {
    const far = this.pairs.get(channel);
    if (!far) throw new Error(`the dialplan dialled nobody for ${channel.id}`);
    return far;
  }

  /** To be told when a channel is gone: the other goes, too. */
  leave(channel: FakeChannel): void {
    const far = this.pairs.get(channel);
    this.pairs.delete(channel);
    far?.end(0, 16);
    for (const [near, other] of this.pairs) {
      if (other !== channel || channel.state !== 'gone') continue;
      this.pairs.delete(near);
      if (near.state === 'up') near.end(0, 16);
    }
  }

  private dial(near: FakeChannel, number: string, trunks: readonly string[], givesBack: boolean): void {
    const [trunk, ...others] = trunks;
    const next = (status: string, cause: number) => {
      if (near.state === 'gone') return;
      const isFinal = status === 'BUSY' || status === 'NOANSWER';
      if (!isFinal && others.length > 0) return this.dial(near, number, others, givesBack);
      if (!givesBack) return near.end(0, cause);
      near.args = ['back', status, String(cause)];
      this.board.enter(near);
    };
    const phone = trunk === undefined ? undefined : this.board.phoneAt(`PJSIP/${number}@trunk-${trunk}`);
    if (trunk === undefined || phone === undefined) return next('CHANUNAVAIL', causes.absent);
    this.ring(near, trunk, phone, next);
  }

  private ring(near: FakeChannel, trunk: string, phone: OnRing, next: (status: string, cause: number) => void): void {
    this.dials += 1;
    const far = this.board.open(`far.${this.dials}`, near.line, []);
    const peerName = `PJSIP/trunk-${trunk}-${String(this.dials).padStart(8, '0')}`;
    const tell = (status: string) =>
      this.board.emit({ type: 'DialTold', channel: near.id, peer: far.id, peerName, status });
    this.pairs.set(near, far);
    tell('dialling');
    if (phone.do !== 'dead') tell('ringing');
    const refuse = (status: string, cause: number) => {
      this.pairs.delete(near);
      far.end(0, cause);
      tell(status);
      next(status, cause);
    };
    const whileRinging = (what: () => void) => () => far.state === 'ringing' && what();
    setTimeout(
      whileRinging(() => refuse('NOANSWER', causes.noAnswer)),
      ringSeconds * 1000,
    );
    if (!('afterMs' in phone)) return;
    const react = () => {
      if (phone.do === 'busy') return refuse('BUSY', causes.busy);
      if (phone.do === 'decline') return refuse('CHANUNAVAIL', causes.decline);
      far.state = 'up';
      if (near.state === 'ringing') near.state = 'up';
      this.board.connect(`dial-${far.id}`, [near, far]);
      tell('ANSWER');
    };
    setTimeout(whileRinging(react), phone.afterMs);
  }
}
