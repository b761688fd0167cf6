import { consumeAlerts } from '../../services/adapters/alert-queue.ts';
import { connectRedis } from '../../services/adapters/redis.ts';
import { openStore } from '../../services/adapters/sql/store.ts';
import { readConfig } from '../../services/config.ts';
import type { DeliveryStore } from '../../services/core/alerting/delivery.ts';
import { createLog } from '../../services/log.ts';
import { startDeliveries } from '../../services/worker/deliveries.ts';
import { saveAlert } from '../../services/worker/save-alert.ts';

/**
 * The worker's part that tells people of alerts, as a process of its own that is less patient, and that kills itself where
 * CLEARLINE_TEST_DIE says: `before handOver 3` is right before the third time that the database is asked so. `any` counts every
 * question; with `freeze` at the end it is stopped in its tracks, and may be thawed.
 */

const [when = 'never', what = '', nth = '0', how = 'die'] = (process.env.CLEARLINE_TEST_DIE ?? '').split(' ');
let left = Number(nth);

function die(moment: string, question: string): void {
  if (moment !== when || (what !== 'any' && what !== question)) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, how === 'freeze' ? 'SIGSTOP' : 'SIGKILL');
}

function deadly<A extends unknown[], R>(question: string, ask: (...args: A) => Promise<R>) {
  return async (...args: A): Promise<R> => {
    die('before', question);
    const answer = await ask(...args);
    die('after', question);
    return answer;
  };
}

const config = readConfig();
const log = createLog(config, 'deliverer');
const store = await openStore(config, log);
const consumer = connectRedis(config, 'consumer', log);
const producer = connectRedis(config, 'producer', log);
const { plan, claim, handOver, settle, alertsOf } = store.deliveries;
const deliveries: DeliveryStore = {
  ...store.deliveries,
  plan: deadly('plan', plan),
  claim: deadly('claim', claim),
  alertsOf: deadly('alertsOf', alertsOf),
  handOver: deadly('handOver', handOver),
  settle: deadly('settle', settle),
};
const started = startDeliveries({
  ...{ config, consumer, producer, log },
  store: { ...store, deliveries },
  onDelivered: () => {},
  pace: { claimMs: 1_000, mendEveryMs: 250, backoff: { firstMs: 100, mostMs: 1_000 } },
});
consumeAlerts(consumer, saveAlert(store.alerts, started.plan, log), log);
// Nothing a test started may outlive it.
process.once('disconnect', () => process.exit(0));
