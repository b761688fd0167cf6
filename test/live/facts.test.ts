import { existsSync, renameSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InboundRecord } from '../../services/core/record.ts';
import { redisHung } from '../support/faults.ts';
import { limitFiles } from '../support/full-disk.ts';
import { type Answerers, runLoad, startAnswerers } from '../support/phones.ts';
import { makeShortPrompts } from '../support/short-prompts.ts';
import { networkAddress, type Site, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/**
 * Whatever is taken from under the facts while calls go on, the calls go on: what they left behind waits, and is on record once when all is
 * given back.
 */

const anna = '+447700900123';
const spam = '+442079460999';
const prompts = makeShortPrompts();
let site: Site;
let phones: Answerers;

beforeAll(async () => {
  const trusted = [{ number: anna, name: 'Anna' }];
  site = await startSite({
    lines: [
      ...[1, 2, 3, 4].map((n) => ({ id: `room-${n}`, number: `+44192355510${n}`, mode: 'guarded' as const, trusted })),
      { id: 'room-9', number: '+441923555109', mode: 'trusted-only', blocked: [spam] },
    ],
    settings: { sounds: { folder: prompts.folder } },
  });
  phones = await startAnswerers({
    asterisk: asterisk(),
    address: '127.0.0.10',
    script: { ringMs: 50 },
    lines: [1, 2, 3, 4].map((n) => ({ user: `room-${n}`, password: `secret-room-${n}` })),
  });
});
afterAll(async () => {
  await phones?.stop();
  await site?.stop();
  rmSync(prompts.folder, { recursive: true });
});

function asterisk() {
  const [host = '', port = ''] = site.stack.sip.split(':');
  return { host, port: Number(port) };
}

/** Trusted callers who talk and hang up, and a blocked one on whom Clearline hangs up. */
async function load(seconds: number) {
  const common = { asterisk: asterisk(), withinMs: 60_000 };
  const runs = await Promise.all([
    runLoad({
      ...common,
      address: networkAddress,
      script: { hangUpAfterMs: 600 },
      rows: [1, 2, 3, 4].map((n) => ({ to: `0192355510${n}`, name: 'Anna', number: anna })),
      calls: 3 * seconds,
      rate: 3,
    }),
    runLoad({
      ...common,
      address: networkAddress,
      script: { patienceMs: 20_000 },
      rows: [{ to: '01923555109', name: 'PC Jones', number: spam }],
      calls: seconds,
      rate: 1,
    }),
  ]);
  return runs.flatMap(({ calls }) => calls);
}

const pidOf = (service: 'interceptor' | 'worker') => site.stack.service(service)?.pid ?? Number.NaN;

const said = (from: number, what: string) => () => site.stack.output.slice(from).some((line) => line.includes(what));

/** Each fault lasts until it has been felt, and is mended before the next one. */
async function faults(): Promise<void> {
  const { stack } = site;
  const { database, spool } = stack.config.paths;
  const inSpool = async () => (await readdir(spool)).length;
  const logged = (what: string, from: number) => until(`the log says "${what}"`, said(from, what), 60_000);

  // Redis hangs, and then the disk is full as well.
  let from = stack.output.length;
  const hung = redisHung(stack);
  await hung.begin();
  await until('facts wait on the disk', async () => (await inSpool()) > 0);
  limitFiles(pidOf('interceptor'), 0);
  await logged('THE SPOOL IS FULL', from);
  limitFiles(pidOf('interceptor'));
  await hung.mend();
  await until('the spool is empty', async () => (await inSpool()) === 0, 60_000);

  // Redis is killed, and started again by its supervisor.
  from = stack.output.length;
  stack.redis?.kill('SIGKILL');
  await logged('redis is up again', from);

  // The database is locked, then its disk is full, then it is gone.
  from = stack.output.length;
  const other = new DatabaseSync(database);
  other.exec('begin immediate');
  await logged('database is locked', from);
  other.exec('rollback');
  other.close();
  await logged('are being saved again', from);
  from = stack.output.length;
  limitFiles(pidOf('worker'), 0);
  await logged('cannot save', from);
  limitFiles(pidOf('worker'));
  await logged('are being saved again', from);
  from = stack.output.length;
  const files = ['', '-wal', '-shm'].map((suffix) => `${database}${suffix}`).filter((file) => existsSync(file));
  for (const file of files) renameSync(file, `${file}.away`);
  await logged('the database is gone', from);
  for (const file of files) renameSync(`${file}.away`, file);
}

const inbound = async () => {
  const found = await site.store.calls.list({ direction: 'inbound', limit: 1000 });
  return found.flatMap((record) => (record.direction === 'inbound' ? [record] : []));
};

test('Redis hung and killed, the disk full, SQL locked, full and gone: every call goes on, and is on record once', async () => {
  let over = false;
  const placing = (async () => {
    const placed: Awaited<ReturnType<typeof load>> = [];
    while (!over) placed.push(...(await load(4)));
    return placed;
  })();
  await faults().finally(() => {
    over = true;
  });
  const placed = await placing;
  expect(placed.length).toBeGreaterThanOrEqual(32);
  expect(placed.map(({ status }) => status)).toEqual(placed.map(() => 200));

  const answered = ({ ending, released }: InboundRecord) => ending.outcome !== 'refused' || released?.status === 200;
  const records = await until(
    `${placed.length} calls are on record, with their carrier's answer`,
    async () => {
      const found = await inbound();
      return found.length >= placed.length && found.every(answered) && found;
    },
    20_000,
  );
  expect(records.map(({ signalling }) => signalling.callId).sort()).toEqual(placed.map(({ callId }) => callId).sort());
  const outcomes = Map.groupBy(records, ({ ending }) => ending.outcome);
  expect([outcomes.get('talked')?.length, outcomes.get('refused')?.length]).toEqual([
    (placed.length * 3) / 4,
    placed.length / 4,
  ]);

  // Raised while neither Redis nor the disk took anything.
  const alerts = await until('the alarm is filed', async () => {
    const found = await site.store.alerts.list({ limit: 10 });
    return found.length > 0 && found;
  });
  expect(alerts.map(({ kind }) => kind)).toEqual(['spool-full']);
});

test('an interceptor killed while a carrier keeps it waiting has put the call on record before', async () => {
  const people = site.phones();
  const network = await people.trunk(networkAddress);
  const call = await network.call({ to: '01923555109', from: { name: 'PC Jones', number: spam } });
  call.ignoresGoodbye = true;
  const known = async () => (await inbound()).find(({ signalling }) => signalling.callId === call.id);
  expect(await until('it is on record', known, 60_000)).toMatchObject({
    ending: { outcome: 'refused' },
    released: null,
  });
  site.stack.service('interceptor')?.kill('SIGKILL');
  expect(await known()).toMatchObject({ ending: { outcome: 'refused' }, released: null });
  people.close();
});
