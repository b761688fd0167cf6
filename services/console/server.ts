import { readFileSync } from 'node:fs';
import { type Answer, type Asked, openWeb, type Web } from '../adapters/web.ts';
import type { Log } from '../log.ts';
import { incidentApi } from './api/incidents.ts';
import { lineApi } from './api/lines.ts';
import { otherApi } from './api/others.ts';
import { openLogin } from './login.ts';
import { type ConsoleDoor, type ConsoleParts, isApi, problem, Refused } from './parts.ts';
import { alertDoors } from './web/alerts.ts';
import { campaignDoors } from './web/campaigns.ts';
import { countDoors } from './web/counts.ts';
import { html } from './web/html.ts';
import { incidentDoors } from './web/incident.ts';
import { incidentListDoors } from './web/incident-list.ts';
import { loginDoors } from './web/login.ts';
import { page } from './web/page.ts';
import { todayDoors } from './web/today.ts';

/** The console: pages for browsers, and the same for programs under /api/v1. */
export function openConsole(
  parts: ConsoleParts,
  log: Log,
  limits: { readonly guessesPerMinute?: number; readonly requestsPerMinute?: number } = {},
): Promise<Web> {
  const login = openLogin(parts);
  const site = parts.config.site.name;
  const tellFault = (asked: Asked, status: number, sentence: string) => {
    if (isApi(asked)) return problem(status, sentence);
    const main = html`<p>${sentence}</p><p><a href="/">To the first page</a></p>`;
    return page({ title: status === 404 ? 'Not there' : 'This did not work', main, who: null, site, status });
  };
  const doors = [
    ...openDoors(parts),
    ...loginDoors(parts, login),
    ...todayDoors(parts),
    ...incidentListDoors(parts),
    ...incidentDoors(parts),
    ...campaignDoors(parts),
    ...countDoors(parts),
    ...alertDoors(parts),
    ...incidentApi(parts),
    ...otherApi(parts),
    ...lineApi(parts),
  ];
  return openWeb({
    doors: doors.map((door) => withRefusals(door, tellFault)),
    recognise: login.recognise,
    turnAway: (asked) => turnAway(asked, site),
    tellFault,
    url: parts.config.console.url,
    log,
    ...limits,
  });
}

/** Whoever is not logged in. */
function turnAway(asked: Asked, site: string): Answer {
  if (!isApi(asked) && asked.method === 'POST') return loggedOut(site);
  if (!isApi(asked)) return { to: '/login' };
  const detail =
    'Give a name and password of an account with the request (HTTP basic), as in curl --user NAME. Too many wrong ones are not looked at for a minute.';
  const answer = problem(401, detail);
  return { ...answer, headers: { 'www-authenticate': 'Basic realm="Clearline", charset="UTF-8"' } };
}

/** A form that took a while is not lost with the login: the browser still has it, and sends it again. */
function loggedOut(site: string): Answer {
  const main = html`<p>You are logged out, since nobody used the console for a while. <strong>What you entered is not saved yet.</strong></p>
<ol><li><a href="/login" target="_blank" rel="noopener">Log in in a new tab</a>.</li>
<li>Come back to this one and load it again (F5). The browser asks whether to send the form again: yes.</li></ol>`;
  return page({ title: 'Log in again', main, who: null, site, status: 401 });
}

function withRefusals(
  door: ConsoleDoor,
  tellFault: (asked: Asked, status: number, sentence: string) => Answer,
): ConsoleDoor {
  return {
    ...door,
    answer: async (asked, who) => {
      try {
        return await door.answer(asked, who);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (isApi(asked)) return problem(error.status, error.message, error.more);
        return tellFault(asked, error.status, error.message);
      }
    },
  };
}

/** What anybody may see: nothing of the site. */
function openDoors({ store }: ConsoleParts): ConsoleDoor[] {
  const style = readFileSync(new URL('./web/style.css', import.meta.url), 'utf8');
  const plain = (body: string, status = 200): Answer => ({ status, body: `${body}\n` });
  return [
    { method: 'GET', path: '/healthz', open: true, answer: async () => plain('alive') },
    {
      method: 'GET',
      path: '/readyz',
      open: true,
      answer: async () => {
        const there = await store.lines.revision().catch(() => null);
        return there === null ? plain('The database does not answer: no page can be shown.', 503) : plain('ready');
      },
    },
    {
      method: 'GET',
      path: '/style.css',
      open: true,
      answer: async () => ({
        type: 'text/css; charset=utf-8',
        body: style,
        headers: { 'cache-control': 'public, max-age=3600' },
      }),
    },
  ];
}
