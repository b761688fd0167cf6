import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { temporaryConfig } from './config.ts';
import { fakeStore } from './fake-stores.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

/**
 * One way to hold what the store ports hold, for the contract suites. `open` gives an empty one each time: a copy of one that
 * was migrated once, since migrating takes longer than most of their tests.
 */
export interface StoreBackend {
  readonly name: string;
  start(): Promise<void>;
  open(): Promise<Store>;
  stop(): Promise<void>;
}

export const storeBackends = (): readonly StoreBackend[] => [fake, sqlite(), postgres()];

const fake: StoreBackend = {
  name: 'fake',
  start: async () => {},
  open: async () => fakeStore(),
  stop: async () => {},
};

function sqlite(): StoreBackend {
  const removals: (() => void)[] = [];
  const site = () => {
    const { config, remove } = temporaryConfig();
    removals.push(remove);
    return config;
  };
  const migrated = site();
  return {
    name: 'SQLite',
    start: async () => (await openStore(migrated)).close(),
    open: () => {
      const config = site();
      mkdirSync(dirname(config.paths.database), { recursive: true });
      copyFileSync(migrated.paths.database, config.paths.database);
      return openStore(config);
    },
    stop: async () => {
      for (const remove of removals) remove();
    },
  };
}

function postgres(): StoreBackend {
  const { config, remove } = temporaryConfig();
  let server: TestPostgres;
  let migrated: string;
  const open = (url: string) => openStore({ ...config, database: { url } });
  return {
    name: 'PostgreSQL',
    start: async () => {
      server = await startPostgres();
      migrated = await server.freshDatabase();
      await (await open(migrated)).close();
    },
    open: async () => open(await server.copyOf(migrated)),
    stop: async () => {
      remove();
      await server.stop();
    },
  };
}
