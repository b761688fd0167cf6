import { execFileSync } from 'node:child_process';

/**
 * Lets a process write no file beyond so many bytes, as a full disk would not; undefined: any again. Every user may do so to
 * processes of their own, and Node takes the refusal (EFBIG) as it takes a full disk's.
 */
export function limitFiles(pid: number, bytes?: number): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:`]);
}
