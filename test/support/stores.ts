import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { temporaryConfig } from './config.ts';
import { fakeStore } from './fake-stores.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

/** One way to hold what the store ports hold, for the contract suites. `open` gives an empty one each time. */
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
  return {
    name: 'SQLite',
    start: async () => {},
    open: () => {
      const { config, remove } = temporaryConfig();
      removals.push(remove);
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
  return {
    name: 'PostgreSQL',
    start: async () => {
      server = await startPostgres();
    },
    open: async () => openStore({ ...config, database: { url: await server.freshDatabase() } }),
    stop: async () => {
      remove();
      await server.stop();
    },
  };
}
