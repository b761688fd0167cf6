import { z } from 'zod';
import type { KeptHolds } from '../adapters/ami-holds.ts';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import { ariAddress, ariOf } from './ari.ts';
import { bansInForce } from './bans.ts';
import { type Finding, look } from './finding.ts';
import { timedTrunksOf } from './hold.ts';
import { findLamps } from './line-lamps.ts';
import { findEndpoints } from './status-endpoints.ts';
import { count } from './table.ts';
import { withAmi } from './witnesses.ts';
import type { World } from './world.ts';

/** What Asterisk says of itself, of Clearline in it, of trunks, phones and lines. */

const info = z.looseObject({
  system: z.looseObject({ version: z.string() }),
  /** `2026-11-22T18:53:59.448+0000` */
  status: z.looseObject({ startup_time: z.string().transform((written) => Date.parse(written)) }),
});
const applications = z.array(z.looseObject({ name: z.string() }));
const channels = z.array(z.looseObject({ id: z.string(), accountcode: z.string().default('') }));
const endpoints = z.array(z.looseObject({ resource: z.string(), state: z.string().optional() }));

export async function lookAtAsterisk(world: World, config: Config, lines: readonly StoredLine[]): Promise<Finding[]> {
  const ask = ariOf(world, config);
  let upForMs = Number.POSITIVE_INFINITY;
  const asterisk = await look('Asterisk', async () => {
    const { system, status } = info.parse(await ask('/asterisk/info?only=system,status'));
    upForMs = world.now() - status.startup_time;
    return `version ${system.version} at ${ariAddress(config)}`;
  });
  // Where the first question found nobody, the others would only say so again.
  if (!asterisk.ok) return [asterisk];
  const states = new Map<string, string>();
  let legs: ReadonlyMap<string, number> | null = null;
  let holds: KeptHolds | null = null;
  let bans: ReadonlyMap<string, string> | null = null;
  const [application, manager, calls, sip] = await Promise.all([
    look('Clearline in Asterisk', async () => {
      const registered = applications.parse(await ask('/applications'));
      if (registered.some(({ name }) => name === 'clearline')) return 'takes the calls';
      throw new Error('not connected: the dialplan alone announces calls and rings. Start Clearline: npm start');
    }),
    look('AMI', async () => {
      [holds, bans] = await withAmi(world, config, (ami) => Promise.all([ami.readHolds(), ami.bans.read('bans')]));
      if (holds === null) throw new Error('did not say which lines are held');
      return `answers at ${config.asterisk.amiHost}:${config.asterisk.amiPort}`;
    }),
    look('Calls', async () => {
      const up = channels.parse(await ask('/channels'));
      // Legs of an emergency call are marked `room-12/emergency`.
      const lineOf = ({ accountcode }: (typeof up)[number]) => accountcode.split('/')[0] ?? '';
      legs = new Map([...Map.groupBy(up, lineOf)].map(([line, all]) => [line, all.length]));
      return up.length === 0 ? 'none at the moment' : `${count(up.length, 'leg')} up`;
    }),
    look('Trunks and phones', async () => {
      for (const { resource, state } of endpoints.parse(await ask('/endpoints/PJSIP'))) {
        states.set(resource, state ?? 'unknown');
      }
      return `${states.size} known to Asterisk`;
    }),
  ]);
  const timedTrunks = holds === null ? [] : timedTrunksOf(holds, world.now());
  const endpointFindings = sip.ok ? findEndpoints(config, lines, states, upForMs, timedTrunks) : [sip];
  const shutOut = bans === null ? [] : [findBans(bans, world.now())];
  const lamps = findLamps(lines, legs, holds, world.now());
  return [asterisk, application, manager, calls, ...shutOut, ...endpointFindings, ...lamps];
}

function findBans(kept: ReadonlyMap<string, string>, now: number): Finding {
  const { length } = bansInForce(kept, now);
  const addresses = length === 1 ? '1 address' : `${length} addresses`;
  const detail = length === 0 ? 'nobody' : `${addresses} for guessing passwords: clearline bans`;
  return { part: 'Shut out', ok: true, detail };
}
