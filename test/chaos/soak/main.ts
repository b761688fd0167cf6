import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answerers } from '../../support/phones.ts';
import { makeShortPrompts } from '../../support/short-prompts.ts';
import { type Site, startSite } from '../../support/site.ts';
import { until } from '../../support/until.ts';
import { placeCalls, putUpTelephones, soakLines } from './crowd.ts';
import { type Figure, figuresOf } from './figures.ts';
import { growthOf } from './growth.ts';
import { Inspector } from './inspector.ts';

/**
 * Ten thousand calls, and what is left of them. After each thousand all is let become quiet, and read; from the second thousand on
 * nothing may grow beyond its tolerance (figures.ts). Exits with 1 when something did, or when a call is not on record.
 *
 *     npm run soak                        twenty minutes
 *     SOAK_RATE=30 SOAK_REST=0 npm run soak    without the rest at the end, after which all is forgotten
 *
 * With fewer calls (SOAK_CALLS) the figures are printed all the same, but Redis is still filling to its thousand jobs of each queue.
 */

const calls = Number(process.env.SOAK_CALLS ?? '10000');
const rate = Number(process.env.SOAK_RATE ?? '25');
const restMinutes = Number(process.env.SOAK_REST ?? '11.5');
const batches = 10;

async function main(): Promise<boolean> {
  // A port of its own for each service's inspector; a Node under a debugger is not killed for its silence.
  process.env.NODE_OPTIONS = '--inspect=127.0.0.1:0';
  const prompts = makeShortPrompts();
  let phones: Answerers[] = [];
  let site: Site | undefined;
  try {
    site = await startSite({
      lines: soakLines,
      // Without a hold, so that one call does not change how the next is screened.
      settings: { screening: { holdSeconds: 0 }, sounds: { folder: prompts.folder } },
    });
    delete process.env.NODE_OPTIONS;
    phones = await putUpTelephones(peerOf(site));
    return await soak(site);
  } finally {
    await Promise.all(phones.map((phone) => phone.stop()));
    await site?.stop();
    rmSync(prompts.folder, { recursive: true });
  }
}

async function soak(site: Site): Promise<boolean> {
  const { stack } = site;
  const inspectors = new Map(
    await Promise.all(
      (['interceptor', 'worker'] as const).map(
        async (name) => [name, await Inspector.open(name, stack.output)] as const,
      ),
    ),
  );
  const figures = figuresOf(stack, inspectors);
  const readings = figures.map((): number[] => []);
  let placed = 0;
  let refused = 0;
  while (placed < calls) {
    const saw = await placeCalls(peerOf(site), calls / batches, rate);
    placed += saw.length;
    refused += saw.filter(({ status }) => status === 503 || status === 0).length;
    await site.untilQuiet(60_000);
    await until('every call is on record', async () => (await onRecord(site)) >= placed - refused, 60_000);
    for (const [index, figure] of figures.entries()) readings[index]?.push(await figure.read());
    console.log(`${placed} calls, ${refused} refused for overload or unanswered, ${await onRecord(site)} on record`);
  }
  const even = (await onRecord(site)) === placed - refused;
  const kept = figures.map((figure, index) => report(figure, readings[index] ?? []));
  if (restMinutes > 0) kept.push(await rest(site, figures, readings));
  for (const inspector of inspectors.values()) inspector.close();
  console.log(`${even ? 'kept  ' : 'BROKEN'}  ${placed - refused} calls taken, ${await onRecord(site)} on record`);
  return even && kept.every(Boolean);
}

/** When what is remembered of the calls is forgotten, heaps are as small as after the second reading; a few calls have the books tidied. */
async function rest(
  site: Site,
  figures: readonly Figure[],
  readings: readonly (readonly number[])[],
): Promise<boolean> {
  console.log(`resting for ${restMinutes} minutes`);
  await pause(restMinutes * 60_000);
  await placeCalls(peerOf(site), 10, 10);
  await site.untilQuiet(60_000);
  let kept = true;
  for (const [index, { name, tolerance, remembered, read }] of figures.entries()) {
    if (remembered === undefined || !name.endsWith('heap')) continue;
    const [before, after] = [readings[index]?.[1] ?? Number.NaN, await read()];
    const within = after <= before + tolerance;
    console.log(
      `${within ? 'kept  ' : 'BROKEN'}  ${name} after the rest ${after.toFixed(1)} MB, of ${before.toFixed(1)} after the second reading`,
    );
    kept &&= within;
  }
  return kept;
}

/** Prints a figure's readings and its growth since the second; true when that is within the tolerance. */
function report({ name, unit, tolerance, remembered = 0 }: Figure, values: readonly number[]): boolean {
  const since = values.slice(1).map((value, index) => ({ calls: ((index + 2) * calls) / batches, value }));
  const { grown, perThousand } = growthOf(since);
  const most = tolerance + remembered * ((since.at(-1)?.calls ?? 0) - (since[0]?.calls ?? 0));
  const kept = grown <= most;
  const shown = values
    .map((value) => (Number.isInteger(value) ? String(value) : value.toFixed(1)).padStart(7))
    .join('');
  const growth = `${grown.toFixed(2)} ${unit}`.trim();
  console.log(
    `${kept ? 'kept  ' : 'BROKEN'}  ${`${name} ${unit}`.padEnd(28)}${shown}   grown ${growth} (${perThousand.toFixed(2)} a thousand calls; at most ${most.toFixed(1)})`,
  );
  return kept;
}

async function onRecord(site: Site): Promise<number> {
  return (await site.store.calls.list({ limit: 1_000_000 })).length;
}

function peerOf({ stack }: Site) {
  const [host = '', port = ''] = stack.sip.split(':');
  return { host, port: Number(port) };
}

process.exitCode = (await main()) ? 0 : 1;
