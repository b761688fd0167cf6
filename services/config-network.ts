import { accessSync, constants, readFileSync } from 'node:fs';
import { isIP, isIPv6 } from 'node:net';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import type { Fault } from './config-faults.ts';

/** The settings of networks and encryption, and what each of them alone cannot see. */

const networkText = 'an IP address or network such as "192.0.2.0/24"';
const network = z.string({ error: networkText }).refine(isNetwork, { error: networkText });

export const networks = z.array(network, { error: 'a list of IP addresses and networks' }).default([]);

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return isIP(address) > 0 && (bits === undefined || Number(bits) <= (isIPv6(address) ? 128 : 32));
}

/** Whether nobody but this machine hears what is said to this host. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

interface NetworkSettings {
  readonly sip: { readonly lineMedia: 'rtp' | 'srtp'; readonly tls?: object | undefined };
  readonly asterisk: {
    readonly url?: string | undefined;
    readonly amiHost: string;
    readonly privateNetwork: boolean;
  };
  readonly trunks: readonly { readonly transport: 'udp' | 'tcp' | 'tls'; readonly media: 'rtp' | 'srtp' }[];
}

export function networkFaults({ sip, asterisk, trunks }: NetworkSettings): Fault[] {
  const faults: Fault[] = [];
  const hint = 'or asterisk.privateNetwork: true where nobody else is on the way to it';
  const url = asterisk.url === undefined ? null : new URL(asterisk.url);
  if (!asterisk.privateNetwork && url?.protocol === 'http:' && !isLoopback(url.hostname)) {
    faults.push({ path: ['asterisk', 'url'], expected: `https://, since ARI's password travels to it; ${hint}` });
  }
  if (!asterisk.privateNetwork && !isLoopback(asterisk.amiHost)) {
    const expected = `127.0.0.1, or a TLS proxy there, since AMI is not encrypted; ${hint}`;
    faults.push({ path: ['asterisk', 'amiHost'], expected });
  }
  if (sip.lineMedia === 'srtp' && sip.tls === undefined) {
    faults.push({ path: ['sip', 'lineMedia'], expected: '"rtp" without sip.tls: its keys would travel in clear' });
  }
  for (const [index, { transport, media }] of trunks.entries()) {
    if (transport === 'tls' && sip.tls === undefined) {
      faults.push({ path: ['trunks', index, 'transport'], expected: '"udp" or "tcp" without sip.tls' });
    }
    if (media === 'srtp' && transport !== 'tls') {
      const expected = '"rtp" unless transport is "tls": its keys would travel in clear';
      faults.push({ path: ['trunks', index, 'media'], expected });
    }
  }
  return faults;
}

/** Files of TLS, absolute; `ca` only where the site names one. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * What is wrong with them: `[key, sentence]`. Asked at a start and by `clearline check`, and not by each process: a certificate that is
 * being renewed must not keep the interceptor from answering calls.
 */
export function tlsFaults(files: TlsFiles): (readonly [key: string, fault: string])[] {
  const unread = Object.entries(files).flatMap(([key, file]) => {
    try {
      accessSync(file, constants.R_OK);
      return [];
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : 'it cannot be read';
      return [[`sip.tls.${key}`, `found ${JSON.stringify(file)}: ${why}`] as const];
    }
  });
  if (unread.length > 0) return unread;
  const read = (file: string) => readFileSync(file, 'utf8');
  try {
    createSecureContext({ cert: read(files.certificate), key: read(files.key) });
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const what = `found ${JSON.stringify(files.certificate)} and ${JSON.stringify(files.key)}`;
    return [['sip.tls', `${what}: no certificate with its key in PEM: ${why}`]];
  }
}
