import type { Kysely } from 'kysely';
import type { Account, AccountStore, Role, Session, SessionLimits } from '../../core/accounts.ts';
import type { AccountsTable, Tables } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Accounts and sessions in SQL. Rejects with the database's own error when it is locked or lost: then nobody is let in. */
export function sqlAccountStore(db: Kysely<Tables>): AccountStore {
  return {
    add: (account) => add(db, account),
    async find(name) {
      const row = await db.selectFrom('accounts').selectAll().where('name', '=', toText(name)).executeTakeFirst();
      return row ? accountOf(row) : null;
    },
    async list() {
      return (await db.selectFrom('accounts').selectAll().orderBy('name').execute()).map(accountOf);
    },
    change: (name, change) => changeAccount(db, name, change),
    async remove(name) {
      const { numDeletedRows } = await db
        .deleteFrom('accounts')
        .where('name', '=', toText(name))
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
    beginSession: (session, limits) => beginSession(db, session, limits),
    useSession: (digest, at, limits) => useSession(db, digest, at, limits),
    async endSession(digest) {
      await db.deleteFrom('console_sessions').where('digest', '=', digest).execute();
    },
  };
}

async function add(db: Kysely<Tables>, { name, role, hash, disabled, createdAt }: Account): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('accounts')
    .values({ name: toText(name), role, hash, disabled: disabled ? 1 : 0, created_at: Math.round(createdAt) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

async function changeAccount(
  db: Kysely<Tables>,
  name: string,
  { role, hash, disabled }: Partial<Pick<Account, 'role' | 'hash' | 'disabled'>>,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const changed = await trx
      .updateTable('accounts')
      .set((eb) => ({
        role: role ?? eb.ref('role'),
        hash: hash ?? eb.ref('hash'),
        disabled: disabled === undefined ? eb.ref('disabled') : disabled ? 1 : 0,
      }))
      .where('name', '=', toText(name))
      .returning('name')
      .executeTakeFirst();
    if (hash !== undefined || disabled === true) {
      await trx.deleteFrom('console_sessions').where('account', '=', toText(name)).execute();
    }
    return changed !== undefined;
  });
}

async function beginSession(
  db: Kysely<Tables>,
  { digest, account, at }: Session,
  { idleMs }: SessionLimits,
): Promise<void> {
  await db
    .deleteFrom('console_sessions')
    .where('used_at', '<', at - idleMs)
    .execute();
  await db
    .insertInto('console_sessions')
    .values({ digest, account: toText(account), begun_at: at, used_at: at })
    .execute();
}

/** A use is noted once a minute: a page must not write for each of its parts. */
const noteEveryMs = 60_000;

async function useSession(
  db: Kysely<Tables>,
  digest: string,
  at: number,
  { idleMs, longestMs }: SessionLimits,
): Promise<Account | null> {
  const row = await db
    .selectFrom('console_sessions')
    .innerJoin('accounts', 'accounts.name', 'console_sessions.account')
    .selectAll('accounts')
    .select('used_at')
    .where('digest', '=', digest)
    .where('used_at', '>=', at - idleMs)
    .where('begun_at', '>=', at - longestMs)
    .where('disabled', '=', 0)
    .executeTakeFirst();
  if (!row) return null;
  if (row.used_at <= at - Math.min(noteEveryMs, idleMs / 10)) {
    await db.updateTable('console_sessions').set({ used_at: at }).where('digest', '=', digest).execute();
  }
  return accountOf(row);
}

function accountOf({ name, role, hash, disabled, created_at }: AccountsTable): Account {
  return { name: fromText(name), role: role as Role, hash, disabled: disabled !== 0, createdAt: created_at };
}
