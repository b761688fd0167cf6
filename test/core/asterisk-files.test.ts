import { describe, expect, test } from 'vitest';
import type { AsteriskFacts, AsteriskTrunk } from '../../services/core/asterisk-facts.ts';
import { asteriskFiles, unfitLines } from '../../services/core/asterisk-files.ts';
import { UnwritableError } from '../../services/core/asterisk-section.ts';
import { gb } from '../../services/core/packs/gb.ts';
import type { StoredLine } from '../../services/core/ports.ts';

const room1: StoredLine = {
  id: 'room-1',
  number: '+441923555101',
  resident: 'Mrs Brown',
  area: 'Rickmansworth',
  mode: 'guarded',
  trusted: [],
  blocked: [],
  recordCalls: false,
  toneWatch: true,
  ringSeconds: 25,
  phoneSecret: 'secret-room-1',
};

const carrier: AsteriskTrunk = {
  name: 'carrier',
  address: 'sip.carrier.example:5062',
  attests: false,
  clearing: 'proven',
  clearingSeconds: 300,
  location: false,
};

/** Asterisk's own variable, which a template literal must not read as its own. */
const itself = `$\{EXTEN}`;

const noNumbers = { emergency: [], guarded: [], premium: [], ordinary: [], abroadIsPremium: false };

function facts(changes: Partial<AsteriskFacts> = {}): AsteriskFacts {
  return {
    sip: { bind: '0.0.0.0', port: 5060, rtpFrom: 10000, rtpTo: 10999 },
    httpPort: 8088,
    amiPort: 5038,
    hep: { port: 9060, password: 'hep-password' },
    trunks: [carrier],
    staffPhone: undefined,
    passwords: { ari: 'ari-password', ami: 'ami-password', staffPhone: 'staff-password' },
    holdSeconds: 300,
    numbers: noNumbers,
    overload: { callsAtOnce: 150, callsPerSecond: 50 },
    outgoing: { premium: 'connect', ordinaryWhileHeld: 'warn', abroad: 'connect', callsAtOnce: 2 },
    location: undefined,
    lines: [room1],
    sounds: '/srv/clearline/sounds',
    pack: gb,
    ...changes,
  };
}

function file(name: string, changes: Partial<AsteriskFacts> = {}): string {
  const text = asteriskFiles(facts(changes)).get(name);
  if (text === undefined) throw new Error(`${name} is not written`);
  return text;
}

/** Sections as Asterisk's parser sees them: header, then its lines. */
function sections(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith(';')) continue;
    if (!line.startsWith('[')) current.push(line);
    else {
      current = [];
      found.set(line, current);
    }
  }
  return found;
}

