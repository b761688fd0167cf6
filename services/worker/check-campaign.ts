import { assessCampaign } from '../core/campaign/assess.ts';
import type { Campaign, CampaignRules, Sighting } from '../core/campaign/campaign.ts';
import { areaMark } from '../core/campaign/id.ts';
import { sightingOf } from '../core/campaign/sight.ts';
import type { Added, CampaignStore } from '../core/campaign/store.ts';
import { withoutVouched } from '../core/campaign/vouch.ts';
import type { AlertQueue, CallStore } from '../core/ports.ts';
import type { IncidentStore } from '../core/stores.ts';
import type { Log } from '../log.ts';
import type { Round } from './rounds.ts';
import { isSuspect, type SuspectStep } from './suspects.ts';

interface Parts {
  readonly campaigns: CampaignStore;
  readonly incidents: Pick<IncidentStore, 'ofCall' | 'change'>;
  readonly alerts: AlertQueue;
  readonly rules: CampaignRules;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * The step that looks whether a suspect call belongs to a campaign: notes it, and where it does, puts it into the campaign, raises
 * the guard of its area, links its incident, and alerts staff once for each area. May be done any number of times for the same call.
 */
export function checkCampaign(parts: Parts): SuspectStep {
  const { campaigns, incidents, rules, log } = parts;
  return async ({ record }) => {
    const seen = sightingOf(record, await incidents.ofCall(record.id));
    if (seen === null) return;
    const { sighting, reasons } = withoutVouched(seen, await campaigns.pasts(seen, rules));
    await campaigns.note(sighting);
    if (!sighting.counts) return log.debug({ call: record.id, reasons }, 'somebody vouches for the caller elsewhere');
    const assessment = assessCampaign(sighting, await campaigns.evidence(sighting, rules), rules);
    if (assessment.state === 'none') return log.debug({ call: record.id, reasons: assessment.reasons }, 'no campaign');
    const added = await campaigns.add(assessment, sighting, rules);
    log.info(
      { call: record.id, campaign: added.campaign.id, state: assessment.state },
      'the call belongs to a campaign',
    );
    for (const { call } of assessment.calls) await linkIncident(parts, call, added.campaign);
    await alertAreas(parts, sighting, added);
  };
}

/** Another change of the incident meanwhile is no loss: the call is looked at again for it. */
async function linkIncident({ incidents, now }: Parts, call: string, { id }: Campaign): Promise<void> {
  const incident = await incidents.ofCall(call);
  if (incident === null || incident.campaign !== null) return;
  await incidents.change({ ...incident, campaign: id, version: incident.version + 1 }, 'clearline', now());
}

async function alertAreas(
  { alerts }: Parts,
  { call, at, area: own }: Sighting,
  { campaign, areas }: Added,
): Promise<void> {
  for (const area of areas) {
    const first = campaign.foundBy === call && area === own;
    const id = first ? `campaign-${campaign.id}` : `campaign-${campaign.id}-${areaMark(area)}`;
    await alerts.put({ id, kind: 'campaign', at, line: '', call, area, campaign: campaign.id });
  }
}

/** The round that puts on record which campaigns are over: what is kept of them is counted from then. */
export function endQuietCampaigns(
  campaigns: Pick<CampaignStore, 'endQuiet'>,
  rules: CampaignRules,
  now: () => number,
): Round {
  return () => campaigns.endQuiet(now(), rules);
}

/** How far back changed incidents are looked for, in milliseconds: a worker may have been away. */
const changedWithinMs = 7 * 86_400_000;
const atOnce = 100;

/** The round that looks anew at calls whose incident was changed since: staff may have said whom the caller claimed to be. */
export function recheckIncidents(
  store: { readonly calls: Pick<CallStore, 'find'>; readonly campaigns: Pick<CampaignStore, 'outdated'> },
  check: SuspectStep,
  now: () => number,
): Round {
  const recheck = async (id: string) => {
    const call = await store.calls.find(id);
    if (call !== null && isSuspect(call)) await check(call);
  };
  return async () => {
    const failures: unknown[] = [];
    for (const id of await store.campaigns.outdated(now() - changedWithinMs, atOnce)) {
      await recheck(id).catch((err: unknown) => failures.push(err));
    }
    // One that fails each time must not keep the others from ever being looked at.
    if (failures.length > 0) throw failures[0];
  };
}
