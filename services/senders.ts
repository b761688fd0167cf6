import { readFileSync } from 'node:fs';
import { mailSender } from './adapters/deliver-mail.ts';
import { pushSender } from './adapters/deliver-push.ts';
import { webhookSender } from './adapters/deliver-webhook.ts';
import type { Config } from './config.ts';
import type { Recipient } from './core/alerting/delivery.ts';
import { refused, type Send } from './core/alerting/sender.ts';
import type { AlertSecrets } from './secrets.ts';

/** Each recipient's way to be told, by name. */
export function openSenders(config: Config, secrets: AlertSecrets): ReadonlyMap<string, Send> {
  return new Map(config.alerts.recipients.map((recipient) => [recipient.name, senderOf(recipient)]));

  function senderOf({ name, channel }: Recipient): Send {
    const secret = secrets.recipients.get(name) ?? null;
    switch (channel) {
      case 'email':
        return (letter, attempt) => openMail(config, secrets)(letter, attempt);
      case 'webhook':
        return webhookSender({ secret, site: config.site.name, now: Date.now });
      case 'push':
        return pushSender(secret);
    }
  }
}

function openMail({ alerts: { smtp, from }, site, paths }: Config, secrets: AlertSecrets): Send {
  if (!smtp || from === undefined) return async () => refused('alerts.smtp or alerts.from is missing');
  const { host, port, tls, user } = smtp;
  if (user !== undefined && secrets.smtp === null) {
    return async () => refused('the password of alerts.smtp.user is missing: CLEARLINE_SMTP_PASSWORD, or secrets.json');
  }
  // Read anew each time: a certificate that is renewed counts at once.
  let ca: string | undefined;
  try {
    ca = paths.mailCa === null ? undefined : readFileSync(paths.mailCa, 'utf8');
  } catch (error) {
    return async () => refused(`alerts.smtp.ca cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const login = user === undefined ? undefined : { user, password: secrets.smtp ?? '' };
  return mailSender({ host, port, tls, ca, login, from: { name: site.name, address: from } });
}
