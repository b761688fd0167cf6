import { describe, expect, test } from 'vitest';
import {
  assessDeparture,
  assessLine,
  channelsOnLine,
  type LineEvidence,
  permittedTrunks,
  type Sighting,
  strangersAmongPeers,
} from '../../services/core/clearance.ts';

/** What the two witnesses saw of a line, and what follows. */

function saw(channels: readonly string[] = [], peers: readonly string[] = []): Sighting {
  return { at: 1, tookMs: 1, channels, peers };
}

const nothing: LineEvidence = { ari: saw(), ami: saw(), expectedPeer: null, timedTrunks: [], releases: [] };
const timed = (trunk: string, leftMs: number) => ({ trunk, leftMs });

const bothClear = 'ARI and AMI both see nobody else on the line';
const exists = (channel: string) => `channel ${channel} still exists`;
const isConnected = (channel: string) => `${channel} is connected to the resident`;
const silent = (who: string) => `${who} did not answer within a second`;

test.each<[string, Partial<LineEvidence>]>([
  ['both see nothing', {}],
  ['an analogue trunk may be held open: that is the trunk’s matter', { timedTrunks: [timed('gateway', 300_000)] }],
  ['no carrier has answered our goodbye', { releases: [{ channel: '1.1', state: 'awaited' }] }],
  [
    'the resident is connected to whom they called',
    { ari: saw([], ['2.1']), ami: saw([], ['2.1']), expectedPeer: '2.1' },
  ],
])('clear: %s', (_, evidence) => {
  expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'clear', reasons: [bothClear] });
});

test.each<[string, Partial<LineEvidence>, string[], string[]]>([
  ['ARI sees one', { ari: saw(['1.1']) }, ['1.1'], [exists('1.1')]],
  ['AMI sees one', { ami: saw(['1.1']) }, ['1.1'], [exists('1.1')]],
  ['both see the same one', { ari: saw(['1.1']), ami: saw(['1.1']) }, ['1.1'], [exists('1.1')]],
  ['each sees another', { ari: saw(['1.1']), ami: saw(['1.2']) }, ['1.1', '1.2'], [exists('1.1'), exists('1.2')]],
  ['one sees it, the other is silent', { ari: null, ami: saw(['1.1']) }, ['1.1'], [exists('1.1')]],
  ['one is connected to the resident', { ami: saw([], ['1.1']) }, ['1.1'], [isConnected('1.1')]],
  [
    'one is connected beside whom they called',
    { ari: saw([], ['2.1', '1.1']), expectedPeer: '2.1' },
    ['1.1'],
    [isConnected('1.1')],
  ],
  [
    'one is connected and another waits',
    { ari: saw(['1.1', '1.2'], ['1.2']) },
    ['1.2', '1.1'],
    [isConnected('1.2'), exists('1.1')],
  ],
])('clearing: %s', (_, evidence, suspects, reasons) => {
  expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'clearing', suspects, reasons });
});

test.each<[string, Partial<LineEvidence>, string[]]>([
  ['ARI is silent', { ari: null }, [silent('ARI')]],
  ['AMI is silent', { ami: null }, [silent('AMI')]],
  ['both are silent', { ari: null, ami: null }, [silent('ARI'), silent('AMI')]],
])('held: %s', (_, evidence, reasons) => {
  expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'held', waitMs: 1000, reasons });
});

test('what the witnesses see is one list, whoever saw it', () => {
  const evidence: LineEvidence = {
    ...nothing,
    ari: saw(['1.1', '1.2'], ['2.1']),
    ami: saw(['1.2', '1.3'], ['2.1', '1.3']),
    expectedPeer: '2.1',
  };
  expect(channelsOnLine(evidence)).toEqual(['1.1', '1.2', '1.3']);
  expect(strangersAmongPeers(evidence)).toEqual(['1.3']);
});

test.each<[string, string[], string[], LineEvidence['timedTrunks'], string[]]>([
  ['in the site’s order', ['a', 'b'], [], [], ['a', 'b']],
  ['the suspect’s last', ['a', 'b', 'c'], ['a'], [], ['b', 'c', 'a']],
  ['the suspect’s alone', ['a'], ['a'], [], ['a']],
  ['never one that may be held open', ['a', 'b'], [], [timed('a', 1)], ['b']],
  ['nor where it is the only one', ['a'], [], [timed('a', 90_000)], []],
  ['one whose time is up', ['a'], [], [timed('a', 0)], ['a']],
  ['rather the suspect’s than one that may be held open', ['a', 'b'], ['b'], [timed('a', 1)], ['b']],
  ['none where there is none', [], ['a'], [timed('a', 1)], []],
])('trunks: %s', (_, trunks, suspectTrunks, timedTrunks, permitted) => {
  expect(permittedTrunks(trunks, suspectTrunks, timedTrunks)).toEqual(permitted);
});

describe('a departure', () => {
  const held = (trunk: string, seconds: number) => `the far end may hold trunk ${trunk} open for ${seconds} s more`;
  test('is as clear as the line where a trunk may carry it', () => {
    const evidence = { ...nothing, timedTrunks: [timed('a', 5_000)] };
    expect(assessDeparture(evidence, ['a', 'b'])).toEqual(assessLine(evidence));
  });
  test('is as clear as the line where there is no trunk at all', () => {
    expect(assessDeparture(nothing, []).state).toBe('clear');
  });
  test('waits for the first of the trunks that may be held open', () => {
    const evidence = { ...nothing, timedTrunks: [timed('a', 90_400), timed('b', 5_000), timed('other', 1)] };
    expect(assessDeparture(evidence, ['a', 'b'])).toEqual({
      state: 'held',
      waitMs: 5_000,
      reasons: [held('a', 91), held('b', 5)],
    });
  });
  test('has nobody connected yet, not even whom the resident calls', () => {
    const evidence = { ...nothing, ari: saw([], ['2.1']), expectedPeer: '2.1' };
    expect(assessDeparture(evidence, ['a'])).toMatchObject({ state: 'clearing', suspects: ['2.1'] });
  });
  test('waits for the line first', () => {
    const evidence = { ...nothing, ari: saw(['1.1']), timedTrunks: [timed('a', 5_000)] };
    expect(assessDeparture(evidence, ['a'])).toMatchObject({ state: 'clearing', suspects: ['1.1'] });
  });
});
