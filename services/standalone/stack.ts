import { join } from 'node:path';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { tlsFaults } from '../config-network.ts';
import { maskSentence } from '../log.ts';
import { ensureSecrets, type Secrets } from '../secrets.ts';
import { type AsteriskConsole, consoleOf, startAsterisk } from './asterisk.ts';
import type { Child } from './child.ts';
import { writeGenerated } from './generated.ts';
import { lockData } from './lock.ts';
import { keepLogSmall } from './log-size.ts';
import { checkPorts } from './ports.ts';
import { startRedis } from './redis.ts';
import { type ServiceName, servicesOf, startService as startNode } from './service.ts';
import { type Supervised, supervise } from './supervise.ts';

/** Whoever takes calls goes first; Redis outlives whoever writes to it. */
const stopOrder = ['console', 'interceptor', 'asterisk', 'worker', 'redis'] as const;
/** How long a program may take to end beside what it waits for, in milliseconds. */
const stopMs = 10_000;
type ProgramName = (typeof stopOrder)[number];

export interface StackOptions {
  /** Absent: `CLEARLINE_CONFIG`, else clearline.yaml in the working folder, else the defaults. */
  readonly configFile?: string;
  /** All that the site wants by default. */
  readonly services?: readonly ServiceName[];
  /**
   * Whatever but Asterisk does not come up is tried again and again, as when it dies later: telephones and 999 need
   * Asterisk alone, and must not wait for a database.
   */
  readonly patient?: boolean;
  /** Aborts when the stack is to stop before it has started: services that have not come up are not waited for. */
  readonly hurry?: AbortSignal;
  /** What happens to the stack, in sentences. */
  readonly log: (message: string) => void;
  /** Lines the programs write; dropped when left out. */
  readonly output?: (program: string, line: string) => void;
  /** Folder of Asterisk's templates; the repository's dialplan by default. */
  readonly templates?: string;
  /** How long a service may give no sign of life before it is killed, in milliseconds; see service.ts. Infinity: it stays as it is. */
  readonly silenceMs?: number;
}

export interface Stack {
  readonly config: Config;
  readonly secrets: Secrets;
  /** The Asterisk and Redis of this stack; null where the configuration names the user's own by URL. */
  readonly asterisk: (Supervised & { readonly cli: AsteriskConsole }) | null;
  readonly redis: Supervised | null;
  /** The service as it runs; undefined when it was not started or has been stopped. */
  service(name: ServiceName): Supervised | undefined;
  startService(name: ServiceName): Promise<void>;
  stopService(name: ServiceName): Promise<void>;
  /** Ends the calls, then every program, in order. May be called again; leaves nothing running. */
  stop(): Promise<void>;
}

/** Asterisk would start without its encrypted telephones and trunks, and say so in its own log alone. */
function checkTls({ asterisk, paths }: Config): void {
  const faults = asterisk.url || paths.tls === null ? [] : tlsFaults(paths.tls);
  if (faults.length > 0) throw new ConfigError(faults.map(([key, fault]) => ({ key, message: `${key}: ${fault}` })));
}

/**
 * Starts everything one machine needs: Asterisk, Redis, the worker, the interceptor and the console, each started again when it dies.
 * Rejects, with nothing left running, when the configuration is wrong, the data folder is in use, a port is taken, or a
 * program does not come up (with `patient`: Asterisk). Environment variables stand above the file as in `readConfig`.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const env = options.configFile ? { ...process.env, CLEARLINE_CONFIG: options.configFile } : process.env;
  const config = readConfig(env);
  checkTls(config);
  // The last words of a program that died may be about a call.
  const say = (message: string) => options.log(maskSentence(config, message));
  const lock = await lockData(config.paths.data);
  const running = new Map<ProgramName, Supervised>();
  let stopped: Promise<void> | undefined;
  let leaveLog = () => {};
  const stop = () => {
    leaveLog();
    stopped ??= stopAll(config, running).finally(lock.release);
    return stopped;
  };
  const launch = async (name: ProgramName, start: (given: Given, stopped: AbortSignal) => Promise<Child>) => {
    const given = {
      lock: lock.descriptor,
      onLine: (line: string) => options.output?.(name, maskSentence(config, line)),
    };
    const patient = name !== 'asterisk' && options.patient === true;
    const program = await supervise(name, (stopped) => start(given, stopped), say, {
      patient,
      ...(options.hurry && { hurry: options.hurry }),
    });
    running.set(name, program);
    return program;
  };
  const { silenceMs } = options;
  const startService = async (name: ServiceName) => {
    if (running.has(name)) return;
    await launch(name, (given, stopped) =>
      startNode(name, env, { ...given, ...(silenceMs !== undefined && { silenceMs }) }, stopped),
    );
  };

  try {
    await checkPorts(config);
    const secrets = ensureSecrets(config);
    await writeGenerated(config, secrets, say);
    const { templates } = options;
    const asterisk = config.asterisk.url
      ? null
      : await launch('asterisk', (given) =>
          startAsterisk(config, secrets, { ...given, ...(templates && { templates }) }),
        );
    if (asterisk) {
      const onTrouble = (error: unknown) => say(`The log of Asterisk cannot be put aside: ${String(error)}`);
      leaveLog = keepLogSmall(join(config.paths.asterisk, 'log'), consoleOf(config), onTrouble);
    }
    const redis = config.redis.url ? null : await launch('redis', (given) => startRedis(config, given));
    const wanted = options.hurry?.aborted ? [] : (options.services ?? servicesOf(config));
    // Side by side: a worker that waits for Redis must not keep the interceptor from taking calls.
    const started = await Promise.allSettled(wanted.map(startService));
    for (const each of started) if (each.status === 'rejected') throw each.reason;
    return {
      config,
      secrets,
      asterisk: asterisk && withConsole(asterisk, config),
      redis,
      service: (name) => running.get(name),
      startService,
      stopService: async (name) => {
        await running.get(name)?.stop(config.stop.drainSeconds * 1000 + stopMs);
        running.delete(name);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Given = { readonly lock: number; readonly onLine: (line: string) => void };

/** A getter such as `pid` must stay one: it changes when Asterisk is started again. */
function withConsole(asterisk: Supervised, config: Config): Supervised & { readonly cli: AsteriskConsole } {
  return Object.defineProperties(
    { cli: consoleOf(config) },
    Object.getOwnPropertyDescriptors(asterisk),
  ) as Supervised & {
    readonly cli: AsteriskConsole;
  };
}

async function stopAll(config: Config, running: Map<ProgramName, Supervised>): Promise<void> {
  const own = running.get('asterisk');
  if (own?.pid) await endCalls(consoleOf(config));
  for (const name of stopOrder) {
    // In an Asterisk of the user's own, calls go on: the interceptor sees those in hand through.
    await running.get(name)?.stop(own || name !== 'interceptor' ? stopMs : config.stop.drainSeconds * 1000 + stopMs);
    running.delete(name);
  }
}

/** Ends the calls while the interceptor still hears it, so that their records close now and not at the next start. */
async function endCalls(cli: AsteriskConsole): Promise<void> {
  const deadline = Date.now() + 2000;
  try {
    await cli('channel request hangup all');
    while (Date.now() < deadline && !/^0 active channels/m.test(await cli('core show channels count'))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch {
    // An Asterisk that does not answer is stopped all the same; the next start records its calls.
  }
}
