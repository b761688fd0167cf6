import { url as inspectorUrl } from 'node:inspector';

/** What a service tells whoever started it, over Node's IPC; nothing where it was started by hand. */
export type Told =
  /** It does its work from now on. */
  | { readonly told: 'ready' }
  /** Its event loop lives. `debugged`: it may stand still at a breakpoint any time. */
  | { readonly told: 'alive'; readonly debugged: boolean };

/** How often a service says that it lives, in milliseconds. */
const pulseMs = 1_000;

export function tellReady(): void {
  tell({ told: 'ready' });
}

/** Says every second, for as long as the process lives, that its event loop does. */
export function keepPulse(): void {
  setInterval(() => tell({ told: 'alive', debugged: inspectorUrl() !== undefined }), pulseMs).unref();
}

/** What a parent was told; null for any other message. */
export function readTold(message: unknown): Told | null {
  if (typeof message !== 'object' || message === null || !('told' in message)) return null;
  if (message.told === 'ready') return { told: 'ready' };
  if (message.told !== 'alive') return null;
  return { told: 'alive', debugged: 'debugged' in message && message.debugged === true };
}

function tell(what: Told): void {
  // A parent that is gone is told of by `disconnect`.
  if (process.connected) process.send?.(what, undefined, undefined, () => {});
}
