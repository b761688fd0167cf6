import { setTimeout as pause } from 'node:timers/promises';
import { markers } from '../support/audio.ts';
import type { PlacedCall } from '../support/phone/placed-call.ts';
import { ReceivedCall } from '../support/phone/received-call.ts';
import { now } from '../support/phone/wire.ts';
import type { Phone } from '../support/phones.ts';
import type { Book, Suspect, Talk } from './book.ts';
import type { PlannedScene } from './plan.ts';
import { comesTrue, converse } from './talk.ts';

/** A protected line, its telephone, who calls it, and whom it calls. One scene after another is played in it. */

export interface HouseholdParts {
  readonly line: { readonly id: string; readonly number: string };
  readonly telephone: Phone;
  /** Where its callers call from. */
  readonly network: Phone;
  /** The far ends of the trunks, which answer by themselves. */
  readonly farEnds: readonly Phone[];
  readonly trusted: string;
  readonly stranger: string;
  readonly book: Book;
}

/** How long a resident waits for a guarded number, and anybody for anything else, in milliseconds. */
const guardedPatienceMs = 45_000;
const patienceMs = 25_000;
/** An Asterisk that is dead answers no INVITE at all: the resident hangs up and dials again. */
const redialMs = 4_000;
const emergencyPatienceMs = 90_000;

export class Household {
  private readonly parts: HouseholdParts;

  constructor(parts: HouseholdParts) {
    this.parts = parts;
  }

  /** Plays it to its end and hangs everything up. Never rejects for what Clearline did. */
  async play(scene: PlannedScene): Promise<void> {
    const { telephone } = this.parts;
    telephone.onCall = { do: 'answer', afterMs: 150 };
    const began = telephone.calls.length;
    try {
      await this.act(scene);
    } finally {
      for (const call of telephone.calls.slice(began)) if (call instanceof ReceivedCall) putDown(call);
    }
    await pause(scene.pauseMs);
  }

  private act(scene: PlannedScene): Promise<unknown> {
    switch (scene.kind) {
      case 'trusted talk':
      case 'stranger talks':
        return this.talk(scene);
      case 'ordinary':
        return this.dial(scene, '02079460123', [], patienceMs);
      case 'guarded':
        return this.dial(scene, scene.number, [], guardedPatienceMs);
      case 'guarded after a suspect':
      case 'guarded beside a suspect':
      case 'ghost dial':
        return this.dialAtSuspect(scene);
      case 'emergency':
        return this.emergency(scene);
      case 'emergency beside a suspect':
        return this.emergencyAtSuspect(scene);
    }
  }

  private async talk(scene: PlannedScene): Promise<void> {
    const { call, rung, talk } = await this.conversation(scene);
    (scene.byCaller || rung === null ? call : rung).hangUp();
    if (!talk) giveUp(call);
    await comesTrue(() => call.ended !== null, 3_000);
    giveUp(call);
  }

  /** Somebody calls the line, and is answered if Clearline lets them through. */
  private async conversation(scene: PlannedScene) {
    const { book, network, trusted, stranger, telephone, line } = this.parts;
    const number = scene.kind === 'trusted talk' ? trusted : stranger;
    const call = await network.call({ to: `0${line.number.slice(3)}`, from: { name: 'PC Brown', number } });
    book.placed.push({ direction: 'inbound', kind: scene.kind, call, line: null, dialled: line.number });
    const rings = () => telephone.received.find(({ invitedAt }) => invitedAt > call.invitedAt) ?? null;
    await comesTrue(() => (rings()?.answeredAt != null && call.answeredAt !== null) || call.ended !== null, patienceMs);
    const rung = rings();
    if (rung === null || call.ended !== null) return { call, rung, talk: null };
    const talk = await converse(
      scene.kind,
      [
        { leg: call, says: markers.caller },
        { leg: rung, says: markers.resident },
      ],
      { talkMs: scene.talkMs, patienceMs },
    );
    if (talk) book.talks.push(talk);
    return { call, rung, talk };
  }

  /** The line's telephone dials, and speaks to whoever answers at the far end of a trunk. */
  private async dial(scene: PlannedScene, to: string, suspects: readonly Suspect[], ms: number): Promise<void> {
    const { book, telephone } = this.parts;
    const call = await this.place(scene.kind, to);
    const guarded = to === '101' || to === '159';
    if (guarded) book.guardedDialled += 1;
    const far = await this.reached(call, call.invitedAt, ms);
    if (far && guarded) book.guarded.push({ resident: call, far, suspects, residentPhone: telephone });
    if (far) await this.talkTo(scene, call, far);
    giveUp(call);
    await comesTrue(() => call.ended !== null, 3_000);
  }

