import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryJob } from '../adapters/delivery-queue.ts';
import type { Claim, Delivery, DeliveryStore, Recipient, Settled } from '../core/alerting/delivery.ts';
import { type Surroundings, tellAlerts } from '../core/alerting/message.ts';
import { type Answer, refused, type Send } from '../core/alerting/sender.ts';
import { nextTryMs } from '../core/alerting/try-again.ts';
import type { Log } from '../log.ts';

/** How an attempt came out, for whoever counts. */
export type Delivered = 'sent' | 'again' | 'failed' | 'unconfirmed';

export interface DeliverParts {
  readonly deliveries: DeliveryStore;
  readonly recipients: readonly Recipient[];
  /** Attempts before a message is given up. */
  readonly attempts: number;
  readonly senders: ReadonlyMap<string, Send>;
  /** As things stand now: lines change. */
  readonly around: () => Promise<Surroundings>;
  readonly onDelivered: (channel: Delivery['channel'], how: Delivered) => void;
  /** The worker stops: what is not handed over is left to the next one. */
  readonly stop: AbortSignal;
  readonly log: Log;
  /** UTC milliseconds. */
  readonly now?: () => number;
  /** 0 to 1. */
  readonly chance?: () => number;
  /** How long a claim lasts without being renewed, in milliseconds: a worker that died is succeeded then. */
  readonly claimMs?: number;
  readonly backoff?: { readonly firstMs: number; readonly mostMs: number };
}

/** The name under which receivers know a message: the same however often it is sent, and fit for any header. */
export function wireName(delivery: string): string {
  return `clearline_${createHash('sha256').update(delivery).digest('hex').slice(0, 32)}`;
}

/**
 * The job "deliver": one attempt at one message. May be begun any number of times, by any number of workers: one of them has the claim,
 * and only under it does the last byte of a message go out (docs/alerts.md).
 */
export function deliver(parts: DeliverParts) {
  const { deliveries, now = Date.now, claimMs = 10_000 } = parts;
  return async (job: DeliveryJob): Promise<{ value: DeliveryJob; inMs: number } | null> => {
    const token = randomUUID();
    const newClaim = (): Claim => ({ token, until: now() + claimMs });
    const delivery = await deliveries.claim(job.delivery, now(), newClaim());
    if (!delivery) return whenDue(await deliveries.find(job.delivery), job, now());
    const renewing = setInterval(() => {
      // Lost or not, the database has the last word when the message is handed over.
      deliveries.renew(delivery.id, newClaim()).catch(() => {});
    }, claimMs / 3);
    try {
      const answer = await attempt(delivery, parts, async () => {
        if (!(await deliveries.handOver(delivery.id, newClaim()))) throw new Error('another worker has this delivery');
      });
      await settle(delivery, token, answer, parts);
    } finally {
      clearInterval(renewing);
    }
    const after = await deliveries.find(delivery.id);
    return whenDue(after, job, now());
  };
}

function whenDue(delivery: Delivery | null, job: DeliveryJob, now: number) {
  return delivery?.state === 'queued' ? { value: job, inMs: Math.max(1, delivery.due - now) } : null;
}

async function attempt(delivery: Delivery, parts: DeliverParts, handOver: () => Promise<void>): Promise<Answer> {
  const recipient = parts.recipients.find(({ name }) => name === delivery.recipient);
  const send = parts.senders.get(delivery.recipient);
  if (!recipient || !send) return refused('nobody of this name is in alerts.recipients any more', true);
  const alerts = await parts.deliveries.alertsOf(delivery);
  if (alerts.length === 0) return refused('the alerts it was to tell of are no longer on record', true);
  const around = await parts.around();
  const letter = {
    id: wireName(delivery.id),
    to: recipient.to,
    message: tellAlerts(alerts, around),
    alerts: alerts.map((alert) => ({ ...alert, resident: around.residentOf(alert.line) })),
  };
  return send(letter, { handOver, stop: parts.stop });
}

/** Files the answer, however long the database takes: it is known nowhere else. */
async function settle(delivery: Delivery, token: string, answer: Answer, parts: DeliverParts): Promise<void> {
  const { deliveries, onDelivered, log, now = Date.now } = parts;
  const settled = settledAs(delivery, answer, parts, now());
  for (;;) {
    try {
      const ours = await deliveries.settle(delivery.id, token, settled);
      if (!ours) return log.warn({ delivery: delivery.id }, 'another worker took a delivery over');
      break;
    } catch (err) {
      log.debug({ err, delivery: delivery.id }, 'what became of a delivery cannot be filed yet');
      await pause(500);
    }
  }
  const how = settled.state === 'queued' ? 'again' : settled.state;
  onDelivered(delivery.channel, how);
  const about = { delivery: delivery.id, attempts: delivery.attempts };
  if (settled.state === 'sent') return log.debug(about, 'an alert was delivered');
  const level = how === 'again' ? 'info' : 'error';
  log[level]({ ...about, why: settled.fault }, sayings[how as keyof typeof sayings]);
}

const sayings = {
  again: 'an alert could not be delivered; it is tried again',
  failed: 'an alert could not be delivered and is given up; see: clearline alerts failed',
  unconfirmed: 'nobody knows whether an alert was delivered; see: clearline alerts failed',
};

function settledAs({ attempts: done }: Delivery, answer: Answer, parts: DeliverParts, at: number): Settled {
  const { attempts, stop, chance = Math.random, backoff } = parts;
  if (answer.kind === 'taken') return { state: 'sent', at };
  const fault = answer.why;
  if (answer.kind === 'in-doubt') return { state: 'unconfirmed', at, fault };
  if (stop.aborted && !answer.forGood) return { state: 'queued', due: at, fault };
  if (answer.forGood || done >= attempts) return { state: 'failed', at, fault };
  return { state: 'queued', due: at + nextTryMs(done, chance(), backoff), fault };
}
