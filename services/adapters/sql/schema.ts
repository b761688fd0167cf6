/**
 * The tables, as the migrations leave them. Times are UTC milliseconds since the epoch. `Text` columns hold what `toText`
 * made of a string; see text.ts.
 */
export interface Tables {
  calls: CallsTable;
  call_facts: CallFactsTable;
  call_keys: CallKeysTable;
  lines: LinesTable;
  line_contacts: LineContactsTable;
  alerts: AlertsTable;
  hold_lifts: HoldLiftsTable;
  line_pauses: LinePausesTable;
  line_expected: LineExpectedTable;
  suggestion_dismissals: SuggestionDismissalsTable;
  revisions: RevisionsTable;
  deliveries: DeliveriesTable;
  incidents: IncidentsTable;
  incident_versions: IncidentVersionsTable;
  incident_calls: IncidentCallsTable;
  journal_chain: JournalChainTable;
  journal_chain_head: JournalChainHeadTable;
  evidence_packs: EvidencePacksTable;
  access_log: AccessLogTable;
  recordings: RecordingsTable;
  retention_runs: RetentionRunsTable;
  retention_counts: RetentionCountsTable;
  retention_lock: RetentionLockTable;
  erasures: ErasuresTable;
  sightings: SightingsTable;
  area_hours: AreaHoursTable;
  campaigns: CampaignsTable;
  campaign_calls: CampaignCallsTable;
  area_guards: AreaGuardsTable;
  accounts: AccountsTable;
  console_sessions: ConsoleSessionsTable;
}

/** One narrow row a call, only to search and to sort by: a scan over a million of them stays a scan over few pages. */
export interface CallsTable {
  id: string;
  direction: string;
  line: string | null;
  area: string | null;
  arrived_at: number;
  ended_at: number;
  /** The other party's: who called, or what the resident dialled. E.164 where the number is one, else as it was written. */
  party_number: string | null;
  /** Every way in which the other party's numbers may be looked for, in one searchable string; see columns.ts. */
  party_search: string;
  party_name: string | null;
  standing: string | null;
  treatment: string | null;
  outcome: string;
  ended_by: string;
  /** Which account of the call this is; see `FinishedCall`. */
  revision: number;
}

/**
 * What `calls` was derived from, whole and untouched. The journal is one JSON document and not a row an event: it is
 * written once, only ever read whole and in its own order, and saving a call again then replaces it in one statement.
 * The columns are text and not jsonb, which refuses the NUL and the lone surrogates that callers send.
 */
export interface CallFactsTable {
  call_id: string;
  record: string;
  journal: string;
}

/** What a call is looked for by; see call-keys.ts. It goes with its call. */
export interface CallKeysTable {
  call_id: string;
  /** 1: the key is a number back to front, by whose end it is found. */
  ends: number;
  key: string;
  /** Of the call, so that the newest are found without reading the others. */
  arrived_at: number;
}

export interface LinesTable {
  id: string;
  number: string;
  resident: string;
  area: string;
  mode: string;
  /** 0 or 1: SQLite has no booleans. */
  record_calls: number;
  /** 0 or 1. */
  tone_watch: number;
  ring_seconds: number;
  phone_secret: string;
}

export interface LineContactsTable {
  line_id: string;
  kind: 'trusted' | 'blocked';
  /** The order in which the list was given. */
  position: number;
  number: string;
  name: string | null;
}

export interface AlertsTable {
  id: string;
  kind: string;
  at: number;
  line: string;
  call_id: string | null;
  area: string | null;
  incident: string | null;
  campaign: string | null;
}

/** One message to one recipient; see `Delivery`. `planned_for` is when it was to be sent at first, which limits go by. */
export interface DeliveriesTable {
  id: string;
  alert: string | null;
  recipient: string;
  channel: string;
  state: string;
  digest: string | null;
  planned_at: number;
  planned_for: number;
  due: number;
  attempts: number;
  claim: string | null;
  claimed_until: number | null;
  sent_at: number | null;
  fault: string | null;
}

interface HoldLiftsTable {
  line: string;
  at: number;
  by_whom: string;
  why: string;
}

/** Rests in a line's screening. At most one of a line has no `ended_at`, and it may be over all the same: see `until`. */
export interface LinePausesTable {
  line: string;
  at: number;
  until: number;
  by_whom: string;
  why: string;
  ended_at: number | null;
  ended_by: string | null;
}

/** See `Expectation`. */
export interface LineExpectedTable {
  id: string;
  line_id: string;
  number: string | null;
  name: string;
  from_at: number;
  until: number;
  at: number;
  by_whom: string;
  cancelled_by: string | null;
}

interface SuggestionDismissalsTable {
  line_id: string;
  number: string;
  at: number;
  by_whom: string;
}

interface RevisionsTable {
  name: 'lines' | 'deliveries';
  value: number;
}

