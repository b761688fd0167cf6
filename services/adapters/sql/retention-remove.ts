import type { Transaction } from 'kysely';
import { emptyIncident } from '../../core/retention/empty-incident.ts';
import type { RowKind } from '../../core/retention/stores.ts';
import type { By } from '../../core/stores.ts';
import { appendRemoval } from './chain.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Takes off record what is to go. Ids are as the database has them. */

export interface Cause {
  /** The run or erasure that has it done. */
  readonly id: string;
  readonly by: By;
  /** Stays on record for good: no name and no number. */
  readonly why: string;
  readonly at: number;
}

type Remove = (trx: Transaction<Tables>, ids: readonly string[], cause: Cause) => Promise<void>;

export const removals: Readonly<Record<RowKind, Remove>> = {
  calls: removeCalls,
  incidents: async (trx, ids) => void (await emptyIncidents(trx, ids)),
  alerts: removeAlerts,
  sightings: async (trx, ids) => {
    await trx.deleteFrom('sightings').where('call_id', 'in', ids).execute();
  },
  access: async (trx, ids) => {
    await trx.deleteFrom('access_log').where('id', 'in', ids).execute();
  },
};

/** What goes by the same period and is so little, or so seldom, that it goes at once: the times of what was counted. */
export async function removeBeside(
  trx: Transaction<Tables>,
  kind: RowKind,
  before: number,
): Promise<readonly number[]> {
  switch (kind) {
    case 'access': {
      const lifts = await trx.deleteFrom('hold_lifts').where('at', '<', before).returning('at').execute();
      const pauses = await trx.deleteFrom('line_pauses').where('until', '<', before).returning('at').execute();
      return [...lifts, ...pauses].map(({ at }) => at);
    }
    case 'incidents':
      await trx.deleteFrom('campaigns').where('last_at', '<', before).where('ended_at', 'is not', null).execute();
      return [];
    case 'alerts':
      // A digest tells of many alerts.
      await trx.deleteFrom('deliveries').where('alert', 'is', null).where('planned_at', '<', before).execute();
      return [];
    case 'calls':
      // Who was expected stands in the calls' journals for as long.
      await trx.deleteFrom('line_expected').where('until', '<', before).execute();
      return [];
    case 'sightings':
      return [];
  }
}

/** The chain says that they were there; what they were is gone, and what is recorded of them is to go. */
export async function removeCalls(trx: Transaction<Tables>, ids: readonly string[], cause: Cause): Promise<void> {
  const { id: doomedBy, by, why, at } = cause;
  for (const id of ids) await appendRemoval(trx, { call: fromText(id), by, why, at });
  await trx
    .updateTable('recordings')
    .set({ doomed_by: toText(doomedBy) })
    .where('call_id', 'in', ids)
    .execute();
  await trx.deleteFrom('call_facts').where('call_id', 'in', ids).execute();
  await trx.deleteFrom('calls').where('id', 'in', ids).execute();
}

export async function removeAlerts(trx: Transaction<Tables>, ids: readonly string[]): Promise<void> {
  await trx.deleteFrom('deliveries').where('alert', 'in', ids).execute();
  await trx.deleteFrom('alerts').where('id', 'in', ids).execute();
}

/** What is counted stays, and its calls may go. Answers which were emptied. */
export async function emptyIncidents(trx: Transaction<Tables>, ids: readonly string[]): Promise<readonly string[]> {
  // PostgreSQL: somebody may have held or opened one since they were looked for, and whoever is about to is waited for here.
  const rows = await trx
    .updateTable('incidents')
    .set(({ ref }) => ({ changed_at: ref('changed_at') }))
    .where('id', 'in', ids)
    .where('legal_hold', '=', 0)
    .where('status', '<>', 'open')
    .returning(['id', 'document'])
    .execute();
  const going = rows.map(({ id }) => id);
  if (going.length === 0) return [];
  for (const { id, document } of rows) {
    const { at, version, ...rest } = emptyIncident(JSON.parse(document));
    await trx
      .updateTable('incidents')
      .set({
        at,
        version,
        line: null,
        campaign: null,
        at_risk: 0,
        document: JSON.stringify({ ...rest, at, version }),
      })
      .where('id', '=', id)
      .execute();
  }
  await trx.deleteFrom('incident_versions').where('incident_id', 'in', going).execute();
  await trx.deleteFrom('incident_calls').where('incident_id', 'in', going).execute();
  return going;
}
