import { readdir, readFile } from 'node:fs/promises';
import type { TestStack } from '../../support/stack.ts';
import { askRedis } from '../leftovers.ts';
import type { Inspector } from './inspector.ts';

/** What is read after each thousand calls, when all is quiet; and what each may grow by from the second thousand to the last. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** By how much the straight line through the readings may rise, in the unit. */
  readonly tolerance: number;
  /** As much more for each call as is remembered of it for a while, in the unit. */
  readonly remembered?: number;
  read(): Promise<number>;
}

const megabyte = 1024 * 1024;
const remembered = 3_000 / megabyte;

/**
 * The tolerances. A heap after a collection moves by a megabyte or two with compiled code, caches and timers: 300 bytes kept of each
 * call would be 2.4 MB in eight thousand. The interceptor remembers some 2.5 kB of a call for ten or eleven minutes: its SIP
 * dialogs (releases.ts) and who called (callers.ts), and its id for longer (noted-calls.ts), each in a book of at most 20,000. So that much more
 * is allowed while calls come, and nothing more once those minutes are over, which is when main.ts reads it again.
 *
 * Resident memory follows the allocator, which gives little back: ten times a heap's. Asterisk's fills an arena for each of its threads
 * in the first thousands (6 MB a thousand calls, then 2, when this was written): 60 MB, or 7 kB of each call, would be a leak of its own.
 *
 * Handles, task processors, threads and files are counted when all is quiet: a leak of one in a hundred calls would be 80;
 * connections that come and go make it a few, and Asterisk's pools of task processors, warm or just tidied, a few dozen. Redis keeps the last thousand jobs of each queue
 * (services/adapters/bullmq.ts), whose size varies with what was said in the calls.
 */
export function figuresOf(stack: TestStack, inspectors: ReadonlyMap<'interceptor' | 'worker', Inspector>): Figure[] {
  const services = [...inspectors].flatMap(([name, inspector]): Figure[] => {
    const pid = () => stack.service(name)?.pid ?? 0;
    return [
      {
        name: `${name} heap`,
        unit: 'MB',
        tolerance: 2.5,
        ...(name === 'interceptor' && { remembered }),
        read: async () => (await inspector.heapUsed()) / megabyte,
      },
      {
        name: `${name} resident`,
        unit: 'MB',
        tolerance: 25,
        ...(name === 'interceptor' && { remembered }),
        read: () => residentOf(pid()),
      },
      { name: `${name} handles`, unit: '', tolerance: 5, read: () => inspector.handles() },
      { name: `${name} files`, unit: '', tolerance: 5, read: () => filesOf(pid()) },
    ];
  });
  const cli = async (command: string, counted: RegExp) =>
    (await stack.asterisk.cli(command)).split('\n').filter((line) => counted.test(line)).length;
  const redis = async (command: string, found: RegExp) =>
    Number(found.exec(await askRedis(stack.config.paths.redisSocket, command))?.[1]);
  const asteriskPid = () => stack.asterisk.pid ?? 0;
  return [
    ...services,
    { name: 'Redis keys', unit: '', tolerance: 20, read: () => redis('DBSIZE', /:(\d+)/) },
    {
      name: 'Redis memory',
      unit: 'MB',
      tolerance: 3,
      read: async () => (await redis('INFO memory', /used_memory:(\d+)/)) / megabyte,
    },
    { name: 'Asterisk channels', unit: '', tolerance: 0, read: () => cli('core show channels concise', /!/) },
    { name: 'Asterisk bridges', unit: '', tolerance: 0, read: () => cli('bridge show all', /^[0-9a-f]\S+ /) },
    {
      name: 'Asterisk task processors',
      unit: '',
      tolerance: 40,
      read: () => cli('core show taskprocessors', /^\S+ +\d+ +\d+ /),
    },
    { name: 'Asterisk files', unit: '', tolerance: 5, read: () => filesOf(asteriskPid()) },
    { name: 'Asterisk threads', unit: '', tolerance: 8, read: () => statusOf(asteriskPid(), 'Threads') },
    { name: 'Asterisk resident', unit: 'MB', tolerance: 60, read: () => residentOf(asteriskPid()) },
    {
      name: "Asterisk's notes of calls",
      unit: '',
      tolerance: 0,
      read: () => cli('database show clearline-ended', /^\/clear/),
    },
  ];
}

async function filesOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

async function residentOf(pid: number): Promise<number> {
  return (await statusOf(pid, 'VmRSS')) / 1024;
}

async function statusOf(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
}
