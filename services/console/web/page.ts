import type { Answer } from '../../adapters/web.ts';
import type { Account } from '../../core/accounts.ts';
import { type Html, html, type Part } from './html.ts';

/** What all pages have in common. */

export interface Page {
  readonly title: string;
  readonly main: Part;
  /** Null: nobody is logged in. */
  readonly who: Account | null;
  readonly site: string;
  /** The page's place in the menu. */
  readonly here?: string;
  readonly status?: number;
}

const menu = [
  ['/', 'Today'],
  ['/incidents', 'Incidents'],
  ['/counts', 'Counts'],
  ['/alerts', 'Alerts'],
] as const;

export function page({ title, main, who, site, here, status = 200 }: Page): Answer {
  const text = html`<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – ${site}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">To the content</a>
${who && header(who, site, here)}
<main id="main">
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`;
  return { status, type: 'text/html; charset=utf-8', body: text.text };
}

function header({ name }: Account, site: string, here: string | undefined): Html {
  return html`<header>
<p class="site">${site}</p>
<nav aria-label="Pages">${menu.map(([path, title]) => html`<a href="${path}"${path === here && html` aria-current="page"`}>${title}</a>`)}</nav>
<form method="post" action="/logout"><span>${name}</span> <button class="quiet">Log out</button></form>
</header>`;
}

/** A box that says what is wrong, or what was done. */
export function notice(kind: 'bad' | 'good' | 'note', content: Part): Html {
  return html`<div class="notice ${kind}"${kind === 'bad' && html` role="alert"`}>${content}</div>`;
}

/** A table; on a small screen each row becomes a block, in which each cell has its head before it. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Part[])[]): Html {
  const cells = (row: readonly Part[]) =>
    row.map((cell, index) =>
      index === 0 ? html`<th scope="row">${cell}</th>` : html`<td data-head="${heads[index]}">${cell}</td>`,
    );
  return html`<div class="wide"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div>`;
}

/** "not known yet" as the head of a column. */
export function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** At most so much of what somebody may have made far too long. */
export function cut(text: string, most = 200): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most).join('')} … (${characters.length} characters)`;
}
