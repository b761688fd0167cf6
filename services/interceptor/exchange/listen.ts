import { EventEmitter } from 'node:events';
import type { Ari } from '../../adapters/ari.ts';
import type { ExchangeEvent } from '../../adapters/ari-events.ts';
import type { Ears } from '../../adapters/ears.ts';
import type { Reply } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import { listeningIds } from './ids.ts';

/** How long Asterisk may take to bring up both channels, in milliseconds. */
const setUpMs = 5_000;

/** A dial tone in what `channel` sends; `at` is milliseconds since the epoch. It is listened to no more. */
export interface ToneHeard {
  readonly type: 'ToneHeard';
  readonly call: string;
  readonly channel: string;
  readonly at: number;
}

export interface Listening {
  readonly events: EventEmitter<{ heard: [ToneHeard] }>;
  /**
   * Begins to listen to what `channel` sends, on behalf of `call`; returns at once. Where it cannot, the log says so and
   * the call goes on. A call that is listened to already stays so.
   */
  listen(call: string, channel: string): void;
  /** Takes away whatever listens on behalf of `call`. It ends by itself when the channel is gone. */
  stop(call: string): void;
  close(): void;
}

type Exchange = Pick<Ari, 'events' | 'snoop' | 'sendAudio' | 'connect' | 'hangUp' | 'removeBridge' | 'listChannels'>;

interface Parts {
  readonly ari: Exchange;
  readonly ears: Ears;
  readonly log: Log;
}

/**
 * Forks what callers send to the ears: a snoop channel hears the caller and says nothing, a channel of external media
 * sends on what it is given, and a bridge of their own joins the two once both have entered. Asterisk answers their making
 * earlier, and refuses to bridge them earlier (422).
 */
export function openListening(parts: Parts): Listening {
  return new Listener(parts);
}

interface Post {
  readonly call: string;
  readonly channel: string;
  readonly timer: NodeJS.Timeout;
  /** Asterisk was asked for the channels: they are to be taken away. */
  asked: boolean;
  readonly entered: Set<string>;
}

class Listener implements Listening {
  readonly events: Listening['events'] = new EventEmitter();
  private readonly posts = new Map<string, Post>();
  /** By every channel that concerns a post: the caller's and its own two. */
  private readonly byChannel = new Map<string, Post>();
  private readonly ari: Exchange;
  private readonly ears: Ears;
  private readonly log: Log;

  constructor({ ari, ears, log }: Parts) {
    this.ari = ari;
    this.ears = ears;
    this.log = log;
    ari.events.on('event', this.follow);
    ari.events.on('reconnected', this.compare);
    ears.events.on('heard', this.report);
    ears.events.on('deaf', this.lose);
  }

  listen(call: string, channel: string): void {
    if (this.posts.has(call)) return;
    const timer = setTimeout(() => this.fail(post, `Asterisk took longer than ${setUpMs} ms`), setUpMs);
    const post: Post = { call, channel, timer, asked: false, entered: new Set() };
    const { ear, wire } = listeningIds(call);
    this.posts.set(call, post);
    for (const id of [channel, ear, wire]) this.byChannel.set(id, post);
    this.fork(post).catch((error: unknown) => this.fail(post, String(error)));
  }

  stop(call: string): void {
    const post = this.posts.get(call);
    if (post) this.remove(post);
  }

  close(): void {
    this.ari.events.off('event', this.follow);
    this.ari.events.off('reconnected', this.compare);
    this.ears.events.off('heard', this.report);
    this.ears.events.off('deaf', this.lose);
    for (const post of [...this.posts.values()]) this.remove(post);
  }

  private async fork(post: Post): Promise<void> {
    const { host, port } = await this.ears.listen(post.call);
    if (!this.isOn(post)) return;
    post.asked = true;
    const { ear, wire } = listeningIds(post.call);
    const replies = await Promise.all([this.ari.snoop(post.channel, ear), this.ari.sendAudio(wire, host, port)]);
    for (const reply of replies) this.judge(post, reply);
  }

  private readonly follow = (event: ExchangeEvent): void => {
    if (event.type !== 'ChannelEntered' && event.type !== 'ChannelGone') return;
    const post = this.byChannel.get(event.channel);
    if (post === undefined) return;
    if (event.type === 'ChannelGone') this.remove(post);
    else if (event.channel !== post.channel) void this.join(post, event.channel);
  };

  private async join(post: Post, entered: string): Promise<void> {
    post.entered.add(entered);
    if (post.entered.size < 2) return;
    clearTimeout(post.timer);
    const { ear, wire, bridge } = listeningIds(post.call);
    this.judge(post, await this.ari.connect(bridge, [ear, wire], false));
  }

  /** After a lost connection, in which the end of a channel may have gone unheard. */
  private readonly compare = async (): Promise<void> => {
    const before = [...this.posts.values()];
    if (before.length === 0) return;
    const channels = await this.ari.listChannels();
    if (channels === null) return;
    const present = new Set(channels.map(({ id }) => id));
    for (const post of before) if (this.isOn(post) && !present.has(post.channel)) this.remove(post);
  };

  private readonly report = (call: string, at: number): void => {
    const post = this.posts.get(call);
    if (post === undefined) return;
    this.remove(post);
    this.events.emit('heard', { type: 'ToneHeard', call, channel: post.channel, at });
  };

  private readonly lose = (calls: readonly string[], why: unknown): void => {
    for (const post of calls.flatMap((call) => this.posts.get(call) ?? [])) this.fail(post, String(why));
  };

  private isOn(post: Post): boolean {
    return this.posts.get(post.call) === post;
  }

  /** A channel that is gone is no failure: its end has been told, or is about to be. */
  private judge(post: Post, reply: Reply): void {
    if (reply.ok) return;
    if (reply.gone && this.isOn(post)) this.remove(post);
    else this.fail(post, reply.why);
  }

  private fail(post: Post, why: string): void {
    if (!this.isOn(post)) return;
    this.log.warn({ call: post.call, why }, 'a caller is not listened to for a dial tone; the call goes on');
    this.remove(post);
  }

  private remove(post: Post): void {
    clearTimeout(post.timer);
    const { ear, wire, bridge } = listeningIds(post.call);
    this.posts.delete(post.call);
    for (const id of [post.channel, ear, wire]) {
      if (this.byChannel.get(id) === post) this.byChannel.delete(id);
    }
    this.ears.stop(post.call);
    if (!post.asked) return;
    // Served after the requests that made them, even where those are still on their way.
    for (const channel of [ear, wire]) void this.ari.hangUp(channel, 16);
    void this.ari.removeBridge(bridge);
  }
}
