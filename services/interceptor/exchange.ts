import type { Ami } from '../adapters/ami.ts';
import type { Ari } from '../adapters/ari.ts';
import type { Reply, Telephony } from '../core/ports.ts';

/**
 * One exchange made of Asterisk's two interfaces: ARI carries the calls, AMI sets the variables. What is sent to the one
 * may overtake what was sent to the other, so a hang-up waits for the variables of its channel: the dialplan's hangup
 * handler reads them.
 */
export function joinExchange(ari: Ari, ami: Pick<Ami, 'setVariable'>): Telephony {
  const setting = new Map<string, Promise<Reply>>();
  return {
    answer: (channel) => ari.answer(channel),
    alert: (channel) => ari.alert(channel),
    play: (channel, playback, sounds) => ari.play(channel, playback, sounds),
    stopPlaying: (playback) => ari.stopPlaying(playback),
    record: (channel, recording, maxSeconds, silenceSeconds) =>
      ari.record(channel, recording, maxSeconds, silenceSeconds),
    recordBridge: (bridge, recording) => ari.recordBridge(bridge, recording),
    dial: (request) => ari.dial(request),
    connect: (bridge, channels, watchKeys) => ari.connect(bridge, channels, watchKeys),
    removeBridge: (bridge) => ari.removeBridge(bridge),
    hangUp: async (channel, cause) => {
      await setting.get(channel);
      return ari.hangUp(channel, cause);
    },
    setVariable: (channel, name, value) => {
      const reply = ami.setVariable(channel, name, value).finally(() => {
        if (setting.get(channel) === reply) setting.delete(channel);
      });
      setting.set(channel, reply);
      return reply;
    },
  };
}
