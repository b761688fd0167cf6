/**
 * Calls of one fraud: several lines rung by the same number or its neighbours, by somebody who says to be the same, with the
 * same story, or by more strangers at once than is usual. Plain data; times are UTC milliseconds since the epoch.
 */

/** What a campaign's calls have in common; the stronger comes first. */
export const campaignKinds = ['number', 'neighbours', 'claim', 'script', 'burst'] as const;
export type CampaignKind = (typeof campaignKinds)[number];

/** A call from somebody for whom nobody vouches, as far as campaigns are concerned. */
export interface Sighting {
  readonly call: string;
  readonly at: number;
  readonly line: string;
  readonly area: string;
  /** The number shown: E.164, or its digits where it is none. Null where it is withheld, absent, or vouched for. */
  readonly shown: string | null;
  /** The number the network gives, where it is another. */
  readonly network: string | null;
  /** Whom the caller says to be, by the name shown or by what staff heard. */
  readonly claim: string | null;
  /** Role and pretext, as staff heard them: `police/account-compromised`. */
  readonly script: string | null;
  /** Somebody reported it, or an incident was opened for it. */
  readonly reported: boolean;
  /** Staff took the call. */
  readonly byStaff: boolean;
  /** It showed a sign of forgery, or was blocked. */
  readonly suspect: boolean;
  /** False: somebody vouches for the number, so that the call is only remembered as one of it. */
  readonly counts: boolean;
  /** Of its incident, as far as it is read here; 0 where it has none. */
  readonly incidentVersion: number;
}

/** A sighting on record, and the campaign it belongs to. */
export interface PastSighting extends Sighting {
  readonly campaign: { readonly id: string; readonly kind: CampaignKind; readonly over: boolean } | null;
}

export interface Campaign {
  /** Of its day, its cause and its first call: found twice, it is one. */
  readonly id: string;
  readonly kind: CampaignKind;
  /** What the calls have in common: the number, its beginning, the role and the area (`claimKey`), role and pretext, or the area. */
  readonly key: string;
  readonly firstCall: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** The call by which it was found, and its arrival. */
  readonly foundBy: string;
  readonly foundAt: number;
  /** Sentences with figures that a person can check, as they were when it was found. */
  readonly reasons: readonly string[];
  readonly ended: { readonly at: number; readonly by: string; readonly why: string } | null;
}

/** A call of a campaign. */
export interface CampaignCall {
  readonly call: string;
  readonly at: number;
  readonly line: string;
  readonly area: string;
}

/** Strangers on a line's area are screened one step more strictly until then. */
export interface AreaGuard {
  readonly area: string;
  readonly until: number;
  readonly campaign: string;
}

/** The site's thresholds; config.campaigns is one. */
export interface CampaignRules {
  /** How far back calls of the same number belong together, and calls that have anything else in common. */
  readonly windowDays: number;
  readonly windowHours: number;
  /** Lines that the same number rings to make a campaign; and where one of the calls was reported, or staff heard the same story. */
  readonly lines: number;
  readonly linesIfReported: number;
  /** Lines that numbers alike but for the last two digits ring. */
  readonly neighbourLines: number;
  /** Lines of one area rung by callers who say to be the same. */
  readonly claimLines: number;
  /** Lines that strangers ring within so many minutes, where that happens by chance once in so many. */
  readonly burstLines: number;
  readonly burstMinutes: number;
  readonly burstOneIn: number;
  /** How long the guard stays raised after the last call. */
  readonly guardHours: number;
  /** A campaign without a call for so long is over. */
  readonly quietHours: number;
}

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Whether a campaign goes on at this moment: nobody had ended it, and it has not been quiet for too long. */
export function isOn(
  { ended, lastAt }: Campaign,
  at: number,
  { quietHours }: Pick<CampaignRules, 'quietHours'>,
): boolean {
  return (ended === null || at < ended.at) && at <= lastAt + quietHours * hourMs;
}

/** All but the last two digits of a number; a short one has no neighbours. */
export function blockOf(number: string): string {
  return number.startsWith('+') && number.length > 9 ? number.slice(0, -2) : number;
}

/** The numbers of a call, the network's first: it is the harder one to forge. */
export function numbersOf({ shown, network }: Pick<Sighting, 'shown' | 'network'>): string[] {
  return [network, shown].filter((number) => number !== null);
}

/**
 * Somebody in earnest says to be of a bank somewhere every day: only in one area does the same claim say something. A story that
 * staff heard from a fraudster counts wherever it is told.
 */
export function claimKey(claim: string, area: string): string {
  return `${claim}@${area}`;
}

/** By what a call may belong to a campaign, the strongest first. */
export function keysOf(sighting: Sighting): { readonly kind: CampaignKind; readonly key: string }[] {
  const numbers = numbersOf(sighting);
  const blocks = new Set(numbers.map(blockOf).filter((block) => !numbers.includes(block)));
  return [
    ...numbers.map((key) => ({ kind: 'number', key }) as const),
    ...[...blocks].map((key) => ({ kind: 'neighbours', key }) as const),
    ...(sighting.claim === null ? [] : [{ kind: 'claim', key: claimKey(sighting.claim, sighting.area) } as const]),
    ...(sighting.script === null ? [] : [{ kind: 'script', key: sighting.script } as const]),
  ];
}
