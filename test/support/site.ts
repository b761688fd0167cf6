import { fileURLToPath } from 'node:url';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { PromptName } from '../../services/core/call.ts';
import type { FinishedCall, InboundRecord, OutgoingRecord } from '../../services/core/record.ts';
import { readWav } from './audio.ts';
import { type Phone, Phones } from './phones.ts';
import { freePort, startTestStack, type TestStack, type TestStackOptions } from './stack.ts';
import { until } from './until.ts';

/** A finished call to a line. */
export interface InboundCall extends FinishedCall {
  readonly record: InboundRecord;
}

/** A finished call from a line. */
export interface OutgoingCall extends FinishedCall {
  readonly record: OutgoingRecord;
}

export interface SiteOptions extends Omit<TestStackOptions, 'trunks' | 'services'> {
  /** More settings of trunk `net`, over which every call comes. */
  readonly net?: Readonly<Record<string, unknown>>;
  /** More settings of trunk `police`; false: there is no second trunk. */
  readonly police?: Readonly<Record<string, unknown>> | false;
  /** The far end of `net` takes calls, as `Site.carrier`; without it nobody is there, and Asterisk knows. */
  readonly carrier?: boolean;
}

/** A whole home for live tests: the real stack with interceptor and worker, its lines, its trunks and its phones. */
export interface Site {
  readonly stack: TestStack;
  readonly store: Store;
  /** The far end of a second trunk, where 101 is answered: no call comes from there. */
  readonly police: Phone;
  /** The far end of `net`, on a site that was started with one. */
  readonly carrier: Phone;
  /** Where Asterisk sends what it dials over `trunk-net`. */
  readonly networkPort: number;
  /** A fresh set of phones; the test closes them. */
  phones(): Phones;
  /** The call to a line with this SIP Call-ID, once it is on record, and its carrier's answer to our goodbye if that comes soon. */
  recorded(callId: string): Promise<InboundCall>;
  /** The calls from a line, the newest first, once there are so many on record. */
  dialled(line: string, count?: number): Promise<readonly OutgoingCall[]>;
  /** The newest call from this line, once it is over and on record. */
  recordedFrom(line: string): Promise<OutgoingCall>;
  /** Epoch seconds until which AstDB says the line is held; null where it says nothing. */
  heldUntil(line: string): Promise<number | null>;
  /** The ids of the channels that came in over the trunk from this number. */
  channelsFrom(number: string): Promise<string[]>;
  /** Resolves when Asterisk has no channel, bridge or recording in progress of this call. */
  untilGone(call: FinishedCall): Promise<void>;
  /** Resolves when Asterisk has no channel of this line: its telephone's, its callers', or one dialled for it. */
  untilLineQuiet(line: string): Promise<void>;
  /** Resolves when Asterisk has no channel and no bridge left at all. */
  untilQuiet(ms?: number): Promise<void>;
  /** What Asterisk and the services complained of since the start, and which of them had to be started again. */
  complaints(): string[];
  stop(): Promise<void>;
}

/** Callers reach `trunk-net` from 127.0.0.2, on any port. */
export const networkAddress = '127.0.0.2';
const policeAddress = '127.0.0.4';

/** Starts the stack with its two trunks. Settings of `sip` stand above the site's own. */
export async function startSite({ net, police: second, carrier, ...options }: SiteOptions = {}): Promise<Site> {
  const sip = { host: '127.0.0.1', port: await freePort() };
  // On the air before Asterisk is: it asks a trunk whether it lives when it starts, and then only every 15 seconds.
  const trunks = new Phones(sip);
  const police = await trunks.trunk(policeAddress);
  try {
    const networkPort = await freePort();
    const network = carrier === true ? await trunks.trunk(networkAddress, networkPort) : null;
    const stack = await startTestStack({
      ...options,
      trunks: [
        { name: 'net', address: `${networkAddress}:${networkPort}`, ...net },
        ...(second === false
          ? []
          : [{ name: 'police', address: `${policeAddress}:${police.wire.local.port}`, ...second }]),
      ],
      services: ['worker', 'interceptor'],
      settings: { ...options.settings, sip: { port: sip.port, ...options.settings?.sip } },
    });
    const far = { trunks, police, network, networkPort };
    return openSite(stack, await openStore(stack.config), far);
  } catch (error) {
    trunks.close();
    throw error;
  }
}

interface FarEnds {
  readonly trunks: Phones;
  readonly police: Phone;
  readonly network: Phone | null;
  readonly networkPort: number;
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly accountcode: string;
  readonly caller?: { readonly number: string };
  readonly state?: string;
  readonly dialplan?: { readonly context: string; readonly exten: string; readonly app_name: string };
}

/** Fails by naming what there is. */
function none(found: readonly string[]): true {
  if (found.length > 0) throw new Error(found.join('; '));
  return true;
}

