import type { Store } from '../../services/adapters/sql/store.ts';
import type { DeliveryStore } from '../../services/core/alerting/delivery.ts';
import { emptyChain } from '../../services/core/evidence/chain.ts';
import type { ChainStore, MadePack, PackStore } from '../../services/core/evidence/stores.ts';
import type {
  AlertStore,
  CallFilter,
  CallStore,
  FactQueue,
  HoldLift,
  HoldLiftStore,
  LineStore,
  RaisedAlert,
  StoredLine,
} from '../../services/core/ports.ts';
import type { CallRecord, FinishedCall, InboundRecord, OutgoingRecord } from '../../services/core/record.ts';
import type { Access, AccessLog } from '../../services/core/stores.ts';

/** Calls in memory, for flow tests. What is saved is copied through JSON, as it would be on its way to SQL. */
function fakeCallStore(): CallStore {
  const calls = new Map<string, FinishedCall>();
  return {
    async save(call) {
      const known = calls.get(call.record.id);
      if (known === undefined || (call.revision ?? 0) >= (known.revision ?? 0)) calls.set(call.record.id, copy(call));
    },
    async find(id) {
      const found = calls.get(id);
      return found ? copy(found) : null;
    },
    async list(filter) {
      return [...calls.values()]
        .map((call) => copy(call.record))
        .filter((record) => matches(record, filter))
        .sort((a, b) => b.arrivedAt - a.arrivedAt || (a.id < b.id ? 1 : -1))
        .slice(0, filter.limit);
    },
  };
}

