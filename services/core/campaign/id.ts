import type { CampaignKind, Sighting } from './campaign.ts';

/**
 * A campaign's id, from its cause: `20261123-k3f9q2wz`. The day is that of its first call, UTC. The rest is a hash, so that no
 * number stands in it, and only tells campaigns of one day apart.
 */
export function campaignId(kind: CampaignKind, key: string, first: Pick<Sighting, 'call' | 'at'>): string {
  const day = new Date(first.at).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}-${hash(JSON.stringify([kind, key, first.call]))}`;
}

/** Two runs of FNV-1a (32 bits) from different beginnings, eight characters. */
function hash(text: string): string {
  const run = (start: number) => {
    let sum = start;
    for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
    return (sum >>> 0).toString(36).padStart(7, '0').slice(-4);
  };
  return run(0x811c9dc5) + run(0x9747b28c);
}

/** An area, in what may stand in an id. */
export function areaMark(area: string): string {
  return hash(area).slice(0, 4);
}