  private async place(kind: string, to: string): Promise<PlacedCall> {
    const { book, telephone, line } = this.parts;
    const call = await telephone.call({ to });
    book.placed.push({ direction: 'outgoing', kind, call, line: line.id, dialled: to });
    return call;
  }

  /** The far end's leg, once the resident is connected to it. */
  private async reached(call: PlacedCall | ReceivedCall, after: number, ms: number): Promise<ReceivedCall | null> {
    const { farEnds, line } = this.parts;
    const find = () =>
      farEnds
        .flatMap(({ received }) => received)
        .find(
          ({ shows, invitedAt, answeredAt, ended }) =>
            invitedAt > after && answeredAt !== null && ended === null && isOf(shows.number, line.number),
        ) ?? null;
    await comesTrue(() => call.ended !== null || (call.answeredAt !== null && find() !== null), ms);
    return call.ended === null && call.answeredAt !== null ? find() : null;
  }

  private async talkTo(scene: PlannedScene, call: PlacedCall | ReceivedCall, far: ReceivedCall): Promise<Talk | null> {
    const talk = await converse(
      scene.kind,
      [
        { leg: call, says: markers.resident },
        { leg: far, says: markers.police },
      ],
      { talkMs: scene.talkMs },
    );
    if (talk) this.parts.book.talks.push(talk);
    (scene.byCaller ? far : call).hangUp();
    return talk;
  }

  /** A suspect talks to the resident, who dials a guarded number: after hanging up, beside the call, or inside it. */
  private async dialAtSuspect(scene: PlannedScene): Promise<void> {
    const { suspect, rung } = await this.suspect(scene);
    if (rung && scene.kind === 'ghost dial') await this.ghostDial(scene, suspect, rung);
    else {
      if (rung && scene.kind === 'guarded after a suspect') rung.hangUp();
      if (rung && scene.kind === 'guarded beside a suspect') rung.hold();
      await this.dial(scene, scene.number, [suspect], guardedPatienceMs);
    }
    giveUp(suspect.call);
  }

  private async ghostDial(scene: PlannedScene, suspect: Suspect, rung: ReceivedCall): Promise<void> {
    const { book, telephone } = this.parts;
    const before = now();
    rung.press(scene.number);
    book.guardedDialled += 1;
    const far = await this.reached(rung, before, 20_000);
    if (!far) return;
    book.guarded.push({ resident: rung, far, suspects: [suspect], residentPhone: telephone });
    await this.talkTo(scene, rung, far);
  }

  private async suspect(scene: PlannedScene): Promise<{ suspect: Suspect; rung: ReceivedCall | null }> {
    const { call, rung, talk } = await this.conversation(scene);
    const suspect: Suspect = { call, goodbyeAt: call.ended?.at ?? null };
    call.onGoodbye = () => {
      suspect.goodbyeAt ??= now();
    };
    call.goesOnTalking = scene.stubborn;
    call.ignoresGoodbye = scene.stubborn;
    return { suspect, rung: talk?.end === 'as agreed' ? rung : null };
  }

  private async emergencyAtSuspect(scene: PlannedScene): Promise<void> {
    const { suspect, rung } = await this.suspect(scene);
    rung?.hold();
    await this.emergency(scene);
    giveUp(suspect.call);
  }

  /** Dials until somebody answers, as a person does. */
  private async emergency(scene: PlannedScene): Promise<void> {
    const { book, line } = this.parts;
    const tries: { call: PlacedCall; reached: boolean; givenUpAt: number }[] = [];
    book.emergencies.push({ line: line.id, number: scene.number, tries });
    for (const until = now() + emergencyPatienceMs; now() < until; ) {
      const call = await this.place(scene.kind, scene.number);
      const one = { call, reached: false, givenUpAt: Number.POSITIVE_INFINITY };
      tries.push(one);
      await comesTrue(() => call.status > 0, redialMs);
      const far = call.status > 0 ? await this.reached(call, call.invitedAt, patienceMs) : null;
      one.reached = far !== null;
      one.givenUpAt = now();
      if (far) await this.talkTo(scene, call, far);
      giveUp(call);
      if (far) return;
      await pause(500);
    }
  }
}

/** Hangs up or cancels, whatever the call has come to. */
function giveUp(call: PlacedCall): void {
  if (call.ignoresGoodbye) call.ignoresGoodbye = false;
  call.goesOnTalking = false;
  call.media.hush();
  call.cancel();
}

function putDown(call: ReceivedCall): void {
  if (call.answeredAt === null) call.refuse(480);
  else call.hangUp();
}

/** A trunk may be shown the number in either form. */
function isOf(shown: string, number: string): boolean {
  return shown.endsWith(number.slice(3));
}