/** Only ever added to, but for retention. */
interface AccessLogTable {
  id: string;
  at: number;
  by_whom: string;
  what: string;
  item: string;
  why: string;
}

/** Files in the folder of recordings: what each was when it was first seen, and whether it is to go. */
export interface RecordingsTable {
  /** Of the file, without `.wav`. */
  name: string;
  call_id: string;
  /** Null where it was never read. */
  bytes: number | null;
  sha256: string | null;
  seen_at: number;
  /** The run or erasure that is to delete the file; the row goes once that is done. */
  doomed_by: string | null;
  /** Why it could not be deleted when that was last tried. */
  fault: string | null;
}

/** One enforcement of the periods, begun and perhaps not finished. */
interface RetentionRunsTable {
  id: string;
  started_at: number;
  finished_at: number | null;
  by_whom: string;
  /** JSON: the periods in force. */
  periods: string;
  fault: string | null;
}

/** What a run did to one kind of data, and how far it has got with it. */
export interface RetentionCountsTable {
  run_id: string;
  kind: string;
  removed: number;
  kept_linked: number;
  kept_held: number;
  failed: number;
  oldest: number | null;
  newest: number | null;
  /** Everything up to here, in the order of time and id, is judged. */
  cursor_at: number;
  cursor_id: string;
  /** 0 or 1. */
  done: number;
}

interface RetentionLockTable {
  name: 'retention';
  owner: string;
  until: number;
}

/** A person whose data were erased; without anything that tells who it was. */
interface ErasuresTable {
  id: string;
  at: number;
  by_whom: string;
  why: string;
  /** Keyed hash of the number. */
  person: string;
  /** JSON: counts of what went and of what stayed, and why. */
  report: string;
}

/** The links of `ChainLink` (core/evidence/chain.ts), one a row; rows are added and never changed. */
export interface JournalChainTable {
  seq: number;
  at: number;
  kind: 'call' | 'removal';
  call_id: string;
  revision: number;
  record_sha256: string | null;
  journal_sha256: string | null;
  by_whom: string | null;
  why: string | null;
  previous: string;
  hash: string;
}

/** One row, which whoever adds a link locks first: it is also what shows that the chain's end was cut off. */
interface JournalChainHeadTable {
  name: 'head';
  seq: number;
  hash: string;
}

/** See `MadePack`. */
export interface EvidencePacksTable {
  sha256: string;
  incident: string;
  at: number;
  by_whom: string;
  size: number;
  key: string;
  without_consent_because: string | null;
}

/** See `Incident`. Like `calls`: only to search and to sort by, and the whole as a JSON document beside it. */
export interface IncidentsTable {
  id: string;
  at: number;
  line: string | null;
  area: string | null;
  outcome: string | null;
  status: string;
  campaign: string | null;
  /** 0 or 1. */
  legal_hold: number;
  version: number;
  changed_at: number;
  /** 0 or 1: the outcome is one of which staff are to be alerted. */
  at_risk: number;
  /** 0 or 1: that alert is queued. */
  told: number;
  document: string;
}

interface IncidentVersionsTable {
  incident_id: string;
  version: number;
  at: number;
  by_whom: string;
  document: string;
}

interface IncidentCallsTable {
  call_id: string;
  incident_id: string;
}

/** One narrow row a call of a stranger; see `Sighting`. */
export interface SightingsTable {
  call_id: string;
  at: number;
  line: string;
  area: string;
  shown: string | null;
  /** `blockOf` the number, by which it and its neighbours are found at once. */
  shown_block: string | null;
  network: string | null;
  network_block: string | null;
  claim: string | null;
  script: string | null;
  /** 0 or 1, as the three below. */
  reported: number;
  by_staff: number;
  suspect: number;
  counts: number;
  incident_version: number;
}

/** How many calls of strangers that count came to an area in an hour (of those since the epoch): what is usual is summed up from few rows. */
interface AreaHoursTable {
  area: string;
  hour: number;
  calls: number;
}

export interface CampaignsTable {
  id: string;
  kind: string;
  key: string;
  first_call: string;
  first_at: number;
  last_at: number;
  found_by: string;
  found_at: number;
  /** JSON: sentences. */
  reasons: string;
  ended_at: number | null;
  ended_by: string | null;
  ended_why: string | null;
}

/** A call belongs to one campaign at most. */
interface CampaignCallsTable {
  call_id: string;
  campaign: string;
  at: number;
  line: string;
  area: string;
}

interface AreaGuardsTable {
  campaign: string;
  area: string;
  until: number;
  /** The call that brought the area in. */
  raised_by: string;
}

/** See `Account`. */
export interface AccountsTable {
  name: string;
  role: string;
  hash: string;
  /** 0 or 1. */
  disabled: number;
  created_at: number;
}

/** `digest` is SHA-256 of what the browser keeps. */
interface ConsoleSessionsTable {
  digest: string;
  account: string;
  begun_at: number;
  used_at: number;
}