describe('lines', () => {
  test('a telephone gets an account that rings and calls as its line', () => {
    const pjsip = sections(file('pjsip.conf'));
    expect(pjsip.get('[room-1](template_line)')).toEqual([
      'auth = room-1',
      'aors = room-1',
      'callerid = <+441923555101>',
      'accountcode = room-1',
      'set_var = CLEARLINE_NUMBER=+441923555101',
    ]);
    expect(pjsip.get('[room-1](template_line_auth)')).toEqual(['username = room-1', 'password = secret-room-1']);
    expect(pjsip.has('[room-1](template_line_aor)')).toBe(true);
  });

  test('its number is known in every form a trunk may write', () => {
    const extensions = file('extensions.conf');
    for (const form of ['01923555101', '+441923555101', '441923555101', '00441923555101', '1923555101']) {
      expect(extensions).toContain(
        `exten => ${form},1,MSet(CLEARLINE_LINE=room-1,CLEARLINE_DIALLED=${form},CLEARLINE_RING=25,GROUP(clearline-in)=room-1,CHANNEL(accountcode)=room-1)\n same => n,Goto(arrived$\{CLEARLINE_ATTESTED},s,1)\n`,
      );
    }
  });

  test('its number is found by its shape, then among those that end alike; one that nobody has is unknown', () => {
    const numbers = ['+441923555101', '+441923555202', '+441923555301'];
    const lines = numbers.map((number, index) => ({ ...room1, id: `room-${index}`, number }));
    const found = sections(file('extensions.conf', { lines }));
    const end = 'clearline-numbers-$' + '{EXTEN:-2}';
    expect(found.get('[clearline-numbers]')).toEqual(
      ['XXXXXXXXXXX', '+XXXXXXXXXXXX', 'XXXXXXXXXXXX', 'XXXXXXXXXXXXXX', 'XXXXXXXXXX'].map(
        (shape) =>
          `exten => _${shape},1,GotoIf($\{DIALPLAN_EXISTS(${end},${itself},1)}?${end},${itself},1:from-trunk-unknown,${itself},1)`,
      ),
    );
    const forms = (context: string) =>
      found.get(`[${context}]`)?.flatMap((row) => /^exten => ([^,]+)/.exec(row)?.[1] ?? []);
    expect(forms('clearline-numbers-01')).toHaveLength(10);
    expect(forms('clearline-numbers-01')).toEqual(expect.arrayContaining(['01923555101', '00441923555301']));
    expect(forms('clearline-numbers-02')).toHaveLength(5);
  });

  test('a number abroad has no national form', () => {
    const lines = [{ ...room1, id: 'paris', number: '+33142278186' }];
    const forms = [...file('extensions.conf', { lines }).matchAll(/^exten => (\S+?),1,MSet/gm)].map(([, form]) => form);
    expect(forms).toEqual(['+33142278186', '33142278186', '0033142278186']);
  });

  test('who lives there is not told to Asterisk', () => {
    const lines = [{ ...room1, resident: `Mrs ]\n[evil]\nexten => 1;--$\{SHELL(x)}`, area: '[area]' }];
    const all = [...asteriskFiles(facts({ lines })).values()].join('');
    expect(all).not.toMatch(/evil|Mrs|area|SHELL/);
  });

  test.each([
    ['a;b', 'a\\;b'],
    ['a\\;b', 'a\\\\;b'],
    [';--x', '\\;--x'],
    ['>x=>y', '>x=>y'],
    [`"]$\{x}#include`, `"]$\{x}#include`],
    ['pässwörd 1', 'pässwörd 1'],
  ])('the password %s is written so that Asterisk reads it back', (phoneSecret, written) => {
    const pjsip = sections(file('pjsip.conf', { lines: [{ ...room1, phoneSecret }] }));
    expect(pjsip.get('[room-1](template_line_auth)')).toEqual(['username = room-1', `password = ${written}`]);
  });

  test.each([
    ['id', { id: 'room_1' }, 'lower-case'],
    ['id', { id: 'a]\n[b' }, 'lower-case'],
    ['id', { id: 'trunk-1' }, 'trunk-'],
    ['number', { number: '01923555101' }, '+441923555001'],
    ['number', { number: `+44192355510$\{X}` }, '+441923555001'],
    ['ring time', { ringSeconds: 0.5 }, 'whole seconds'],
    ['password', { phoneSecret: 'a\nb' }, 'control character'],
    ['password', { phoneSecret: ' a' }, 'space'],
    ['password', { phoneSecret: '' }, 'empty'],
  ])('a line whose %s Asterisk cannot hold is left out and named, and the others stay', (_, change, why) => {
    const bad = { ...room1, id: 'bad', number: '+441923555109', ...change };
    const lines = [bad, room1];
    expect(unfitLines({ lines, staffPhone: undefined })).toEqual([{ id: bad.id, why: expect.stringContaining(why) }]);
    const written = (of: typeof lines) => Object.fromEntries(asteriskFiles(facts({ lines: of })));
    expect(written(lines)).toEqual(written([room1]));
  });

  test('two lines with one name or number, and one with the staff telephone’s name', () => {
    const lines = [room1, { ...room1, number: '+441923555102' }, { ...room1, id: 'room-2' }, { ...room1, id: 'desk' }];
    expect(unfitLines({ lines, staffPhone: 'desk' }).map(({ id, why }) => `${id}: ${why}`)).toEqual([
      'room-1: its name is already taken',
      'room-2: its number is already taken',
      'desk: its name is already taken',
    ]);
  });
});

