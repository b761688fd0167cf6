import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Ami, AmiOptions } from '../adapters/ami.ts';
import type { BanShelf } from '../adapters/ami-bans.ts';
import type { LeaseHolders } from '../adapters/lease.ts';
import type { Store } from '../adapters/sql/store.ts';
import { type Config, readConfig } from '../config.ts';

/** What the command needs of AMI. */
export interface CommandAmi extends Pick<Ami, 'whenReady' | 'listChannelsOf' | 'readHolds' | 'removeHold' | 'close'> {
  readonly bans: Pick<BanShelf, 'read' | 'remove'>;
}

/** What the command needs of the world, so that tests can give it another. */
export interface World {
  readonly env: NodeJS.ProcessEnv;
  /** Write one line, or several, without the end of the last. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** The whole of the standard input. */
  readonly readInput: () => Promise<Uint8Array>;
  /** Asks without showing what is typed; null where there is no terminal. */
  readonly askPassword: (question: string) => Promise<string | null>;
  readonly openStore: (config: Config) => Promise<Store>;
  /** Which interceptor has the calls; rejects when Redis cannot say; `status` adds the deadline. */
  readonly askRedis: (config: Config) => Promise<LeaseHolders>;
  readonly fetch: typeof fetch;
  /** As openAmi of adapters/ami.ts. */
  readonly openAmi: (options: AmiOptions, onTrouble: (why: string) => void) => CommandAmi;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** IANA name of the zone times are shown and typed in; undefined: `site.timeZone`. */
  readonly timeZone?: string;
}

/** What the exit code says; the help names them. */
export const exitCodes = { fine: 0, wrong: 1, notUnderstood: 2 } as const;

/** Ends the command with a sentence or two for the person who typed it. */
export class CommandError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exitCodes.wrong) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** One run of the command: its world, its configuration once it is needed, and how it will end. */
export class Session {
  readonly world: World;
  exitCode: number = exitCodes.fine;
  private configFile: string | undefined;
  /** Whoever runs the command in the wrong folder is to know why nothing is on record. */
  private toldOfDefaults = false;

  constructor(world: World) {
    this.world = world;
  }

  useConfigFile(file: string): void {
    this.configFile = file;
  }

  /** Throws ConfigError with every fault. */
  config(): Config {
    const { env, err } = this.world;
    if (!this.toldOfDefaults && !this.isConfigNamed() && !existsSync(this.configPath())) {
      this.toldOfDefaults = true;
      err(`There is no ${this.configPath()}: the defaults are used. --config names another file.`);
    }
    return readConfig(this.configFile === undefined ? env : { ...env, CLEARLINE_CONFIG: this.configFile });
  }

  /** In which times are shown and typed: the site's, unless the world names one. */
  zone(): string {
    return this.world.timeZone ?? this.config().site.timeZone;
  }

  /** The file the configuration comes from; it need not be there. */
  configPath(): string {
    return resolve(this.configFile ?? this.world.env.CLEARLINE_CONFIG ?? 'clearline.yaml');
  }

  private isConfigNamed(): boolean {
    return this.configFile !== undefined || this.world.env.CLEARLINE_CONFIG !== undefined;
  }

  /** Opens the database for one use. Throws CommandError when it cannot be opened. */
  async withStore<T>(use: (store: Store, config: Config) => Promise<T>): Promise<T> {
    const config = this.config();
    const store = await this.world.openStore(config).catch((error: unknown) => {
      throw new CommandError(`${reasonOf(error)}. Is the data folder or database.url right? See: clearline check`);
    });
    try {
      return await use(store, config);
    } finally {
      await store.close();
    }
  }
}

/** Node's words for what goes wrong with files, and ours. */
const fileTroubles: Readonly<Record<string, string>> = {
  EACCES: 'you may not read or write it',
  EEXIST: 'there is one already; name another, or take that one away',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'what should be a folder on its way is a file',
  EROFS: 'the disk can only be read',
};

/** Why something failed with a file that the sentence around it names, for the person who typed the command. */
export function fileTrouble(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return fileTroubles[code] ?? reasonOf(error);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
