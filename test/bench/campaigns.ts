import { rmSync } from 'node:fs';
import { Kysely, sql } from 'kysely';
import { columnsOfCampaign, columnsOfSighting } from '../../services/adapters/sql/campaign-rows.ts';
import { postgresDialect } from '../../services/adapters/sql/postgres.ts';
import type { SightingsTable, Tables } from '../../services/adapters/sql/schema.ts';
import { sqliteDialect } from '../../services/adapters/sql/sqlite.ts';
import { openStore } from '../../services/adapters/sql/store.ts';
import { assessCampaign } from '../../services/core/campaign/assess.ts';
import { hourMs, isOn, type Sighting } from '../../services/core/campaign/campaign.ts';
import { withoutVouched } from '../../services/core/campaign/vouch.ts';
import { CampaignHistory, type HistoryCall, type HistorySize } from '../support/campaign-history.ts';
import { MemoryCampaigns } from '../support/campaign-memory.ts';
import { type Score, scoreHistory } from '../support/campaign-score.ts';
import { temporaryConfig } from '../support/config.ts';
import { memoryLog } from '../support/log.ts';
import { startPostgres } from '../support/postgres.ts';
import { usualRules } from '../support/sightings.ts';
import { median, promise, tell } from './figures.ts';

/**
 * How well campaigns are found in histories with a million calls of strangers, how often honest callers are taken for one, and
 * how long a call takes with all of that behind it. Exits with 1 when docs/campaigns.md promises more than is kept.
 *
 *     npm run bench:campaigns             all of it, some minutes
 *     npm run bench:campaigns -- short    a twentieth of the calls
 */

const short = process.argv[2] === 'short';
/** Some 850 days of forty areas with forty lines each give a million calls. */
const size: HistorySize = { seed: 2026, areas: 40, linesPerArea: 40, daysBetweenCampaigns: 30 };
const days = short ? 40 : 850;
/** Calls that are timed, after all others are in the database. */
const timed = short ? 200 : 2000;

async function main(): Promise<void> {
  const kept = [...measureFinding(), ...(await measureTime())];
  process.exitCode = kept.every(Boolean) ? 0 : 1;
}

function measureFinding(): boolean[] {
  const rows: [string, HistorySize, number][] = [
    ['homes of 12 lines', { ...size, linesPerArea: 12 }, days],
    ['areas of 40 lines', size, days],
    ['areas of 100 lines', { ...size, linesPerArea: 100 }, Math.ceil(days / 4)],
  ];
  return rows.flatMap(([what, each, count]) => {
    const score = scoreHistory(each, count, usualRules);
    tellScore(what, score, count, each);
    if (short) return [];
    return [
      promise('campaigns with something in common that were missed', missed(score) * 100, 2, ' %'),
      promise('false alarms in 1,000 quiet days of an area', score.falseRate, each.linesPerArea > 40 ? 35 : 20),
    ];
  });
}

/** Of those that share a number, its neighbours, or a claim. */
function missed({ planted }: Score): number {
  const rows = [...planted].filter(([kind]) => !/nothing|withheld|story/.test(kind)).map(([, row]) => row);
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  return 1 - rows.reduce((sum, row) => sum + row.found, 0) / Math.max(1, count);
}

function tellScore(what: string, score: Score, count: number, { areas }: HistorySize): void {
  const { calls, planted, falseAlarms, quietDays, falseRate } = score;
  console.log(`\n${what}: ${calls.toLocaleString('en-GB')} calls of strangers in ${areas} areas and ${count} days`);
  for (const [kind, row] of planted) {
    console.log(`  ${kind.padEnd(50)} ${row.found} of ${row.count} found, at call ${row.atCall.toFixed(1)} on average`);
  }
  console.log(`  ${falseRate.toFixed(1)} false alarms in 1,000 quiet days of an area (${quietDays} such days):`);
  for (const [kind, found] of falseAlarms) console.log(`    ${kind.padEnd(48)} ${found}`);
}

async function measureTime(): Promise<boolean[]> {
  const { config, remove } = temporaryConfig();
  const server = await startPostgres();
  try {
    const onPostgres = { ...config, database: { url: await server.freshDatabase() } };
    return [...(await timeOn('SQLite', config)), ...(await timeOn('PostgreSQL', onPostgres))];
  } finally {
    await server.stop();
    remove();
    rmSync(config.paths.data, { recursive: true, force: true });
  }
}

