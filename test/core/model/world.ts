import type { Channel } from './channel.ts';
import { Chance, Clock, drainPromises, weathers } from './clock.ts';
import { Dialplan } from './dialplan.ts';
import { Exchange, type Site } from './exchange.ts';
import { homeLines } from './home.ts';
import { Interceptor } from './interceptor.ts';
import { Promises, type Wish } from './promises.ts';
import { Requests } from './requests.ts';

/** A home with two lines, its exchange and its dialplan, people, carriers, and the whole interceptor deciding. */

export const sites = {
  proven: [
    { name: 'first', clearing: 'proven' },
    { name: 'second', clearing: 'proven' },
  ],
  mixed: [
    { name: 'first', clearing: 'timed' },
    { name: 'second', clearing: 'proven' },
  ],
  analogue: [{ name: 'first', clearing: 'timed' }],
} as const satisfies Record<string, Site['trunks']>;

const restartMs = 1_000;

/** Who waits for a guarded number, or for an emergency call, when everything works again. */
export interface Urgent {
  readonly waits: readonly Wish[];
  readonly emergencies: readonly Channel[];
}

export class World {
  readonly clock = new Clock();
  readonly promises = new Promises();
  readonly exchange: Exchange;
  readonly dialplan: Dialplan;
  readonly requests: Requests;
  readonly interceptor: Interceptor;
  /** Strangers who have called so far: each shows a number of their own. */
  strangers = 0;
  private diedAt = 0;
  private starting = false;

  constructor(trunks: keyof typeof sites, seed: number) {
    const site = { lines: homeLines, trunks: sites[trunks], clearingSeconds: 40, holdSeconds: 45 };
    this.exchange = new Exchange(site, this.clock, new Chance(seed), this.promises);
    this.dialplan = new Dialplan(this.exchange);
    this.requests = new Requests(this.exchange, this.dialplan);
    this.interceptor = new Interceptor(this.exchange, this.requests, this.promises);
    this.promises.watch(this.exchange, this.requests, this.interceptor);
  }

  /** A process takes its time to start: by then all that the one before had asked for is done. */
  comeBack(): void {
    const { clock, interceptor } = this;
    if (interceptor.isUp || this.starting) return;
    this.starting = true;
    clock.after(this.diedAt + restartMs - clock.now, () => {
      this.starting = false;
      const left = [...this.exchange.channels.values()].some(({ place }) => place === 'stasis');
      if (left) this.promises.scenes.add('Clearline comes back to calls it does not know');
      interceptor.start();
    });
  }

  die(): void {
    if (!this.interceptor.isUp) return;
    this.diedAt = this.clock.now;
    this.interceptor.die();
    this.promises.forget();
  }

  /** Everything works again from now on, and nobody does anything any more. */
  mend(): Urgent {
    const { wishes } = this.promises;
    const waits = wishes.filter(({ channel, excuse }) => channel.isLive && excuse === null && !channel.connected);
    const emergencies = this.exchange.of('phone').filter(({ emergency, connected }) => emergency && !connected);
    this.promises.told('--- everything works, and nobody does anything');
    const { exchange, requests, interceptor } = this;
    exchange.chance.weather = weathers.calm;
    exchange.outside.callee = 'answers';
    exchange.outside.trunks.clear();
    requests.witnesses.ari = 'sees';
    requests.witnesses.ami = 'sees';
    interceptor.redis.away = false;
    this.comeBack();
    return { waits, emergencies };
  }

  /** Whoever was still waiting has been connected, and nobody has been left alone. */
  checkSettled({ waits, emergencies }: Urgent): void {
    const { promises, exchange } = this;
    for (const { channel, excuse, call } of waits) {
      if (!channel.connected && !channel.displaced && excuse === null) promises.break('connected', `${call} never was`);
    }
    for (const { id, connected } of emergencies) if (!connected) promises.break('reached', `${id} never was`);
    for (const { id, bridge, state } of exchange.channels.values()) {
      // A telephone may ring for a call back just now: nobody is there yet.
      if (state !== 'ringing' && (bridge?.size ?? 0) < 2) promises.break('stuck', `${id} is left alone`);
    }
    this.stopIfBroken();
  }

  /** Nothing is left, and all of it is on record. */
  checkOver(): void {
    const { promises, exchange, interceptor } = this;
    for (const { id, state } of exchange.channels.values())
      if (state !== 'ringing') promises.break('stuck', `${id} is left behind`);
    if (interceptor.runner?.running !== 0) promises.break('concluded', 'a call is still run');
    for (const [id, { generation, concluded, finished }] of promises.calls) {
      if (generation === exchange.generation && (concluded !== 1 || finished !== 1))
        promises.break('concluded', `${id} has ${concluded} conclusions and ${finished} records`);
    }
    this.stopIfBroken();
  }

  /** Everybody puts the telephone down. */
  part(): void {
    this.promises.told('--- everybody hangs up');
    for (const channel of [...this.exchange.channels.values()]) this.exchange.end(channel, 16);
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.now + ms;
    await drainPromises();
    this.look();
    while (this.clock.step(until)) {
      await drainPromises();
      this.look();
    }
  }

  private look(): void {
    const { requests, interceptor, promises, exchange } = this;
    const { ari, ami } = requests.witnesses;
    const isWell = interceptor.isUp && exchange.application !== null && ari === 'sees' && ami === 'sees';
    if (!isWell || exchange.chance.weather.faults > 0 || exchange.stalledUntil > this.clock.now)
      promises.troubledUntil = this.clock.now;
    promises.check();
    this.stopIfBroken();
  }

  private stopIfBroken(): void {
    if (this.promises.broken !== null) throw this.promises.broken;
  }
}
