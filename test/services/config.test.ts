import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type Config, ConfigError, parseConfig, readConfig } from '../../services/config.ts';
import { settings } from '../../services/settings.ts';

const file = '/srv/home/clearline.yaml';
const example = readFileSync(new URL('../../clearline.example.yaml', import.meta.url), 'utf8');

function faultsIn(source: string, env: NodeJS.ProcessEnv = {}): string[] {
  try {
    parseConfig(source, file, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.message);
    throw error;
  }
  return [];
}

describe('faults', () => {
  it('names five faults together, each with file, line and key', () => {
    const source = `site:
  nmae: The Willows
sip:
  port: 70000
trunks:
  - name: Carrier One
    address: sip.example.net
screening:
  holdSeconds: five
log:
  level: loud
`;
    expect(faultsIn(source)).toEqual([
      `${file}:2: site.nmae: found "The Willows", expected no such setting (did you mean "name"?)`,
      `${file}:4: sip.port: found 70000, expected a port number between 1 and 65535`,
      `${file}:6: trunks[0].name: found "Carrier One", expected a name: lower-case letters, digits and hyphens, at most 40`,
      `${file}:9: screening.holdSeconds: found "five", expected whole seconds between 0 and 86400`,
      `${file}:11: log.level: found "loud", expected "debug", "info", "warn" or "error"`,
    ]);
  });

  it.each([
    ['a typing slip', 'sipp: {}', `${file}:1: sipp: found {}, expected no such setting (did you mean "sip"?)`],
    ['a section that is a number', 'sip: 5', `${file}:1: sip: found 5, expected settings under it`],
    ['a list that is none', 'trunks: 3', `${file}:1: trunks: found 3, expected a list of trunks`],
    [
      'a setting that is missing',
      'trunks:\n  - name: carrier',
      `${file}:2: trunks[0].address: found nothing, expected an address "host" or "host:port"`,
    ],
    [
      'a number without quotes, which YAML reads as a sum of money',
      'numbers:\n  guarded:\n    - number: 0345\n      name: the bank',
      `${file}:3: numbers.guarded[0].number: found 345, expected a telephone number in quotes, such as "0300 123 2040"`,
    ],
    [
      'an address of the wrong kind',
      'redis:\n  url: http://x',
      'redis.url: found "http://x", expected an address such as',
    ],
    [
      'too few ports',
      'sip:\n  rtpFrom: 10000\n  rtpTo: 10002',
      `${file}:3: sip.rtpTo: found 10002, expected at least 10010`,
    ],
    [
      'a place in words',
      'site:\n  location: Rickmansworth',
      `${file}:2: site.location: found "Rickmansworth", expected a place such as "geo:51.6401,-0.4687"`,
    ],
    [
      'a trunk for no call',
      'trunks:\n  - {name: a, address: h, outgoingCalls: 0}',
      `${file}:2: trunks[0].outgoingCalls: found 0, expected a whole number between 1 and 1000`,
    ],
    [
      'two trunks of one name',
      'trunks:\n  - {name: a, address: h}\n  - {name: a, address: i}',
      `${file}:3: trunks[1].name: found "a", expected a name no other trunk has`,
    ],
    [
      'ARI in clear over a network',
      'asterisk:\n  url: http://192.0.2.1:8088',
      `${file}:2: asterisk.url: found "http://192.0.2.1:8088", expected https://`,
    ],
    [
      'AMI over a network',
      'asterisk:\n  amiHost: asterisk',
      `${file}:2: asterisk.amiHost: found "asterisk", expected 127.0.0.1, or a TLS proxy there`,
    ],
    [
      'a network that is none',
      'sip:\n  neverBan: [192.0.2.0/33]',
      `${file}:2: sip.neverBan[0]: found "192.0.2.0/33", expected an IP address or network`,
    ],
    [
      'a trunk with TLS where there is none',
      'trunks:\n  - {name: a, address: h, transport: tls}',
      `${file}:2: trunks[0].transport: found "tls", expected "udp" or "tcp" without sip.tls`,
    ],
    [
      'a trunk whose keys would travel in clear',
      'trunks:\n  - {name: a, address: h, media: srtp}',
      `${file}:2: trunks[0].media: found "srtp", expected "rtp" unless transport is "tls"`,
    ],
    [
      'telephones whose keys would travel in clear',
      'sip:\n  lineMedia: srtp',
      `${file}:2: sip.lineMedia: found "srtp", expected "rtp" without sip.tls`,
    ],
    [
      'a period that would remove at once',
      'retention:\n  nameDays: 0',
      `${file}:2: retention.nameDays: found 0, expected whole days between 1 and 36500, or forever`,
    ],
    [
      'a period with a slip in its key',
      'retention:\n  callsDays: 90',
      `${file}:2: retention.callsDays: found 90, expected no such setting (did you mean "callDays"?)`,
    ],
    [
      'a recording that would outlive its call',
      'retention:\n  callDays: 60\n  messageDays: forever\n  conversationDays: 60',
      `${file}:3: retention.messageDays: found "forever", expected at most retention.callDays (60)`,
    ],
    ['a list instead of settings', '- sip', `${file}:1: found ["sip"], expected "key: value" settings`],
    ['a key given twice', 'site: {}\nsite: {}', `${file}:2: not valid YAML: Map keys must be unique`],
    ['a bracket left open', 'sip: [', `${file}:1: not valid YAML: `],
  ])('%s', (_, source, message) => {
    const faults = faultsIn(source);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(message);
  });

  it.each([
    'url: http://localhost:8088',
    'url: http://127.0.0.9:8088\n  amiHost: ::1',
    'url: http://[::1]:8088',
    'url: http://asterisk:8088\n  amiHost: asterisk\n  privateNetwork: true',
  ])('lets ARI and AMI go in clear where nobody else hears them: %s', (settings) => {
    expect(faultsIn(`asterisk:\n  ${settings}\n`)).toEqual([]);
  });

  it('names the variable when the environment is wrong, and not the file', () => {
    expect(faultsIn('redis:\n  url: redis://here\n', { CLEARLINE_REDIS_URL: 'there' })).toEqual([
      'CLEARLINE_REDIS_URL: redis.url: found "there", expected an address such as "redis://127.0.0.1:6379"',
    ]);
  });

  it('keeps the fault of a section that the environment would write into', () => {
    expect(faultsIn('redis: 5', { CLEARLINE_REDIS_URL: 'redis://here' })).toEqual([
      `${file}:1: redis: found 5, expected settings under it`,
    ]);
  });

  it('says which variable named a file that is not there', () => {
    expect(() => readConfig({ CLEARLINE_CONFIG: '/nowhere/clearline.yaml' })).toThrow(
      '/nowhere/clearline.yaml: no such file (named by --config or CLEARLINE_CONFIG)',
    );
  });
});

