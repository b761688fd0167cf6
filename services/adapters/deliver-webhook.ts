import { Webhook } from 'standardwebhooks';
import { type Letter, refused, type Send } from '../core/alerting/sender.ts';
import { post } from './deliver-http.ts';

/**
 * Alerts for programs, signed as Standard Webhooks says (standardwebhooks.com): a receiver checks the signature, and by
 * `webhook-id` drops what it has already. The sole import of standardwebhooks.
 */

export interface WebhookOptions {
  /** `whsec_` and base64; null: there is none. */
  readonly secret: string | null;
  readonly site: string;
  /** UTC milliseconds. */
  readonly now: () => number;
  readonly deadlineMs?: number;
}

export function webhookSender(options: WebhookOptions): Send {
  return async (letter, attempt) => {
    const { secret, now, deadlineMs } = options;
    if (secret === null) return refused('it has no secret yet: docs/alerts.md');
    const at = now();
    const body = JSON.stringify(bodyOf(letter, at, options));
    let signature: string;
    try {
      signature = new Webhook(secret).sign(letter.id, new Date(at), body);
    } catch {
      return refused('its secret is not "whsec_" and base64: docs/alerts.md');
    }
    const headers = {
      'content-type': 'application/json',
      'webhook-id': letter.id,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': signature,
    };
    return post(
      { url: letter.to, headers, body, repeatable: true, ...(deadlineMs !== undefined && { deadlineMs }) },
      attempt,
    );
  };
}

/** docs/alerts.md tells of it; fields may be added and none is taken away. */
function bodyOf({ id, message, alerts }: Letter, now: number, { site }: WebhookOptions) {
  return {
    type: alerts.length === 0 ? 'clearline.test' : 'clearline.alerts',
    timestamp: new Date(alerts.at(-1)?.at ?? now).toISOString(),
    data: {
      id,
      site,
      urgent: message.urgent,
      subject: message.subject,
      text: message.text,
      alerts: alerts.map((alert) => ({ ...alert, at: new Date(alert.at).toISOString() })),
    },
  };
}
