import type { ExchangeEvent } from '../adapters/ari-events.ts';
import type { CallEvent } from '../core/call.ts';
import type { FinishedCall } from '../core/record.ts';
import { readArrival } from './arrival.ts';
import { callOf, channelOf, legOf } from './ids.ts';
import { route } from './route.ts';
import type { RunnerOptions } from './runner-options.ts';
import { RunningCall } from './running-call.ts';

type Entered = Extract<ExchangeEvent, { type: 'ChannelEntered' }>;

/** Runs every inbound call, each in a mailbox of its own: calls never wait for each other. */
export class CallRunner {
  private readonly calls = new Map<string, RunningCall>();
  /**
   * Callers nobody vouched for, each with the line they called, until Asterisk tells that they are gone: for Clearline
   * their call may be over long before.
   */
  private readonly suspects = new Map<string, string>();
  private readonly options: RunnerOptions;

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  get running(): number {
    return this.calls.size;
  }

  isRunning(call: string): boolean {
    return this.calls.has(call);
  }

  /** Takes one event of the exchange. Events of channels that belong to no running call are ignored. */
  hear(event: ExchangeEvent): void {
    if (event.type === 'ChannelEntered' && event.args[0] === 'inbound') return this.admit(event);
    if (event.type === 'ChannelLeaving') {
      return this.calls.get(callOf(event.channel) ?? event.channel)?.announceLeaving(legOf(event.channel), event.cause);
    }
    if (event.type === 'ChannelGone') this.suspects.delete(event.channel);
    if (event.type === 'FactsTold') return this.calls.get(event.channel)?.describe(event.facts, event.at);
    const routed = route(event);
    const call = routed && this.calls.get(routed.call);
    if (call) call.post(routed.event);
    // Picked up after its call was over.
    else if (event.type === 'ChannelEntered' && event.args[0] === 'leg') {
      void this.options.telephony.hangUp(event.channel, 16);
    }
  }

  /**
   * After a lost connection: whoever was here before and is not in the list hung up unheard. Calls that arrive while the
   * list is being made may be missing in it. False when there is no list.
   */
  async compareWith(listChannels: () => Promise<readonly string[] | null>): Promise<boolean> {
    const before = [...this.calls.values()].flatMap((call) => call.liveLegs.map((leg) => ({ call, leg })));
    const suspects = [...this.suspects.keys()];
    const channels = await listChannels();
    if (channels === null) return false;
    const present = new Set(channels);
    for (const channel of suspects) if (!present.has(channel)) this.suspects.delete(channel);
    const at = this.options.clock();
    for (const { call, leg } of before) {
      if (!present.has(channelOf(call.id, leg))) call.post({ type: 'HungUp', leg, cause: 0, at });
    }
    return true;
  }

  private admit(event: Entered): void {
    const id = event.channel;
    if (this.calls.has(id)) return;
    try {
      const arrived = this.read(event);
      const call = new RunningCall(id, arrived.trunk, this.options, {
        suspectsOf: (line) => this.suspectsOf(line),
        onFinished: (finished) => this.keep(id, finished),
      });
      this.calls.set(id, call);
      call.post(arrived);
      if (arrived.line !== null && call.isSuspect) this.suspects.set(id, arrived.line.id);
    } catch (err) {
      this.options.log.error({ err, call: id }, 'Clearline failed at the arrival of a call and gives it back');
      void this.options.giveBack(id);
    }
  }

  private suspectsOf(line: string): ReadonlySet<string> {
    return new Set([...this.suspects].flatMap(([call, called]) => (called === line ? [call] : [])));
  }

  private read(event: Entered): Extract<CallEvent, { type: 'Arrived' }> {
    const { arrivals, lines, holds, random } = this.options;
    const isHeld = (line: string) => holds.isHeld(line, event.at);
    return readArrival(event.args, event.createdAt, arrivals, lines, isHeld, random());
  }

  /** The call is forgotten only once its record is safe. */
  private keep(id: string, finished: FinishedCall | null): void {
    if (finished === null) return void this.calls.delete(id);
    this.options.facts.put(finished).then(
      () => this.calls.delete(id),
      (err: unknown) => {
        this.options.log.error({ err, call: id }, 'neither queue nor disk takes the record of a call; trying again');
        setTimeout(() => this.keep(id, finished), 1_000);
      },
    );
  }
}
