import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { openAlertQueue } from '../../services/adapters/alert-queue.ts';
import { openDeliveryQueue } from '../../services/adapters/delivery-queue.ts';
import { connectRedis, type RedisClient } from '../../services/adapters/redis.ts';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { Config } from '../../services/config.ts';
import type { Delivery, DeliveryState } from '../../services/core/alerting/delivery.ts';
import { planDeliveries } from '../../services/core/alerting/plan.ts';
import type { RaisedAlert } from '../../services/core/ports.ts';
import { temporaryConfig } from './config.ts';
import { type HttpInbox, openHttpInbox } from './http-inbox.ts';
import { memoryLog } from './log.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { startRedis } from './redis.ts';
import { until } from './until.ts';

export interface Deliverer {
  readonly ended: Promise<NodeJS.Signals | number | null>;
  signal(signal: NodeJS.Signals): void;
  untilFrozen(): Promise<void>;
}

/** A site that tells a warden by mail, a care app by webhook and a pager by push, all on this machine. */
export interface AlertScene {
  readonly config: Config;
  /** Where the configuration is written. */
  readonly file: string;
  readonly store: Store;
  readonly mailbox: Mailbox;
  readonly inbox: HttpInbox;
  /** As a worker has them. */
  readonly consumer: RedisClient;
  readonly producer: RedisClient;
  /** Queues alerts, as an interceptor does. */
  raise(alerts: readonly RaisedAlert[]): Promise<void>;
  /** Puts one on record, planned and queued for this recipient alone; answers with its delivery's id. */
  plan(alert: RaisedAlert, recipient: string): Promise<string>;
  /** Starts a process that tells of alerts; `die` as in deliverer.ts. */
  work(die?: string): Deliverer;
  /** Waits until there are so many deliveries and none is left to do. */
  settled(count: number): Promise<readonly Delivery[]>;
  /** Call ids of the alerts that arrived; a receiver of webhooks drops those it has already. */
  arrivedAt(recipient: string): readonly (string | undefined)[];
}

const deliverer = fileURLToPath(new URL('deliverer.ts', import.meta.url));
const unsettled: readonly DeliveryState[] = ['queued', 'sending', 'handed-over'];

/** `changes` are to each of the three recipients. */
export async function playAlerts(changes: object, play: (scene: AlertScene) => Promise<void>): Promise<void> {
  const [mailbox, inbox] = await Promise.all([openMailbox(), openHttpInbox()]);
  const site = temporaryConfig(settingsOf(mailbox, inbox, changes));
  const { config, file } = site;
  const redis = await startRedis(config.paths.redisSocket);
  const producer = connectRedis(config, 'producer', memoryLog());
  const consumer = connectRedis(config, 'consumer', memoryLog());
  const [alerts, deliveries, store] = [openAlertQueue(producer), openDeliveryQueue(producer), await openStore(config)];
  const workers: ChildProcess[] = [];
  try {
    await play({
      ...{ config, file, store, mailbox, inbox, consumer, producer },
      async raise(raised) {
        for (const each of raised) await putUntilTaken(() => alerts.put(each));
      },
      async plan(alert, recipient) {
        await store.alerts.save(alert);
        const { recipients } = config.alerts;
        const now = Date.now();
        const situation = { now, timeZone: 'Europe/London', area: null };
        const [delivery] = await store.deliveries.plan(alert.id, now, (recent) =>
          planDeliveries(
            alert,
            recipients.filter(({ name }) => name === recipient),
            { ...situation, recent },
          ),
        );
        if (!delivery) throw new Error(`nothing was planned for ${recipient}`);
        await putUntilTaken(() => deliveries.put(delivery, now));
        return delivery.id;
      },
      work(die) {
        const child = startDeliverer(file, die);
        workers.push(child);
        return controls(child);
      },
      settled: (count) =>
        until(
          `${count} messages are settled`,
          async () => settledOf(await store.deliveries.list({ limit: 1000 }), count),
          60_000,
        ),
      arrivedAt: (recipient) => arrivals(recipient, mailbox, inbox),
    });
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all([alerts.close(), deliveries.close()]);
    for (const connection of [producer, consumer]) connection.disconnect();
    await store.close();
    await Promise.all([redis.stop(), mailbox.close(), inbox.close()]);
    site.remove();
  }
}

/** On a machine that is busy, Redis may take longer than a put waits. */
async function putUntilTaken(put: () => Promise<void>): Promise<void> {
  await until('Redis takes it', async () => {
    await put();
    return true;
  });
}

/** Throws what is left to do, so that whoever waits in vain says it. */
function settledOf(all: readonly Delivery[], count: number): readonly Delivery[] {
  const left = all.filter(({ state }) => unsettled.includes(state));
  if (all.length === count && left.length === 0) return all;
  throw new Error(`of ${all.length} on record are left: ${JSON.stringify(left.slice(0, 5))}`);
}

export function reported(id: string): RaisedAlert {
  return { id, kind: 'reported', at: Date.now(), line: 'room-12', call: id };
}

function settingsOf(mailbox: Mailbox, inbox: HttpInbox, changes: object): string {
  const recipients = [
    { name: 'warden', channel: 'email', to: 'warden@example.org' },
    { name: 'app', channel: 'webhook', to: `${inbox.url}/app` },
    { name: 'pager', channel: 'push', to: `${inbox.url}/pager` },
  ].map((recipient) => ({ ...recipient, perHour: 1000, ...changes }));
  const smtp = { host: '127.0.0.1', port: mailbox.port, tls: 'none' };
  const from = 'clearline@cedar.example.org';
  return stringify({ site: { name: 'Cedar House' }, alerts: { recipients, smtp, from, attempts: 4 } });
}

function startDeliverer(file: string, die?: string): ChildProcess {
  const env = { ...process.env, CLEARLINE_CONFIG: file, CLEARLINE_ALERT_SECRET_APP: 'whsec_c2VjcmV0' };
  return spawn(process.execPath, [deliverer], {
    env: { ...env, ...(die !== undefined && { CLEARLINE_TEST_DIE: die }) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

function controls(child: ChildProcess): Deliverer {
  return {
    ended: new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code))),
    signal: (signal) => void child.kill(signal),
    untilFrozen: async () => {
      const isFrozen = () => / T /.test(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
      await until('the worker is frozen', isFrozen);
    },
  };
}

function arrivals(recipient: string, mailbox: Mailbox, inbox: HttpInbox): readonly (string | undefined)[] {
  const callIn = (text: string) => /^Call: (.*)$/m.exec(text)?.[1];
  if (recipient === 'warden') return mailbox.mails.map(({ text }) => callIn(text));
  const posts = inbox.posts.filter(({ path }) => path === `/${recipient}`);
  if (recipient === 'pager') return posts.map(({ body }) => callIn(body));
  const kept = new Map(posts.map(({ headers, body }) => [headers['webhook-id'], JSON.parse(body).data.text]));
  return [...kept.values()].map(callIn);
}
