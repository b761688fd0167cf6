import { classifyDialled, numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import type { Channel } from './channel.ts';
import type { Exchange } from './exchange.ts';

/**
 * The dialplan's part in a home's calls, as far as it matters who hears whom: what dialplan/extensions.conf does by itself,
 * whatever has become of Clearline.
 */

export const safeNumbers = numberRules(gb, {
  emergency: [],
  guarded: [],
  premium: [],
  ordinary: [],
  abroadIsPremium: false,
  doNotOriginate: [],
});

function classOf(number: string) {
  return classifyDialled(number, safeNumbers).class;
}

/** Q.850 cause to DIALSTATUS, as far as it matters. */
const statusOf = (cause: number) => (cause === 17 ? 'BUSY' : cause === 19 ? 'NOANSWER' : 'CHANUNAVAIL');

export class Dialplan {
  private readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    exchange.whenGone = (channel, cause) => this.lose(channel, cause);
  }

  /** A call for a line comes in over a trunk. */
  arrive(line: string, trunk: string, shown: string | null): Channel {
    const caller = this.exchange.open('caller', line, trunk);
    caller.shown = shown;
    const from = shown === null ? 'Anonymous <sip:anonymous@anonymous.invalid>' : `<sip:${shown}@192.0.2.7>`;
    const dialled = this.exchange.site.lines.find(({ id }) => id === line)?.number ?? '';
    const facts = [Buffer.from(from).toString('base64'), ...Array<string>(9).fill('')];
    const engaged = String(this.exchange.engagedOn(line));
    if (!this.exchange.enter(caller, 'inbound', dialled, trunk, ...facts, engaged))
      this.run(caller, 'fallback-inbound', 's');
    return caller;
  }

  /** A telephone calls out. */
  callOut(line: string, number: string): Channel {
    const phone = this.exchange.open('phone', line, null);
    phone.outgoing = true;
    phone.dialledAt = this.exchange.clock.now;
    if (classOf(number) === 'emergency') this.run(phone, 'emergency', number);
    else {
      phone.extension = number;
      if (!this.exchange.enter(phone, 'outgoing', number, line, number)) this.run(phone, 'fallback-outbound', number);
    }
    this.exchange.changed = true;
    return phone;
  }

  run(channel: Channel, context: string, number: string): void {
    this.exchange.watcher.told(`${channel.id} goes to ${context} ${number}`);
    channel.visit += 1;
    channel.place = 'dialplan';
    channel.chosen = false;
    channel.extension = number;
    const { trunks } = this.exchange.site;
    const all = trunks.map(({ name }) => name);
    const over = /^over-(.+)$/.exec(context)?.[1];
    if (over !== undefined) return this.goOver(channel, over, number);
    switch (context) {
      case 'emergency':
        return this.callEmergency(channel, number);
      case 'dial-out':
        return this.dialTrunks(channel, all, number);
      case 'fallback-outbound':
        return classOf(number) === 'guarded' ? this.guard(channel, number) : this.dialTrunks(channel, all, number);
      case 'fallback-inbound':
        return this.answerCaller(channel);
    }
  }

  /** Nothing is asked or waited for; whoever else is on the line is ended beside it. */
  private callEmergency(phone: Channel, number: string): void {
    phone.emergency = true;
    phone.engaged = true;
    this.exchange.clock.after(5, () => this.cutOthers(phone.line, null));
    const all = this.exchange.site.trunks.map(({ name }) => name);
    let told = false;
    const tell = () => {
      if (told) return;
      told = true;
      this.exchange.tell({ type: 'EmergencyDialled', channel: phone.id, name: phone.name, line: phone.line, number });
    };
    const next = (left: readonly string[]): void => {
      const [trunk, ...others] = left.length > 0 ? left : all;
      if (trunk === undefined) return;
      this.dial(phone, trunk, number, () => {
        tell();
        this.wait(phone, left.length > 1 ? 0 : 500, () => next(others));
      });
    };
    next(all);
  }

  /** One trunk, which Clearline chose; where it does not take the call, Clearline has the resident back. */
  private goOver(phone: Channel, trunk: string, number: string): void {
    phone.engaged = true;
    phone.chosen = true;
    this.dial(phone, trunk, number, (status, cause) => {
      if (!this.exchange.enter(phone, 'back', status, String(cause))) this.run(phone, 'fallback-outbound', number);
    });
  }

  private dialTrunks(phone: Channel, trunks: readonly string[], number: string): void {
    const [trunk, ...others] = trunks;
    if (trunk === undefined) return this.wait(phone, 2_000, () => this.exchange.end(phone, 34));
    this.dial(phone, trunk, number, (status, cause) => {
      if (status === 'BUSY' || status === 'NOANSWER') return this.exchange.end(phone, cause);
      this.dialTrunks(phone, others, number);
    });
  }

  /** The dialplan's own guard: it cuts, waits for its own books, and connects. */
  private guard(phone: Channel, number: string): void {
    phone.engaged = true;
    this.cutOthers(phone.line, phone);
    const look = (round: number): void => {
      if (!this.isHeld(phone)) return this.dialTrunks(phone, this.freeTrunks(), number);
      if (round % 8 === 7) this.cutOthers(phone.line, phone);
      this.wait(phone, 1_000, () => look(round + 1));
    };
    this.wait(phone, 200, () => look(0));
  }

  /** Those that no far end may hold open. */
  private freeTrunks(): string[] {
    const { site, kept, clock } = this.exchange;
    const names = site.trunks.map(({ name }) => name);
    return names.filter((name) => (kept.timed.get(name) ?? 0) <= Math.floor(clock.now / 1000));
  }

  private isHeld(phone: Channel): boolean {
    const { exchange } = this;
    const epoch = Math.floor(exchange.clock.now / 1000);
    const { until, timed } = exchange.kept;
    if ((until.get(phone.line) ?? 0) > epoch) return true;
    if (exchange.site.trunks.every(({ name }) => (timed.get(name) ?? 0) > epoch)) return true;
    const others = exchange.of('phone', phone.line).filter((one) => one !== phone && one.outgoing && !one.emergency);
    return exchange.of('caller', phone.line).length + others.length > 0;
  }

  /** Never an emergency call. */
  private cutOthers(line: string, spared: Channel | null): void {
    const legs = [...this.exchange.of('phone', line), ...this.exchange.of('caller', line)];
    for (const leg of legs.filter((one) => one !== spared && !one.emergency)) {
      leg.displaced = true;
      this.exchange.end(leg, 16, true);
    }
  }

  /** Everybody is announced, and the resident warned before the caller is let in. */
  private answerCaller(caller: Channel): void {
    const { exchange } = this;
    caller.hold = String(exchange.site.holdSeconds);
    if (exchange.engagedOn(caller.line) > 0) {
      caller.hold = '0';
      return exchange.end(caller, 17, true);
    }
    caller.answered = true;
    this.wait(caller, 800, () => {
      const phone = exchange.open('phone', caller.line, null);
      caller.far = phone;
      phone.near = caller;
      caller.whenDialEnds = () => this.wait(caller, 400, () => exchange.end(caller, 19));
      exchange.clock.after(20_000, () => {
        if (phone.state === 'ringing') exchange.end(phone, 19);
      });
      phone.whenAnswered = () =>
        this.wait(phone, 800, () => {
          caller.connected = true;
          exchange.join(`dial-${phone.id}`, [caller, phone]);
        });
    });
  }

  private dial(near: Channel, trunk: string, number: string, otherwise: (status: string, cause: number) => void): void {
    const { exchange } = this;
    const far = exchange.open('far', near.line, trunk);
    near.far = far;
    far.near = near;
    near.guarded = classOf(number) === 'guarded';
    near.offeredAt = exchange.clock.now;
    near.whenDialEnds = otherwise;
    exchange.watcher.offered(near, trunk);
    this.tellDial(near, far, 'dialling');
    const works = exchange.outside.trunks.get(trunk) ?? 'works';
    if (works === 'fails') return this.wait(far, 30, () => exchange.end(far, 38));
    if (works === 'silent') return this.wait(far, 6_000, () => exchange.end(far, 20));
    this.wait(far, 100, () => {
      this.tellDial(near, far, 'ringing');
      const callee = near.emergency ? 'answers' : exchange.outside.callee;
      if (callee === 'busy') return this.wait(far, 200, () => exchange.end(far, 17));
      if (callee === 'rings') return this.wait(far, 15_000, () => exchange.end(far, 19));
      this.wait(far, 700, () => this.connect(near, far));
    });
  }

  private connect(near: Channel, far: Channel): void {
    near.connected = true;
    near.state = 'up';
    far.state = 'up';
    this.exchange.join(`dial-${far.id}`, [near, far]);
    this.tellDial(near, far, 'ANSWER');
    const { outside, clock } = this.exchange;
    if (outside.intruderAfterMs === null || !near.isOffered || !near.chosen) return;
    const late = outside.intruderAfterMs;
    outside.intruderAfterMs = null;
    clock.after(late, () => this.intrude(far));
  }

  /** Nothing of ours lets them in, and no mark says whose line they are on. */
  private intrude(far: Channel): void {
    if (!far.isLive || far.bridge === null) return;
    const rogue = this.exchange.open('caller', '', far.trunk);
    rogue.rogue = true;
    rogue.state = 'up';
    rogue.offeredAt = this.exchange.clock.now;
    this.exchange.join(`dial-${far.id}`, [...far.bridge, rogue]);
  }

  private tellDial(near: Channel, far: Channel, status: string): void {
    const dial = { type: 'DialTold', channel: near.id, peer: far.id, peerName: far.name, status } as const;
    const isEmergency = near.emergency && status === 'dialling';
    const emergency = isEmergency ? { name: near.name, line: near.line, number: near.extension } : null;
    this.exchange.tell({ ...dial, emergency });
  }

  /** Goes on later, unless the channel is gone or somewhere else by then. */
  private wait(channel: Channel, ms: number, next: () => void): void {
    const { visit } = channel;
    this.exchange.clock.after(ms, () => {
      if (channel.visit === visit) next();
    });
  }

  private lose(channel: Channel, cause: number): void {
    if (channel.kind === 'caller') this.leaveHold(channel);
    for (const rogue of this.exchange.of('caller', '')) if (rogue.bridge?.size === 1) this.exchange.end(rogue, 16);
    const { near, far } = channel;
    channel.near = null;
    channel.far = null;
    if (far) {
      far.near = null;
      this.exchange.end(far, 16);
    }
    if (!near?.isLive || near.far !== channel) return;
    near.far = null;
    if (near.connected) return this.exchange.end(near, 16);
    if (near.kind === 'phone') this.tellDial(near, channel, statusOf(cause));
    near.whenDialEnds?.(statusOf(cause), cause);
  }

  /** The hangup handler of every caller's leg. */
  private leaveHold({ line, trunk, hold, shown, answered }: Channel): void {
    const { kept, clock, site } = this.exchange;
    const epoch = Math.floor(clock.now / 1000);
    const until = epoch + (Number(hold.replace(/\D/g, '')) || 0);
    if (until > epoch && until > (kept.until.get(line) ?? 0)) {
      kept.until.set(line, until);
      kept.callers.set(line, shown ?? '');
    }
    const isTimed = site.trunks.some(({ name, clearing }) => name === trunk && clearing === 'timed');
    if (!isTimed || trunk === null) return;
    if (answered) this.exchange.heldOpen.set(trunk, clock.now + site.clearingSeconds * 1000);
    kept.timed.set(trunk, epoch + site.clearingSeconds);
  }
}
