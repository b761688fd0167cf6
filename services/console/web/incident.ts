import { randomUUID } from 'node:crypto';
import type { Asked } from '../../adapters/web.ts';
import type { Account } from '../../core/accounts.ts';
import type { Incident } from '../../core/incident/incident.ts';
import { actionWords, openedForWords } from '../../core/incident/words.ts';
import { type FormValues, readForm, tellValue, toForm } from '../incident-form.ts';
import { makePackAnswer } from '../pack.ts';
import { type ConsoleDoor, type ConsoleParts, Refused } from '../parts.ts';
import { type Saved, saveChange, saveNew } from '../save-incident.ts';
import { tellTime, toField } from '../time.ts';
import { incidentFields } from './form.ts';
import { type Html, html, type Part } from './html.ts';
import { notice, page } from './page.ts';

/** One incident: the form that staff fill in, new or again. */

export function incidentDoors(parts: ConsoleParts): ConsoleDoor[] {
  const { store, now } = parts;
  const zone = parts.config.site.timeZone;
  const whoOf = (who: Account) => ({ by: who.name, at: now() });
  return [
    {
      method: 'GET',
      path: '/incidents/new',
      answer: async (_asked, who) => {
        const values = { at: toField(now(), zone), status: 'open' };
        return shown(parts, who, { id: `incident-${randomUUID()}`, values });
      },
    },
    {
      method: 'POST',
      path: '/incidents',
      answer: async ({ body }, who) => {
        const id = hidden(body, 'id');
        if (!/^incident-[0-9a-f-]{36}$/.test(id)) throw new Refused(400, 'The form was not whole. Open it anew.');
        const saved = await saveNew(store, id, body, zone, whoOf(who));
        if (saved.state === 'done') return { to: pathOf(id, saved) };
        return shown(parts, who, { id, values: readForm(body), saved });
      },
    },
    {
      method: 'GET',
      path: '/incidents/:id',
      answer: async (asked, who) => {
        const incident = await find(parts, asked);
        return shown(parts, who, {
          id: incident.id,
          incident,
          values: toForm(incident, zone),
          masked: asked.query.masked === '1',
        });
      },
    },
    {
      method: 'POST',
      path: '/incidents/:id',
      answer: async (asked, who) => {
        const { id } = await find(parts, asked);
        const version = Number(hidden(asked.body, 'version'));
        const saved = await saveChange(store, id, asked.body, { version, zone, who: whoOf(who) });
        if (saved.state === 'done') return { to: pathOf(id, saved) };
        if (saved.state === 'unknown') throw new Refused(400, 'The form was not whole. Open the incident anew.');
        if (saved.state === 'outdated')
          return shown(parts, who, { id, incident: saved.incident, values: saved.values, saved });
        return shown(parts, who, {
          id,
          incident: await find(parts, asked),
          values: readForm(asked.body),
          saved,
          version,
        });
      },
    },
    {
      method: 'POST',
      path: '/incidents/:id/evidence-pack',
      answer: async (asked, who) => makePackAnswer(parts, (await find(parts, asked)).id, who, asked.body),
    },
  ];
}

async function find({ store }: ConsoleParts, { params }: Asked): Promise<Incident> {
  const found = await store.incidents.find(params.id ?? '');
  if (found === null) throw new Refused(404, 'There is no such incident on record.');
  return found;
}

function pathOf(id: string, saved: Extract<Saved, { state: 'done' }>): string {
  return `/incidents/${encodeURIComponent(id)}${saved.removed.length > 0 ? '?masked=1' : ''}`;
}

