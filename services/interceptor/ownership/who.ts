import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** The names of processes: told apart on all machines and for all time, so that a name can be known for that of a dead one. */

/** `<this start of this machine, and container>.<process>.<when it started>`; where /proc does not say, a name of which nothing is known. */
export function nameOfThisProcess(): string {
  const place = placeName();
  const started = startOf(process.pid);
  return place === null || started === null ? `unknown.${randomUUID()}` : `${place}.${process.pid}.${started}`;
}

/** Whether the process of that name is known to have ended: never where it ran in another place than this one. */
export function isDead(name: string): boolean {
  const [, place, pid, started] = /^(.+)\.(\d+)\.(\d+)$/.exec(name) ?? [];
  return place !== undefined && place === placeName() && startOf(Number(pid)) !== started;
}

function placeName(): string | null {
  const boot = readText('/proc/sys/kernel/random/boot_id');
  try {
    const [space] = /\d+/.exec(readlinkSync('/proc/self/ns/pid')) ?? [];
    return boot === null || space === undefined ? null : `${boot.trim()}.${space}`;
  } catch {
    return null;
  }
}

/** In clock ticks since the machine started (proc(5), field 22 of stat); null for one that is gone, or has ended and lies there still. */
function startOf(pid: number): string | null {
  const [state, ...rest] =
    readText(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ') ?? [];
  return state === undefined || state === 'Z' || state === 'X' ? null : (rest[18] ?? null);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
