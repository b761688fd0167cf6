import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresOfRun, startCluster } from './postgres.ts';

/**
 * One PostgreSQL for a whole test run, started when the first test file asks for it: making a cluster costs more than most
 * files' tests, and a run without such files needs none. Each file makes databases of its own in it.
 */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  // Every project of a run comes by here; the first one serves them all.
  if (process.env[postgresOfRun] || process.env.CLEARLINE_TEST_POSTGRES_URL) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clearline-pg-run-'));
  const socket = join(folder, 'address');
  let cluster: ReturnType<typeof startCluster> | undefined;
  const server = createServer(async (asking) => {
    asking.on('error', () => {});
    cluster ??= startCluster();
    asking.end(
      await cluster.then(
        ({ url }) => url,
        (error: unknown) => String(error),
      ),
    );
  });
  await new Promise<void>((listening) => server.listen(socket, listening));
  process.env[postgresOfRun] = socket;
  return async () => {
    server.close();
    await cluster?.then(
      ({ stop }) => stop(),
      () => {},
    );
    rmSync(folder, { recursive: true, force: true });
  };
}
