import { z } from 'zod';
import type { Fault } from './config-faults.ts';
import { networkFaults, networks } from './config-network.ts';
import { alertFaults, alerts } from './settings/alerts.ts';
import { campaigns } from './settings/campaigns.ts';
import { consoleFaults, consoleSettings } from './settings/console.ts';
import { contacts } from './settings/contacts.ts';
import { retention, retentionFaults } from './settings/retention.ts';

/** Every setting, with its bounds and default; clearline.example.yaml tells the same to whoever runs Clearline. */

const port = (fallback: number) =>
  z
    .int({ error: 'a port number between 1 and 65535' })
    .min(1, { error: 'a port number between 1 and 65535' })
    .max(65535, { error: 'a port number between 1 and 65535' })
    .default(fallback);
const seconds = (least: number, most: number, fallback: number) => {
  const error = `whole seconds between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(fallback);
};
const count = (least: number, most: number, fallback: number) => {
  const error = `a whole number between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error }).default(fallback);
};
const name = z
  .string({ error: 'a name: lower-case letters, digits and hyphens, at most 40' })
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
    error: 'a name: lower-case letters, digits and hyphens, at most 40',
  });
const flag = (fallback: boolean) => z.boolean({ error: 'true or false' }).default(fallback);
const text = (what: string) => z.string({ error: what }).min(1, { error: what });
const address = z
  .string({ error: 'an address "host" or "host:port"' })
  .regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/, { error: 'an address "host" or "host:port"' });
const number = z
  .string({ error: 'a telephone number in quotes, such as "0300 123 2040"' })
  .regex(/^[+0-9 ()-]{2,24}$/, { error: 'a telephone number in quotes, such as "0300 123 2040"' });

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const trunk = z.strictObject({
  name,
  address,
  /** Calls that come over this trunk started abroad: a UK number on it is a sign of forgery. */
  international: flag(false),
  /** The carrier normally sends an Identity header or a verstat parameter. */
  attests: flag(false),
  /** `proven`: the far end answers our BYE. `timed`: an analogue gateway that its far end can hold open. */
  clearing: z.enum(['proven', 'timed'], { error: '"proven" or "timed"' }).default('proven'),
  clearingSeconds: seconds(1, 3600, 300),
  /** It takes a Geolocation header (RFC 6442) in an emergency call: `site.location`. */
  location: flag(false),
  transport: z.enum(['udp', 'tcp', 'tls'], { error: '"udp", "tcp" or "tls"' }).default('udp'),
  /** `srtp`: audio is encrypted, and a call without is refused. */
  media: z.enum(['rtp', 'srtp'], { error: '"rtp" or "srtp"' }).default('rtp'),
  /** Where its calls come from, beside its address. */
  permit: networks,
  /** Ordinary and premium calls it may carry at once; absent: as many as there are. Guarded and emergency calls always may. */
  outgoingCalls: z
    .int({ error: 'a whole number between 1 and 1000' })
    .min(1, { error: 'a whole number between 1 and 1000' })
    .max(1000, { error: 'a whole number between 1 and 1000' })
    .optional(),
});

