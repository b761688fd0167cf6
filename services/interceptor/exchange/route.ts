import type { ExchangeEvent } from '../../adapters/ari-events.ts';
import type { CallEvent, Leg } from '../../core/call.ts';
import { callOf } from './ids.ts';

/** An event of the exchange in the words of the call it belongs to. */
export interface Routed {
  readonly call: string;
  readonly event: CallEvent;
}

/** Whose leg a channel is. */
export interface Place {
  readonly call: string;
  readonly leg: Leg;
}

/**
 * Null for what no call is told in this way: arrivals, what a running call takes itself, what concerns the connection, and
 * the doings of channels that are no call's.
 */
export function route(heard: ExchangeEvent, placeOf: (channel: string) => Place | null): Routed | null {
  const { at } = heard;
  const onLeg = (channel: string, tell: (leg: Leg) => CallEvent): Routed | null => {
    const place = placeOf(channel);
    return place && { call: place.call, event: tell(place.leg) };
  };
  switch (heard.type) {
    case 'ChannelEntered':
      return onLeg(heard.channel, (leg) => ({ type: 'Answered', leg, at }));
    case 'ChannelGone':
      return onLeg(heard.channel, (leg) => ({ type: 'HungUp', leg, cause: heard.cause, at }));
    case 'DigitReceived':
      return onLeg(heard.channel, (leg) => ({ type: 'KeyPressed', leg, digit: heard.digit, at }));
    case 'PlaybackEnded': {
      const { playback, failed } = heard;
      const why = 'Asterisk could not play it';
      const failure = { type: 'EffectFailed', effect: 'Play', about: playback, why, at } as const;
      return told(callOf(playback), failed ? failure : { type: 'PromptFinished', playback, at });
    }
    case 'RecordingEnded': {
      const { recording, seconds } = heard;
      return told(callOf(recording), { type: 'RecordingFinished', recording, seconds, at });
    }
    case 'RecordingBroke': {
      const { recording: about, why } = heard;
      return told(callOf(about), { type: 'EffectFailed', effect: 'Record', about, why, at });
    }
    case 'ChannelLeaving':
    case 'FactsTold':
    case 'EmergencyDialled':
    case 'DialTold':
    case 'Replaced':
      return null;
  }
}

function told(call: string | null, event: CallEvent): Routed | null {
  return call === null ? null : { call, event };
}
