import { afterWrongAnswer } from '../../core/guessing.ts';

/** Of so many addresses wrong answers are counted at once; whoever was heard of longest ago is given up first. */
const mostAddresses = 4_096;
/** Asterisk takes an answer to a challenge for so long, and a little more. */
const nonceMs = 40_000;
/** In each half of that time. A flood that fills it makes wrong answers uncounted, and nobody banned who did nothing. */
const mostNonces = 20_000;

/**
 * Wrong answers by address. Over UDP anybody may send in another's name, a resident's, to have them shut out. So a wrong answer
 * counts only where it answers what Asterisk sent to that very address: whoever writes another's never sees it.
 */
export class GuessBook {
  private readonly wrong = new Map<string, readonly number[]>();
  private sent = new Map<string, string>();
  private sentBefore = new Map<string, string>();
  private turnedAt = 0;

  /** Asterisk sent a challenge to this address. */
  challenged(nonce: string, address: string, at: number): void {
    if (Math.abs(at - this.turnedAt) > nonceMs) {
      this.sentBefore = this.sent;
      this.sent = new Map();
      this.turnedAt = at;
    }
    if (this.sent.size < mostNonces) this.sent.set(nonce, address);
  }

  /** A wrong answer from this address: whether it is guessing. */
  answeredWrong(nonce: string, address: string, at: number): boolean {
    if ((this.sent.get(nonce) ?? this.sentBefore.get(nonce)) !== address) return false;
    const { wrong, isGuessing } = afterWrongAnswer(this.wrong.get(address) ?? [], at);
    this.wrong.delete(address);
    if (!isGuessing) this.wrong.set(address, wrong);
    const [oldest] = this.wrong.keys();
    if (this.wrong.size > mostAddresses && oldest !== undefined) this.wrong.delete(oldest);
    return isGuessing;
  }

  /** The right password: whoever knows it was mistyping. */
  answeredRight(address: string): void {
    this.wrong.delete(address);
  }

  get size(): number {
    return this.wrong.size + this.sent.size + this.sentBefore.size;
  }
}
