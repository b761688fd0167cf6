import { styleText } from 'node:util';
import type { Ending, JournalEntry, Outcome, PromptName } from '../../services/core/call.ts';
import { gb } from '../../services/core/packs/gb.ts';
import { tellerOf } from '../../services/core/tell.ts';
import { wrap } from './wrap.ts';

/** One call of the demo, as it is to be told. */
export interface Scene {
  readonly title: string;
  /** The number the caller shows, E.164: by it the call is known. */
  readonly caller: string;
  /** How it has to end. */
  readonly outcome: Outcome;
}

/** What came of a scene: its call, once it has arrived, and its ending, once it is over. */
interface Told {
  readonly scene: Scene;
  readonly lines: string[];
  call: string | null;
  tell: ((entry: JournalEntry) => string[]) | null;
  ending: Ending | null;
}

const timeWidth = '14:02:11.250  '.length;

/**
 * Prints the calls one after the other although they are made at the same time: the first that is not over is printed
 * while it happens, and what the later ones have had so far follows when their turn comes.
 */
export class Story {
  readonly #told: readonly Told[];
  readonly #print: (line: string) => void;
  readonly #wording: (prompt: PromptName) => string;
  #current = 0;

  constructor(scenes: readonly Scene[], wording: (prompt: PromptName) => string, print: (line: string) => void) {
    this.#told = scenes.map((scene) => ({ scene, lines: [], call: null, tell: null, ending: null }));
    this.#wording = wording;
    this.#print = print;
  }

  /** Prints the first title. */
  begin(): void {
    this.#printTitle();
  }

  /** One entry of a call's journal, from the interceptor's log. */
  hear(call: string, entry: JournalEntry): void {
    const told = this.#whose(call, entry);
    if (!told?.tell) return;
    const lines = told.tell(entry).flatMap((line) => wrap(line, timeWidth));
    if (told === this.#told[this.#current]) for (const line of lines) this.#print(line);
    else told.lines.push(...lines);
    if ('effect' in entry && entry.effect.do === 'Conclude') this.#end(told, entry.effect.ending);
  }

  get isOver(): boolean {
    return this.#told.every(({ ending }) => ending !== null);
  }

  /** What did not come as it had to, in sentences; none when all is well, or when no call was made at all. */
  get faults(): string[] {
    if (this.#told.every(({ call }) => call === null)) return [];
    return this.#told.flatMap(({ scene, call, ending }) => {
      if (call === null) return [`“${scene.title}”: the call never arrived.`];
      if (ending === null) return [`“${scene.title}”: the call did not end in time.`];
      if (ending.outcome === scene.outcome) return [];
      return [`“${scene.title}”: the call ended as “${ending.outcome}”, and should have ended as “${scene.outcome}”.`];
    });
  }

  #whose(call: string, entry: JournalEntry): Told | undefined {
    const known = this.#told.find((told) => told.call === call);
    if (known || !('event' in entry) || entry.event.type !== 'Arrived') return known;
    const number = entry.event.caller.presentation?.e164;
    const told = this.#told.find(({ scene }) => scene.caller === number);
    if (told) {
      told.call = call;
      told.tell = tellerOf(call, { pack: gb, wording: this.#wording });
    }
    return told;
  }

  #end(told: Told, ending: Ending): void {
    told.ending = ending;
    while (this.#told[this.#current]?.ending) {
      this.#current += 1;
      if (this.#current < this.#told.length) this.#printTitle();
    }
  }

  #printTitle(): void {
    const told = this.#told[this.#current];
    this.#print('');
    this.#print(styleText('bold', `${this.#current + 1}. ${told?.scene.title}`));
    if (told?.call != null) this.#print('   This call began beside the others; here it is from its start.');
    for (const line of told?.lines ?? []) this.#print(line);
  }
}
