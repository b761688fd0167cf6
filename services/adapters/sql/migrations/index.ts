import type { Migration, MigrationProvider } from 'kysely/migration';
import { callsAndLines } from './0001-calls-and-lines.ts';
import { outgoingAndAlerts } from './0002-outgoing-and-alerts.ts';
import { revisions } from './0003-revisions.ts';
import { journalChain } from './0004-journal-chain.ts';
import { incidents } from './0005-incidents.ts';
import { deliveries } from './0006-deliveries.ts';
import { campaigns } from './0007-campaigns.ts';
import { contacts } from './0008-contacts.ts';
import { retention } from './0009-retention.ts';
import { accounts } from './0010-accounts.ts';
import { callKeys } from './0011-call-keys.ts';

/**
 * Every step the database has taken, in order, by name. A step that has shipped is never edited: a later one changes what
 * it did. They are listed and not found by reading a folder, so that what runs is what the types check.
 */
const migrations: Record<string, Migration> = {
  '0001-calls-and-lines': callsAndLines,
  '0002-outgoing-and-alerts': outgoingAndAlerts,
  '0003-revisions': revisions,
  '0004-journal-chain': journalChain,
  '0005-incidents': incidents,
  '0006-deliveries': deliveries,
  '0007-campaigns': campaigns,
  '0008-contacts': contacts,
  '0009-retention': retention,
  '0010-accounts': accounts,
  '0011-call-keys': callKeys,
};

export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations };
