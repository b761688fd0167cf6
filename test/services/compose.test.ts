import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../services/config.ts';
import { standsBy } from '../../services/interceptor/watch.ts';
import { readSecrets } from '../../services/secrets.ts';

/** docker-compose.yml cannot be started without Docker; that it agrees with the code it starts can be shown without. */
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly network_mode?: string;
  readonly ports?: unknown;
  readonly user: string;
  readonly volumes: readonly (string | { readonly target: string })[];
}

const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const service = (name: string): Service => {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};
const env = { CLEARLINE_DATA: service('interceptor').environment?.CLEARLINE_DATA ?? '' };
const config = parseConfig('', service('interceptor').environment?.CLEARLINE_CONFIG ?? '', env);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clearline-compose-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('docker-compose.yml', () => {
  it('has one service a process, and starts files that are there', () => {
    expect(Object.keys(services)).toEqual(['lay-out', 'asterisk', 'redis', 'worker', 'interceptor', 'console', 'cli']);
    for (const { command = [] } of Object.values(services)) {
      for (const file of command.filter((word) => word.endsWith('.ts')))
        expect(existsSync(join(root, file)), file).toBe(true);
    }
  });

  it.each(['docker/asterisk.Dockerfile', 'docker/services.Dockerfile'])(
    '%s copies what there is, and is used',
    (file) => {
      expect(Object.values(services).map(({ build }) => build?.dockerfile)).toContain(file);
      const ignored = readFileSync(join(root, '.dockerignore'), 'utf8');
      const copies = [...readFileSync(join(root, file), 'utf8').matchAll(/^COPY (.+) \S+$/gm)];
      expect(copies.length).toBeGreaterThan(0);
      for (const source of copies.flatMap(([, sources = '']) => sources.split(' '))) {
        expect(existsSync(join(root, source)), source).toBe(true);
        expect(ignored, `${source} reaches the build`).toContain(`!${source}\n`);
      }
    },
  );

  it('looks for Asterisk and Redis where the configuration puts them', () => {
    const conf = join(config.paths.asterisk, 'etc/asterisk.conf');
    expect(readFileSync(join(root, 'docker/asterisk.Dockerfile'), 'utf8')).toContain(`"-C", "${conf}", "-f"`);
    expect(service('asterisk').healthcheck?.test).toContain(conf);
    expect(service('asterisk').volumes).toContain(`./site:${join(config.paths.asterisk, 'etc/site')}:ro`);
    for (const words of [service('redis').command, service('redis').healthcheck?.test]) {
      expect(words).toContain(config.paths.redisSocket);
    }
  });

  it('asks each service on the port where it tells whether it does its work', () => {
    const { interceptorPort, workerPort } = config.watch;
    for (const [name, port] of Object.entries({
      interceptor: interceptorPort,
      worker: workerPort,
      console: config.console.port,
    })) {
      expect(service(name).healthcheck?.test.at(-1), name).toContain(`http://127.0.0.1:${port}/readyz`);
    }
  });

  it.each([
    [200, 'ready', 0],
    [503, standsBy, 0],
    [503, 'AMI is lost: no line counts as clear, and guarded calls wait.', 1],
  ])('calls the interceptor healthy that answers %i "%s": %i', (status, text, code) => {
    const answer = `globalThis.fetch = async () => new Response(${JSON.stringify(text)}, { status: ${status} });`;
    const check = service('interceptor').healthcheck?.test.at(-1) ?? '';
    expect(spawnSync(process.execPath, ['-e', `${answer}${check}`]).status).toBe(code);
  });

  it('lets a second interceptor stand by (--scale interceptor=2): nothing has a name or a port of its own', () => {
    expect(service('interceptor')).not.toHaveProperty('container_name');
    expect(service('interceptor')).not.toHaveProperty('hostname');
    expect(service('interceptor').network_mode).toBe('host');
  });

  it('runs everything that shares the data as one user, and lays it out first', () => {
    for (const [name, { user, volumes }] of Object.entries(services)) {
      expect(user, name).toBe('1000:1000');
      expect(volumes, name).toContain(`data:${config.paths.data}`);
    }
    for (const name of ['asterisk', 'redis']) {
      expect(service(name).depends_on?.['lay-out']?.condition).toBe('service_completed_successfully');
    }
  });

  it('publishes no port: the management interfaces stay on 127.0.0.1', () => {
    for (const [name, { ports, network_mode }] of Object.entries(services)) {
      expect(ports, name).toBeUndefined();
      expect(['host', 'none'], name).toContain(network_mode);
    }
  });
});

describe('docker/make-env.sh', () => {
  const run = () => execFileSync('sh', [join(folder, 'docker/make-env.sh')], { encoding: 'utf8' });

  it('writes passwords that the services take, for its owner alone, and keeps them the second time', () => {
    mkdirSync(join(folder, 'docker'));
    cpSync(join(root, 'docker/make-env.sh'), join(folder, 'docker/make-env.sh'));
    expect(run()).toContain('Wrote');
    const file = join(folder, '.env');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const text = readFileSync(file, 'utf8');
    expect(new Set(Object.values(readSecrets(config, parseEnv(text) as NodeJS.ProcessEnv))).size).toBe(4);
    for (const name of Object.keys(parseEnv(text)))
      expect(service('interceptor').environment, name).toHaveProperty(name);
    expect(run()).toContain('is there already');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('services/standalone/lay-out.ts', () => {
  const layOut = () =>
    execFileSync(process.execPath, [join(root, 'services/standalone/lay-out.ts')], {
      encoding: 'utf8',
      env: { ...process.env, CLEARLINE_CONFIG: undefined, CLEARLINE_DATA: join(folder, 'data') },
      cwd: folder,
    });

  it('makes what Asterisk and Redis need to start, and can be run again', () => {
    const conf = layOut().trim();
    expect(conf).toBe(join(folder, 'data/asterisk/etc/asterisk.conf'));
    expect(layOut().trim()).toBe(conf);
    for (const path of [
      'etc/extensions.conf',
      'etc/generated/pjsip.conf',
      'etc/site',
      'run',
      'spool/recording',
      '../redis',
    ]) {
      expect(existsSync(join(folder, 'data/asterisk', path)), path).toBe(true);
    }
    expect(readFileSync(conf, 'utf8')).toContain(`astrundir => ${join(folder, 'data/asterisk/run')}`);
  });
});
