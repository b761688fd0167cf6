import type { ExchangeEvent } from '../../../services/adapters/ari-events.ts';
import { Channel, type Kind } from './channel.ts';
import type { Chance, Clock } from './clock.ts';

type Unstamped<E> = E extends ExchangeEvent ? Omit<E, 'at'> : never;

/** What the model wants to know of the exchange's doings at the moment they are done. */
export interface Watcher {
  /** An event reaches Clearline; `take` is its whole step. */
  deliver(event: ExchangeEvent, take: () => void): void;
  /** The dialplan puts a resident's call on a trunk. */
  offered(near: Channel, trunk: string): void;
  told(what: string): void;
}

/** What the home and its exchange are made of. */
export interface Site {
  readonly lines: readonly { readonly id: string; readonly number: string }[];
  readonly trunks: readonly { readonly name: string; readonly clearing: 'proven' | 'timed' }[];
  readonly clearingSeconds: number;
  readonly holdSeconds: number;
}

/** How far ends behave just now. */
export interface Outside {
  callee: 'answers' | 'busy' | 'rings';
  readonly trunks: Map<string, 'works' | 'fails' | 'silent'>;
  /** So many ms after the next guarded call is answered, a transfer lets somebody else into it. */
  intruderAfterMs: number | null;
}

/** The exchange: channels, the bridges in which they hear one another, and what it tells Clearline of them, in order. */
export class Exchange {
  readonly channels = new Map<string, Channel>();
  readonly bridges = new Map<string, Set<Channel>>();
  /** AstDB: holds in epoch seconds by line, who left them, and timed trunks. */
  readonly kept = {
    until: new Map<string, number>(),
    callers: new Map<string, string>(),
    timed: new Map<string, number>(),
  };
  /** Until when, in ms since the epoch, a trunk may really be held open, whichever line was called. */
  readonly heldOpen = new Map<string, number>();
  readonly outside: Outside = { callee: 'answers', trunks: new Map(), intruderAfterMs: null };
  readonly site: Site;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly watcher: Watcher;
  /** The application, where one is connected. */
  application: ((event: ExchangeEvent) => void) | null = null;
  /** Counts the processes that were connected here: what one asked for, another never hears of. */
  generation = 0;
  /** Nothing reaches the application before then: it hangs. */
  stalledUntil = 0;
  /** What the dialplan does for a channel that is gone. */
  whenGone: (channel: Channel, cause: number) => void = () => {};
  /** Who hears whom may have changed since the model last looked. */
  changed = false;
  private opened = 0;
  private lastTold = 0;

  constructor(site: Site, clock: Clock, chance: Chance, watcher: Watcher) {
    this.site = site;
    this.clock = clock;
    this.chance = chance;
    this.watcher = watcher;
  }

  open(kind: Kind, line: string, trunk: string | null, id?: string): Channel {
    this.opened += 1;
    const channel = new Channel(id ?? `${this.opened}.0`, kind, line, trunk, this.site.holdSeconds);
    this.channels.set(channel.id, channel);
    return channel;
  }

  of(kind: Kind, line?: string): Channel[] {
    return [...this.channels.values()].filter((one) => one.kind === kind && (line === undefined || one.line === line));
  }

  /** Tells the application, late perhaps, but in order. */
  tell(event: Unstamped<ExchangeEvent>): void {
    const { application } = this;
    if (application === null) return;
    const told = { ...event, at: this.clock.now } as ExchangeEvent;
    const due = Math.max(this.lastTold, this.stalledUntil, this.clock.now + this.chance.delay());
    this.lastTold = due;
    this.clock.after(due - this.clock.now, () => {
      if (this.application === application) this.watcher.deliver(told, () => application(told));
    });
  }

  /** Gives a channel to the application; false when there is none. */
  enter(channel: Channel, ...args: readonly string[]): boolean {
    if (this.application === null) return false;
    channel.place = 'stasis';
    channel.given = ['clearline', ...args].join(',');
    const { id, name, extension } = channel;
    const createdAt = this.clock.now;
    this.tell({ type: 'ChannelEntered', channel: id, name, extension, callId: `${id}@test`, args, createdAt });
    return true;
  }

  join(bridge: string, channels: readonly Channel[]): void {
    const inside = this.bridges.get(bridge) ?? new Set<Channel>();
    for (const channel of channels) {
      if (channel.bridge !== inside) this.leave(channel);
      inside.add(channel);
      channel.bridge = inside;
    }
    this.bridges.set(bridge, inside);
    this.watcher.told(`${bridge}: ${[...inside].map(({ id }) => id).join(' + ')}`);
    this.changed = true;
  }

  leave(channel: Channel): void {
    const { bridge } = channel;
    channel.bridge = null;
    bridge?.delete(channel);
    // The dialplan's own bridges are gone with whoever was in them.
    for (const [id, inside] of this.bridges) if (inside.size === 0 && id.startsWith('dial-')) this.bridges.delete(id);
    this.changed = true;
  }

  /** Somebody picks up a phone that rings. */
  answer(channel: Channel): void {
    if (channel.state !== 'ringing') return;
    channel.state = 'up';
    this.changed = true;
    this.watcher.told(`${channel.id} is answered`);
    if (channel.place !== 'rung') return channel.whenAnswered?.();
    if (!this.enter(channel, 'leg')) this.end(channel, 16);
  }

  /** A leg ends; `asked` when it was hung up at this exchange. */
  end(channel: Channel, cause: number, asked = false): void {
    if (!channel.isLive) return;
    this.watcher.told(`${channel.id} ends, ${cause}`);
    const { id } = channel;
    if (asked) this.tell({ type: 'ChannelLeaving', channel: id, cause });
    channel.state = 'gone';
    channel.visit += 1;
    this.silence(channel);
    this.leave(channel);
    this.channels.delete(id);
    this.whenGone(channel, cause);
    this.tell({ type: 'ChannelGone', channel: id, cause });
  }

  /** What plays on the channel or records it is over, because it leaves. */
  silence(channel: Channel): void {
    for (const { playback, task } of channel.plays.splice(0)) {
      if (task) task.cancelled = true;
      this.tell({ type: 'PlaybackEnded', playback, failed: false });
    }
    for (const [recording, task] of channel.recordings) {
      task.cancelled = true;
      this.tell({ type: 'RecordingEnded', recording, seconds: 1 });
    }
    channel.recordings.clear();
  }

  /** How many legs of the line the dialplan has in a guarded or an emergency call. */
  engagedOn(line: string): number {
    return this.of('phone', line).filter(({ engaged }) => engaged).length;
  }
}
