import { createHash } from 'node:crypto';
import type { Store } from '../adapters/sql/store.ts';
import { makeCallFile, writeCallFile } from '../core/evidence/call-file.ts';
import type { ChainHead, ChainLink } from '../core/evidence/chain.ts';
import { type LinkedAccount, rowFaults } from '../core/evidence/check-chain.ts';
import type { MissingFile } from '../core/evidence/report-input.ts';
import type { Incident } from '../core/incident/incident.ts';
import type { CallRecord, FinishedCall } from '../core/record.ts';
import { callFileName } from './manifest.ts';

/** Finds what belongs into the pack of an incident: its calls, and what the resident dialled about that time. */

/** A call as the pack has it. */
export interface PackedCall {
  readonly id: string;
  /** Its name in the pack, and its text. */
  readonly file: string;
  readonly text: string;
  /** Null where it cannot be read, and only its text is there. */
  readonly call: FinishedCall | null;
  readonly beside: boolean;
  readonly recordings: readonly string[];
}

export interface GatheredCalls {
  readonly packed: readonly PackedCall[];
  readonly missing: readonly MissingFile[];
  /** Where what is on record does not fit the chain. */
  readonly alarms: readonly string[];
  readonly head: ChainHead;
  readonly links: readonly ChainLink[];
}

type CallStores = Pick<Store, 'calls' | 'chain'>;

/** Calls in the order in which they began. */
export async function gatherCalls(store: CallStores, incident: Incident): Promise<GatheredCalls> {
  const own = await Promise.all(incident.calls.map((id) => readable(store.calls.find(id), null)));
  const records = own.flatMap((call) => (call === null ? [] : [call.record]));
  const beside = await callsBeside(store, incident, records);
  const ids = [...incident.calls, ...beside];
  const accounts = await store.chain.accountsOf(ids);
  const [packed, missing, alarms]: [PackedCall[], MissingFile[], string[]] = [[], [], []];
  for (const id of ids) {
    const file = callFileName(id, sha256);
    const account = accounts.get(id);
    if (!account?.stored) {
      missing.push({ name: file, why: whyMissing(account) });
      continue;
    }
    alarms.push(
      ...rowFaults(account, sha256).map(({ why }) => `What is on record does not fit its chain of hashes: ${why}`),
    );
    packed.push(await packCall(store, { id, file, beside: beside.includes(id), stored: account.stored }));
  }
  packed.sort((a, b) => (a.call?.record.arrivedAt ?? 0) - (b.call?.record.arrivedAt ?? 0));
  // A later account may have been put on record meanwhile: the pack has the one before, and ends with its link.
  const newest = new Map([...accounts.values()].map(({ link }) => [link.call, link.seq]));
  const links = (await store.chain.linksOf(ids)).filter(({ call, seq }) => seq <= (newest.get(call) ?? 0));
  return { packed, missing, alarms, head: await store.chain.head(), links };
}

function whyMissing(account: LinkedAccount | undefined): string {
  if (account?.link.kind !== 'removal') return 'The call is not on record.';
  return `The call was removed by ${account.link.by}: ${account.link.why}.`;
}

/** How long after an incident's last call the resident's own calls for help may come, in milliseconds. */
const helpWithinMs = 60 * 60_000;
const mostBeside = 50;

/** Guarded and emergency calls from the line during the incident and up to an hour after, and whatever was dialled out of its calls. */
async function callsBeside(store: CallStores, incident: Incident, records: readonly CallRecord[]): Promise<string[]> {
  const [first] = records;
  if (first === undefined || incident.line === null) return [];
  const since = Math.min(...records.map(({ arrivedAt }) => arrivedAt));
  const until = Math.max(...records.map(({ endedAt }) => endedAt)) + helpWithinMs;
  const filter = { line: incident.line, direction: 'outgoing', since, until, limit: mostBeside } as const;
  const dialled = await readable(store.calls.list(filter), []);
  const belongs = (record: CallRecord) =>
    record.direction === 'outgoing' &&
    (['guarded', 'emergency'].includes(record.number.class) ||
      (record.outOf !== null && incident.calls.includes(record.outOf)));
  return dialled
    .filter((record) => belongs(record) && !incident.calls.includes(record.id))
    .map(({ id }) => id)
    .reverse();
}

interface ToPack extends Pick<PackedCall, 'id' | 'file' | 'beside'> {
  readonly stored: NonNullable<LinkedAccount['stored']>;
}

async function packCall(store: CallStores, { stored, ...known }: ToPack): Promise<PackedCall> {
  const account = { ...stored, revision: stored.revision ?? 0 };
  const call = await readable(store.calls.find(known.id), null);
  const file = await readable(
    Promise.resolve().then(() => makeCallFile(account, sha256)),
    null,
  );
  // Somebody has written something else into the database: that is evidence too.
  const unreadable = () => `${JSON.stringify({ format: 'unreadable', ...account }, null, 1)}\n`;
  return { ...known, text: file ? writeCallFile(file) : unreadable(), call, recordings: call?.record.recordings ?? [] };
}

/** What was changed behind the database's back may be no JSON: that must not keep the rest from being packed. */
async function readable<T, N>(read: Promise<T>, otherwise: N): Promise<T | N> {
  return read.catch((error: unknown) => {
    if (error instanceof SyntaxError) return otherwise;
    throw error;
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
