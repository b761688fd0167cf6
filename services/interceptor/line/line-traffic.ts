import type { LineEvidence } from '../../core/clearance.ts';
import type { LineQuestion } from '../../core/line-look.ts';
import type { RunningCall } from '../call/running-call.ts';
import type { LineStanding } from '../exchange/arrival.ts';
import type { Whereabouts } from '../exchange/whereabouts.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type { Callers } from './callers.ts';
import { inspectLine } from './inspect-line.ts';

/** What goes on on a line, over all its calls: how it stands, whom to cut, whom to ask the witnesses about. */
export class LineTraffic {
  private readonly calls: ReadonlyMap<string, RunningCall>;
  private readonly callers: Callers;
  private readonly whereabouts: Whereabouts;
  private readonly options: RunnerOptions;

  constructor(
    calls: ReadonlyMap<string, RunningCall>,
    callers: Callers,
    whereabouts: Whereabouts,
    options: RunnerOptions,
  ) {
    this.calls = calls;
    this.callers = callers;
    this.whereabouts = whereabouts;
    this.options = options;
  }

  isBusy(line: string): boolean {
    return this.callsOf(line).length + this.callers.suspectsOn(line).length > 0;
  }

  /** At a time in ms since the epoch. */
  standingOf(line: string, at: number): LineStanding {
    const { holds } = this.options;
    return {
      held: holds.isHeld(line, at) || this.callers.suspectsOn(line).length > 0,
      engaged: this.callsOf(line).some((call) => call.isTo('guarded', 'emergency')),
      heldBy: holds.leftBy(line).number,
    };
  }

  /** Callers first. A call to 999 is never cut: it is no way to a suspect, and goes before all else. */
  cutOthers(of: RunningCall): void {
    const line = of.line?.id ?? '';
    const others = this.callsOf(line).filter((call) => call !== of && !call.isTo('emergency'));
    const suspects = this.callers.suspectsOn(line).map(({ channel }) => channel);
    const channels = new Set([...suspects, ...others.flatMap((call) => call.channels)]);
    const own = new Set([of.id, ...of.channels]);
    for (const channel of channels) if (!own.has(channel)) void this.options.telephony.hangUp(channel, 16);
  }

  /**
   * What there is to know of a call's line beside the call itself. Nothing for a call that the resident has dialled past: it is
   * being hung up, and until then it must not cut the later call, as that one cuts it.
   */
  async inspect(of: RunningCall): Promise<LineEvidence> {
    const line = of.line?.id ?? '';
    const emergencies = this.callsOf(line).filter((call) => call.isTo('emergency'));
    const channels = new Set([of.id, ...[of, ...emergencies].flatMap((call) => call.channels)]);
    const question: LineQuestion = {
      line,
      channel: of.id,
      own: new Map([...channels].map((channel) => [channel, this.whereabouts.nameOf(channel)])),
    };
    const evidence = await inspectLine(question, of.legs.channelOf('far'), this.callers, this.options);
    return this.isDialledPast(of) ? { ...evidence, ari: null, ami: null } : evidence;
  }

  /** A guarded call of the same line was begun later. */
  private isDialledPast(of: RunningCall): boolean {
    const guarded = this.callsOf(of.line?.id ?? '').filter((call) => call.isTo('guarded'));
    return guarded.includes(of) && guarded.at(-1) !== of;
  }

  private callsOf(line: string): RunningCall[] {
    return [...this.calls.values()].filter((call) => call.line?.id === line && !call.isOver);
  }
}
