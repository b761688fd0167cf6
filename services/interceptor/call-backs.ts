import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { Later } from '../adapters/bullmq.ts';
import type { Outcome } from '../core/call.ts';
import { assessDeparture } from '../core/clearance.ts';
import type { ProtectedLine } from '../core/line.ts';
import { dialable } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { CallBack } from '../core/ports.ts';
import type { RunningCall } from './call/running-call.ts';
import type { CallRunner } from './run-calls.ts';
import type { RunnerOptions } from './runner-options.ts';

export interface CallBackRules {
  readonly callBackTries: number;
  readonly callBackEverySeconds: number;
}

/** How soon a line that is not clear is looked at again, in milliseconds; it is no try. */
const lookAgainMs = 15_000;
/** How long after the ringing should have ended its end is believed although nothing was heard of it. */
const unheardMs = 5_000;

/** Outcomes after which nobody need be called back any more: the last has a call back of its own. */
const settled = new Set(['connected', 'handled-by-staff', 'called-back-later']);

/**
 * Keeps the promises to call back: rings the resident when the line is clear, and again as the site says, until they have
 * reached the number; after the last try staff are told. The call itself is an outgoing one like any other, which says
 * what it is and looks at the line before it dials.
 */
export class CallBacks {
  private readonly runner: CallRunner;
  private readonly options: RunnerOptions;
  private readonly rules: CallBackRules;
  /** Telephones that ring for a call back, by channel. */
  private readonly ringing = new Map<string, (answered: boolean) => void>();
  /** Call backs that an earlier interceptor made, and that go on here: how each ends, by channel. */
  private readonly resumed = new Map<string, Promise<Outcome>>();

  constructor(runner: CallRunner, options: RunnerOptions, rules: CallBackRules) {
    this.runner = runner;
    this.options = options;
    this.rules = rules;
  }

  /** Hears of channels that belong to no call; true when one was a telephone rung here. */
  hear = (event: ExchangeEvent): boolean => {
    if (event.type !== 'ChannelEntered' && event.type !== 'ChannelGone') return false;
    const tell = this.ringing.get(event.channel);
    this.ringing.delete(event.channel);
    tell?.(event.type === 'ChannelEntered');
    return tell !== undefined;
  };

  /** A call back that an earlier interceptor made goes on here: whoever asks for it to be made gets to know what becomes of it. */
  goOn({ id, outcome }: Pick<RunningCall, 'id' | 'outcome'>): void {
    this.resumed.set(id, outcome);
  }

  /** Makes a call back that is due. Answers when to try again; null when it is done with. */
  make = async (callBack: CallBack): Promise<Later<CallBack> | null> => {
    const { lines, alerts, clock, log } = this.options;
    const line = lines.byId(callBack.line);
    if (line === null) {
      log.warn({ call: callBack.id }, 'a call back is off: its line is no more');
      return null;
    }
    const tries = callBack.tries + 1;
    const id = `${callBack.id}-cb${tries}`;
    const resumed = this.resumed.get(id);
    if (resumed === undefined && !(await this.isClear(line.id))) return { value: callBack, inMs: lookAgainMs };
    const reached =
      resumed === undefined ? this.reach(id, line, callBack) : resumed.then((outcome) => settled.has(outcome));
    if (await reached) return null;
    if (tries < this.rules.callBackTries) {
      return { value: { ...callBack, tries }, inMs: this.rules.callBackEverySeconds * 1000 };
    }
    const kind = 'call-back-failed';
    await alerts.put({ id: `${callBack.id}-${kind}`, kind, at: clock(), line: line.id, call: callBack.id });
    return null;
  };

  /**
   * As clear as for a resident who dials now, and over a trunk that may carry the call: they would otherwise be rung only to wait. A
   * hold is no hindrance, as it is none to them.
   */
  private async isClear(line: string): Promise<boolean> {
    if (this.runner.isBusy(line)) return false;
    const evidence = await this.runner.inspectIdle(line);
    const trunks = this.options.trunks.map(({ name }) => name);
    return assessDeparture(evidence, trunks).state === 'clear' && !this.runner.isBusy(line);
  }

  /** Rings the resident, and sees the call through until it is known whether they reached the number. */
  private async reach(id: string, line: ProtectedLine, { id: outOf, number }: CallBack): Promise<boolean> {
    const { telephony, clock } = this.options;
    const picked = Promise.withResolvers<boolean>();
    this.ringing.set(id, picked.resolve);
    const shown = dialable(number.number, gb);
    const ring = await telephony.dial({
      channel: id,
      call: id,
      leg: 'resident',
      endpoint: `PJSIP/${line.id}`,
      showName: `Call back: ${number.name ?? shown}`,
      showNumber: shown,
      seconds: line.ringSeconds,
      originator: null,
    });
    const deadline = setTimeout(() => picked.resolve(false), line.ringSeconds * 1000 + unheardMs);
    const answered = ring.ok && (await picked.promise);
    clearTimeout(deadline);
    this.ringing.delete(id);
    // A ring that nobody confirmed may ring all the same.
    if (!ring.ok) void telephony.hangUp(id, 16);
    if (!answered) return false;
    const dialling = { line, written: shown, number, by: 'call-back', outOf, answered: true, at: clock() } as const;
    const call = this.runner.dial(id, dialling);
    return call !== null && settled.has(await call.outcome);
  }
}
