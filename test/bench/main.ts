import type { PhoneCall } from '../support/phone/call.ts';
import { type Phone, Phones } from '../support/phones.ts';
import { lineUp } from '../support/site.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/**
 * What a person waits for, against a bare Dial() on the same Asterisk in the same run. Exits with 1 when a promise of the
 * README is not kept. Rounds alternate, so that a busy machine slows both alike.
 */

const rounds = 5;
const callsARound = 100;
const everyMs = 20;
const strangers = 40;
const most = { ringRatio: 1.5, firstWordMs: 300 };

/** A second trunk whose calls go to a dialplan with nothing of Clearline in it. */
const bare = {
  'extensions.conf': '[bare]\nexten => _X.,1,Dial(PJSIP/flat-1,20)\n same => n,Hangup()\n',
  'pjsip.conf': '[trunk-bare](+)\ncontext = bare\n',
};

async function main(): Promise<void> {
  const stack = await startTestStack({
    services: ['worker', 'interceptor'],
    lines: [
      { id: 'flat-1', number: '+441923555101', trusted: [{ number: '+447700900123', name: 'Anna' }] },
      { id: 'flat-2', number: '+441923555102', mode: 'announce' },
    ],
    trunks: [
      { name: 'net', address: '127.0.0.2:5060' },
      { name: 'bare', address: '127.0.0.4:5060' },
    ],
    site: bare,
  });
  const phones = new Phones({ host: '127.0.0.1', port: stack.config.sip.port });
  try {
    const flat = await lineUp(phones, 'flat-1');
    flat.onCall = { do: 'refuse', status: 486 };
    await lineUp(phones, 'flat-2', '127.0.0.5');
    const ring = await measureRinging(stack, phones, flat);
    const firstWord = await measureFirstWord(phones);
    process.exitCode = report(ring, firstWord);
  } finally {
    phones.close();
    await stack.stop();
  }
}

interface Ringing {
  readonly bare: number[];
  readonly clearline: number[];
}

/** Milliseconds from the caller's INVITE to the resident's, for a trusted caller. */
async function measureRinging(stack: TestStack, phones: Phones, flat: Phone): Promise<Ringing> {
  const network = await phones.trunk('127.0.0.2');
  const plain = await phones.trunk('127.0.0.4');
  const times: Ringing = { bare: [], clearline: [] };
  await placeCalls(plain, flat, 20);
  await placeCalls(network, flat, 20);
  for (let round = 0; round < rounds; round += 1) {
    times.bare.push(...(await placeCalls(plain, flat, callsARound)));
    times.clearline.push(...(await placeCalls(network, flat, callsARound)));
    await until('no channel is left', async () => (await stack.channels()).length === 0);
  }
  return times;
}

/** Calls one after another at a steady pace; the phone refuses each, and the next call waits for nobody. */
async function placeCalls(network: Phone, flat: Phone, count: number): Promise<number[]> {
  const before = flat.received.length;
  const placed: { invitedAt: number; ended: unknown }[] = [];
  await pace(count, everyMs, async () => {
    placed.push(await network.call({ to: '01923555101', from: { name: 'Anna', number: '+447700900123' } }));
  });
  await until('every call is over', () => placed.every(({ ended }) => ended !== null), 20_000);
  const rang = flat.received.slice(before);
  if (rang.length !== count) throw new Error(`${count} calls rang ${rang.length} times`);
  return rang.map((call, index) => call.invitedAt - (placed[index]?.invitedAt ?? Number.NaN));
}

/** Milliseconds from a stranger's INVITE to the first sound of the announcement. */
async function measureFirstWord(phones: Phones): Promise<number[]> {
  const network = await phones.trunk('127.0.0.2');
  const times: number[] = [];
  await pace(strangers, 200, async () => {
    const call = await network.call({ to: '01923555102', from: { name: 'Nobody', number: '+442079460000' } });
    times.push((await firstSound(call)) - call.invitedAt);
    call.hangUp();
  });
  return times;
}

function firstSound(call: PhoneCall): Promise<number> {
  return until('the first word is heard', () => call.heard.firstSoundAt(), 5_000);
}

/** Starts `count` pieces of work `ms` apart and waits for all. */
async function pace(count: number, ms: number, work: () => Promise<void>): Promise<void> {
  const started: Promise<void>[] = [];
  const begin = performance.now();
  for (let index = 0; index < count; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + index * ms - performance.now())));
    started.push(work());
  }
  await Promise.all(started);
}

function report(ring: Ringing, firstWord: readonly number[]): number {
  const ratio = quantile(ring.clearline, 0.5) / quantile(ring.bare, 0.5);
  const line = (name: string, times: readonly number[]) =>
    console.log(
      `${name.padEnd(58)} median ${quantile(times, 0.5).toFixed(1)} ms   p99 ${quantile(times, 0.99).toFixed(1)} ms   n=${times.length}`,
    );
  line("caller's INVITE to resident's INVITE, bare Dial()", ring.bare);
  line("caller's INVITE to resident's INVITE, trusted caller", ring.clearline);
  console.log(`  ratio of the medians ${ratio.toFixed(2)} (promised: at most ${most.ringRatio})`);
  line("stranger's INVITE to the first word of the announcement", firstWord);
  console.log(`  slowest ${Math.max(...firstWord).toFixed(0)} ms (promised: at most ${most.firstWordMs} ms)`);
  return ratio <= most.ringRatio && Math.max(...firstWord) <= most.firstWordMs ? 0 : 1;
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

await main();
