import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { CallEvent } from '../core/call.ts';
import { callOf, legOf } from './ids.ts';

/** An event of the exchange in the words of the call it belongs to. */
export interface Routed {
  readonly call: string;
  readonly event: CallEvent;
}

/** Null for what no call is told in this way: arrivals, what RunningCall takes itself, and what concerns the connection. */
export function route(heard: ExchangeEvent): Routed | null {
  const { at } = heard;
  switch (heard.type) {
    case 'ChannelEntered': {
      const call = callOf(heard.channel);
      return call === null ? null : { call, event: { type: 'Answered', leg: legOf(heard.channel), at } };
    }
    case 'ChannelGone': {
      const { channel, cause } = heard;
      return { call: callOf(channel) ?? channel, event: { type: 'HungUp', leg: legOf(channel), cause, at } };
    }
    case 'DigitReceived': {
      const { channel, digit } = heard;
      return { call: callOf(channel) ?? channel, event: { type: 'KeyPressed', leg: legOf(channel), digit, at } };
    }
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
    case 'Replaced':
      return null;
  }
}

function told(call: string | null, event: CallEvent): Routed | null {
  return call === null ? null : { call, event };
}
