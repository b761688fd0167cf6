import { type Kysely, sql } from 'kysely';
import type { Evidence } from '../../core/campaign/assess.ts';
import {
  blockOf,
  type Campaign,
  type CampaignRules,
  dayMs,
  hourMs,
  isOn,
  keysOf,
  minuteMs,
  numbersOf,
  type Sighting,
} from '../../core/campaign/campaign.ts';
import type { NumberPast } from '../../core/campaign/vouch.ts';
import { columnsOfSighting, readCampaign, readSighting } from './campaign-rows.ts';
import type { SightingsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Calls of strangers, looked up by what they may have in common. Every look-up goes by an index and reads a few hundred rows at most. */

/** A number that rings a line all day must not make each of its calls slower than the one before. */
const mostRows = 500;
/** How long back is looked to say what is usual. */
const usualDays = 28;

export async function note(db: Kysely<Tables>, sighting: Sighting): Promise<void> {
  const row = columnsOfSighting(sighting);
  const { call_id, at, area, ...known } = row;
  await db.transaction().execute(async (trx) => {
    const inserted = await trx
      .insertInto('sightings')
      .values(row)
      .onConflict((conflict) => conflict.column('call_id').doNothing())
      .returning('call_id')
      .executeTakeFirst();
    if (!inserted) {
      await trx.updateTable('sightings').set(known).where('call_id', '=', call_id).execute();
      return;
    }
    if (!sighting.counts) return;
    await trx
      .insertInto('area_hours')
      .values({ area, hour: Math.floor(at / hourMs), calls: 1 })
      .onConflict((conflict) =>
        conflict.columns(['area', 'hour']).doUpdateSet((eb) => ({ calls: eb('area_hours.calls', '+', 1) })),
      )
      .execute();
  });
}

/** What a call is judged by. Look-ups go side by side: over a network their number would be what takes time. */
export async function readEvidence(db: Kysely<Tables>, sighting: Sighting, rules: CampaignRules): Promise<Evidence> {
  const [near, usual, named] = await Promise.all([
    readNear(db, sighting, rules),
    readUsual(db, sighting),
    campaignsByKeys(db, sighting),
  ]);
  const known = new Set(named.map(({ id }) => id));
  const others = near.flatMap(({ campaign }) => (campaign === null || known.has(fromText(campaign)) ? [] : [campaign]));
  const campaigns = [...named, ...(await campaignsByIds(db, [...new Set(others)]))];
  const byId = new Map(campaigns.map((campaign) => [campaign.id, campaign]));
  const campaignOf = (stored: string | null) => {
    const campaign = stored === null ? undefined : byId.get(fromText(stored));
    return campaign ? { id: campaign.id, kind: campaign.kind, over: !isOn(campaign, sighting.at, rules) } : null;
  };
  const own = near.find(({ call_id }) => call_id === toText(sighting.call))?.campaign ?? null;
  return {
    near: near.map((row) => ({ ...readSighting(row), campaign: campaignOf(row.campaign) })),
    usual,
    campaigns,
    own: own === null ? null : (byId.get(fromText(own)) ?? null),
  };
}

/** The call itself, and those that share a key with it or rang its area about the same time; each with its campaign's id. */
async function readNear(
  db: Kysely<Tables>,
  sighting: Sighting,
  rules: CampaignRules,
): Promise<(SightingsTable & { campaign: string | null })[]> {
  const { at, claim, script, area } = sighting;
  const around = (column: Key, value: string, spanMs: number, within?: string) =>
    db
      .selectFrom(
        db
          .selectFrom('sightings')
          .selectAll()
          .where(column, '=', toText(value))
          .$if(within !== undefined, (look) => look.where('area', '=', toText(within ?? '')))
          .where('counts', '=', 1)
          .where('at', '>=', at - spanMs)
          .where('at', '<=', at + spanMs)
          .orderBy('at', 'desc')
          .limit(mostRows)
          .as('found'),
      )
      .selectAll();
  const days = Math.max(rules.windowDays * dayMs, rules.windowHours * hourMs);
  const hours = rules.windowHours * hourMs;
  const blocks = [...new Set(numbersOf(sighting).map(blockOf))];
  const looks = [
    ...blocks.flatMap((block) => [around('shown_block', block, days), around('network_block', block, days)]),
    ...(claim === null ? [] : [around('claim', claim, hours, area)]),
    ...(script === null ? [] : [around('script', script, hours)]),
    around('area', area, rules.burstMinutes * minuteMs),
  ];
  const itself = db.selectFrom('sightings').selectAll().where('call_id', '=', toText(sighting.call));
  const all = looks.reduce((before, look) => before.union(look), itself);
  return db
    .selectFrom(all.as('near'))
    .leftJoin('campaign_calls', 'campaign_calls.call_id', 'near.call_id')
    .selectAll('near')
    .select('campaign')
    .execute();
}

type Key = 'shown_block' | 'network_block' | 'claim' | 'script' | 'area';

/** Those that a key of the call names, over or not, the newest first. */
async function campaignsByKeys(db: Kysely<Tables>, sighting: Sighting): Promise<readonly Campaign[]> {
  const keys = keysOf(sighting);
  if (keys.length === 0) return [];
  const rows = await db
    .selectFrom('campaigns')
    .selectAll()
    .where((eb) => eb.or(keys.map(({ kind, key }) => eb.and([eb('kind', '=', kind), eb('key', '=', toText(key))]))))
    .orderBy('last_at', 'desc')
    .limit(mostRows)
    .execute();
  return rows.map(readCampaign);
}

async function campaignsByIds(db: Kysely<Tables>, ids: readonly string[]): Promise<readonly Campaign[]> {
  if (ids.length === 0) return [];
  return (await db.selectFrom('campaigns').selectAll().where('id', 'in', ids).execute()).map(readCampaign);
}

/** Whole days up to yesterday, at this hour of the day and the two beside it: a burst must not count as usual while it lasts. */
async function readUsual(db: Kysely<Tables>, { area, at }: Sighting): Promise<Evidence['usual']> {
  const hour = Math.floor(at / hourMs);
  const there = db.selectFrom('area_hours').where('area', '=', toText(area));
  const alike = [23, 0, 1].map((offset) => (hour + offset) % 24);
  const [oldest, rows] = await Promise.all([
    there.select('hour').orderBy('hour').limit(1).executeTakeFirst(),
    there
      .select(['hour', 'calls'])
      .where('hour', '>=', hour - usualDays * 24 - 1)
      .where('hour', '<=', hour - 23)
      .where(sql<number>`hour % 24`, 'in', alike)
      .execute(),
  ]);
  const days = Math.max(0, Math.min(usualDays, Math.floor((hour - (oldest?.hour ?? hour)) / 24)));
  const counted = days === 0 ? [] : rows.filter((row) => row.hour >= hour - days * 24 - 1);
  return { calls: counted.reduce((sum, { calls }) => sum + calls, 0), hours: days * 3, days };
}

export async function pasts(
  db: Kysely<Tables>,
  sighting: Sighting,
  rules: CampaignRules,
): Promise<readonly NumberPast[]> {
  return Promise.all(numbersOf(sighting).map((number) => pastOf(db, number, sighting, rules)));
}

async function pastOf(
  db: Kysely<Tables>,
  number: string,
  sighting: Sighting,
  { windowDays }: CampaignRules,
): Promise<NumberPast> {
  const [vouchers, calls] = await Promise.all([vouchersOf(db, number, sighting.area), callsOf(db, number, sighting)]);
  const lineFor = (why: string) => vouchers.filter((row) => row.why === why).map(({ id }) => fromText(id))[0] ?? null;
  const earlier = calls.filter(({ at }) => at < sighting.at - windowDays * dayMs);
  return {
    number,
    trustedOn: lineFor('trusted'),
    ownOf: lineFor('own'),
    days: new Set(earlier.map(({ at }) => Math.floor(at / dayMs))).size,
    byStaff: calls.filter((row) => row.by_staff !== 0).length,
    reported: calls.filter((row) => row.reported !== 0).length,
  };
}

/** Lines of the area that trust the number, and the line that has it. */
function vouchersOf(db: Kysely<Tables>, number: string, area: string) {
  const stored = toText(number);
  return db
    .selectFrom('line_contacts')
    .innerJoin('lines', 'lines.id', 'line_contacts.line_id')
    .select(['lines.id', sql<string>`'trusted'`.as('why')])
    .where('line_contacts.number', '=', stored)
    .where('kind', '=', 'trusted')
    .where('area', '=', toText(area))
    .unionAll(
      db
        .selectFrom('lines')
        .select(['id', sql<string>`'own'`.as('why')])
        .where('number', '=', stored),
    )
    .execute();
}

/** Earlier calls of the number to the area, as far back as counts. */
async function callsOf(db: Kysely<Tables>, number: string, { area, at, call }: Sighting) {
  const by = (column: 'shown' | 'network') =>
    db
      .selectFrom(
        db
          .selectFrom('sightings')
          .select(['call_id', 'at', 'by_staff', 'reported'])
          .where(`${column}_block`, '=', toText(blockOf(number)))
          .where(column, '=', toText(number))
          .where('at', '>=', at - usualDays * dayMs)
          .where('at', '<=', at)
          .where('area', '=', toText(area))
          .orderBy('at', 'desc')
          .limit(mostRows)
          .as('found'),
      )
      .selectAll();
  const rows = await by('shown').union(by('network')).execute();
  return rows.filter(({ call_id }) => call_id !== toText(call));
}

export async function outdated(db: Kysely<Tables>, since: number, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('incidents')
    .innerJoin('incident_calls', 'incident_calls.incident_id', 'incidents.id')
    .innerJoin('sightings', 'sightings.call_id', 'incident_calls.call_id')
    .select('sightings.call_id')
    .where('incidents.changed_at', '>=', since)
    .whereRef('sightings.incident_version', '<', 'incidents.version')
    .orderBy('incidents.changed_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ call_id }) => fromText(call_id));
}
