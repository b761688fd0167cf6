import type { Route } from '../call.ts';
import type { OutboundStep, Step } from './step.ts';

/**
 * Nobody of ours waits for anything while the dialplan dials: it has its own time limits, and tells when a leg ends. Should
 * that never be heard, the record is closed after this; the call itself is left alone.
 */
const watchMs = 2 * 60 * 60 * 1000;

/** Hands the resident's leg to the dialplan, which dials; here it is only watched from now on. */
export function putThrough(step: OutboundStep, route: Route, asked = 1): Step {
  const { number } = step.facts;
  // Asterisk leaves nothing that plays unfinished: the hand-over would wait for it.
  step.stopPlaying().ask({ do: 'PutThrough', number, route });
  return watch(step, route, asked);
}

export function watch(step: OutboundStep, route: Route, asked: number): Step {
  step.enter({ name: 'gone-on', route, heard: false, asked }, watchMs);
  return step.unwake('inspect', 'words').done();
}
