import type { ExchangeEvent } from '../../services/adapters/ari-events.ts';
import type { Sound } from '../../services/core/call.ts';

export type Unstamped<E = ExchangeEvent> = E extends ExchangeEvent ? Omit<E, 'at'> : never;

/** What a channel of the fake exchange needs of it. */
export interface Surroundings {
  emit(event: Unstamped): void;
  /** The channel enters the application. */
  enter(channel: FakeChannel): void;
  /** Milliseconds a sound lasts; Infinity for one that goes on until it is stopped. */
  lengthOf(sound: Sound): number;
  /** The channel is gone, and leaves its bridges. */
  forget(channel: FakeChannel): void;
  /** Who is heard on this channel, by channel id. */
  heardBy(channel: FakeChannel): readonly string[];
  /** Asterisk reports the digits of this channel. */
  seesKeys(channel: FakeChannel): boolean;
}

interface Playing {
  readonly kind: 'play';
  readonly id: string;
  readonly sounds: readonly Sound[];
  stopped: boolean;
}

interface Recording {
  readonly kind: 'record';
  readonly id: string;
  readonly maxMs: number;
  readonly silenceMs: number;
}

/**
 * A channel, and the party at its far end: what the party does is told to Clearline as Asterisk tells it. Playbacks and
 * recordings of a channel stand in line; a hang-up ends them all, and its events come in Asterisk's order.
 */
export class FakeChannel {
  readonly id: string;
  /** The line it belongs to: what Asterisk knows as its account code. */
  readonly line: string;
  /** What it enters the application with: `inbound` and the facts of an arrival, `outgoing` and what is dialled, or `leg` and whose. */
  args: readonly string[];
  state: 'ringing' | 'up' | 'gone' = 'ringing';
  /** In the application, so that ARI's commands reach it. */
  inStasis = false;
  alerted = false;
  /** The Q.850 cause the party was given, when Clearline hung up. */
  cause: number | null = null;
  readonly variables = new Map<string, string>();
  /** What the party has been played, as far as it came: prompt names, digits, `<recording>`, `(tone)`. */
  readonly heard: string[] = [];
  private readonly jobs: (Playing | Recording)[] = [];
  private timer: NodeJS.Timeout | null = null;
  private startedAt = 0;
  private speaksUntil = 0;
  private whenSilent: (() => void)[] = [];
  private readonly around: Surroundings;

  constructor(id: string, line: string, args: readonly string[], around: Surroundings) {
    this.id = id;
    this.line = line;
    this.args = args;
    this.around = around;
  }

  private get inbound(): boolean {
    return this.args[0] === 'inbound';
  }

  get hears(): readonly string[] {
    return this.around.heardBy(this);
  }

  get isPlaying(): boolean {
    return this.jobs.length > 0;
  }

  /** The party that was rung answers. */
  pickUp(): void {
    if (this.state !== 'ringing') return;
    this.state = 'up';
    this.around.enter(this);
  }

  /** The party hangs up: a BYE, or a CANCEL before the answer. */
  hangUp(): void {
    this.end(0, this.inbound && this.state === 'ringing' ? 127 : 0);
  }

  press(digit: string): void {
    if (this.state !== 'up') return;
    if (this.around.seesKeys(this)) this.around.emit({ type: 'DigitReceived', channel: this.id, digit });
    const job = this.jobs[0];
    if (digit === '#' && job?.kind === 'record') this.finishRecording(job, (Date.now() - this.startedAt) / 1000);
  }

  /** The party talks for this long from now on. */
  speak(ms: number): void {
    this.speaksUntil = Date.now() + ms;
    const job = this.jobs[0];
    if (job?.kind === 'record') this.awaitEndOf(job);
  }

  play(id: string, sounds: readonly Sound[]): void {
    this.enqueue({ kind: 'play', id, sounds, stopped: false });
  }

  /** False when it is over or never was. One that still stands in line ends when its turn comes. */
  stop(id: string): boolean {
    const job = this.jobs.find((known) => known.id === id);
    if (job?.kind !== 'play') return false;
    job.stopped = true;
    if (job === this.jobs[0]) this.finishPlaying(job);
    return true;
  }

