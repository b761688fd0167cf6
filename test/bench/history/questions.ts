import type { Store } from '../../../services/adapters/sql/store.ts';
import { assessCampaign } from '../../../services/core/campaign/assess.ts';
import { withoutVouched } from '../../../services/core/campaign/vouch.ts';
import { tally, trendOf } from '../../../services/core/incident/counts.ts';
import { incidentOutcomes, incidentStatuses } from '../../../services/core/incident/incident.ts';
import { monday } from '../../support/finished-call.ts';
import { day, hour, minute, sighting, usualRules } from '../../support/sightings.ts';
import { begin, days, type MadeHistory, recipients } from './made.ts';

/** One thing that staff, the console or the worker ask. `ask` is asked many times, each time with another `turn`. */
export interface Question {
  readonly what: string;
  /** Milliseconds: of 99 of 100 askings, or on average where `onAverage` is true. */
  readonly most: number;
  /** Nobody waits for the single one. */
  readonly onAverage?: true;
  ask(store: Store, turn: number): Promise<unknown>;
}

const outcomes = ['talked', 'reported', 'refused', 'challenge-failed', 'ghost-dialled'];
const standings = ['trusted', 'unvouched', 'suspect', 'blocked'];
const limit = 50;

/** Any moment of the two years, another each turn. */
const moment = (turn: number) => begin + ((turn * 7919) % days) * day;
const digits = (turn: number, count: number) => String((turn * 48_271 + 11) % 10 ** count).padStart(count, '0');
const pick = <T>(from: readonly [T, ...T[]] | readonly T[], turn: number) => from[turn % from.length] as T;

export function questionsOf(history: MadeHistory): readonly Question[] {
  return [...aboutCalls(history), ...aboutIncidents(history), ...aboutTheRest(history), ...ofTheWorker(history)].map(
    (question) => ({ most: 100, ...question }),
  );
}

type Asked = Omit<Question, 'most'> & { readonly most?: number };

function aboutCalls(history: MadeHistory): readonly Asked[] {
  const list = (what: string, filter: (turn: number) => object): Asked => ({
    what: `calls: ${what}`,
    ask: ({ calls }, turn) => calls.list({ limit, ...filter(turn) }),
  });
  return [
    list('newest 50', () => ({})),
    list('of a line', (turn) => ({ line: history.line(turn) })),
    list('by outcome', (turn) => ({ outcome: pick(outcomes, turn) })),
    list('by standing', (turn) => ({ standing: pick(standings, turn) })),
    list('from lines', () => ({ direction: 'outgoing' })),
    list('of a day', (turn) => ({ since: moment(turn), until: moment(turn) + day })),
    list('of a line and outcome, of a year', (turn) => ({
      line: history.line(turn),
      outcome: pick(outcomes, turn),
      since: monday - 365 * day,
    })),
    list('by outcome and standing', (turn) => ({ outcome: pick(outcomes, turn), standing: pick(standings, turn + 1) })),
    list('from lines, by outcome', (turn) => ({ direction: 'outgoing', outcome: pick(outcomes, turn) })),
    list('from a number on record', (turn) => ({ from: `+447${100_000_000 + ((turn * 4231) % 400_000) * 1999}` })),
    list('from a number that never called', (turn) => ({ from: `01494 ${digits(turn, 6)}` })),
    list('from numbers that begin so', (turn) => ({ from: `077${digits(turn, 1 + (turn % 6))}` })),
    list('from numbers that end so', (turn) => ({ from: digits(turn, 3 + (turn % 4)) })),
    list('from a number, to a line, of a month', (turn) => ({
      from: `01923 5${digits(turn, 2)}`,
      line: history.line(turn),
      since: monday - 30 * day,
    })),
    list('to 101', () => ({ to: '101' })),
    list('to whose number it is', () => ({ to: 'police' })),
    list('to a number never dialled', (turn) => ({ to: `01494 ${digits(turn, 6)}` })),
    {
      what: 'calls: one, with its journal',
      ask: async ({ calls }, turn) => {
        const [call] = await calls.list({ limit: 1, until: moment(turn) + day });
        return calls.find(call?.id ?? '');
      },
    },
  ];
}

