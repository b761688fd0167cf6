import { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';

/** A connection to Redis; whoever asked for it calls `disconnect()` at the end. */
export type RedisClient = Redis;

/**
 * - `producer`: on or beside the call path. A command fails at once while Redis is away, and one whose reply the
 *   connection's end swallowed fails then; it may have been done all the same.
 * - `consumer`: has nothing better to do than wait. Commands wait for as long as Redis is away (BullMQ's workers ask so).
 */
export type RedisRole = 'producer' | 'consumer';

const roles = {
  // A reply that has not come by then never will: the connection is given up, and with it the commands that wait on it.
  producer: {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    socketTimeout: 5000,
  },
  consumer: { maxRetriesPerRequest: null },
} satisfies Record<RedisRole, object>;

/** Does it once Redis is there, and again whenever it is back: it may have lost what it was told before. */
export function onEachReady(redis: RedisClient, work: () => void): void {
  redis.on('ready', work);
  if (redis.status === 'ready') work();
}

/**
 * Connects to `redis.url`, else to Clearline's own Redis on its Unix socket, and keeps reconnecting for ever. Returns at
 * once; Redis may come later. An outage is logged once when it begins and once when it ends.
 */
export function connectRedis(config: Pick<Config, 'redis' | 'paths'>, role: RedisRole, log: Log): RedisClient {
  const options = {
    ...roles[role],
    connectionName: `clearline-${role}`,
    connectTimeout: 2000,
    // Short: while Redis is back and we are not, facts go the long way round through the spool.
    retryStrategy: (attempts: number) => Math.min(50 * attempts, 1000),
  };
  const { url } = config.redis;
  const redis = url === undefined ? new Redis({ ...options, path: config.paths.redisSocket }) : new Redis(url, options);
  let away = false;
  redis.on('error', (err: Error) => {
    if (!away) log.warn({ err }, 'Redis is away; trying again until it answers');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis answers again');
    away = false;
  });
  return redis;
}
