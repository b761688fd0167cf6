import { z } from 'zod';

/** What may be allowed a line for a while, and when a number is suggested for its list; docs/contacts.md. */

const count = (least: number, most: number, fallback: number, unit: string) => {
  const error = `${unit} between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(fallback);
};

export const contacts = z
  .strictObject({
    /** How long screening of a line may rest, and a caller be expected, at a stretch. */
    longestPauseHours: count(1, 72, 24, 'whole hours'),
    longestWindowHours: count(1, 72, 24, 'whole hours'),
    /** Calls that staff took, or in which a warned resident talked for so long, after which a number is suggested. */
    suggestAfterCalls: count(2, 100, 3, 'a whole number'),
    suggestTalkSeconds: count(10, 3600, 120, 'whole seconds'),
    suggestWithinDays: count(1, 365, 90, 'whole days'),
  })
  .prefault({});
