import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sender } from '../fuzz/sender.ts';
import { request } from '../fuzz/sip-messages.ts';
import { Dice } from '../support/dice.ts';
import type { CallOptions } from '../support/phone/phone.ts';
import { networkAddress } from '../support/site.ts';
import { stories } from '../support/stories.ts';
import { until } from '../support/until.ts';

/** What the INVITE said is on record; garbled headers, by accident or on purpose, are answered clearly and lose nothing. */

const { story } = stories({
  prompts: 'tones',
  // What Asterisk itself says of packets it drops, of a header longer than it reads, and of a Call-ID that is no text.
  expectedComplaints: /Error processing packet|Not enough buffer space in pjsip_hdr_print_on|Invalid UTF-8|backtrace/,
});

const number = '+442079460000';
const address = `<sip:${number}@127.0.0.2>;tag=garbled`;
/** A line with any bytes at all. */
const bytes = (line: string) => Buffer.from(line, 'latin1');
const touched = join(tmpdir(), `clearline-touched-${process.pid}`);

/** The name on display and on record, `from` as on record where Asterisk changes it. */
const froms: Record<string, { line: string | Uint8Array; name: string | null; from?: string | null }> = {
  'a name of 2,000 characters': { line: `From: "${'x'.repeat(2000)}" ${address}`, name: 'x'.repeat(80) },
  'a name longer than Asterisk reads': { line: `From: "${'x'.repeat(5000)}" ${address}`, name: null, from: null },
  'a folded header': { line: `From: "Folded"\r\n\t${address}`, name: 'Folded', from: `"Folded" ${address}` },
  'quotes and backslashes': { line: `From: "a \\"b\\" \\\\ 'c'" ${address}`, name: `a "b" \\ 'c'` },
  emoji: { line: `From: "👮‍♀️ Zoë 🚔" ${address}`, name: '👮‍♀️ Zoë 🚔' },
  'direction marks': { line: `From: "a\u202eb\u200bc" ${address}`, name: 'abc' },
  'dialplan in the name': {
    line: `From: "\${SHELL(touch ${touched})} $[1+1] ),({}|&;\${EPOCH}" ${address}`,
    name: `\${SHELL(touch ${touched})} $[1+1] ),({}|&;\${EPOCH}`.slice(0, 80),
  },
  'a NUL in the name': { line: bytes(`From: "a\0b" ${address}`), name: null, from: '"a' },
  'bytes that are no text': {
    line: bytes(`From: "\xff\x01\x7fz" ${address}`),
    name: '\ufffd z',
    from: `"\ufffd\x01\x7fz" ${address}`,
  },
  'no tag': { line: `From: "x" <sip:${number}@127.0.0.2>`, name: 'x' },
  'a tel address': { line: `From: "Tel" <tel:${number}>;tag=garbled`, name: 'Tel' },
  'two From headers': {
    line: `From: "one" ${address}\r\nFrom: "two" <sip:+442079461111@127.0.0.2>;tag=two`,
    name: 'one',
    from: `"one" ${address}`,
  },
};

for (const [what, { line, name, from }] of Object.entries(froms)) {
  story(`${what}: the call goes through, and the number is known`, { mode: 'paused' }, async (scene) => {
    const call = await scene.call({ from: { line } });
    const rung = await scene.answered();
    scene.expect(rung.shows).toEqual({ name: 'Unknown caller', number });
    await scene.talk(call, rung);
    rung.hangUp();
    await call.untilEnded();
    const { record } = await scene.over(call, { resident: rung });
    const sent = typeof line === 'string' ? line.slice('From: '.length) : null;
    scene.expect(record.signalling.from).toBe(from === undefined ? sent : from);
    scene.expect(record.caller).toMatchObject({ name, presentation: { e164: number }, withheld: false });
    scene.expect(record.ending).toMatchObject({ outcome: 'talked', by: 'resident' });
    scene.expect(existsSync(touched)).toBe(false);
  });
  story(`${what}: a blocked number stays blocked`, { mode: 'trusted-only', blocked: [number] }, async (scene) => {
    const call = await scene.call({ from: { line } });
    await call.untilEnded();
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({ verdict: { standing: 'blocked' }, ending: { outcome: 'refused' } });
  });
}

const numbers: Record<string, { user: string; shows: string; written: string }> = {
  'a number of 400 digits': { user: '4'.repeat(400), shows: '4'.repeat(80), written: '4'.repeat(80) },
  'escaped line ends in the number': { user: '%00%0d%0aBYE', shows: 'BYE', written: 'BYE' },
  'brackets and commas in the number': { user: '+44),(12&34', shows: '+441234', written: '+44),(12&34' },
};

for (const [what, { user, shows, written }] of Object.entries(numbers)) {
  story(`${what}: a stranger`, { mode: 'announce' }, async (scene) => {
    const call = await scene.call({ from: { line: `From: "x" <sip:${user}@127.0.0.2>;tag=garbled` } });
    const rung = await scene.answered();
    scene.expect(rung.shows.number).toBe(shows);
    await scene.talk(call, rung);
    rung.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene.expect(record.caller.presentation).toEqual({ written, e164: null });
    scene.expect(record.verdict?.standing).not.toBe('trusted');
  });
}

