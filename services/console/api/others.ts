import { deliveryStates } from '../../core/alerting/delivery.ts';
import { periodUnits } from '../../core/incident/periods.ts';
import { figuresOf } from '../figures.ts';
import { readReason } from '../input.ts';
import { type ConsoleDoor, type ConsoleParts, checkAdmin, json, oneOf, Refused, textOf } from '../parts.ts';
import { limitOf, timeOf } from './query.ts';

/** Counts, campaigns and alerts for programs. */
export function otherApi({ store, config, now }: ConsoleParts): ConsoleDoor[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/counts',
      answer: async (asked) =>
        json(await figuresOf(store, oneOf(asked, 'by', periodUnits) ?? 'week', now(), config.site.timeZone)),
    },
    {
      method: 'GET',
      path: '/api/v1/campaigns',
      answer: async (asked) => {
        const [area, since] = [textOf(asked, 'area'), timeOf(asked, 'since')];
        const filter = { ...(area !== undefined && { area }), ...(since !== undefined && { since }) };
        return json(await store.campaigns.list({ ...filter, limit: limitOf(asked) }));
      },
    },
    {
      method: 'POST',
      path: '/api/v1/campaigns/:id/end',
      answer: async ({ params, body }, who) => {
        checkAdmin(who, 'end a campaign');
        const id = params.id ?? '';
        const ended = { at: now(), by: who.name, why: readReason(body) };
        if ((await store.campaigns.find(id)) === null) throw new Refused(404, 'No such campaign is on record.');
        if (!(await store.campaigns.end(id, ended))) throw new Refused(409, 'It is over already.');
        return json(await store.campaigns.find(id));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/alerts',
      answer: async (asked) => {
        const line = textOf(asked, 'line');
        const alerts = await store.alerts.list({ limit: limitOf(asked), ...(line !== undefined && { line }) });
        const deliveries = Map.groupBy(
          await store.deliveries.ofAlerts(alerts.map(({ id }) => id)),
          ({ alert }) => alert,
        );
        return json(alerts.map((alert) => ({ ...alert, deliveries: deliveries.get(alert.id) ?? [] })));
      },
    },
    {
      method: 'GET',
      path: '/api/v1/deliveries',
      answer: async (asked) => {
        const state = oneOf(asked, 'state', deliveryStates);
        const recipient = textOf(asked, 'recipient');
        const filter = { ...(state && { states: [state] }), ...(recipient !== undefined && { recipient }) };
        return json(await store.deliveries.list({ ...filter, limit: limitOf(asked) }));
      },
    },
    {
      // The ids have slashes and colons of their own, so that they stand in the body.
      method: 'POST',
      path: '/api/v1/deliveries/retry',
      answer: async ({ body }) => {
        const { delivery } = (body ?? {}) as { delivery?: unknown };
        if (typeof delivery !== 'string') throw new Refused(422, 'delivery: expected the id of a message.');
        if (!(await store.deliveries.retry(delivery, now()))) {
          throw new Refused(409, 'No message of this id has failed, or may not have arrived.');
        }
        return json(await store.deliveries.find(delivery));
      },
    },
  ];
}
