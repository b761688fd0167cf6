import { z } from 'zod';
import type { Fault } from '../config-faults.ts';
import { isLoopback } from '../config-network.ts';
import { channels } from '../core/alerting/delivery.ts';
import { alertKinds } from '../core/call.ts';

/** Who is told of alerts, how, and when. Passwords and secrets are not among the settings: alert-secrets.ts. */

const kindText = `a list of kinds of alerts: ${alertKinds.join(', ')}`;
const kinds = z.array(z.enum(alertKinds, { error: `one of ${alertKinds.join(', ')}` }), { error: kindText });

const clockText = 'a time such as "22:00", in quotes';
const clock = z.string({ error: clockText }).regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: clockText });

const whole = (least: number, most: number, unit = 'a whole number') => {
  const error = `${unit} between ${least} and ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const text = (what: string) => z.string({ error: what }).min(1, { error: what });

const nameText = 'a name: lower-case letters, digits and hyphens, at most 40';
const addressText = 'a mail address such as "warden@example.org"';
/** What the envelope takes without quotes; an address that needs them is nobody's. */
const mailAddress = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

const recipient = z.strictObject({
  name: z.string({ error: nameText }).regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: nameText }),
  channel: z.enum(channels, { error: '"email", "webhook" or "push"' }),
  to: text('a mail address, or an address "https://..." to post to'),
  kinds: kinds.optional(),
  lines: z.array(text('the id of a line'), { error: 'a list of ids of lines' }).default([]),
  areas: z.array(text('an area'), { error: 'a list of areas' }).default([]),
  atOnce: kinds.default(['money-at-risk', 'ghost-dial', 'fake-dial-tone', 'returned-call']),
  gapSeconds: whole(0, 86_400, 'whole seconds').default(0),
  perHour: whole(1, 1000).default(20),
  quietHours: z.strictObject({ from: clock, until: clock }).optional(),
});

export const alerts = z
  .strictObject({
    recipients: z.array(recipient, { error: 'a list of recipients' }).default([]),
    /** Whom mails come from. */
    from: z.string({ error: addressText }).regex(mailAddress, { error: addressText }).optional(),
    smtp: z
      .strictObject({
        host: text('the name or address of a mail server'),
        port: whole(1, 65_535, 'a port number').default(587),
        tls: z
          .enum(['starttls', 'implicit', 'none'], { error: '"starttls", "implicit" or "none"' })
          .default('starttls'),
        /** Whom its certificate must come from. Absent: an authority that Node knows. */
        ca: text('a file in PEM').optional(),
        user: text('the name of a mail account').optional(),
      })
      .optional(),
    /** Attempts before a message is given up. */
    attempts: whole(1, 50).default(15),
  })
  .prefault({});

export type AlertSettings = z.output<typeof alerts>;

/** What each setting alone cannot see. */
export function alertFaults({ recipients, smtp, from }: AlertSettings): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const [index, { name, channel, to, quietHours }] of recipients.entries()) {
    const at = ['alerts', 'recipients', index];
    if (seen.has(name)) faults.push({ path: [...at, 'name'], expected: 'a name no other recipient has' });
    seen.add(name);
    const expected = channel === 'email' ? mailFault(to) : urlFault(to);
    if (expected) faults.push({ path: [...at, 'to'], expected });
    if (quietHours && quietHours.from === quietHours.until) {
      faults.push({ path: [...at, 'quietHours', 'until'], expected: 'another time than they begin' });
    }
  }
  if (recipients.some(({ channel }) => channel === 'email')) {
    if (!smtp) faults.push({ path: ['alerts', 'smtp'], expected: 'a mail server, since somebody is told by e-mail' });
    if (!from) faults.push({ path: ['alerts', 'from'], expected: addressText });
  }
  if (smtp?.tls === 'none' && !isLoopback(smtp.host)) {
    const expected = '"starttls" or "implicit": what a mail says would travel in clear, and the password with it';
    faults.push({ path: ['alerts', 'smtp', 'tls'], expected });
  }
  return faults;
}

function mailFault(to: string): string | null {
  return mailAddress.test(to) ? null : addressText;
}

function urlFault(to: string): string | null {
  const url = URL.parse(to);
  if (!url || !/^https?:$/.test(url.protocol)) return 'an address such as "https://example.org/clearline"';
  if (url.username !== '' || url.password !== '') return 'an address without a user and password: docs/alerts.md';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'https://, since it says whose line was called';
  return null;
}
