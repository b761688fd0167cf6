import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Campaign } from '../../services/core/campaign/campaign.ts';
import type { Incident } from '../../services/core/incident/incident.ts';
import { verifyPack } from '../../services/evidence/verify-pack.ts';
import { password, startConsole, type TestConsole } from '../support/console.ts';
import { nasty } from '../support/evidence.ts';
import { finishedCall, monday, storedLine } from '../support/finished-call.ts';
import { bulletinIncidents, openedIncident } from '../support/incidents.ts';
import { sighting, usualRules } from '../support/sightings.ts';

let desk: TestConsole;
afterEach(() => desk.close());

const pages = ['/', '/incidents', '/incidents/new', '/counts', '/alerts'];
/** What anybody may see, login or not. */
const open = ['GET /healthz', 'GET /readyz', 'GET /style.css', 'GET /login', 'POST /login', 'POST /logout'];

const admin = async (source?: string) => {
  desk = await startConsole(source);
  await desk.addAccount('anna', 'admin');
  return desk.logIn('anna');
};
const api = ['anna', password] as const;
const id = openedIncident().id;

describe('who is let in', () => {
  it('nobody without a login, at whatever there is: a page sends to the login, forms and the API are answered 401', async () => {
    desk = await startConsole();
    await desk.store.incidents.open(openedIncident());
    const doors = desk.doors.filter((door) => !open.includes(door.replace('HEAD', 'GET')));
    expect(doors.length).toBeGreaterThan(30);
    for (const door of doors) {
      const [method = '', path = ''] = door.split(' ');
      const answer = await desk.ask(path.replace(':id', id), {
        method,
        origin: desk.url,
        ...(!['GET', 'HEAD'].includes(method) && { json: {} }),
      });
      if (path.startsWith('/api/')) {
        expect(answer.status, door).toBe(401);
        expect(answer.headers.get('content-type'), door).toContain('application/problem+json');
      } else if (method === 'POST') {
        expect(answer.status, door).toBe(401);
      } else {
        expect([answer.status, answer.headers.get('location')], door).toEqual([303, '/login']);
      }
      expect(await answer.text(), door).not.toContain('Elsie');
    }
    expect((await desk.ask('/no/such/page')).status).toBe(303);
  });

  it('everybody sees that it lives, and the login page, which says how the first account is made', async () => {
    desk = await startConsole();
    expect(await (await desk.ask('/healthz')).text()).toBe('alive\n');
    expect(await (await desk.ask('/readyz')).text()).toBe('ready\n');
    expect(await (await desk.ask('/login')).text()).toContain('./clearline accounts add NAME');
    await desk.addAccount('anna');
    expect(await (await desk.ask('/login')).text()).not.toContain('accounts add');
  });

  it('a session, in a cookie that no script reads and no other site sends, until it is logged out', async () => {
    desk = await startConsole();
    await desk.addAccount('anna');
    const answer = await desk.ask('/login', { form: { name: ' Anna', password } });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(answer.headers.get('set-cookie')).toMatch(/^clearline=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const session = await desk.logIn('anna');
    for (const path of pages) expect((await desk.ask(path, { session })).status, path).toBe(200);
    await desk.ask('/logout', { session, form: {} });
    expect((await desk.ask('/', { session })).status).toBe(303);
  });

  it('the cookie goes over TLS alone where the console is behind a proxy', async () => {
    desk = await startConsole('console: { url: "https://clearline.example.org" }');
    await desk.addAccount('anna');
    const ask = (origin: string) => desk.ask('/login', { form: { name: 'anna', password }, origin });
    expect((await ask('https://clearline.example.org')).headers.get('set-cookie')).toContain('Secure');
    expect((await ask(desk.url)).status).toBe(403);
  });

  it('says the same of an unknown name, a wrong password and a disabled account', async () => {
    desk = await startConsole();
    for (const name of ['anna', 'ben']) await desk.addAccount(name);
    await desk.store.accounts.change('ben', { disabled: true });
    const tries = [
      ['anna', 'wrong password here'],
      ['carol', password],
      ['ben', password],
    ] as const;
    for (const [name, tried] of tries) {
      const page = await desk.ask('/login', { form: { name, password: tried } });
      expect(page.status, name).toBe(401);
      expect(page.headers.get('set-cookie'), name).toBeNull();
      expect(await page.text(), name).toContain('The name and the password do not belong together.');
      expect((await desk.ask('/api/v1/incidents', { basic: [name, tried] })).status, name).toBe(401);
    }
  });

  it('after too many guesses within a minute not even the right password is looked at', async () => {
    desk = await startConsole('', { guessesPerMinute: 3 });
    await desk.addAccount('anna');
    for (let count = 0; count < 3; count += 1) {
      expect((await desk.ask('/api/v1/incidents', { basic: ['anna', `guess ${count}`] })).status).toBe(401);
    }
    expect(await (await desk.ask('/login', { form: { name: 'anna', password } })).text()).toContain('too often');
    expect((await desk.ask('/api/v1/incidents', { basic: api })).status).toBe(401);
  });

  it('a program that asks often is no guesser; one whose account is disabled meanwhile is let in no more', async () => {
    desk = await startConsole('', { guessesPerMinute: 3 });
    await desk.addAccount('anna');
    for (let count = 0; count < 10; count += 1) {
      expect((await desk.ask('/api/v1/incidents', { basic: api })).status).toBe(200);
    }
    await desk.store.accounts.change('anna', { disabled: true });
    expect((await desk.ask('/api/v1/incidents', { basic: api })).status).toBe(401);
  });

  it('a session ends when it was not used for half an hour, and in any case after twelve', async () => {
    const session = await admin();
    const isIn = async () => (await desk.ask('/', { session })).status === 200;
    desk.advance(29 * 60_000);
    expect(await isIn()).toBe(true);
    desk.advance(29 * 60_000);
    expect(await isIn()).toBe(true);
    desk.advance(31 * 60_000);
    expect(await isIn()).toBe(false);
    const kept = await desk.logIn('anna');
    for (let spent = 0; spent < 12 * 60; spent += 20) {
      expect((await desk.ask('/', { session: kept })).status).toBe(200);
      desk.advance(20 * 60_000);
    }
    desk.advance(1);
    expect((await desk.ask('/', { session: kept })).status).toBe(303);
    const late = await desk.ask('/incidents', { session: kept, form: { note: 'She is safe.' } });
    expect(await late.text()).toContain('What you entered is not saved yet.');
  });

  it('too many requests of any kind are refused', async () => {
    desk = await startConsole('', { requestsPerMinute: 5 });
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1) statuses.push((await desk.ask('/login')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  });
});

describe('what other sites’ pages ask for', () => {
  it.each(['https://evil.example', 'null', null])('is refused, logged in or not: origin %s', async (origin) => {
    const session = await admin();
    await desk.store.incidents.open(openedIncident());
    const form = { version: '1', outcome: 'money-withdrawn' };
    expect((await desk.ask(`/incidents/${id}`, { session, form, origin })).status).toBe(403);
    expect((await desk.ask('/login', { form: { name: 'anna', password }, origin })).status).toBe(403);
    expect((await desk.store.incidents.find(id))?.version).toBe(1);
  });

  it('is refused too where the browser knows a program’s password', async () => {
    await admin();
    const json = { outcome: 'realised' };
    const answer = await desk.ask('/api/v1/incidents', { basic: api, json, origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
  });

  it('gets nothing to frame, and no page runs a script', async () => {
    const session = await admin();
    for (const path of pages) {
      const answer = await desk.ask(path, { session });
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).not.toContain('unsafe');
      expect(answer.headers.get('cache-control'), path).toBe('no-store');
      expect(await answer.text(), path).not.toMatch(/<script|\son\w+=|style="/);
    }
  });
});

describe('pages', () => {
  it('say in words that there is nothing', async () => {
    const session = await admin();
    const text = async (path: string) => (await desk.ask(path, { session })).text();
    expect(await text('/')).toContain('No incident is open.');
    expect(await text('/')).toContain('No alert is on record. That is good news.');
    expect(await text('/incidents')).toContain('No incident is on record.');
    expect(await text('/incidents?status=closed')).toContain('No incident on record fits.');
    expect(await text('/counts')).toContain('Similar calls: none');
    expect(await text('/alerts')).toContain('Every message has reached whom it was for');
    expect((await desk.ask('/incidents/none', { session })).status).toBe(404);
    expect(await text('/incidents?status=broken')).toContain('expected one of open, closed, mistaken');
  });

  it('show the bulletin’s sentence', async () => {
    const session = await admin();
    for (const incident of bulletinIncidents()) await desk.store.incidents.open({ ...incident, at: monday - 1000 });
    const text = await (await desk.ask('/counts?by=month', { session })).text();
    expect(text).toMatch(/Similar calls: .*Rickmansworth \(2\).*north Watford \(5\)/);
    expect(text).toContain('<svg class="bar"');
  });

  it('take an incident within one form, once however often it is sent, and mask what must not be kept', async () => {
    const session = await admin();
    await desk.store.lines.upsert([storedLine()]);
    const blank = await (await desk.ask('/incidents/new', { session })).text();
    const [, minted = ''] = /name="id" value="([^"]+)"/.exec(blank) ?? [];
    const form = {
      ...{ id: minted, version: '0', at: '2026-11-23T09:40', line: storedLine().id, outcome: 'agreed', status: 'open' },
      ...{ 'caller.role': 'police', 'caller.rulesBroken': ['asks-to-withdraw', 'asks-to-send'], asked: 'cash' },
      ...{ 'loss.cash': '£1,234.50', 'action.what': '101', 'action.reference': 'CAD 123', 'victim.consent': 'yes' },
      note: 'He wanted her PIN 4711.',
    };
    const saved = await desk.ask('/incidents', { session, form });
    expect([saved.status, saved.headers.get('location')]).toEqual([303, `/incidents/${minted}?masked=1`]);
    expect((await desk.ask('/incidents', { session, form })).status).toBe(303);
    const found = await desk.store.incidents.list({ limit: 10 });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      ...{ at: Date.UTC(2026, 10, 23, 9, 40), resident: storedLine().resident, outcome: 'agreed', openedBy: 'anna' },
      ...{ asked: ['cash'], loss: { cash: 123_450 }, victim: { consent: true }, courier: null },
      caller: { role: 'police', rulesBroken: ['asks-to-withdraw', 'asks-to-send'] },
      actions: [{ what: '101', reference: 'CAD 123', by: 'anna' }],
    });
    expect(JSON.stringify(found)).not.toContain('4711');
    const page = await (await desk.ask(`/incidents/${minted}?masked=1`, { session })).text();
    expect(page).toContain('was taken out of the text');
    expect(page).toContain('value="1234.50"');
  });

  it('tell every fault at once, keep what was entered, and save nothing', async () => {
    const session = await admin();
    await desk.store.incidents.open(openedIncident());
    const form = {
      version: '1',
      at: 'noon',
      'loss.cash': 'lots',
      outcome: 'agreed',
      resident: 'Elsie Brown',
      status: 'open',
    };
    const answer = await desk.ask(`/incidents/${id}`, { session, form });
    const text = await answer.text();
    expect(answer.status).toBe(422);
    expect(text).toContain('loss.cash: found &#34;lots&#34;');
    expect(text).toContain('at: found &#34;noon&#34;');
    expect(text).toContain('value="agreed" checked');
    expect((await desk.store.incidents.find(id))?.version).toBe(1);
  });

  it('keep both of two tabs’ changes where they touch different things, and ask where they touch the same', async () => {
    const session = await admin();
    await desk.addAccount('ben');
    await desk.store.incidents.open(openedIncident());
    const fields = {
      at: '2026-11-23T10:00',
      line: 'room-12',
      resident: 'Elsie Brown',
      area: 'Rickmansworth',
      status: 'open',
    };
    const tab = (changes: Record<string, string>) => ({ ...fields, version: '1', outcome: 'realised', ...changes });
    const first = { session: await desk.logIn('ben'), form: tab({ outcome: 'agreed', suspicion: 'He hurried her.' }) };
    expect((await desk.ask(`/incidents/${id}`, first)).status).toBe(303);
    const form = tab({ outcome: 'handed-over', 'caller.name': 'PC Brown' });
    const second = await desk.ask(`/incidents/${id}`, { session, form });
    expect(second.status).toBe(409);
    const text = await second.text();
    expect(text).toContain('changed by ben (23 November 2026, 10:00)');
    expect(text).toContain(
      'on record <strong>card or cash agreed</strong>; you entered <strong>card or cash handed over',
    );
    for (const kept of [
      'value="handed-over" checked',
      'He hurried her.',
      'value="PC Brown"',
      'name="version" value="2"',
    ]) {
      expect(text).toContain(kept);
    }
    const again = { ...form, version: '2', suspicion: 'He hurried her.' };
    expect((await desk.ask(`/incidents/${id}`, { session, form: again })).status).toBe(303);
    expect(await desk.store.incidents.find(id)).toMatchObject({
      ...{ version: 3, outcome: 'handed-over', suspicion: 'He hurried her.', caller: { name: 'PC Brown' } },
    });
  });

  it('show whatever a caller sends as text that hides, turns and breaks nothing', async () => {
    const session = await admin();
    const rude = `${nasty.name}"><img src=x onerror=alert(1)>\u2066${'long-'.repeat(2000)}`;
    const caller = { ...openedIncident().caller, name: rude, words: `</textarea><script>alert(1)</script>${rude}` };
    const note = { at: monday, by: rude, text: rude };
    await desk.store.incidents.open(openedIncident({ resident: rude, area: rude, caller, notes: [note] }));
    for (const path of [
      '/',
      '/incidents',
      '/counts',
      `/incidents/${id}`,
      `/incidents?area=${encodeURIComponent('"><b>')}`,
    ]) {
      const text = await (await desk.ask(path, { session })).text();
      expect(text, path).not.toMatch(/<script|<img|<b>|[\0\u202e\u2066\ud800]/);
    }
  });

  it('show messages that did not arrive, and send one again once', async () => {
    const session = await admin();
    const { alerts, deliveries } = desk.store;
    await alerts.save({ id: 'a1', kind: 'reported', at: monday, line: 'room-12', call: 'c1', incident: id });
    const [planned] = await deliveries.plan('a1', monday, () => [{ recipient: 'warden', channel: 'email', at: null }]);
    const delivery = planned?.id ?? '';
    await deliveries.claim(delivery, monday, { token: 't', until: monday + 1000 });
    await deliveries.settle(delivery, 't', { state: 'failed', at: monday, fault: 'no such user' });
    const before = await (await desk.ask('/alerts', { session })).text();
    expect(before).toContain('Not reached, after 1 attempt: no such user');
    expect(await (await desk.ask('/', { session })).text()).toContain('Somebody was not told of an alert');
    expect((await desk.ask('/alerts/retry', { session, form: { delivery } })).status).toBe(303);
    expect((await desk.ask('/alerts/retry', { session, form: { delivery } })).status).toBe(409);
    expect((await deliveries.find(delivery))?.state).toBe('queued');
    const [told] = (await (await desk.ask('/api/v1/alerts', { basic: api })).json()) as { deliveries: unknown[] }[];
    expect(told).toMatchObject({ id: 'a1', deliveries: [{ recipient: 'warden', state: 'queued' }] });
  });
});

