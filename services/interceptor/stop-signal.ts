import { onOrphaned } from '../parent.ts';

/** How this process is asked to stop. */
export interface StopSignal {
  /** Settles when somebody asks, or whoever started us is gone, so that nobody would ever ask. */
  readonly asked: Promise<void>;
  /** Settles when they ask again: now, whatever is in hand. */
  readonly insisted: Promise<void>;
  /** Whoever started us is gone, and with them most likely Asterisk: there is little to wait for. */
  readonly orphaned: () => boolean;
}

/** npm passes a signal on that the terminal has sent already, so that one Ctrl-C comes twice. */
const sameMs = 1_000;

export function listenForStop(): StopSignal {
  const asked = Promise.withResolvers<void>();
  const insisted = Promise.withResolvers<void>();
  let since: number | null = null;
  let orphaned = false;
  const hear = () => {
    since ??= performance.now();
    asked.resolve();
    if (performance.now() - since > sameMs) insisted.resolve();
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  onOrphaned(() => {
    orphaned = true;
    asked.resolve();
  });
  return { asked: asked.promise, insisted: insisted.promise, orphaned: () => orphaned };
}
