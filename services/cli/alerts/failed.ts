import type { Delivery } from '../../core/alerting/delivery.ts';
import { formatTable, formatTime } from '../table.ts';
import { exitCodes, type Session } from '../world.ts';

/** clearline alerts failed, and retry: messages that somebody has to see to. */

interface Options {
  readonly limit: number;
  readonly json?: boolean;
}

export async function listFailed(session: Session, { limit, json }: Options): Promise<void> {
  const { out, err } = session.world;
  const { found, timeZone } = await session.withStore(async (store) => ({
    found: await store.deliveries.list({ states: ['failed', 'unconfirmed'], limit: limit + 1 }),
    timeZone: session.zone(),
  }));
  const shown = found.slice(0, limit);
  if (json === true) return out(JSON.stringify(shown, null, 2));
  if (shown.length === 0) return out('Every message arrived, or is on its way.');
  const rows = shown.map(({ plannedAt, recipient, id, state, attempts, fault }: Delivery) => [
    formatTime(plannedAt, timeZone),
    recipient,
    state === 'failed' ? 'failed' : 'not confirmed',
    String(attempts),
    id,
    fault ?? '',
  ]);
  out(formatTable(['TIME', 'TO', 'STATE', 'ATTEMPTS', 'ID', 'WHY'], rows));
  if (found.length > shown.length) err(`These are the newest ${limit}; --limit shows more.`);
  err('Send one once more: clearline alerts retry ID. One that is not confirmed may then arrive twice.');
}

export async function retryDeliveries(session: Session, ids: readonly string[]): Promise<void> {
  const { out, err, now } = session.world;
  await session.withStore(async (store) => {
    for (const id of ids) {
      if (await store.deliveries.retry(id, now())) {
        out(`${id} is sent once more within seconds. What became of it: clearline alerts`);
        continue;
      }
      const state = (await store.deliveries.find(id))?.state;
      const why = state === undefined ? 'there is no such message' : `it is ${state}, and neither failed nor in doubt`;
      err(`${id}: ${why}. See: clearline alerts failed`);
      session.exitCode = exitCodes.wrong;
    }
  });
}