/** Every setting there is. */
export const settings = z.strictObject({
  site: z
    .strictObject({
      name: text('the name of the home or site').default('Clearline'),
      area: text('the area as the police name it, such as "Rickmansworth"').default('unknown area'),
      /** Times are told in it, and quiet hours go by it. */
      timeZone: z
        .string({ error: 'a time zone such as "Europe/London"' })
        .refine(isTimeZone, { error: 'a time zone such as "Europe/London"' })
        .default('Europe/London'),
      /** Where the home stands, told to trunks with `location: true` in an emergency call (RFC 5870). */
      location: z
        .string({ error: 'a place such as "geo:51.6401,-0.4687"' })
        .regex(/^geo:-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?$/, { error: 'a place such as "geo:51.6401,-0.4687"' })
        .optional(),
    })
    .prefault({}),
  /** Folder for everything Clearline keeps, relative to this file. */
  data: text('a folder').default('data'),
  sip: z
    .strictObject({
      bind: text('an IP address to listen on').default('0.0.0.0'),
      port: port(5060),
      rtpFrom: port(10000),
      rtpTo: port(10999),
      /** Nobody there is shut out for guessing telephones' passwords. */
      neverBan: networks,
      /** Absent: telephones and trunks cannot use TLS. */
      tls: z
        .strictObject({
          port: port(5061),
          certificate: text('a file in PEM'),
          key: text('a file in PEM'),
          /** Whom a trunk's certificate must come from. Absent: it is not checked. */
          ca: text('a file in PEM').optional(),
        })
        .optional(),
      /** `srtp`: the telephones' audio is encrypted, and one that cannot do that can call nobody, 999 included. */
      lineMedia: z.enum(['rtp', 'srtp'], { error: '"rtp" or "srtp"' }).default('rtp'),
    })
    .prefault({}),
  asterisk: z
    .strictObject({
      /** ARI of an Asterisk you run yourself. Absent: Clearline starts its own. */
      url: z.url({ protocol: /^https?$/, error: 'an address such as "http://127.0.0.1:8088"' }).optional(),
      httpPort: port(8088),
      amiHost: text('a host name').default('127.0.0.1'),
      amiPort: port(5038),
      /** Where Asterisk copies its SIP messages to (HEP over UDP), on 127.0.0.1: the proof that a carrier let go of a call. */
      hepPort: port(9060),
      /** Where the generated configuration goes; absent: inside the data folder. For an Asterisk of your own, its `generated` folder. */
      generated: text('a folder').optional(),
      /** Nobody else is on the network between Clearline and its Asterisk, so that ARI and AMI may go over it in clear. */
      privateNetwork: flag(false),
    })
    .prefault({}),
  redis: z
    .strictObject({
      /** A Redis you run yourself. Absent: Clearline starts its own on a socket in the data folder. */
      url: z.url({ protocol: /^rediss?$/, error: 'an address such as "redis://127.0.0.1:6379"' }).optional(),
    })
    .prefault({}),
  stop: z
    .strictObject({
      /** How long calls in hand may take to end when Clearline, or its interceptor, is stopped. */
      drainSeconds: seconds(0, 3600, 60),
      /** How long a call to an emergency number may take to end before Asterisk is stopped. */
      emergencySeconds: seconds(0, 86400, 1800),
    })
    .prefault({}),
  spool: z
    .strictObject({
      /** What may wait on the disk while Redis is away; a call takes some 20 kB. */
      maxMegabytes: z
        .int({ error: 'whole megabytes between 16 and 1048576' })
        .min(16, { error: 'whole megabytes between 16 and 1048576' })
        .max(1_048_576, { error: 'whole megabytes between 16 and 1048576' })
        .default(512),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** PostgreSQL. Absent: SQLite in the data folder. */
      url: z
        .url({ protocol: /^postgres(ql)?$/, error: 'an address such as "postgres://clearline@127.0.0.1/clearline"' })
        .optional(),
    })
    .prefault({}),
  sounds: z
    .strictObject({
      /** The site's own recordings of the prompts: every file name of dialplan/sounds/en_GB. Absent: those. */
      folder: text('a folder').optional(),
    })
    .prefault({}),
  trunks: z.array(trunk, { error: 'a list of trunks' }).default([]),
  staff: z
    .strictObject({
      /** The phone staff answer; calls that screening stops are offered to it. Absent: nobody is. */
      phone: name.optional(),
    })
    .prefault({}),
  screening: z
    .strictObject({
      nameSeconds: seconds(2, 10, 4),
      challengeSeconds: seconds(3, 30, 8),
      messageSeconds: seconds(10, 300, 60),
      reminderSeconds: seconds(5, 3600, 300),
      /** How long a call that nobody vouched for holds the line after it ends. */
      holdSeconds: seconds(0, 86400, 300),
      /** How long a call reported as fraud holds it. */
      reportedHoldSeconds: seconds(0, 86400, 1800),
    })
    .prefault({}),
  /** Who is told of alerts. */
  alerts,
  /** When callers from the network get SIP 503. Residents' own calls are never refused for it. */
  overload: z
    .strictObject({
      /** Calls of either direction that Asterisk may have. Six audio ports each leave a hundred of a thousand to residents' calls. */
      callsAtOnce: count(1, 100_000, 150),
      /** Half of what two small cores were measured to bear. */
      callsPerSecond: count(1, 10_000, 50),
    })
    .prefault({}),
  outgoing: z
    .strictObject({
      /** Calls to premium-rate numbers: never while the line is held. */
      premium: z.enum(['connect', 'refuse'], { error: '"connect" or "refuse"' }).default('connect'),
      /** Ordinary calls while the line is held after a suspect call. */
      ordinaryWhileHeld: z
        .enum(['connect', 'warn', 'refuse'], { error: '"connect", "warn" or "refuse"' })
        .default('warn'),
      /** Calls abroad, beside `numbers.ordinary` and the line's trusted contacts. */
      abroad: z.enum(['connect', 'refuse'], { error: '"connect" or "refuse"' }).default('refuse'),
      /** Calls that one line may have at once, and begin in an hour, before ordinary and premium ones are refused. */
      callsAtOnce: count(1, 100, 2),
      callsPerHour: count(1, 10_000, 60),
      premiumCallsPerHour: count(0, 10_000, 5),
      /** How long a resident waits for a guarded number when the line cannot be shown to be clear. */
      waitSeconds: seconds(10, 3600, 300),
      /** How often a promised call back rings the resident, and how long apart. */
      callBackTries: z.int({ error: 'a whole number between 1 and 20' }).min(1).max(20).default(3),
      callBackEverySeconds: seconds(5, 3600, 120),
    })
    .prefault({}),
  numbers: z
    .strictObject({
      /** Numbers that go straight through as 999 does: the centre a pendant calls. */
      emergency: z.array(z.strictObject({ number, name: text('whose number it is') }), { error: 'a list' }).default([]),
      /** Numbers treated as premium, and numbers that are not although the country's rules say so. */
      premium: z.array(number, { error: 'a list of numbers' }).default([]),
      ordinary: z.array(number, { error: 'a list of numbers' }).default([]),
      /** Treat every number abroad as premium. */
      abroadIsPremium: flag(false),
      /** Numbers that leave only over a clear line, beside 101, 111, 105, 159 and 0300 123 2040. */
      guarded: z.array(z.strictObject({ number, name: text('whose number it is') }), { error: 'a list' }).default([]),
      /** Numbers that only ever receive calls: whoever shows one is forging it. */
      doNotOriginate: z.array(number, { error: 'a list of numbers' }).default([]),
    })
    .prefault({}),
  campaigns,
  /** Where staff work with their browsers. */
  console: consoleSettings,
  contacts,
  retention,
  watch: z
    .strictObject({
      /** Where /healthz, /readyz and /metrics are; with a login for /metrics, but not encrypted. */
      host: text('an IP address to listen on').default('127.0.0.1'),
      interceptorPort: port(9464),
      workerPort: port(9465),
      /** An OpenTelemetry collector that takes OTLP over HTTP: each call goes there as a trace. Absent: none is made. */
      traces: z
        .url({ protocol: /^https?$/, error: 'an address such as "http://127.0.0.1:4318/v1/traces"' })
        .refine((url) => !url.includes('@'), { error: 'an address without a user and password: none is ever sent' })
        .optional(),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'], { error: '"debug", "info", "warn" or "error"' })
        .default('info'),
      /** Hide telephone numbers and names in logs. */
      maskPersonalData: flag(true),
    })
    .prefault({}),
});

export type Settings = z.output<typeof settings>;

/** What each setting alone cannot see. */
export function contradictions(config: Settings): Fault[] {
  const faults: Fault[] = [];
  if (config.sip.rtpTo < config.sip.rtpFrom + 10) {
    faults.push({
      path: ['sip', 'rtpTo'],
      expected: `at least ${config.sip.rtpFrom + 10}: ten ports above sip.rtpFrom`,
    });
  }
  const seen = new Set<string>();
  for (const [index, { name: trunkName }] of config.trunks.entries()) {
    if (seen.has(trunkName)) faults.push({ path: ['trunks', index, 'name'], expected: 'a name no other trunk has' });
    seen.add(trunkName);
  }
  return [
    ...faults,
    ...networkFaults(config),
    ...alertFaults(config.alerts),
    ...retentionFaults(config),
    ...consoleFaults(config.console),
  ];
}
