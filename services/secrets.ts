import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Config } from './config.ts';

/** The passwords Clearline and its Asterisk share, and the one to watch it with. They live beside the data, never in clearline.yaml. */
export interface Secrets {
  /** ARI user `clearline`. */
  readonly ari: string;
  /** AMI user `clearline`. */
  readonly ami: string;
  /** The staff phone's SIP account. */
  readonly staffPhone: string;
  /** HTTP login of user `clearline` at /metrics; null where there is none yet, and then nobody can log in. No call waits for it. */
  readonly watch: string | null;
}

/** Environment names that stand above the file: what a container sets. */
const variables: Record<keyof Secrets, string> = {
  ari: 'CLEARLINE_ARI_PASSWORD',
  ami: 'CLEARLINE_AMI_PASSWORD',
  staffPhone: 'CLEARLINE_STAFF_PHONE_PASSWORD',
  watch: 'CLEARLINE_WATCH_PASSWORD',
};
const names = Object.keys(variables) as (keyof Secrets)[];
/** Without these nothing works. */
const needed = names.filter((name) => name !== 'watch');

/** Asterisk's files and AMI's lines take a value as it stands: a space, `;` or quote would end or change it. */
const password = z.string().regex(/^[A-Za-z0-9._~!@%^*+=:/-]{8,128}$/);
const expected = '8 to 128 letters, digits or . _ ~ ! @ % ^ * + = : / -';
/** What the receivers of alerts gave us; Clearline makes none of them. */
const given = z.string().regex(/^[^\0-\x1f\x7f]{1,512}$/);
const forAlerts = z.strictObject({ smtp: given, recipients: z.record(z.string(), given) }).partial();
const stored = z
  .strictObject({ ari: password, ami: password, staffPhone: password, watch: password, alerts: forAlerts })
  .partial();

/**
 * The secrets from the environment and `config.paths.secrets`, the environment first.
 * Throws an Error that names every secret that is missing or unfit, and never shows one.
 */
export function readSecrets(config: Config, env: NodeJS.ProcessEnv = process.env): Secrets {
  const known = collect(config, env);
  const missing = needed.filter((name) => known[name] === undefined);
  if (missing.length > 0) {
    throw new Error(
      `${config.paths.secrets}: no ${missing.join(', no ')}. Start Clearline once (npm start makes them), ` +
        `or set ${missing.map((name) => variables[name]).join(', ')}.`,
    );
  }
  return { watch: null, ...known } as Secrets;
}

/** As readSecrets, and first makes those that are missing: 192 random bits each, in a file only its owner can read. */
export function ensureSecrets(config: Config, env: NodeJS.ProcessEnv = process.env): Secrets {
  const { secrets: file } = config.paths;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) chmodSync(file, 0o600);
  const known = collect(config, env);
  const missing = names.filter((name) => known[name] === undefined);
  if (missing.length > 0) {
    const made = Object.fromEntries(missing.map((name) => [name, randomBytes(24).toString('base64url')]));
    const half = `${file}.${process.pid}`;
    writeFileSync(half, `${JSON.stringify({ ...readStored(file), ...made }, null, 2)}\n`, { mode: 0o600 });
    renameSync(half, file);
  }
  return readSecrets(config, env);
}

/** The password at /metrics alone, for a process that needs no other secret; null where there is none yet. */
export function readWatchPassword(config: Config, env: NodeJS.ProcessEnv = process.env): string | null {
  return collect(config, env).watch ?? null;
}

/** What alerts are sent with. */
export interface AlertSecrets {
  /** Of the mail account `alerts.smtp.user`. */
  readonly smtp: string | null;
  /** A webhook's secret or a push service's token, by the recipient's name. */
  readonly recipients: ReadonlyMap<string, string>;
}

/** The environment name of a recipient's secret or token: `CLEARLINE_ALERT_SECRET_CARE_APP`. */
export function alertSecretVariable(recipient: string): string {
  return `CLEARLINE_ALERT_SECRET_${recipient.toUpperCase().replaceAll('-', '_')}`;
}

/** As readSecrets, of what alerts are sent with: any of it may be missing. */
export function readAlertSecrets(config: Config, env: NodeJS.ProcessEnv = process.env): AlertSecrets {
  const { smtp = null, recipients = {} } = readStored(config.paths.secrets).alerts ?? {};
  const found = config.alerts.recipients.flatMap(({ name }) => {
    const secret = env[alertSecretVariable(name)] || recipients[name];
    return secret ? [[name, secret] as const] : [];
  });
  return { smtp: env.CLEARLINE_SMTP_PASSWORD || smtp, recipients: new Map(found) };
}

function collect(config: Config, env: NodeJS.ProcessEnv): { -readonly [name in keyof Secrets]?: string } {
  const { alerts: _alerts, ...known } = readStored(config.paths.secrets);
  for (const name of names) {
    const value = env[variables[name]];
    if (!value) continue;
    if (!password.safeParse(value).success) throw new Error(`${variables[name]}: expected ${expected}`);
    known[name] = value;
  }
  return known;
}

type Stored = { -readonly [name in keyof Secrets]?: string } & { alerts?: z.output<typeof forAlerts> };

function readStored(file: string): Stored {
  if (!existsSync(file)) return {};
  const result = stored.safeParse(parseJson(file));
  if (result.success) return result.data as Stored;
  const faults = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: no such secret (known: ${[...names, 'alerts'].join(', ')})`
      : `${issue.path.join('.') || 'the whole file'}: expected ${expectedAt(issue.path)}`,
  );
  throw new Error(faults.map((fault) => `${file}: ${fault}`).join('\n'));
}

function expectedAt([name, inner]: readonly PropertyKey[]): string {
  if (name === undefined) return 'an object';
  if (name !== 'alerts') return expected;
  return inner === undefined ? 'an object with "smtp" and "recipients"' : 'text of one line, at most 512 characters';
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file}: not valid JSON`, { cause: error });
    throw error;
  }
}

/**
 * What Asterisk's copies of SIP messages carry, 64 hexadecimal digits. It travels in clear, though on loopback alone, so it is
 * made of the AMI password in a way that tells nothing of that.
 */
export function hepPassword({ ami }: Pick<Secrets, 'ami'>): string {
  return createHmac('sha256', ami).update('hep').digest('hex');
}
