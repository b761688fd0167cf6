import type { Sighting } from '../../services/core/campaign/campaign.ts';
import { campaignPlans, type Plan, planned } from './campaign-plans.ts';
import { Dice } from './dice.ts';
import { monday } from './finished-call.ts';
import { day, hour, minute } from './sightings.ts';

/**
 * Histories of strangers' calls to the lines of many areas, the same again for the same seed: honest people, firms and clubs who
 * ring one line or several, and campaigns of fraud planted among them. The rates are assumptions, each named where it stands.
 */

export interface HistoryCall {
  readonly sighting: Sighting;
  /** Who is behind it; `fraud` has the name of its campaign in `planted`. */
  readonly source: Source;
  readonly planted: string | null;
}

export const honestSources = ['person', 'hospital', 'depot', 'organiser', 'surgery', 'firm'] as const;
export type Source = (typeof honestSources)[number] | 'fraud';

export interface HistorySize {
  readonly seed: number;
  readonly areas: number;
  readonly linesPerArea: number;
  /** Days between campaigns in one area, on average; the first 28 days have none. */
  readonly daysBetweenCampaigns: number;
}

/** Calls of strangers that a line gets in a day from people who ring no other. */
const personsADay = 0.6;
/** The share of those who withhold their number. */
const withheldShare = 0.1;
/** Weight of each hour of the day: few at night, most before noon and after tea. */
const hourly = [1, 0.5, 0.5, 0.5, 0.5, 1, 3, 8, 25, 50, 60, 55, 45, 42, 50, 55, 60, 58, 50, 35, 20, 10, 4, 2];

interface Area {
  readonly name: string;
  readonly lines: readonly [string, ...string[]];
  readonly hospital: string;
  readonly depot: string;
}

export class CampaignHistory {
  readonly areas: readonly [Area, ...Area[]];
  /** First call of each campaign that was planted so far. */
  readonly planted = new Map<
    string,
    { readonly kind: string; readonly area: string; readonly from: number; to: number }
  >();
  /** Nothing is planted while this is so, as in the first 28 days. */
  quiet = false;
  private readonly dice: Dice;
  private readonly size: HistorySize;
  private calls = 0;
  /** Calls that were planned for later days. */
  private later: HistoryCall[] = [];

  constructor(size: HistorySize) {
    this.size = size;
    this.dice = new Dice(size.seed);
    const made = Array.from({ length: size.areas }, (_, index): Area => {
      const lines = Array.from({ length: size.linesPerArea }, (_, line) => `a${index}-${line}`);
      return {
        name: `Area ${index}`,
        lines: lines as [string, ...string[]],
        hospital: this.landline().slice(0, -2),
        depot: this.landline(),
      };
    });
    this.areas = made as [Area, ...Area[]];
  }

  /** One day's calls, oldest first. Days must be asked for in their order, from 0. */
  day(index: number): readonly HistoryCall[] {
    const start = midnight + index * day;
    const calls = this.areas.flatMap((area) => [...this.people(area, start), ...this.houses(area, start)]);
    if (index >= 28 && !this.quiet) for (const area of this.areas) calls.push(...this.frauds(area, start));
    const all = [...this.later, ...calls].sort((a, b) => a.sighting.at - b.sighting.at);
    const next = start + day;
    this.later = all.filter(({ sighting }) => sighting.at >= next);
    return all.filter(({ sighting }) => sighting.at < next);
  }

  /** People who ring one line; some ring it again within days. One in a hundred shows the name of a bank or a power company in earnest. */
  private people(area: Area, start: number): HistoryCall[] {
    return range(this.poisson(personsADay * area.lines.length)).flatMap(() => {
      const line = this.dice.pick(area.lines);
      const shown = this.dice.happens(withheldShare) ? null : this.dice.happens(0.6) ? this.mobile() : this.landline();
      const claim = this.dice.happens(0.01)
        ? this.dice.pick(['bank', 'energy-company', 'telephone-company'] as const)
        : null;
      const first = this.call('person', area, { line, at: this.time(start), shown, claim });
      if (!this.dice.happens(0.2)) return [first];
      return [
        first,
        this.call('person', area, { line, at: this.time(start + this.dice.below(6) * day), shown, claim }),
      ];
    });
  }

