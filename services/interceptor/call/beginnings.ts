import type { ExchangeEvent } from '../../adapters/ari-events.ts';
import type { Opening } from '../../core/call.ts';
import { dialable } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import { readArrival } from '../exchange/arrival.ts';
import { asEmergency, type Dialling, readDialled } from '../exchange/outgoing.ts';
import type { Callers } from '../line/callers.ts';
import type { LineTraffic } from '../line/line-traffic.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type { RunningCall } from './running-call.ts';
import type { DialOut } from './surroundings.ts';

type Entered = Extract<ExchangeEvent, { type: 'ChannelEntered' }>;
type Emergency = Extract<ExchangeEvent, { type: 'EmergencyDialled' }>;

interface Needs {
  readonly calls: ReadonlyMap<string, RunningCall>;
  readonly callers: Callers;
  readonly traffic: LineTraffic;
  readonly options: RunnerOptions;
  /** Runs a call from its opening on. */
  readonly begin: (id: string, opening: Opening) => RunningCall;
  /** Its caller is on the line. */
  readonly book: (call: RunningCall) => void;
}

/** How a call begins: with a caller's arrival, with what a resident dials, or with one whom the dialplan gives back. */
export class Beginnings {
  private readonly needs: Needs;

  constructor(needs: Needs) {
    this.needs = needs;
  }

  /** An outgoing call on a channel that is in the application; null when it runs already. */
  dial(id: string, dialling: Dialling): RunningCall | null {
    const { calls, callers, options, begin } = this.needs;
    return calls.has(id) ? null : begin(id, readDialled(dialling, options, callers));
  }

  /** A caller arrives. */
  admit(event: Entered): void {
    const id = event.channel;
    const { calls, traffic, options, begin, book } = this.needs;
    if (calls.has(id)) return;
    const { arrivals, lines, random, telephony } = options;
    this.guardedly(
      id,
      () => telephony.continueInDialplan(id, 'fallback-inbound', 's'),
      () => {
        const standingOf = (line: string) => traffic.standingOf(line, event.at);
        const arrived = readArrival(event.args, event.createdAt, arrivals, lines, standingOf, random());
        book(begin(id, arrived));
      },
    );
  }

  /** A resident's telephone calls out: `outgoing,<number without prefixes>,<line>,<as dialled>,<calls it makes now>`. */
  letDial(event: Entered): void {
    const [, extension = '', lineId = '', written = '', atOnce = ''] = event.args;
    const { lines, telephony, log } = this.needs.options;
    const id = event.channel;
    const giveBack = () => telephony.continueInDialplan(id, 'fallback-outbound', extension);
    const line = lines.byId(lineId);
    if (line === null) {
      log.warn(
        { call: id, line: lineId },
        'a telephone whose line is not known calls out: the dialplan takes the call',
      );
      return void giveBack();
    }
    const dialling = {
      line,
      written: written || extension,
      outOf: null,
      answered: false,
      atOnce: Number(atOnce) || 1,
      at: event.createdAt,
    } as const;
    this.guardedly(id, giveBack, () => this.dial(id, { ...dialling, by: 'phone' }));
  }

  /** No trunk that the dialplan was told to try took the call: `back,<DIALSTATUS>,<HANGUPCAUSE>`. */
  takeBack(event: Entered): void {
    const [, status = '', cause = ''] = event.args;
    const { calls, options } = this.needs;
    const call = calls.get(event.channel);
    if (call && !call.isOver) return call.post({ type: 'CameBack', status, cause: Number(cause) || 0, at: event.at });
    void options.telephony.continueInDialplan(event.channel, 'fallback-outbound', event.extension);
  }

  /** The dialplan calls an emergency number: for the record, and to cut whoever else is on the line. */
  accompany(event: Emergency): void {
    const { channel: id, number: written, at } = event;
    const { calls, options } = this.needs;
    const line = options.lines.byId(event.line);
    if (line === null || calls.has(id)) return;
    const number = asEmergency(written, options);
    const dialling = { line, written, number, outOf: null, answered: false, at } as const;
    this.guardedly(id, null, () => this.dial(id, { ...dialling, by: 'phone' }));
  }

  /** The resident's leg leaves a call and dials in one of its own. Nothing stands between it and an emergency number. */
  dialOut(from: RunningCall, { number: written, by }: DialOut): void {
    const { line } = from;
    const id = from.legs.channelOf('resident');
    if (line === null || id === null) throw new Error(`call ${from.id} has no resident who could dial`);
    const { calls, callers, options, begin } = this.needs;
    if (calls.has(id)) return from.bridge.remove();
    const dialling = { line, written, by, outOf: from.id, answered: true, at: options.clock() };
    const dialled = readDialled(dialling, options, callers);
    if (dialled.number.class !== 'emergency') from.bridge.remove(id);
    const giveBack = () =>
      options.telephony.continueInDialplan(id, 'fallback-outbound', dialable(dialled.number.number, gb));
    this.guardedly(id, giveBack, () => begin(id, dialled));
    from.bridge.remove();
  }

  /** Whoever Clearline fails at is not left in a dead line. */
  private guardedly(id: string, giveBack: (() => unknown) | null, work: () => void): void {
    try {
      work();
    } catch (err) {
      this.needs.options.log.error({ err, call: id }, 'Clearline failed at the beginning of a call and gives it back');
      giveBack?.();
    }
  }
}