describe('what administrators do on a page', () => {
  const found = () => {
    const calls = ['room-1', 'room-2', 'room-3'].map((line, index) =>
      sighting({ call: `c${index}`, line, at: monday - 60_000 * index }),
    );
    const [last] = calls;
    if (last === undefined) throw new Error('no call');
    const campaign: Campaign = {
      ...{ id: 'campaign-1', kind: 'number', key: '+447700900123', firstCall: 'c2', foundBy: 'c0', ended: null },
      ...{ firstAt: monday - 120_000, lastAt: monday, foundAt: monday, reasons: ['Three lines rang.'] },
    };
    return { calls, last, campaign };
  };

  it('end a campaign, with a reason, once; staff see it and cannot', async () => {
    const session = await admin();
    await desk.addAccount('ben');
    const { calls, last, campaign } = found();
    for (const call of calls) await desk.store.campaigns.note(call);
    await desk.store.campaigns.add({ state: 'begins', campaign, calls }, last, usualRules);
    const text = async (path: string, as: string) => (await desk.ask(path, { session: as })).text();
    expect(await text('/', session)).toContain('3 calls to 3 lines in Oxhey');
    expect(await text('/campaigns/campaign-1', session)).toContain('End this campaign');
    const ben = await desk.logIn('ben');
    expect(await text('/campaigns/campaign-1', ben)).toContain('An administrator can do that.');
    const end = (as: string, why: string) => desk.ask('/campaigns/campaign-1/end', { session: as, form: { why } });
    expect((await end(ben, 'a survey')).status).toBe(403);
    expect((await end(session, ' \0')).status).toBe(422);
    expect((await end(session, 'It was a survey.')).status).toBe(303);
    expect(await text('/campaigns/campaign-1', session)).toContain('by anna: It was a survey.');
    expect(await text('/', session)).not.toContain('3 calls to 3 lines');
    expect((await desk.ask('/api/v1/campaigns/campaign-1/end', { basic: api, json: { why: 'again' } })).status).toBe(
      409,
    );
  });

  it('take evidence away without a reason where the victim agreed, and leave no copy', async () => {
    const session = await admin();
    const victim = { ...openedIncident().victim, consent: true };
    await desk.store.incidents.open(openedIncident({ calls: [], victim }));
    const made = await desk.ask(`/incidents/${id}/evidence-pack`, { session, form: { why: '' } });
    expect([made.status, made.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const file = join(desk.config.paths.data, 'got.zip');
    writeFileSync(file, Buffer.from(await made.arrayBuffer()));
    expect((await verifyPack(file)).faults).toEqual([]);
    expect(readdirSync(join(desk.config.paths.data, 'console'))).toEqual([]);
  });
});

describe('the API', () => {
  const send = (path: string, json: unknown, method = 'POST') =>
    desk.ask(`/api/v1${path}`, { basic: api, json, method });
  const get = async (path: string) => (await desk.ask(`/api/v1${path}`, { basic: api })).json();

  it('opens, lists, shows and changes incidents, with the version that was seen', async () => {
    await admin();
    const opened = await send('/incidents', {
      id: 'incident-x1',
      area: 'Oxhey',
      outcome: 'not-answered',
      at: '2026-11-23T09:00:00Z',
    });
    expect(opened.status).toBe(201);
    expect(await get('/incidents?area=Oxhey&since=2026-11-23T08:00:00Z')).toMatchObject([
      { id: 'incident-x1', openedBy: 'anna' },
    ]);
    expect(await get('/incidents?status=closed')).toEqual([]);
    const changed = await send('/incidents/incident-x1', { version: 1, outcome: 'agreed' }, 'PATCH');
    expect(await changed.json()).toMatchObject({ incident: { version: 2, outcome: 'agreed' }, removed: [] });
    const late = await send('/incidents/incident-x1', { version: 1, outcome: 'realised' }, 'PATCH');
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({
      detail: expect.stringContaining('changed by anna (version 2)'),
      incident: { version: 2, outcome: 'agreed' },
      since: [{ by: 'anna', incident: { version: 2 } }],
    });
    expect((await send('/incidents/incident-x1', { outcome: 'realised' }, 'PATCH')).status).toBe(422);
    expect(await get('/incidents/incident-x1')).toMatchObject({ history: [{ by: 'anna' }, { by: 'anna' }] });
  });

  it('tells every fault in a problem', async () => {
    await admin();
    const answer = await send('/incidents', { outcome: 'robbed', caller: { role: 'polis' }, colour: 'red' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      422,
      'application/problem+json; charset=utf-8',
    ]);
    const { faults } = (await answer.json()) as { faults: { key: string }[] };
    expect(faults.map(({ key }) => key).sort()).toEqual(['caller.role', 'colour', 'outcome']);
    for (const path of [
      '/incidents?limit=0',
      '/incidents?since=noon',
      '/incidents?outcome=robbed',
      '/counts?by=year',
    ]) {
      expect((await desk.ask(`/api/v1${path}`, { basic: api })).status, path).toBe(400);
    }
    expect((await desk.ask('/api/v1/none', { basic: api })).status).toBe(404);
  });

  it('refuses what is no JSON, is of another kind, or is too long', async () => {
    await admin();
    const raw = (body: string, type: string) =>
      fetch(`${desk.url}/api/v1/incidents`, {
        ...{ method: 'POST', body },
        headers: { 'content-type': type, authorization: `Basic ${Buffer.from(api.join(':')).toString('base64')}` },
      }).then(({ status }) => status);
    expect(await raw('{"outcome":', 'application/json')).toBe(400);
    expect(await raw('outcome', 'text/plain')).toBe(415);
    expect(await raw(JSON.stringify({ suspicion: 'x'.repeat(300_000) }), 'application/json')).toBe(413);
    expect(await raw('[1]', 'application/json')).toBe(422);
    expect(await raw('{"__proto__": {"outcome": "agreed"}}', 'application/json')).toBe(400);
  });

  it('hands out an evidence pack that verifies, with consent or a reason, to administrators, and on record', async () => {
    await admin();
    await desk.addAccount('ben');
    const call = finishedCall();
    await desk.store.calls.save(call);
    await desk.store.incidents.open(openedIncident({ calls: [call.record.id] }));
    const path = `/incidents/${id}/evidence-pack`;
    const asBen = await desk.ask(`/api/v1${path}`, { basic: ['ben', password], json: { why: 'PC Smith asked' } });
    expect(asBen.status).toBe(403);
    expect((await send(path, {})).status).toBe(422);
    const made = await send(path, { why: 'The Crown Court ordered it' });
    expect([made.status, made.headers.get('content-type')]).toEqual([200, 'application/zip']);
    expect(made.headers.get('content-disposition')).toContain(`evidence-${id}.zip`);
    const file = join(desk.config.paths.data, 'got.zip');
    writeFileSync(file, Buffer.from(await made.arrayBuffer()));
    expect(await verifyPack(file)).toMatchObject({ faults: [], manifest: { incident: id, madeBy: 'anna' } });
    const bytes = readFileSync(file);
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect((await verifyPack(file)).faults).not.toEqual([]);
    expect(await desk.store.accessLog.list({ what: 'evidence-pack', limit: 9 })).toMatchObject([
      { by: 'anna', item: id, why: 'The Crown Court ordered it' },
    ]);
  });

  it('leaves legal holds and the end of campaigns to administrators', async () => {
    await admin();
    await desk.addAccount('ben');
    await desk.store.incidents.open(openedIncident());
    const asBen = (path: string, json: unknown, method = 'POST') =>
      desk.ask(`/api/v1${path}`, { basic: ['ben', password], json, method });
    const hold = { version: 1, hold: { why: 'Operation Elm' } };
    expect((await asBen(`/incidents/${id}`, hold, 'PATCH')).status).toBe(403);
    expect((await asBen('/campaigns/none/end', { why: 'a survey' })).status).toBe(403);
    expect((await send('/campaigns/none/end', { why: 'a survey' })).status).toBe(404);
    expect((await send(`/incidents/${id}`, hold, 'PATCH')).status).toBe(200);
    expect((await desk.store.incidents.find(id))?.legalHold).toMatchObject({ by: 'anna' } satisfies Partial<
      Incident['legalHold']
    >);
  });

  it('pauses a line, resumes it and expects a caller, and keeps telephones’ passwords to itself', async () => {
    await admin();
    const line = storedLine();
    await desk.store.lines.upsert([line]);
    expect(JSON.stringify(await get('/lines'))).not.toContain(line.phoneSecret);
    const pause = (until: string) => send(`/lines/${line.id}/pause`, { until, why: 'a party' });
    expect((await pause('2027-11-23T12:00:00Z')).status).toBe(422);
    expect((await pause('soon')).status).toBe(422);
    expect((await pause('2026-11-23T11:00:00Z')).status).toBe(200);
    expect(await desk.store.contacts.pauses(line.id, 5)).toMatchObject([{ by: 'anna', why: 'a party' }]);
    expect((await send(`/lines/${line.id}/resume`, {})).status).toBe(200);
    expect((await send(`/lines/${line.id}/resume`, {})).status).toBe(409);
    const window = { name: 'Hill Plumbing', from: '2026-11-23T10:00:00Z', until: '2026-11-23T14:00:00Z' };
    expect((await send(`/lines/${line.id}/expect`, { ...window, number: '020 7946 0123' })).status).toBe(201);
    expect((await send(`/lines/${line.id}/expect`, { ...window, number: '999' })).status).toBe(422);
    expect(await desk.store.contacts.expectations(line.id, monday)).toMatchObject([
      { name: 'Hill Plumbing', by: 'anna' },
    ]);
  });

  it('suggests contacts, and takes on or drops only what is suggested', async () => {
    await admin();
    const line = storedLine();
    await desk.store.lines.upsert([line]);
    expect(await get('/suggestions')).toEqual([]);
    const number = '020 7946 0123';
    expect((await send('/suggestions/accept', { line: line.id, number, name: 'Surgery' })).status).toBe(409);
    expect((await send('/suggestions/dismiss', { line: line.id, number })).status).toBe(200);
    expect(await desk.store.contacts.dismissed(line.id)).toMatchObject([{ number: '+442079460123', by: 'anna' }]);
  });
});
