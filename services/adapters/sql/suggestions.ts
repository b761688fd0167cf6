import { type Kysely, sql } from 'kysely';
import { blockOf } from '../../core/campaign/campaign.ts';
import type { Dismissal, FrequentCaller } from '../../core/contacts/stores.ts';
import type { InboundRecord } from '../../core/record.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Numbers that called a line often, and that nothing on record speaks against. Migration 0008 has the indexes for it. */

/** Staff read a list of so many, not of more. */
const mostCandidates = 25;
/** The most frequent callers, of whom it is asked what speaks against them. Who has nothing to hide is nearly always among them. */
const mostJudged = 150;

/** Word for word the conditions of the indexes. */
const putThrough = sql<boolean>`outcome in ('talked', 'handled-by-staff') and standing = 'unvouched'`;
const fraud = sql<boolean>`outcome in ('reported', 'ghost-dialled', 'fake-dial-tone', 'returned-call')`;

export async function findCandidates(
  db: Kysely<Tables>,
  line: string | null,
  since: number,
  leastCalls: number,
): Promise<readonly FrequentCaller[]> {
  const frequent = await findFrequent(db, line, since, leastCalls);
  const hidden = await findHidden(db, frequent);
  const open = frequent.filter(({ number }) => !hidden.has(number)).slice(0, mostCandidates);
  const found = await Promise.all(
    open.map(async (each) => ({ ...each, calls: await readCalls(db, each, since, 2 * leastCalls) })),
  );
  return found.map(({ line, number, calls }) => ({ line: fromText(line), number: fromText(number), calls }));
}

/** As the database has them. */
interface Frequent {
  readonly line: string;
  readonly number: string;
}

async function findFrequent(
  db: Kysely<Tables>,
  line: string | null,
  since: number,
  leastCalls: number,
): Promise<readonly Frequent[]> {
  const often = db
    .selectFrom('calls')
    .select(['line', 'party_number as number', sql<number>`count(*)`.as('times')])
    .where(putThrough)
    .where('arrived_at', '>=', since)
    .where('party_number', 'like', '+%')
    .$if(line !== null, (query) => query.where('line', '=', toText(line ?? '')))
    .groupBy(['line', 'party_number'])
    .having(sql<number>`count(*)`, '>=', leastCalls)
    .orderBy('times', 'desc')
    .orderBy('party_number')
    .limit(mostJudged);
  return db
    .selectFrom(often.as('often'))
    .innerJoin('lines', 'lines.id', 'often.line')
    .select(['lines.id as line', 'often.number'])
    .$narrowType<{ number: string }>()
    .where(sql<boolean>`not exists (${dismissal})`)
    .where(sql<boolean>`not exists (${listing})`)
    .where(sql<boolean>`not exists (${badCall})`)
    .orderBy('often.times', 'desc')
    .orderBy('often.number')
    .execute();
}

/** What speaks against a number that called often; each is asked of one number, by an index. */
const dismissal = sql`select 1 from suggestion_dismissals as d where d.line_id = often.line and d.number = often.number`;
const listing = sql`select 1 from line_contacts as c
  where c.number = often.number and (c.kind = 'blocked' or c.line_id = often.line)`;
const badCall = sql`select 1 from calls where party_number = often.number and (standing in ('suspect', 'blocked') or ${fraud}
  or exists (select 1 from incident_calls as i where i.call_id = calls.id)
  or exists (select 1 from campaign_calls as c where c.call_id = calls.id))`;

/**
 * Numbers, of these, that the network gave in a call that showed another one and was fraud, or belongs to an incident or a
 * campaign. `calls` is searched by the number shown.
 */
async function findHidden(db: Kysely<Tables>, among: readonly Frequent[]): Promise<ReadonlySet<string>> {
  if (among.length === 0) return new Set();
  const forged = await db
    .selectFrom('calls')
    .select('party_search')
    .where(fraud)
    .where(sql<boolean>`standing in ('suspect', 'blocked')`)
    .execute();
  const digits = new Set(forged.flatMap(({ party_search }) => party_search.split(' ')));
  const sighted = await db
    .selectFrom('sightings')
    .select('network')
    .where('network_block', 'in', [...new Set(among.map(({ number }) => blockOf(number)))])
    .where(
      sql<boolean>`(exists (select 1 from incident_calls as i where i.call_id = sightings.call_id)
        or exists (select 1 from campaign_calls as c where c.call_id = sightings.call_id))`,
    )
    .execute();
  const known = new Set(sighted.map(({ network }) => network));
  return new Set(
    among.map(({ number }) => number).filter((number) => known.has(number) || digits.has(number.replace(/\D/g, ''))),
  );
}

async function readCalls(
  db: Kysely<Tables>,
  { line, number }: Frequent,
  since: number,
  most: number,
): Promise<InboundRecord[]> {
  const rows = await db
    .selectFrom('calls')
    .innerJoin('call_facts', 'call_facts.call_id', 'calls.id')
    .select('record')
    .where(putThrough)
    .where('line', '=', line)
    .where('party_number', '=', number)
    .where('arrived_at', '>=', since)
    .orderBy('arrived_at', 'desc')
    .limit(most)
    .execute();
  return rows.map(({ record }) => JSON.parse(record)).filter((record) => record.direction === 'inbound');
}

export async function dismiss(db: Kysely<Tables>, { line, number, at, by }: Dismissal): Promise<void> {
  await db
    .insertInto('suggestion_dismissals')
    .values({ line_id: toText(line), number: toText(number), at, by_whom: toText(by) })
    .onConflict((conflict) => conflict.columns(['line_id', 'number']).doNothing())
    .execute();
}

export async function listDismissed(db: Kysely<Tables>, line: string): Promise<readonly Dismissal[]> {
  const rows = await db
    .selectFrom('suggestion_dismissals')
    .selectAll()
    .where('line_id', '=', toText(line))
    .orderBy('at', 'desc')
    .execute();
  return rows.map((row) => ({
    line: fromText(row.line_id),
    number: fromText(row.number),
    at: row.at,
    by: fromText(row.by_whom),
  }));
}
