import type { Kysely } from 'kysely';
import type { Erasure, ErasureCause } from '../../core/person/stores.ts';
import { judgeCall, judgeIncident } from '../../core/retention/periods.ts';
import { lockChain } from './chain.ts';
import { bumpLines } from './lines-revision.ts';
import { emptyIncidents as empty, removeAlerts as takeAlerts, removeCalls as takeCalls } from './retention-remove.ts';
import type { Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Takes off record what is about a person. What an incident must keep is looked at again in the same transaction. */

export async function removeCalls(
  db: Kysely<Tables>,
  calls: readonly string[],
  { id, by, at }: ErasureCause,
): Promise<readonly string[]> {
  if (calls.length === 0) return [];
  return db.transaction().execute(async (trx) => {
    await lockChain(trx);
    const rows = await trx
      .selectFrom('calls')
      .innerJoin('call_facts', 'call_facts.call_id', 'calls.id')
      .leftJoin('incident_calls', 'incident_calls.call_id', 'calls.id')
      .leftJoin('incidents', 'incidents.id', 'incident_calls.incident_id')
      .select(['calls.id', 'arrived_at', 'record', 'incidents.id as incident', 'legal_hold'])
      .where('calls.id', 'in', calls.map(toText))
      .execute();
    const going = rows.filter(({ incident, legal_hold }) => {
      return judgeCall(incident === null ? [] : [{ incident, held: legal_hold !== 0 }]) === 'remove';
    });
    const ids = going.map((row) => row.id);
    if (ids.length === 0) return [];
    for (const { id: call, arrived_at, record } of going) {
      // Those that nobody noted when they were made go too.
      for (const name of JSON.parse(record).recordings ?? []) {
        await trx
          .insertInto('recordings')
          .values({
            name: toText(name),
            call_id: call,
            bytes: null,
            sha256: null,
            seen_at: arrived_at,
            doomed_by: id,
            fault: null,
          })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute();
      }
    }
    await trx.deleteFrom('sightings').where('call_id', 'in', ids).execute();
    await trx.deleteFrom('campaign_calls').where('call_id', 'in', ids).execute();
    const alerts = await trx.selectFrom('alerts').select('id').where('call_id', 'in', ids).execute();
    if (alerts.length > 0)
      await takeAlerts(
        trx,
        alerts.map((alert) => alert.id),
      );
    await takeCalls(trx, ids, { id, by, at, why: `erased at a person’s wish (${id})` });
    return ids.map(fromText);
  });
}

export async function emptyIncidents(db: Kysely<Tables>, incidents: readonly string[]): Promise<readonly string[]> {
  if (incidents.length === 0) return [];
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('incidents')
      .select(['id', 'status', 'legal_hold'])
      .where('id', 'in', incidents.map(toText))
      .execute();
    const ids = rows
      .filter(
        ({ status, legal_hold }) => judgeIncident({ open: status === 'open', held: legal_hold !== 0 }) === 'remove',
      )
      .map(({ id }) => id);
    return ids.length === 0 ? [] : (await empty(trx, ids)).map(fromText);
  });
}

export async function removeAlerts(db: Kysely<Tables>, alerts: readonly string[]): Promise<void> {
  if (alerts.length === 0) return;
  await db.transaction().execute((trx) => takeAlerts(trx, alerts.map(toText)));
}

/** The running services notice by the lines' revision. */
export async function removeContacts(db: Kysely<Tables>, numbers: readonly string[]): Promise<number> {
  if (numbers.length === 0) return 0;
  const wanted = numbers.map(toText);
  return db.transaction().execute(async (trx) => {
    await bumpLines(trx);
    const trusted = await trx
      .deleteFrom('line_contacts')
      .where('kind', '=', 'trusted')
      .where('number', 'in', wanted)
      .executeTakeFirstOrThrow();
    const expected = await trx.deleteFrom('line_expected').where('number', 'in', wanted).executeTakeFirstOrThrow();
    await trx.deleteFrom('suggestion_dismissals').where('number', 'in', wanted).execute();
    return Number(trusted.numDeletedRows + expected.numDeletedRows);
  });
}

export async function doomedBy(db: Kysely<Tables>, erasure: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('recordings').select('name').where('doomed_by', '=', toText(erasure)).execute();
  return rows.map(({ name }) => fromText(name));
}

export async function deletedFile(db: Kysely<Tables>, name: string, fault: string | null): Promise<void> {
  const of = toText(name);
  if (fault !== null) {
    await db
      .updateTable('recordings')
      .set({ fault: toText(fault) })
      .where('name', '=', of)
      .execute();
  } else {
    await db.deleteFrom('recordings').where('name', '=', of).where('doomed_by', 'is not', null).execute();
  }
}

export async function putErasure(
  db: Kysely<Tables>,
  { id, at, by, why, person, removed, kept }: Erasure,
): Promise<void> {
  await db
    .insertInto('erasures')
    .values({
      id,
      at: Math.round(at),
      by_whom: toText(by),
      why: toText(why),
      person,
      report: JSON.stringify({ removed, kept }),
    })
    .execute();
}

export async function erasures(db: Kysely<Tables>, limit: number): Promise<readonly Erasure[]> {
  const rows = await db.selectFrom('erasures').selectAll().orderBy('at', 'desc').orderBy('id').limit(limit).execute();
  return rows.map(({ id, at, by_whom, why, person, report }) => {
    return { id, at, by: fromText(by_whom), why: fromText(why), person, ...JSON.parse(report) };
  });
}
