import type { Login } from '../login.ts';
import type { ConsoleDoor, ConsoleParts } from '../parts.ts';
import { html } from './html.ts';
import { notice, page } from './page.ts';

export function loginDoors({ store, config }: ConsoleParts, login: Login): ConsoleDoor[] {
  const site = config.site.name;
  const form = async (why: string | null) => {
    const nobody = (await store.accounts.list()).length === 0;
    const main = html`${why !== null && notice('bad', html`<p>${why}</p>`)}
${nobody && notice('note', html`<p>Nobody can log in yet. Whoever runs Clearline makes the first account on its machine:</p><pre>./clearline accounts add NAME --role admin</pre>`)}
<form method="post" action="/login" class="card narrow">
<div class="field"><label for="name">Name</label><input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="40"></div>
<div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200"></div>
<button>Log in</button></form>`;
    return page({ title: 'Log in', main, who: null, site, status: why === null ? 200 : 401 });
  };
  return [
    { method: 'GET', path: '/login', open: true, answer: () => form(null) },
    {
      method: 'POST',
      path: '/login',
      open: true,
      answer: async (asked) => {
        const { name = '', password = '' } = (asked.body ?? {}) as Record<string, unknown>;
        const begun = await login.begin(asked, String(name).trim().toLowerCase(), String(password));
        return 'why' in begun ? form(begun.why) : { to: '/', session: begun.session };
      },
    },
    {
      method: 'POST',
      path: '/logout',
      // Whoever is logged out already is so.
      open: true,
      answer: async (asked) => {
        await login.end(asked);
        return { to: '/login', session: null };
      },
    },
  ];
}
