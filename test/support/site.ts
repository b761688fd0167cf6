import { fileURLToPath } from 'node:url';
import { openStore, type Store } from '../../services/adapters/sql/store.ts';
import type { PromptName } from '../../services/core/call.ts';
import type { FinishedCall } from '../../services/core/record.ts';
import { readWav } from './audio.ts';
import { type Phone, Phones } from './phones.ts';
import { startTestStack, type TestStack, type TestStackOptions } from './stack.ts';
import { until } from './until.ts';

/** A whole home for live tests: the real stack with interceptor and worker, its lines, its trunk and its phones. */
export interface Site {
  readonly stack: TestStack;
  readonly store: Store;
  /** A fresh set of phones; the test closes them. */
  phones(): Phones;
  /** Calls on record for a line, once there are `count` of them, newest first. */
  recorded(line: string, count?: number): Promise<FinishedCall[]>;
  /** Resolves when Asterisk has no channel and no bridge left. */
  untilQuiet(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the stack with `trunk-net` at 127.0.0.2 unless the options name trunks. */
export async function startSite(options: TestStackOptions): Promise<Site> {
  const stack = await startTestStack({
    trunks: [{ name: 'net', address: '127.0.0.2:5060' }],
    services: ['worker', 'interceptor'],
    ...options,
  });
  const store = await openStore(stack.config);
  const [host = '', port = ''] = stack.sip.split(':');
  return {
    stack,
    store,
    phones: () => new Phones({ host, port: Number(port) }),
    async recorded(line, count = 1) {
      const calls = await until(`${count} calls of ${line} are on record`, async () => {
        const found = await store.calls.list({ line, limit: 1000 });
        return found.length >= count ? found : null;
      });
      const finished = await Promise.all(calls.map(({ id }) => store.calls.find(id)));
      return finished.filter((call) => call !== null);
    },
    async untilQuiet() {
      await until('no channel is left', async () => (await stack.channels()).length === 0);
      await until('no bridge is left', async () => !/-(talk|onward)/.test(await stack.asterisk.cli('bridge show all')));
    },
    async stop() {
      await store.close();
      await stack.stop();
    },
  };
}

/** Registers the phone of a line, with the password that `testLine` gives it. */
export function lineUp(phones: Phones, line: string, address = '127.0.0.3'): Promise<Phone> {
  return phones.register({ address, user: line, password: `secret-${line}` });
}

/** A committed prompt as 8 kHz samples. */
export function prompt(name: PromptName | `digit-${number}`): Int16Array {
  return readWav(fileURLToPath(new URL(`../../dialplan/sounds/en_GB/${name}.wav`, import.meta.url)));
}

/** The spoken digits by their name, for `heard.which`. */
export const digits = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => [String(digit), prompt(`digit-${digit}`)]),
);
