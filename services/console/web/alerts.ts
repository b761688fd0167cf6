import { type ConsoleDoor, type ConsoleParts, Refused } from '../parts.ts';
import { alertRows, deadLetters } from './alert-rows.ts';
import { html } from './html.ts';
import { page } from './page.ts';

const most = 100;

export function alertDoors(parts: ConsoleParts): ConsoleDoor[] {
  const { store, config, now } = parts;
  return [
    {
      method: 'GET',
      path: '/alerts',
      answer: async (_asked, who) => {
        const [dead, alerts] = await Promise.all([deadLetters(parts), alertRows(parts, most)]);
        const main = html`<h2 id="dead">Messages that did not arrive</h2>
${dead}
<h2>Alerts</h2>
${alerts}`;
        return page({ title: 'Alerts', main, who, site: config.site.name, here: '/alerts' });
      },
    },
    {
      method: 'POST',
      path: '/alerts/retry',
      answer: async ({ body }) => {
        const { delivery = '' } = (body ?? {}) as Record<string, unknown>;
        if (!(await store.deliveries.retry(String(delivery), now()))) {
          throw new Refused(
            409,
            'That message is no longer one that did not arrive: somebody has sent it again already.',
          );
        }
        return { to: '/alerts' };
      },
    },
  ];
}
