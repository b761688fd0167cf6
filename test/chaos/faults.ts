import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import type { AriDelay } from '../support/ari-delay.ts';
import { faultsOf } from '../support/faults.ts';
import { limitFiles } from '../support/full-disk.ts';
import { now } from '../support/phone/wire.ts';
import type { TestStack } from '../support/stack.ts';
import { type FaultKind, faultKinds, type PlannedFault } from './plan.ts';

/** A time in which something was away, on the clock of `now()`; it is still away where it has no end yet. */
export interface Away {
  readonly what: string;
  readonly from: number;
  to: number;
}

/** Begins a fault, and gives what mends it; null where it mends itself, as a program that is started again. */
type Begin = () => Promise<(() => Promise<void> | void) | null> | (() => void) | null;

/** Longer than a process may be silent before whoever started it kills it (services/standalone/service.ts). */
const hungMs = 12_000;

/** Does the faults of a plan to a stack, and knows which went on when. */
export class Havoc {
  readonly log: Away[] = [];
  /** From the death of each Asterisk until another one runs. */
  readonly asteriskDead: Away[] = [];
  /** Faults that could not be begun or mended, in words. */
  readonly troubles: string[] = [];
  private readonly stack: TestStack;
  private readonly begin: Record<FaultKind, Begin>;

  constructor(stack: TestStack, ari: AriDelay) {
    this.stack = stack;
    this.begin = this.means(ari);
  }

  /** Begins it when its time in the round has come, and comes back when it is mended. */
  async commit({ kind, afterMs, lastsMs }: PlannedFault): Promise<void> {
    await pause(afterMs);
    const away = { what: kind, from: now(), to: Number.POSITIVE_INFINITY };
    this.log.push(away);
    let mend: (() => Promise<void> | void) | null = null;
    try {
      mend = await this.begin[kind]();
      await pause(lastsMs);
    } catch (error) {
      this.troubles.push(`${kind} could not begin: ${String(error)}`);
    }
    try {
      await mend?.();
    } catch (error) {
      this.troubles.push(`${kind} could not be mended: ${String(error)}`);
    }
    away.to = now();
  }

  /** What was going on at that time, and a moment before. */
  at(time: number): string[] {
    return this.log.filter(({ from, to }) => from - 500 <= time && time <= to + 3_000).map(({ what }) => what);
  }

  /** Whether Asterisk lived all the while. */
  asteriskLived(from: number, to: number): boolean {
    return this.asteriskDead.every((dead) => dead.to < from || dead.from > to);
  }

  /** How often each kind was done. */
  get tally(): [FaultKind, number][] {
    return faultKinds.map((kind) => [kind, this.log.filter(({ what }) => what === kind).length]);
  }

  private means(ari: AriDelay): Record<FaultKind, Begin> {
    const { stack } = this;
    const { amiRefused, sqlReadOnly } = faultsOf(stack);
    const program = (name: 'interceptor' | 'worker') => () => stack.service(name);
    const redis = () => stack.redis ?? undefined;
    const asterisk = () => stack.asterisk;
    return {
      'interceptor killed': signal(program('interceptor'), 'SIGKILL'),
      'interceptor stopped': signal(program('interceptor'), 'SIGTERM'),
      'interceptor paused': paused(program('interceptor')),
      'interceptor hung': async () => {
        const mend = paused(program('interceptor'))();
        await pause(hungMs);
        return mend;
      },
      'worker killed': signal(program('worker'), 'SIGKILL'),
      'worker paused': paused(program('worker')),
      'redis killed': signal(redis, 'SIGKILL'),
      'redis stopped': signal(redis, 'SIGTERM'),
      'redis paused': paused(redis),
      'asterisk killed': () => this.killAsterisk(),
      'asterisk paused': paused(asterisk),
      'ARI cut': () => {
        ari.cut();
        return null;
      },
      'ARI half open': () => {
        ari.setDelay(60_000);
        return () => ari.setDelay(0);
      },
      'AMI refused': async () => {
        await amiRefused.begin();
        return amiRefused.mend;
      },
      'SQL locked': () => lockDatabase(stack.config.paths.database),
      'SQL read-only': async () => {
        await sqlReadOnly.begin();
        return sqlReadOnly.mend;
      },
      'SQL moved': () => moveDatabase(stack.config.paths.database),
      "worker's disk full": fullDisk(program('worker')),
      "interceptor's disk full": fullDisk(program('interceptor')),
    };
  }

  /** Nothing but Asterisk's own death ends the calls in it. */
  private async killAsterisk(): Promise<null> {
    const { asterisk } = this.stack;
    const dead = { what: 'asterisk', from: now(), to: Number.POSITIVE_INFINITY };
    this.asteriskDead.push(dead);
    const { pid } = asterisk;
    asterisk.kill('SIGKILL');
    while (asterisk.pid === null || asterisk.pid === pid) await pause(50);
    dead.to = now();
    return null;
  }
}

type Program = () => { readonly pid: number | null; kill(signal: NodeJS.Signals): void } | undefined;

function signal(program: Program, name: NodeJS.Signals): Begin {
  return () => {
    program()?.kill(name);
    return null;
  };
}

/** SIGSTOP: its connections stay open, and nothing answers. What comes after it, if it is killed meanwhile, is left alone. */
function paused(program: Program) {
  return () => {
    const stopped = program()?.pid;
    if (!stopped) return null;
    process.kill(stopped, 'SIGSTOP');
    return () => {
      if (program()?.pid === stopped) process.kill(stopped, 'SIGCONT');
    };
  };
}

function fullDisk(program: Program): Begin {
  return () => {
    const pid = program()?.pid;
    if (!pid) return null;
    limitFiles(pid, 0);
    return () => {
      if (program()?.pid === pid) limitFiles(pid);
    };
  };
}

function lockDatabase(file: string) {
  const database = new DatabaseSync(file, { timeout: 5_000 });
  database.exec('begin immediate');
  return () => {
    database.exec('rollback');
    database.close();
  };
}

function moveDatabase(database: string) {
  const files = ['', '-wal', '-shm'].map((suffix) => `${database}${suffix}`).filter((file) => existsSync(file));
  for (const file of files) renameSync(file, `${file}.away`);
  return () => {
    for (const file of files) renameSync(`${file}.away`, file);
  };
}
