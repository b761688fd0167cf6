import { type Ami, openAmi } from '../adapters/ami.ts';
import { AriHttp } from '../adapters/ari-http.ts';
import { readOwner, redisLease } from '../adapters/lease.ts';
import { connectRedis, type RedisClient } from '../adapters/redis.ts';
import { openStore, type Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { Lease } from '../core/ports.ts';
import type { Log } from '../log.ts';
import { tellUpgrading } from '../parent.ts';
import { readSecrets, type Secrets } from '../secrets.ts';
import { HoldBook } from './line/hold-book.ts';
import { keepLinesLoaded } from './line/keep-lines.ts';
import { LoadedLines } from './line/line-book.ts';
import { type HoldMender, holdMender } from './line/mend-holds.ts';
import { isDead, nameOfThisProcess } from './ownership/who.ts';
import { letWaitingGo } from './reconcile.ts';
import { Patience } from './restart/patience.ts';
import { type InterceptorWatch, openInterceptorWatch } from './watch.ts';

/** All that an interceptor can have and know before the calls are its own. */
export interface Prepared {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly log: Log;
  readonly account: { readonly url: string; readonly user: string; readonly password: string };
  readonly http: AriHttp;
  readonly ami: Ami;
  readonly store: Store;
  /** Of the kind `producer`: it fails at once while Redis is away. */
  readonly redis: RedisClient;
  readonly lease: Lease;
  readonly lines: LoadedLines;
  readonly holds: HoldBook;
  readonly mender: HoldMender;
  readonly watch: InterceptorWatch;
  /** Channels that waited for too long meanwhile, and that the dialplan was asked to take. */
  readonly given: ReadonlySet<string>;
  /** The calls are ours: what only their owner may write is written, and the holds are read once more. */
  own(): Promise<void>;
  close(): Promise<void>;
}

/** How long the holds may take to be read when the calls become ours, in milliseconds: they were read a moment ago. */
const holdsMs = 1_000;

/** Opens what is not the calls themselves, and reads the lines and their holds. Waits for AMI; rejects without SQL. */
export async function prepare(config: Config, log: Log): Promise<Prepared> {
  const secrets = readSecrets(config);
  const watch = openInterceptorWatch(config, secrets, log);
  const ami = openAmi(
    { host: config.asterisk.amiHost, port: config.asterisk.amiPort, user: 'clearline', password: secrets.ami },
    (why) => log.error({ why }, 'AMI is lost: until it is back no line counts as clear'),
  );
  const account = {
    url: config.asterisk.url ?? `http://127.0.0.1:${config.asterisk.httpPort}`,
    user: 'clearline',
    password: secrets.ari,
  };
  const http = new AriHttp(account);
  const redis = connectRedis(config, 'producer', log);
  const lease = redisLease(redis, nameOfThisProcess());
  const patience = new Patience({
    async isAnothers() {
      const owner = await readOwner(redis);
      return owner !== null && !isDead(owner);
    },
    letGo: (isDue) => letWaitingGo(http, ami, log, isDue),
  });
  const store = await openStore(config, log, tellUpgrading).catch(async (err: unknown) => {
    await patience.lose();
    throw err;
  });
  const lines = new LoadedLines();
  const kept = await keepLinesLoaded({
    config,
    secrets,
    lines,
    store: store.lines,
    ami,
    log,
    onLook: watch.onSql,
  });
  const holds = new HoldBook();
  const mender = holdMender(holds, ami, log);
  await mender.mend(Number.POSITIVE_INFINITY);
  patience.prepared();
  // Nothing but reading, as long as no call of ours leaves a hold.
  const stopMending = mender.keepMending();
  return {
    ...{ config, secrets, log, account, http, ami, store, redis, lease, lines, holds, mender, watch },
    given: patience.given,
    async own() {
      patience.end();
      await Promise.all([kept.own(), mender.mend(holdsMs)]);
    },
    async close() {
      stopMending();
      kept.stop();
      ami.close();
      redis.disconnect();
      await Promise.all([store.close(), watch.close()]);
    },
  };
}
