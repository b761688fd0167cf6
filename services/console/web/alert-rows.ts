import type { Delivery } from '../../core/alerting/delivery.ts';
import type { RaisedAlert } from '../../core/ports.ts';
import { capital, tellAlert } from '../../core/tell.ts';
import type { ConsoleParts } from '../parts.ts';
import { tellTime } from '../time.ts';
import { type Html, html, type Part } from './html.ts';
import { notice, table, upperFirst } from './page.ts';

/** Alerts, and what became of each message that was to tell somebody. */

const stateWords: Readonly<Record<Delivery['state'], string>> = {
  queued: 'waits',
  sending: 'is being sent',
  'handed-over': 'is being sent',
  sent: 'told',
  unconfirmed: 'may not have arrived',
  failed: 'not reached',
  merged: 'waits for others',
};

export async function alertRows({ store, config }: ConsoleParts, limit: number): Promise<Html> {
  const alerts = await store.alerts.list({ limit });
  if (alerts.length === 0) return html`<p>No alert is on record. That is good news.</p>`;
  const deliveries = await store.deliveries.ofAlerts(alerts.map(({ id }) => id));
  const residents = new Map((await store.lines.all()).map(({ id, resident }) => [id, resident]));
  const zone = config.site.timeZone;
  const rows = alerts.map((alert) => [
    tellTime(alert.at, zone),
    html`<strong>${capital(tellAlert(alert.kind))}</strong>${about(alert)}`,
    whose(alert, residents),
    toldTo(deliveries.filter((delivery) => delivery.alert === alert.id)),
  ]);
  return table('Alerts, newest first', ['When', 'What', 'Line', 'Who was told'], rows);
}

function about({ incident, campaign }: RaisedAlert): Part {
  return [
    incident !== undefined && html`<br><a href="/incidents/${encodeURIComponent(incident)}">the incident</a>`,
    campaign !== undefined && html`<br><a href="/campaigns/${encodeURIComponent(campaign)}">the campaign</a>`,
  ];
}

function whose({ line, area }: RaisedAlert, residents: ReadonlyMap<string, string>): string {
  const resident = residents.get(line);
  const own = resident === undefined ? line : `${resident} (${line})`;
  return area === undefined ? own : [own, area].filter((each) => each !== '').join(', ');
}

function toldTo(deliveries: readonly Delivery[]): Part {
  if (deliveries.length === 0) return 'nobody: no recipient wants such alerts';
  return html`<ul class="plain">${deliveries.map(
    ({ recipient, state, fault }) =>
      html`<li><span class="lamp ${state}"></span>${recipient}: ${stateWords[state]}${fault !== null && state !== 'sent' && html` (${fault})`}</li>`,
  )}</ul>`;
}

/** Messages that reached nobody, each with a way to send it once more. */
export async function deadLetters({ store, config }: ConsoleParts): Promise<Html> {
  const dead = await store.deliveries.list({ states: ['failed', 'unconfirmed'], limit: 100 });
  if (dead.length === 0) return html`<p>Every message has reached whom it was for, or is on its way.</p>`;
  const rows = dead.map(({ id, recipient, channel, state, plannedAt, attempts, fault }) => [
    tellTime(plannedAt, config.site.timeZone),
    `${recipient} (${channel})`,
    `${upperFirst(stateWords[state])}, after ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}${fault === null ? '' : `: ${fault}`}`,
    html`<form method="post" action="/alerts/retry"><input type="hidden" name="delivery" value="${id}"><button aria-label="Send to ${recipient} again">Send again</button></form>`,
  ]);
  return html`${notice('bad', html`<p>These messages did not reach somebody, or may not have. Tell them yourself if it matters, then mend the cause and send again.</p>`)}
${table('Messages that did not arrive', ['When', 'To', 'What became of it', 'Once more'], rows)}`;
}
