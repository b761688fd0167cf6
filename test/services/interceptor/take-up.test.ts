import { expect, it, vi } from 'vitest';
import type { BridgeSighting, ChannelSighting } from '../../../services/adapters/ari-http.ts';
import type { CallEvent } from '../../../services/core/call.ts';
import type { KeptEntry } from '../../../services/core/ports.ts';
import { HoldBook } from '../../../services/interceptor/line/hold-book.ts';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import type { NoteOfEnd } from '../../../services/interceptor/restart/noted-calls.ts';
import { takeUp } from '../../../services/interceptor/restart/take-up.ts';
import { fakeKeeper } from '../../support/fake-keeper.ts';
import { storedLine } from '../../support/finished-call.ts';
import { until } from '../../support/until.ts';
import { runner } from './runner.ts';

/** What one process kept of its calls, taken up by another that finds this in Asterisk. */

function channel(id: string, changes: Partial<ChannelSighting> = {}): ChannelSighting {
  const given = `clearline,inbound,01923555012,carrier,${Buffer.from('<sip:02079460000@192.0.2.7>').toString('base64')}`;
  return { id, name: id, line: '', context: '', extension: 's', application: 'Stasis', given, state: 'Up', ...changes };
}

interface Found {
  readonly channels?: readonly ChannelSighting[];
  readonly bridges?: readonly BridgeSighting[];
  readonly notes?: ReadonlyMap<string, NoteOfEnd>;
  /** Whether what plays is over. */
  readonly over?: boolean;
  /** How long Asterisk takes to say so. */
  readonly takesMs?: number;
  readonly adopting?: boolean;
  readonly holds?: HoldBook;
  /** Channels on their way to the dialplan. */
  readonly given?: ReadonlySet<string>;
}

/** Another process takes up what is kept. */
async function takenUp(kept: ReadonlyMap<string, readonly KeptEntry[]>, found: Found) {
  const {
    channels = [],
    bridges = [],
    notes,
    over = true,
    takesMs = 0,
    adopting = true,
    holds = new HoldBook(),
    given = new Set(),
  } = found;
  const keeper = fakeKeeper();
  for (const [call, entries] of kept) keeper.keep(call, entries);
  const process = runner({}, { keeper, holds });
  const asked: string[] = [];
  const ok = async (request: string) => {
    asked.push(request);
    return { ok: true } as const;
  };
  const ari = {
    listChannels: async () => channels,
    listBridges: async () => bridges,
    isOver: () => new Promise<boolean>((resolve) => setTimeout(resolve, takesMs, over)),
    hangUp: (id: string) => ok(`hang up ${id}`),
    removeBridge: (id: string) => ok(`remove ${id}`),
    stopPlaying: (id: string) => ok(`stop ${id}`),
  };
  const noteOf = async (call: string) => notes?.get(call) ?? null;
  const parts = { runner: process.calls, ari, noteOf, clock: Date.now, log: process.log, adopting, given };
  const done = await takeUp((await keeper.load()) ?? new Map(), parts, () => {});
  return { ...process, keeper, done, swept: asked };
}

/** What is kept of a stranger's call by a process that dies in the conversation. */
async function talk(id = '1.1') {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.talks(id);
  const kept = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  return { before, kept };
}

const talking = {
  channels: [channel('1.1'), channel('1.1-resident', { given: 'clearline,leg,1.1,resident' })],
  bridges: [{ id: '1.1-talk', channels: ['1.1', '1.1-resident'] }],
};

it('a conversation goes on', async () => {
  const { kept } = await talk();
  const { calls, done } = await takenUp(kept, talking);
  expect(done).toBe(true);
  expect(calls.all.map(({ id, view }) => [id, view.stage])).toEqual([['1.1', 'talking']]);
});

const at = 1;
const arrival = async (): Promise<KeptEntry> => {
  const [first] = (await talk()).kept.get('1.1') ?? [];
  if (first === undefined) throw new Error('nothing is kept');
  return first;
};

