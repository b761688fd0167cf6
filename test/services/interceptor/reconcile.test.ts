import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { Ari } from '../../../services/adapters/ari.ts';
import type { BridgeSighting, ChannelSighting } from '../../../services/adapters/ari-http.ts';
import type { Reply } from '../../../services/core/ports.ts';
import { letWaitingGo, takeOverLeftCalls } from '../../../services/interceptor/reconcile.ts';
import { until } from '../../support/until.ts';

type Doing = Partial<Omit<ChannelSighting, 'id'>>;

/** What a channel of this id does, unless told: a caller in the application, or a phone that rings for one. */
function sighting(id: string, doing: Doing = {}): ChannelSighting {
  const rung = id.includes('-');
  return {
    id,
    name: `PJSIP/${id}`,
    line: 'room-1',
    context: 'arrived',
    extension: 's',
    application: rung ? 'AppDial2' : 'Stasis',
    state: rung ? 'Ringing' : 'Up',
    given: rung ? '(Outgoing Line)' : 'clearline,inbound,01923555101,net',
    ...doing,
  };
}

/** An exchange with these channels and bridges, and AMI beside it; `asked` is what is asked of them. */
function exchange(channels: readonly (string | ChannelSighting)[] | null, bridges: readonly BridgeSighting[] = []) {
  const asked: string[] = [];
  const ok = async (request: string) => {
    asked.push(request);
    return { ok: true } as const;
  };
  const events: Ari['events'] = new EventEmitter();
  return {
    asked,
    events,
    listChannels: async () => channels?.map((one) => (typeof one === 'string' ? sighting(one) : one)) ?? null,
    listBridges: async () => bridges,
    hangUp: (channel: string, cause: number) => ok(`hang up ${channel} ${cause}`),
    redirect: async (channel: string, context: string, extension: string): Promise<Reply> =>
      ok(`${channel} to ${context}${extension === 's' ? '' : ` ${extension}`}`),
    continueInDialplan: async (channel: string, context: string): Promise<Reply> =>
      ok(`continue ${channel} in ${context}`),
    stopPlaying: (playback: string) => ok(`stop ${playback}`),
    isTaken: async (): Promise<boolean | null> => false,
    removeBridge: (bridge: string) => ok(`remove ${bridge}`),
  };
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const nobody = () => false;

it('hands a waiting caller to the dialplan, and hangs up a phone that rings for nobody', async () => {
  const ari = exchange(['1.1', '1.1-resident'], [{ id: '1.1-talk', channels: [] }]);
  await takeOverLeftCalls(ari, ari, nobody, silent);
  expect(ari.asked).toEqual(['1.1 to fallback-inbound', 'hang up 1.1-resident 16', 'remove 1.1-talk']);
});

it('hands a caller to the dialplan by ARI where AMI does not, after whatever played, but none whom the dialplan has', async () => {
  const ari = exchange(['1.1', '1.2']);
  const refusals: Readonly<Record<string, Reply>> = {
    1.1: { ok: false, gone: false, why: 'AMI is not connected' },
    1.2: { ok: false, gone: true, why: 'No such channel in Stasis' },
  };
  const ami = { redirect: async (channel: string) => refusals[channel] ?? { ok: true } };
  await takeOverLeftCalls(ari, ami, nobody, silent);
  await until('ARI is asked', () => ari.asked.includes('continue 1.1 in fallback-inbound'));
  expect(ari.asked.slice(0, 3)).toEqual(['stop 1.1-p1', 'stop 1.1-p2', 'stop 1.1-p3']);
  expect(ari.asked.at(-1)).toBe('continue 1.1 in fallback-inbound');
  expect(ari.asked.filter((request) => request.includes('1.2'))).toEqual([]);
});

it('lets whoever waits go before it takes the calls, and leaves conversations for later', async () => {
  const ari = exchange(
    ['1.1', '1.1-resident', '1.2', '1.2-resident'],
    [{ id: '1.2-talk', channels: ['1.2', '1.2-resident'] }],
  );
  expect(await letWaitingGo(ari, ari, silent, () => true)).toEqual(['1.1']);
  expect(ari.asked).toEqual(['1.1 to fallback-inbound', 'hang up 1.1-resident 16']);
});

it.each([
  ['another interceptor takes the calls', { isTaken: async () => true }],
  ['Asterisk does not say who takes the calls', { isTaken: async () => null }],
  ['Asterisk does not list its channels', { listChannels: async () => null }],
])('lets nobody go where %s', async (_, answers) => {
  const ari = exchange(['1.1']);
  expect(await letWaitingGo({ ...ari, ...answers }, ari, silent, () => true)).toEqual([]);
  expect(ari.asked).toEqual([]);
});

it('lets nobody go where the calls became its own while Asterisk told who waits', async () => {
  const ari = exchange(['1.1']);
  let due = true;
  const listChannels = async () => {
    due = false;
    return ari.listChannels();
  };
  expect(await letWaitingGo({ ...ari, listChannels }, ari, silent, () => due)).toEqual([]);
  expect(ari.asked).toEqual([]);
});

it('lets a conversation go on until one of them goes', async () => {
  const ari = exchange(['1.1', '1.1-resident'], [{ id: '1.1-talk', channels: ['1.1', '1.1-resident'] }]);
  await takeOverLeftCalls(ari, ari, nobody, silent);
  expect(ari.asked).toEqual([]);
  ari.events.emit('event', { type: 'ChannelGone', channel: '1.1', cause: 16, at: 0 });
  await until('the other is hung up', () => ari.asked.length === 2);
  expect(ari.asked).toEqual(['hang up 1.1-resident 16', 'remove 1.1-talk']);
});

it('leaves alone every leg and bridge of a call that runs, also one whose arrival was still on its way', async () => {
  const ari = exchange(
    ['1.1', '1.1-resident', '1.2', '1.2-resident', '1.3'],
    [
      { id: '1.1-talk', channels: ['1.1', '1.1-resident'] },
      { id: '1.2-talk', channels: [] },
    ],
  );
  const running = new Set(['1.1']);
  const done = takeOverLeftCalls(ari, ari, (call) => running.has(call), silent);
  running.add('1.2');
  await done;
  expect(ari.asked).toEqual(['1.3 to fallback-inbound']);
  ari.events.emit('event', { type: 'ChannelGone', channel: '1.1', cause: 16, at: 0 });
  expect(ari.asked).toHaveLength(1);
});

it('never touches what the dialplan has in hand, such as a call to 999', async () => {
  const dialling = { context: 'emergency', extension: '999', application: 'Dial', given: 'PJSIP/999@trunk-net' };
  const dialled = { application: 'AppDial', given: '(Outgoing Line)' };
  const ari = exchange(
    [sighting('1.7', dialling), sighting('1.8', dialled), sighting('1.1-resident', dialling)],
    [{ id: 'a4e8', channels: ['1.7', '1.8'] }],
  );
  await takeOverLeftCalls(ari, ari, nobody, silent);
  expect(ari.asked).toEqual([]);
});

it('lets a resident dial who waited for a word of Clearline, and one who came back to it', async () => {
  const waits = { context: 'outgoing', extension: '101', given: 'clearline,outgoing,101,room-1,101' };
  const back = { context: 'over-net', extension: '03001232040', given: 'clearline,back,CONGESTION,034' };
  const ari = exchange([sighting('1.1', waits), sighting('1.2', back)]);
  await takeOverLeftCalls(ari, ari, nobody, silent);
  expect(ari.asked).toEqual(['1.1 to fallback-outbound 101', '1.2 to fallback-outbound 03001232040']);
});

it('hangs up a leg that was to dial but has nobody to decide for it, and leaves one whose call runs', async () => {
  const stasis = { application: 'Stasis', given: 'clearline,leg,1.1,resident' };
  const ari = exchange([sighting('1.1-resident', stasis), sighting('1.2-resident', stasis)]);
  await takeOverLeftCalls(ari, ari, (call) => call === '1.2-resident', silent);
  expect(ari.asked).toEqual(['hang up 1.1-resident 16']);
});

it('takes away what listened to a caller for an earlier interceptor', async () => {
  const stasis = { application: 'Stasis', given: 'clearline' };
  const parties = [{ id: '1.1-talk', channels: ['1.1', '1.1-resident'] }];
  const ari = exchange(
    ['1.1', '1.1-resident', sighting('1.1-ear', stasis), sighting('1.1-wire', stasis)],
    [...parties, { id: '1.1-listen', channels: ['1.1-ear', '1.1-wire'] }],
  );
  await takeOverLeftCalls(ari, ari, nobody, silent);
  expect(ari.asked).toEqual(['hang up 1.1-ear 16', 'hang up 1.1-wire 16', 'remove 1.1-listen']);
});

it('rejects when Asterisk does not answer', async () => {
  const ari = exchange(null);
  await expect(takeOverLeftCalls(ari, ari, nobody, silent)).rejects.toThrow('does not list its channels');
});
