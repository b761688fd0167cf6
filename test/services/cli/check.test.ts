import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeAsteriskFiles } from '../../../services/adapters/asterisk-files.ts';
import { dialplanFaults } from '../../../services/cli/dialplan-check.ts';
import { readTemplates, soundNames } from '../../../services/cli/dialplan-files.ts';
import { readConfig } from '../../../services/config.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import { ensureSecrets } from '../../../services/secrets.ts';
import { storedLine } from '../../support/finished-call.ts';
import { type Desk, desk } from './world.ts';

let at: Desk | undefined;
afterEach(() => at?.remove());

describe('clearline check', () => {
  it('finds nothing wrong where nothing is', async () => {
    at = desk([storedLine()]);
    const { code, out } = await at.run('check');
    expect(out).not.toContain('fault');
    expect(out).toMatch(
      /Configuration: .*clearline\.yaml\nDialplan: \d+ files, \d+ sound files\nGenerated for Asterisk: nothing yet/,
    );
    expect(out).toContain('Lines: 1 line on record');
    expect(code).toBe(0);
  });

  it('names five faults of a configuration, each with file, line and key, and looks at the dialplan all the same', async () => {
    at = desk(
      [],
      {},
      'site: { nme: x }\nsip:\n  port: many\ntrunks:\n  - { name: A!, address: "" }\nlog: { level: loud }\n',
    );
    const { code, out } = await at.run('check');
    expect(code).toBe(1);
    expect(out).toContain('Configuration: 5 faults');
    expect(out).toMatch(/clearline\.yaml:1: site\.nme: .*did you mean "name"/);
    expect(out).toMatch(/clearline\.yaml:3: sip\.port: found "many", expected a port number/);
    expect(out).toMatch(/clearline\.yaml:5: trunks\[0\]\.name/);
    expect(out).toMatch(/clearline\.yaml:5: trunks\[0\]\.address/);
    expect(out).toMatch(/clearline\.yaml:6: log\.level: found "loud"/);
    expect(out).toMatch(/^Dialplan: \d+ files/m);
  });

  it('names what the settings’ shapes do not tell', async () => {
    at = desk(
      [],
      {},
      'staff: { phone: trunk-x }\nnumbers: { emergency: [{ number: "999 0", name: Pendants }, { number: "111", name: NHS }], guarded: [{ number: "0300 12", name: Bank }], doNotOriginate: ["0345 1"] }\n',
    );
    const { code, out } = await at.run('check');
    expect(code).toBe(1);
    expect(out).toContain('numbers.guarded[0].number: found "0300 12", which has too few or too many digits.');
    expect(out).toContain('numbers.doNotOriginate[0]: found "0345 1"');
    expect(out).toContain('numbers.emergency[0].number: found "999 0", which calls 999 or 112 as it is.');
    expect(out).toContain('numbers.emergency[1].number: found "111", which is guarded. Take it off the list.');
    expect(out).toContain('trunks: there is none, so no call can come in and 999 cannot leave.');
    expect(out).toContain('staff.phone: found "trunk-x"');
  });

  it('names ports that two settings want', async () => {
    at = desk([], {}, 'sip: {port: 5038}\nasterisk: {httpPort: 9464}\nwatch: {workerPort: 9464}\n');
    const { code, out } = await at.run('check');
    expect(code).toBe(1);
    expect(out).toContain('asterisk.amiPort: found 5038, which sip.port has already. Set another.');
    expect(out).toContain('watch.interceptorPort: found 9464, which asterisk.httpPort has already. Set another.');
    expect(out).toContain('watch.workerPort: found 9464, which asterisk.httpPort has already. Set another.');
  });

  it('lets a port on another machine be what it is', async () => {
    at = desk([], {}, 'asterisk: {url: "https://192.0.2.5:9464", httpPort: 9464}\n');
    expect((await at.run('check')).out).not.toContain('has already');
  });

  it('names lines that cannot work', async () => {
    at = desk([storedLine({ id: 'staff' }), storedLine({ id: 'room-1', blocked: ['+441923555100'] })]);
    const { code, out } = await at.run('check');
    expect(code).toBe(1);
    expect(out).toContain(
      'staff: Asterisk cannot have it: its name is already taken. Correct it: clearline lines import',
    );
    expect(out).toContain('room-1: +441923555100 (Anna) is both trusted and blocked; blocked counts.');
  });

  it('holds the generated files against configuration and lines', async () => {
    at = desk([storedLine()]);
    const config = readConfig({ CLEARLINE_CONFIG: join(at.folder, 'clearline.yaml') });
    const secrets = ensureSecrets(config);
    await writeAsteriskFiles(config, secrets, [storedLine()], config.paths.sounds);
    expect(await at.run('check')).toMatchObject({ code: 0, out: expect.stringContaining(config.paths.generated) });

    writeFileSync(join(config.paths.generated, 'rtp.conf'), '; changed by hand\n');
    chmodSync(join(config.paths.generated, 'pjsip.conf'), 0o644);
    mkdirSync(join(config.paths.asterisk, 'etc/site'), { recursive: true });
    writeFileSync(join(config.paths.asterisk, 'etc/site/extensions.conf'), '[mine]\nexten => 1,1,Goto(nowhere,s,1)\n');
    const { code, out } = await at.run('check');
    expect(code).toBe(1);
    expect(out).toMatch(/rtp\.conf: is not what configuration and lines call for/);
    expect(out).toMatch(/pjsip\.conf: others may read it.*chmod 600/);
    expect(out).toContain('site/extensions.conf:2: leads to the context [nowhere], which there is not.');
  });
});