it.each<[string, (first: KeptEntry) => readonly unknown[]]>([
  ['nothing', () => []],
  ['no beginning', () => [{ at, event: { type: 'HungUp', leg: 'caller', cause: 16, at } }]],
  ['an arrival without a caller', () => [{ at, event: { type: 'Arrived', at } }]],
  ['a number that is none', () => [{ at, event: { type: 'Dialled', at } }]],
  ['an arrival whose line is something else', (first) => [{ ...first, event: { ...eventOf(first), line: 7 } }]],
  [
    'an arrival whose line has no trusted numbers',
    (first) => [{ ...first, event: { ...eventOf(first), line: { id: 'room-12' } } }],
  ],
  ['an event of another release', (first) => [first, { at, event: { type: 'Teleported', at } }]],
  ['an effect of another release', (first) => [first, { at, effect: { do: 'Teleport' } }]],
  ['a look without what was seen', (first) => [first, { at, event: { type: 'LineInspected', at } }]],
  ['an end without an ending', (first) => [first, { at, effect: { do: 'Conclude' } }]],
  ['a time that is none', (first) => [first, { at, effect: { do: 'Wake', timer: 'deadline', afterMs: 'soon' } }]],
])('what is kept of one call says %s: the others are taken up all the same', async (_, entries) => {
  const { kept } = await talk();
  const bad = entries(await arrival()) as KeptEntry[];
  const { calls, done } = await takenUp(new Map([['0.9', bad], ...kept]), talking);
  expect(done).toBe(true);
  expect(calls.isRunning('1.1')).toBe(true);
});

function eventOf(entry: KeptEntry): CallEvent {
  if (!('event' in entry)) throw new Error('no event');
  return entry.event;
}

const note: NoteOfEnd = { endedAt: Date.now() - 60_000, cause: 16, facts: null };

it('an account of a call whose end nobody heard never stands over one whose end was heard', async () => {
  const { kept } = await talk();
  const { facts } = await takenUp(kept, { notes: new Map([['1.1', note]]) });
  await until('it is on record', () => facts.calls.length === 1);
  expect(facts.calls[0]?.revision).toBe(-1);
  expect(facts.calls[0]?.record).toMatchObject({ reconstructed: true, endedAt: expect.any(Number) });
});

it('nor, where its end is not even noted, over what Asterisk noted of it', async () => {
  const { kept } = await talk();
  const { facts } = await takenUp(kept, {});
  await until('it is on record', () => facts.calls.length === 1);
  expect(facts.calls[0]?.revision).toBe(-2);
});

it('a call whose end is heard after that is accounted for as any other', async () => {
  const { kept } = await talk();
  const { facts, hangsUp } = await takenUp(kept, talking);
  hangsUp('1.1');
  hangsUp('1.1-resident');
  await until('it is on record', () => facts.calls.length === 1);
  expect(facts.calls[0]?.revision ?? 0).toBe(0);
});

it('a caller found in conversation on a held line is judged as on a held line', async () => {
  const holds = new HoldBook();
  holds.hold('room-12', Date.now() + 60_000, { number: null, trunk: 'carrier' });
  const { calls } = await takenUp(new Map(), { ...talking, holds });
  expect(calls.all.map(({ opening }) => opening.held)).toEqual([true]);
});

/** The resident keys 101; the process dies before the caller is gone. */
async function dialledOut() {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.talks('1.1');
  try {
    for (const digit of ['1', '0', '1']) {
      vi.useFakeTimers({ now: Date.now() + 200, toFake: ['Date'] });
      before.hear({ type: 'DigitReceived', channel: '1.1-resident', digit });
    }
  } finally {
    vi.useRealTimers();
  }
  return new Map((await keeper.load()) ?? []);
}

it('a resident who dialled 101 out of a call is not left in silence where nothing is kept of that', async () => {
  const kept = await dialledOut();
  kept.delete('1.1-resident');
  const { calls } = await takenUp(kept, talking);
  await until('101 is dialled', () => calls.isRunning('1.1-resident'));
  expect(calls.all.find(({ id }) => id === '1.1-resident')?.opening).toMatchObject({ by: 'ghost-dial', outOf: '1.1' });
});

it('and begins that call once where it is kept', async () => {
  const { calls } = await takenUp(await dialledOut(), talking);
  const out = calls.all.find(({ id }) => id === '1.1-resident');
  expect(out?.view.journal.filter((entry) => 'event' in entry && entry.event.type === 'Dialled')).toHaveLength(1);
  const of = calls.all.find(({ id }) => id === '1.1');
  expect(of?.view.journal.filter((entry) => 'effect' in entry && entry.effect.do === 'DialOut')).toHaveLength(1);
});

