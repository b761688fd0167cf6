import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { cleanName } from '../../core/caller.ts';
import { mostTrusted, trust } from '../../core/contacts/lists.ts';
import { readTrustable } from '../../core/contacts/trustable.ts';
import { expectationFault, pauseFault } from '../../core/contacts/windows.ts';
import { numberRules } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { findSuggestions } from '../../suggestions.ts';
import { readBody } from '../input.ts';
import { type ConsoleDoor, type ConsoleParts, json, Refused } from '../parts.ts';

/** Lines for programs: whom they trust for a while, and whom they might. */

const time = z.iso
  .datetime({ offset: true, error: 'a time such as "2026-11-23T10:00:00Z"' })
  .transform((written) => Date.parse(written));
const text = (error: string) =>
  z
    .string({ error })
    .transform((written) => cleanName(written, 200))
    .refine((cleaned) => cleaned !== '', { error });
const reason = text('why, for the record');
const number = z.string({ error: 'a telephone number' }).max(40, { error: 'a telephone number' });
const suggested = z.object({ line: text('the id of a line'), number });
const accepted = suggested.extend({ name: text('whose number it is') });
const paused = z.object({ until: time, why: reason });
const expected = z.object({
  name: text('who is to call'),
  number: number.nullable().default(null),
  from: time,
  until: time,
});

export function lineApi({ store, config, now }: ConsoleParts): ConsoleDoor[] {
  const { contacts } = store;
  const rules = numberRules(gb, config.numbers);
  const find = async (id = ''): Promise<StoredLine> => {
    const found = (await store.lines.all()).find((line) => line.id === id);
    if (found === undefined) throw new Refused(404, 'There is no such line.');
    return found;
  };
  const readNumber = (written: string) => {
    const read = readTrustable(written, rules);
    if ('number' in read) return read.number;
    throw new Refused(422, `number: found "${cleanName(written)}", expected ${read.expected}.`);
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/lines',
      // A telephone's password is nobody's business here.
      answer: async () => json((await store.lines.all()).map(({ phoneSecret: _secret, ...line }) => line)),
    },
    {
      method: 'POST',
      path: '/api/v1/lines/:id/pause',
      answer: async ({ params, body }, { name: by }) => {
        const line = await find(params.id);
        const pause = { line: line.id, at: now(), by, ...readBody(paused, body) };
        refuse(pauseFault(pause, config.contacts));
        await contacts.pause(pause);
        return json(pause);
      },
    },
    {
      method: 'POST',
      path: '/api/v1/lines/:id/resume',
      answer: async ({ params }, { name: by }) => {
        const { id } = await find(params.id);
        if (!(await contacts.resume(id, now(), by))) throw new Refused(409, 'Its screening is not paused.');
        return json({ line: id, resumed: true });
      },
    },
    {
      method: 'POST',
      path: '/api/v1/lines/:id/expect',
      answer: async ({ params, body }, { name: by }) => {
        const line = await find(params.id);
        const given = readBody(expected, body);
        const number = given.number === null ? null : readNumber(given.number);
        const window = { id: randomUUID().slice(0, 8), line: line.id, at: now(), by, ...given, number };
        refuse(expectationFault(window, line, config.contacts));
        await contacts.expect(window);
        return json(window, 201);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/suggestions',
      answer: async () => json(await findSuggestions(store, config, await store.lines.all(), null, now())),
    },
    {
      method: 'POST',
      path: '/api/v1/suggestions/accept',
      answer: async ({ body }) => {
        const given = readBody(accepted, body);
        const line = await find(given.line);
        const contact = { number: readNumber(given.number), name: cleanName(given.name) };
        const open = await findSuggestions(store, config, [line], line.id, now());
        if (!open.some((each) => each.number === contact.number)) {
          throw new Refused(409, 'The number is not suggested for this line, or not any more.');
        }
        await contacts.edit(line.id, (lists) => {
          const { lists: changed, refused } = trust(lists, [contact]);
          if (refused.length > 0)
            throw new Refused(409, 'The number is on this line’s blocked list, which stands above.');
          if (changed.trusted.length > mostTrusted)
            throw new Refused(409, `A line trusts ${mostTrusted} numbers at most.`);
          return changed;
        });
        return json({ line: line.id, ...contact });
      },
    },
    {
      method: 'POST',
      path: '/api/v1/suggestions/dismiss',
      answer: async ({ body }, { name: by }) => {
        const given = readBody(suggested, body);
        const { id } = await find(given.line);
        const dismissal = { line: id, number: readNumber(given.number), at: now(), by };
        await contacts.dismiss(dismissal);
        return json(dismissal);
      },
    },
  ];
}

/** Throws Refused where there is a reason. */
function refuse(why: string | null): void {
  if (why !== null) throw new Refused(422, why);
}
