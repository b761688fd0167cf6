import { readFileSync } from 'node:fs';
import { connectAri } from '../../services/adapters/ari.ts';
import { openEars } from '../../services/adapters/ears.ts';
import { openListening } from '../../services/interceptor/listen.ts';
import { babble } from '../support/audio.ts';
import { memoryLog } from '../support/log.ts';
import { Phones } from '../support/phones.ts';
import { startTestStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/**
 * What it costs to listen to callers for a dial tone: processor time of Asterisk and of this process, with calls bridged
 * in pairs and speech both ways, with and without. Rounds alternate, since a busy machine changes all figures.
 *
 *     node test/bench/listening-cost.ts [PAIRS] [SECONDS]
 */

const [pairs = 10, seconds = 10] = process.argv.slice(2).map(Number);
const rounds = 3;

const stack = await startTestStack({
  trunks: [{ name: 'net', address: '127.0.0.2:5060' }],
  site: {
    'extensions.conf': '[bare]\nexten => _X.,1,Answer()\n same => n,Stasis(clearline,bench)\n same => n,Hangup()\n',
    'pjsip.conf': '[trunk-net](+type=endpoint)\ncontext = bare\n',
  },
});
const phones = new Phones({ host: '127.0.0.1', port: stack.config.sip.port });
const ari = await connectAri({
  url: `http://127.0.0.1:${stack.config.asterisk.httpPort}`,
  user: 'clearline',
  password: stack.secrets.ari,
  application: 'clearline',
  soundsFolder: stack.config.paths.sounds,
});
const entered: string[] = [];
ari.events.on('event', (event) => {
  if (event.type === 'ChannelEntered' && event.args[0] === 'bench') entered.push(event.channel);
});
const log = memoryLog();
const ears = openEars();
const listening = openListening({ ari, ears, log });
const heard: string[] = [];
listening.events.on('heard', ({ channel }) => heard.push(channel));

/** Processor time of a process, in seconds; Linux counts it in hundredths. */
function spent(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Share of a core, in per cent, over `seconds`. */
async function measure(): Promise<{ asterisk: number; node: number }> {
  const pid = stack.asterisk.pid ?? 0;
  const before = { asterisk: spent(pid), node: spent(process.pid), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const share = 1e5 / (performance.now() - before.at);
  return { asterisk: (spent(pid) - before.asterisk) * share, node: (spent(process.pid) - before.node) * share };
}

try {
  const network = await phones.trunk('127.0.0.2');
  const speech = babble(7_000, 5);
  for (let i = 0; i < 2 * pairs; i += 1) {
    const call = await network.call({ to: '01923555101', from: { number: '02079460000' }, codecs: ['PCMA'] });
    await call.untilAnswered();
    void call.media.play(speech, true);
  }
  await until('every call has entered', () => entered.length === 2 * pairs);
  for (let i = 0; i < pairs; i += 1) {
    await ari.connect(`bench-${i}`, [entered[2 * i] ?? '', entered[2 * i + 1] ?? ''], true);
  }
  const channels = async () => (await stack.channels()).length;
  const added: { asterisk: number; node: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await until('only the calls are left', async () => (await channels()) === 2 * pairs);
    const without = await measure();
    for (let i = 0; i < pairs; i += 1) listening.listen(entered[2 * i] ?? '', entered[2 * i] ?? '');
    await until('all are listened to', async () => (await channels()) === 4 * pairs);
    const listened = await measure();
    for (let i = 0; i < pairs; i += 1) listening.stop(entered[2 * i] ?? '');
    const each = (a: number, b: number) => (a - b) / pairs;
    added.push({ asterisk: each(listened.asterisk, without.asterisk), node: each(listened.node, without.node) });
    console.log(
      `${pairs} calls: Asterisk ${without.asterisk.toFixed(1)} % of a core, listening ${listened.asterisk.toFixed(1)} %;` +
        ` this process ${without.node.toFixed(1)} %, listening ${listened.node.toFixed(1)} %`,
    );
  }
  const median = (of: 'asterisk' | 'node') =>
    added
      .map((row) => row[of])
      .toSorted((a, b) => a - b)[1]
      ?.toFixed(2);
  console.log(`listening to one call adds: Asterisk ${median('asterisk')} % of a core, Node ${median('node')} %`);
  console.log('heard by mistake:', heard.length, 'complaints:', log.lines.length);
} finally {
  listening.close();
  phones.close();
  ari.close();
  await ears.close();
  await stack.stop();
}
