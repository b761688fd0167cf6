import type { Kysely } from 'kysely';
import type { Lists } from '../../core/contacts/lists.ts';
import type { ContactStore } from '../../core/contacts/stores.ts';
import { readContacts, replaceContacts } from './line-contacts.ts';
import { bumpLines } from './lines-revision.ts';
import type { Tables } from './schema.ts';
import { dismiss, findCandidates, listDismissed } from './suggestions.ts';
import { toText } from './text.ts';
import { cancel, expectCaller, listExpected, listPauses, pause, resume } from './windows.ts';

/** What lines trust, in SQL. Rejects with the database's own error when it is locked or lost. */
export function sqlContactStore(db: Kysely<Tables>): ContactStore {
  return {
    edit: (line, change) => edit(db, line, change),
    pause: (wanted) => pause(db, wanted),
    resume: (line, at, by) => resume(db, line, at, by),
    pauses: (line, limit) => listPauses(db, line, limit),
    expect: (wanted) => expectCaller(db, wanted),
    cancel: (id, at, by) => cancel(db, id, at, by),
    expectations: (line, at) => listExpected(db, line, at),
    candidates: (line, since, leastCalls) => findCandidates(db, line, since, leastCalls),
    dismiss: (dismissal) => dismiss(db, dismissal),
    dismissed: (line) => listDismissed(db, line),
  };
}

async function edit(db: Kysely<Tables>, line: string, change: (lists: Lists) => Lists | null): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    const id = toText(line);
    const known = await trx.selectFrom('lines').select('id').where('id', '=', id).executeTakeFirst();
    if (known === undefined) return false;
    const changed = change(await readContacts(trx, id));
    if (changed !== null) await replaceContacts(trx, id, changed);
    return true;
  });
}