  record(id: string, maxMs: number, silenceMs: number): void {
    this.enqueue({ kind: 'record', id, maxMs, silenceMs });
  }

  /** It plays or records under this id, or will when its turn comes. */
  isBusyWith(id: string): boolean {
    return this.jobs.some((job) => job.id === id);
  }

  /** Resolves when nothing plays: Asterisk connects a channel, or answers it, only between two sounds. */
  untilSilent(): Promise<void> {
    if (!this.isPlaying) return Promise.resolve();
    return new Promise((resolve) => this.whenSilent.push(resolve));
  }

  /** Ends the channel, with the cause its hang-up request names and the one its end names. */
  end(requested: number, cause: number): void {
    if (this.state === 'gone') return;
    const { id, around } = this;
    this.state = 'gone';
    if (this.timer) clearTimeout(this.timer);
    around.emit({ type: 'ChannelLeaving', channel: id, cause: requested });
    for (const job of this.jobs.splice(0)) {
      if (job.kind === 'play') around.emit({ type: 'PlaybackEnded', playback: job.id, failed: true });
      else this.tellRecording(job, (Date.now() - this.startedAt) / 1000);
    }
    if (this.inbound) {
      around.emit({ type: 'ChannelLeaving', channel: id, cause: 16 });
      around.emit({ type: 'FactsTold', channel: id, facts: this.args.slice(3) });
    }
    around.forget(this);
    around.emit({ type: 'ChannelGone', channel: id, cause });
    this.tellSilence();
  }

  private enqueue(job: Playing | Recording): void {
    this.jobs.push(job);
    if (this.jobs.length === 1) this.begin(job);
  }

  private begin(job: Playing | Recording): void {
    this.startedAt = Date.now();
    if (job.kind === 'record') this.awaitEndOf(job);
    else this.sound(job, 0);
  }

  /** Plays a playback's sounds one after the other. */
  private sound(job: Playing, index: number): void {
    const sound = job.sounds[index];
    if (sound === undefined || job.stopped) return this.finishPlaying(job);
    this.heard.push(nameOf(sound));
    const ms = this.around.lengthOf(sound);
    if (Number.isFinite(ms)) this.timer = setTimeout(() => this.sound(job, index + 1), ms);
  }

  private finishPlaying(job: Playing): void {
    this.next();
    this.around.emit({ type: 'PlaybackEnded', playback: job.id, failed: false });
  }

  private awaitEndOf(job: Recording): void {
    const silentFrom = Math.max(this.startedAt, this.speaksUntil);
    const end = Math.min(silentFrom + job.silenceMs, this.startedAt + job.maxMs);
    if (this.timer) clearTimeout(this.timer);
    const spokenMs = end - this.startedAt - job.silenceMs;
    // Of a recording that was all silence Asterisk keeps a second.
    const seconds = spokenMs > 0 ? spokenMs / 1000 : 1;
    this.timer = setTimeout(() => this.finishRecording(job, seconds), end - Date.now());
  }

  private finishRecording(job: Recording, seconds: number): void {
    this.next();
    this.tellRecording(job, seconds);
  }

  /** Asterisk counts whole seconds. */
  private tellRecording(job: Recording, seconds: number): void {
    this.around.emit({ type: 'RecordingEnded', recording: job.id, seconds: Math.floor(seconds) });
  }

  private next(): void {
    if (this.timer) clearTimeout(this.timer);
    this.jobs.shift();
    const job = this.jobs[0];
    // The next one begins after the end of this one is told.
    if (job) queueMicrotask(() => this.jobs[0] === job && this.begin(job));
    else this.tellSilence();
  }

  private tellSilence(): void {
    for (const resolve of this.whenSilent.splice(0)) resolve();
  }
}

function nameOf(sound: Sound): string {
  if ('prompt' in sound) return sound.prompt;
  if ('digit' in sound) return sound.digit;
  return 'recording' in sound ? `<${sound.recording}>` : `(${sound.tone})`;
}
