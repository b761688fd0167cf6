import type { Kysely, Transaction } from 'kysely';
import {
  type AreaGuard,
  type Campaign,
  type CampaignCall,
  type CampaignRules,
  hourMs,
  type Sighting,
} from '../../core/campaign/campaign.ts';
import type { Added, CampaignFilter, CampaignStore, CampaignSummary } from '../../core/campaign/store.ts';
import { columnsOfCampaign, readCampaign } from './campaign-rows.ts';
import { bumpLines } from './lines-revision.ts';
import type { Tables } from './schema.ts';
import { note, outdated, pasts, readEvidence } from './sightings.ts';
import { fromText, toText } from './text.ts';

/** Campaigns in SQL. Rejects with the database's own error when it is locked or lost: the worker's queue tries again. */
export function sqlCampaignStore(db: Kysely<Tables>): CampaignStore {
  return {
    pasts: (sighting, rules) => pasts(db, sighting, rules),
    note: (sighting) => note(db, sighting),
    evidence: (sighting, rules) => readEvidence(db, sighting, rules),
    add: (found, by, rules) => add(db, found, by, rules),
    outdated: (since, limit) => outdated(db, since, limit),
    find: async (id) => (await summaries(db, await withId(db, id)))[0] ?? null,
    list: async (filter) => summaries(db, await list(db, filter)),
    calls: (id) => calls(db, id),
    endQuiet: async (now, { quietHours }) => void (await overIfQuiet(db, now, quietHours).execute()),
    end: (id, ended) => end(db, id, ended),
  };
}

async function add(
  db: Kysely<Tables>,
  { campaign: found, calls }: { readonly campaign: Campaign; readonly calls: readonly Sighting[] },
  by: Sighting,
  rules: CampaignRules,
): Promise<Added> {
  return db.transaction().execute(async (trx) => {
    const campaign = await begin(trx, found, rules);
    const id = toText(campaign.id);
    const lastAt = Math.max(campaign.lastAt, ...calls.map(({ at }) => at));
    // First of all, and always: of two workers one waits here, and not half-way through the other's areas.
    await trx
      .updateTable('campaigns')
      .set(({ eb }) => ({ last_at: eb.case().when('last_at', '<', lastAt).then(lastAt).else(eb.ref('last_at')).end() }))
      .where('id', '=', id)
      .execute();
    await link(trx, id, calls);
    if (campaign.ended === null) await raise(trx, id, [by, ...calls], by, rules);
    const areas = await trx
      .selectFrom('area_guards')
      .select('area')
      .where('campaign', '=', id)
      .where('raised_by', '=', toText(by.call))
      .orderBy('area')
      .execute();
    return {
      campaign: { ...campaign, lastAt },
      areas: areas.map(({ area }) => fromText(area)),
    };
  });
}

/** A call that has a campaign keeps it. */
async function link(trx: Transaction<Tables>, campaign: string, calls: readonly Sighting[]): Promise<void> {
  const rows = calls.map(({ call, at, line, area }) => ({
    call_id: toText(call),
    campaign,
    at,
    line: toText(line),
    area: toText(area),
  }));
  if (rows.length === 0) return;
  await trx
    .insertInto('campaign_calls')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Puts it on record unless it is; answers the one that stands: itself, or another of the same cause that goes on. */
async function begin(trx: Transaction<Tables>, campaign: Campaign, { quietHours }: CampaignRules): Promise<Campaign> {
  const row = columnsOfCampaign(campaign);
  const known = await trx.selectFrom('campaigns').selectAll().where('id', '=', row.id).executeTakeFirst();
  if (known) return readCampaign(known);
  await overIfQuiet(trx, row.found_at, quietHours).where('kind', '=', row.kind).where('key', '=', row.key).execute();
  await trx
    .insertInto('campaigns')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const standing = await trx
    .selectFrom('campaigns')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('id', '=', row.id),
        eb.and([eb('kind', '=', row.kind), eb('key', '=', row.key), eb('ended_at', 'is', null)]),
      ]),
    )
    .orderBy('first_at')
    .executeTakeFirstOrThrow();
  return readCampaign(standing);
}

/** Those that were quiet for too long at that moment are over since then. */
function overIfQuiet(db: Kysely<Tables>, at: number, quietHours: number) {
  const quietMs = quietHours * hourMs;
  return db
    .updateTable('campaigns')
    .set((eb) => ({ ended_at: eb('last_at', '+', quietMs), ended_by: 'clearline', ended_why: 'quiet' }))
    .where('ended_at', 'is', null)
    .where('last_at', '<', Math.round(at) - quietMs);
}

