import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { Reply, Telephony } from '../../services/core/ports.ts';
import { type Exchange, openAsterisk, openFake, type Person } from './exchanges.ts';
import { until } from './until.ts';

/** Runs a suite on the fake exchange and on Asterisk; each test has a call that has just come in. */
export function onBothExchanges(suite: (scene: ExchangeScene) => void): void {
  describe.each([
    ['fake', async () => openFake()],
    ['Asterisk', openAsterisk],
  ] as const)('%s', (_, open) => {
    const scene = new ExchangeScene();
    beforeAll(async () => {
      scene.exchange = await open();
    });
    afterAll(() => scene.exchange.close());
    beforeEach(() => scene.begin());
    afterEach(() => scene.end());
    suite(scene);
  });
}

export const ok: Reply = { ok: true };
export const gone = expect.objectContaining({ ok: false, gone: true });
export const refused = expect.objectContaining({ ok: false, gone: false });

class ExchangeScene {
  exchange!: Exchange;
  /** The caller's channel. */
  id = '';
  caller!: Person;
  /** To be removed after the test. */
  readonly bridges: string[] = [];

  get telephony(): Telephony {
    return this.exchange.telephony;
  }

  async begin(): Promise<void> {
    this.exchange.onRing({ do: 'answer', afterMs: 20 });
    ({ id: this.id, caller: this.caller } = await this.exchange.arrive());
  }

  async end(): Promise<void> {
    for (const channel of [`${this.id}-resident`, this.id]) await this.telephony.hangUp(channel, 16);
    for (const bridge of this.bridges.splice(0)) await this.telephony.removeBridge(bridge);
    await this.heard('ChannelGone', this.id);
  }

  all(type: ExchangeEvent['type'], about: string): ExchangeEvent[] {
    return this.exchange.events.filter((event) => event.type === type && aboutOf(event) === about);
  }

  /** The first event of the type about a channel, a playback or a recording, once there is one. */
  async heard(type: ExchangeEvent['type'], about: string): Promise<ExchangeEvent> {
    return until(`${type} of ${about}`, () => this.all(type, about)[0]);
  }

  /** The events about these in order; one that is repeated stands once. */
  story(...about: readonly string[]): string[] {
    const told = this.exchange.events.filter((event) => about.includes(aboutOf(event)));
    return [...new Set(told.map((event) => `${event.type} ${aboutOf(event)}`))];
  }

  dial(endpoint = this.exchange.endpoint, seconds = 5): Promise<Reply> {
    const { id } = this;
    const shown = { showName: 'Unknown caller', showNumber: null };
    return this.telephony.dial({
      channel: `${id}-resident`,
      call: id,
      leg: 'resident',
      endpoint,
      ...shown,
      seconds,
      originator: id,
    });
  }

  async answered(): Promise<void> {
    expect(await this.telephony.answer(this.id)).toEqual(ok);
    await until('the caller is answered', () => this.caller.answered);
  }

  /** Caller and resident in a bridge; answers the resident. */
  async connected(watchKeys: boolean): Promise<Person> {
    const { id } = this;
    await this.answered();
    await this.dial();
    await this.heard('ChannelEntered', `${id}-resident`);
    this.bridges.push(`${id}-talk`);
    expect(await this.telephony.connect(`${id}-talk`, [id, `${id}-resident`], watchKeys)).toEqual(ok);
    return this.exchange.rung(`${id}-resident`);
  }
}

function aboutOf(event: ExchangeEvent): string {
  if ('channel' in event) return event.channel;
  if ('playback' in event) return event.playback;
  return 'recording' in event ? event.recording : '';
}
