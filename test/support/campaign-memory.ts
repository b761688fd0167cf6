import { type Assessment, assessCampaign } from '../../services/core/campaign/assess.ts';
import {
  blockOf,
  type Campaign,
  type CampaignRules,
  claimKey,
  isOn,
  keysOf,
  numbersOf,
  type PastSighting,
  type Sighting,
} from '../../services/core/campaign/campaign.ts';
import { type NumberPast, withoutVouched } from '../../services/core/campaign/vouch.ts';
import { day, hour, minute } from './sightings.ts';

interface Noted {
  readonly sighting: Sighting;
  campaign: Campaign | null;
}

/**
 * Campaigns in memory, for histories of a million calls: the decisions are the core's own, and a bench holds it to what SQL
 * answers. Calls must come in the order of their times.
 */
export class MemoryCampaigns {
  readonly campaigns = new Map<string, Campaign>();
  private readonly rules: CampaignRules;
  private readonly byCause = new Map<string, Set<string>>();
  private readonly byKey = new Map<string, Noted[]>();
  private readonly hours = new Map<string, Map<number, number>>();

  constructor(rules: CampaignRules) {
    this.rules = rules;
  }

  /** What becomes of a call; `judged` is what of it was noted. */
  follow(seen: Sighting): Assessment & { readonly judged: Sighting } {
    const { sighting } = withoutVouched(
      seen,
      numbersOf(seen).map((number) => this.past(number, seen)),
    );
    const noted = this.note(sighting);
    if (!sighting.counts) return { state: 'none', reasons: ['somebody vouches for the caller'], judged: sighting };
    const near = this.near(sighting);
    const assessment = assessCampaign(
      sighting,
      {
        near: near.map((each) => this.pastSighting(each, sighting.at)),
        usual: this.usual(sighting),
        campaigns: this.named(sighting, near),
        own: null,
      },
      this.rules,
    );
    if (assessment.state === 'none') return { ...assessment, judged: sighting };
    const campaign = this.standing(assessment.campaign);
    this.campaigns.set(campaign.id, campaign);
    const cause = `${campaign.kind} ${campaign.key}`;
    this.byCause.set(cause, (this.byCause.get(cause) ?? new Set()).add(campaign.id));
    const ids = new Set(assessment.calls.map(({ call }) => call));
    for (const each of [noted, ...near]) if (ids.has(each.sighting.call)) each.campaign ??= campaign;
    return { ...assessment, campaign, judged: sighting };
  }

  /** As SQL has it: where one of the same cause goes on, that one. */
  private causes({ kind, key }: Pick<Campaign, 'kind' | 'key'>): Campaign[] {
    const ids = this.byCause.get(`${kind} ${key}`) ?? new Set();
    return [...ids].map((id) => this.campaigns.get(id)).filter((each) => each !== undefined);
  }

  private standing(found: Campaign): Campaign {
    const going = this.causes(found).find(
      (each) =>
        each.id !== found.id &&
        each.kind === found.kind &&
        each.key === found.key &&
        isOn(each, found.foundAt, this.rules),
    );
    return going && !this.campaigns.has(found.id) ? { ...going, lastAt: Math.max(going.lastAt, found.lastAt) } : found;
  }

  private note(sighting: Sighting): Noted {
    const noted = { sighting, campaign: null };
    const { area, claim, script, at } = sighting;
    const numbers = numbersOf(sighting);
    const keys = [
      ...new Set(numbers.map((number) => `block ${blockOf(number)}`)),
      ...numbers.map((number) => `past ${area} ${number}`),
      ...(claim === null ? [] : [`claim ${claimKey(claim, area)}`]),
      ...(script === null ? [] : [`script ${script}`]),
      `area ${area}`,
    ];
    for (const key of keys) this.listOf(key, at).push(noted);
    if (!sighting.counts) return noted;
    const hours = this.hours.get(area) ?? new Map<number, number>();
    this.hours.set(area, hours);
    const now = Math.floor(at / hour);
    hours.set(now, (hours.get(now) ?? 0) + 1);
    return noted;
  }

  /** Without what is too old to matter for this kind of key. */
  private listOf(key: string, at: number): Noted[] {
    const { windowDays, windowHours, burstMinutes } = this.rules;
    const keptMs = key.startsWith('past')
      ? 28 * day
      : key.startsWith('block')
        ? windowDays * day
        : key.startsWith('area')
          ? burstMinutes * minute
          : windowHours * hour;
    const list = this.byKey.get(key) ?? [];
    this.byKey.set(key, list);
    const keep = list.findIndex(({ sighting }) => sighting.at >= at - keptMs);
    list.splice(0, keep < 0 ? list.length : keep);
    return list;
  }

  private near(sighting: Sighting): Noted[] {
    const { area, claim, script, at } = sighting;
    const keys = [
      ...numbersOf(sighting).map((number) => `block ${blockOf(number)}`),
      ...(claim === null ? [] : [`claim ${claimKey(claim, area)}`]),
      ...(script === null ? [] : [`script ${script}`]),
      `area ${area}`,
    ];
    return [...new Set(keys.flatMap((key) => this.listOf(key, at)))].filter((each) => each.sighting.counts);
  }

  private pastSighting({ sighting, campaign }: Noted, at: number): PastSighting {
    const now = campaign && (this.campaigns.get(campaign.id) ?? campaign);
    return { ...sighting, campaign: now && { id: now.id, kind: now.kind, over: !isOn(now, at, this.rules) } };
  }

  private named(sighting: Sighting, near: readonly Noted[]): Campaign[] {
    const ids = new Set(near.map(({ campaign }) => campaign?.id).filter((id) => id !== undefined));
    const nearby = [...ids].map((id) => this.campaigns.get(id)).filter((each) => each !== undefined);
    return [...nearby, ...keysOf(sighting).flatMap((cause) => this.causes(cause))];
  }

  private usual({ area, at }: Sighting) {
    const hours = this.hours.get(area) ?? new Map<number, number>();
    const now = Math.floor(at / hour);
    const [oldest = now] = hours.keys();
    const days = Math.max(0, Math.min(28, Math.floor((now - oldest) / 24)));
    let calls = 0;
    for (let back = 1; back <= days; back += 1) {
      for (const beside of [-1, 0, 1]) calls += hours.get(now - back * 24 + beside) ?? 0;
    }
    return { calls, hours: days * 3, days };
  }

  private past(number: string, { area, at }: Sighting): NumberPast {
    const calls = this.listOf(`past ${area} ${number}`, at);
    const earlier = calls.filter(({ sighting }) => sighting.at < at - this.rules.windowDays * day);
    return {
      number,
      trustedOn: null,
      ownOf: null,
      days: new Set(earlier.map(({ sighting }) => Math.floor(sighting.at / day))).size,
      byStaff: calls.filter(({ sighting }) => sighting.byStaff).length,
      reported: calls.filter(({ sighting }) => sighting.reported).length,
    };
  }
}
