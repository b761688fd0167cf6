import type { CallEvent, Effect, Leg, Route } from '../core/call.ts';
import { dialable } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { Reply, Telephony } from '../core/ports.ts';

/** What an effect needs to know of its call beyond itself. */
export interface Performance {
  readonly call: string;
  readonly bridge: string;
  /** The channel of a leg; null where there is none. */
  channelOf(leg: Leg): string | null;
  /** The dial string of a leg, `PJSIP/room-12`; null where there is nobody to ring. */
  endpointOf(leg: Leg): string | null;
  /** What came of it. Nothing is thrown: the answer is an event like any other. */
  report(event: Unstamped): void;
}

/** An event as the effect's answer: the runner stamps it with the time. */
export type Unstamped = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never;

/**
 * Does what an effect says, by one request or a few, none of which waits for another's reply: the exchange serves them in
 * the order they were sent. Every effect may be repeated without harm. What is not here is the runner's own.
 */
export function perform(telephony: Telephony, effect: Effect, performance: Performance): void {
  const { call, bridge, channelOf, report } = performance;
  const onLeg = (leg: Leg, ask: (channel: string) => Promise<Reply>) => {
    const channel = channelOf(leg);
    if (channel === null) return report({ type: 'HungUp', leg, cause: unknownCause });
    ask(channel).then((reply) => {
      if (reply.ok) return;
      if (reply.gone) report({ type: 'HungUp', leg, cause: unknownCause });
      else report({ type: 'EffectFailed', effect: effect.do, about: aboutOf(effect), why: reply.why });
    });
  };
  switch (effect.do) {
    case 'Answer':
      return onLeg(effect.leg, (channel) => telephony.answer(channel));
    case 'Alert':
      return onLeg(effect.leg, (channel) => telephony.alert(channel));
    case 'Play':
      return onLeg(effect.leg, (channel) => telephony.play(channel, effect.playback, effect.sounds));
    case 'StopPlaying':
      // Already over, or its channel gone: either way it is not playing.
      return void telephony.stopPlaying(effect.playback);
    case 'Record': {
      const { leg, recording, maxSeconds, silenceSeconds } = effect;
      return onLeg(leg, (channel) => telephony.record(channel, recording, maxSeconds, silenceSeconds));
    }
    case 'Ring':
      return ring(telephony, effect, performance);
    case 'Connect': {
      const channels = effect.legs.flatMap((leg) => channelOf(leg) ?? []);
      return failing(effect, report, telephony.connect(bridge, channels, effect.watchKeys));
    }
    case 'RecordCall':
      return failing(effect, report, telephony.recordBridge(bridge, effect.recording));
    case 'Hold': {
      const value = effect.vouched ? 'trusted' : String(effect.seconds);
      return failing(effect, report, telephony.setVariable(call, 'CLEARLINE_HOLD_SECONDS', value));
    }
    case 'PutThrough': {
      const extension = dialable(effect.number.number, gb);
      return onLeg('resident', (channel) => telephony.continueInDialplan(channel, contextOf(effect.route), extension));
    }
    case 'HangUp':
      return hangUp(telephony, effect, performance);
    case 'Cut':
      // The line is looked at again in a second, and whoever is still there cut again.
      for (const channel of effect.channels) void telephony.hangUp(channel, normalClearing);
      return;
    default:
      return;
  }
}

/** The context of the dialplan that takes a route; see dialplan/extensions.conf. */
function contextOf(route: Route): string {
  switch (route.kind) {
    case 'emergency':
      return 'emergency';
    case 'dialplan':
      return 'fallback-outbound';
    case 'any':
      return 'dial-out';
    case 'over':
      return `over-${route.trunk}`;
  }
}

/** A channel that was gone before its end was heard of: its own event, if it still comes, changes nothing. */
const unknownCause = 0;
/** Q.850 20, subscriber absent: what Asterisk refuses to dial has no phone registered. */
const absentCause = 20;
const normalClearing = 16;

/** How soon a hang-up that was not confirmed is asked for again. */
const hangUpAgainMs = 500;

/** Asked for until Asterisk agrees or knows of no such channel: whoever is not hung up stays in the line for ever. */
function hangUp(
  telephony: Telephony,
  effect: Extract<Effect, { do: 'HangUp' }>,
  { channelOf, report }: Pick<Performance, 'channelOf' | 'report'>,
): void {
  const { leg, cause } = effect;
  const channel = channelOf(leg);
  if (channel === null) return report({ type: 'HungUp', leg, cause: unknownCause });
  const ask = (tries: number) =>
    void telephony.hangUp(channel, cause).then((reply) => {
      if (reply.ok) return;
      if (reply.gone) return report({ type: 'HungUp', leg, cause: unknownCause });
      if (tries === 1) report({ type: 'EffectFailed', effect: 'HangUp', about: leg, why: reply.why });
      setTimeout(() => ask(tries + 1), hangUpAgainMs).unref();
    });
  ask(1);
}

function ring(telephony: Telephony, effect: Extract<Effect, { do: 'Ring' }>, performance: Performance): void {
  const { call, channelOf, endpointOf, report } = performance;
  const { leg, showName, showNumber, seconds } = effect;
  const endpoint = endpointOf(leg);
  const channel = channelOf(leg);
  if (endpoint === null || channel === null) return report({ type: 'HungUp', leg, cause: absentCause });
  // The codecs of the call's own channel first, so that nothing is transcoded.
  telephony.dial({ channel, call, leg, endpoint, showName, showNumber, seconds, originator: call }).then((reply) => {
    if (reply.ok) return;
    report({ type: 'HungUp', leg, cause: absentCause });
    // It may ring all the same, or have been picked up already: whoever did must not be left with a dead line.
    if (!reply.gone) hangUp(telephony, { do: 'HangUp', leg, cause: normalClearing }, performance);
  });
}

function failing(effect: Effect, report: Performance['report'], request: Promise<Reply>): void {
  request.then((reply) => {
    // A leg or bridge that is gone tells so itself, by its own hang-up.
    if (reply.ok || reply.gone) return;
    report({ type: 'EffectFailed', effect: effect.do, about: aboutOf(effect), why: reply.why });
  });
}

function aboutOf(effect: Effect): string {
  if ('playback' in effect) return effect.playback;
  if ('recording' in effect) return effect.recording;
  if (effect.do === 'PutThrough') return contextOf(effect.route);
  return 'leg' in effect ? effect.leg : effect.do;
}
