import { alertKinds, outcomes } from '../call.ts';
import type { Metrics } from '../metrics.ts';

/** Seconds, from what a machine does at once to what a resident waits for. */
const instants = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const waits = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600];
const rings = [0.05, 0.5, 1, 2, 5, 10, 15, 20, 30, 45, 60];

const numberClasses = ['emergency', 'guarded', 'premium', 'ordinary'] as const;

/** The spool tells of itself by its own figures. */
const countedAlerts = alertKinds.filter((kind) => !kind.startsWith('spool-'));

/** What calls are measured by; docs/watching.md says what to make of each. */
export const callMetrics = {
  clearline_inbound_calls_total: {
    kind: 'counter',
    help: 'Calls to a line that are over, by what was known of the caller, what was done, how it ended and who ended it.',
    labels: ['standing', 'treatment', 'outcome', 'by'],
  },
  clearline_outgoing_calls_total: {
    kind: 'counter',
    help: 'Calls from a line that are over, by what the number is (emergency, guarded, premium, ordinary) and how it ended.',
    labels: ['number', 'outcome'],
    from: numberClasses.flatMap((number) =>
      outcomes.filter(endsOutgoing).map((outcome): Readonly<Record<string, string>> => ({ number, outcome })),
    ),
  },
  clearline_reconstructed_calls_total: {
    kind: 'counter',
    help: 'Calls part of which nobody watched: another interceptor took them up, or found out their end afterwards.',
    labels: ['direction'],
    from: [{ direction: 'inbound' }, { direction: 'outgoing' }],
  },
  clearline_failed_effects_total: {
    kind: 'counter',
    help: 'What Clearline asked for in a call and was refused, or had no answer to.',
    labels: ['effect'],
  },
  clearline_broken_off_calls_total: {
    kind: 'counter',
    help: 'Calls in which Clearline itself failed, and of which it let go.',
    from: [{}],
  },
  clearline_clearing_seconds: {
    kind: 'histogram',
    help: 'caller: from the order to hang up until the channel was gone. line: from a guarded number being dialled until the line was found clear.',
    labels: ['what'],
    buckets: waits,
  },
  clearline_guarded_wait_seconds: {
    kind: 'histogram',
    help: 'From a guarded number being dialled until the resident was put through, in seconds.',
    buckets: waits,
  },
  clearline_ring_wait_seconds: {
    kind: 'histogram',
    help: "From the caller's INVITE until Clearline had the first telephone ring, screening included, in seconds.",
    labels: ['treatment'],
    buckets: rings,
  },
  clearline_reaction_seconds: {
    kind: 'histogram',
    help: 'arrival: from the INVITE, key: from the end of a digit, until what follows from it (words, ring, cut) was asked of Asterisk.',
    labels: ['to'],
    buckets: instants,
  },
  clearline_alerts_total: {
    kind: 'counter',
    help: 'Alerts to staff, by kind.',
    labels: ['kind'],
    from: countedAlerts.map((kind) => ({ kind })),
  },
} as const satisfies Metrics;

export type CallMetric = keyof typeof callMetrics;

function endsOutgoing(outcome: (typeof outcomes)[number]): boolean {
  switch (outcome) {
    case 'connected':
    case 'not-connected':
    case 'not-allowed':
    case 'called-back-later':
    case 'given-up':
    case 'cut-by-audit':
    case 'handled-by-staff':
    case 'failed':
      return true;
    default:
      return false;
  }
}
