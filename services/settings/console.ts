import { z } from 'zod';
import type { Fault } from '../config-faults.ts';
import { isLoopback } from '../config-network.ts';

/** Where staff find the console, and for how long they are logged in. */

const whole = (least: number, most: number, what: string) => {
  const error = `${what} between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const urlText = 'an address without a path, such as "https://clearline.example.org"';

export const consoleSettings = z
  .strictObject({
    enabled: z.boolean({ error: 'true or false' }).default(true),
    host: z
      .string({ error: 'an IP address to listen on' })
      .min(1, { error: 'an IP address to listen on' })
      .default('127.0.0.1'),
    port: whole(1, 65_535, 'a port number').default(8080),
    /** Where browsers find it, behind a proxy with TLS: its cookies go over nothing else, and the proxy is believed who asks. */
    url: z
      .url({ protocol: /^https?$/, error: urlText })
      .refine((url) => URL.parse(url)?.origin === url.replace(/\/$/, ''), { error: urlText })
      .optional(),
    /** A login ends when nobody used it for so long. */
    idleMinutes: whole(1, 1440, 'whole minutes').default(30),
    /** And so long after it began. */
    longestHours: whole(1, 168, 'whole hours').default(12),
  })
  .prefault({});

/** What each setting alone cannot see. */
export function consoleFaults({ enabled, host, url }: z.output<typeof consoleSettings>): Fault[] {
  if (!enabled || isLoopback(host) || url?.startsWith('https:') === true) return [];
  const expected =
    'the address of a proxy with TLS before it, such as "https://clearline.example.org", since others may listen';
  return [{ path: ['console', 'url'], expected }];
}
