import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExpectStatic, TestContext } from 'vitest';
import type { Leg } from '../../services/core/call.ts';
import type { ScreeningMode } from '../../services/core/line.ts';
import type { CallRecord, FinishedCall, InboundRecord } from '../../services/core/record.ts';
import { babble, joined, markers, silence, tones } from './audio.ts';
import { askedDigit, heardNames, hearsMarker, said } from './listen.ts';
import type { PhoneCall } from './phone/call.ts';
import type { CallOptions, Phone } from './phone/phone.ts';
import { PlacedCall } from './phone/placed-call.ts';
import { ReceivedCall } from './phone/received-call.ts';
import { lineUp, networkAddress, type Site } from './site.ts';
import { until } from './until.ts';

/** The people of one story, and what they do: the line's telephone, the callers, the staff; see stories.ts. */

/** What a caller says when asked to: not before the recording has begun, which is a moment after the prompt. */
export const voice = babble(800, 77);
export const voiceWhenAsked = joined(silence(500), voice);

/** A call that is over, and on record. */
export interface Told {
  readonly record: InboundRecord;
  readonly journal: FinishedCall['journal'];
  readonly played: (leg: Leg) => readonly string[];
}

export interface SceneLine {
  readonly id: string;
  readonly number: string;
  readonly index: number;
  readonly mode: ScreeningMode;
}

/** What the stories of a file have in common. */
export interface Shared {
  readonly digits: string[];
  readonly staff: Phone | null;
}

interface Parts {
  readonly phones: ReturnType<Site['phones']>;
  readonly network: Phone;
  readonly resident: Phone;
}

export class Scene {
  readonly site: Site;
  readonly line: SceneLine;
  readonly expect: ExpectStatic;
  /** Where this story's callers call from. */
  readonly network: Phone;
  /** The line's telephone. */
  readonly resident: Phone;
  /** The number of a stranger who calls nobody else. */
  readonly stranger: string;
  readonly #phones;
  readonly #shared: Shared;
  readonly #tones: boolean;

  private constructor(site: Site, line: SceneLine, context: TestContext, shared: Shared, parts: Parts) {
    this.#tones = site.stack.config.sounds.folder !== undefined;
    this.site = site;
    this.line = line;
    this.expect = context.expect;
    this.network = parts.network;
    this.resident = parts.resident;
    this.stranger = `+442079460${String(100 + line.index)}`;
    const { phones } = parts;
    this.#phones = phones;
    this.#shared = shared;
    const folder = join(tmpdir(), 'clearline-failed', context.task.name.replaceAll(/\W+/g, '-').slice(0, 80));
    context.onTestFailed(() => phones.save(folder));
  }

  static async open(site: Site, line: SceneLine, phone: boolean, context: TestContext, shared: Shared): Promise<Scene> {
    const phones = site.phones();
    const network = await phones.trunk(networkAddress);
    const resident = phone ? await lineUp(phones, line.id) : await phones.trunk('127.0.0.3');
    return new Scene(site, line, context, shared, { phones, network, resident });
  }

