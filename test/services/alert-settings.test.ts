import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../services/config.ts';

const file = '/srv/home/clearline.yaml';
const mail = 'from: a@example.org, smtp: { host: mail.example.org }';
const to = (settings: string) => `alerts: { ${mail}, recipients: [{ name: warden, ${settings} }] }`;
const warden = 'channel: email, to: warden@example.org';

function faultsIn(source: string): string[] {
  try {
    parseConfig(source, file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ message }) => message);
    throw error;
  }
}

test.each([
  ['a mail address that is none', to('channel: email, to: warden'), 'to: found "warden", expected a mail address'],
  [
    'a mail address with a header in it',
    to('channel: email, to: "a@example.org\\r\\nBcc: b@example.org"'),
    'alerts.recipients[0].to: found "a@example.org\\r\\nBcc: b@example.org", expected a mail address',
  ],
  ['another channel', to('channel: fax, to: x'), 'channel: found "fax", expected "email", "webhook" or "push"'],
  ['a kind there is not', to(`${warden}, kinds: [fire]`), 'kinds[0]: found "fire", expected one of ghost-dial, '],
  ['a hook in clear', to('channel: webhook, to: "http://192.0.2.1/"'), 'expected https://, since it says whose line'],
  ['a hook of another kind', to('channel: push, to: "ftp://x/y"'), 'expected an address such as "https://'],
  ['a hook with a password', to('channel: push, to: "https://a:b@example.org/"'), 'expected an address without a user'],
  [
    'a time that is none',
    to(`${warden}, quietHours: { from: "22", until: "07:00" }`),
    'expected a time such as "22:00"',
  ],
  [
    'quiet hours of no length',
    to(`${warden}, quietHours: { from: "07:00", until: "07:00" }`),
    'alerts.recipients[0].quietHours.until: found "07:00", expected another time than they begin',
  ],
  ['no message an hour', to(`${warden}, perHour: 0`), 'perHour: found 0, expected a whole number between 1 and 1000'],
  [
    'two of one name',
    `alerts: { ${mail}, recipients: [{ name: w, ${warden} }, { name: w, ${warden} }] }`,
    'alerts.recipients[1].name: found "w", expected a name no other recipient has',
  ],
  [
    'a mail server in clear',
    'alerts: { smtp: { host: mail.example.org, tls: none } }',
    'alerts.smtp.tls: found "none", expected "starttls" or "implicit"',
  ],
  ['a zone there is not', 'site: { timeZone: Europe/Oxhey }', 'expected a time zone such as "Europe/London"'],
])('%s', (_, source, message) => {
  const faults = faultsIn(source);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`${file}:1: `);
  expect(faults[0]).toContain(message);
});

test('whoever is told by mail needs a server and a sender', () => {
  expect(faultsIn(`alerts: { recipients: [{ name: warden, ${warden} }] }`)).toEqual([
    `${file}:1: alerts.smtp: found nothing, expected a mail server, since somebody is told by e-mail`,
    `${file}:1: alerts.from: found nothing, expected a mail address such as "warden@example.org"`,
  ]);
});

test.each([
  'alerts: { smtp: { host: 127.0.0.1, tls: none } }',
  to('channel: webhook, to: "http://127.0.0.1:9000/hook"'),
  to('channel: push, to: "http://localhost/topic"'),
])('nothing is wrong with what stays on this machine: %s', (source) => {
  expect(faultsIn(source)).toEqual([]);
});

test('a certificate lies beside the settings', () => {
  const { paths } = parseConfig('alerts: { smtp: { host: mail.example.org, ca: mail-ca.pem } }', file);
  expect(paths.mailCa).toBe('/srv/home/mail-ca.pem');
  expect(parseConfig('', file).paths.mailCa).toBeNull();
});
