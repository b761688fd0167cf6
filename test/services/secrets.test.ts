import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Config, parseConfig } from '../../services/config.ts';
import {
  ensureSecrets,
  hepPassword,
  readAlertSecrets,
  readSecrets,
  readWatchPassword,
} from '../../services/secrets.ts';

let folder: string;
let config: Config;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-secrets-'));
  config = parseConfig('', join(folder, 'clearline.yaml'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

it('makes four secrets that differ, in a file and a folder for their owner alone', () => {
  const secrets = ensureSecrets(config, {});
  expect(new Set(Object.values(secrets)).size).toBe(4);
  for (const secret of Object.values(secrets)) expect(secret).toMatch(/^[\w-]{32}$/);
  expect(modeOf(config.paths.secrets)).toBe('600');
  expect(modeOf(config.paths.data)).toBe('700');
  expect(readdirSync(config.paths.data)).toEqual(['secrets.json']);
});

it('keeps what there is, and adds what is missing', () => {
  const first = ensureSecrets(config, {});
  expect(ensureSecrets(config, {})).toEqual(first);
  writeFileSync(config.paths.secrets, JSON.stringify({ ari: first.ari }));
  const second = ensureSecrets(config, {});
  expect(second.ari).toBe(first.ari);
  expect(second.ami).not.toBe(first.ami);
  expect(readSecrets(config, {})).toEqual(second);
});

it('closes a file that others could read', () => {
  ensureSecrets(config, {});
  chmodSync(config.paths.secrets, 0o644);
  ensureSecrets(config, {});
  expect(modeOf(config.paths.secrets)).toBe('600');
});

it('puts the environment above the file, and writes none of it down', () => {
  const env = { CLEARLINE_ARI_PASSWORD: 'from-the-environment' };
  expect(ensureSecrets(config, env).ari).toBe('from-the-environment');
  expect(readFileSync(config.paths.secrets, 'utf8')).not.toContain('from-the-environment');
});

it('needs no file when the environment has everything', () => {
  const env = {
    CLEARLINE_ARI_PASSWORD: 'first-password',
    CLEARLINE_AMI_PASSWORD: 'second-password',
    CLEARLINE_STAFF_PHONE_PASSWORD: 'third-password',
    CLEARLINE_WATCH_PASSWORD: 'fourth-password',
  };
  expect(readSecrets(config, env)).toEqual({
    ari: 'first-password',
    ami: 'second-password',
    staffPhone: 'third-password',
    watch: 'fourth-password',
  });
});

it('takes calls without a password to watch them by, and makes one at the next start', () => {
  const { watch: _, ...former } = ensureSecrets(config, {});
  writeFileSync(config.paths.secrets, JSON.stringify(former));
  expect(readSecrets(config, {})).toEqual({ ...former, watch: null });
  expect(readWatchPassword(config, {})).toBeNull();
  const { watch } = ensureSecrets(config, {});
  expect(watch).toMatch(/^[\w-]{32}$/);
  expect(readWatchPassword(config, {})).toBe(watch);
});

it('says which secrets are missing and how to come by them', () => {
  expect(() => readSecrets(config, { CLEARLINE_AMI_PASSWORD: 'long-enough' })).toThrow(
    /secrets\.json: no ari, no staffPhone\..*npm start.*CLEARLINE_ARI_PASSWORD, CLEARLINE_STAFF_PHONE_PASSWORD\.$/,
  );
});

it.each([
  ['a line break, which would add a line to a configuration file', 'secret\r\nAction: Logoff'],
  ['a semicolon, which starts a comment there', 'secret;secret'],
  ['too short', 'short'],
])('refuses %s, and does not show it', (_, password) => {
  const refusal = () => readSecrets(config, { CLEARLINE_AMI_PASSWORD: password });
  expect(refusal).toThrow(/^CLEARLINE_AMI_PASSWORD: expected 8 to 128 letters/);
  expect(refusal).not.toThrow(password);
});

it.each([
  ['{', 'not valid JSON'],
  ['[]', 'the whole file: expected an object'],
  ['{"ari": 5}', 'ari: expected 8 to 128 letters'],
  ['{"air": "x"}', 'air: no such secret (known: ari, ami, staffPhone, watch, alerts)'],
])('names the fault of a file that holds %s', (text, message) => {
  mkdirSync(config.paths.data);
  writeFileSync(config.paths.secrets, text);
  expect(() => ensureSecrets(config, {})).toThrow(message);
  expect(readFileSync(config.paths.secrets, 'utf8')).toBe(text);
});

it('makes the password of copied SIP messages of the AMI password, which it does not tell', () => {
  const made = hepPassword({ ami: 'one secret' });
  expect(made).toMatch(/^[0-9a-f]{64}$/);
  expect(hepPassword({ ami: 'one secret' })).toBe(made);
  expect(hepPassword({ ami: 'another secret' })).not.toBe(made);
});

it('reads what alerts are sent with, the environment first, and leaves it in the file when it makes the rest', () => {
  const source = `
alerts:
  recipients:
    - { name: care-app, channel: webhook, to: "https://example.org/alerts" }
    - { name: pocket, channel: push, to: "https://ntfy.example.org/cedar" }
`;
  config = parseConfig(source, join(folder, 'clearline.yaml'));
  expect(readAlertSecrets(config, {})).toEqual({ smtp: null, recipients: new Map() });
  const alerts = {
    smtp: 'a pass phrase, with spaces',
    recipients: { 'care-app': 'whsec_old', pocket: 'tk_1', gone: 'x' },
  };
  mkdirSync(config.paths.data);
  writeFileSync(config.paths.secrets, JSON.stringify({ alerts }));
  const made = ensureSecrets(config, {});
  expect(made).not.toHaveProperty('alerts');
  expect(readAlertSecrets(config, { CLEARLINE_ALERT_SECRET_CARE_APP: 'whsec_new' })).toEqual({
    smtp: 'a pass phrase, with spaces',
    recipients: new Map([
      ['care-app', 'whsec_new'],
      ['pocket', 'tk_1'],
    ]),
  });
  expect(readAlertSecrets(config, { CLEARLINE_SMTP_PASSWORD: 'other' }).smtp).toBe('other');
});

it.each([
  ['{"alerts": 5}', 'alerts: expected an object with "smtp" and "recipients"'],
  ['{"alerts": {"smtp": "a\\nb"}}', 'alerts.smtp: expected text of one line'],
  ['{"alerts": {"stmp": "x"}}', 'stmp: no such secret'],
])('names the fault of what alerts are sent with: %s', (text, message) => {
  mkdirSync(config.paths.data);
  writeFileSync(config.paths.secrets, text);
  expect(() => readAlertSecrets(config, {})).toThrow(message);
});
