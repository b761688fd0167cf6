import type { Kysely, Transaction } from 'kysely';
import { type Incident, type IncidentOutcome, isMoneyAtRisk } from '../../core/incident/incident.ts';
import type { By, IncidentCount, IncidentFilter, IncidentMoment, IncidentStore, Period } from '../../core/stores.ts';
import type { IncidentsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Incidents in SQL. Rejects with the database's own error when it is locked or lost, and where another incident has a call. */
export function sqlIncidentStore(db: Kysely<Tables>): IncidentStore {
  return {
    open: (incident) => open(db, incident),
    change: (changed, by, at) => change(db, changed, by, at),
    find: (id) => find(db, id),
    ofCall: (call) => ofCall(db, call),
    list: (filter) => list(db, filter),
    counts: (period, without = []) => counts(db, period, without),
    outcomes: (period, without = []) => outcomes(db, period, without),
    history: (id) => history(db, id),
    untold: (limit) => untold(db, limit),
    markTold: (id) => markTold(db, id),
  };
}

async function open(db: Kysely<Tables>, incident: Incident): Promise<Incident> {
  return db.transaction().execute(async (trx) => {
    const known = (await find(trx, incident.id)) ?? (await ofAnyCall(trx, incident.calls));
    if (known !== null) return known;
    const inserted = await trx
      .insertInto('incidents')
      .values({ id: toText(incident.id), told: 0, ...columnsOf(incident, incident.openedAt) })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    // PostgreSQL: somebody else opened it since we looked.
    if (!inserted) return (await find(trx, incident.id)) ?? incident;
    await keepVersion(trx, incident, incident.openedBy, incident.openedAt);
    await link(trx, incident);
    return incident;
  });
}

async function change(db: Kysely<Tables>, changed: Incident, by: By, at: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('incidents')
      .set(columnsOf(changed, at))
      .where('id', '=', toText(changed.id))
      .where('version', '=', changed.version - 1)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    await keepVersion(trx, changed, by, at);
    await trx.deleteFrom('incident_calls').where('incident_id', '=', toText(changed.id)).execute();
    await link(trx, changed);
    return true;
  });
}

async function keepVersion(trx: Transaction<Tables>, incident: Incident, by: By, at: number): Promise<void> {
  const row = {
    version: incident.version,
    at: Math.round(at),
    by_whom: toText(by),
    document: JSON.stringify(incident),
  };
  await trx
    .insertInto('incident_versions')
    .values({ incident_id: toText(incident.id), ...row })
    .execute();
}

/** Rejects where another incident has one of the calls. */
async function link(trx: Transaction<Tables>, { id, calls }: Incident): Promise<void> {
  if (calls.length === 0) return;
  const rows = calls.map((call) => ({ call_id: toText(call), incident_id: toText(id) }));
  await trx.insertInto('incident_calls').values(rows).execute();
}

async function find(db: Kysely<Tables>, id: string): Promise<Incident | null> {
  const row = await db.selectFrom('incidents').select('document').where('id', '=', toText(id)).executeTakeFirst();
  return row ? JSON.parse(row.document) : null;
}

async function ofAnyCall(db: Kysely<Tables>, calls: readonly string[]): Promise<Incident | null> {
  for (const call of calls) {
    const incident = await ofCall(db, call);
    if (incident !== null) return incident;
  }
  return null;
}

async function ofCall(db: Kysely<Tables>, call: string): Promise<Incident | null> {
  const row = await db
    .selectFrom('incident_calls')
    .innerJoin('incidents', 'incidents.id', 'incident_calls.incident_id')
    .select('document')
    .where('call_id', '=', toText(call))
    .executeTakeFirst();
  return row ? JSON.parse(row.document) : null;
}

async function list(db: Kysely<Tables>, filter: IncidentFilter): Promise<readonly Incident[]> {
  let query = db.selectFrom('incidents').select('document');
  for (const column of ['line', 'area', 'outcome', 'status', 'campaign'] as const) {
    const wanted = filter[column];
    if (wanted !== undefined) query = query.where(column, '=', toText(wanted));
  }
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(filter.limit)))
    .execute();
  return rows.map(({ document }) => JSON.parse(document));
}

/** Those that count, in this time. */
function counted(db: Kysely<Tables>, { since, until }: Period, without: readonly string[]) {
  const query = db
    .selectFrom('incidents')
    .where('at', '>=', since)
    .where('at', '<', until)
    .where('status', '!=', 'mistaken');
  return without.length > 0 ? query.where('id', 'not in', without.map(toText)) : query;
}

async function counts(
  db: Kysely<Tables>,
  period: Period,
  without: readonly string[],
): Promise<readonly IncidentCount[]> {
  const rows = await counted(db, period, without)
    .select(({ fn }) => ['area', 'outcome', fn.countAll<number>().as('count'), fn.min<number>('at').as('first')])
    .groupBy(['area', 'outcome'])
    .orderBy('area')
    .orderBy('outcome')
    .execute();
  return rows.map((row) => ({ ...momentOf(row), count: row.count, first: row.first }));
}

async function outcomes(
  db: Kysely<Tables>,
  period: Period,
  without: readonly string[],
): Promise<readonly IncidentMoment[]> {
  const rows = await counted(db, period, without).select(['at', 'area', 'outcome']).orderBy('at').execute();
  return rows.map((row) => ({ at: row.at, ...momentOf(row) }));
}

function momentOf({ area, outcome }: Pick<IncidentsTable, 'area' | 'outcome'>): Omit<IncidentMoment, 'at'> {
  return { area: area === null ? null : fromText(area), outcome: outcome as IncidentOutcome | null };
}

async function history(db: Kysely<Tables>, id: string): ReturnType<IncidentStore['history']> {
  const rows = await db
    .selectFrom('incident_versions')
    .select(['document', 'by_whom', 'at'])
    .where('incident_id', '=', toText(id))
    .orderBy('version')
    .execute();
  return rows.map(({ document, by_whom, at }) => ({ incident: JSON.parse(document), by: fromText(by_whom), at }));
}

async function untold(db: Kysely<Tables>, limit: number): ReturnType<IncidentStore['untold']> {
  const rows = await db
    .selectFrom('incidents')
    .select(['document', 'changed_at'])
    .where('told', '=', 0)
    .where('at_risk', '=', 1)
    .orderBy('at')
    .limit(limit)
    .execute();
  return rows.map(({ document, changed_at }) => ({ incident: JSON.parse(document), at: changed_at }));
}

async function markTold(db: Kysely<Tables>, id: string): Promise<void> {
  await db.updateTable('incidents').set({ told: 1 }).where('id', '=', toText(id)).execute();
}

/** What can be searched of an incident, and the whole of it. */
function columnsOf(incident: Incident, changedAt: number): Omit<IncidentsTable, 'id' | 'told'> {
  const { at, line, area, outcome, status, campaign, legalHold, version } = incident;
  return {
    at: Math.round(at),
    line: line === null ? null : toText(line),
    area: area === null ? null : toText(area),
    outcome,
    status,
    campaign: campaign === null ? null : toText(campaign),
    legal_hold: legalHold === null ? 0 : 1,
    version,
    changed_at: Math.round(changedAt),
    at_risk: isMoneyAtRisk(incident) && status !== 'mistaken' ? 1 : 0,
    document: JSON.stringify(incident),
  };
}
