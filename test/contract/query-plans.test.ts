import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { type CompiledQuery, Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlAlertStore } from '../../services/adapters/sql/alerts.ts';
import { sqlCallStore } from '../../services/adapters/sql/calls.ts';
import { sqlCampaignStore } from '../../services/adapters/sql/campaigns.ts';
import { sqlDeliveryStore } from '../../services/adapters/sql/deliveries.ts';
import { sqlIncidentStore } from '../../services/adapters/sql/incidents.ts';
import { migrationProvider } from '../../services/adapters/sql/migrations/index.ts';
import type { Tables } from '../../services/adapters/sql/schema.ts';
import { sqliteDialect } from '../../services/adapters/sql/sqlite.ts';
import { temporaryConfig } from '../support/config.ts';
import { monday } from '../support/finished-call.ts';
import { sighting, usualRules } from '../support/sightings.ts';

/** That SQLite takes an index for what is asked often: the bench shows how long that takes, and is seldom run. */

const { config, remove } = temporaryConfig();
const asked: CompiledQuery[] = [];
let db: Kysely<Tables>;
let plain: DatabaseSync;

beforeAll(async () => {
  const dialect = sqliteDialect(config.paths.database);
  db = new Kysely<Tables>({ dialect, log: ({ query }) => void asked.push(query) });
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  expect(error).toBeUndefined();
  plain = new DatabaseSync(config.paths.database);
});
afterAll(async () => {
  plain.close();
  await db.destroy();
  remove();
});

/** What of the plans reads a table that grows with the calls from its one end to the other, without an index. */
async function scansOf(ask: () => Promise<unknown>): Promise<string[]> {
  asked.length = 0;
  await ask();
  expect(asked).not.toEqual([]);
  const plans = asked.flatMap(({ sql, parameters }) =>
    plain.prepare(`explain query plan ${sql}`).all(...(parameters as SQLInputValue[])),
  );
  return plans
    .map(({ detail }) => String(detail))
    .filter((detail) => scan.test(detail) && !/USING .*INDEX/.test(detail));
}

const scan =
  /^SCAN (calls|call_facts|call_keys|sightings|alerts|deliveries|incidents|incident_calls|campaigns|campaign_calls)\b/;

const limit = 50;
const day = 86_400_000;
const period = { since: monday, until: monday + day };

test.each<[string, object]>([
  ['newest first', {}],
  ['of a line', { line: 'room-12' }],
  ['by outcome', { outcome: 'reported' }],
  ['by standing', { standing: 'suspect' }],
  ['of a time', period],
  ['from a number', { from: '+441923555001' }],
  ['from numbers that begin so', { from: '01923' }],
  ['to whose number it is', { to: 'police' }],
])('calls %s are read by an index', async (_, filter) => {
  expect(await scansOf(() => sqlCallStore(db).list({ limit, ...filter }))).toEqual([]);
});

test.each<[string, object]>([
  ['newest first', {}],
  ['of a line', { line: 'room-12' }],
  ['of an area', { area: 'Oxhey' }],
  ['by outcome', { outcome: 'realised' }],
  ['by status', { status: 'open' }],
  ['of a campaign', { campaign: 'c' }],
])('incidents %s are read by an index', async (_, filter) => {
  expect(await scansOf(() => sqlIncidentStore(db).list({ limit, ...filter }))).toEqual([]);
});

test('counts, alerts, messages and campaigns are read by an index, and so is what a call is checked against', async () => {
  const seen = sighting({ shown: '+447700900123', claim: 'police', script: 'police/refund' });
  expect(await scansOf(() => sqlIncidentStore(db).counts(period))).toEqual([]);
  expect(await scansOf(() => sqlAlertStore(db).list({ limit, line: 'room-12' }))).toEqual([]);
  expect(await scansOf(() => sqlDeliveryStore(db).list({ limit, states: ['failed'] }))).toEqual([]);
  expect(await scansOf(() => sqlCampaignStore(db).list({ limit }))).toEqual([]);
  expect(await scansOf(() => sqlCampaignStore(db).pasts(seen, usualRules))).toEqual([]);
  expect(await scansOf(() => sqlCampaignStore(db).evidence(seen, usualRules))).toEqual([]);
});

test('a plan without an index is seen', async () => {
  const all = () => db.selectFrom('calls').select('id').where('party_search', 'like', '%5%').execute();
  expect(await scansOf(all)).toEqual(['SCAN calls']);
});
