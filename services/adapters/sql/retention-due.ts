import type { Kysely } from 'kysely';
import { type Judgement, judgeCall, judgeIncident } from '../../core/retention/periods.ts';
import type { Cursor, RecordingFile, RowKind } from '../../core/retention/stores.ts';
import type { Tables } from './schema.ts';
import { toText } from './text.ts';

/** What is older than its period, and what becomes of it. */

/** `id` is as the database has it. */
export interface Candidate extends Cursor {
  readonly judgement: Judgement;
}

/** The next `most` of a kind that are older than `before`, by time and id. */
export type Find = (
  db: Kysely<Tables>,
  before: number,
  after: Cursor | null,
  most: number,
) => Promise<readonly Candidate[]>;

export const candidates: Readonly<Record<RowKind, Find>> = {
  calls: findCalls,
  incidents: findIncidents,
  alerts: findAlerts,
  sightings: findSightings,
  access: findAccesses,
};

async function findCalls(db: Kysely<Tables>, before: number, after: Cursor | null, most: number) {
  let query = db
    .selectFrom('calls')
    .leftJoin('incident_calls', 'incident_calls.call_id', 'calls.id')
    .leftJoin('incidents', 'incidents.id', 'incident_calls.incident_id')
    .select(['calls.id', 'calls.arrived_at as at', 'incidents.id as incident', 'legal_hold'])
    .where('arrived_at', '<', before);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('calls.arrived_at', 'calls.id'), '>', tuple(after.at, after.id)),
    );
  }
  const rows = await query.orderBy('arrived_at').orderBy('calls.id').limit(most).execute();
  return rows.map(tied);
}

async function findAlerts(db: Kysely<Tables>, before: number, after: Cursor | null, most: number) {
  let query = db
    .selectFrom('alerts')
    .leftJoin('incident_calls', 'incident_calls.call_id', 'alerts.call_id')
    // One that was emptied has no versions, and keeps nothing any more.
    .leftJoin('incidents', (join) =>
      join
        .on('incidents.id', '=', ({ fn }) => fn.coalesce('incident_calls.incident_id', 'alerts.incident'))
        .on(({ exists, selectFrom }) =>
          exists(selectFrom('incident_versions').select('version').whereRef('incident_id', '=', 'incidents.id')),
        ),
    )
    .select(['alerts.id', 'alerts.at', 'incidents.id as incident', 'legal_hold'])
    .where('alerts.at', '<', before);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('alerts.at', 'alerts.id'), '>', tuple(after.at, after.id)),
    );
  }
  const rows = await query.orderBy('alerts.at').orderBy('alerts.id').limit(most).execute();
  return rows.map(tied);
}

interface TiedRow extends Cursor {
  readonly incident: string | null;
  readonly legal_hold: number | null;
}

function tied({ id, at, incident, legal_hold }: TiedRow): Candidate {
  return { id, at, judgement: judgeCall(incident === null ? [] : [{ incident, held: legal_hold !== 0 }]) };
}

/** Those that were emptied have no versions any more. */
async function findIncidents(db: Kysely<Tables>, before: number, after: Cursor | null, most: number) {
  let query = db
    .selectFrom('incidents')
    .select(['id', 'at', 'status', 'legal_hold'])
    .where('at', '<', before)
    .where('changed_at', '<', before)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('incident_versions').select('version').whereRef('incident_id', '=', 'incidents.id')),
    );
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '>', tuple(after.at, after.id)));
  }
  const rows = await query.orderBy('at').orderBy('id').limit(most).execute();
  return rows.map(({ id, at, status, legal_hold }) => {
    return { id, at, judgement: judgeIncident({ open: status === 'open', held: legal_hold !== 0 }) };
  });
}

async function findAccesses(db: Kysely<Tables>, before: number, after: Cursor | null, most: number) {
  let query = db.selectFrom('access_log').select(['id', 'at']).where('at', '<', before);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'id'), '>', tuple(after.at, after.id)));
  }
  const rows = await query.orderBy('at').orderBy('id').limit(most).execute();
  return rows.map((row) => ({ ...row, judgement: 'remove' as const }));
}

async function findSightings(db: Kysely<Tables>, before: number, after: Cursor | null, most: number) {
  let query = db.selectFrom('sightings').select(['call_id as id', 'at']).where('at', '<', before);
  if (after) {
    query = query.where(({ eb, refTuple, tuple }) => eb(refTuple('at', 'call_id'), '>', tuple(after.at, after.id)));
  }
  const rows = await query.orderBy('at').orderBy('call_id').limit(most).execute();
  return rows.map((row) => ({ ...row, judgement: 'remove' as const }));
}

/**
 * What becomes of recordings: those of calls that are on record are as old as their call, others as their file. Null where the
 * time is not up.
 */
export async function judgeFiles(
  db: Kysely<Tables>,
  before: number,
  files: readonly RecordingFile[],
): Promise<readonly { readonly file: RecordingFile; readonly at: number; readonly judgement: Judgement | null }[]> {
  if (files.length === 0) return [];
  const ids = [...new Set(files.map(({ call }) => toText(call)))];
  const [calls, ties] = await Promise.all([
    db.selectFrom('calls').select(['id', 'arrived_at']).where('id', 'in', ids).execute(),
    db
      .selectFrom('incident_calls')
      .innerJoin('incidents', 'incidents.id', 'incident_calls.incident_id')
      .select(['call_id', 'incidents.id as incident', 'legal_hold'])
      .where('call_id', 'in', ids)
      .execute(),
  ]);
  const arrivals = new Map(calls.map(({ id, arrived_at }) => [id, arrived_at]));
  return files.map((file) => {
    const id = toText(file.call);
    const at = arrivals.get(id) ?? file.at;
    if (at >= before) return { file, at, judgement: null };
    const of = ties.filter(({ call_id }) => call_id === id);
    return {
      file,
      at,
      judgement: judgeCall(of.map(({ incident, legal_hold }) => ({ incident, held: legal_hold !== 0 }))),
    };
  });
}