const complaint = /\bERROR\b|\bWARNING\[|"level":[4-6]0/;
/** Asterisk's words for a telephone that is not registered, and for a caller who cancels as the phone is picked up. */
const ordinary =
  /Is endpoint registered and reachable|Failed to create outgoing session to endpoint|answer: Session already DISCONNECTED/;

function openSite(stack: TestStack, store: Store, { trunks, police, network, networkPort }: FarEnds): Site {
  const { httpPort } = stack.config.asterisk;
  const authorization = `Basic ${Buffer.from(`clearline:${stack.secrets.ari}`).toString('base64')}`;
  const ari = (path: string) => fetch(`http://127.0.0.1:${httpPort}/ari/${path}`, { headers: { authorization } });
  const isGone = async (path: string) => (await ari(path)).status === 404;
  const list = async (path: string) => {
    const answer = await ari(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Listed[];
  };
  const pids = () => [stack.asterisk.pid, stack.service('interceptor')?.pid, stack.service('worker')?.pid];
  const pidsAtFirst = pids();
  return {
    stack,
    store,
    police,
    get carrier() {
      if (network === null) throw new Error('this site has no carrier');
      return network;
    },
    networkPort,
    phones: () => new Phones({ host: '127.0.0.1', port: stack.config.sip.port }),
    async recorded(callId) {
      const id = await until(`the call ${callId} is on record`, async () => {
        const calls = await store.calls.list({ direction: 'inbound', limit: 1000 });
        return calls.find((record) => record.direction === 'inbound' && record.signalling.callId === callId)?.id;
      });
      const find = () => store.calls.find(id);
      const first = await until(`the journal of ${id} is on record`, find);
      const settled = async () => {
        const call = await find();
        return call !== null && !awaitsAnswer(call) && call;
      };
      const { record, journal } = await until('its carrier answers', settled, answersMs).catch(() => first);
      if (record.direction !== 'inbound') throw new Error(`${id} is not a call to a line`);
      return { record, journal };
    },
    async dialled(line, count = 1) {
      const calls = await until(`${count} calls from ${line} are on record`, async () => {
        const found = await store.calls.list({ direction: 'outgoing', line, limit: 100 });
        return found.length >= count && found;
      });
      const whole = await Promise.all(
        calls.map(({ id }) => until(`the journal of ${id} is on record`, () => store.calls.find(id))),
      );
      return whole.flatMap(({ record, journal }) => (record.direction === 'outgoing' ? [{ record, journal }] : []));
    },
    async recordedFrom(line) {
      const { record, journal } = await until(`a call from ${line} is on record`, async () => {
        const [newest] = await store.calls.list({ direction: 'outgoing', line, limit: 1 });
        return newest && store.calls.find(newest.id);
      });
      if (record.direction !== 'outgoing') throw new Error(`${record.id} is not a call from a line`);
      return { record, journal };
    },
    async heldUntil(line) {
      const found = /Value: (\d+)/.exec(await stack.asterisk.cli(`database get clearline-hold ${line}`));
      return found ? Number(found[1]) : null;
    },
    async channelsFrom(number) {
      const channels = await list('channels');
      const found = channels.filter(
        ({ name, caller }) => name.startsWith('PJSIP/trunk-net') && caller?.number === number,
      );
      return found.map(({ id }) => id);
    },
    async untilGone({ record: { id } }) {
      const channels = [id, `${id}-resident`, `${id}-staff`].map((channel) => `channels/${channel}`);
      const bridges = [`bridges/${id}-talk`];
      const recordings = ['name', 'message', 'call'].map((what) => `recordings/live/${id}-${what}`);
      for (const path of [...channels, ...bridges, ...recordings]) await until(`${path} is gone`, () => isGone(path));
    },
    async untilLineQuiet(line) {
      const isOf = ({ name, accountcode }: Listed) => accountcode === line || name.startsWith(`PJSIP/${line}-`);
      await until(`no channel of ${line} is left`, async () => !(await list('channels')).some(isOf));
    },
    async untilQuiet(ms?: number) {
      const listed = async (what: string) =>
        (await list(what)).map(({ id, name, state = '', dialplan }) =>
          [id, name, state, dialplan?.context, dialplan?.exten, dialplan?.app_name].join(' '),
        );
      await until('no channel is left', async () => none(await listed('channels')), ms);
      await until('no bridge is left', async () => none(await listed('bridges')));
    },
    complaints() {
      const lines = stack.output.filter((line) => complaint.test(line) && !ordinary.test(line));
      return pids().every((pid, i) => pid === pidsAtFirst[i]) ? lines : [...lines, 'a program was started again'];
    },
    async stop() {
      trunks.close();
      await store.close();
      await stack.stop();
    },
  };
}

/** How long a carrier that answers our goodbye at all may take for it, with two accounts of a call on their way to SQL. */
const answersMs = 2_000;

function awaitsAnswer({ journal, revision = 0 }: FinishedCall): boolean {
  const saidGoodbye = journal.some(
    (entry) => 'effect' in entry && entry.effect.do === 'HangUp' && entry.effect.leg === 'caller',
  );
  return revision === 0 && saidGoodbye;
}

/** Registers the phone of a line, with the password that `testLine` gives it. */
export function lineUp(phones: Phones, line: string, address = '127.0.0.3'): Promise<Phone> {
  return phones.register({ address, user: line, password: `secret-${line}` });
}

/** A committed prompt as 8 kHz samples. */
export function prompt(name: PromptName | `digit-${number}`): Int16Array {
  return readWav(fileURLToPath(new URL(`../../dialplan/sounds/en_GB/${name}.wav`, import.meta.url)));
}

/** The spoken digits by their name, for `heard.which`. */
export const digits = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => [String(digit), prompt(`digit-${digit}`)]),
);