describe('a dialplan', () => {
  const config = readConfig({ CLEARLINE_DATA: '/nowhere' });
  const whole = readTemplates(
    config,
    new Map([
      [
        'extensions.conf',
        ['numbers', 'emergency', 'guarded', 'ordinary', 'premium', 'abroad']
          .map((name) => `[clearline-${name}]\n`)
          .join(''),
      ],
      ...['pjsip', 'ari', 'http', 'manager', 'rtp', 'hep', 'geolocation'].map((name) => [`${name}.conf`, ''] as const),
    ]),
  );
  const faults = (
    change: (text: string) => string,
    file = 'extensions.conf',
    sounds = soundNames(config.paths.sounds),
  ) => {
    const files = new Map(whole);
    files.set(file, change(files.get(file) ?? ''));
    return dialplanFaults({ files, sounds, folder: 'prompts', pack: gb });
  };

  it('as it comes has no fault', () => {
    expect(faults((text) => text)).toEqual([]);
  });

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a missing context',
      (text) => text.replace('\n[fallback-inbound]\n', '\n[fallback]\n'),
      /there is no context \[fallback-inbound\]/,
    ],
    [
      'a Goto nowhere',
      (text) => `${text}\n[x]\nexten => 1,1,Goto(nowhere,s,1)`,
      /extensions\.conf:\d+: leads to the context \[nowhere\]/,
    ],
    [
      'a GotoIf nowhere',
      (text) => `${text}\n[x]\nexten => 1,1,GotoIf($["a?b" = "c"]?here:nowhere,$\{EXTEN},1)`,
      /\[nowhere\]/,
    ],
    ['a Gosub with arguments', (text) => `${text}\n[x]\nexten => 1,1,ExecIf(1?Gosub(nowhere,s,1(a,b)))`, /\[nowhere\]/],
    ['an include of nothing', (text) => `${text}\n[x]\ninclude => nowhere`, /\[nowhere\]/],
    ['a hangup handler that is not there', (text) => text.replace('=caller-left\\,s', '=nowhere\\,s'), /\[nowhere\]/],
    [
      'a hangup handler among other settings',
      (text) => text.replace('=resident-left\\,s', '=nowhere\\,s'),
      /\[nowhere\]/,
    ],
    ['a cut that is not there', (text) => text.replace('@emergency-cut/n', '@nowhere/n'), /\[nowhere\]/],
    [
      'no way out over one trunk',
      (text) => text.replace('\n[over-trunk]\n', '\n[over]\n'),
      /no context \[over-trunk\]/,
    ],
    ['a warning that is not there', (text) => text.replace('U(warn-resident)', 'U(nowhere)'), /\[nowhere\]/],
    [
      'a prompt without sound',
      (text) => text.replace('Gosub(say,s,1(busy))', 'Gosub(say,s,1(bussy))'),
      /plays bussy, which has no sound/,
    ],
    [
      'Stasis without a way on',
      (text) => text.replaceAll(' same => n,Goto(fallback-inbound,s,1)', ''),
      /no way on after Stasis/,
    ],
    [
      'Stasis in an emergency call',
      (text) => text.replace('[emergency]\n', '[emergency]\nexten => 1,1,Stasis(clearline)\n same => n,NoOp()\n'),
      /an emergency call is handed to/,
    ],
    [
      'Stasis where its trunks are dialled',
      (text) =>
        text.replace('[emergency-trunks]\n', '[emergency-trunks]\nexten => 1,1,Stasis(clearline)\n same => n,NoOp()\n'),
      /Remove it from \[emergency-trunks\]/,
    ],
    [
      '999 going elsewhere',
      (text) => text.replace('_999!,1,Goto(emergency,999,1)', '_999!,1,Goto(guarded,999,1)'),
      /\[from-line\] does not send 999 to \[emergency\]/,
    ],
    ['an include nobody writes', (text) => `${text}\n#include generated/other.conf`, /includes generated\/other\.conf/],
  ])('with %s is told so', (_, change, fault) => {
    expect(faults(change).join('\n')).toMatch(fault);
  });

  it.each<[string, (text: string) => string]>([
    ['a comment', (text) => `${text}\n; Goto(nowhere,s,1)`],
    ['a computed context', (text) => `${text}\n[x]\nexten => 1,1,Goto($\{CONTEXT},s,1)`],
    ['a jump within a context', (text) => `${text}\n[x]\nexten => 1,1,Goto(s,1)\n same => n,Goto(label)`],
  ])('is not blamed for %s', (_, change) => {
    expect(faults(change)).toEqual([]);
  });

  it('needs the sound of every prompt, and the context of every endpoint', () => {
    const sounds = new Set([...soundNames(config.paths.sounds)].filter((name) => name !== 'advice.wav16'));
    expect(faults((text) => text, 'extensions.conf', sounds)).toEqual([
      "prompts/advice.wav16: this prompt has no sound. Record it; Clearline's own come from npm run prompts",
    ]);
    expect(faults((text) => text.replace('context = from-line', 'context = from-lime'), 'pjsip.conf').join()).toMatch(
      /pjsip\.conf:\d+: leads to the context \[from-lime\]/,
    );
  });
});
