import type { Sha256, StoredAccount } from './chain.ts';

/**
 * A call as an evidence pack has it: record and journal as they are stored, each entry of the journal with a hash over it and
 * all before it, so that a changed entry can be named and not the file alone.
 */
export interface CallFile {
  readonly format: 'clearline-call-1';
  readonly call: string;
  readonly revision: number;
  readonly record: unknown;
  /** Hash of the record: what the first entry's goes on from. */
  readonly recordHash: string;
  readonly journal: readonly { readonly entry: unknown; readonly hash: string }[];
}

/** Throws SyntaxError where what is stored is no JSON. */
export function makeCallFile({ call, revision, record, journal }: StoredAccount, sha256: Sha256): CallFile {
  const [fold, entries]: [unknown, unknown] = [JSON.parse(record), JSON.parse(journal)];
  if (!Array.isArray(entries)) throw new SyntaxError('the journal is not a list');
  const recordHash = goOn(`call ${call} revision ${revision}`, fold, sha256);
  let hash = recordHash;
  const hashed = entries.map((entry: unknown) => {
    hash = goOn(hash, entry, sha256);
    return { entry, hash };
  });
  return { format: 'clearline-call-1', call, revision, record: fold, recordHash, journal: hashed };
}

/** The file's text: an entry a line, so that a person finds it. */
export function writeCallFile({ journal, ...rest }: CallFile): string {
  const head = JSON.stringify(rest, null, 1).replace(/\n\}$/, '');
  const entries = journal.map((each) => `  ${JSON.stringify(each)}`);
  return `${head},\n "journal": [\n${entries.join(',\n')}\n ]\n}\n`;
}

/** Record and journal as the database had them, digest by digest comparable with a link of the chain. */
export function accountOf({ call, revision, record, journal }: CallFile): StoredAccount {
  const entries = journal.map(({ entry }) => entry);
  return { call, revision, record: JSON.stringify(record), journal: JSON.stringify(entries) };
}

/** Where in a changed file the change is, as a sentence goes on: `in journal entry 7`. */
export function findChange(text: string, sha256: Sha256): string {
  const file = readCallFile(text);
  if (typeof file === 'string') return file;
  const right = makeCallFile(accountOf(file), sha256);
  if (right.recordHash !== file.recordHash) return 'in the record, in the call’s id or revision, or in their hash';
  const at = file.journal.findIndex(({ hash }, index) => right.journal[index]?.hash !== hash);
  if (at !== -1) return `in journal entry ${at + 1} of ${file.journal.length}`;
  const written = writeCallFile(file);
  let offset = 0;
  while (offset < written.length && text[offset] === written[offset]) offset += 1;
  return `at character ${offset}, outside record and journal`;
}

/** The file, or where it cannot be read. */
export function readCallFile(text: string): CallFile | string {
  let file: Partial<CallFile> | null;
  try {
    file = JSON.parse(text);
  } catch (error) {
    return `so that it is no JSON any more (${error instanceof Error ? error.message.slice(0, 100) : 'unreadable'})`;
  }
  const isWhole =
    file?.format === 'clearline-call-1' &&
    typeof file.call === 'string' &&
    typeof file.revision === 'number' &&
    typeof file.recordHash === 'string' &&
    'record' in file &&
    Array.isArray(file.journal);
  if (!isWhole) return 'in the names at its top: one is missing or another';
  const bad = file?.journal?.findIndex((each) => typeof each?.hash !== 'string' || !('entry' in each)) ?? -1;
  return bad === -1 ? (file as CallFile) : `in journal entry ${bad + 1}, whose names are others`;
}

function goOn(before: string, what: unknown, sha256: Sha256): string {
  return sha256(`${before}\n${JSON.stringify(what)}`);
}
