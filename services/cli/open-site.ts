import { existsSync, statSync } from 'node:fs';
import type { Config } from '../config.ts';
import { isLoopback, tlsFaults } from '../config-network.ts';

/** How a site is open to whom it should not be, in sentences for whoever runs it. */
export interface Openness {
  readonly faults: readonly string[];
  /** What may be as it is meant to be, but should be known. */
  readonly notes: readonly string[];
}

export function openness(config: Config): Openness {
  const tls = config.paths.tls === null ? [] : tlsFaults(config.paths.tls).map(([key, fault]) => `${key}: ${fault}.`);
  const faults = [...tls, ...readableByOthers(config), ...everybodyIsATrunk(config)];
  return { faults, notes: [...networkNotes(config), ...storeNotes(config)] };
}

function readableByOthers({ paths }: Config): string[] {
  const secret = [
    [paths.secrets, 600],
    [paths.data, 700],
    [paths.generated, 700],
    [paths.tls?.key, 600],
  ] as const;
  return secret.flatMap(([path, mode]) => {
    if (path === undefined || !existsSync(path) || (statSync(path).mode & 0o007) === 0) return [];
    return [`${path}: every user of this machine may read it, and passwords are in it. Run: chmod ${mode} ${path}`];
  });
}

const isEverybody = (network: string) => /\/0*$/.test(network);

function everybodyIsATrunk({ trunks }: Config): string[] {
  return trunks.flatMap(({ name, permit }, index) =>
    permit
      .filter(isEverybody)
      .map((network) => `trunks[${index}].permit: found "${network}", so that anybody may call as the trunk ${name}.`),
  );
}

function networkNotes({ sip, asterisk, trunks, paths, watch }: Config): string[] {
  const notes: string[] = [];
  if (!isLoopback(sip.bind) && sip.lineMedia === 'rtp') {
    notes.push(
      'Telephones may speak in clear: who can listen on their network hears the calls. See: sip.tls and sip.lineMedia.',
    );
  }
  const open = trunks.filter(({ media }) => media === 'rtp').map(({ name }) => name);
  if (paths.tls !== null && open.length > 0)
    notes.push(`Calls over these trunks are not encrypted: ${open.join(', ')}.`);
  if (trunks.some(({ transport }) => transport === 'tls') && paths.tls?.ca === undefined) {
    notes.push('Nobody checks that a trunk’s certificate is the carrier’s. Name whom it must come from: sip.tls.ca.');
  }
  if (!isLoopback(watch.host)) {
    notes.push(
      `The figures’ password travels in clear to whoever asks ${watch.host} for /metrics (watch.host): put a proxy with TLS before it.`,
    );
  }
  if (asterisk.privateNetwork) {
    notes.push(
      'ARI and AMI may go over a network in clear (asterisk.privateNetwork): whoever listens there can run this exchange.',
    );
  }
  if (sip.neverBan.some(isEverybody)) {
    notes.push('Nobody is ever shut out for guessing telephones’ passwords: sip.neverBan has every address.');
  }
  return notes;
}

/** A password that travels in clear to another machine. */
function storeNotes({ redis, database }: Config): string[] {
  const stores = [
    ['redis.url', redis.url, 'rediss:', 'Take rediss://'],
    ['database.url', database.url, '', 'Add ?sslmode=verify-full'],
  ] as const;
  return stores.flatMap(([key, text, safe, how]) => {
    const url = text === undefined ? null : new URL(text);
    if (url === null || url.hostname === '' || isLoopback(url.hostname) || url.protocol === safe) return [];
    if (/sslmode=(require|verify)/.test(url.search)) return [];
    return [`${key}: what is said to ${url.hostname} is not encrypted, its password neither. ${how}.`];
  });
}
