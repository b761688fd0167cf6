import { type AreaTally, tellArea } from '../../core/incident/counts.ts';
import { incidentOutcomes } from '../../core/incident/incident.ts';
import { periodUnits } from '../../core/incident/periods.ts';
import { incidentOutcomeWords, outcomeUnknown } from '../../core/incident/words.ts';
import { figuresOf } from '../figures.ts';
import { type ConsoleDoor, type ConsoleParts, oneOf } from '../parts.ts';
import { tellTime } from '../time.ts';
import { type Html, html } from './html.ts';
import { page, table, upperFirst } from './page.ts';

/** How many were targeted, where, how far it went, and whether it gets better: as the police give it. */

export function countDoors({ store, config, now }: ConsoleParts): ConsoleDoor[] {
  const { name: site, timeZone: zone } = config.site;
  return [
    {
      method: 'GET',
      path: '/counts',
      answer: async (asked, who) => {
        const by = oneOf(asked, 'by', periodUnits) ?? 'week';
        const figures = await figuresOf(store, by, now(), zone);
        const units = periodUnits.map(
          (unit) => html`<a href="/counts?by=${unit}"${unit === by && html` aria-current="true"`}>by ${unit}</a>`,
        );
        const main = html`<p class="tabs">${units}</p>
<p>From ${tellTime(figures.since, zone)} to now.</p>
<p class="sentence">${figures.sentence}</p>
${figures.all.total === 0 ? html`<p>No incident is on record in this time.</p>` : tables(figures)}`;
        return page({ title: 'Counts', main, who, site, here: '/counts' });
      },
    },
  ];
}

type Figures = Awaited<ReturnType<typeof figuresOf>>;

function tables({ byOutcome, areas, all, trend }: Figures): Html {
  const steps = incidentOutcomes.filter((step) => all.of[step] > 0);
  const row = (name: string, { of, unknown, total }: AreaTally) => [
    name,
    total,
    ...steps.map((step) => of[step]),
    unknown,
  ];
  const heads = [
    'Area',
    'All',
    ...steps.map((step) => upperFirst(incidentOutcomeWords[step])),
    upperFirst(outcomeUnknown),
  ];
  const most = Math.max(1, ...trend.map(({ targeted }) => targeted));
  const periods = trend.map(({ name, targeted, notAnswered, realised, further, unknown, share }) => [
    name,
    targeted,
    // The bar is a picture of the numbers beside it.
    html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="all" width="${(100 * targeted) / most}" height="8"/><rect class="realised" width="${(100 * realised) / most}" height="8"/></svg>`,
    notAnswered,
    realised,
    further,
    unknown,
    share === null ? '' : `${Math.round(share * 100)} %`,
  ]);
  return html`<ul>${byOutcome.map((line) => html`<li>${line}</li>`)}</ul>
${table('By area', heads, [...areas.map((area) => row(tellArea(area.area), area)), row('all', all)])}
${table('Trend: the dark part realised what it was', ['Period', 'Targeted', '', 'Not answered', 'Realised', 'Went further', 'Not known', 'Realised ÷ targeted'], periods)}`;
}
