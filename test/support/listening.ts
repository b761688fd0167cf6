import { connectAri } from '../../services/adapters/ari.ts';
import { openEars } from '../../services/adapters/ears.ts';
import { openListening, type ToneHeard } from '../../services/interceptor/exchange/listen.ts';
import { memoryLog } from './log.ts';
import type { Codec } from './phone/g711.ts';
import type { PlacedCall } from './phone/placed-call.ts';
import { Phones } from './phones.ts';
import { startTestStack } from './stack.ts';
import { until } from './until.ts';

/** Asterisk, callers who are answered and put into the application, and what listens to them; no interceptor. */

export interface Listened {
  readonly call: PlacedCall;
  readonly channel: string;
}

export async function startListening() {
  const stack = await startTestStack({
    trunks: [{ name: 'net', address: '127.0.0.2:5060' }],
    site: {
      'extensions.conf': '[bare]\nexten => _X.,1,Answer()\n same => n,Stasis(clearline,bare)\n same => n,Hangup()\n',
      'pjsip.conf': '[trunk-net](+type=endpoint)\ncontext = bare\n',
    },
  });
  const ari = await connectAri({
    url: `http://127.0.0.1:${stack.config.asterisk.httpPort}`,
    user: 'clearline',
    password: stack.secrets.ari,
    application: 'clearline',
    soundsFolder: stack.config.paths.sounds,
  });
  /** By SIP Call-ID. */
  const entered = new Map<string, string>();
  ari.events.on('event', (event) => {
    if (event.type === 'ChannelEntered' && event.args[0] === 'bare') entered.set(event.callId, event.channel);
  });
  const [ears, log, phones] = [openEars(), memoryLog(), new Phones({ host: '127.0.0.1', port: stack.config.sip.port })];
  const listening = openListening({ ari, ears, log });
  const heard: (ToneHeard & { readonly now: number })[] = [];
  listening.events.on('heard', (tone) => heard.push({ ...tone, now: performance.now() }));
  const network = await phones.trunk('127.0.0.2');
  return {
    stack,
    ari,
    ears,
    listening,
    log,
    /** What was heard so far; `now` is on the clock of the phones. */
    heard,
    /** A caller is answered, and in the application. */
    async call(codec: Codec = 'PCMA'): Promise<Listened> {
      const call = await network.call({ to: '01923555101', from: { number: '02079460000' }, codecs: [codec] });
      await call.untilAnswered();
      return { call, channel: await until('the call has entered', () => entered.get(call.id)) };
    },
    async stop(): Promise<void> {
      listening.close();
      phones.close();
      ari.close();
      await ears.close();
      await stack.stop();
    },
  };
}
