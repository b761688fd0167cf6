import { openAmi } from '../../services/adapters/ami.ts';
import { connectAri } from '../../services/adapters/ari.ts';
import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { Telephony } from '../../services/core/ports.ts';
import { joinExchange } from '../../services/interceptor/exchange/exchange.ts';
import { type Marker, markers, tones } from './audio.ts';
import { type FakeChannel, FakeTelephony, type OnRing } from './fake-telephony.ts';
import type { PhoneCall } from './phone/call.ts';
import type { OnCall } from './phone/phone.ts';
import { PlacedCall } from './phone/placed-call.ts';
import { Phones } from './phones.ts';
import { freePort, startTestStack, type TestStack } from './stack.ts';
import { makeTonePrompts } from './tone-prompts.ts';
import { until } from './until.ts';

/** The real exchange and the fake one with the same handles, so that one suite can hold them side by side. */

/** A person on a telephone, at the far end of a channel. */
export interface Person {
  readonly rings: boolean;
  readonly answered: boolean;
  /** The Q.850 cause the exchange hung up with; null while it has not. */
  readonly cause: number | null;
  /** Settles when the last of it is said. */
  speak(ms: number): Promise<void>;
  press(digit: string): void;
  hangUp(): void;
  /** Has heard something the other said since the call began. */
  hears(other: Person): boolean;
}

export interface Exchange {
  readonly name: string;
  readonly telephony: Telephony;
  /** Everything heard so far. */
  readonly events: readonly ExchangeEvent[];
  /** The dial string of a telephone, and of one that is not registered. */
  readonly endpoint: string;
  readonly absent: string;
  /** What the telephone does when it is rung next. */
  onRing(what: OnRing): void;
  /** A call comes in and enters the application. */
  arrive(): Promise<{ readonly id: string; readonly caller: Person }>;
  /** The telephone dials a number, and enters the application. */
  dialOut(number: string): Promise<{ readonly id: string; readonly resident: Person }>;
  /** What whoever has a number does when the dialplan dials it over the trunk next. */
  onTrunk(number: string, what: OnRing): void;
  /** Whoever is, or was last, rung on the channel. */
  rung(channel: string): Person;
  /** Whoever the dialplan dialled last for this channel. */
  far(channel: string): Person;
  close(): Promise<void>;
}

/** How long the prompts last on both, in milliseconds. */
export const promptMs = 260;

export function openFake(): Exchange {
  const events: ExchangeEvent[] = [];
  const telephony = new FakeTelephony({
    hear: (event) => events.push(event),
    lengthOf: (sound) => ('tone' in sound ? Number.POSITIVE_INFINITY : promptMs),
  });
  telephony.dialplan.trunks = ['net'];
  const people = new Map<string, FakePerson>();
  const endpoint = 'PJSIP/flat-1';
  telephony.phones.set(endpoint, { do: 'ring' });
  const person = (channel: FakeChannel) => {
    const made = new FakePerson(channel);
    people.set(channel.id, made);
    return made;
  };
  return {
    name: 'fake',
    telephony,
    events,
    endpoint,
    absent: 'PJSIP/flat-2',
    onRing: (what) => telephony.phones.set(endpoint, what),
    arrive: async () => {
      const channel = telephony.arrive('01923555101', 'net', []);
      return { id: channel.id, caller: person(channel) };
    },
    dialOut: async (number) => {
      const channel = telephony.dialOut('flat-1', number);
      return { id: channel.id, resident: person(channel) };
    },
    onTrunk: (number, what) => telephony.phones.set(`PJSIP/${number}@trunk-net`, what),
    rung: (channel) => people.get(channel) ?? person(telephony.channel(channel)),
    far: (channel) => person(telephony.dialplan.farOf(telephony.channel(channel))),
    close: async () => {},
  };
}

class FakePerson implements Person {
  readonly channel: FakeChannel;
  private readonly heard = new Set<string>();

  constructor(channel: FakeChannel) {
    this.channel = channel;
  }

  get rings(): boolean {
    return this.channel.alerted;
  }

  get answered(): boolean {
    return this.channel.state === 'up';
  }

  get cause(): number | null {
    return this.channel.cause;
  }