  /** Another phone that registers for this line. */
  anotherPhone(): Promise<Phone> {
    return lineUp(this.#phones, this.line.id, '127.0.0.5');
  }

  /** The stranger calls the line, unless told otherwise. */
  call(options: Partial<CallOptions> = {}): Promise<PlacedCall> {
    const from = { name: 'PC Brown', number: this.stranger };
    return this.network.call({ to: `0${this.line.number.slice(3)}`, from, ...options });
  }

  /** Says a name and presses the digit, as a willing caller does; gives the digit. */
  async passChallenge(call: PlacedCall): Promise<string> {
    await said(call, 'say-your-name');
    void call.media.play(voiceWhenAsked);
    const digit = await this.hearDigit(call);
    call.press(digit);
    return digit;
  }

  /** The digit this caller has to press, once they were told. */
  async hearDigit(call: PlacedCall): Promise<string> {
    const { to } = await said(call, 'press-to-continue');
    const digit = await askedDigit(call, to - 50);
    this.#shared.digits.push(digit);
    return digit;
  }

  /** How often the line's telephone has rung since this call began. */
  rangSince(call: PlacedCall): number {
    return this.resident.received.filter(({ invitedAt }) => invitedAt > call.invitedAt).length;
  }

  /** The phone rings and is picked up. */
  async answered(phone: Phone = this.resident): Promise<ReceivedCall> {
    const rung = await phone.nextCall();
    rung.answer();
    return rung;
  }

  /** The staff's telephone, which all stories share. */
  get staffPhone(): Phone {
    if (this.#shared.staff === null) throw new Error('the staff of these stories have no telephone');
    return this.#shared.staff;
  }

  /** The staff's phone rings for this line. */
  staffRung(): Promise<ReceivedCall> {
    const name = `For Resident of ${this.line.id}:`;
    return until('the staff’s phone rings', () =>
      this.staffPhone.received.find(({ shows }) => shows.name.startsWith(name)),
    );
  }

  /** Waits until the two hear one another, and shows that they do. */
  async talk(call: PlacedCall, party: ReceivedCall, voice: 'resident' | 'staff' = 'resident'): Promise<void> {
    void call.media.play(tones(markers.caller, 1000), true);
    void party.media.play(tones(markers[voice], 1000), true);
    await Promise.all([hearsMarker(party, markers.caller), hearsMarker(call, markers[voice])]);
    call.media.stop();
    party.media.stop();
  }

  /**
   * The record of a call once it is over, after checking what must be true of every call: nothing of it is left in
   * Asterisk, the record says where it came from, its times are in order, each party heard what the record says and
   * nothing else, and AstDB holds the line as long as the record says.
   */
  async over(call: PlacedCall, parties: { readonly [leg in Leg]?: ReceivedCall } = {}): Promise<Told> {
    const finished = await this.site.recorded(call.id);
    await this.site.untilGone(finished);
    const { record, journal } = finished;
    const { signalling } = record;
    this.expect(record).toMatchObject({ trunk: 'net', faults: [], clock: 'asterisk' });
    this.expect(signalling.sourceAddress).toBe(`${networkAddress}:${this.network.wire.local.port}`);
    this.expect(signalling.codecs).not.toEqual([]);
    const times = [record.arrivedAt, record.answeredAt, record.connectedAt, record.clearedAt, record.endedAt];
    const known = times.filter((time) => time !== null);
    // Events of two channels may be stamped a few milliseconds apart in the other order.
    known.slice(1).forEach((time, i) => {
      this.expect(time).toBeGreaterThanOrEqual((known[i] ?? 0) - 50);
    });
    const played = (leg: Leg): string[] => playedTo(record, leg);
    for (const [leg, phone] of Object.entries(this.#tones ? { caller: call, ...parties } : {})) {
      const heard = heardNames(phone).filter((name) => !name.startsWith('digit-'));
      this.expect(missingFrom(played(leg as Leg), heard), `the ${leg} heard what is not on record`).toEqual([]);
    }
    if (record.line === this.line.id) await this.#checkHold(record);
    return { record, journal, played };
  }

  async close(): Promise<void> {
    const calls = this.#phones.all.flatMap((phone) => phone.calls);
    for (const call of calls) {
      if (call instanceof ReceivedCall && call.answeredAt === null) call.refuse(480);
      else if (call instanceof PlacedCall) call.cancel();
      else call.hangUp();
    }
    // A BYE that is not answered yet may not have left either, and the socket would take it along.
    const isOver = ({ status, ended, byeAnsweredAt }: PhoneCall) =>
      // Asterisk never answered the INVITE.
      (status === 0 && ended === null) ||
      (ended !== null && (ended.by === 'them' || ended.how !== 'bye' || byeAnsweredAt !== null));
    await until('every goodbye is answered', () => calls.every(isOver), 5_000).catch(() => undefined);
    this.#phones.close();
  }

  async #checkHold({ holdSeconds, clearedAt }: InboundRecord): Promise<void> {
    if (holdSeconds === 0 && (await this.site.heldUntil(this.line.id)) === null) return;
    const heldFor = async () => ((await this.site.heldUntil(this.line.id)) ?? 0) - (clearedAt ?? 0) / 1000;
    // AstDB knows whole seconds, and an earlier call may hold the line for longer. On a busy machine a hang-up overtakes the word
    // on how long, and Clearline mends AstDB within seconds.
    await until(`${this.line.id} is held for ${holdSeconds} s`, async () => (await heldFor()) > holdSeconds - 2);
    const held = await heldFor();
    if (this.network.calls.length === 1) this.expect(held).toBeLessThan(holdSeconds + 1.5);
  }
}

/** The prompts on record for a leg, in order. */
function playedTo(record: CallRecord, leg: Leg): string[] {
  return record.promptsPlayed.filter((played) => played.leg === leg).map(({ prompt }) => prompt);
}

/** What of `heard` is not in `played` in that order; a prompt that was cut off may be in `played` alone. */
function missingFrom(played: readonly string[], heard: readonly string[]): string[] {
  let at = 0;
  return heard.filter((name) => {
    const found = played.indexOf(name, at);
    if (found < 0) return true;
    at = found + 1;
    return false;
  });
}
