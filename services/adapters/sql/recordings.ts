import type { Kysely } from 'kysely';
import type { NotedRecording, RecordingBook } from '../../core/recordings.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** What each recording was when it was made, in SQL. Rejects with the database's own error when it is locked or lost. */
export function sqlRecordingBook(db: Kysely<Tables>): RecordingBook {
  return {
    note: (recording) => note(db, recording),
    of: (calls) => of(db, calls),
  };
}

async function note(db: Kysely<Tables>, { name, call, bytes, sha256, seenAt }: NotedRecording): Promise<void> {
  await db
    .insertInto('recordings')
    .values({
      name: toText(name),
      call_id: toText(call),
      bytes,
      sha256,
      seen_at: Math.round(seenAt),
      doomed_by: null,
      fault: null,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

/** Calls in one query: both databases bear far more. */
const atOnce = 500;

async function of(db: Kysely<Tables>, calls: readonly string[]): Promise<readonly NotedRecording[]> {
  const found: NotedRecording[] = [];
  for (let begin = 0; begin < calls.length; begin += atOnce) {
    const rows = await db
      .selectFrom('recordings')
      .selectAll()
      .where('call_id', 'in', calls.slice(begin, begin + atOnce).map(toText))
      .where('doomed_by', 'is', null)
      .execute();
    for (const { name, call_id, bytes, sha256, seen_at } of rows) {
      if (bytes === null || sha256 === null) continue;
      found.push({ name: fromText(name), call: fromText(call_id), bytes, sha256, seenAt: seen_at });
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
