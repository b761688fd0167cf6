import type { ProtectedLine } from '../line.ts';
import type { InboundRecord } from '../record.ts';
import type { Lists } from './lists.ts';
import type { Expectation, Pause } from './windows.ts';

/** What a line trusts, for good or for a while. Every change reaches the running services as a change of the line does. */
export interface ContactStore {
  /**
   * Changes a line's lists by `edit`, which sees them as no other writer changes them meanwhile; null from it changes nothing.
   * False when there is no such line.
   */
  edit(line: string, edit: (lists: Lists) => Lists | null): Promise<boolean>;
  /** Takes the place of a pause that is still on. False when there is no such line. */
  pause(pause: Omit<Pause, 'endedAt' | 'endedBy'>): Promise<boolean>;
  /** Ends the pause that is on at `at`, UTC ms; false when there is none. */
  resume(line: string, at: number, by: string): Promise<boolean>;
  /** Who paused a line, when and why; newest first. */
  pauses(line: string, limit: number): Promise<readonly Pause[]>;
  /** Adds somebody who is expected; false when there is no such line. The same id a second time changes nothing. */
  expect(expectation: Omit<Expectation, 'cancelledBy'>): Promise<boolean>;
  /** Ends a window at `at`, UTC ms; false when there is none of this id that is not over. */
  cancel(id: string, at: number, by: string): Promise<boolean>;
  /** Windows of a line that end after `at`, UTC ms, the earliest first. */
  expectations(line: string, at: number): Promise<readonly Expectation[]>;
  /**
   * Numbers that called a line at least `leastCalls` times since `since`, UTC ms, and were put through, each with the latest of
   * those calls. None that was ever in a call reported or cut as fraud, in an incident or in a campaign, that any line blocks or
   * showed a sign of forgery with, nor one that staff dismissed for the line. `line` null: of every line.
   */
  candidates(line: string | null, since: number, leastCalls: number): Promise<readonly FrequentCaller[]>;
  /** The number is not suggested for this line any more; a second time changes nothing. */
  dismiss(dismissal: Dismissal): Promise<void>;
  /** Newest first. */
  dismissed(line: string): Promise<readonly Dismissal[]>;
}

export interface FrequentCaller {
  readonly line: ProtectedLine['id'];
  readonly number: string;
  readonly calls: readonly InboundRecord[];
}

export interface Dismissal {
  readonly line: string;
  readonly number: string;
  readonly at: number;
  readonly by: string;
}
