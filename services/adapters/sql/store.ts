import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Config } from '../../config.ts';
import type { AccountStore } from '../../core/accounts.ts';
import type { DeliveryStore } from '../../core/alerting/delivery.ts';
import type { CampaignStore } from '../../core/campaign/store.ts';
import type { ContactStore } from '../../core/contacts/stores.ts';
import type { ChainStore, PackStore } from '../../core/evidence/stores.ts';
import type { PersonStore } from '../../core/person/stores.ts';
import type { AlertStore, CallStore, HoldLiftStore, LineStore } from '../../core/ports.ts';
import type { RecordingBook } from '../../core/recordings.ts';
import type { RetentionStore } from '../../core/retention/stores.ts';
import type { AccessLog, IncidentStore } from '../../core/stores.ts';
import type { Log } from '../../log.ts';
import { sqlAccessLog } from './access-log.ts';
import { sqlAccountStore } from './accounts.ts';
import { sqlAlertStore } from './alerts.ts';
import { sqlCallStore } from './calls.ts';
import { sqlCampaignStore } from './campaigns.ts';
import { sqlChainStore } from './chain.ts';
import { sqlContactStore } from './contacts.ts';
import { sqlDeliveryStore } from './deliveries.ts';
import { sqlHoldLiftStore } from './hold-lifts.ts';
import { sqlIncidentStore } from './incidents.ts';
import { sqlLineStore } from './lines.ts';
import { migrationProvider } from './migrations/index.ts';
import { sqlPackStore } from './packs.ts';
import { sqlPersonStore } from './person.ts';
import { postgresDialect } from './postgres.ts';
import { sqlRecordingBook } from './recordings.ts';
import { sqlRetentionStore } from './retention.ts';
import type { Tables } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';

export interface Store {
  readonly calls: CallStore;
  readonly lines: LineStore;
  readonly alerts: AlertStore;
  readonly lifts: HoldLiftStore;
  readonly contacts: ContactStore;
  readonly accessLog: AccessLog;
  readonly chain: ChainStore;
  readonly packs: PackStore;
  readonly incidents: IncidentStore;
  readonly deliveries: DeliveryStore;
  readonly campaigns: CampaignStore;
  readonly retention: RetentionStore;
  readonly recordings: RecordingBook;
  readonly people: PersonStore;
  readonly accounts: AccountStore;
  close(): Promise<void>;
}

/** Nothing is said of the database's health unless the process has a log to say it in. */
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * Opens the database and brings its tables up to date: PostgreSQL where `database.url` names one, else SQLite in the data
 * folder. Any number of processes may open it at the same moment. `upgrading` is told before and after tables are changed, which
 * takes minutes for a million calls. Rejects with a sentence when it cannot be opened.
 */
export async function openStore(
  config: Pick<Config, 'database' | 'paths'>,
  log: Log = silent,
  upgrading: (still: boolean) => Promise<void> = async () => {},
): Promise<Store> {
  const { url } = config.database;
  const db = new Kysely<Tables>({
    dialect: url === undefined ? sqliteDialect(config.paths.database) : postgresDialect(url, log),
  });
  try {
    await bringUpToDate(db, log, upgrading);
  } catch (error) {
    await db.destroy();
    throw new Error(`cannot open the database ${nameOf(config)}: ${reasonOf(error)}`, { cause: error });
  }
  return {
    calls: sqlCallStore(db),
    lines: sqlLineStore(db),
    alerts: sqlAlertStore(db),
    lifts: sqlHoldLiftStore(db),
    contacts: sqlContactStore(db),
    accessLog: sqlAccessLog(db),
    chain: sqlChainStore(db),
    packs: sqlPackStore(db),
    incidents: sqlIncidentStore(db),
    deliveries: sqlDeliveryStore(db),
    campaigns: sqlCampaignStore(db),
    retention: sqlRetentionStore(db),
    recordings: sqlRecordingBook(db),
    people: sqlPersonStore(db),
    accounts: sqlAccountStore(db),
    close: () => db.destroy(),
  };
}

async function bringUpToDate(
  db: Kysely<Tables>,
  log: Log,
  upgrading: (still: boolean) => Promise<void>,
): Promise<void> {
  const migrator = new Migrator({ db, provider: migrationProvider });
  const steps = (await migrator.getMigrations()).filter(({ executedAt }) => executedAt === undefined);
  if (steps.length > 0) {
    log.info({ steps: steps.length }, 'the database is brought up to date; with a million calls that takes minutes');
    await upgrading(true);
  }
  try {
    // Without a step to take, too: it refuses a database that a newer release has changed.
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } finally {
    if (steps.length > 0) await upgrading(false);
  }
}

/** Where the database is, without the password its URL may hold. */
function nameOf({ database, paths }: Pick<Config, 'database' | 'paths'>): string {
  if (database.url === undefined) return paths.database;
  const url = new URL(database.url);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function reasonOf(error: unknown): string {
  // Node gathers the failures of every address it tried, and gives the whole an empty message.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
