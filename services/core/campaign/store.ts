import type { Assessment, Evidence } from './assess.ts';
import type { AreaGuard, Campaign, CampaignCall, CampaignRules, Sighting } from './campaign.ts';
import type { NumberPast } from './vouch.ts';

/** Campaigns on record, and what they are found by. */
export interface CampaignStore {
  /** What is known of each number of this call, for `withoutVouched`. */
  pasts(sighting: Sighting, rules: CampaignRules): Promise<readonly NumberPast[]>;
  /**
   * Notes a call; one that is noted already takes what has become known of it since. To be done before `evidence`: of two workers
   * with calls of one campaign the later sees both.
   */
  note(sighting: Sighting): Promise<void>;
  evidence(sighting: Sighting, rules: CampaignRules): Promise<Evidence>;
  /**
   * Puts calls into a campaign and raises the guard on their areas, all or nothing; again and from several workers without harm.
   * Where another campaign of the same cause goes on by then, they are put into that one; where somebody ended it, no guard is raised.
   */
  add(found: Extract<Assessment, { campaign: Campaign }>, by: Sighting, rules: CampaignRules): Promise<Added>;
  /** Calls noted before their incident's last change, of those changed since then (UTC ms): they are to be noted anew. */
  outdated(since: number, limit: number): Promise<readonly string[]>;
  find(id: string): Promise<CampaignSummary | null>;
  /** Newest last call first. */
  list(filter: CampaignFilter): Promise<readonly CampaignSummary[]>;
  /** Oldest first. */
  calls(id: string): Promise<readonly CampaignCall[]>;
  /** Puts on record that those without a call for so long are over. */
  endQuiet(now: number, rules: CampaignRules): Promise<void>;
  /** Ends it and lowers its guards; false where there is none, or it was ended before. */
  end(id: string, ended: NonNullable<Campaign['ended']>): Promise<boolean>;
}

export interface Added {
  /** As it is on record. */
  readonly campaign: Campaign;
  /** Areas that this call brought in: their staff are to be told. The same when it is done again. */
  readonly areas: readonly string[];
}

export interface CampaignSummary {
  readonly campaign: Campaign;
  readonly calls: number;
  readonly lines: number;
  /** In the order in which they were reached. */
  readonly areas: readonly string[];
  /** Guards that this campaign has raised, run out or not. */
  readonly guards: readonly AreaGuard[];
}

export interface CampaignFilter {
  readonly area?: string;
  /** UTC ms: only those with a call at or after it. */
  readonly since?: number;
  readonly limit: number;
}
