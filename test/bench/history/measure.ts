import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import { temporaryConfig } from '../../support/config.ts';
import { startPostgres } from '../../support/postgres.ts';
import { median, quantile, type Times } from '../figures.ts';
import { postgresBulk, sqliteBulk } from './bulk.ts';
import { fill } from './fill.ts';
import { type HistorySize, MadeHistory } from './made.ts';
import { type Question, questionsOf } from './questions.ts';

/**
 * How long lists, counts and the campaign check take with a million calls and 10,000 incidents on record, on SQLite and on
 * PostgreSQL: 99 of 100 askings must take no longer than the README promises.
 */

const sizes: Record<'short' | 'whole', HistorySize> = {
  short: { calls: 20_000, incidents: 1000, alerts: 5000, areas: 20, linesPerArea: 20 },
  whole: { calls: 1_000_000, incidents: 10_000, alerts: 100_000, areas: 40, linesPerArea: 50 },
};
const turns = 200;
/** What else the machine does may cost some askings dear; a question that is slow by itself is so each time. */
const tries = 3;

type Figures = ReadonlyMap<string, Times>;

/** True where every promise is kept. */
export async function measureHistory(size: keyof typeof sizes): Promise<boolean> {
  const { config, remove } = temporaryConfig();
  const server = await startPostgres();
  try {
    const onPostgres = { ...config, database: { url: await server.freshDatabase() } };
    const history = new MadeHistory(sizes[size]);
    await makeAll(history, config.paths.database, onPostgres.database.url, [config, onPostgres]);
    const questions = questionsOf(history);
    const sqlite = await measure(config, questions);
    const postgres = await measure(onPostgres, questions);
    return report(questions, [sqlite, postgres]);
  } finally {
    await server.stop();
    remove();
  }
}

type Database = Parameters<typeof openStore>[0];

async function makeAll(history: MadeHistory, file: string, url: string, databases: readonly Database[]): Promise<void> {
  // Opening makes the tables.
  for (const database of databases) await (await openStore(database)).close();
  const begun = performance.now();
  const bulks = [sqliteBulk(file), await postgresBulk(url)];
  await fill(history, bulks);
  // As its own clean-up does within a minute; nobody does it for SQLite.
  await bulks[1]?.run('vacuum analyze');
  for (const bulk of bulks) await bulk.close();
  const { calls, incidents } = history.size;
  const seconds = Math.round((performance.now() - begun) / 1000);
  console.log(`\n${figure(calls)} calls and ${figure(incidents)} incidents put into both databases in ${seconds} s`);
}

async function measure(database: Database, questions: readonly Question[]): Promise<Figures> {
  const store = await openStore(database);
  try {
    const found = new Map<string, Times>();
    for (const question of questions) found.set(question.what, await bestOf(question, store));
    return found;
  } finally {
    await store.close();
  }
}

async function bestOf(question: Question, store: Store): Promise<Times> {
  let best = await timesOf(question, store);
  for (let again = 1; again < tries && judged(question, best) > question.most; again += 1) {
    const times = await timesOf(question, store);
    if (judged(question, times) < judged(question, best)) best = times;
  }
  return best;
}

/** What is held against the promise. */
function judged({ onAverage }: Question, times: Times): number {
  return onAverage ? times.reduce((sum, each) => sum + each, 0) / times.length : quantile(times, 0.99);
}

/** The first asking counts like any other: whoever looks a thing up looks it up once. */
async function timesOf({ ask }: Question, store: Store): Promise<Times> {
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const begun = performance.now();
    await ask(store, turn);
    times.push(performance.now() - begun);
    // Seconds each: it is known well enough.
    if (times.length >= 5 && median(times) > 1000) break;
  }
  return times;
}

function report(questions: readonly Question[], databases: readonly Figures[]): boolean {
  console.log(
    `\n${''.padEnd(48)}          SQLite             PostgreSQL\n${''.padEnd(48)}${'  median      p99'.repeat(2)}   promised`,
  );
  const missed: string[] = [];
  for (const question of questions) {
    const { what, most } = question;
    const cells = databases.map((figures) => {
      const times = figures.get(what) ?? [];
      return [median(times), quantile(times, 0.99)] as const;
    });
    const worst = Math.max(...databases.map((each) => judged(question, each.get(what) ?? [])));
    if (!(worst <= most)) missed.push(what);
    const figures = cells.flat().map((ms) => ms.toFixed(2).padStart(8));
    const share = `${Math.round((worst / most) * 100)} %`.padStart(7);
    console.log(`${what.padEnd(48)} ${figures.join(' ')}  ${most} ms ${share}${worst <= most ? '' : '   MISSED'}`);
  }
  return missed.length === 0;
}

const figure = (count: number) => count.toLocaleString('en-GB');
