import { type Incident, incidentOutcomes, incidentStatuses, isMoneyAtRisk } from '../../core/incident/incident.ts';
import { incidentOutcomeWords, outcomeUnknown, roleWords, statusWords } from '../../core/incident/words.ts';
import type { IncidentFilter } from '../../core/stores.ts';
import { type ConsoleDoor, type ConsoleParts, oneOf, textOf } from '../parts.ts';
import { tellTime } from '../time.ts';
import { select } from './form.ts';
import { type Html, html } from './html.ts';
import { cut, page, table } from './page.ts';

const most = 100;

export function incidentTable(incidents: readonly Incident[], zone: string): Html {
  const rows = incidents.map((incident) => {
    const { id, at, resident, line, area, outcome, caller, status } = incident;
    const whose = resident ?? line ?? 'not known';
    return [
      html`<a href="/incidents/${encodeURIComponent(id)}">${tellTime(at, zone)}</a>`,
      cut(whose, 60),
      cut(area ?? '', 60),
      html`${outcome === null ? outcomeUnknown : incidentOutcomeWords[outcome]}${isMoneyAtRisk(incident) && html` <strong class="risk">money at risk</strong>`}`,
      caller.role === null ? '' : roleWords[caller.role],
      status === 'open' ? html`<strong>open</strong>` : statusWords[status].split(':')[0],
    ];
  });
  return table('Incidents, newest first', ['When', 'Whose', 'Area', 'How far it went', 'Claimed to be', 'It is'], rows);
}

export function incidentListDoors({ store, config }: ConsoleParts): ConsoleDoor[] {
  const zone = config.site.timeZone;
  return [
    {
      method: 'GET',
      path: '/incidents',
      answer: async (asked, who) => {
        const status = oneOf(asked, 'status', incidentStatuses);
        const outcome = oneOf(asked, 'outcome', incidentOutcomes);
        const area = textOf(asked, 'area');
        const filter = { ...(status && { status }), ...(outcome && { outcome }), ...(area && { area }) };
        const found = await store.incidents.list({ ...filter, limit: most + 1 });
        const main = html`${filterForm(filter)}
<p><a class="button" href="/incidents/new">Enter an incident</a></p>
${found.length === 0 ? html`<p>${nothing(filter)}</p>` : incidentTable(found.slice(0, most), zone)}
${found.length > most && html`<p>These are the newest ${most}. The command clearline incidents --limit shows more.</p>`}`;
        return page({ title: 'Incidents', main, who, site: config.site.name, here: '/incidents' });
      },
    },
  ];
}

function nothing(filter: Omit<IncidentFilter, 'limit'>): string {
  return Object.keys(filter).length > 0
    ? 'No incident on record fits.'
    : 'No incident is on record. A resident opens one by reporting a call with the star key; you can enter one here.';
}

function filterForm(filter: Omit<IncidentFilter, 'limit'>): Html {
  const { status = '', outcome = '', area = '' }: Partial<Record<keyof IncidentFilter, string | number>> = filter;
  const any = ['', 'any'] as const;
  const statuses = [any, ...incidentStatuses.map((each) => [each, statusWords[each].split(':')[0] ?? ''] as const)];
  const outcomes = [any, ...incidentOutcomes.map((each) => [each, incidentOutcomeWords[each]] as const)];
  return html`<form method="get" action="/incidents" class="filter">
<div class="field"><label for="status">It is</label>${select('status', 'status', statuses, [String(status)])}</div>
<div class="field"><label for="outcome">How far it went</label>${select('outcome', 'outcome', outcomes, [String(outcome)])}</div>
<div class="field"><label for="area">Area</label><input id="area" name="area" value="${area}" maxlength="200"></div>
<button class="quiet">Show these</button></form>`;
}