type Database = Parameters<typeof openStore>[0];

async function timeOn(name: string, config: Database): Promise<boolean[]> {
  const store = await openStore(config);
  const { url } = config.database;
  const dialect = url === undefined ? sqliteDialect(config.paths.database) : postgresDialect(url, memoryLog());
  const raw = new Kysely<Tables>({ dialect });
  const memory = new MemoryCampaigns(usualRules);
  const last = await fill(raw, memory);
  await raw.destroy();
  const [noting, checking]: [number[], number[]] = [[], []];
  let unlike = 0;
  for (const { sighting: seen } of last.slice(-timed)) {
    const begin = performance.now();
    const { sighting } = withoutVouched(seen, await store.campaigns.pasts(seen, usualRules));
    const known = performance.now();
    await store.campaigns.note(sighting);
    const noted = performance.now();
    const found = sighting.counts
      ? assessCampaign(sighting, await store.campaigns.evidence(sighting, usualRules), usualRules)
      : null;
    checking.push(performance.now() - noted + (known - begin));
    noting.push(noted - known);
    const expected = memory.follow(seen);
    if ((found?.state ?? 'none') !== expected.state) unlike += 1;
    if (found && found.state !== 'none') await store.campaigns.add(found, sighting, usualRules);
  }
  await store.close();
  console.log(`\n${name}, with ${last.length.toLocaleString('en-GB')} calls of strangers behind it`);
  tell('  the campaign check of a call', checking);
  tell('  noting the call, with its commit', noting);
  return [
    promise('the check of a call, median', median(checking), 5, ' ms'),
    promise('decisions unlike those in memory', unlike, 0),
  ];
}

/** Puts all calls into the tables but the last, which are to be timed, with what the memory makes of them. */
async function fill(db: Kysely<Tables>, memory: MemoryCampaigns): Promise<readonly HistoryCall[]> {
  const history = new CampaignHistory(size);
  const calls: HistoryCall[] = [];
  for (let index = 0; index < days; index += 1) calls.push(...history.day(index));
  const before = calls.slice(0, -timed);
  const hours = new Map<string, { area: string; hour: number; calls: number }>();
  const sightings: SightingsTable[] = [];
  const members = new Map<string, { call_id: string; campaign: string; at: number; line: string; area: string }>();
  for (const { sighting } of before) {
    const followed = memory.follow(sighting);
    sightings.push(columnsOfSighting(followed.judged));
    if (followed.judged.counts) countHour(hours, sighting);
    if (followed.state === 'none') continue;
    for (const { call, at, line, area } of followed.calls) {
      if (!members.has(call)) members.set(call, { call_id: call, campaign: followed.campaign.id, at, line, area });
    }
  }
  const now = before.at(-1)?.sighting.at ?? 0;
  const campaigns = [...memory.campaigns.values()].map((campaign) => {
    const quiet = { at: campaign.lastAt + usualRules.quietHours * hourMs, by: 'clearline', why: 'quiet' };
    return columnsOfCampaign(isOn(campaign, now, usualRules) ? campaign : { ...campaign, ended: quiet });
  });
  await db.transaction().execute(async (trx) => {
    for (const rows of batches(sightings)) await trx.insertInto('sightings').values(rows).execute();
    for (const rows of batches([...hours.values()])) await trx.insertInto('area_hours').values(rows).execute();
    for (const rows of batches(campaigns)) await trx.insertInto('campaigns').values(rows).execute();
    for (const rows of batches([...members.values()])) await trx.insertInto('campaign_calls').values(rows).execute();
  });
  await sql`analyze`.execute(db);
  return calls;
}

function countHour(hours: Map<string, { area: string; hour: number; calls: number }>, { area, at }: Sighting): void {
  const hour = Math.floor(at / hourMs);
  const known = hours.get(`${hour} ${area}`) ?? { area, hour, calls: 0 };
  known.calls += 1;
  hours.set(`${hour} ${area}`, known);
}

function batches<T>(rows: readonly T[], most = 400): T[][] {
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, index) =>
    rows.slice(index * most, (index + 1) * most),
  );
}

await main();