describe('trunks', () => {
  test('are known by their address alone, and reached at it', () => {
    const pjsip = sections(file('pjsip.conf'));
    expect(pjsip.get('[trunk-carrier](template_trunk)')).toEqual(['aors = trunk-carrier']);
    expect(pjsip.get('[trunk-carrier](template_trunk_aor)')).toEqual(['contact = sip:sip.carrier.example:5062']);
    expect(pjsip.get('[trunk-carrier]')).toEqual([
      'type = identify',
      'endpoint = trunk-carrier',
      'match = sip.carrier.example',
      'srv_lookups = no',
    ]);
  });

  test('are watched when there is another to turn to, and told apart by port on one host', () => {
    const trunks = [
      { ...carrier, name: 'one', address: '192.0.2.1:5060' },
      { ...carrier, name: 'two', address: '192.0.2.1:5070', attests: true },
    ];
    const text = file('pjsip.conf', { trunks });
    expect(text.match(/qualify_frequency = 15/g)).toHaveLength(2);
    expect(text).toContain('match = 192.0.2.1:5070\n');
    expect(text.match(/set_var = CLEARLINE_ATTESTED=-attested/g)).toHaveLength(1);
    expect(sections(file('extensions.conf', { trunks })).get('[globals]')).toEqual(
      expect.arrayContaining([
        'CLEARLINE_TRUNKS = trunk-one&trunk-two',
        'CLEARLINE_ADDRESS_trunk-two = 192.0.2.1:5070',
      ]),
    );
  });
});

describe('trunks of different kinds', () => {
  test('an emergency call tries those that can be held open last, and else keeps the site’s order', () => {
    const trunks = (['timed', 'proven', 'timed', 'proven'] as const).map((clearing, index) => ({
      ...carrier,
      name: `t${index}`,
      address: `192.0.2.1:${5060 + index}`,
      clearing,
    }));
    expect(sections(file('extensions.conf', { trunks })).get('[globals]')).toEqual(
      expect.arrayContaining([
        'CLEARLINE_TRUNKS = trunk-t0&trunk-t1&trunk-t2&trunk-t3',
        'CLEARLINE_EMERGENCY_TRUNKS = trunk-t1&trunk-t3&trunk-t0&trunk-t2',
      ]),
    );
  });

  const settingsOf = (trunk: Partial<AsteriskTrunk>, location: string | undefined = 'geo:51.6401,-0.4687') => {
    const trunks = [{ ...carrier, ...trunk }];
    const globals = sections(file('extensions.conf', { trunks, location })).get('[globals]') ?? [];
    const pjsip = sections(file('pjsip.conf', { trunks, location })).get('[trunk-carrier](template_trunk)') ?? [];
    return [...globals, ...pjsip];
  };

  test('one that its far end can hold open says for how long', () => {
    expect(settingsOf({ clearing: 'timed', clearingSeconds: 120 })).toEqual(
      expect.arrayContaining(['set_var = CLEARLINE_TIMED=120']),
    );
    expect(settingsOf({ clearingSeconds: 120 }).join()).not.toContain('CLEARLINE_TIMED=');
  });

  test('one with few circuits says how many', () => {
    expect(settingsOf({ outgoingCalls: 2 })).toContain('CLEARLINE_LIMIT_trunk-carrier = 2');
    expect(settingsOf({})).toContain('CLEARLINE_LIMIT_trunk-carrier = ');
  });

  test('one that takes the place of an emergency call is told it, where there is one to tell', () => {
    const sendsOn = 'geoloc_outgoing_call_profile = <prefer_incoming>';
    expect(settingsOf({ location: true })).toContain(sendsOn);
    expect(settingsOf({ location: false })).not.toContain(sendsOn);
    expect(
      sections(file('pjsip.conf', { trunks: [{ ...carrier, location: true }] })).get('[trunk-carrier](template_trunk)'),
    ).not.toContain(sendsOn);
    expect(file('geolocation.conf', { location: 'geo:51.6401,-0.4687' })).toContain(
      'location_info = URI="geo:51.6401,-0.4687"\n',
    );
    expect(file('geolocation.conf')).not.toContain('[');
  });

  test('each has a context of its own by which a guarded call leaves over it', () => {
    expect(file('extensions.conf')).toContain(
      `[over-carrier]\nexten => _[+0-9]!,1,Set(CLEARLINE_OVER=trunk-carrier)\n same => n,Goto(over-trunk,${itself},1)\n`,
    );
  });
});