/** Raises the guard on every area of these calls, from the last of them on; the lines are loaded anew where that changes anything. */
async function raise(
  trx: Transaction<Tables>,
  campaign: string,
  calls: readonly Sighting[],
  by: Sighting,
  { guardHours }: CampaignRules,
): Promise<void> {
  let changed = false;
  for (const [area, there] of Map.groupBy(calls, (call) => call.area)) {
    const until = Math.max(...there.map(({ at }) => at)) + guardHours * hourMs;
    const guard = { campaign, area: toText(area), until, raised_by: toText(by.call) };
    const raised = await trx
      .insertInto('area_guards')
      .values(guard)
      .onConflict((conflict) =>
        conflict.columns(['campaign', 'area']).doUpdateSet({ until }).where('area_guards.until', '<', until),
      )
      .returning('area')
      .executeTakeFirst();
    changed ||= raised !== undefined;
  }
  if (changed) await bumpLines(trx);
}

async function end(db: Kysely<Tables>, id: string, { at, by, why }: NonNullable<Campaign['ended']>): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('campaigns')
      .set({ ended_at: Math.round(at), ended_by: toText(by), ended_why: toText(why) })
      .where('id', '=', toText(id))
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    await trx
      .updateTable('area_guards')
      .set({ until: Math.round(at) })
      .where('campaign', '=', toText(id))
      .where('until', '>', Math.round(at))
      .execute();
    await bumpLines(trx);
    return true;
  });
}

async function withId(db: Kysely<Tables>, id: string): Promise<readonly Campaign[]> {
  const row = await db.selectFrom('campaigns').selectAll().where('id', '=', toText(id)).executeTakeFirst();
  return row ? [readCampaign(row)] : [];
}

async function list(db: Kysely<Tables>, { area, since, limit }: CampaignFilter): Promise<readonly Campaign[]> {
  let query = db.selectFrom('campaigns').selectAll();
  if (since !== undefined) query = query.where('last_at', '>=', since);
  if (area !== undefined) {
    const inArea = db.selectFrom('area_guards').select('campaign').where('area', '=', toText(area));
    query = query.where('id', 'in', inArea);
  }
  const rows = await query
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.max(0, Math.trunc(limit)))
    .execute();
  return rows.map(readCampaign);
}

async function summaries(db: Kysely<Tables>, found: readonly Campaign[]): Promise<readonly CampaignSummary[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => toText(id));
  const counts = await db
    .selectFrom('campaign_calls')
    .select(({ fn }) => [
      'campaign',
      fn.countAll<number>().as('calls'),
      fn.count<number>('line').distinct().as('lines'),
    ])
    .where('campaign', 'in', ids)
    .groupBy('campaign')
    .execute();
  const areas = await db
    .selectFrom('campaign_calls')
    .select(({ fn }) => ['campaign', 'area', fn.min('at').as('first_at')])
    .where('campaign', 'in', ids)
    .groupBy(['campaign', 'area'])
    .orderBy('first_at')
    .orderBy('area')
    .execute();
  const guards = await db.selectFrom('area_guards').selectAll().where('campaign', 'in', ids).orderBy('area').execute();
  return found.map((campaign) => {
    const isOf = (row: { readonly campaign: string }) => fromText(row.campaign) === campaign.id;
    const { calls: all = 0, lines = 0 } = counts.find(isOf) ?? {};
    const guard = ({ area, until }: { area: string; until: number }): AreaGuard => ({
      area: fromText(area),
      until,
      campaign: campaign.id,
    });
    return {
      campaign,
      calls: all,
      lines,
      areas: areas.filter(isOf).map(({ area }) => fromText(area)),
      guards: guards.filter(isOf).map(guard),
    };
  });
}

async function calls(db: Kysely<Tables>, id: string): Promise<readonly CampaignCall[]> {
  const rows = await db
    .selectFrom('campaign_calls')
    .select(['call_id', 'at', 'line', 'area'])
    .where('campaign', '=', toText(id))
    .orderBy('at')
    .orderBy('call_id')
    .execute();
  return rows.map(({ call_id, at, line, area }) => ({
    call: fromText(call_id),
    at,
    line: fromText(line),
    area: fromText(area),
  }));
}