function hidden(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

interface Shown {
  readonly id: string;
  /** Absent: it is not opened yet. */
  readonly incident?: Incident;
  readonly values: FormValues;
  /** Why it is shown again. */
  readonly saved?: Saved;
  readonly masked?: boolean;
  /** That was seen; absent: the incident's. */
  readonly version?: number;
}

async function shown({ store, config }: ConsoleParts, who: Account, shown: Shown) {
  const { id, incident, values, saved, version = incident?.version ?? 0 } = shown;
  const { name: site, timeZone: zone } = config.site;
  const lines = (await store.lines.all()).map((line) => [line.id, `${line.resident} (${line.id})`] as const);
  const action = incident === undefined ? '/incidents' : `/incidents/${encodeURIComponent(id)}`;
  const main = html`${saved?.state === 'faulty' && faults(saved.faults)}
${saved?.state === 'outdated' && conflict(saved, zone)}
${shown.masked === true && notice('note', html`<p>Something that looked like a PIN, a card or an account number was taken out of the text before it was stored.</p>`)}
${incident && known(incident, zone)}
<form method="post" action="${action}"><input type="hidden" name="id" value="${id}"><input type="hidden" name="version" value="${version}">
${incidentFields(values, lines)}
<p class="save"><button>Save</button> <span class="hint">Leave empty what nobody knows. Never enter a PIN, a card or an account number.</span></p></form>
${incident && packForm(incident, who)}`;
  const title = incident === undefined ? 'Enter an incident' : `Incident of ${tellTime(incident.at, zone)}`;
  const status = saved?.state === 'faulty' ? 422 : saved?.state === 'outdated' ? 409 : 200;
  return page({ title, main, who, site, here: '/incidents', status });
}

function faults(sentences: readonly string[]): Html {
  return notice(
    'bad',
    html`<p>Nothing was saved yet. Please mend:</p><ul>${sentences.map((each) => html`<li>${each}</li>`)}</ul>`,
  );
}

function conflict({ since, both }: Extract<Saved, { state: 'outdated' }>, zone: string): Html {
  const who = since.map(({ by, at }) => `${by} (${tellTime(at, zone)})`).join(', ');
  return notice(
    'bad',
    html`<p>Nothing was saved yet: meanwhile this incident was changed by ${who}. Below is their version, with what you entered on top. Look at it, then save.</p>
${both.length > 0 && html`<p>You both changed:</p><ul>${both.map(({ field, theirs, yours }) => html`<li>${field.label}: on record <strong>${tellValue(field, theirs)}</strong>; you entered <strong>${tellValue(field, yours)}</strong></li>`)}</ul>`}`,
  );
}

function known(
  { openedAt, openedBy, openedFor, calls, campaign, legalHold, actions, notes }: Incident,
  zone: string,
): Html {
  const list = (title: string, items: readonly Part[]) =>
    items.length > 0 && html`<h2>${title}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  return html`<section class="card"><p>Opened ${tellTime(openedAt, zone)} by ${openedBy}: ${openedForWords[openedFor] ?? openedFor}.
${calls.length > 0 && html`Its calls: ${calls.join(', ')}.`}
${campaign !== null && html`It belongs to <a href="/campaigns/${encodeURIComponent(campaign)}">a campaign</a>.`}</p>
${legalHold && html`<p><strong>Legal hold</strong> since ${tellTime(legalHold.since, zone)}, set by ${legalHold.by}: ${legalHold.why}</p>`}
${list(
  'Done so far',
  actions.map(
    ({ what, at, by, reference, note }) =>
      html`${tellTime(at, zone)}, ${by}: ${actionWords[what] ?? what}${reference !== null && html`, reference <strong>${reference}</strong>`}${note !== null && html`. ${note}`}`,
  ),
)}
${list(
  'Notes',
  notes.map(({ at, by, text }) => html`${tellTime(at, zone)}, ${by}: <span class="text">${text}</span>`),
)}</section>`;
}

function packForm({ id, victim }: Incident, { role }: Account): Html {
  const reason =
    victim.consent === true
      ? html`<p>The victim agrees that the police are told.</p>`
      : html`<div class="field"><label for="why">The victim has not agreed: why is it done without?</label><input id="why" name="why" required maxlength="500"></div>`;
  return html`<section class="card"><h2>Evidence for the police</h2><p>One signed file with the report, the calls and the recordings. Who took it, and why, is kept on record.</p>
${role === 'admin' ? html`<form method="post" action="/incidents/${encodeURIComponent(id)}/evidence-pack">${reason}<button>Make the file</button></form>` : html`<p>An administrator can make it.</p>`}</section>`;
}
