import { z } from 'zod';
import type { Fault } from '../config-faults.ts';
import type { Periods } from '../core/retention/periods.ts';

/** How long each kind of data is kept; docs/retention.md says why for so long. */

const longestDays = 36_500;

const days = (least: number, fallback: number) => {
  const error = `whole days between ${least} and ${longestDays}, or forever`;
  const number = z.int({ error }).min(least, { error }).max(longestDays, { error });
  return z.union([number, z.literal('forever', { error })], { error }).default(fallback);
};

export const retention = z
  .strictObject({
    /** When what is due is removed each night, in the site's zone. */
    at: z
      .string({ error: 'a time in quotes between "00:00" and "23:59"' })
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time in quotes between "00:00" and "23:59"' })
      .default('03:30'),
    /** Recordings: what a caller said to be called, messages left, conversations. */
    nameDays: days(1, 31),
    messageDays: days(1, 93),
    conversationDays: days(1, 93),
    /** Records of calls with their journals, and whatever is still recorded of them. */
    callDays: days(30, 400),
    /** Alerts, and to whom they were delivered. */
    alertDays: days(30, 400),
    /** What the search for campaigns remembers of calls. */
    sightingDays: days(30, 93),
    /** From the last change of an incident that is closed. */
    incidentDays: days(90, 2192),
    /** Who heard, saw or took away what; and who lifted holds. */
    accessDays: days(180, 2192),
  })
  .prefault({});

type RetentionSettings = z.output<typeof retention>;

/** The periods by kind, in days; null: for ever. */
export function periodsOf(settings: RetentionSettings): Periods {
  const of = (value: number | 'forever') => (value === 'forever' ? null : value);
  return {
    incidents: of(settings.incidentDays),
    names: of(settings.nameDays),
    messages: of(settings.messageDays),
    conversations: of(settings.conversationDays),
    calls: of(settings.callDays),
    alerts: of(settings.alertDays),
    sightings: of(settings.sightingDays),
    access: of(settings.accessDays),
  };
}

/** A recording goes with its call, however long it was to be kept. */
export function retentionFaults({ retention: settings }: { readonly retention: RetentionSettings }): Fault[] {
  const { callDays } = settings;
  if (callDays === 'forever') return [];
  return (['nameDays', 'messageDays', 'conversationDays'] as const)
    .filter((key) => settings[key] === 'forever' || settings[key] > callDays)
    .map((key) => ({ path: ['retention', key], expected: `at most retention.callDays (${callDays})` }));
}
