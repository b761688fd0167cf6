import {
  blockOf,
  type Campaign,
  type CampaignKind,
  campaignKinds,
  type Sighting,
} from '../../core/campaign/campaign.ts';
import type { CampaignsTable, SightingsTable } from './schema.ts';
import { fromText, toText } from './text.ts';

/** Campaigns and the calls they are found by, as rows and back. */

const textOrNull = (value: string | null) => (value === null ? null : toText(value));
const orNull = (stored: string | null) => (stored === null ? null : fromText(stored));
const bit = (value: boolean) => (value ? 1 : 0);

export function columnsOfCampaign(campaign: Campaign): CampaignsTable {
  const { ended } = campaign;
  return {
    id: toText(campaign.id),
    kind: campaign.kind,
    key: toText(campaign.key),
    first_call: toText(campaign.firstCall),
    first_at: campaign.firstAt,
    last_at: campaign.lastAt,
    found_by: toText(campaign.foundBy),
    found_at: campaign.foundAt,
    reasons: JSON.stringify(campaign.reasons),
    ended_at: ended?.at ?? null,
    ended_by: textOrNull(ended?.by ?? null),
    ended_why: textOrNull(ended?.why ?? null),
  };
}

export function readCampaign(row: CampaignsTable): Campaign {
  const { ended_at, ended_by, ended_why } = row;
  return {
    id: fromText(row.id),
    kind: kindOf(row.kind),
    key: fromText(row.key),
    firstCall: fromText(row.first_call),
    firstAt: row.first_at,
    lastAt: row.last_at,
    foundBy: fromText(row.found_by),
    foundAt: row.found_at,
    reasons: JSON.parse(row.reasons),
    ended: ended_at === null ? null : { at: ended_at, by: fromText(ended_by ?? ''), why: fromText(ended_why ?? '') },
  };
}

/** One that a newer release may have written is taken for the broadest, under which nothing is absorbed by its key. */
function kindOf(stored: string): CampaignKind {
  return campaignKinds.find((kind) => kind === stored) ?? 'burst';
}

export function columnsOfSighting(sighting: Sighting): SightingsTable {
  const { shown, network } = sighting;
  return {
    call_id: toText(sighting.call),
    at: sighting.at,
    line: toText(sighting.line),
    area: toText(sighting.area),
    shown: textOrNull(shown),
    shown_block: shown === null ? null : toText(blockOf(shown)),
    network: textOrNull(network),
    network_block: network === null ? null : toText(blockOf(network)),
    claim: textOrNull(sighting.claim),
    script: textOrNull(sighting.script),
    reported: bit(sighting.reported),
    by_staff: bit(sighting.byStaff),
    suspect: bit(sighting.suspect),
    counts: bit(sighting.counts),
    incident_version: sighting.incidentVersion,
  };
}

export function readSighting(row: SightingsTable): Sighting {
  return {
    call: fromText(row.call_id),
    at: row.at,
    line: fromText(row.line),
    area: fromText(row.area),
    shown: orNull(row.shown),
    network: orNull(row.network),
    claim: orNull(row.claim),
    script: orNull(row.script),
    reported: row.reported !== 0,
    byStaff: row.by_staff !== 0,
    suspect: row.suspect !== 0,
    counts: row.counts !== 0,
    incidentVersion: row.incident_version,
  };
}
