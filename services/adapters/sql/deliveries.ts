import type { Kysely } from 'kysely';
import type { Delivery, DeliveryFilter, DeliveryState, DeliveryStore } from '../../core/alerting/delivery.ts';
import { alertOf } from './alerts.ts';
import { planInto } from './deliveries-plan.ts';
import { deliveryOf } from './deliveries-row.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/**
 * Deliveries in SQL. Whoever changes one says in the statement itself how it must stand, so that of two workers one finds
 * nothing to change. Rejects with the database's own error when it is locked or lost.
 */
export function sqlDeliveryStore(db: Kysely<Tables>): DeliveryStore {
  return {
    plan: (alert, now, decide) => planInto(db, alert, now, decide),
    ...attempts(db),
    ...upkeep(db),
    ...reading(db),
  };
}

/** One worker's attempt at one message. */
function attempts(db: Kysely<Tables>): Pick<DeliveryStore, 'claim' | 'renew' | 'handOver' | 'settle'> {
  const changed = (rows: readonly unknown[]) => rows.length > 0;
  return {
    async claim(id, now, claim) {
      const row = await db
        .updateTable('deliveries')
        .set(({ eb }) => ({
          state: 'sending',
          claim: claim.token,
          claimed_until: claim.until,
          attempts: eb('attempts', '+', 1),
        }))
        .where('id', '=', toText(id))
        .where(({ and, or, eb }) =>
          or([
            and([eb('state', '=', 'queued'), eb('due', '<=', now)]),
            and([eb('state', '=', 'sending'), eb('claimed_until', '<=', now)]),
          ]),
        )
        .returningAll()
        .executeTakeFirst();
      return row ? deliveryOf(row) : null;
    },
    async renew(id, claim) {
      return changed(
        await db
          .updateTable('deliveries')
          .set({ claimed_until: claim.until })
          .where('id', '=', toText(id))
          .where('claim', '=', claim.token)
          .where('state', 'in', ['sending', 'handed-over'])
          .returning('id')
          .execute(),
      );
    },
    async handOver(id, claim) {
      return changed(
        await db
          .updateTable('deliveries')
          .set({ state: 'handed-over', claimed_until: claim.until })
          .where('id', '=', toText(id))
          .where('claim', '=', claim.token)
          .where('state', '=', 'sending')
          .returning('id')
          .execute(),
      );
    },
    async settle(id, token, settled) {
      const queued = settled.state === 'queued';
      return changed(
        await db
          .updateTable('deliveries')
          .set({
            state: settled.state,
            claim: null,
            claimed_until: null,
            fault: settled.state === 'sent' ? null : toText(settled.fault),
            ...(queued && { due: settled.due }),
            ...(settled.state === 'sent' && { sent_at: settled.at }),
          })
          .where('id', '=', toText(id))
          .where('claim', '=', token)
          // Somebody may have thought us dead, and marked it so. What its receiver said is the better account.
          .where('state', 'in', ['sending', 'handed-over', 'unconfirmed'])
          .returning('id')
          .execute(),
      );
    },
  };
}

/** What nobody is at. */
function upkeep(db: Kysely<Tables>): Pick<DeliveryStore, 'markUnconfirmed' | 'toDo' | 'retry'> {
  return {
    async markUnconfirmed(now) {
      const marked = await db
        .updateTable('deliveries')
        .set({ state: 'unconfirmed', fault: 'it was handed over, and whoever did so ended before the answer came' })
        .where('state', '=', 'handed-over')
        .where('claimed_until', '<=', now)
        .returning('id')
        .execute();
      return marked.length;
    },
    async toDo(now, limit) {
      const rows = await db
        .selectFrom('deliveries')
        .selectAll()
        .where(({ and, or, eb }) =>
          or([
            and([eb('state', '=', 'queued'), eb('due', '<=', now)]),
            and([eb('state', '=', 'sending'), eb('due', '<=', now), eb('claimed_until', '<=', now)]),
          ]),
        )
        .orderBy('due')
        .limit(limit)
        .execute();
      return rows.map(deliveryOf);
    },
    async retry(id, now) {
      const row = await db.selectFrom('deliveries').select('digest').where('id', '=', toText(id)).executeTakeFirst();
      const rows = await db
        .updateTable('deliveries')
        .set({ state: 'queued', due: now, attempts: 0, claim: null, claimed_until: null })
        .where('id', '=', row?.digest ?? toText(id))
        .where('state', 'in', ['failed', 'unconfirmed'])
        .returning('id')
        .execute();
      return rows.length > 0;
    },
  };
}

function reading(db: Kysely<Tables>): Pick<DeliveryStore, 'alertsOf' | 'find' | 'list' | 'ofAlerts' | 'count'> {
  return {
    async alertsOf({ id, alert }) {
      const query =
        alert === null
          ? db
              .selectFrom('alerts')
              .innerJoin('deliveries', 'deliveries.alert', 'alerts.id')
              .where('deliveries.digest', '=', toText(id))
          : db.selectFrom('alerts').where('alerts.id', '=', toText(alert));
      const rows = await query.selectAll('alerts').orderBy('alerts.at').orderBy('alerts.id').execute();
      return rows.map(alertOf);
    },
    async find(id) {
      const row = await db.selectFrom('deliveries').selectAll().where('id', '=', toText(id)).executeTakeFirst();
      return row ? deliveryOf(row) : null;
    },
    list: (filter) => list(db, filter),
    ofAlerts: (alerts) => ofAlerts(db, alerts),
    async count(state) {
      const { count } = await db
        .selectFrom('deliveries')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', '=', state)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

async function list(db: Kysely<Tables>, { states, recipient, limit }: DeliveryFilter): Promise<readonly Delivery[]> {
  let query = db.selectFrom('deliveries').selectAll();
  if (states !== undefined) query = query.where('state', 'in', [...states]);
  if (recipient !== undefined) query = query.where('recipient', '=', toText(recipient));
  const rows = await query
    .orderBy('planned_at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map(deliveryOf);
}

/** SQLite takes some thousands of values in a statement. */
const mostAtOnce = 500;

async function ofAlerts(db: Kysely<Tables>, alerts: readonly string[]): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  for (let from = 0; from < alerts.length; from += mostAtOnce) {
    const rows = await db
      .selectFrom('deliveries')
      .leftJoin('deliveries as digests', 'digests.id', 'deliveries.digest')
      .selectAll('deliveries')
      .select([
        'digests.state as told',
        'digests.due as told_due',
        'digests.sent_at as told_at',
        'digests.fault as why',
      ])
      .where('deliveries.alert', 'in', alerts.slice(from, from + mostAtOnce).map(toText))
      .orderBy('deliveries.planned_at')
      .orderBy('deliveries.id')
      .execute();
    for (const { told, told_due, told_at, why, ...row } of rows) {
      const own = deliveryOf(row);
      found.push(
        told === null
          ? own
          : {
              ...own,
              state: told as DeliveryState,
              due: told_due ?? own.due,
              sentAt: told_at,
              fault: why === null ? null : fromText(why),
            },
      );
    }
  }
  return found;
}
