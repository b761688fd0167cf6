import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import { readConfig } from '../../services/config.ts';
import { type Stack, startStack } from '../../services/standalone/stack.ts';
import { processesOf, writeConfig } from '../../test/support/stack.ts';
import { until } from '../../test/support/until.ts';

const cli = fileURLToPath(new URL('../../services/cli/main.ts', import.meta.url));

/**
 * The demo's own home for three residents: the whole stack on free ports, in one temporary folder that also takes every
 * temporary file of its programs. So whatever names that folder is the demo's, and must be gone at the end.
 */
export class Home {
  readonly folder: string;
  readonly asterisk: { readonly host: string; readonly port: number };
  readonly #configFile: string;
  #stack: Stack | null = null;

  private constructor(folder: string, configFile: string, port: number) {
    this.folder = folder;
    this.#configFile = configFile;
    this.asterisk = { host: '127.0.0.1', port };
  }

  /** Makes the folder and the configuration. From here on `leave` has to be called. */
  static async prepare(trunkAddress: string, mailPort: number): Promise<Home> {
    // A Redis, database or exchange of the user's own must not see these calls.
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('CLEARLINE_') && name !== 'CLEARLINE_CACHE') delete process.env[name];
    }
    const folder = await mkdtemp(join(tmpdir(), 'clearline-demo-'));
    process.env.TMPDIR = join(folder, 'tmp');
    await mkdir(process.env.TMPDIR);
    const { configFile, sipPort } = await writeConfig(folder, {
      trunks: [{ name: 'carrier', address: trunkAddress }],
      settings: {
        // The calls are told from the interceptor's log; nobody here is a real person.
        log: { level: 'debug', maskPersonalData: false },
        site: { name: 'Cedar House', area: 'Rickmansworth' },
        campaigns: { enabled: true },
        alerts: {
          smtp: { host: '127.0.0.1', port: mailPort, tls: 'none' },
          from: 'clearline@cedar.example',
          recipients: [{ name: 'warden', channel: 'email', to: 'warden@cedar.example' }],
        },
      },
    });
    return new Home(folder, configFile, sipPort);
  }

  /** Starts every program; `output` gets what they write. Rejects with what to do about it where one cannot start. */
  async start(log: (message: string) => void, output: (program: string, line: string) => void): Promise<void> {
    this.#stack = await startStack({ configFile: this.#configFile, log, output });
  }

  /** Runs the clearline command for this home and gives what it prints. */
  async clearline(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, '--config', this.#configFile, ...args]);
    return stdout.trimEnd();
  }

  /** The same of a command that has to find something wrong: rejects where it does not. */
  async refused(...args: readonly string[]): Promise<string> {
    return this.clearline(...args).then(
      () => Promise.reject(new Error(`clearline ${args.join(' ')} found nothing wrong`)),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`.trimEnd(),
    );
  }

  /** What is on record, for what no command shows as the demo needs it. */
  async withStore<T>(read: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(readConfig({ ...process.env, CLEARLINE_CONFIG: this.#configFile }));
    try {
      return await read(store);
    } finally {
      await store.close();
    }
  }

  /** Waits until Asterisk has no channel and no bridge left. */
  async untilQuiet(): Promise<void> {
    const cli = this.#stack?.asterisk?.cli;
    if (!cli) return;
    await until('Asterisk has no channel left', async () =>
      /^0 active channels/m.test(await cli('core show channels')),
    );
    await until('Asterisk has no bridge left', async () => !/-(talk|onward)/.test(await cli('bridge show all')));
  }

  /**
   * Stops every program and removes the folder. Rejects where anything of the demo is left. After a fault `insist` ends
   * telephones that are still at it.
   */
  async leave(insist: boolean): Promise<void> {
    await this.#stack?.stop();
    if (insist) for (const pid of await processesOf(this.folder)) end(pid);
    await until('no process of the demo is left', async () => (await processesOf(this.folder)).length === 0);
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (existsSync(this.folder)) throw new Error(`${this.folder} could not be removed`);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
