import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EndedNotes } from '../../../services/adapters/ami-ended.ts';
import type { JournalEntry } from '../../../services/core/call.ts';
import { numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import { type FinishedCall, foldRecord } from '../../../services/core/record.ts';
import { LoadedLines } from '../../../services/interceptor/line/line-book.ts';
import { NotedCalls } from '../../../services/interceptor/restart/noted-calls.ts';
import { fakeFactQueue } from '../../support/fake-stores.ts';
import { finishedCall, monday, storedLine } from '../../support/finished-call.ts';
import { memoryLog } from '../../support/log.ts';

const inbound = (ended = 10_000) =>
  `1 inbound begun=${monday / 1000}.000 ended=${((monday + ended) / 1000).toFixed(3)} cause=19 state=Up stasis=FAILED ` +
  `dial=NOANSWER talked= peer= by=dialplan/builtin hold=300 line=room-12 dialled=01923555012 trunk=net ` +
  `from=${btoa('"PC Jones" <sip:02079460999@x>')} asserted= privacy= diversion= call-id=YQ== agent= source= number=`;
const outgoing = (line = 'room-12') =>
  `1 outgoing begun=${monday / 1000}.000 ended=${(monday + 10_000) / 1000}.000 cause=16 state=Up stasis= dial=ANSWER ` +
  `talked=3000 peer=PJSIP/trunk-net-00000003 by=PJSIP/room-12-00000002 line=${line} number= written= emergency=999`;

/** AstDB behind AMI, and a home with one line. */
function home() {
  const kept = new Map<string, string>();
  const state = { away: false, now: monday + 60_000, running: new Set<string>() };
  const notes: EndedNotes = {
    list: async (page) =>
      state.away ? null : [...kept].filter(([id]) => id.endsWith(page)).map(([call, text]) => ({ call, text })),
    read: async (call) => (state.away ? null : (kept.get(call) ?? null)),
    remove: async (call) => {
      if (state.away) return { ok: false, gone: false, why: 'AMI is not connected' };
      kept.delete(call);
      return { ok: true };
    },
  };
  const lines = new LoadedLines();
  lines.replaceBy([storedLine()]);
  const [facts, log] = [fakeFactQueue(), memoryLog()];
  const noted = new NotedCalls({
    notes,
    facts,
    lines,
    log,
    isRunning: (call) => state.running.has(call),
    numbers: numberRules(gb, { guarded: [], emergency: [], premium: [], ordinary: [], doNotOriginate: [] } as never),
    arrivals: { trunks: new Map(), doNotOriginate: new Set(), staffed: false },
    trunks: [{ name: 'net' }],
    clock: () => state.now,
  });
  return { kept, state, facts, log, noted };
}

let site: ReturnType<typeof home>;

beforeEach(() => {
  site = home();
});

afterEach(() => {
  vi.useRealTimers();
});

it('puts calls that nobody watched on record, once, and takes their notes away', async () => {
  const { kept, facts, noted } = site;
  kept.set('a-1795358400.17', inbound()).set('a-1795358400.8', outgoing());
  await noted.look();
  await noted.look();
  expect(kept.size).toBe(0);
  expect(facts.calls).toMatchObject([
    {
      revision: -1,
      record: {
        id: 'a-1795358400.17',
        line: 'room-12',
        trunk: 'net',
        reconstructed: true,
        caller: { name: 'PC Jones', presentation: { e164: '+442079460999' }, signs: [] },
        ending: { outcome: 'no-answer' },
      },
    },
    {
      revision: -1,
      record: { id: 'a-1795358400.8', trunk: 'net', number: { class: 'emergency' }, by: 'phone', outOf: null },
    },
  ]);
});

it('knows the call out of which a leg dialled that Clearline rang', async () => {
  site.kept.set('a-1795358400.17-resident', outgoing());
  await site.noted.look();
  expect(site.facts.calls).toMatchObject([{ record: { by: 'ghost-dial', outOf: 'a-1795358400.17' } }]);
});

it('leaves a call alone that runs, or that ended a moment ago', async () => {
  const { kept, facts, state, noted } = site;
  kept.set('a-1.17', inbound()).set('a-1.18', inbound(59_000));
  state.running.add('a-1.17');
  await noted.look();
  expect([facts.calls.length, kept.size]).toEqual([0, 2]);
  state.now += 5_000;
  await noted.look();
  expect(facts.calls.map(({ record }) => record.id)).toEqual(['a-1.18']);
  expect([...kept.keys()]).toEqual(['a-1.17']);
});

it('takes the note of a call away that is on record, also one that is written afterwards, and makes no record of it', async () => {
  vi.useFakeTimers();
  const { kept, facts, noted } = site;
  const queue = noted.tidying(fakeFactQueue());
  noted.start();
  kept.set('1795358400.17', inbound());
  await queue.put(finishedCall());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(kept.size).toBe(0);
  kept.set('1795358400.17', inbound());
  await vi.advanceTimersByTimeAsync(5_000);
  await noted.close();
  expect([kept.size, facts.calls.length]).toEqual([0, 0]);
});

it('forgets no call whose record was refused', async () => {
  const refusing = fakeFactQueue();
  refusing.away = true;
  await expect(site.noted.tidying(refusing).put(finishedCall())).rejects.toThrow('away');
  site.kept.set('1795358400.17', inbound());
  await site.noted.look();
  expect(site.facts.calls).toHaveLength(1);
});

it('lets the notes wait while AMI or the queue is away', async () => {
  const { kept, facts, state, log, noted } = site;
  kept.set('a-1.17', inbound());
  state.away = true;
  await noted.look();
  expect(await noted.noteOf('a-1.17')).toBeNull();
  state.away = false;
  facts.away = true;
  await noted.look();
  expect([kept.size, facts.calls.length]).toEqual([1, 0]);
  expect(log.lines.map(({ level }) => level)).toEqual(['warn']);
  facts.away = false;
  await noted.look();
  expect([kept.size, facts.calls.length]).toEqual([0, 1]);
});

it('tells once of a note that it cannot read or whose line is no more, and goes on with the others', async () => {
  const { kept, facts, log, noted } = site;
  kept.set('a-1.01', 'rubbish').set('a-1.02', outgoing('room-99')).set('a-1.03', inbound());
  await noted.look();
  await noted.look();
  expect(facts.calls.map(({ record }) => record.id)).toEqual(['a-1.03']);
  expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  expect([...kept.keys()]).toEqual(['a-1.01', 'a-1.02']);
});

it('says nothing in the log of who called in a note that it cannot read: base64 hides a name from the mask alone', async () => {
  const { kept, log, noted } = site;
  const error = vi.spyOn(log, 'error');
  kept.set('a-1.01', inbound().replace('1 inbound', '2 inbound'));
  await noted.look();
  expect(error).toHaveBeenCalledTimes(1);
  expect(JSON.stringify(error.mock.calls)).not.toContain(btoa('"PC Jones" <sip:02079460999@x>'));
});

it('says when a call ended, and its cause', async () => {
  site.kept.set('a-1.17', inbound());
  expect(await site.noted.noteOf('a-1.17')).toMatchObject({ endedAt: monday + 10_000, cause: 19 });
  expect(await site.noted.noteOf('a-1.18')).toBeNull();
});

it('puts a call on record by its note although an account of it is there whose end nobody knew', async () => {
  const { kept, facts, noted } = site;
  await noted.tidying(fakeFactQueue()).put({ ...finishedCall(), revision: -2 });
  kept.set('1795358400.17', inbound());
  await noted.look();
  expect(facts.calls).toMatchObject([{ revision: -1, record: { id: '1795358400.17' } }]);
});

it('still knows the end of a call that it put on record: what was kept of it may come to light later', async () => {
  const { kept, noted } = site;
  kept.set('a-1795358400.17', inbound());
  await noted.look();
  expect(kept.size).toBe(0);
  expect(await noted.noteOf('a-1795358400.17')).toMatchObject({ endedAt: monday + 10_000, cause: 19 });
});

/** A call that Clearline failed in before anybody had answered. */
function letGo(): FinishedCall {
  const { dialled, trunk, caller, signalling } = finishedCall().record;
  const unknown = { held: false, engaged: false, calledBefore: false, staffed: false, random: 0 };
  const at = monday + 2_000;
  const journal: readonly JournalEntry[] = [
    {
      at: monday,
      event: { type: 'Arrived', at: monday, line: storedLine(), dialled, trunk, caller, signalling, ...unknown },
    },
    { at, event: { type: 'BrokenOff', at, why: 'no such sound' } },
    { at, effect: { do: 'Conclude', ending: { outcome: 'failed', by: 'clearline', cause: 16 } } },
  ];
  return { record: foldRecord('1795358400.17', journal), journal };
}

const connected = inbound()
  .replace('stasis=FAILED', 'stasis=SUCCESS')
  .replace('dial=NOANSWER talked=', 'dial=ANSWER talked=5000')
  .replace('peer= by=dialplan/builtin', 'peer=PJSIP/room-12-00000003 by=PJSIP/room-12-00000003');

it('completes the account of a call that Clearline let go of with what the dialplan made of it', async () => {
  const { kept, facts, noted } = site;
  await noted.tidying(fakeFactQueue()).put(letGo());
  kept.set('1795358400.17', connected);
  facts.away = true;
  await noted.look();
  expect(kept.size).toBe(1);
  facts.away = false;
  await noted.look();
  await noted.look();
  expect(kept.size).toBe(0);
  expect(facts.calls).toHaveLength(1);
  expect(facts.calls).toMatchObject([
    {
      revision: 2,
      record: {
        connectedAt: monday + 5_000,
        endedAt: monday + 10_000,
        holdSeconds: 300,
        reconstructed: true,
        faults: ['broken off: no such sound'],
        ending: { outcome: 'talked', by: 'resident' },
      },
    },
  ]);
});

it('leaves the account as it is where the dialplan dialled nobody for a call that Clearline let go of', async () => {
  const { kept, facts, noted } = site;
  await noted.tidying(fakeFactQueue()).put(letGo());
  kept.set('1795358400.17', connected.replace('dial=ANSWER talked=5000', 'dial= talked='));
  await noted.look();
  expect([kept.size, facts.calls.length]).toEqual([0, 0]);
});
