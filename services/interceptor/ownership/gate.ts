import type { Telephony } from '../../core/ports.ts';

/**
 * A process that stood still, stopped or starved, for longer than its lease lasts may have been replaced meanwhile: what it
 * heard before is not news, and what it would do is another's to do. `hold` is null where nothing hinders, else what to wait for.
 */
export type Hold = () => Promise<void> | null;

/** Hands events on in their order, and keeps them back for as long as `hold` says. `onFailed` is told what `hear` threw at then. */
export function gateEvents<T>(
  hold: Hold,
  hear: (event: T) => void,
  onFailed: (err: unknown) => void,
): (event: T) => void {
  let held: T[] | null = null;
  const letGo = () => {
    const events = held ?? [];
    held = null;
    for (const event of events) {
      try {
        hear(event);
      } catch (err) {
        onFailed(err);
      }
    }
  };
  return (event) => {
    if (held) return void held.push(event);
    const known = hold();
    if (known === null) return hear(event);
    held = [event];
    void known.then(letGo);
  };
}

/** The same exchange, where a command waits for as long as `hold` says: a deadline that passed meanwhile may be another's by now. */
export function gateTelephony(exchange: Telephony, hold: Hold): Telephony {
  const gated =
    <A extends readonly unknown[], R>(act: (...given: A) => Promise<R>) =>
    (...given: A): Promise<R> => {
      const known = hold();
      return known === null ? act(...given) : known.then(() => act(...given));
    };
  return {
    answer: gated(exchange.answer),
    alert: gated(exchange.alert),
    play: gated(exchange.play),
    stopPlaying: gated(exchange.stopPlaying),
    record: gated(exchange.record),
    recordBridge: gated(exchange.recordBridge),
    dial: gated(exchange.dial),
    connect: gated(exchange.connect),
    removeBridge: gated(exchange.removeBridge),
    hangUp: gated(exchange.hangUp),
    setVariable: gated(exchange.setVariable),
    continueInDialplan: gated(exchange.continueInDialplan),
  };
}
