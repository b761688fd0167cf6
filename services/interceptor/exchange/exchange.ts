import type { Ami } from '../../adapters/ami.ts';
import type { Ari } from '../../adapters/ari.ts';
import type { Reply, Telephony } from '../../core/ports.ts';

/** How soon a variable that was not set is asked for again, in milliseconds. */
const setAgainMs = 500;
/** How long ARI may take to send a channel on before AMI is asked to, in milliseconds. */
const continueMs = 1_000;

/**
 * One exchange made of Asterisk's two interfaces: ARI carries the calls, AMI sets the variables. What is sent to the one
 * may overtake what was sent to the other, so a hang-up waits for the variables of its channel: the dialplan's hangup
 * handler reads them. A variable that AMI does not set, because it is away, is set again and again while its channel lives:
 * were the hold of a conversation lost, the resident could be talked into dialling 101 over a line nobody holds.
 * `onUnset` is told when a channel went before its variable could be set so.
 *
 * A channel that ARI does not send on within a second is pulled out of Stasis by AMI: whoever waits for that is in silence.
 *
 * The phone that is to ring comes first: what the caller's own leg needs beside waits until Asterisk has taken the ring, so
 * that neither process is busy with it meanwhile (a tenth of the way to the ring on two cores).
 */
export function joinExchange(
  ari: Ari,
  ami: Pick<Ami, 'setVariable' | 'redirect'>,
  onUnset: () => void = () => {},
): Telephony {
  const setting = new Map<string, Promise<Reply>>();
  /** By call, which is the caller's channel. */
  const dialling = new Map<string, Promise<Reply>>();
  /** The last value asked for of each variable: an older one must not come back over it. */
  const wanted = new Map<string, symbol>();
  const setUntilDone = async (channel: string, name: string, value: string) => {
    const key = `${channel} ${name}`;
    const mine = Symbol(key);
    wanted.set(key, mine);
    await dialling.get(channel);
    const reply = await ami.setVariable(channel, name, value);
    const settle = (last: Reply) => {
      if (wanted.get(key) !== mine) return;
      if (!last.ok && !last.gone) return void setTimeout(again, setAgainMs);
      wanted.delete(key);
      if (!last.ok && last !== reply) onUnset();
    };
    const again = async () => wanted.get(key) === mine && settle(await ami.setVariable(channel, name, value));
    settle(reply);
    return reply;
  };
  return {
    answer: (channel) => ari.answer(channel),
    alert: async (channel) => {
      await dialling.get(channel);
      return ari.alert(channel);
    },
    play: (channel, playback, sounds) => ari.play(channel, playback, sounds),
    stopPlaying: (playback) => ari.stopPlaying(playback),
    record: (channel, recording, maxSeconds, silenceSeconds) =>
      ari.record(channel, recording, maxSeconds, silenceSeconds),
    recordBridge: (bridge, recording) => ari.recordBridge(bridge, recording),
    dial: (request) => {
      const reply = ari.dial(request).finally(() => {
        if (dialling.get(request.call) === reply) dialling.delete(request.call);
      });
      dialling.set(request.call, reply);
      return reply;
    },
    connect: (bridge, channels, watchKeys) => ari.connect(bridge, channels, watchKeys),
    removeBridge: (bridge, first) => ari.removeBridge(bridge, first),
    hangUp: async (channel, cause) => {
      await setting.get(channel);
      return ari.hangUp(channel, cause);
    },
    continueInDialplan: async (channel, context, extension) => {
      const reply = await soon(ari.continueInDialplan(channel, context, extension));
      if (reply.ok || reply.gone) return reply;
      // It is in the dialplan already: an earlier request was done, although its answer was lost.
      if (reply.why.startsWith('409 ')) return { ok: true };
      const redirected = await ami.redirect(channel, context, extension);
      return redirected.ok ? redirected : reply;
    },
    setVariable: (channel, name, value) => {
      const reply = setUntilDone(channel, name, value).finally(() => {
        if (setting.get(channel) === reply) setting.delete(channel);
      });
      setting.set(channel, reply);
      return reply;
    },
  };
}

function soon(work: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout;
  const late = new Promise<Reply>((resolve) => {
    const why = `ARI did not answer within ${continueMs} ms`;
    timer = setTimeout(() => resolve({ ok: false, gone: false, why }), continueMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
