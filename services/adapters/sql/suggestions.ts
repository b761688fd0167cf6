import { type Kysely, sql } from 'kysely';
import type { Dismissal, FrequentCaller } from '../../core/contacts/stores.ts';
import type { InboundRecord } from '../../core/record.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Numbers that called a line often, and that nothing on record speaks against. Migration 0008 has the indexes for it. */

/** Staff read a list of so many, not of more; and so many calls of each are looked at. */
const mostCandidates = 50;
const mostCalls = 10;

/** Word for word the conditions of the indexes. */
const putThrough = sql<boolean>`outcome in ('talked', 'handled-by-staff') and standing = 'unvouched'`;
const fraud = sql<boolean>`outcome in ('reported', 'ghost-dialled', 'fake-dial-tone', 'returned-call')`;

export async function findCandidates(
  db: Kysely<Tables>,
  line: string | null,
  since: number,
  leastCalls: number,
): Promise<readonly FrequentCaller[]> {
  const [frequent, fraudsters] = await Promise.all([findFrequent(db, line, since, leastCalls), findFraudsters(db)]);
  const open = frequent.filter(({ number }) => !fraudsters.has(number.replace(/\D/g, ''))).slice(0, mostCandidates);
  const found = await Promise.all(open.map(async (each) => ({ ...each, calls: await readCalls(db, each, since) })));
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
    .$if(line !== null, (query) => query.where('line', '=', toText(line ?? '')))
    .groupBy(['line', 'party_number'])
    .having(sql<number>`count(*)`, '>=', leastCalls);
  return db
    .selectFrom(often.as('often'))
    .innerJoin('lines', 'lines.id', 'often.line')
    .select(['lines.id as line', 'often.number'])
    .$narrowType<{ number: string }>()
    .where('often.number', 'like', '+%')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('suggestion_dismissals')
            .select('at')
            .whereRef('suggestion_dismissals.line_id', '=', 'often.line')
            .whereRef('suggestion_dismissals.number', '=', 'often.number'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('calls')
            .select('id')
            .where(sql<boolean>`standing in ('suspect', 'blocked')`)
            .whereRef('party_number', '=', 'often.number'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('line_contacts')
            .select('line_id')
            .whereRef('line_contacts.number', '=', 'often.number')
            .where(({ or, eb, ref }) => or([eb('kind', '=', 'blocked'), eb('line_id', '=', ref('often.line'))])),
        ),
      ),
    )
    .orderBy('often.times', 'desc')
    .orderBy('often.number')
    .limit(2 * mostCandidates)
    .execute();
}

/** The digits of every number that was shown in a call that was fraud, or is part of an incident or a campaign, whenever that was. */
async function findFraudsters(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('calls')
    .select('party_search')
    .where(fraud)
    .unionAll((eb) =>
      eb.selectFrom('incident_calls').innerJoin('calls', 'calls.id', 'incident_calls.call_id').select('party_search'),
    )
    .unionAll((eb) =>
      eb.selectFrom('campaign_calls').innerJoin('calls', 'calls.id', 'campaign_calls.call_id').select('party_search'),
    )
    .execute();
  return new Set(rows.flatMap(({ party_search }) => party_search.split(' ')));
}

async function readCalls(db: Kysely<Tables>, { line, number }: Frequent, since: number): Promise<InboundRecord[]> {
  const rows = await db
    .selectFrom('calls')
    .innerJoin('call_facts', 'call_facts.call_id', 'calls.id')
    .select('record')
    .where(putThrough)
    .where('line', '=', line)
    .where('party_number', '=', number)
    .where('arrived_at', '>=', since)
    .orderBy('arrived_at', 'desc')
    .limit(mostCalls)
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
