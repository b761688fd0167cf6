import type { Kysely, Transaction } from 'kysely';
import {
  type ChainHead,
  type ChainLink,
  emptyChain,
  linkCall,
  linkRemoval,
  type StoredAccount,
} from '../../core/evidence/chain.ts';
import type { ChainStore } from '../../core/evidence/stores.ts';
import { accountsOf, verifyChain } from './chain-check.ts';
import { sha256, toLink, toRow } from './chain-rows.ts';
import type { JournalChainTable, Tables } from './schema.ts';
import { toText } from './text.ts';

/** The chain over the journal, in SQL. */
export function sqlChainStore(db: Kysely<Tables>): ChainStore {
  return {
    head: () => readHead(db),
    accountsOf: async (calls) => {
      const found = calls.length === 0 ? [] : await accountsOf(db, calls.map(toText));
      const byText = new Map(found.map((account) => [account.link.call, account]));
      return new Map(calls.map((id) => [id, byText.get(toText(id))] as const).filter(isFound));
    },
    linksOf: (calls) => linksOf(db, calls),
    link: async (seq) => {
      const row = await db.selectFrom('journal_chain').selectAll().where('seq', '=', seq).executeTakeFirst();
      return row ? toLink(row) : null;
    },
    verify: (told) => verifyChain(db, told),
  };
}

/**
 * Keeps everybody else from adding a link until the transaction ends, and answers the newest one. It is the first thing that a
 * transaction does which will add links: whoever had a call's row already, and waited for this, could be waited for in turn.
 * A head that somebody took away or set back keeps no call from its record: then it goes on from the last link there is.
 */
export async function lockChain(trx: Transaction<Tables>): Promise<ChainHead> {
  const head = await trx
    .updateTable('journal_chain_head')
    .set((eb) => ({ seq: eb.ref('seq') }))
    .where('name', '=', 'head')
    .returning((eb) => [
      'seq',
      'hash',
      eb
        .selectFrom('journal_chain')
        .select((link) => link.fn.max('journal_chain.seq').as('last'))
        .as('last'),
    ])
    .executeTakeFirst();
  if (head && (head.last ?? 0) <= head.seq) return { seq: head.seq, hash: head.hash };
  const last = await lastLink(trx);
  if (head) return last;
  const made = trx.insertInto('journal_chain_head').values({ name: 'head', ...last });
  await made.onConflict((conflict) => conflict.column('name').doNothing()).execute();
  return lockChain(trx);
}

async function lastLink(trx: Transaction<Tables>): Promise<ChainHead> {
  const links = trx.selectFrom('journal_chain').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1);
  return (await links.executeTakeFirst()) ?? emptyChain;
}

/** What the newest link about this call says; undefined where there is none. `call` is as the database has it. */
export async function newestLink(
  trx: Transaction<Tables>,
  call: string,
): Promise<Pick<JournalChainTable, 'kind' | 'revision' | 'record_sha256' | 'journal_sha256'> | undefined> {
  return trx
    .selectFrom('journal_chain')
    .select(['kind', 'revision', 'record_sha256', 'journal_sha256'])
    .where('call_id', '=', call)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** Adds the link of an account that the same transaction stores. `head` is what `lockChain` answered. */
export async function appendCall(trx: Transaction<Tables>, head: ChainHead, account: StoredAccount): Promise<void> {
  await append(trx, linkCall(head, account, Date.now(), sha256));
}

/**
 * Puts on record that a call is removed, by whom and why, in the transaction that deletes its rows. Call it before the first
 * of them is deleted, and once for each call that is on record; the deletions may follow together.
 */
export async function appendRemoval(
  trx: Transaction<Tables>,
  { call, by, why, at }: { readonly call: string; readonly by: string; readonly why: string; readonly at: number },
): Promise<void> {
  const removal = { call: toText(call), by: toText(by), why: toText(why) };
  await append(trx, linkRemoval(await lockChain(trx), removal, Math.round(at), sha256));
}

async function append(trx: Transaction<Tables>, link: ChainLink): Promise<void> {
  await trx.insertInto('journal_chain').values(toRow(link)).execute();
  const { seq, hash } = link;
  await trx.updateTable('journal_chain_head').set({ seq, hash }).where('name', '=', 'head').execute();
}

async function readHead(db: Kysely<Tables>): Promise<ChainHead> {
  return db.selectFrom('journal_chain_head').select(['seq', 'hash']).executeTakeFirstOrThrow();
}

/** Names in one query: both databases bear far more. */
const atOnce = 500;

async function linksOf(db: Kysely<Tables>, calls: readonly string[]): Promise<readonly ChainLink[]> {
  const links: ChainLink[] = [];
  for (let begin = 0; begin < calls.length; begin += atOnce) {
    const ids = calls.slice(begin, begin + atOnce).map(toText);
    const rows = await db.selectFrom('journal_chain').selectAll().where('call_id', 'in', ids).execute();
    links.push(...rows.map(toLink));
  }
  return links.sort((a, b) => a.seq - b.seq);
}

function isFound<T>(entry: readonly [string, T | undefined]): entry is readonly [string, T] {
  return entry[1] !== undefined;
}
