import type { CampaignRules, Sighting } from '../../services/core/campaign/campaign.ts';
import { campaigns } from '../../services/settings/campaigns.ts';
import { monday } from './finished-call.ts';

/** The thresholds that a site has which changed none. */
export const usualRules: CampaignRules = campaigns.parse({});

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

let made = 0;

/** A stranger's call of which nothing odd is known, each from another number, with what the test wants changed. */
export function sighting(changes: Partial<Sighting> = {}): Sighting {
  made += 1;
  return {
    call: `call-${String(made).padStart(4, '0')}`,
    at: monday,
    line: 'room-12',
    area: 'Oxhey',
    shown: `+44770090${String(made * 137)
      .padStart(6, '0')
      .slice(-6)}`,
    network: null,
    claim: null,
    script: null,
    reported: false,
    byStaff: false,
    suspect: false,
    counts: true,
    incidentVersion: 0,
    ...changes,
  };
}
