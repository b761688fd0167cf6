import type { Incident, IncidentAction, IncidentDetails } from './incident.ts';
import { findAndMask } from './mask-incident.ts';
import type { Secret } from './mask-words.ts';

/** What staff come to know of an incident. Absent: unchanged. `null`: not known after all. Times are UTC milliseconds. */
export interface IncidentPatch {
  readonly at?: number;
  readonly line?: string | null;
  readonly resident?: string | null;
  readonly area?: string | null;
  readonly outcome?: IncidentDetails['outcome'];
  readonly endedBy?: IncidentDetails['endedBy'];
  readonly suspicion?: string | null;
  readonly caller?: Partial<IncidentDetails['caller']>;
  readonly asked?: IncidentDetails['asked'];
  readonly given?: IncidentDetails['given'];
  readonly loss?: Partial<IncidentDetails['loss']>;
  /** `null`: no courier after all. */
  readonly courier?: Partial<NonNullable<IncidentDetails['courier']>> | null;
  readonly victim?: Partial<IncidentDetails['victim']>;
  /** Added to those there are. */
  readonly actions?: readonly NewAction[];
  readonly notes?: readonly string[];
  readonly addCalls?: readonly string[];
  readonly removeCalls?: readonly string[];
  readonly status?: Incident['status'];
  /** Sets a legal hold, or gives the one there is another reason. */
  readonly hold?: { readonly why: string };
  /** Lifts it; the reason becomes a note. */
  readonly liftHold?: { readonly why: string };
}

/** `at` absent: now. */
export type NewAction = Pick<IncidentAction, 'what'> & Partial<Pick<IncidentAction, 'at' | 'reference' | 'note'>>;

export interface PatchFault {
  /** Where in the patch: `loss.recovered`. */
  readonly key: string;
  readonly found: unknown;
  readonly expected: string;
}

export type Changed =
  | { readonly incident: Incident; readonly removed: readonly Secret[]; readonly faults?: never }
  | { readonly incident?: never; readonly removed?: never; readonly faults: readonly PatchFault[] };

/**
 * The incident's next version, with its texts masked, and which secrets were taken out of what was new; or every reason why not.
 * The same version where the patch changes nothing.
 */
export function changeIncident(incident: Incident, patch: IncidentPatch, by: string, at: number): Changed {
  const faults = faultsOf(incident, patch, at);
  if (faults.length > 0) return { faults };
  const { incident: changed, removed } = findAndMask(apply(incident, patch, by, at));
  const same = JSON.stringify(changed) === JSON.stringify(incident);
  return { incident: same ? incident : { ...changed, version: incident.version + 1 }, removed };
}

const noCourier: NonNullable<IncidentDetails['courier']> = { at: null, description: null, vehicle: null };

function apply(incident: Incident, patch: IncidentPatch, by: string, at: number): Incident {
  const { actions = [], notes = [], addCalls = [], removeCalls = [], hold, liftHold, ...plain } = patch;
  const calls = [...new Set([...incident.calls, ...addCalls])].filter((call) => !removeCalls.includes(call));
  const lifted = liftHold === undefined ? [] : [`The legal hold was lifted: ${liftHold.why}`];
  const done = actions.map((action) => ({ at, reference: null, note: null, ...action, by }));
  return {
    ...incident,
    ...plain,
    caller: { ...incident.caller, ...patch.caller },
    loss: { ...incident.loss, ...patch.loss },
    courier: courierOf(incident, patch),
    victim: { ...incident.victim, ...patch.victim },
    actions: [...incident.actions, ...done].sort((a, b) => a.at - b.at),
    notes: [...incident.notes, ...[...notes, ...lifted].map((text) => ({ at, by, text }))],
    calls,
    legalHold: holdOf(incident, patch, by, at),
  };
}

function courierOf({ courier }: Incident, patch: IncidentPatch): Incident['courier'] {
  if (patch.courier === undefined) return courier;
  return patch.courier && { ...(courier ?? noCourier), ...patch.courier };
}

function holdOf({ legalHold }: Incident, patch: IncidentPatch, by: string, at: number): Incident['legalHold'] {
  if (patch.liftHold !== undefined) return null;
  if (patch.hold === undefined) return legalHold;
  // One that stands goes on: who set it, and since when, is what a court asks.
  return { since: at, by, ...legalHold, why: patch.hold.why };
}

/** What a field alone does not show. */
function faultsOf(incident: Incident, patch: IncidentPatch, now: number): PatchFault[] {
  const faults: PatchFault[] = [];
  const expect = (fine: boolean, key: string, found: unknown, expected: string) => {
    if (!fine) faults.push({ key, found, expected });
  };
  const past = (key: string, at: number | undefined) => {
    expect(at === undefined || at <= now, key, at && new Date(at).toISOString(), 'a time that is not in the future');
  };
  past('at', patch.at);
  for (const [index, action] of (patch.actions ?? []).entries()) past(`actions[${index}].at`, action.at);
  const { cash, recovered } = { ...incident.loss, ...patch.loss };
  const fits = recovered === null || recovered <= (cash ?? 0);
  expect(fits, 'loss.recovered', recovered, `no more than was lost, which is ${cash ?? 'not known'}`);
  const outcome = patch.outcome === undefined ? incident.outcome : patch.outcome;
  const told = patch.status !== 'closed' || outcome !== null;
  expect(told, 'outcome', outcome, 'how far it went, before the incident is closed');
  for (const call of patch.removeCalls ?? []) {
    expect(
      incident.calls.includes(call),
      'removeCalls',
      call,
      `one of its calls: ${incident.calls.join(', ') || 'none'}`,
    );
  }
  expect(!(patch.hold && patch.liftHold), 'liftHold', 'both', 'a hold that is set, or lifted');
  expect(!patch.liftHold || incident.legalHold !== null, 'liftHold', 'no hold', 'an incident with a legal hold');
  return faults;
}
