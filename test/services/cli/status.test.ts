import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { writeBan } from '../../../services/core/guessing.ts';
import { monday, storedLine } from '../../support/finished-call.ts';
import { type Desk, desk, fakeAmi, goodConfig } from './world.ts';

const open: { desk?: Desk; server?: Server } = {};
afterEach(() => {
  open.desk?.remove();
  open.server?.closeAllConnections();
  open.server?.close();
});

/** Asterisk's word of itself, having started so many seconds ago. */
function asteriskUpFor(seconds: number) {
  const startup_time = new Date(monday - seconds * 1000).toISOString().replace('Z', '+0000');
  return { system: { version: '22.10.1', entity_id: 'x' }, status: { startup_time } };
}

const replies: Record<string, unknown> = {
  '/ari/asterisk/info?only=system,status': asteriskUpFor(3_600),
  '/ari/applications': [{ name: 'clearline' }],
  '/ari/channels': [{ id: '17.1' }, { id: '17.1-resident' }],
  '/ari/endpoints/PJSIP': [
    { technology: 'PJSIP', resource: 'room-12', state: 'online', channel_ids: [] },
    { technology: 'PJSIP', resource: 'staff', state: 'online', channel_ids: [] },
    { technology: 'PJSIP', resource: 'trunk-carrier', state: 'online', channel_ids: [] },
    { technology: 'PJSIP', resource: 'trunk-abroad', state: 'unknown', channel_ids: [] },
  ],
};

