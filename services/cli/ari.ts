import type { Config } from '../config.ts';
import { readSecrets } from '../secrets.ts';
import type { World } from './world.ts';

/** ARI over plain HTTP: what the command asks for are lists, and it asks once. */

/** Answers with what ARI said as JSON; rejects with a sentence for whoever runs the machine. */
export type AskAri = (path: string) => Promise<unknown>;

export function ariOf(world: Pick<World, 'env' | 'fetch'>, config: Config): AskAri {
  const base = ariAddress(config);
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

export function ariAddress(config: Config): string {
  return (config.asterisk.url ?? `http://127.0.0.1:${config.asterisk.httpPort}`).replace(/\/+$/, '');
}
