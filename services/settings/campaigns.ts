import { z } from 'zod';

/** When calls of strangers are taken for one campaign; docs/campaigns.md says what each figure was measured to do. */

const count = (least: number, most: number, fallback: number, unit = 'a whole number') => {
  const error = `${unit} between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(fallback);
};

export const campaigns = z
  .strictObject({
    enabled: z.boolean({ error: 'true or false' }).default(true),
    /** How far back calls of the same number belong together, and calls that have anything else in common. */
    windowDays: count(1, 14, 2, 'whole days'),
    windowHours: count(1, 72, 12, 'whole hours'),
    /** Lines that one number rings; and where one of its calls was reported, or staff heard the same story. */
    lines: count(2, 100, 3),
    linesIfReported: count(2, 100, 2),
    /** Lines that numbers ring which differ in their last two digits only. */
    neighbourLines: count(2, 100, 3),
    /** Lines of one area rung by callers who say to be the same. */
    claimLines: count(2, 100, 3),
    /** Lines that strangers ring within so many minutes, where chance brings that about once in so many such stretches. */
    burstLines: count(3, 1000, 5),
    burstMinutes: count(5, 180, 60, 'whole minutes'),
    burstOneIn: count(1000, 1_000_000_000, 100_000),
    /** How long the area's guard stays raised after a campaign's last call. */
    guardHours: count(1, 168, 12, 'whole hours'),
    /** A campaign without a call for so long is over. */
    quietHours: count(1, 336, 48, 'whole hours'),
  })
  .prefault({});
