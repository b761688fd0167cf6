import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The data folder is ours as long as `descriptor` is open here or in a program it was handed to. */
export interface DataLock {
  readonly descriptor: number;
  release(): void;
}

/**
 * Locks the data folder (made if missing) against a second start. The kernel holds the lock on the open file, so it ends with
 * the last process that has it, however that one dies; the pid inside is for the message alone.
 * Rejects with who holds it. Where that one was killed and its programs are still ending, waits for them, ten seconds at most.
 */
export async function lockData(folder: string): Promise<DataLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  const descriptor = openSync(file, 'a+', 0o600);
  const holder = Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (!(await lock(descriptor, 0)) && (isAlive(holder) || !(await lock(descriptor, 10)))) {
    closeSync(descriptor);
    throw new Error(
      `data: ${folder} is in use by another Clearline${holder ? ` (process ${holder})` : ''}. Stop that one, or choose another data folder.`,
    );
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { descriptor, release: () => closeSync(descriptor) };
}

/** flock(1) locks the open file it inherits, and leaves it locked for us when it ends. */
function lock(descriptor: number, waitSeconds: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['--exclusive', '--wait', String(waitSeconds), '3'], {
      stdio: ['ignore', 'ignore', 'inherit', descriptor],
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