  /** Those who ring many lines in earnest, and stand on no list. */
  private houses(area: Area, start: number): HistoryCall[] {
    const calls: HistoryCall[] = [];
    const { hospital, depot, lines } = area;
    // A hospital with a hundred extensions, half of its calls withheld: it rings a line twice a year.
    for (const _ of range(this.poisson(lines.length / 180))) {
      const shown = this.dice.happens(0.5) ? null : `${hospital}${this.two()}`;
      calls.push(this.call('hospital', area, { line: this.dice.pick(lines), at: this.time(start), shown }));
    }
    // A depot whose drivers ring before they come: a line gets a parcel call every sixty days.
    for (const _ of range(this.poisson(lines.length / 60))) {
      calls.push(this.call('depot', area, { line: this.dice.pick(lines), at: this.time(start), shown: depot }));
    }
    // Somebody who organises an outing, or mends roofs, rings a few residents of an area one day in ninety.
    if (this.dice.happens(1 / 90)) {
      const shown = this.mobile();
      const count = this.dice.happens(0.6) ? 2 : this.dice.happens(0.6) ? 3 : 5;
      calls.push(...this.round('organiser', area, count, shown, this.time(start), 6 * hour));
    }
    // A firm that asks many whether they were content, once, from a number never seen before: one day in ninety, two lines or three.
    if (this.dice.happens(1 / 90))
      calls.push(...this.round('firm', area, 2 + this.dice.below(2), this.landline(), this.time(start), 3 * day));
    // The surgery calls people in, its number withheld: eight lines in four hours, one day in ninety.
    if (this.dice.happens(1 / 90)) calls.push(...this.round('surgery', area, 8, null, start + 9 * hour, 4 * hour));
    return calls;
  }

  private round(
    source: Source,
    area: Area,
    count: number,
    shown: string | null,
    at: number,
    spanMs: number,
  ): HistoryCall[] {
    return this.some(area.lines, count).map((line) =>
      this.call(source, area, { line, at: at + this.dice.below(spanMs), shown }),
    );
  }

  private frauds(area: Area, start: number): HistoryCall[] {
    if (!this.dice.happens(1 / this.size.daysBetweenCampaigns)) return [];
    const plan: Plan = this.dice.pick(campaignPlans);
    const name = `${plan.kind}-${this.planted.size}`;
    const begin = start + (8 + this.dice.below(8)) * hour;
    const numbers = { mobile: () => this.mobile(), landline: () => this.landline(), two: () => this.two() };
    const neighbour = this.dice.pick(this.areas);
    const places = plan.areas > 1 ? [area, neighbour] : [area];
    // Fraudsters go from one line to the next.
    const lines = places.map((place) => this.some(place.lines, place.lines.length));
    const calls = planned(plan, this.dice, numbers).map(({ after, ...fields }, index) => {
      const turn = index % places.length;
      const place = places[turn] ?? area;
      const sighting = { line: lines[turn]?.pop() ?? place.lines[0], at: begin + after, ...fields };
      return { ...this.call('fraud', place, sighting), planted: name };
    });
    const times = calls.map(({ sighting }) => sighting.at);
    this.planted.set(name, { kind: plan.kind, area: area.name, from: Math.min(...times), to: Math.max(...times) });
    return calls;
  }

  private call(
    source: Source,
    area: Area,
    fields: Partial<Sighting> & Pick<Sighting, 'line' | 'at' | 'shown'>,
  ): HistoryCall {
    this.calls += 1;
    const sighting: Sighting = {
      call: `${this.size.seed}-${this.calls}`,
      area: area.name,
      network: null,
      claim: null,
      script: null,
      reported: false,
      byStaff: false,
      suspect: false,
      counts: true,
      incidentVersion: 0,
      ...fields,
    };
    return { sighting, source, planted: null };
  }

  private time(start: number): number {
    let left = this.dice.next() * hourlySum;
    const at = hourly.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return start + Math.max(0, at) * hour + this.dice.below(60 * minute);
  }

  private mobile(): string {
    return `+447${String(100_000_000 + this.dice.below(900_000_000))}`;
  }

  private landline(): string {
    return `+441${String(100_000_000 + this.dice.below(900_000_000))}`;
  }

  private two(): string {
    return String(this.dice.below(100)).padStart(2, '0');
  }

  private some<T>(from: readonly T[], count: number): T[] {
    const left = [...from];
    return range(Math.min(count, left.length)).flatMap(() => left.splice(this.dice.below(left.length), 1));
  }

  private poisson(mean: number): number {
    const least = Math.exp(-mean);
    let count = -1;
    for (let product = 1; product > least; product *= this.dice.next()) count += 1;
    return Math.max(0, count);
  }
}

const midnight = monday - 10 * hour;
const hourlySum = hourly.reduce((sum, weight) => sum + weight, 0);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
