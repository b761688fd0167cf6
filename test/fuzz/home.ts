import { rmSync } from 'node:fs';
import type { Dice } from '../support/dice.ts';
import { answerChallenge } from '../support/phone/digest.ts';
import type { Phone, Phones } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { lineUp, networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';
import { memoryOf } from './figures.ts';
import { Sender } from './sender.ts';
import { type Party, request } from './sip-messages.ts';
import { ArrivalWatch } from './watch.ts';

/** How long an honest caller waits for the ring, and a 999 for the network, at the most, on a machine that others use too. */
const promptlyMs = 10_000;
/** A far end that never answers our goodbye is given up after 32 s. */
const settledMs = 50_000;

const anna = '+447700900123';
const modes = ['announce', 'trusted-only', 'guarded', 'announce'] as const;
const victims = modes.map((mode, index) => ({ id: `flat-${index + 1}`, mode, number: `+44192355510${index + 1}` }));
const honest = { id: 'house-1', number: '+441923555900' };
const national = (number: string) => `0${number.slice(3)}`;
const nobody = '01923555777';

export interface Assailant {
  readonly sender: Sender;
  readonly party: Party;
}

/** A home whose telephones and trunks are sent all sorts of messages, and one line of it on which people just telephone. */
export class FuzzedHome {
  readonly site: Site;
  private readonly watch: ArrivalWatch;
  private readonly prompts: ReturnType<typeof makeShortPrompts>;
  private calls = 0;

  private constructor(site: Site, watch: ArrivalWatch, prompts: ReturnType<typeof makeShortPrompts>) {
    this.site = site;
    this.watch = watch;
    this.prompts = prompts;
  }

  static async start(): Promise<FuzzedHome> {
    const prompts = makeShortPrompts();
    const site = await startSite({
      lines: [...victims, { ...honest, trusted: [{ number: anna, name: 'Anna' }] }],
      carrier: true,
      settings: {
        sounds: { folder: prompts.folder },
        screening: { holdSeconds: 0, nameSeconds: 2, challengeSeconds: 3 },
        // What becomes of garbled calls is asked here, and not of too many.
        overload: { callsAtOnce: 10_000, callsPerSecond: 10_000 },
        outgoing: { callsAtOnce: 100, callsPerHour: 1000 },
      },
    });
    // Nobody but the honest telephone dials 999: Asterisk dials that until its telephone hangs up, which a garbled one may never do.
    for (const far of [site.carrier, site.police]) {
      far.onCall = { do: 'answer', afterMs: 100 };
    }
    return new FuzzedHome(site, await ArrivalWatch.open(site.stack), prompts);
  }

  async stop(): Promise<void> {
    this.watch.close();
    await this.site.stop();
    rmSync(this.prompts.folder, { recursive: true });
  }

  get pids() {
    const { stack } = this.site;
    return { asterisk: stack.asterisk.pid, interceptor: stack.service('interceptor')?.pid ?? 0 };
  }

  /** What the interceptor says when it fails at something. */
  get failures(): string[] {
    return this.site.stack.output.filter((line) => line.startsWith('interceptor') && /"level":[56]0/.test(line));
  }

  /** In MB. */
  get memory(): number {
    return memoryOf(this.pids.interceptor);
  }

  /** The telephones of the lines that are called: one that answers, one that is busy, one that just rings. */
  async telephones(): Promise<Phones> {
    const phones = this.site.phones();
    const [answers, busy] = await Promise.all(victims.slice(0, 3).map(({ id }) => lineUp(phones, id)));
    if (answers) answers.onCall = { do: 'answer', afterMs: 50 };
    if (busy) busy.onCall = { do: 'refuse', status: 486, afterMs: 100 };
    return phones;
  }

  /** Somebody at a trunk's address, at a registered telephone's (whose password they have), and at a stranger's. */
  async assailants(dice: Dice): Promise<Assailant[]> {
    const asterisk = { host: '127.0.0.1', port: this.site.stack.config.sip.port };
    const [first = nobody, ...others] = victims.map(({ number }) => national(number));
    const inwards: Party['numbers'] = [first, ...others, nobody];
    const outwards = ['101', '02079460123', '09011234567', '18185', '*98'] as const;
    const open = async (address: string, user: string, numbers: Party['numbers']) => {
      const sender = await Sender.open(address, asterisk);
      const { local } = sender;
      const party: Party = { local, transport: 'UDP', asterisk, user, numbers, inside: [], authorise: null };
      return { sender, party };
    };
    const trunk = await open(networkAddress, '02079460000', inwards);
    const telephone = await open('127.0.0.3', victims[0]?.id ?? '', outwards);
    const stranger = await open('127.0.0.9', '101', inwards);
    return [trunk, { ...telephone, party: await withPassword(telephone, dice) }, stranger];
  }

  /** A trusted caller rings the honest telephone and is answered; then that telephone calls 999. All of it promptly. */
  async telephone(phones: Phones): Promise<{ readonly ringMs: number; readonly emergencyMs: number }> {
    const network = await phones.trunk(networkAddress);
    const house = await lineUp(phones, honest.id, '127.0.0.5');
    const call = await network.call({ to: national(honest.number), from: { number: anna, name: 'Anna' } });
    const rung = await house.nextCall(promptlyMs);
    rung.answer();
    await call.untilAnswered(promptlyMs);
    call.hangUp();
    await rung.untilEnded();
    const { far, emergency } = await this.reaches999(house);
    emergency.hangUp();
    await far.untilEnded();
    this.calls += 2;
    return { ringMs: rung.invitedAt - call.invitedAt, emergencyMs: far.invitedAt - emergency.invitedAt };
  }

  /** A call from the trunk that is up, for requests inside it: its From, To and Call-ID. */
  async callInProgress(phones: Phones): Promise<readonly string[]> {
    const network = await phones.trunk(networkAddress);
    const call = await network.call({ to: national(victims[0]?.number ?? ''), from: { number: '02079460001' } });
    await call.untilAnswered();
    const acknowledged = network.wire.log.findLast(({ way, text }) => way === 'sent' && text.startsWith('ACK '));
    return acknowledged?.text.split('\r\n').filter((line) => /^(From|To|Call-ID):/.test(line)) ?? [];
  }

  /** Whoever can hang up does, also in calls whose other end was garbled, until Asterisk has no channel left. */
  async hangUpAll(phones: Phones): Promise<void> {
    const { site } = this;
    const hangUp = () => {
      for (const { calls } of [...phones.all, site.carrier, site.police]) for (const call of calls) call.hangUp();
    };
    const again = setInterval(hangUp, 500);
    hangUp();
    await site.untilQuiet(settledMs).finally(() => clearInterval(again));
  }

  /** Asterisk has no channel and no bridge left, and everything the dialplan handed over is on record, once and whole. */
  async settle(): Promise<number> {
    const { site, watch } = this;
    await site.untilQuiet(settledMs);
    const handedOver = () => [...watch.handedOver].toSorted();
    const onRecord = async () => await site.store.calls.list({ limit: 100_000 });
    await until(
      'every call is on record, and no other',
      async () => {
        const [wanted, records] = [handedOver(), await onRecord()];
        const found = new Set(records.map(({ id }) => id));
        const missing = wanted.filter((id) => !found.has(id));
        // Pieced together from Asterisk's note: over before it was handed over, or sent on without Clearline for its Call-ID.
        const own = records.filter(({ id, reconstructed }) => reconstructed !== true || wanted.includes(id));
        const extra = own.filter(({ id }) => !wanted.includes(id)).map((record) => JSON.stringify(record));
        if (missing.length + extra.length === 0) return true;
        throw new Error(`of ${wanted.length} are missing ${missing.slice(0, 5)}; too much ${extra.slice(0, 5)}`);
      },
      settledMs,
    );
    return watch.handedOver.size;
  }

  private async reaches999(house: Phone) {
    const networks = [this.site.carrier, this.site.police];
    const before = networks.map(({ received }) => received.length);
    const emergency = await house.call({ to: '999' });
    const isOurs = ({ shows }: { shows: { number: string } }) => shows.number.endsWith(honest.number.slice(3));
    const far = await until(
      '999 reaches a network',
      () => networks.flatMap(({ received }, index) => received.slice(before[index])).find(isOurs),
      promptlyMs,
    );
    await emergency.untilAnswered(promptlyMs);
    return { far, emergency };
  }
}

/** Knows how to answer Asterisk's challenge for any request. */
async function withPassword({ sender, party }: Assailant, dice: Dice): Promise<Party> {
  sender.send(Buffer.from(request(party, dice, 'REGISTER')));
  const challenge = await until('Asterisk asks for the password', () => sender.challenge);
  const credentials = { user: party.user, password: `secret-${party.user}` };
  const authorise = (method: string, uri: string) =>
    `Authorization: ${answerChallenge(challenge, method, uri, credentials)}`;
  return { ...party, authorise };
}