/** An ARI that answers from a table, or says nothing at all where the table says so. */
async function listen(changes: Record<string, unknown> = {}): Promise<string> {
  const table = { ...replies, ...changes };
  const server = createServer((request, response) => {
    const reply = table[request.url ?? ''];
    if (request.headers.authorization !== `Basic ${btoa('clearline:ari-password')}`) response.writeHead(401).end();
    else if (reply === undefined) response.writeHead(404).end();
    else if (reply !== 'silence') response.end(JSON.stringify(reply));
  });
  open.server = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function status(url: string, changes: Parameters<typeof desk>[1] = {}, password = 'ari-password') {
  const env = {
    CLEARLINE_ARI_PASSWORD: password,
    CLEARLINE_AMI_PASSWORD: 'ami-password',
    CLEARLINE_STAFF_PHONE_PASSWORD: 'staff-password',
  };
  const config = `${goodConfig}\nasterisk: { url: "${url}" }\n`;
  open.desk?.remove();
  open.desk = desk([storedLine()], { fetch, env, ...changes }, config);
  return open.desk.run('status');
}

it('says that all is well', async () => {
  const { code, out } = await status(await listen());
  expect(out.split('\n').map((row) => row.replace(/ {2,}/g, ' | '))).toEqual([
    'STATE | PART | WHAT WAS SEEN',
    expect.stringMatching(/^ok \| Asterisk \| version 22\.10\.1 at http:\/\/127/),
    'ok | Clearline in Asterisk | takes the calls',
    expect.stringMatching(/^ok \| AMI \| answers at 127/),
    'ok | Calls | 2 legs up',
    'ok | Shut out | nobody',
    'ok | Trunk carrier | at 192.0.2.7, usable',
    'ok | Trunk abroad | at 192.0.2.8, not watched',
    'ok | Staff phone | registered as staff',
    'ok | Phone of Elsie Brown | registered as room-12',
    'clear | Line of Elsie Brown | room-12 is clear',
    'ok | Redis | answers',
    'unknown | Interceptor | nobody has the calls just now; nobody stands by',
    'ok | Database | 1 line on record',
  ]);
  expect(code).toBe(0);
});

it.each([
  [
    'Clearline is not in Asterisk',
    { '/ari/applications': [] },
    /DOWN +Clearline in Asterisk +not connected: .*npm start/,
  ],
  [
    'a trunk is silent',
    { '/ari/endpoints/PJSIP': [{ resource: 'trunk-carrier', state: 'offline' }] },
    /DOWN +Trunk carrier +192\.0\.2\.7 does not answer/,
  ],
  [
    'a phone is off',
    { '/ari/endpoints/PJSIP': [{ resource: 'room-12', state: 'offline' }] },
    /DOWN +Phone of Elsie Brown +room-12 is not registered/,
  ],
  ['a phone is not known', { '/ari/endpoints/PJSIP': [] }, /DOWN +Phone of Elsie Brown +Asterisk does not know it yet/],
  [
    'Asterisk hangs',
    { '/ari/asterisk/info?only=system,status': 'silence' },
    /DOWN +Asterisk +did not answer within a second/,
  ],
  ['Asterisk answers strangely', { '/ari/channels': { a: 1 } }, /DOWN +Calls/],
])('says that %s', async (_, changes, row) => {
  const { code, out } = await status(await listen(changes));
  expect(out).toMatch(row);
  expect(code).toBe(1);
});

it('calls nobody down whom Asterisk may not have asked yet whether they are there', async () => {
  const endpoints = ['room-12', 'staff', 'trunk-carrier', 'trunk-abroad'].map((resource) => ({
    resource,
    state: 'offline',
  }));
  const after = async (seconds: number) =>
    status(
      await listen({
        '/ari/endpoints/PJSIP': endpoints,
        '/ari/asterisk/info?only=system,status': asteriskUpFor(seconds),
      }),
    );
  const soon = await after(4);
  expect(soon.out).toMatch(
    /unknown +Trunk carrier +192\.0\.2\.7 was not asked yet whether it is there: Asterisk started 4 s ago/,
  );
  expect(soon.out).toMatch(
    /unknown +Phone of Elsie Brown +room-12 has not registered or been asked yet: Asterisk started 4 s/,
  );
  expect(soon.code).toBe(0);
  const later = await after(20);
  expect(later.out).toMatch(/DOWN +Trunk carrier/);
  expect(later.out).toMatch(/unknown +Phone of Elsie/);
  expect((await after(70)).out).toMatch(/DOWN +Phone of Elsie/);
});

it('says that nothing answers, and that a password is refused', async () => {
  const url = await listen();
  expect((await status(url, {}, 'other-password')).out).toMatch(/DOWN +Asterisk +http:\S+ refuses the password/);
  await new Promise((resolve) => open.server?.close(resolve));
  expect((await status(url)).out).toMatch(
    /DOWN +Asterisk +nothing answers at http:\S+\. Is it running \(npm start\)\?/,
  );
});

it('gives Redis and the database a second each', async () => {
  const never = () => new Promise<never>(() => {});
  const begun = performance.now();
  const { code, out } = await status(await listen(), { askRedis: never, openStore: never });
  expect(out).toMatch(/DOWN +Redis +did not answer within a second/);
  expect(out).toMatch(/DOWN +Database +did not answer within a second/);
  expect(code).toBe(1);
  expect(performance.now() - begun).toBeLessThan(5000);
});

it('tells which process has the calls and which one stands by', async () => {
  const asked = async (owner: string | null, standby: string | null) =>
    (await status(await listen(), { askRedis: async () => ({ owner, standby }) })).out;
  const [first, second] = ['b0b.4026531836.17.9000', 'b0b.4026531836.42.9100'];
  expect(await asked(first, second)).toMatch(/^ok +Interceptor +process 17 has the calls; process 42 stands by *$/m);
  expect(await asked(first, null)).toMatch(/^ok +Interceptor +process 17 has the calls; nobody stands by *$/m);
  expect(await asked(null, 'unknown.0f0f')).toMatch(
    /Interceptor .* just now; a process without a number stands by *$/m,
  );
});

it('counts the bans that are in force', async () => {
  const bans = {
    read: async () =>
      new Map([
        ['203.0.113.7', writeBan({ address: '203.0.113.7', from: monday - 1000, until: monday + 60_000, times: 1 })],
        ['203.0.113.8', writeBan({ address: '203.0.113.8', from: monday - 9000, until: monday - 1, times: 1 })],
      ]),
    remove: async () => ({ ok: true }) as const,
  };
  const { out } = await status(await listen(), { openAmi: () => fakeAmi({ bans }) });
  expect(out).toMatch(/^ok +Shut out +1 address for guessing passwords: clearline bans *$/m);
});

it('answers with exit code 2 when the configuration has faults', async () => {
  const at = desk([], {}, 'sip: { port: x, bnd: 1 }\n');
  open.desk = at;
  const { code, err } = await at.run('status');
  expect(code).toBe(2);
  expect(err).toContain('sip.port: found "x"');
  expect(err).toContain('sip.bnd');
  expect(err).toContain('clearline.example.yaml names every setting');
});

it('shows one lamp a line: in a call, held with the time left and by whom, or not known', async () => {
  const holds = {
    until: new Map([['room-12', monday / 1000 + 252]]),
    callers: new Map([['room-12', '+447700900123']]),
    timed: new Map(),
  };
  const openAmi = () => fakeAmi({ readHolds: async () => holds });
  const held = await status(await listen(), { openAmi });
  expect(held.out).toMatch(
    /held +Line of Elsie Brown +room-12 is held: 4 min 12 s left, after a call from 07700 900123/,
  );
  expect(held.code).toBe(0);
  const leg = { id: '17.1', accountcode: 'room-12' };
  expect((await status(await listen({ '/ari/channels': [leg] }), { openAmi })).out).toMatch(
    /call +Line of Elsie Brown +room-12 is in a call, 1 leg; held: 4 min 12 s left/,
  );
  const silent = await status(await listen(), { openAmi: () => fakeAmi({ whenReady: () => new Promise(() => {}) }) });
  expect(silent.out).toMatch(/DOWN +AMI +did not answer within a second/);
  expect(silent.out).toMatch(/unknown +Line of Elsie Brown +room-12: AMI did not say whether it is held/);
  expect(silent.code).toBe(1);
});
