import { openAlertQueue } from '../adapters/alert-queue.ts';
import { openCallBackQueue } from '../adapters/call-back-queue.ts';
import { openCallQueue } from '../adapters/queues.ts';
import type { RedisClient } from '../adapters/redis.ts';
import { openSpool, type Spool } from '../adapters/spool.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';

/** Where what was observed goes: queues in Redis, and the spool for while that is away. */
export interface Facts {
  readonly redis: RedisClient;
  readonly spool: Spool;
  readonly callBacks: ReturnType<typeof openCallBackQueue>;
  close(): Promise<void>;
}

/** `redis` is of the kind `producer`. The spool is one process's at a time. */
export async function openFacts(config: Config, redis: RedisClient, log: Log): Promise<Facts> {
  const calls = openCallQueue(redis);
  const alerts = openAlertQueue(redis);
  const callBacks = openCallBackQueue(redis, log);
  const limitBytes = config.spool.maxMegabytes * 1024 * 1024;
  const spool = await openSpool({ folder: config.paths.spool, queues: { calls, alerts }, log, limitBytes });
  return {
    ...{ redis, spool, callBacks },
    async close() {
      await spool.close();
      await Promise.all([calls.close(), alerts.close(), callBacks.close()]);
    },
  };
}
