import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openness } from '../../services/cli/open-site.ts';
import { parseConfig } from '../../services/config.ts';
import { makePapers, type Papers } from '../support/phone/tls-peer.ts';

let folder: string;
let papers: Papers;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-open-'));
  papers = await makePapers(folder, ['127.0.0.1']);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (source: string) => openness(parseConfig(source, join(folder, 'clearline.yaml')));
const local = 'sip: {bind: 127.0.0.1}\n';
const tls = (files: Record<string, string>) => `sip: ${JSON.stringify({ bind: '127.0.0.1', tls: files })}\n`;

describe('what is open', () => {
  it('is nothing on a machine of its own', () => {
    expect(open(local)).toEqual({ faults: [], notes: [] });
  });

  it.each([
    ['', 'Telephones may speak in clear'],
    [`${local}asterisk: {privateNetwork: true}`, 'ARI and AMI may go over a network in clear'],
    ['sip: {bind: 127.0.0.1, neverBan: [0.0.0.0/0]}', 'Nobody is ever shut out'],
    [`${local}watch: {host: 0.0.0.0}`, 'travels in clear to whoever asks 0.0.0.0'],
    [`${local}redis: {url: "redis://:x@192.0.2.1:6379"}`, 'redis.url: what is said to 192.0.2.1 is not encrypted'],
    [`${local}database: {url: "postgres://a:b@db/x"}`, 'database.url: what is said to db is not encrypted'],
  ])('%s is told', (source, note) => {
    const { faults, notes } = open(source);
    expect(faults).toEqual([]);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  it.each([
    `${local}redis: {url: "rediss://:x@192.0.2.1:6379"}`,
    `${local}redis: {url: "redis://127.0.0.1:6379"}`,
    `${local}database: {url: "postgres://a:b@db/x?sslmode=verify-full"}`,
  ])('%s is not', (source) => {
    expect(open(source).notes).toEqual([]);
  });

  it.each(['0.0.0.0/0', '::/0'])('a trunk that %s may call as is a fault', (network) => {
    const trunk = { name: 'carrier', address: '192.0.2.1', permit: ['198.51.100.0/24', network] };
    expect(open(`${local}trunks: ${JSON.stringify([trunk])}`).faults).toEqual([
      `trunks[0].permit: found "${network}", so that anybody may call as the trunk carrier.`,
    ]);
  });

  it('names secrets and folders that every user may read, and how to close them', () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    chmodSync(data, 0o755);
    const secrets = join(data, 'secrets.json');
    writeFileSync(secrets, '{}');
    chmodSync(secrets, 0o644);
    expect(open(local).faults).toEqual([
      expect.stringContaining(`Run: chmod 600 ${secrets}`),
      expect.stringContaining(`Run: chmod 700 ${data}`),
    ]);
    chmodSync(secrets, 0o600);
    chmodSync(data, 0o700);
    expect(open(local).faults).toEqual([]);
  });
});

describe('files of TLS', () => {
  it('are fine as a certificate with its key', () => {
    expect(open(tls({ ...papers })).faults.filter((fault) => fault.startsWith('sip.tls'))).toEqual([]);
  });

  it('are named by setting and file when they are not there', () => {
    expect(open(tls({ certificate: 'no.pem', key: papers.key })).faults).toContain(
      `sip.tls.certificate: found "${join(folder, 'no.pem')}": there is no such file.`,
    );
  });

  it('must belong together', () => {
    expect(open(tls({ certificate: papers.key, key: papers.certificate })).faults).toContainEqual(
      expect.stringMatching(/^sip\.tls: found .* no certificate with its key in PEM/),
    );
  });
});
