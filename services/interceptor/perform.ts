import type { CallEvent, Effect, Leg } from '../core/call.ts';
import type { Reply, Telephony } from '../core/ports.ts';
import { bridgeOf, channelOf } from './ids.ts';

/** What an effect needs to know of its call beyond itself. */
export interface Performance {
  readonly call: string;
  /** The dial string of a leg: `PJSIP/room-12`, `PJSIP/101@trunk-bt`; null where there is nobody to ring. */
  endpointOf(leg: Leg): string | null;
  /** What came of it. Nothing is thrown: the answer is an event like any other. */
  report(event: Unstamped): void;
}

/** An event as the effect's answer: the runner stamps it with the time. */
export type Unstamped = CallEvent extends infer E ? (E extends CallEvent ? Omit<E, 'at'> : never) : never;

/**
 * Does what an effect says, by one request or a few, none of which waits for another's reply: the exchange serves them in
 * the order they were sent. Every effect may be repeated without harm. Screen, Wake, Unwake, InspectLine and Conclude
 * are the runner's own.
 */
export function perform(telephony: Telephony, effect: Effect, { call, endpointOf, report }: Performance): void {
  const onLeg = (leg: Leg, request: Promise<Reply>) => {
    request.then((reply) => {
      if (reply.ok) return;
      if (reply.gone) report({ type: 'HungUp', leg, cause: unknownCause });
      else report({ type: 'EffectFailed', effect: effect.do, about: aboutOf(effect), why: reply.why });
    });
  };
  switch (effect.do) {
    case 'Answer':
      return onLeg(effect.leg, telephony.answer(channelOf(call, effect.leg)));
    case 'Alert':
      return onLeg(effect.leg, telephony.alert(channelOf(call, effect.leg)));
    case 'Play':
      return onLeg(effect.leg, telephony.play(channelOf(call, effect.leg), effect.playback, effect.sounds));
    case 'StopPlaying':
      // Already over, or its channel gone: either way it is not playing.
      return void telephony.stopPlaying(effect.playback);
    case 'Record': {
      const { leg, recording, maxSeconds, silenceSeconds } = effect;
      return onLeg(leg, telephony.record(channelOf(call, leg), recording, maxSeconds, silenceSeconds));
    }
    case 'Ring':
      return ring(telephony, effect, { call, endpointOf, report });
    case 'Connect': {
      const channels = effect.legs.map((leg) => channelOf(call, leg));
      return failing(effect, report, telephony.connect(bridgeOf(call, effect.legs), channels, effect.watchKeys));
    }
    case 'RecordCall':
      return failing(effect, report, telephony.recordBridge(bridgeOf(call, ['caller']), effect.recording));
    case 'Hold': {
      const value = effect.vouched ? 'trusted' : String(effect.seconds);
      return failing(effect, report, telephony.setVariable(call, 'CLEARLINE_HOLD_SECONDS', value));
    }
    case 'HangUp':
      return hangUp(telephony, effect, { call, report });
    case 'Cut':
      // The line is looked at again in a second, and whoever is still there cut again.
      for (const channel of effect.channels) void telephony.hangUp(channel, normalClearing);
      return;
    case 'Screen':
    case 'InspectLine':
    case 'Wake':
    case 'Unwake':
    case 'Conclude':
      return;
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
  { call, report }: Pick<Performance, 'call' | 'report'>,
): void {
  const { leg, cause } = effect;
  const ask = (tries: number) =>
    void telephony.hangUp(channelOf(call, leg), cause).then((reply) => {
      if (reply.ok) return;
      if (reply.gone) return report({ type: 'HungUp', leg, cause: unknownCause });
      if (tries === 1) report({ type: 'EffectFailed', effect: 'HangUp', about: leg, why: reply.why });
      setTimeout(() => ask(tries + 1), hangUpAgainMs).unref();
    });
  ask(1);
}

function ring(
  telephony: Telephony,
  effect: Extract<Effect, { do: 'Ring' }>,
  { call, endpointOf, report }: Performance,
): void {
  const { leg, showName, showNumber, seconds } = effect;
  const endpoint = endpointOf(leg);
  if (endpoint === null) return report({ type: 'HungUp', leg, cause: absentCause });
  const channel = channelOf(call, leg);
  // The caller's codecs first, so that nothing is transcoded; a call to the police has no caller left.
  const originator = leg === 'police' ? null : call;
  telephony.dial({ channel, call, leg, endpoint, showName, showNumber, seconds, originator }).then((reply) => {
    if (!reply.ok) report({ type: 'HungUp', leg, cause: absentCause });
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
  return 'leg' in effect ? effect.leg : effect.do;
}
