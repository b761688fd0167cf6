import { readdirSync, readFileSync } from 'node:fs';
import { babble } from '../support/audio.ts';
import { startListening } from '../support/listening.ts';
import { until } from '../support/until.ts';

/**
 * What it costs to listen to callers for a dial tone: processor time of Asterisk and of the thread that listens, with calls bridged
 * in pairs and speech both ways, with and without. Rounds alternate, since a busy machine changes all figures.
 *
 *     npm run bench:listening -- [PAIRS] [SECONDS]
 */

const [pairs = 10, seconds = 10] = process.argv.slice(2).map(Number);
const rounds = 3;

const threadsBefore = readdirSync('/proc/self/task');
const home = await startListening();
const { stack, ari, ears, listening } = home;
await ears.listen('nobody');
ears.stop('nobody');
const earsThreads = readdirSync('/proc/self/task').filter((thread) => !threadsBefore.includes(thread));

/** Processor time of a process, in seconds; Linux counts it in hundredths. */
function spent(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The same of the thread that listens, which Linux counts in nanoseconds. */
function spentListening(): number {
  const times = earsThreads.map((thread) =>
    Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e9;
}

interface Shares {
  readonly asterisk: number;
  readonly ears: number;
}

/** Shares of a core, in per cent, over `seconds`. */
async function measure(): Promise<Shares> {
  const pid = stack.asterisk.pid ?? 0;
  const before = { asterisk: spent(pid), ears: spentListening(), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = 1e5 / (performance.now() - before.at);
  return { asterisk: (spent(pid) - before.asterisk) * share, ears: (spentListening() - before.ears) * share };
}

try {
  const speech = babble(7_000, 5);
  const entered: string[] = [];
  for (let i = 0; i < 2 * pairs; i += 1) {
    const { call, channel } = await home.call();
    void call.media.play(speech, true);
    entered.push(channel);
  }
  for (let i = 0; i < pairs; i += 1) {
    await ari.connect(`bench-${i}`, [entered[2 * i] ?? '', entered[2 * i + 1] ?? ''], true);
  }
  const channels = async () => (await stack.channels()).length;
  const added: Shares[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await until('only the calls are left', async () => (await channels()) === 2 * pairs);
    const without = await measure();
    for (let i = 0; i < pairs; i += 1) listening.listen(entered[2 * i] ?? '', entered[2 * i] ?? '');
    await until('all are listened to', async () => (await channels()) === 4 * pairs);
    const listened = await measure();
    for (let i = 0; i < pairs; i += 1) listening.stop(entered[2 * i] ?? '');
    const each = (of: keyof Shares) => (listened[of] - without[of]) / pairs;
    added.push({ asterisk: each('asterisk'), ears: each('ears') });
    console.log(
      `${pairs} calls: Asterisk ${without.asterisk.toFixed(1)} % of a core, listening ${listened.asterisk.toFixed(1)} %;` +
        ` the thread ${without.ears.toFixed(1)} %, listening ${listened.ears.toFixed(1)} %`,
    );
  }
  const median = (of: keyof Shares) =>
    added
      .map((row) => row[of])
      .toSorted((a, b) => a - b)[1]
      ?.toFixed(2);
  console.log(`listening to one call adds: Asterisk ${median('asterisk')} % of a core, Node ${median('ears')} %`);
  console.log('heard by mistake:', home.heard.length, 'complaints:', home.log.lines.length);
} finally {
  await home.stop();
}
