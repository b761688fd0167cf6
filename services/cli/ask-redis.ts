import { type LeaseHolders, readHolders } from '../adapters/lease.ts';
import { connectRedis } from '../adapters/redis.ts';
import type { Config } from '../config.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Asks Redis, once, which interceptor has the calls; rejects with its refusal. The caller sets the deadline. */
export async function askRedis(config: Config): Promise<LeaseHolders> {
  const redis = connectRedis(config, 'consumer', silent);
  const refusal = new Promise<never>((_, reject) => {
    redis.once('error', (cause: Error) => {
      reject(
        new Error(`nothing answers at ${addressOf(config)} (${cause.message}). Is it running (npm start)?`, { cause }),
      );
    });
  });
  try {
    return await Promise.race([readHolders(redis), refusal]);
  } finally {
    redis.disconnect();
  }
}

/** Without the password its URL may hold. */
function addressOf({ redis, paths }: Config): string {
  return redis.url === undefined ? paths.redisSocket : new URL(redis.url).host;
}