function aboutIncidents(history: MadeHistory): readonly Asked[] {
  const list = (what: string, filter: (turn: number) => object): Asked => ({
    what: `incidents: ${what}`,
    ask: ({ incidents }, turn) => incidents.list({ limit, ...filter(turn) }),
  });
  const counts = (what: string, back: number): Asked => ({
    what: `counts by area and outcome: ${what}`,
    ask: async ({ incidents }, turn) => {
      const until = monday - ((turn * 13) % 30) * day;
      const found = await incidents.counts({ since: until - back * day, until });
      return [tally(found), trendOf(found)];
    },
  });
  return [
    list('newest 50', () => ({})),
    list('of a line', (turn) => ({ line: history.line(turn) })),
    list('of an area', (turn) => ({ area: history.area(turn) })),
    list('by outcome', (turn) => ({ outcome: pick(incidentOutcomes, turn) })),
    list('by status', (turn) => ({ status: pick(incidentStatuses, turn) })),
    list('of a campaign', (turn) => ({ campaign: `campaign-${turn}` })),
    list('of an area and outcome, of a month', (turn) => ({
      area: history.area(turn),
      outcome: pick(incidentOutcomes, turn),
      since: monday - 30 * day,
    })),
    counts('a day', 1),
    counts('a week', 7),
    counts('a month', 30),
    counts('a year', 365),
    counts('two years', days),
    {
      what: 'trend: the twelve months of a year',
      ask: ({ incidents }) =>
        Promise.all(
          Array.from({ length: 12 }, (_, month) =>
            incidents.counts({ since: monday - (month + 1) * 30 * day, until: monday - month * 30 * day }),
          ),
        ),
    },
  ];
}

function aboutTheRest(history: MadeHistory): readonly Asked[] {
  return [
    { what: 'alerts: newest 50', ask: ({ alerts }) => alerts.list({ limit }) },
    { what: 'alerts: of a line', ask: ({ alerts }, turn) => alerts.list({ limit, line: history.line(turn) }) },
    { what: 'deliveries: newest 50', ask: ({ deliveries }) => deliveries.list({ limit }) },
    { what: 'deliveries: dead letters', ask: ({ deliveries }) => deliveries.list({ limit, states: ['failed'] }) },
    {
      what: 'deliveries: to somebody',
      ask: ({ deliveries }, turn) => deliveries.list({ limit, recipient: pick(recipients, turn) }),
    },
    { what: 'deliveries: how many failed', ask: ({ deliveries }) => deliveries.count('failed') },
    { what: 'campaigns: newest 50', ask: ({ campaigns }) => campaigns.list({ limit }) },
    {
      what: 'campaigns: of the last month',
      ask: ({ campaigns }) => campaigns.list({ limit, since: monday - 30 * day }),
    },
    {
      what: 'suggested contacts: of a line',
      ask: ({ contacts }, turn) => contacts.candidates(history.line(turn), monday - 90 * day, 3),
    },
    {
      what: 'suggested contacts: of every line',
      ask: ({ contacts }) => contacts.candidates(null, monday - 90 * day, 3),
    },
    ...(['calls', 'incidents', 'alerts', 'sightings', 'access'] as const).map((kind) => ({
      what: `retention: what is due next, of ${kind}`,
      ask: ({ retention }: Store, turn: number) =>
        retention.survey(kind, monday - 365 * day, { at: begin + (turn % 300) * day, id: '' }, 500),
    })),
  ];
}

/** What is done once for each call of a stranger. */
function ofTheWorker(history: MadeHistory): readonly Asked[] {
  return [
    {
      what: 'the campaign check of a call',
      most: 5,
      onAverage: true,
      ask: async ({ campaigns }, turn) => {
        const seen = sighting({
          call: `new-${turn}`,
          at: monday - (turn % 40) * hour + minute,
          line: history.line(turn * 3),
          area: history.area(turn * 3),
          shown: `+447${100_000_000 + ((turn * 4231) % 400_000) * 1999}`,
          claim: turn % 5 === 0 ? 'police' : null,
        });
        const { sighting: judged } = withoutVouched(seen, await campaigns.pasts(seen, usualRules));
        return assessCampaign(judged, await campaigns.evidence(judged, usualRules), usualRules);
      },
    },
  ];
}
