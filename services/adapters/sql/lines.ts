import type { Kysely, Transaction } from 'kysely';
import { type ScreeningMode, screeningModes } from '../../core/line.ts';
import type { LineStore, StoredLine } from '../../core/ports.ts';
import { replaceContacts } from './line-contacts.ts';
import { bumpLines, linesRevision } from './lines-revision.ts';
import type { LineContactsTable, LinesTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';
import { endPause, readWindows } from './windows.ts';

/** Protected lines in SQL, in the order of their ids. Rejects with the database's own error when it is locked or lost. */
export function sqlLineStore(db: Kysely<Tables>, clock: () => number = Date.now): LineStore {
  return {
    all: () => all(db, clock()),
    upsert: (lines) => upsert(db, lines),
    remove: (id) => remove(db, id, clock()),
    revision: () => linesRevision(db),
  };
}

async function all(db: Kysely<Tables>, now: number): Promise<readonly StoredLine[]> {
  // One statement, so that a line and its contacts are never read from two different moments.
  const rows = await db
    .selectFrom('lines')
    .leftJoin('line_contacts', 'line_contacts.line_id', 'lines.id')
    .selectAll('lines')
    .select(['kind', 'line_contacts.number as contact_number', 'name'])
    .orderBy('lines.id')
    .orderBy('position')
    .execute();
  const [raised, windows] = await Promise.all([guards(db), readWindows(db, now)]);
  return [...Map.groupBy(rows, (row) => row.id)].map(([id, own]) => {
    const line = { ...lineOf(own), ...windows.get(id) };
    return { ...line, ...raised.get(line.area) };
  });
}

/** The longest guard of each area, where one was ever raised. */
async function guards(db: Kysely<Tables>): Promise<ReadonlyMap<string, Pick<StoredLine, 'raisedUntil' | 'raisedFor'>>> {
  const rows = await db.selectFrom('area_guards').select(['area', 'until', 'campaign']).orderBy('until').execute();
  return new Map(
    rows.map(({ area, until, campaign }) => [fromText(area), { raisedUntil: until, raisedFor: fromText(campaign) }]),
  );
}

async function upsert(db: Kysely<Tables>, lines: readonly StoredLine[]): Promise<void> {
  if (lines.length === 0) return;
  await db.transaction().execute(async (trx) => {
    // First, so that two writers meet on this row and not half-way through each other's lines.
    await bumpLines(trx);
    for (const line of lines) await replace(trx, line);
  });
}

async function replace(trx: Transaction<Tables>, line: StoredLine): Promise<void> {
  const row = rowOf(line);
  const { id, ...changed } = row;
  await trx
    .insertInto('lines')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
  await replaceContacts(trx, id, line);
}

async function remove(db: Kysely<Tables>, id: string, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    // A line of the same name that comes later is another's: it must not begin with a pause.
    await endPause(trx, toText(id), now, 'clearline');
    const { numDeletedRows } = await trx.deleteFrom('lines').where('id', '=', toText(id)).executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  });
}

function rowOf(line: StoredLine): LinesTable {
  return {
    id: toText(line.id),
    number: toText(line.number),
    resident: toText(line.resident),
    area: toText(line.area),
    mode: line.mode,
    record_calls: line.recordCalls ? 1 : 0,
    tone_watch: line.toneWatch ? 1 : 0,
    ring_seconds: line.ringSeconds,
    phone_secret: toText(line.phoneSecret),
  };
}

interface JoinedRow extends LinesTable {
  readonly kind: LineContactsTable['kind'] | null;
  readonly contact_number: string | null;
  readonly name: string | null;
}

/** `rows` are one line, repeated once a contact. */
function lineOf(rows: readonly JoinedRow[]): StoredLine {
  const [row] = rows;
  if (!row) throw new Error('a line has at least its own row');
  const contacts = (kind: LineContactsTable['kind']) =>
    rows
      .filter((each) => each.kind === kind)
      .map((each) => ({ number: fromText(each.contact_number ?? ''), name: fromText(each.name ?? '') }));
  return {
    id: fromText(row.id),
    number: fromText(row.number),
    resident: fromText(row.resident),
    area: fromText(row.area),
    mode: modeOf(row.mode),
    trusted: contacts('trusted'),
    blocked: contacts('blocked').map((contact) => contact.number),
    recordCalls: row.record_calls !== 0,
    toneWatch: row.tone_watch !== 0,
    ringSeconds: row.ring_seconds,
    phoneSecret: fromText(row.phone_secret),
  };
}

/** A mode this release does not know (a newer one wrote it, or a hand) is read as the strictest, never as the laxest. */
function modeOf(stored: string): ScreeningMode {
  return screeningModes.find((mode) => mode === stored) ?? 'trusted-only';
}