it('no timer of a call goes off before what it missed is known', async () => {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.arrives('1.1');
  before.finishes('1.1-p1');
  const kept = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  const older = new Map([...kept].map(([call, entries]) => [call, entries.map(age)]));
  const { calls } = await takenUp(older, { channels: talking.channels, takesMs: 20 });
  expect(calls.all.map(({ view }) => view.stage)).toEqual(['whispering']);
});

function age(entry: KeptEntry): KeptEntry {
  return { ...entry, at: entry.at - 600_000 };
}

it('what is done again stands in no way of the process after this one', async () => {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.talks('1.1');
  before.hear({ type: 'DigitReceived', channel: '1.1-resident', digit: '*' });
  const closing = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  // The caller is still there; the advice to the resident has ended.
  const second = await takenUp(closing, talking);
  const again = (await second.keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  expect(again.get('1.1')?.length).toBeGreaterThan(closing.get('1.1')?.length ?? 0);
  const gone = { channels: talking.channels.slice(1) };
  const third = await takenUp(again, gone);
  const fourth = await takenUp((await third.keeper.load()) ?? new Map(), gone);
  expect(fourth.calls.all.map(({ id, view }) => [id, view.stage])).toEqual([['1.1', 'advising']]);
  expect(fourth.log.lines.filter(({ message }) => message.includes('cannot be taken up'))).toEqual([]);
});

it('a resident whom the dialplan took while nobody had the calls is the dialplan’s', async () => {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.dials('2.1', '101');
  const kept = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  const { calls, facts } = await takenUp(kept, {
    channels: [channel('2.1', { application: 'Wait', context: 'guarded' })],
  });
  expect(calls.running).toBe(0);
  expect(facts.calls.map(({ revision }) => revision)).toEqual([-2]);
});

it('a resident who is on the way to the dialplan is the dialplan’s, although Asterisk lists them as ours still', async () => {
  const keeper = fakeKeeper();
  const before = runner({}, { keeper });
  before.dials('2.1', '101');
  const kept = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  const { calls, asked, facts } = await takenUp(kept, { channels: [channel('2.1')], given: new Set(['2.1']) });
  expect(calls.running).toBe(0);
  expect(asked).toEqual([]);
  expect(facts.calls.map(({ revision }) => revision)).toEqual([-2]);
});

/** What is kept of a call whose caller hears the announcement still. */
async function announced() {
  const keeper = fakeKeeper();
  runner({}, { keeper }).arrives('1.1');
  return (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
}

it('a telephone that rings, of which nothing was kept any more, is hung up, and what plays beside it stopped: it is rung anew', async () => {
  const ringing = channel('1.1-resident', { application: 'AppDial2', state: 'Ringing', given: '(Outgoing Line)' });
  const { calls, swept } = await takenUp(await announced(), { channels: [channel('1.1'), ringing] });
  expect(swept).toEqual(['hang up 1.1-resident', 'stop 1.1-p2', 'stop 1.1-p3', 'stop 1.1-p4']);
  expect(calls.isRunning('1.1')).toBe(true);
});

it('what was picked up is never touched: it may have gone on to dial', async () => {
  const up = channel('1.1-resident', { context: 'emergency', application: 'Dial', given: 'PJSIP/999@trunk-net' });
  const { swept } = await takenUp(await announced(), { channels: [channel('1.1'), up] });
  expect(swept).toEqual([]);
});

it('a caller whom this release would let in unwarned, and the one before would not, is not taken up while it rings', async () => {
  const lines = new LoadedLines();
  lines.replaceBy([storedLine({ mode: 'paused' })]);
  const keeper = fakeKeeper();
  runner({}, { keeper, lines }).arrives('1.1');
  const kept = (await keeper.load()) ?? new Map<string, readonly KeptEntry[]>();
  const judged = (entry: KeptEntry): KeptEntry =>
    'effect' in entry && entry.effect.do === 'Screen'
      ? { ...entry, effect: { do: 'Screen', verdict: { ...entry.effect.verdict, treatment: 'warn' } } }
      : entry;
  const other = new Map([...kept].map(([call, entries]) => [call, entries.map(judged)]));
  const found = { channels: [channel('1.1')], bridges: [] };
  expect((await takenUp(kept, found)).calls.isRunning('1.1')).toBe(true);
  expect((await takenUp(other, found)).calls.isRunning('1.1')).toBe(false);
});
