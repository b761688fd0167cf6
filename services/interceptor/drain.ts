import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Log } from '../log.ts';
import type { CallOwnership } from './ownership/own-calls.ts';
import type { StopSignal } from './stop-signal.ts';

/** How long calls are waited for when whoever started us is gone, in milliseconds. */
const orphanMs = 5_000;
const lookMs = 50;

interface Drained {
  inHand(): number;
  stopTaking(): void;
}

/**
 * Lets the calls in hand end before this interceptor does, for `seconds` at most. Comes back at once when somebody stands by, who
 * takes them up, or when it is asked a second time. What is left by then stays in Asterisk for whoever comes next.
 */
export async function drainCalls(
  taken: Drained,
  ownership: Pick<CallOwnership, 'awaited'>,
  stop: Pick<StopSignal, 'insisted' | 'orphaned'>,
  seconds: number,
  log: Pick<Log, 'info' | 'warn'>,
): Promise<void> {
  const since = performance.now();
  let insisted = false;
  void stop.insisted.then(() => {
    insisted = true;
  });
  if (!ownership.awaited) {
    taken.stopTaking();
    if (taken.inHand() > 0) log.info({ calls: taken.inHand(), seconds }, 'stopping: calls in hand may end first');
  }
  const limitMs = () => (stop.orphaned() ? Math.min(orphanMs, seconds * 1000) : seconds * 1000);
  while (taken.inHand() > 0 && !ownership.awaited && !insisted && performance.now() - since < limitMs()) {
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  const calls = taken.inHand();
  if (ownership.awaited) log.info({ calls }, 'handing the calls over to the interceptor that stands by');
  else if (calls > 0) log.warn({ calls }, 'stopping with calls in hand: they stay in Asterisk for whoever comes next');
}

export interface WayOut {
  readonly channel: string;
  readonly context: 'fallback-inbound' | 'fallback-outbound';
  readonly extension: string;
}

/**
 * Where a call goes that comes to an interceptor that is stopping: to the dialplan's fallback, as if nobody were here; null for
 * what belongs to a call in hand. So does what a resident dials whose line has one: it is cut, and looked at, here.
 */
export function wayOut(event: ExchangeEvent, isBusy: (line: string) => boolean): WayOut | null {
  if (event.type !== 'ChannelEntered') return null;
  const { channel } = event;
  const [kind, dialled = '', line = ''] = event.args;
  if (kind === 'inbound') return { channel, context: 'fallback-inbound', extension: 's' };
  if (kind === 'outgoing' && !isBusy(line)) return { channel, context: 'fallback-outbound', extension: dialled };
  return null;
}
