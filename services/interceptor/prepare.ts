import { type Ami, openAmi } from '../adapters/ami.ts';
import { AriHttp } from '../adapters/ari-http.ts';
import { openStore, type Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { readSecrets, type Secrets } from '../secrets.ts';
import { HoldBook } from './hold-book.ts';
import { keepLinesLoaded } from './keep-lines.ts';
import { LoadedLines } from './line-book.ts';
import { type HoldMender, holdMender } from './mend-holds.ts';
import { letWaitingGo } from './reconcile.ts';
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
  readonly lines: LoadedLines;
  readonly holds: HoldBook;
  readonly mender: HoldMender;
  readonly watch: InterceptorWatch;
  close(): Promise<void>;
}

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
  // Everything below may have to wait for AMI or SQL.
  await letWaitingGo(http, ami, log);
  const store = await openStore(config, log);
  const lines = new LoadedLines();
  const stopLines = await keepLinesLoaded({
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
  return {
    ...{ config, secrets, log, account, http, ami, store, lines, holds, mender, watch },
    async close() {
      ami.close();
      stopLines();
      await Promise.all([store.close(), watch.close()]);
    },
  };
}
