import { setTimeout as pause } from 'node:timers/promises';
import type { CallRecord } from '../../services/core/record.ts';
import { now } from '../support/phone/wire.ts';
import { until } from '../support/until.ts';
import { judgeEmergencies, judgeGuarded, judgeInbound, judgeOutgoing, judgeTalks, type Verdict } from './checks.ts';
import { playCrowd } from './crowd.ts';
import { Havoc } from './faults.ts';
import { askRedis, awaitQuiet, awaitRecords, judgeLeftovers } from './leftovers.ts';
import { type FaultKind, planCrowd, planRounds, planScenes } from './plan.ts';
import { startTown, type Town } from './town.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** How long calls are placed and faults begun. */
  readonly seconds: number;
  /** Calls of the crowd, a second. */
  readonly rate: number;
  readonly homes: number;
  /** All of them by default. */
  readonly faults?: readonly FaultKind[];
  readonly say: (message: string) => void;
}

export interface ChaosResult {
  readonly verdicts: readonly Verdict[];
  readonly faults: readonly [FaultKind, number][];
  /** What interceptor, worker, Asterisk, Redis and their supervisor said. */
  readonly output: readonly string[];
}

/** How long all parts may take to be back and answering after the last fault of a round. */
const recoveryMs = 60_000;

/** One run, from an empty town to the verdicts. Everything it started is ended when it resolves or rejects. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const town = await startTown(options.homes);
  try {
    const havoc = new Havoc(town.site.stack, town.ari);
    await until('Clearline answers calls', () => isWhole(town), recoveryMs);
    const recovery = await live(town, havoc, options);
    options.say(`${town.book.placed.length} calls placed; waiting until all is quiet`);
    const verdicts = [...(await judge(town, havoc)), recovery];
    return { verdicts, faults: havoc.tally, output: [...town.site.stack.output] };
  } finally {
    await town.stop();
  }
}

/** People telephone while one round of faults follows the other, until the time is over and all is mended. */
async function live(town: Town, havoc: Havoc, options: ChaosOptions): Promise<Verdict> {
  const { seed, seconds, rate, say } = options;
  const end = now() + seconds * 1_000;
  const isOver = () => now() >= end;
  const people = [
    ...town.households.map(async (household, home) => {
      for (const scene of planScenes(seed, home)) {
        if (isOver()) return;
        await household.play(scene);
      }
    }),
    playCrowd(town.crowd, planCrowd(seed, seconds, rate), isOver),
  ];
  const lasting = Promise.all(people);
  const stuck: string[] = [];
  await pause(2_000);
  for (const { faults, calmMs } of planRounds(seed, options.faults)) {
    if (isOver()) break;
    const kinds = faults.map(({ kind }) => kind).join(' + ');
    say(`${Math.round((end - now()) / 1_000)} s left: ${kinds}`);
    await Promise.all(faults.map((fault) => havoc.commit(fault)));
    const since = now();
    await until('Clearline answers calls', () => isWhole(town), recoveryMs).catch((error: unknown) =>
      stuck.push(`after ${kinds}: ${String(error)}`),
    );
    say(`  whole again ${((now() - since) / 1_000).toFixed(1)} s after the last was mended`);
    await pause(calmMs);
  }
  await lasting;
  const faults = [...stuck, ...havoc.troubles];
  return { what: 'faults that did not pass, or could not be made', figure: String(faults.length), faults };
}

/** Every program runs, and calls reach the interceptor. */
async function isWhole({ site: { stack } }: Town): Promise<boolean> {
  if (!stack.asterisk.pid || !stack.service('worker')?.pid || !stack.service('interceptor')?.pid) return false;
  if (!(await askRedis(stack.config.paths.redisSocket, 'PING')).includes('PONG')) return false;
  const authorization = `Basic ${Buffer.from(`clearline:${stack.secrets.ari}`).toString('base64')}`;
  const url = `http://127.0.0.1:${stack.config.asterisk.httpPort}/ari/applications/clearline`;
  return (await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(2_000) })).ok;
}

async function judge({ site, book }: Town, havoc: Havoc): Promise<Verdict[]> {
  const quiet = await awaitQuiet(site);
  const account = (records: readonly CallRecord[]) => {
    const inbound = records.flatMap((record) => (record.direction === 'inbound' ? [record] : []));
    const outgoing = records.flatMap((record) => (record.direction === 'outgoing' ? [record] : []));
    return [judgeInbound(book, inbound, havoc), judgeOutgoing(book, outgoing, havoc)];
  };
  const records = await awaitRecords(site, (found) => account(found).every(({ faults }) => faults.length === 0));
  return [
    judgeTalks(book, havoc),
    judgeEmergencies(book, havoc),
    judgeGuarded(book, havoc),
    ...account(records),
    quiet,
    ...(await judgeLeftovers(site, records)),
  ];
}
