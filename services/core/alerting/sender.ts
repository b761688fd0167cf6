import type { RaisedAlert } from '../ports.ts';
import type { Message } from './message.ts';

/** How a message leaves, in the core's own words. */

/** What is to be sent, and under which name: the same with every attempt, so that a receiver knows one it has already. */
export interface Letter {
  /** Letters, digits and `_`. */
  readonly id: string;
  readonly to: string;
  readonly message: Message;
  /** What the message tells of, oldest first; none in a test. */
  readonly alerts: readonly ToldAlert[];
}

/** An alert, and whose line it is about, as the site calls them. */
export type ToldAlert = RaisedAlert & { readonly resident: string | null };

/** What became of an attempt, with the reason in a sentence that tells no secret. */
export type Answer =
  | { readonly kind: 'taken' }
  /** It surely was not taken. `forGood`: and never will be. */
  | { readonly kind: 'refused'; readonly forGood: boolean; readonly why: string }
  /** All of it went out, and no answer came. */
  | { readonly kind: 'in-doubt'; readonly why: string };

export interface Attempt {
  /**
   * Called once, when all but the last byte is with the receiver. The last byte, without which the receiver takes nothing, goes when
   * it resolves, and never where it rejects. A receiver that drops repeats by the letter's id is sent the letter without it.
   */
  handOver(): Promise<void>;
  /** Ends an attempt that has not been handed over. */
  readonly stop: AbortSignal;
}

/** One way to send. Never rejects. */
export type Send = (letter: Letter, attempt: Attempt) => Promise<Answer>;

export function refused(why: string, forGood = false): Answer {
  return { kind: 'refused', forGood, why };
}