describe('numbers of the site', () => {
  const waysOf = (context: string, numbers: Partial<AsteriskFacts['numbers']>) =>
    sections(file('extensions.conf', { numbers: { ...noNumbers, ...numbers } })).get(`[${context}]`);

  test('an emergency number goes straight out, however it is dialled, as its own', () => {
    expect(waysOf('clearline-emergency', { emergency: ['01923 555900', '5555'] })).toEqual([
      'exten => 01923555900,1,Goto(emergency,01923555900,1)',
      'exten => +441923555900,1,Goto(emergency,01923555900,1)',
      'exten => 441923555900,1,Goto(emergency,01923555900,1)',
      'exten => 00441923555900,1,Goto(emergency,01923555900,1)',
      'exten => 1923555900,1,Goto(emergency,01923555900,1)',
      'exten => +4401923555900,1,Goto(emergency,01923555900,1)',
      'exten => 004401923555900,1,Goto(emergency,01923555900,1)',
      'exten => 5555,1,Goto(emergency,5555,1)',
      'exten => +445555,1,Goto(emergency,5555,1)',
      'exten => 00445555,1,Goto(emergency,5555,1)',
    ]);
  });

  test.each(['999', '9990', '112', '1121', '180001', '+44 999', '141999', '18001112'])(
    '%s cannot be one: it is 999 or 112 already',
    (number) => {
      expect(waysOf('clearline-emergency', { emergency: [number] })).toEqual([]);
    },
  );

  test.each(['101', '+44 111', '0300 123 2040'])('%s cannot be one: it would leave unguarded', (number) => {
    expect(waysOf('clearline-emergency', { emergency: [number] })).toEqual([]);
    expect(file('extensions.conf', { numbers: { ...noNumbers, emergency: [number] } })).not.toContain('Goto(emergency');
  });

  test('premium and ordinary ones have contexts of their own, and so has abroad', () => {
    expect(waysOf('clearline-premium', { premium: ['0843 555 0000'] })).toContain(
      'exten => +448435550000,1,Goto(premium,08435550000,1)',
    );
    expect(waysOf('clearline-ordinary', { ordinary: ['118 500'] })).toContain(
      'exten => 118500,1,Goto(ordinary,118500,1)',
    );
    expect(waysOf('clearline-abroad', {})).toEqual([]);
    expect(waysOf('clearline-abroad', { abroadIsPremium: true })).toEqual([
      `exten => _+44!,1,Goto(ordinary,${itself},1)`,
      `exten => _+X!,1,Goto(premium,${itself},1)`,
      `exten => _0044!,1,Goto(ordinary,${itself},1)`,
      `exten => _00X!,1,Goto(premium,${itself},1)`,
      `exten => _44XXXXXXXXX!,1,Goto(ordinary,${itself},1)`,
      `exten => _[1-9]XXXXXXXXXX!,1,Goto(premium,${itself},1)`,
    ]);
  });

  test('abroad is refused where the site says so, but not to whom it or a line knows', () => {
    const contexts = sections(
      file('extensions.conf', {
        outgoing: { premium: 'connect', ordinaryWhileHeld: 'warn', abroad: 'refuse', callsAtOnce: 2 },
        numbers: {
          ...noNumbers,
          ordinary: ['0033 1 23 45 67 89'],
          premium: ['0034 600 000 000'],
          abroadIsPremium: true,
        },
        lines: [{ ...room1, trusted: [{ number: '+4915112345678', name: 'Anna' }] }],
      }),
    );
    expect(contexts.get('[clearline-abroad]')).toContain(`exten => _00X!,1,Goto(abroad,${itself},1)`);
    expect(contexts.get('[clearline-abroad]')).toContain(`exten => _+44!,1,Goto(ordinary,${itself},1)`);
    expect(contexts.get('[clearline-ordinary]')).toEqual([
      'exten => +33123456789,1,Goto(ordinary,+33123456789,1)',
      'exten => 33123456789,1,Goto(ordinary,+33123456789,1)',
      'exten => 0033123456789,1,Goto(ordinary,+33123456789,1)',
      'exten => +4915112345678,1,Goto(ordinary,+4915112345678,1)',
      'exten => 4915112345678,1,Goto(ordinary,+4915112345678,1)',
      'exten => 004915112345678,1,Goto(ordinary,+4915112345678,1)',
    ]);
    expect(contexts.get('[clearline-premium]')).toEqual([]);
  });

  test('how many calls there may be, altogether and of one line', () => {
    const globals = sections(file('extensions.conf')).get('[globals]');
    expect(globals).toEqual(
      expect.arrayContaining(['CLEARLINE_CALLS = 150', 'CLEARLINE_RATE = 50', 'CLEARLINE_LINE_CALLS = 2']),
    );
  });
});

