import type { Ami } from '../../../services/adapters/ami.ts';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { Sound } from '../../../services/core/call.ts';
import {
  isQuiet,
  type LineQuestion,
  seenAtAGlance,
  seenInList,
  type Witness,
} from '../../../services/core/line-look.ts';
import type { Reply, Telephony } from '../../../services/core/ports.ts';
import { callOf } from '../../../services/interceptor/exchange/ids.ts';
import type { Channel, Playing } from './channel.ts';
import type { Dialplan } from './dialplan.ts';
import type { Exchange } from './exchange.ts';

/** What Clearline may ask of the exchange, by ARI and by AMI: done late, in order for each channel, or not at all. */

const done: Reply = { ok: true };
const gone: Reply = { ok: false, gone: true, why: '404 Not Found' };
const unanswered: Reply = { ok: false, gone: false, why: 'no answer within a second' };
const soundMs = 400;
const answerMs = 1_000;

/** How each witness is at the moment; one that is blind sees nobody but the call itself. */
export interface Witnesses {
  ari: 'sees' | 'silent' | 'blind';
  ami: 'sees' | 'silent' | 'blind';
}

export class Requests implements Telephony {
  readonly witnesses: Witnesses = { ari: 'sees', ami: 'sees' };
  /** Calls whose resident has heard the warning to its end. */
  readonly warned = new Set<string>();
  /** Told of every hang-up at the moment it is done. */
  whenHungUp: (channel: Channel) => void = () => {};
  private readonly exchange: Exchange;
  private readonly dialplan: Dialplan;
  private readonly busyUntil = new Map<string, number>();

  constructor(exchange: Exchange, dialplan: Dialplan) {
    this.exchange = exchange;
    this.dialplan = dialplan;
  }

  answer = (channel: string) =>
    this.ask('answer', channel, (leg) => {
      leg.state = 'up';
      leg.answered = true;
    });

  alert = (channel: string) => this.ask('alert', channel, () => {});

  play = (channel: string, playback: string, sounds: readonly Sound[]) =>
    this.ask(`play ${playback}`, channel, (leg) => {
      if (leg.place !== 'stasis') return;
      for (const sound of sounds) if ('digit' in sound) leg.digit = sound.digit;
      leg.plays.push({ playback, sounds, task: null });
      this.playNext(leg);
    });

  stopPlaying = (playback: string) => {
    const on = [...this.exchange.channels.values()].find(({ plays }) => plays.some((one) => one.playback === playback));
    // The play may still be on its way: it belongs to the call's own channel or to one it rang.
    const call = callOf(playback) ?? playback;
    return this.request(`stop ${playback}`, [on?.id ?? call], () => {
      for (const leg of this.exchange.channels.values()) {
        const found = leg.plays.find((one) => one.playback === playback);
        if (found) this.finish(leg, found, true);
      }
      return done;
    });
  };

  record = (channel: string, recording: string, maxSeconds: number, silenceSeconds: number) =>
    this.ask(`record ${recording}`, channel, (leg) => {
      const seconds = Math.min(maxSeconds, silenceSeconds + 1);
      const task = this.exchange.clock.after(seconds * 1000, () => {
        leg.recordings.delete(recording);
        this.exchange.tell({ type: 'RecordingEnded', recording, seconds });
      });
      leg.recordings.set(recording, task);
    });

  recordBridge = async () => done;

  dial: Telephony['dial'] = ({ channel: id, leg, endpoint, seconds }) =>
    this.request(`ring ${id}`, [id], () => {
      const { exchange } = this;
      if (exchange.channels.has(id)) return { ok: false, gone: false, why: '409 Conflict' };
      const line = leg === 'staff' ? '' : endpoint.slice('PJSIP/'.length);
      const rung = exchange.open(leg === 'staff' ? 'staff' : 'phone', line, null, id);
      rung.place = 'rung';
      exchange.clock.after(seconds * 1000, () => {
        if (rung.state === 'ringing') exchange.end(rung, 19);
      });
      return done;
    });

  connect = (bridge: string, ids: readonly string[]) =>
    this.request(`connect ${bridge}`, ids, () => {
      const channels = ids.flatMap((id) => this.exchange.channels.get(id) ?? []);
      if (channels.length < ids.length) return gone;
      if (channels.some(({ place }) => place !== 'stasis')) return { ok: false, gone: false, why: '409 Conflict' };
      this.exchange.join(bridge, channels);
      return done;
    });

  removeBridge = (bridge: string) =>
    this.request(`remove ${bridge}`, [callOf(bridge) ?? bridge], () => {
      for (const channel of this.exchange.bridges.get(bridge) ?? []) this.exchange.leave(channel);
      this.exchange.bridges.delete(bridge);
      return done;
    });

  hangUp = (channel: string, cause: number) => {
    return this.ask('hang up', channel, (found) => {
      this.whenHungUp(found);
      this.exchange.end(found, cause, true);
    });
  };

  continueInDialplan = (channel: string, context: string, extension: string) =>
    this.request(`continue in ${context}`, [channel], () => this.sendOn(channel, context, extension));

  setVariable = (channel: string, _name: string, value: string): Promise<Reply> => {
    if (this.witnesses.ami === 'silent') return this.later(answerMs, () => unanswered);
    return this.ask('set', channel, (leg) => {
      leg.hold = value;
    });
  };

  redirect: Ami['redirect'] = (channel, context, extension) => {
    if (this.witnesses.ami === 'silent') return this.later(answerMs, () => unanswered);
    return this.request(`redirect to ${context}`, [channel], () => {
      const reply = this.sendOn(channel, context, extension);
      return reply.ok ? reply : gone;
    });
  };

