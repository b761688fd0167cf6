import type { Ami } from '../../adapters/ami.ts';
import type { Log } from '../../log.ts';
import type { HoldBook } from './hold-book.ts';

/**
 * How long after a hold may be missing it is looked for, and looked for again, in milliseconds: AMI may know that a channel
 * is gone before ARI has told it to the call, which then enters its hold in the book.
 */
const settleMs = 1_000;
const retryMs = 200;
/** How often AstDB is read for holds that staff have lifted there, in milliseconds. */
const lookMs = 2_000;

export interface HoldMender {
  /**
   * Puts into AstDB what the book knows and AstDB lacks, never a shorter hold over a longer one, and takes over what it
   * says. Tries again for so many milliseconds; false when AMI did not answer in them, and nothing in the book is lost then.
   */
  mend(withinMs: number): Promise<boolean>;
  /** Mends in a moment, and again until AMI has answered. */
  mendSoon(): void;
  /** Mends every two seconds from now on. Answers how to stop. */
  keepMending(): () => void;
}

/**
 * Keeps the book and AstDB alike. The dialplan writes each call's hold into AstDB as the call's variable tells it; where AMI
 * was away until the call's end, or Asterisk died before it could write, the book alone knows the hold, and the dialplan
 * would connect the resident to 101 over a line where the caller may still be.
 */
export function holdMender(
  holds: HoldBook,
  ami: Pick<Ami, 'readHolds' | 'putHold'>,
  log: Pick<Log, 'warn'>,
): HoldMender {
  let due = false;
  const mendOnce = async (): Promise<boolean> => {
    const mark = holds.mark();
    const found = await ami.readHolds();
    if (found === null) return false;
    const missing = holds.missingIn(found, mark);
    if (missing.size === 0) {
      holds.replaceBy(found, mark);
      return true;
    }
    for (const [line, until] of missing) {
      const put = await ami.putHold(line, until);
      if (!put.ok) return false;
      if (!holds.isLate(line)) log.warn({ line, until }, 'AstDB lacked the hold of a line');
    }
    // Once more: a call may have ended meanwhile and left a longer one.
    return mendOnce();
  };
  const mend = async (withinMs: number) => {
    const deadline = performance.now() + withinMs;
    let mended = await mendOnce();
    while (!mended && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      mended = await mendOnce();
    }
    return mended;
  };
  const mendSoon = () => {
    if (due) return;
    due = true;
    setTimeout(async () => {
      due = false;
      if (!(await mendOnce())) mendSoon();
    }, settleMs);
  };
  const keepMending = () => {
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      looking = true;
      await mendOnce();
      looking = false;
    }, lookMs);
    return () => clearInterval(timer);
  };
  return { mend, mendSoon, keepMending };
}
