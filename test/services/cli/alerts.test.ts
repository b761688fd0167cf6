import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../services/adapters/sql/store.ts';
import type { Plan, Settled } from '../../../services/core/alerting/delivery.ts';
import { temporaryConfig } from '../../support/config.ts';
import { monday, storedLine } from '../../support/finished-call.ts';
import { openHttpInbox } from '../../support/http-inbox.ts';
import { openMailbox } from '../../support/mailbox.ts';
import { freePort } from '../../support/stack.ts';
import { type Desk, desk, goodConfig } from './world.ts';

/** The command at a desk with a real database: who was told, what did not arrive, and a test message. */

const minute = 60_000;
const closers: (() => unknown)[] = [];
let store: Store;
beforeEach(async () => {
  const own = temporaryConfig();
  store = await openStore(own.config);
  closers.push(own.remove, () => store.close());
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function deskWith(config = goodConfig): Desk {
  const at = desk([], { openStore: async () => ({ ...store, close: async () => {} }) }, config);
  closers.push(at.remove);
  return at;
}

/** Puts an alert on record with what became of each of its messages. */
async function told(id: string, what: Record<string, { at?: number; settled?: Settled }>): Promise<void> {
  await store.alerts.save({ id, kind: 'reported', at: monday, line: 'room-12', call: '17.1' });
  const plans = Object.entries(what).map(([recipient, { at = null }]): Plan => ({ recipient, channel: 'email', at }));
  await store.deliveries.plan(id, monday, () => plans);
  for (const [recipient, { settled }] of Object.entries(what)) {
    if (!settled) continue;
    await store.deliveries.claim(`${id}/${recipient}`, monday, { token: 't', until: monday + minute });
    await store.deliveries.settle(`${id}/${recipient}`, 't', settled);
  }
}

const sent: Settled = { state: 'sent', at: monday + minute };
const failed: Settled = { state: 'failed', at: monday, fault: 'the mail server said: 550 no such user' };
const again: Settled = { state: 'queued', due: monday + 5 * minute, fault: 'busy' };
const doubtful: Settled = { state: 'unconfirmed', at: monday, fault: 'no answer' };

describe('clearline alerts', () => {
  it('says who was told when, and who was not', async () => {
    const at = deskWith();
    await told('a', {
      ...{ app: { settled: sent }, daughter: { at: monday + 60 * minute } },
      ...{ night: {}, pager: { settled: doubtful }, son: { settled: again }, warden: { settled: failed } },
    });
    const [head, row] = (await at.run('alerts')).out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
    expect(head).toBe('TIME | LINE OR AREA | CALL | TOLD | WHAT');
    expect(row?.split(' | ')[3]?.split(', ')).toEqual([
      ...['app 10:01:00', 'daughter waits until 11:00:00', 'night is next'],
      ...['pager not confirmed', 'son tried again at 10:05:00', 'warden not told'],
    ]);
    const [json] = JSON.parse((await at.run('alerts', '--json')).out);
    expect(json).toMatchObject({ id: 'a', deliveries: [{ recipient: 'app', state: 'sent' }, {}, {}, {}, {}, {}] });
  });

  it('lists what did not arrive, and sends it once more when asked', async () => {
    const at = deskWith();
    expect((await at.run('alerts', 'failed')).out).toBe('Every message arrived, or is on its way.');
    await told('a', { app: { settled: sent }, pager: { settled: doubtful }, warden: { settled: failed } });
    const { out, err } = await at.run('alerts', 'failed');
    expect(out.split('\n').map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'TIME | TO | STATE | ATTEMPTS | ID | WHY',
      '2026-11-23 10:00:00 | warden | failed | 1 | a/warden | the mail server said: 550 no such user',
      '2026-11-23 10:00:00 | pager | not confirmed | 1 | a/pager | no answer',
    ]);
    expect(err).toContain('clearline alerts retry ID');
    const retried = await at.run('alerts', 'retry', 'a/warden', 'a/app', 'nothing');
    expect(retried).toMatchObject({
      code: 1,
      out: expect.stringContaining('a/warden is sent once more within seconds'),
    });
    expect(retried.err.split('\n')).toEqual([
      'a/app: it is sent, and neither failed nor in doubt. See: clearline alerts failed',
      'nothing: there is no such message. See: clearline alerts failed',
    ]);
    expect(await store.deliveries.find('a/warden')).toMatchObject({ state: 'queued', attempts: 0, due: monday });
    expect(JSON.parse((await at.run('alerts', '--json', 'failed')).out)).toMatchObject([{ id: 'a/pager' }]);
  });
});

describe('clearline alerts test', () => {
  const settings = (recipients: string, port = 25) => `${goodConfig}
alerts:
  from: clearline@cedar.example.org
  smtp: { host: 127.0.0.1, port: ${port}, tls: none }
  recipients:
${recipients}`;
  const warden = '    - { name: warden, channel: email, to: warden@example.org }\n';

  it('sends a mail, and says that it was taken', async () => {
    const mailbox = await openMailbox();
    closers.push(mailbox.close);
    const at = deskWith(settings(warden, mailbox.port));
    const { code, out } = await at.run('alerts', 'test', 'warden');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'warden@example.org has been sent a test, and its server has taken it. Ask whether it arrived.',
    });
    expect(mailbox.mails).toMatchObject([{ subject: 'Clearline: a test at Cedar House', to: ['warden@example.org'] }]);
  });

  it('says what went wrong, and what an alert would do', async () => {
    const mailbox = await openMailbox();
    closers.push(mailbox.close);
    mailbox.onMail(() => 550);
    const refused = await deskWith(settings(warden, mailbox.port)).run('alerts', 'test', 'warden');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /^warden@example\.org: not taken: the mail server said: 550 .*An alert would be given up/,
    );
    const nowhere = await deskWith(settings(warden, await freePort())).run('alerts', 'test', 'warden');
    expect(nowhere.err).toMatch(/ECONNREFUSED.*An alert would be tried again\.$/);
  });

  it('signs with the secret of the environment, and posts to a topic', async () => {
    const inbox = await openHttpInbox();
    closers.push(inbox.close);
    const both = `    - { name: care-app, channel: webhook, to: "${inbox.url}/app" }
    - { name: pocket, channel: push, to: "${inbox.url}/topic" }
`;
    const at = desk([], { env: { CLEARLINE_ALERT_SECRET_CARE_APP: 'whsec_c2VjcmV0' } }, settings(both));
    closers.push(at.remove);
    expect((await at.run('alerts', 'test', 'care-app')).code).toBe(0);
    expect((await at.run('alerts', 'test', 'pocket')).code).toBe(0);
    expect(inbox.posts.map(({ path }) => path)).toEqual(['/app', '/topic']);
    expect(JSON.parse(inbox.posts[0]?.body ?? '')).toMatchObject({ type: 'clearline.test', data: { alerts: [] } });
  });

  it('names whom there is when asked for somebody else', async () => {
    expect(await deskWith(settings(warden)).run('alerts', 'test', 'wardne')).toMatchObject({
      code: 2,
      err: 'wardne: no such recipient. In alerts.recipients: warden.',
    });
    expect((await deskWith().run('alerts', 'test', 'x')).err).toContain('nobody yet: docs/alerts.md');
  });
});

