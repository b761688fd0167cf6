import { url as inspectorUrl } from 'node:inspector';

/** What a service tells whoever started it, over Node's IPC; nothing where it was started by hand. */
export type Told =
  /** It does its work from now on. */
  | { readonly told: 'ready' }
  /** It brings the database up to date, and may be deaf and dumb for minutes; or, not `still`, that is over. */
  | { readonly told: 'upgrading'; readonly still: boolean }
  /** Its event loop lives. `debugged`: it may stand still at a breakpoint any time. */
  | { readonly told: 'alive'; readonly debugged: boolean };

/** How often a service says that it lives, in milliseconds. */
const pulseMs = 1_000;
/** How long it has to end in order whose parent is gone, in milliseconds: nine seconds later it is ended (standalone/end-orphan.ts). */
const orphanedMs = 9_000;

export function tellReady(): void {
  void tell({ told: 'ready' });
}

/** Resolves when the parent has it for sure: SQLite leaves this process no moment for anything else meanwhile. */
export function tellUpgrading(still: boolean): Promise<void> {
  return tell({ told: 'upgrading', still });
}

/** Says every second, for as long as the process lives, that its event loop does. */
export function keepPulse(): void {
  setInterval(() => void tell({ told: 'alive', debugged: inspectorUrl() !== undefined }), pulseMs).unref();
}

/**
 * Calls `leave` once whoever started this process is gone, before now too, so that nobody would ever ask it to stop. It then ends
 * hard: what it writes goes nowhere, and the log's last flush at the exit would try that for ever (sonic-boom takes EPIPE for EAGAIN).
 * To be called before the first thing that may take long.
 */
export function onOrphaned(leave: () => void): void {
  // Undefined where it was started by hand, and nobody watches it.
  if (process.connected === undefined) return;
  const parent = process.ppid;
  const leaveHard = () => {
    setTimeout(endNow, orphanedMs);
    leave();
  };
  process.prependListener('exit', () => {
    if (!process.connected || process.ppid !== parent) endNow();
  });
  // Whoever died while this process was still loading is told of no more.
  if (process.connected) process.once('disconnect', leaveHard);
  else leaveHard();
}

function endNow(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** What a parent was told; null for any other message. */
export function readTold(message: unknown): Told | null {
  if (typeof message !== 'object' || message === null || !('told' in message)) return null;
  if (message.told === 'ready') return { told: 'ready' };
  if (message.told === 'upgrading') return { told: 'upgrading', still: 'still' in message && message.still === true };
  if (message.told !== 'alive') return null;
  return { told: 'alive', debugged: 'debugged' in message && message.debugged === true };
}

function tell(what: Told): Promise<void> {
  return new Promise((resolve) => {
    // A parent that is gone is told of by `disconnect`.
    if (process.connected && process.send) process.send(what, undefined, undefined, () => resolve());
    else resolve();
  });
}
