import type { Kysely, Transaction } from 'kysely';
import type { Delivery, Plan, Recent } from '../../core/alerting/delivery.ts';
import { deliveryOf } from './deliveries-row.ts';
import type { DeliveriesTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** How an alert's messages come to be on record: all of them in one transaction, and one such transaction after another. */

const hourMs = 3_600_000;

/** As `DeliveryStore.plan` promises. */
export async function planInto(
  db: Kysely<Tables>,
  alert: string,
  now: number,
  decide: (recent: Recent) => readonly Plan[],
): Promise<readonly Delivery[]> {
  const id = toText(alert);
  return db.transaction().execute(async (trx) => {
    // Limits count what others have planned, so others wait here.
    await trx
      .updateTable('revisions')
      .set(({ eb }) => ({ value: eb('value', '+', 1) }))
      .where('name', '=', 'deliveries')
      .execute();
    const known = await trx.selectFrom('deliveries').select('recipient').where('alert', '=', id).execute();
    const planned = new Set(known.map(({ recipient }) => recipient));
    for (const plan of decide(await recentOf(trx, now))) {
      if (!planned.has(toText(plan.recipient))) await file(trx, alert, plan, now);
    }
    return stillToSend(trx, id);
  });
}

async function file(trx: Transaction<Tables>, alert: string, { recipient, channel, at }: Plan, now: number) {
  const common = { recipient: toText(recipient), channel, planned_at: now, attempts: 0 };
  const own = { ...common, id: toText(`${alert}/${recipient}`), alert: toText(alert) };
  if (at === null) return insert(trx, { ...own, state: 'queued', digest: null, planned_for: now, due: now });
  const digest = (await joinDigest(trx, common.recipient, at)) ?? (await beginDigest(trx, common, at));
  await insert(trx, { ...own, state: 'merged', digest, planned_for: at, due: at });
}

/**
 * The digest that goes out first, if it does so by then and nobody has begun to send it: a receiver may have one that failed, and would
 * drop it as a repeat, with us in it. It waits for us from here on.
 */
async function joinDigest(trx: Transaction<Tables>, recipient: string, at: number): Promise<string | null> {
  const open = await trx
    .selectFrom('deliveries')
    .select('id')
    .where('recipient', '=', recipient)
    .where('alert', 'is', null)
    .where('state', '=', 'queued')
    .where('attempts', '=', 0)
    .where('fault', 'is', null)
    .where('planned_for', '<=', at)
    .orderBy('planned_for')
    .limit(1)
    .executeTakeFirst();
  if (!open) return null;
  const held = await trx
    .updateTable('deliveries')
    .set(({ ref }) => ({ due: ref('due') }))
    .where('id', '=', open.id)
    .where('state', '=', 'queued')
    .where('attempts', '=', 0)
    .returning('id')
    .executeTakeFirst();
  return held?.id ?? null;
}

type Common = Pick<DeliveriesTable, 'recipient' | 'channel' | 'planned_at' | 'attempts'>;

async function beginDigest(trx: Transaction<Tables>, common: Common, at: number): Promise<string> {
  const row = { ...common, alert: null, state: 'queued', digest: null, planned_for: at, due: at };
  // One of that moment may be under way already: the next millisecond is free.
  for (let moment = at; ; moment += 1) {
    const id = `digest-${common.recipient}-${moment}`;
    if (await insert(trx, { ...row, id })) return id;
  }
}

async function insert(
  trx: Transaction<Tables>,
  row: Omit<DeliveriesTable, 'claim' | 'claimed_until' | 'sent_at' | 'fault'>,
): Promise<boolean> {
  const written = await trx
    .insertInto('deliveries')
    .values({ ...row, claim: null, claimed_until: null, sent_at: null, fault: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return written !== undefined;
}

async function recentOf(trx: Transaction<Tables>, now: number): Promise<Recent> {
  const rows = await trx
    .selectFrom('deliveries')
    .select(['recipient', 'planned_for'])
    .where('planned_for', '>', now - hourMs)
    .where('state', '<>', 'merged')
    .where(({ not, and, eb }) =>
      not(and([eb('alert', 'is', null), eb('state', '=', 'queued'), eb('attempts', '=', 0)])),
    )
    .execute();
  const recent = new Map<string, number[]>();
  for (const { recipient, planned_for } of rows) {
    const name = fromText(recipient);
    recent.set(name, [...(recent.get(name) ?? []), planned_for]);
  }
  return recent;
}

async function stillToSend(trx: Transaction<Tables>, alert: string): Promise<readonly Delivery[]> {
  const own = await trx.selectFrom('deliveries').select(['id', 'digest']).where('alert', '=', alert).execute();
  if (own.length === 0) return [];
  const rows = await trx
    .selectFrom('deliveries')
    .selectAll()
    .where('state', '=', 'queued')
    .where(
      'id',
      'in',
      own.map(({ id, digest }) => digest ?? id),
    )
    .execute();
  return rows.map(deliveryOf);
}
