import type { Kysely } from 'kysely';
import type { MadePack, PackStore } from '../../core/evidence/stores.ts';
import type { EvidencePacksTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Evidence packs that were made, in SQL. */
export function sqlPackStore(db: Kysely<Tables>): PackStore {
  return {
    add: async (pack) => {
      await db
        .insertInto('evidence_packs')
        .values(toRow(pack))
        .onConflict((conflict) => conflict.column('sha256').doNothing())
        .execute();
    },
    of: async (incident) => {
      const made = db.selectFrom('evidence_packs').selectAll().where('incident', '=', toText(incident));
      return (await made.orderBy('at').orderBy('sha256').execute()).map(toPack);
    },
    find: async (sha256) => {
      const made = db.selectFrom('evidence_packs').selectAll().where('sha256', '=', sha256);
      const row = await made.executeTakeFirst();
      return row ? toPack(row) : null;
    },
  };
}

function toRow({ sha256, incident, at, by, size, key, withoutConsentBecause: why }: MadePack): EvidencePacksTable {
  const because = why === null ? null : toText(why);
  const made = { sha256, incident: toText(incident), at: Math.round(at), by_whom: toText(by), size, key };
  return { ...made, without_consent_because: because };
}

function toPack(row: EvidencePacksTable): MadePack {
  const { sha256, incident, at, by_whom, size, key, without_consent_because: why } = row;
  const because = why === null ? null : fromText(why);
  return { sha256, incident: fromText(incident), at, by: fromText(by_whom), size, key, withoutConsentBecause: because };
}
