import { expect, test } from 'vitest';
import { scoreHistory } from '../../support/campaign-score.ts';
import { usualRules } from '../../support/sightings.ts';

/** The short form of `npm run bench:campaigns`: what docs/campaigns.md promises, on four months of ten areas. */
const score = scoreHistory({ seed: 11, areas: 10, linesPerArea: 40, daysBetweenCampaigns: 20 }, 120, usualRules);
const found = (kind: string) => {
  const row = score.planted.get(kind);
  return row ? row.found / row.count : null;
};

test.each([
  'one number',
  'one number, two areas',
  'one number, four days',
  'network number alike, another shown each time',
  'neighbouring numbers',
  'says police, number changes',
])('every campaign is found: %s', (kind) => {
  expect(score.planted.get(kind)?.count).toBeGreaterThan(1);
  expect(found(kind)).toBe(1);
  expect(score.planted.get(kind)?.atCall).toBeLessThan(4.5);
});

test('most of those that have only their time or their story in common are found', () => {
  expect(found('numbers withheld, ten lines in forty minutes')).toBeGreaterThanOrEqual(0.7);
  expect(found('staff heard the story of half the calls')).toBeGreaterThanOrEqual(0.6);
});

test('what has nothing in common and is slow is not found, and nobody promises it', () => {
  expect(found('nothing in common, three hours')).toBeLessThan(0.5);
});

test('honest callers make fewer than twenty-five false alarms in a thousand quiet days of an area', () => {
  expect(score.calls).toBeGreaterThan(30_000);
  expect(score.quietDays).toBeGreaterThan(900);
  expect(score.falseRate).toBeLessThan(25);
});
