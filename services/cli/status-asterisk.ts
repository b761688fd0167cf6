import { z } from 'zod';
import type { KeptHolds } from '../adapters/ami.ts';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import { ariAddress, ariOf } from './ari.ts';
import { type Finding, look } from './finding.ts';
import { findLamps } from './line-lamps.ts';
import { count } from './table.ts';
import { withAmi } from './witnesses.ts';
import type { World } from './world.ts';

/** What Asterisk says of itself, of Clearline in it, of trunks, phones and lines. */

const info = z.looseObject({ system: z.looseObject({ version: z.string() }) });
const applications = z.array(z.looseObject({ name: z.string() }));
const channels = z.array(z.looseObject({ id: z.string(), accountcode: z.string().default('') }));
const endpoints = z.array(z.looseObject({ resource: z.string(), state: z.string().optional() }));

export async function lookAtAsterisk(world: World, config: Config, lines: readonly StoredLine[]): Promise<Finding[]> {
  const ask = ariOf(world, config);
  const asterisk = await look('Asterisk', async () => {
    const { system } = info.parse(await ask('/asterisk/info?only=system'));
    return `version ${system.version} at ${ariAddress(config)}`;
  });
  // Where the first question found nobody, the others would only say so again.
  if (!asterisk.ok) return [asterisk];
  const states = new Map<string, string>();
  let legs: ReadonlyMap<string, number> | null = null;
  let holds: KeptHolds | null = null;
  const [application, manager, calls, sip] = await Promise.all([
    look('Clearline in Asterisk', async () => {
      const registered = applications.parse(await ask('/applications'));
      if (registered.some(({ name }) => name === 'clearline')) return 'takes the calls';
      throw new Error('not connected: the dialplan alone announces calls and rings. Start Clearline: npm start');
    }),
    look('AMI', async () => {
      holds = await withAmi(world, config, (ami) => ami.readHolds());
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
  const endpointFindings = sip.ok ? findEndpoints(config, lines, states) : [sip];
  return [asterisk, application, manager, calls, ...endpointFindings, ...findLamps(lines, legs, holds, world.now())];
}

function findEndpoints(config: Config, lines: readonly StoredLine[], states: ReadonlyMap<string, string>): Finding[] {
  const { phone } = config.staff;
  return [
    ...config.trunks.map(({ name, address }) => findTrunk(name, address, states.get(`trunk-${name}`))),
    ...(phone === undefined ? [] : [findPhone('Staff phone', phone, states)]),
    ...lines.map(({ id, resident }) => findPhone(`Phone of ${resident}`, id, states)),
  ];
}

const notKnown = 'Asterisk does not know it yet. Is Clearline running (npm start)? What is wrong: clearline check';

function findTrunk(name: string, address: string, state: string | undefined): Finding {
  const part = `Trunk ${name}`;
  if (state === undefined) return { part, ok: false, detail: notKnown };
  if (state === 'offline') {
    return { part, ok: false, detail: `${address} does not answer. Is the address right, and the network up?` };
  }
  // A lone trunk is not watched (dialplan/pjsip.conf), so Asterisk calls it online or unknown without having asked it.
  return { part, ok: true, detail: `at ${address}, ${state === 'online' ? 'usable' : 'not watched'}` };
}

function findPhone(part: string, id: string, states: ReadonlyMap<string, string>): Finding {
  const state = states.get(id);
  if (state === undefined) return { part, ok: false, detail: notKnown };
  if (state === 'online') return { part, ok: true, detail: `registered as ${id}` };
  return { part, ok: false, detail: `${id} is not registered, so it cannot ring. Is it on, with the right password?` };
}