/** Lines in memory. */
export function fakeLineStore(lines: readonly StoredLine[] = []): LineStore {
  const stored = new Map(lines.map((line) => [line.id, copy(line)]));
  let revision = 0;
  return {
    async all() {
      return [...stored.values()].map(copy).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async upsert(changed) {
      for (const line of changed.map(copy)) stored.set(line.id, line);
      revision += 1;
    },
    async remove(id) {
      revision += 1;
      return stored.delete(id);
    },
    async revision() {
      return revision;
    },
  };
}

/** Alerts in memory. */
function fakeAlertStore(): AlertStore {
  const alerts = new Map<string, RaisedAlert>();
  return {
    async save(alert) {
      alerts.set(alert.id, copy(alert));
    },
    async list({ line, limit }) {
      return [...alerts.values()]
        .filter((alert) => line === undefined || alert.line === line)
        .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
        .slice(0, limit)
        .map(copy);
    },
  };
}

/** Lifted holds in memory. */
function fakeHoldLiftStore(): HoldLiftStore {
  const lifts: HoldLift[] = [];
  return {
    async put(lift) {
      lifts.unshift(copy(lift));
    },
    async list(line, limit) {
      return lifts
        .filter((lift) => lift.line === line)
        .sort((a, b) => b.at - a.at)
        .slice(0, limit);
    },
  };
}

/** The access log in memory. */
function fakeAccessLog(): AccessLog {
  const noted: Access[] = [];
  return {
    async note(access) {
      noted.unshift(copy(access));
    },
    async list({ what, items, by, since, until, limit }) {
      return noted
        .filter((each) => (what === undefined || each.what === what) && (by === undefined || each.by === by))
        .filter((each) => items === undefined || items.includes(each.item))
        .filter(({ at }) => at >= (since ?? at) && (until === undefined || at < until))
        .sort((a, b) => b.at - a.at)
        .slice(0, limit);
    },
  };
}

/** A chain without a link: whoever wants links wants a real database. */
function fakeChainStore(): ChainStore {
  return {
    head: async () => emptyChain,
    accountsOf: async () => new Map(),
    linksOf: async () => [],
    link: async () => null,
    verify: async () => ({ links: 0, calls: 0, head: emptyChain, faults: [], faultCount: 0 }),
  };
}

/** Evidence packs in memory. */
function fakePackStore(): PackStore {
  const packs = new Map<string, MadePack>();
  return {
    add: async (pack) => void packs.set(pack.sha256, packs.get(pack.sha256) ?? copy(pack)),
    of: async (incident) => [...packs.values()].filter((pack) => pack.incident === incident).map(copy),
    find: async (sha256) => packs.get(sha256) ?? null,
  };
}

/** The deliveries of a site that tells nobody. */
function noDeliveries(): DeliveryStore {
  return {
    plan: async () => [],
    claim: async () => null,
    renew: async () => false,
    handOver: async () => false,
    settle: async () => false,
    alertsOf: async () => [],
    toDo: async () => [],
    list: async () => [],
    ofAlerts: async () => [],
    find: async () => null,
    retry: async () => false,
    markUnconfirmed: async () => 0,
    count: async () => 0,
  };
}

/** Everything there is to store, in memory. */
export function fakeStore(lines: readonly StoredLine[] = []): Store {
  return {
    calls: fakeCallStore(),
    lines: fakeLineStore(lines),
    alerts: fakeAlertStore(),
    lifts: fakeHoldLiftStore(),
    accessLog: fakeAccessLog(),
    chain: fakeChainStore(),
    packs: fakePackStore(),
    contacts: notFaked('contacts'),
    incidents: notFaked('incidents'),
    deliveries: noDeliveries(),
    retention: notFaked('retention'),
    recordings: notFaked('recordings'),
    people: notFaked('people'),
    campaigns: notFaked('campaigns'),
    accounts: notFaked('accounts'),
    close: async () => {},
  };
}

/** What no test needs in memory: whoever comes to need it opens a real database. */
function notFaked(what: string): never {
  const refuse = () => {
    throw new Error(`the stores in memory have no ${what}: open a database`);
  };
  return new Proxy({}, { get: refuse }) as never;
}

/** A queue that remembers, one entry for each account of a call, and can be told to be away. */
export interface FakeFactQueue extends FactQueue {
  readonly calls: FinishedCall[];
  away: boolean;
}

export function fakeFactQueue(): FakeFactQueue {
  const queue: FakeFactQueue = {
    calls: [],
    away: false,
    async put(call) {
      if (queue.away) throw new Error('the queue is away');
      const isIt = (known: FinishedCall) => known.record.id === call.record.id && known.revision === call.revision;
      if (!queue.calls.some(isIt)) queue.calls.push(copy(call));
    },
  };
  return queue;
}

function matches(record: CallRecord, filter: CallFilter): boolean {
  return (
    (filter.line === undefined || record.line === filter.line) &&
    (filter.outcome === undefined || record.ending.outcome === filter.outcome) &&
    (filter.standing === undefined || standingOf(record) === filter.standing) &&
    (filter.direction === undefined || record.direction === filter.direction) &&
    (filter.since === undefined || record.arrivedAt >= filter.since) &&
    (filter.until === undefined || record.arrivedAt < filter.until) &&
    (filter.from === undefined || (record.direction === 'inbound' && hasNumber(callersOf(record), filter.from))) &&
    (filter.to === undefined || (record.direction === 'outgoing' && hasNumber(dialledIn(record), filter.to)))
  );
}

function standingOf(record: CallRecord): string | undefined {
  return record.direction === 'inbound' ? record.verdict?.standing : undefined;
}

function callersOf({ caller }: InboundRecord): string[] {
  return [caller.presentation, caller.network].flatMap((number) =>
    number ? [number.written, ...(number.e164 ? formsOf(number.e164) : [])] : [],
  );
}

function dialledIn({ dialled, number }: OutgoingRecord): string[] {
  return [dialled, ...formsOf(number.number), number.name ?? ''];
}

function formsOf(number: string): string[] {
  return [number, number.replace(/^\+44/, '0')];
}

function hasNumber(numbers: readonly string[], from: string): boolean {
  const bare = from.replace(/[^\p{L}\d]/gu, '');
  const plain = /^\d+$/.test(bare);
  return numbers.some((number) =>
    plain
      ? number.replace(/\D/g, '').includes(bare.replace(/^00(?=[1-9])/, ''))
      : number.toLowerCase().includes(from.trim().toLowerCase()),
  );
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
