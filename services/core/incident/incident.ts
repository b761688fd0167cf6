/**
 * An attempted or successful fraud by telephone, as the home and the police need it: one incident may be several calls. Plain
 * data; times are UTC milliseconds since the epoch. It never holds what a fraudster asked for: no PIN, no card or account number.
 */

/** How far the fraud went; each step includes those before it. The police's own ladder. */
export const incidentOutcomes = [
  'not-answered',
  'realised',
  'details-disclosed',
  'agreed',
  'courier-attended',
  'handed-over',
  'money-withdrawn',
] as const;
export type IncidentOutcome = (typeof incidentOutcomes)[number];

/** How many steps up the ladder: 0 for nothing known. */
export function stepOf(outcome: IncidentOutcome | null): number {
  return outcome === null ? 0 : incidentOutcomes.indexOf(outcome) + 1;
}

/** Whom the caller said to be. */
export const claimedRoles = [
  'police',
  'bank',
  'tax-office',
  'telephone-company',
  'energy-company',
  'retailer',
  'delivery-company',
  'computer-support',
  'council',
  'health-service',
  'relative',
  'other',
] as const;
export type ClaimedRole = (typeof claimedRoles)[number];

/** What the caller gave as the reason for the call. */
export const pretexts = [
  'account-compromised',
  'card-misused',
  'relative-arrested',
  'investigation',
  'refund',
  'debt',
  'virus',
  'parcel',
  'investment',
  'prize',
  'other',
] as const;
export type Pretext = (typeof pretexts)[number];

/** The three rules of police and banks that a caller breaks. */
export const rules = ['asks-for-details', 'asks-to-withdraw', 'asks-to-send'] as const;
export type Rule = (typeof rules)[number];

/** Kinds of things asked for or given; never the things themselves. */
export const detailKinds = [
  'name',
  'address',
  'date-of-birth',
  'bank-name',
  'account-number',
  'card-number',
  'security-code',
  'pin',
  'password',
  'one-time-code',
  'remote-access',
  'card',
  'cash',
  'gold-or-goods',
  'transfer',
] as const;
export type DetailKind = (typeof detailKinds)[number];

export const actionKinds = [
  '999',
  '101',
  'report-fraud',
  '7726',
  'bank',
  'family',
  'safeguarding',
  'number-blocked',
  'other',
] as const;
export type ActionKind = (typeof actionKinds)[number];

/** Something done about an incident. `reference` is whatever the other side gave: a crime number, say. */
export interface IncidentAction {
  readonly what: ActionKind;
  readonly at: number;
  readonly by: string;
  readonly reference: string | null;
  readonly note: string | null;
}

/** What staff know of it; every part may be unknown, and is then null or empty. Free text is masked before it is stored. */
export interface IncidentDetails {
  readonly outcome: IncidentOutcome | null;
  /** Who ended the call, or the contact as a whole. */
  readonly endedBy: 'resident' | 'caller' | 'staff' | 'clearline' | 'other' | null;
  readonly suspicion: string | null;
  readonly caller: {
    readonly name: string | null;
    readonly rank: string | null;
    /** The bank or force he claimed to be of. */
    readonly organisation: string | null;
    readonly role: ClaimedRole | null;
    readonly callBackNumber: string | null;
    readonly pretext: Pretext | null;
    readonly secrecyDemanded: boolean | null;
    readonly rulesBroken: readonly Rule[];
    readonly words: string | null;
  };
  readonly asked: readonly DetailKind[];
  readonly given: readonly DetailKind[];
  /** In pence. */
  readonly loss: { readonly cash: number | null; readonly recovered: number | null };
  readonly courier: {
    readonly at: number | null;
    readonly description: string | null;
    readonly vehicle: string | null;
  } | null;
  readonly victim: {
    readonly contact: string | null;
    readonly ageBand: 'under-60' | '60-69' | '70-79' | '80-89' | '90-or-over' | null;
    readonly needs: string | null;
    /** The victim agrees that the police and partners are told. */
    readonly consent: boolean | null;
  };
  readonly actions: readonly IncidentAction[];
  readonly notes: readonly { readonly at: number; readonly by: string; readonly text: string }[];
}

export const incidentStatuses = ['open', 'closed', 'mistaken'] as const;

export interface Incident extends IncidentDetails {
  /** `incident-<call>` where a call opened it, so that it is opened once; else minted. */
  readonly id: string;
  /** Of the fraud, or its first call. */
  readonly at: number;
  readonly openedAt: number;
  /** `clearline` for itself, `resident`, or the name of the member of staff. */
  readonly openedBy: string;
  readonly openedFor: 'reported' | 'ghost-dial' | 'fake-dial-tone' | 'returned-call' | 'staff';
  readonly line: string | null;
  readonly resident: string | null;
  readonly area: string | null;
  /** Ids of its calls, oldest first. */
  readonly calls: readonly string[];
  readonly campaign: string | null;
  /** `mistaken`: it was no fraud after all, and counts nowhere. */
  readonly status: (typeof incidentStatuses)[number];
  /** Nothing of it, its calls and their recordings is removed while it stands. */
  readonly legalHold: { readonly since: number; readonly by: string; readonly why: string } | null;
  /** 1 when opened; one more with each change. */
  readonly version: number;
}

/** With these in hand somebody can empty an account, or has the money. */
const emptying: ReadonlySet<DetailKind> = new Set([
  'card-number',
  'security-code',
  'pin',
  'password',
  'one-time-code',
  'remote-access',
  'card',
  'cash',
  'gold-or-goods',
  'transfer',
]);

/** Somebody may still be stopped from losing what they have, or the bank may get it back: there is no time to lose. */
export function isMoneyAtRisk({ outcome, given }: Pick<IncidentDetails, 'outcome' | 'given'>): boolean {
  return stepOf(outcome) >= stepOf('agreed') || given.some((kind) => emptying.has(kind));
}

/** What is known when nobody has said anything yet. */
export const nothingKnown: IncidentDetails = {
  outcome: null,
  endedBy: null,
  suspicion: null,
  caller: {
    name: null,
    rank: null,
    organisation: null,
    role: null,
    callBackNumber: null,
    pretext: null,
    secrecyDemanded: null,
    rulesBroken: [],
    words: null,
  },
  asked: [],
  given: [],
  loss: { cash: null, recovered: null },
  courier: null,
  victim: { contact: null, ageBand: null, needs: null, consent: null },
  actions: [],
  notes: [],
};