  readHolds: Ami['readHolds'] = async () => {
    if (this.witnesses.ami === 'silent') return this.later(answerMs, () => null);
    const { until, callers, timed } = this.exchange.kept;
    return this.later(1, () => ({ until: new Map(until), callers: new Map(callers), timed: new Map(timed) }));
  };

  putHold: Ami['putHold'] = async (line, until) => {
    if (this.witnesses.ami === 'silent') return unanswered;
    this.exchange.kept.until.set(line, until);
    return done;
  };

  listChannels: Ari['listChannels'] = () =>
    this.later(this.exchange.chance.delay(), () =>
      [...this.exchange.channels.values()].map(({ id, name, line, place, given, extension, state }) => {
        const application = { rung: 'AppDial2', stasis: 'Stasis', dialplan: 'Dial' }[place];
        return { id, name, line, context: '', extension, application, given, state: state === 'up' ? 'Up' : 'Ring' };
      }),
    );

  listBridges: Ari['listBridges'] = () =>
    this.later(this.exchange.chance.delay(), () =>
      [...this.exchange.bridges].map(([id, inside]) => ({ id, channels: [...inside].map((one) => one.id) })),
    );

  isOver: Ari['isOver'] = (_, id) =>
    this.later(this.exchange.chance.delay(), () =>
      [...this.exchange.channels.values()].every(
        ({ plays, recordings }) => !recordings.has(id) && plays.every(({ playback }) => playback !== id),
      ),
    );

  witness(who: keyof Witnesses): Witness {
    const nameOf = (channel: Channel) => (who === 'ari' ? channel.id : channel.name);
    return async (question) => {
      if (this.witnesses[who] === 'silent') return this.later(answerMs, () => null);
      const { clock, chance } = this.exchange;
      const at = clock.now;
      const glance = await this.later(chance.delay(), () => this.glance(question, nameOf));
      if (this.witnesses[who] === 'blind') return { at, tookMs: 1, channels: [], peers: [] };
      if (isQuiet(glance, question)) return { at, tookMs: 1, ...seenAtAGlance(glance, question) };
      const rows = await this.later(chance.delay(), () =>
        [...this.exchange.channels.values()].map(({ id, name, mark }) => ({ id, name, line: mark })),
      );
      return { at, tookMs: 2, ...seenInList(rows, glance, question) };
    };
  }

  private glance({ line, channel: own }: LineQuestion, nameOf: (channel: Channel) => string) {
    const { exchange } = this;
    const bridge = own === null ? null : (exchange.channels.get(own)?.bridge ?? null);
    return {
      telephone: exchange.of('phone', line).map(nameOf),
      callers: exchange.of('caller', line).length,
      peers: [...(bridge ?? [])].filter(({ id }) => id !== own).map(({ name }) => name),
    };
  }

  private sendOn(id: string, context: string, extension: string): Reply {
    const leg = this.exchange.channels.get(id);
    if (!leg) return gone;
    if (leg.place !== 'stasis') return { ok: false, gone: false, why: '409 Conflict' };
    this.exchange.silence(leg);
    this.exchange.leave(leg);
    this.dialplan.run(leg, context, extension);
    return done;
  }

  private playNext(leg: Channel): void {
    const [head] = leg.plays;
    if (head === undefined || head.task !== null) return;
    const lasts = head.sounds.some((sound) => 'tone' in sound) ? Number.MAX_SAFE_INTEGER : soundMs * head.sounds.length;
    head.task = this.exchange.clock.after(lasts, () => this.finish(leg, head, false));
  }

  private finish(leg: Channel, playing: Playing, cutShort: boolean): void {
    if (playing.task) playing.task.cancelled = true;
    leg.plays.splice(leg.plays.indexOf(playing), 1);
    const { playback, sounds } = playing;
    const warns = sounds.some((sound) => 'prompt' in sound && sound.prompt === 'whisper-warning');
    if (warns && !cutShort) this.warned.add(callOf(playback) ?? '');
    this.exchange.tell({ type: 'PlaybackEnded', playback, failed: false });
    this.playNext(leg);
  }

  private ask(what: string, id: string, work: (leg: Channel) => void): Promise<Reply> {
    return this.request(what, [id], () => {
      const leg = this.exchange.channels.get(id);
      if (!leg) return gone;
      work(leg);
      return done;
    });
  }

  /** One request: it waits for those before it that concern the same channels, and for no others. */
  private request(what: string, ids: readonly string[], work: () => Reply): Promise<Reply> {
    const { clock, chance, application, watcher, generation } = this.exchange;
    const fate = chance.fate();
    watcher.told(`? ${what} ${ids.join(' ')}${fate === 'done' ? '' : ` (${fate})`}`);
    if (application === null || fate === 'lost') return this.later(answerMs, () => unanswered);
    if (fate === 'refused') return this.later(chance.delay(), () => unanswered);
    const free = Math.max(0, ...ids.map((id) => this.busyUntil.get(id) ?? 0));
    const due = Math.max(clock.now + chance.delay(), free);
    for (const id of ids) this.busyUntil.set(id, due);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    clock.after(due - clock.now, () => {
      const reply = work();
      const [ms, answer] = fate === 'unanswered' ? [answerMs, unanswered] : [chance.delay(), reply];
      clock.after(ms, () => {
        if (generation === this.exchange.generation) resolve(answer);
      });
    });
    return promise;
  }

  /** An answer that only the process which asked may hear. */
  private later<A>(ms: number, answer: () => A): Promise<A> {
    const { clock, generation } = this.exchange;
    const { promise, resolve } = Promise.withResolvers<A>();
    clock.after(ms, () => {
      if (generation === this.exchange.generation) resolve(answer());
    });
    return promise;
  }
}
