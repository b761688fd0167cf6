import { type Kysely, sql } from 'kysely';
import type { ChainHead } from '../../core/evidence/chain.ts';
import {
  type ChainFault,
  checkEnd,
  checkLink,
  type LinkedAccount,
  nothingRead,
  type ReadSoFar,
  unlinkedFault,
} from '../../core/evidence/check-chain.ts';
import type { ChainReport } from '../../core/evidence/stores.ts';
import { sha256, toLink } from './chain-rows.ts';
import type { Tables } from './schema.ts';

/** Links in one query, with what is on record of their calls: some 4 MB. */
const batch = 200;
/** Faults that a report lists; whoever changes a table has changed a million rows as easily as one. */
const listed = 100;

/**
 * Reads the whole chain, and everything on record, in the chain's order. Each query sees one state of the database, so calls
 * that are saved meanwhile are no fault.
 */
export async function verifyChain(db: Kysely<Tables>, told: (links: number) => void = () => {}): Promise<ChainReport> {
  const faults: ChainFault[] = [];
  let faultCount = 0;
  const note = (found: readonly ChainFault[]) => {
    faultCount += found.length;
    faults.push(...found.slice(0, listed - faults.length));
  };
  let read: ReadSoFar = nothingRead;
  let [links, calls] = [0, 0];
  let kept: ChainHead | null = null;
  for (;;) {
    const rows = await accountsAfter(db, read.seq);
    for (const row of rows) {
      const checked = checkLink(read, row, sha256);
      note(checked.faults);
      read = checked.read;
      if (row.newest && row.stored !== null) calls += 1;
    }
    links += rows.length;
    told(links);
    if (rows.length > 0) continue;
    const end = await readEnd(db);
    kept = end.head;
    if ((end.last ?? 0) <= read.seq) break;
  }
  note(checkEnd(read, kept));
  note((await unlinkedCalls(db)).map(unlinkedFault));
  return { links, calls, head: { seq: read.seq, hash: read.hash }, faults, faultCount };
}

async function accountsAfter(db: Kysely<Tables>, seq: number): Promise<LinkedAccount[]> {
  const links = linkedAccounts(db).where('link.seq', '>', seq);
  return (await links.orderBy('link.seq').limit(batch).execute()).map(toAccount);
}

/** What is on record of these calls (ids as the database has them), with the newest link about each. */
export async function accountsOf(db: Kysely<Tables>, calls: readonly string[]): Promise<LinkedAccount[]> {
  const rows = await linkedAccounts(db).where('link.call_id', 'in', calls).orderBy('link.seq').execute();
  return rows.map(toAccount).filter(({ newest }) => newest);
}

function linkedAccounts(db: Kysely<Tables>) {
  // Each call has a link or two: an index finds the later one, and the texts of older accounts are not there to be read.
  const isNewest = sql<boolean>`not exists (select 1 from journal_chain later
    where later.call_id = link.call_id and later.seq > link.seq)`;
  return db
    .selectFrom('journal_chain as link')
    .leftJoin('call_facts as facts', (join) => join.onRef('facts.call_id', '=', 'link.call_id').on(isNewest))
    .leftJoin('calls', 'calls.id', 'facts.call_id')
    .selectAll('link')
    .select(['facts.record', 'facts.journal', 'calls.revision as stored_revision', isNewest.as('newest')]);
}

type LinkedRow = Awaited<ReturnType<ReturnType<typeof linkedAccounts>['execute']>>[number];

function toAccount({ record, journal, stored_revision: revision, newest, ...link }: LinkedRow): LinkedAccount {
  const stored = record === null || journal === null ? null : { call: link.call_id, record, journal, revision };
  return { link: toLink(link), newest: Boolean(newest), stored };
}

/** The head, and the newest link, as they are at one moment. */
async function readEnd(db: Kysely<Tables>): Promise<{ readonly head: ChainHead | null; readonly last: number | null }> {
  const { last, seq, hash } = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('journal_chain')
        .select((link) => link.fn.max('seq').as('last'))
        .as('end'),
    )
    .leftJoin('journal_chain_head', (join) => join.onTrue())
    .select(['last', 'seq', 'hash'])
    .executeTakeFirstOrThrow();
  return { last: last === null ? null : Number(last), head: seq === null || hash === null ? null : { seq, hash } };
}

/** One more than a report lists is enough to say that there are more. */
async function unlinkedCalls(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db
    .selectFrom('call_facts as facts')
    .select('facts.call_id')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('journal_chain as link').select('link.seq').whereRef('link.call_id', '=', 'facts.call_id')),
      ),
    )
    .orderBy('facts.call_id')
    .limit(listed + 1)
    .execute();
  return rows.map((row) => row.call_id);
}
