import { consumeAlerts, openAlertQueue } from '../adapters/alert-queue.ts';
import type { JobConsumer } from '../adapters/bullmq.ts';
import { consumeCalls } from '../adapters/queues.ts';
import { consumeRecordings, openRecordingQueue } from '../adapters/recording-queue.ts';
import { openRecordingFolder } from '../adapters/recordings.ts';
import type { RedisClient } from '../adapters/redis.ts';
import type { Store } from '../adapters/sql/store.ts';
import { consumeSuspects, openSuspectQueue } from '../adapters/suspect-queue.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { checkCampaign, endQuietCampaigns, recheckIncidents } from './check-campaign.ts';
import { type DeliveriesParts, startDeliveries } from './deliveries.ts';
import { noteRecordings, queueRecordings } from './note-recordings.ts';
import { openIncidents } from './open-incident.ts';
import { startRetention } from './retention.ts';
import { startRounds } from './rounds.ts';
import { saveAlert } from './save-alert.ts';
import { saveCall } from './save-call.ts';
import { followUp, type SuspectStep } from './suspects.ts';
import { tellMoneyAtRisk } from './tell-money-at-risk.ts';

export interface JobParts {
  readonly config: Config;
  readonly store: Store;
  /** Of the kind `consumer`. */
  readonly consumer: RedisClient;
  /** Of the kind `producer`: it fails at once while Redis is away. */
  readonly producer: RedisClient;
  readonly onDelivered: DeliveriesParts['onDelivered'];
  readonly log: Log;
}

/** Begins to do every job there is, by the name of its queue. */
export function startJobs(parts: JobParts): Record<string, JobConsumer> {
  const { config, store, consumer, producer, log } = parts;
  const suspects = openSuspectQueue(producer);
  const alerts = openAlertQueue(producer);
  const { enabled, ...rules } = config.campaigns;
  const campaign = checkCampaign({ ...store, alerts, rules, now: Date.now, log });
  // One line a step, in the order in which they are done.
  const steps: readonly SuspectStep[] = [openIncidents(store.incidents, log), ...(enabled ? [campaign] : [])];
  const recordings = openRecordingQueue(producer);
  const folder = openRecordingFolder(config.paths.recordings);
  const deliveries = startDeliveries(parts);
  return {
    calls: consumeCalls(consumer, queueRecordings(saveCall(store.calls, suspects, log), recordings), log),
    recordings: consumeRecordings(consumer, noteRecordings(folder, store.recordings, Date.now, log), log),
    suspects: consumeSuspects(consumer, followUp(store.calls, steps, log), log),
    rounds: startRounds(parts, [
      tellMoneyAtRisk(store.incidents, alerts),
      ...(enabled ? [recheckIncidents(store, campaign, Date.now)] : []),
      endQuietCampaigns(store.campaigns, rules, Date.now),
    ]),
    retention: startRetention(parts, folder),
    alerts: consumeAlerts(consumer, saveAlert(store.alerts, deliveries.plan, log), log),
    deliveries: deliveries.consumer,
  };
}