story('every other header garbled: what fits is on record', { mode: 'announce' }, async (scene) => {
  const headers = {
    'P-Asserted-Identity': `"${'p'.repeat(3000)}" <sip:${'9'.repeat(300)}@x>`,
    Identity: 'i'.repeat(6000),
    Privacy: 'id;'.repeat(200),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dialplan, not a template.
    Diversion: '${EPOCH}"<,),',
    'User-Agent': `"),,;${'u'.repeat(500)}`,
  };
  const call = await scene.call({ headers });
  const rung = await scene.answered();
  scene.expect(rung.shows).toEqual({ name: 'Unknown caller, withheld', number: 'anonymous' });
  await scene.talk(call, rung);
  rung.hangUp();
  const { record } = await scene.over(call, { resident: rung });
  scene.expect(record.signalling).toMatchObject({
    assertedIdentity: headers['P-Asserted-Identity'].slice(0, 400),
    privacy: headers.Privacy.slice(0, 60),
    diversion: headers.Diversion,
    identity: null,
    userAgent: headers['User-Agent'].slice(0, 150),
  });
});

/** SIP that PJSIP does not take for SIP: no program of ours, nor the dialplan, ever sees it. */
const dropped: Record<string, NonNullable<CallOptions['from']> | null> = {
  'no From': null,
  'an empty From': { line: 'From: ' },
  'a From that is no address': { line: 'From: not an address at all;tag=1' },
  'a quote that never ends': { line: `From: "unclosed ${address}` },
  'a name folded in mid-quote': { line: `From: "A\r\n B" ${address}` },
  'a NUL in the number': { line: bytes('From: "x" <sip:+44207\x009460000@127.0.0.2>;tag=1') },
};

for (const [what, from] of Object.entries(dropped)) {
  story(`${what}: Asterisk drops it, and the next call goes through`, { mode: 'paused' }, async (scene) => {
    const broken = await scene.call({ from });
    const sent = () => scene.network.wire.log.filter(({ text }) => text.includes(`Call-ID: ${broken.id}`)).length;
    await until('it was sent three times', () => sent() >= 3);
    scene.expect(broken.status).toBe(0);
    const call = await scene.call();
    const rung = await scene.answered();
    await scene.talk(call, rung);
    call.hangUp();
    const { record } = await scene.over(call, { resident: rung });
    scene.expect(record.ending.outcome).toBe('talked');
    scene.expect(scene.rangSince(broken)).toBe(1);
  });
}

for (const [to, dialled] of [
  ['a,b&PJSIP/room-0', 'abPJSIProom0'],
  ['%00%0a', ''],
  ['999', '999'],
  ['+', '+'],
  ['*#', '*#'],
  ['0'.repeat(300), '0'.repeat(64)],
] as const) {
  story(`dialled ${JSON.stringify(to.slice(0, 20))}: nobody has that number`, {}, async (scene) => {
    const call = await scene.call({ to });
    scene.expect(await call.untilEnded()).toMatchObject({ how: 'refused', status: 404 });
    const { record } = await scene.over(call);
    scene.expect(record).toMatchObject({ line: null, dialled, ending: { outcome: 'unknown-number', by: 'clearline' } });
  });
}

story('everything the INVITE said is on record', { mode: 'trusted-only', blocked: [number] }, async (scene) => {
  const headers = {
    'P-Asserted-Identity': `"Carrier" <sip:${number}@carrier.example;user=phone>`,
    Privacy: 'none',
    Diversion: '<sip:+441923555009@carrier.example>;reason=unconditional',
    Identity: `${passport({ attest: 'B', orig: { tn: number.slice(1) } })};info=<https://carrier.example/cert>;alg=ES256`,
    'User-Agent': 'Fraud Dialler 3.1 (x; y, z)',
  };
  const from = `From: "Mr, \\"Smith\\" (bank)" <sip:${number};npdi@10.0.0.1;user=phone>;tag=facts;isup-oli=0`;
  const call = await scene.call({ from: { line: from }, headers, codecs: ['PCMA'] });
  await call.untilEnded();
  const { record } = await scene.over(call);
  scene.expect(record).toMatchObject({
    dialled: `0${scene.line.number.slice(3)}`,
    resident: `Resident of ${scene.line.id}`,
    area: 'Rickmansworth',
    signalling: {
      from: from.slice('From: '.length),
      assertedIdentity: headers['P-Asserted-Identity'],
      privacy: headers.Privacy,
      diversion: headers.Diversion,
      identity: headers.Identity,
      callId: call.id,
      userAgent: headers['User-Agent'],
      codecs: ['alaw'],
    },
    caller: {
      presentation: { e164: number },
      network: { e164: number },
      name: 'Mr, "Smith" (bank)',
      attestation: 'partial',
      withheld: false,
    },
    verdict: { standing: 'blocked' },
  });
});

/** A PASSporT (RFC 8225) whose signature nobody checks. */
function passport(claims: object): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return `${part({ alg: 'ES256', ppt: 'shaken', typ: 'passport' })}.${part(claims)}.c2lnbmF0dXJl`;
}

story(
  'a Call-ID that is no text: refused, since with such a call Asterisk can list nobody’s channels',
  { mode: 'announce' },
  async (scene) => {
    const { site, line } = scene;
    const asterisk = { host: '127.0.0.1', port: site.stack.config.sip.port };
    for (const [index, callId] of ['caf\xe9@fuzz', `${')'.repeat(60)}:0:1\xff@fuzz`].entries()) {
      const sender = await Sender.open(networkAddress, asterisk);
      const { local } = sender;
      const numbers = [`0${line.number.slice(3)}`] as const;
      const party = {
        local,
        asterisk,
        transport: 'UDP',
        user: '02079460000',
        authorise: null,
        numbers,
        inside: [],
      } as const;
      sender.send(Buffer.from(request(party, new Dice(index), 'INVITE', { lines: [`Call-ID: ${callId}`] }), 'latin1'));
      await until('it is refused', () => sender.answers.has(603), 30_000);
      sender.close();
    }
    await site.untilLineQuiet(line.id);
    scene.expect(scene.resident.received).toEqual([]);
  },
);