  speak(ms: number): Promise<void> {
    this.channel.speak(ms);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  press(digit: string): void {
    this.channel.press(digit);
  }

  hangUp(): void {
    this.channel.hangUp();
  }

  hears(other: Person): boolean {
    for (const id of this.channel.hears) this.heard.add(id);
    return other instanceof FakePerson && this.heard.has(other.channel.id);
  }
}

export async function openAsterisk(): Promise<Exchange> {
  const prompts = makeTonePrompts();
  const trunkPort = await freePort();
  const stack = await startHome(prompts.folder, trunkPort);
  const [host = '', port = ''] = stack.sip.split(':');
  const phones = new Phones({ host, port: Number(port) });
  const { telephony, events, disconnect } = await join(stack);
  const network = await phones.trunk('127.0.0.2', trunkPort);
  const flat = await phones.register({ address: '127.0.0.3', user: 'flat-1', password: 'secret-flat-1' });
  const entered = (how: string) => events.filter((event) => event.type === 'ChannelEntered' && event.args[0] === how);
  return {
    name: 'Asterisk',
    telephony,
    events,
    endpoint: 'PJSIP/flat-1',
    absent: 'PJSIP/flat-2',
    onRing: (what) => {
      flat.onCall = whenRung(what);
    },
    arrive: async () => {
      const before = entered('inbound').length;
      const call = await network.call({ to: '01923555101', from: { number: '02079460000' } });
      const event = await until('the call has entered the application', () => entered('inbound')[before]);
      return { id: 'channel' in event ? event.channel : '', caller: new RealPerson(call, markers.caller) };
    },
    dialOut: async (number) => {
      const before = entered('outgoing').length;
      const call = await flat.call({ to: number });
      const event = await until('the call has entered the application', () => entered('outgoing')[before]);
      return { id: 'channel' in event ? event.channel : '', resident: new RealPerson(call, markers.resident) };
    },
    onTrunk: (_, what) => {
      network.onCall = whenRung(what);
    },
    rung: () => {
      const call = flat.received.at(-1);
      if (!call) throw new Error('the telephone was never rung');
      return new RealPerson(call, markers.resident);
    },
    far: () => {
      const call = network.received.at(-1);
      if (!call) throw new Error('the dialplan dialled nobody');
      return new RealPerson(call, markers.police);
    },
    close: async () => {
      phones.close();
      disconnect();
      await stack.stop();
      prompts.remove();
    },
  };
}

function startHome(folder: string, trunkPort: number): Promise<TestStack> {
  return startTestStack({
    lines: [
      { id: 'flat-1', number: '+441923555101' },
      { id: 'flat-2', number: '+441923555102' },
    ],
    trunks: [{ name: 'net', address: `127.0.0.2:${trunkPort}` }],
    settings: { sounds: { folder: folder } },
  });
}

async function join({ config, secrets }: TestStack) {
  const { amiHost: host, amiPort, httpPort } = config.asterisk;
  const common = { user: 'clearline', application: 'clearline', soundsFolder: config.paths.sounds };
  const ari = await connectAri({ ...common, url: `http://127.0.0.1:${httpPort}`, password: secrets.ari });
  const ami = openAmi({ host, port: amiPort, user: 'clearline', password: secrets.ami }, () => {});
  await until('AMI answers', async () => (await ami.listChannels()) !== null);
  const events: ExchangeEvent[] = [];
  ari.events.on('event', (event) => events.push(event));
  const disconnect = () => {
    ari.close();
    ami.close();
  };
  return { telephony: joinExchange(ari, ami), events, disconnect };
}

function whenRung(what: OnRing): OnCall {
  switch (what.do) {
    case 'ring':
      return { do: 'ring' };
    case 'dead':
      return { do: 'ignore' };
    case 'answer':
      return what;
    case 'busy':
      return { do: 'refuse', status: 486, afterMs: what.afterMs };
    case 'decline':
      return { do: 'refuse', status: 603, afterMs: what.afterMs };
  }
}

class RealPerson implements Person {
  readonly marker: Marker;
  private readonly call: PhoneCall;

  constructor(call: PhoneCall, marker: Marker) {
    this.call = call;
    this.marker = marker;
  }

  get rings(): boolean {
    return this.call.ringingAt !== null;
  }

  get answered(): boolean {
    return this.call.answeredAt !== null;
  }

  get cause(): number | null {
    return this.call.ended?.by === 'them' ? this.call.ended.cause : null;
  }

  speak(ms: number): Promise<void> {
    return this.call.media.play(tones(this.marker, ms));
  }

  press(digit: string): void {
    this.call.press(digit);
  }

  hangUp(): void {
    if (this.call instanceof PlacedCall) this.call.cancel();
    else this.call.hangUp();
  }

  hears(other: Person): boolean {
    return other instanceof RealPerson && this.call.heard.marker(other.marker).length > 0;
  }
}
