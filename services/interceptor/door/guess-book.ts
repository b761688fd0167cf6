import { afterWrongAnswer, guessesToBan } from '../../core/guessing.ts';

/** Of so many addresses wrong answers are counted at once; whoever was heard of longest ago is given up first. */
const mostAddresses = 4_096;
/** Asterisk takes an answer to a challenge for so long, and a little more. */
const nonceMs = 40_000;
/** In each half of that time. A flood that fills it makes wrong answers uncounted, and nobody banned who did nothing. */
const mostNonces = 20_000;
/** The copy of a challenge comes another way than the news of its answer, and may come so much later, in milliseconds. */
const lateMs = 10_000;
/** So many answers wait for that at most; the oldest is given up first. Asterisk's challenges are shorter than the longest. */
const mostEarly = 4_096;
const longestNonce = 128;

/**
 * Wrong answers by address. Over UDP anybody may send in another's name, a resident's, to have them shut out. So a wrong answer
 * counts only where it answers what Asterisk sent to that very address: whoever writes another's never sees it.
 */
export class GuessBook {
  private readonly wrong = new Map<string, readonly number[]>();
  /** When wrong answers came whose challenge was not heard of yet; by address and challenge. */
  private readonly early = new Map<string, readonly number[]>();
  private sent = new Map<string, string>();
  private sentBefore = new Map<string, string>();
  private turnedAt = 0;

  /** Asterisk sent a challenge to this address: whether that, with wrong answers that were heard of before it, makes it guessing. */
  challenged(nonce: string, address: string, at: number): boolean {
    if (Math.abs(at - this.turnedAt) > nonceMs) {
      this.sentBefore = this.sent;
      this.sent = new Map();
      this.turnedAt = at;
    }
    if (this.sent.size >= mostNonces) return false;
    this.sent.set(nonce, address);
    const key = earlyKey(nonce, address);
    const answers = this.early.get(key) ?? [];
    this.early.delete(key);
    const guessing = answers.filter((heardAt) => Math.abs(at - heardAt) < lateMs && this.count(address, heardAt));
    return guessing.length > 0;
  }

  /** A wrong answer from this address: whether it is guessing. */
  answeredWrong(nonce: string, address: string, at: number): boolean {
    if ((this.sent.get(nonce) ?? this.sentBefore.get(nonce)) === address) return this.count(address, at);
    if (nonce.length <= longestNonce) this.keepEarly(earlyKey(nonce, address), at);
    return false;
  }

  private keepEarly(key: string, at: number): void {
    const before = this.early.get(key) ?? [];
    this.early.delete(key);
    this.early.set(key, [...before, at].slice(-guessesToBan));
    giveUpOldest(this.early, mostEarly);
  }

  private count(address: string, at: number): boolean {
    const { wrong, isGuessing } = afterWrongAnswer(this.wrong.get(address) ?? [], at);
    this.wrong.delete(address);
    if (!isGuessing) this.wrong.set(address, wrong);
    giveUpOldest(this.wrong, mostAddresses);
    return isGuessing;
  }

  /** The right password: whoever knows it was mistyping. */
  answeredRight(address: string): void {
    this.wrong.delete(address);
  }

  get size(): number {
    return this.wrong.size + this.early.size + this.sent.size + this.sentBefore.size;
  }
}

function earlyKey(nonce: string, address: string): string {
  return `${address} ${nonce}`;
}

function giveUpOldest(kept: Map<string, unknown>, most: number): void {
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}