describe('clearline check', () => {
  const recipients = `${goodConfig}
alerts:
  from: clearline@cedar.example.org
  smtp: { host: mail.example.org, user: clearline, ca: mail-ca.pem }
  recipients:
    - { name: daughter, channel: email, to: daughter@example.org, lines: [room-12, room-13] }
    - { name: care-app, channel: webhook, to: "https://example.org/alerts", areas: [Rickmansworth, Oxhey] }
`;

  it('says so where nobody is told', async () => {
    const { code, out } = await deskWith().run('check');
    expect(out).toContain('Alerts: nobody is told of them; they stand in "clearline alerts" alone (docs/alerts.md)');
    expect(code).toBe(0);
  });

  it('names secrets and files that are missing, and lines and areas that are none', async () => {
    await store.lines.upsert([storedLine()]);
    const { code, out } = await deskWith(recipients).run('check');
    expect(code).toBe(1);
    expect(out).toContain('Alerts: 5 faults');
    for (const fault of [
      'alerts.smtp.user: its password is missing. Set CLEARLINE_SMTP_PASSWORD, or alerts.smtp in ',
      'the webhook "care-app" has no secret. Set CLEARLINE_ALERT_SECRET_CARE_APP, or alerts.recipients in ',
      'mail-ca.pem", which cannot be read. Put the file there.',
      'alerts.recipients[0].lines: found "room-13", and there is no such line. See: clearline lines list',
      'alerts.recipients[1].areas: found "Oxhey", and no line lies there. See: clearline lines list',
    ]) {
      expect(out).toContain(fault);
    }
  });

  it('finds nothing wrong once they are there', async () => {
    await store.lines.upsert([storedLine(), storedLine({ id: 'room-13', number: '+441923555013', area: 'Oxhey' })]);
    const at = deskWith(recipients);
    at.file('mail-ca.pem', 'a certificate');
    mkdirSync(join(at.folder, 'data'));
    const alerts = { smtp: 'a pass phrase', recipients: { 'care-app': 'whsec_c2VjcmV0' } };
    writeFileSync(join(at.folder, 'data', 'secrets.json'), JSON.stringify({ alerts }));
    expect((await at.run('check')).out).toContain('Alerts: 2 recipients; try one: clearline alerts test daughter');
  });
});
