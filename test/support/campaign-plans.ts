import type { Sighting } from '../../services/core/campaign/campaign.ts';
import type { Dice } from './dice.ts';
import { day, hour, minute } from './sightings.ts';

/** How fraudsters go about it, for histories with campaigns planted in them. */

export interface Plan {
  readonly kind: string;
  /** Calls: at least, and at most. */
  readonly calls: readonly [number, number];
  /** From the first call to the last, in milliseconds, at most. */
  readonly spanMs: number;
  /** Areas rung in turn. */
  readonly areas: 1 | 2;
}

export const campaignPlans: readonly [Plan, ...Plan[]] = [
  { kind: 'one number', calls: [4, 10], spanMs: 2 * day, areas: 1 },
  { kind: 'one number, four days', calls: [5, 8], spanMs: 4 * day, areas: 1 },
  { kind: 'one number, two areas', calls: [4, 10], spanMs: 2 * day, areas: 2 },
  { kind: 'network number alike, another shown each time', calls: [4, 10], spanMs: day, areas: 1 },
  { kind: 'neighbouring numbers', calls: [5, 12], spanMs: 8 * hour, areas: 1 },
  { kind: 'says police, number changes', calls: [4, 8], spanMs: 10 * hour, areas: 1 },
  { kind: 'staff heard the story of half the calls', calls: [6, 12], spanMs: 20 * hour, areas: 2 },
  { kind: 'numbers withheld, ten lines in forty minutes', calls: [10, 14], spanMs: 40 * minute, areas: 1 },
  { kind: 'nothing in common, three hours', calls: [5, 8], spanMs: 3 * hour, areas: 1 },
];

interface Numbers {
  mobile(): string;
  landline(): string;
  two(): string;
}

type Planned = Pick<Sighting, 'shown'> & Partial<Sighting> & { readonly after: number };

/** The calls of one campaign, by the time after its begin. */
export function planned({ kind, calls: [least, most], spanMs }: Plan, dice: Dice, numbers: Numbers): Planned[] {
  const number = numbers.mobile();
  const block = numbers.landline().slice(0, -2);
  return Array.from({ length: least + dice.below(most - least + 1) }, (): Planned => {
    const after = dice.below(spanMs);
    switch (kind) {
      case 'one number':
      case 'one number, four days':
      case 'one number, two areas':
        return { after, shown: number };
      case 'network number alike, another shown each time':
        return { after, shown: numbers.landline(), network: number, suspect: true };
      case 'neighbouring numbers':
        return { after, shown: `${block}${numbers.two()}` };
      case 'says police, number changes':
        return { after, shown: numbers.mobile(), claim: 'police' };
      case 'staff heard the story of half the calls':
        return dice.happens(0.5)
          ? { after, shown: numbers.mobile(), claim: 'bank', script: 'bank/card-misused', reported: true }
          : { after, shown: numbers.mobile() };
      case 'numbers withheld, ten lines in forty minutes':
        return { after, shown: null };
      default:
        return { after, shown: numbers.mobile() };
    }
  });
}
