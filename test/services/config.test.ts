import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { type Config, ConfigError, parseConfig, readConfig, settings } from '../../services/config.ts';

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
    ['a list instead of settings', '- sip', `${file}:1: found ["sip"], expected "key: value" settings`],
    ['a key given twice', 'site: {}\nsite: {}', `${file}:2: not valid YAML: Map keys must be unique`],
    ['a bracket left open', 'sip: [', `${file}:1: not valid YAML: `],
  ])('%s', (_, source, message) => {
    const faults = faultsIn(source);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(message);
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
      '/nowhere/clearline.yaml: no such file (named by CLEARLINE_CONFIG)',
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
    const source = 'asterisk:\n  url: http://here:8088\n';
    expect(parseConfig(source, file, { CLEARLINE_ASTERISK_URL: 'http://there:8088' }).asterisk.url).toBe(
      'http://there:8088',
    );
    expect(parseConfig(source, file, { CLEARLINE_ASTERISK_URL: '' }).asterisk.url).toBe('http://here:8088');
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
