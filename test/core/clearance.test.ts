import { describe, expect, test } from 'vitest';
import { assessLine, type LineEvidence } from '../../services/core/clearance.ts';

/** What the two witnesses saw, how the trunk clears, and what follows. */

const nothing: LineEvidence = { ari: [], ami: [], clearing: 'proven', clearingSeconds: 0, sinceClearedMs: 0 };
const timed: LineEvidence = { ...nothing, clearing: 'timed', clearingSeconds: 300 };

const gateway = 'the trunk is an analogue gateway, which its far end can hold open';
const bothClear = 'ARI and AMI both see no channel of a suspect call';

test.each<[string, Partial<LineEvidence>, string[]]>([
  ['both see nothing', {}, [bothClear]],
  [
    'both see nothing, on a timed trunk whose time is up to the millisecond',
    { ...timed, sinceClearedMs: 300_000 },
    [bothClear],
  ],
  ['both see nothing, on a timed trunk long after', { ...timed, sinceClearedMs: 900_000 }, [bothClear]],
  ['both see nothing, on a timed trunk that needs no time', { ...timed, clearingSeconds: 0 }, [bothClear]],
  ['seconds named for a trunk that is proven do not count', { clearingSeconds: 300 }, [bothClear]],
])('clear: %s', (_, evidence, reasons) => {
  expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'clear', reasons });
});

test.each<[string, Partial<LineEvidence>, string[]]>([
  ['ARI sees one', { ari: ['1795.1'] }, ['1795.1']],
  ['AMI sees one', { ami: ['1795.1'] }, ['1795.1']],
  ['both see the same one', { ari: ['1795.1'], ami: ['1795.1'] }, ['1795.1']],
  ['each sees another', { ari: ['1795.1'], ami: ['1795.2'] }, ['1795.1', '1795.2']],
  ['one sees it, the other is silent', { ari: null, ami: ['1795.1'] }, ['1795.1']],
  ['one is seen on a timed trunk whose time is up', { ...timed, ami: ['1795.1'], sinceClearedMs: 900_000 }, ['1795.1']],
])('clearing: %s', (_, evidence, suspects) => {
  const reasons = suspects.map((channel) => `channel ${channel} still exists`);
  expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'clearing', suspects, reasons });
});

describe('held', () => {
  const silent = (who: string) => `${who} did not answer within a second`;
  test.each<[string, Partial<LineEvidence>, number, string[]]>([
    ['ARI is silent', { ari: null }, 1000, [silent('ARI')]],
    ['AMI is silent', { ami: null }, 1000, [silent('AMI')]],
    ['both are silent', { ari: null, ami: null }, 1000, [silent('ARI'), silent('AMI')]],
    ['a witness is silent on a timed trunk', { ...timed, ami: null }, 1000, [silent('AMI')]],
    ['a timed trunk was only just cleared', timed, 300_000, [gateway]],
    ['a timed trunk lacks a millisecond', { ...timed, sinceClearedMs: 299_999 }, 1, [gateway]],
  ])('%s', (_, evidence, waitMs, reasons) => {
    expect(assessLine({ ...nothing, ...evidence })).toEqual({ state: 'held', waitMs, reasons });
  });
});
