import type { Kysely, Transaction } from 'kysely';
import { type ScreeningMode, screeningModes } from '../../core/line.ts';
import type { LineStore, StoredLine } from '../../core/ports.ts';
import type { LineContactsTable, LinesTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Protected lines in SQL, in the order of their ids. Rejects with the database's own error when it is locked or lost. */
export function sqlLineStore(db: Kysely<Tables>): LineStore {
  return {
    all: () => all(db),
    upsert: (lines) => upsert(db, lines),
    remove: (id) => remove(db, id),
    revision: () => revision(db),
  };
}

async function all(db: Kysely<Tables>): Promise<readonly StoredLine[]> {
  // One statement, so that a line and its contacts are never read from two different moments.
  const rows = await db
    .selectFrom('lines')
    .leftJoin('line_contacts', 'line_contacts.line_id', 'lines.id')
    .selectAll('lines')
    .select(['kind', 'line_contacts.number as contact_number', 'name'])
    .orderBy('lines.id')
    .orderBy('position')
    .execute();
  const raised = await guards(db);
  return [...Map.groupBy(rows, (row) => row.id).values()].map(lineOf).map((line) => {
    const raisedUntil = raised.get(line.area);
    return raisedUntil === undefined ? line : { ...line, raisedUntil };
  });
}

/** Until when the guard of each area is raised, where it ever was. */
async function guards(db: Kysely<Tables>): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('area_guards')
    .select(({ fn }) => ['area', fn.max('until').as('until')])
    .groupBy('area')
    .execute();
  return new Map(rows.map(({ area, until }) => [fromText(area), until]));
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
  await trx.deleteFrom('line_contacts').where('line_id', '=', id).execute();
  const contacts = contactsOf(line);
  if (contacts.length > 0) await trx.insertInto('line_contacts').values(contacts).execute();
}

async function remove(db: Kysely<Tables>, id: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    const { numDeletedRows } = await trx.deleteFrom('lines').where('id', '=', toText(id)).executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  });
}

async function revision(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom('revisions').select('value').where('name', '=', 'lines').executeTakeFirstOrThrow();
  return row.value;
}

/** Has every interceptor load the lines anew within two seconds. */
export async function bumpLines(trx: Transaction<Tables>): Promise<void> {
  await trx
    .updateTable('revisions')
    .set((eb) => ({ value: eb('value', '+', 1) }))
    .where('name', '=', 'lines')
    .execute();
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

function contactsOf(line: StoredLine): LineContactsTable[] {
  const line_id = toText(line.id);
  const trusted = line.trusted.map(
    (contact, position): LineContactsTable => ({
      line_id,
      kind: 'trusted',
      position,
      number: toText(contact.number),
      name: toText(contact.name),
    }),
  );
  const blocked = line.blocked.map(
    (number, position): LineContactsTable => ({
      line_id,
      kind: 'blocked',
      position,
      number: toText(number),
      name: null,
    }),
  );
  return [...trusted, ...blocked];
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
