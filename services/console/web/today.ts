import type { ConsoleDoor, ConsoleParts } from '../parts.ts';
import { alertRows } from './alert-rows.ts';
import { campaignCard } from './campaigns.ts';
import { html } from './html.ts';
import { incidentTable } from './incident-list.ts';
import { notice, page } from './page.ts';

/** What is on now. */

const dayMs = 86_400_000;

export function todayDoors(parts: ConsoleParts): ConsoleDoor[] {
  const { store, config, now } = parts;
  const zone = config.site.timeZone;
  return [
    {
      method: 'GET',
      path: '/',
      answer: async (_asked, who) => {
        const [open, campaigns, alerts, failed, unconfirmed] = await Promise.all([
          store.incidents.list({ status: 'open', limit: 20 }),
          store.campaigns.list({ since: now() - 14 * dayMs, limit: 20 }),
          alertRows(parts, 10),
          store.deliveries.count('failed'),
          store.deliveries.count('unconfirmed'),
        ]);
        const on = campaigns.filter(({ campaign }) => campaign.ended === null);
        const main = html`${
          failed + unconfirmed > 0 &&
          notice(
            'bad',
            html`<p>Somebody was not told of an alert, or may not have been: <a href="/alerts#dead">see whom</a>.</p>`,
          )
        }
${on.length > 0 && html`<h2>Campaigns that are on</h2>${on.map((each) => campaignCard(each, zone))}`}
<h2>Alerts</h2>
${alerts}
<p><a href="/alerts">All alerts</a></p>
<h2>Open incidents</h2>
${open.length === 0 ? html`<p>No incident is open.</p>` : incidentTable(open, zone)}
<p><a class="button" href="/incidents/new">Enter an incident</a></p>`;
        return page({ title: 'Today', main, who, site: config.site.name, here: '/' });
      },
    },
  ];
}
