import type { CampaignSummary } from '../../core/campaign/store.ts';
import { tellKey } from '../../core/campaign/tell.ts';
import { readReason } from '../input.ts';
import { type ConsoleDoor, type ConsoleParts, checkAdmin, Refused } from '../parts.ts';
import { tellTime } from '../time.ts';
import { type Html, html } from './html.ts';
import { notice, page, table } from './page.ts';

/** Calls that belong together. */

export function campaignCard({ campaign, calls, lines, areas, guards }: CampaignSummary, zone: string): Html {
  const { id, kind, key, lastAt, reasons } = campaign;
  const until = Math.max(...guards.map((guard) => guard.until));
  return html`<section class="card"><h3><a href="/campaigns/${encodeURIComponent(id)}">Beware of ${tellKey(kind, key)}</a></h3>
<p>${calls} calls to ${lines} lines in ${areas.join(', ')}; the last ${tellTime(lastAt, zone)}.
${guards.length > 0 && html`Strangers are screened more strictly there until ${tellTime(until, zone)}.`}</p>
<ul>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul></section>`;
}

export function campaignDoors(parts: ConsoleParts): ConsoleDoor[] {
  const { store, config, now } = parts;
  const zone = config.site.timeZone;
  const find = async (id = '') => {
    const found = await store.campaigns.find(id);
    if (found === null) throw new Refused(404, 'There is no such campaign on record.');
    return found;
  };
  return [
    {
      method: 'GET',
      path: '/campaigns/:id',
      answer: async ({ params }, who) => {
        const found = await find(params.id);
        const { ended, id } = found.campaign;
        const calls = await store.campaigns.calls(id);
        const rows = calls.slice(-200).map(({ at, line, area, call }) => [tellTime(at, zone), line, area, call]);
        const main = html`${campaignCard(found, zone)}
${
  ended === null
    ? html`<section class="card"><h2>End it</h2><p>When it was no fraud: the guard goes down with it. By itself it ends when the calls do.</p>
${
  who.role === 'admin'
    ? html`<form method="post" action="/campaigns/${encodeURIComponent(id)}/end"><div class="field"><label for="why">Why</label><input id="why" name="why" required maxlength="500"></div><button>End this campaign</button></form>`
    : html`<p>An administrator can do that.</p>`
}</section>`
    : notice('note', html`<p>It is over: ended ${tellTime(ended.at, zone)} by ${ended.by}: ${ended.why}</p>`)
}
${table('Its calls, oldest first', ['When', 'Line', 'Area', 'Call'], rows)}`;
        return page({ title: 'A campaign', main, who, site: config.site.name });
      },
    },
    {
      method: 'POST',
      path: '/campaigns/:id/end',
      answer: async ({ params, body }, who) => {
        checkAdmin(who, 'end a campaign');
        const { campaign } = await find(params.id);
        await store.campaigns.end(campaign.id, { at: now(), by: who.name, why: readReason(body) });
        return { to: `/campaigns/${encodeURIComponent(campaign.id)}` };
      },
    },
  ];
}
