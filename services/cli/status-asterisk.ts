import { z } from 'zod';
import type { Config } from '../config.ts';
import type { StoredLine } from '../core/ports.ts';
import { readSecrets } from '../secrets.ts';
import { type Finding, look } from './finding.ts';
import { count } from './table.ts';
import type { World } from './world.ts';

/** What ARI says of Asterisk, of Clearline in it, and of trunks and phones; over plain HTTP, since these are lists. */

const info = z.looseObject({ system: z.looseObject({ version: z.string() }) });
const applications = z.array(z.looseObject({ name: z.string() }));
const channels = z.array(z.looseObject({ id: z.string() }));
const endpoints = z.array(z.looseObject({ resource: z.string(), state: z.string().optional() }));

export async function lookAtAsterisk(world: World, config: Config, lines: readonly StoredLine[]): Promise<Finding[]> {
  const ask = ariOf(world, config);
  const asterisk = await look('Asterisk', async () => {
    const { system } = info.parse(await ask('/asterisk/info?only=system'));
    return `version ${system.version} at ${addressOf(config)}`;
  });
  // Where the first question found nobody, the others would only say so again.
  if (!asterisk.ok) return [asterisk];
  const states = new Map<string, string>();
  const [application, calls, sip] = await Promise.all([
    look('Clearline in Asterisk', async () => {
      const registered = applications.parse(await ask('/applications'));
      if (registered.some(({ name }) => name === 'clearline')) return 'takes the calls';
      throw new Error('not connected: the dialplan alone announces calls and rings. Start Clearline: npm start');
    }),
    look('Calls', async () => {
      const legs = channels.parse(await ask('/channels')).length;
      return legs === 0 ? 'none at the moment' : `${count(legs, 'leg')} up`;
    }),
    look('Trunks and phones', async () => {
      for (const { resource, state } of endpoints.parse(await ask('/endpoints/PJSIP'))) {
        states.set(resource, state ?? 'unknown');
      }
      return `${states.size} known to Asterisk`;
    }),
  ]);
  return [asterisk, application, calls, ...(sip.ok ? findEndpoints(config, lines, states) : [sip])];
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

type Ask = (path: string) => Promise<unknown>;

/** Asks ARI; rejects with a sentence for whoever runs the machine. */
function ariOf(world: World, config: Config): Ask {
  const base = addressOf(config);
  return async (path) => {
    const { ari } = readSecrets(config, world.env);
    const authorization = `Basic ${Buffer.from(`clearline:${ari}`).toString('base64')}`;
    const response = await world.fetch(`${base}/ari${path}`, { headers: { authorization } }).catch((error: unknown) => {
      throw new Error(`nothing answers at ${base}. Is it running (npm start)?`, { cause: error });
    });
    if (response.status === 401) throw new Error(`${base} refuses the password of the ARI user clearline`);
    if (!response.ok) throw new Error(`${base}/ari${path} answered ${response.status}`);
    return response.json();
  };
}

function addressOf(config: Config): string {
  return (config.asterisk.url ?? `http://127.0.0.1:${config.asterisk.httpPort}`).replace(/\/+$/, '');
}
