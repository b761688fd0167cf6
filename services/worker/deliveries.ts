import type { JobConsumer } from '../adapters/bullmq.ts';
import { consumeDeliveries, openDeliveryQueue } from '../adapters/delivery-queue.ts';
import type { RedisClient } from '../adapters/redis.ts';
import type { Store } from '../adapters/sql/store.ts';
import type { Config } from '../config.ts';
import type { Surroundings } from '../core/alerting/message.ts';
import type { RaisedAlert } from '../core/ports.ts';
import type { Log } from '../log.ts';
import { readAlertSecrets } from '../secrets.ts';
import { openSenders } from '../senders.ts';
import { type DeliverParts, deliver } from './deliver.ts';
import { mendDeliveries } from './mend-deliveries.ts';
import { planAlert } from './plan-alert.ts';

export interface DeliveriesParts {
  readonly config: Config;
  readonly store: Pick<Store, 'deliveries' | 'lines'>;
  readonly consumer: RedisClient;
  readonly producer: RedisClient;
  readonly onDelivered: DeliverParts['onDelivered'];
  readonly log: Log;
  /** How patient it is; tests are less so. */
  readonly pace?: Pick<DeliverParts, 'claimMs' | 'backoff'> & { readonly mendEveryMs?: number };
}

export interface Deliveries {
  /** Begins to tell of an alert on record. May be repeated. */
  plan(alert: RaisedAlert): Promise<void>;
  readonly consumer: JobConsumer;
}

/** Everything that tells people and programs of alerts. */
export function startDeliveries(parts: DeliveriesParts): Deliveries {
  const { config, store, consumer, producer, onDelivered, log, pace = {} } = parts;
  const { deliveries, lines } = store;
  const { recipients, attempts } = config.alerts;
  const { mendEveryMs, ...patience } = pace;
  const queue = openDeliveryQueue(producer);
  const stopping = new AbortController();
  const senders = openSenders(config, readAlertSecrets(config));
  const around = () => surroundings(config, lines);
  const job = deliver({
    ...{ deliveries, recipients, attempts, senders, around, onDelivered, log, stop: stopping.signal },
    ...patience,
  });
  const consuming = consumeDeliveries(consumer, job, log);
  const stopMending = mendDeliveries({
    ...{ deliveries, queue, log },
    ...(mendEveryMs !== undefined && { everyMs: mendEveryMs }),
  });
  return {
    plan: planAlert({ deliveries, lines, queue, recipients, timeZone: config.site.timeZone }),
    consumer: {
      ...consuming,
      async close() {
        stopMending();
        stopping.abort();
        await consuming.close();
      },
    },
  };
}

async function surroundings(config: Config, lines: Store['lines']): Promise<Surroundings> {
  const residents = new Map((await lines.all()).map(({ id, resident }) => [id, resident]));
  return {
    site: config.site.name,
    timeZone: config.site.timeZone,
    residentOf: (line) => residents.get(line) ?? null,
  };
}