describe('what is read', () => {
  it('puts the data folder beside the file, and everything else into it', () => {
    expect(parseConfig('', file).paths).toMatchObject({
      data: '/srv/home/data',
      secrets: '/srv/home/data/secrets.json',
      redisSocket: '/srv/home/data/redis/redis.sock',
      generated: '/srv/home/data/asterisk/etc/generated',
    });
    expect(parseConfig('data: /var/lib/clearline', file).paths.data).toBe('/var/lib/clearline');
  });

  it('lets the environment stand above the file, and ignores an empty variable', () => {
    const source = 'asterisk:\n  url: https://here:8088\n';
    expect(parseConfig(source, file, { CLEARLINE_ASTERISK_URL: 'https://there:8088' }).asterisk.url).toBe(
      'https://there:8088',
    );
    expect(parseConfig(source, file, { CLEARLINE_ASTERISK_URL: '' }).asterisk.url).toBe('https://here:8088');
  });

  it('takes a section whose settings are all commented out as left out', () => {
    expect(parseConfig('redis:\n  # url: redis://x\nstaff:\n', file)).toEqual(parseConfig('', file));
  });

  it('cannot be changed afterwards', () => {
    const config = parseConfig('trunks:\n  - {name: a, address: h}', file) as {
      -readonly [key in keyof Config]: Config[key];
    };
    expect(() => {
      config.data = 'elsewhere';
    }).toThrow(TypeError);
    expect(Object.isFrozen(config.trunks[0])).toBe(true);
  });
});

describe('clearline.example.yaml', () => {
  const keysOfSchema = keysOf(z.toJSONSchema(settings, { io: 'input' }));
  const complete = uncommented(example, keysOfSchema);

  it('states the defaults as it stands', () => {
    expect(parseConfig(example, file)).toEqual(parseConfig('', file));
  });

  it('is valid with every example in it switched on', () => {
    expect(faultsIn(complete)).toEqual([]);
  });

  it('has every setting there is', () => {
    const found = pathsIn(JSON.parse(JSON.stringify(parseConfig(complete, file))));
    expect(keysOfSchema.length).toBeGreaterThan(30);
    for (const key of keysOfSchema) {
      expect(found, `${key} is in clearline.example.yaml`).toContain(key);
      expect(complete, `${key} is written out, not merely a default`).toMatch(
        new RegExp(`^ *(- )?${key.split('.').at(-1)}:`, 'm'),
      );
    }
  });

  it('shows a trunk with its defaults', () => {
    // Without a default: absent means any number.
    const shown = parseConfig(complete, file).trunks[0];
    expect(shown?.outgoingCalls).toBeGreaterThan(0);
    const bare = { name: shown?.name, address: shown?.address };
    const read = parseConfig(stringify({ trunks: [bare] }), file).trunks[0];
    expect({ ...read, outgoingCalls: shown?.outgoingCalls }).toEqual(shown);
  });
});

/** Dotted names of every setting in a JSON schema; a list's entries count under the list's own name. */
function keysOf(schema: unknown, at: readonly string[] = []): string[] {
  const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  if (items) return [at.join('.'), ...keysOf(items, at).filter((key) => key !== at.join('.'))];
  if (!properties) return [at.join('.')];
  return Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, [...at, key]));
}

function pathsIn(value: unknown, at: readonly string[] = []): string[] {
  if (Array.isArray(value)) return [at.join('.'), ...value.flatMap((item) => pathsIn(item, at))];
  if (typeof value !== 'object' || value === null) return [at.join('.')];
  return Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...at, key]));
}

/** The example with its commented settings switched on, instead of the empty lists they would stand beside. */
function uncommented(source: string, keys: readonly string[]): string {
  const names = new Set(keys.flatMap((key) => key.split('.')));
  const switchOn = (line: string): string => {
    const [, indent, rest, key] = /^( *)# ( *(?:# |- )?([a-zA-Z]+):.*)$/.exec(line) ?? [];
    // Within an example, what is absent there is a comment once more.
    return key && names.has(key) ? switchOn(`${indent}${rest}`) : line;
  };
  return source
    .split('\n')
    .filter((line) => !line.endsWith(': []'))
    .map(switchOn)
    .join('\n');
}
