import type { Kysely } from 'kysely';
import type { AlertKind } from '../../core/call.ts';
import type { AlertFilter, AlertStore, RaisedAlert } from '../../core/ports.ts';
import type { AlertsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Alerts in SQL. Rejects with the database's own error when it is locked or lost: the queue tries again. */
export function sqlAlertStore(db: Kysely<Tables>): AlertStore {
  return {
    save: (alert) => save(db, alert),
    list: (filter) => list(db, filter),
  };
}

async function save(db: Kysely<Tables>, alert: RaisedAlert): Promise<void> {
  const row: AlertsTable = {
    id: toText(alert.id),
    kind: toText(alert.kind),
    at: Math.round(alert.at),
    line: toText(alert.line),
    call_id: textOrNull(alert.call),
    area: textOrNull(alert.area),
    incident: textOrNull(alert.incident),
    campaign: textOrNull(alert.campaign),
  };
  const { id: _id, ...changed } = row;
  await db
    .insertInto('alerts')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute();
}

async function list(db: Kysely<Tables>, { line, limit }: AlertFilter): Promise<readonly RaisedAlert[]> {
  let query = db.selectFrom('alerts').selectAll();
  if (line !== undefined) query = query.where('line', '=', toText(line));
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map(alertOf);
}

export function alertOf(row: AlertsTable): RaisedAlert {
  return {
    id: fromText(row.id),
    // A newer release may have written a kind this one has no words for; it is told by its name.
    kind: fromText(row.kind) as AlertKind,
    at: row.at,
    line: fromText(row.line),
    call: row.call_id === null ? null : fromText(row.call_id),
    ...(row.area !== null && { area: fromText(row.area) }),
    ...(row.incident !== null && { incident: fromText(row.incident) }),
    ...(row.campaign !== null && { campaign: fromText(row.campaign) }),
  };
}

function textOrNull(value: string | null | undefined): string | null {
  return value === null || value === undefined ? null : toText(value);
}
