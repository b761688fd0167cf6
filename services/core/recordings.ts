import type { RecordingName } from './retention/periods.ts';
import type { AccessKind, By } from './stores.ts';

/** Sound files of what callers and residents said, where Asterisk puts them. */

/** Who wants to hear a recording, when, and why. `what` is the purpose it goes on record as. */
export interface WantsToHear {
  readonly at: number;
  readonly by: By;
  readonly why: string;
  readonly what: Extract<AccessKind, 'recording' | 'evidence-pack' | 'person-export'>;
}

export interface RecordingFacts extends RecordingName {
  readonly bytes: number;
  /** When it was last written, in UTC milliseconds. */
  readonly at: number;
}

export interface OpenRecording {
  readonly bytes: number;
  /** The WAV file. To be read to its end, or destroyed. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface RecordingShelf {
  /** What there is of a call; what it was named after it is all that anybody learns. Rejects where the folder cannot be read. */
  of(call: string): Promise<readonly RecordingFacts[]>;
  /**
   * The one way to what was said: writes into the access log first, and opens the file only when that is safe. Rejects where it
   * cannot be logged. Null where there is no such file.
   */
  hear(name: string, wish: WantsToHear): Promise<OpenRecording | null>;
}

/** What the machine itself does with the files; nobody hears anything. Names are without `.wav`. */
export interface RecordingFolder {
  /** Names that Clearline gives, in order. Rejects with a sentence where the folder is there and cannot be read. */
  names(): Promise<readonly string[]>;
  /** Null where there is no such plain file: a link is none. */
  look(name: string): Promise<RecordingFacts | null>;
  /** Null where there is no such plain file. */
  digest(name: string): Promise<{ readonly bytes: number; readonly sha256: string } | null>;
  /** Deletes it: null once it is gone, else why it is not. */
  remove(name: string): Promise<string | null>;
}

/** What a recording was when it was first seen after its call: whoever changes the file later is found out. */
export interface NotedRecording {
  readonly name: string;
  readonly call: string;
  readonly bytes: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  /** UTC milliseconds. */
  readonly seenAt: number;
}

export interface RecordingBook {
  /** The first word stands: nothing where the recording is noted already. */
  note(recording: NotedRecording): Promise<void>;
  /** In order of their names; those that are to be deleted are left out. */
  of(calls: readonly string[]): Promise<readonly NotedRecording[]>;
}
