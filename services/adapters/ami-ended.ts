import type { Reply } from '../core/ports.ts';

/**
 * The notes of ended calls in AstDB, where the dialplan writes one when a call's first leg ends. They are listed page by page: a
 * day without Clearline may leave a hundred thousand, and a list of all of them would hold up everybody who asks AstDB or AMI.
 */
export interface EndedNotes {
  /** A page's notes; null when AMI does not answer within a second. */
  list(page: string): Promise<readonly EndedNote[] | null>;
  /** The note of a call; null when there is none, or AMI does not answer. */
  read(call: string): Promise<string | null>;
  /** Takes a call's note away. Its being gone already is no failure. */
  remove(call: string): Promise<Reply>;
}

export interface EndedNote {
  /** The unique id of the call's first channel. */
  readonly call: string;
  readonly text: string;
}

/** Asterisk's ids end in a number that counts up, so the last two characters spread them evenly; a leg that Clearline rang ends so, too. */
export const notePages: readonly string[] = [
  ...Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0')),
  ...Array.from({ length: 10 }, (_, index) => `.${index}`),
  'nt',
];

const family = 'clearline-ended';

/** What is needed of AMI. */
interface Shelf {
  /** The rows of an AstDB family at or below a key; null when there is no answer. */
  list(family: string, key: string): Promise<readonly Readonly<Record<string, unknown>>[] | null>;
  command(action: Record<string, string>): Promise<Reply>;
}

export function astDbEnded({ list, command }: Shelf): EndedNotes {
  const notesAt = async (key: string) => {
    const rows = await list(family, key);
    return rows?.map(({ key: path, val }) => ({ call: String(path).split('/').slice(3).join('/'), text: String(val) }));
  };
  return {
    list: async (page) => (await notesAt(page)) ?? null,
    read: async (call) => (await notesAt(keyOf(call)))?.find((note) => note.call === call)?.text ?? null,
    remove: async (call) => {
      const reply = await command({ action: 'DBDel', family, key: keyOf(call) });
      return !reply.ok && /not found/i.test(reply.why) ? { ok: true } : reply;
    },
  };
}

function keyOf(call: string): string {
  return `${call.slice(-2)}/${call}`;
}