describe('guarded numbers', () => {
  const guardedForms = (guarded: string[]) =>
    Object.fromEntries(
      [
        ...file('extensions.conf', { numbers: { ...noNumbers, guarded } }).matchAll(
          /^exten => (\S+?),1,Goto\(guarded,(\S+?),1\)/gm,
        ),
      ].map(([, form, to]) => [form, to]),
    );

  test("the country's stand there in each form, and with a key too many", () => {
    expect(guardedForms([])).toMatchObject({
      '101': '101',
      '+44101': '101',
      '0044159': '159',
      '_105!': '105',
      '03001232040': '03001232040',
      '+443001232040': '03001232040',
      '00443001232040': '03001232040',
      '443001232040': '03001232040',
      '+4403001232040': '03001232040',
      '004403001232040': '03001232040',
    });
  });

  test("the site's are added however they are written, and nothing else", () => {
    const forms = guardedForms(['0345 678 9101', '+33 1 42 27 81 86', '200', 'bank']);
    expect(forms).toMatchObject({ '+443456789101': '03456789101', '0033142278186': '+33142278186', '200': '200' });
    expect(forms).not.toHaveProperty('_200!');
    expect(JSON.stringify(forms)).not.toContain('bank');
  });
});

describe('the rest', () => {
  test('ARI and AMI listen on this machine alone', () => {
    expect(file('http.conf')).toContain('bindaddr = 127.0.0.1\nbindport = 8088\n');
    expect(file('manager.conf')).toContain('bindaddr = 127.0.0.1\nport = 5038\n');
    expect(file('ari.conf')).toContain('[clearline]\ntype = user\npassword = ari-password\n');
    expect(file('manager.conf')).toContain('secret = ami-password\n');
  });

  test('the staff telephone has an account, and no number of its own', () => {
    const pjsip = sections(file('pjsip.conf', { staffPhone: 'desk' }));
    expect(pjsip.get('[desk](template_line)')).toEqual(['auth = desk', 'aors = desk']);
    expect(pjsip.get('[desk](template_line_auth)')).toContain('password = staff-password');
  });

  test('transports listen where the site says, IPv6 in brackets', () => {
    expect(file('pjsip.conf', { sip: { ...facts().sip, bind: '::' } })).toContain('protocol = tcp\nbind = [::]:5060\n');
  });

  test.each([
    ['sip.bind', { sip: { ...facts().sip, bind: 'evil\n[x]' } }],
    ['the path of the prompts', { sounds: `/srv/$\{SHELL(x)}` }],
    ['the place of the home', { location: 'geo:1,2"\n[x]' }],
    ['a password', { passwords: { ...facts().passwords, ari: 'a\nb' } }],
  ])('%s that would break a file is refused', (_, change) => {
    expect(() => asteriskFiles(facts(change))).toThrow(UnwritableError);
  });

  test('equal facts give equal files', () => {
    expect([...asteriskFiles(facts())]).toEqual([...asteriskFiles(facts())]);
  });
});

test('copies of SIP messages go to this machine alone, with a password', () => {
  expect(sections(file('hep.conf')).get('[general](+)')).toEqual([
    'capture_address = 127.0.0.1:9060',
    'capture_password = hep-password',
  ]);
});
