import type { Dice } from '../support/dice.ts';
import { type Changes, type Party, request, sdp, uriOf } from './sip-messages.ts';

/**
 * Messages after the manner of RFC 4475 (torture tests for SIP), RFC 5118 and what telephone networks are known to send:
 * some odd and right, some plainly wrong. Each is written for the party that sends it.
 */
export function torture(party: Party, dice: Dice): Buffer[] {
  const all = [...oddButRight(party), ...wrong(party, dice), ...strangeCallers(party), ...strangeBodies(party)];
  const texts = all.map(({ method = 'INVITE', ...changes }) => request(party, dice, method, changes));
  return [...texts.map((text) => Buffer.from(text, 'latin1')), ...raw(party, dice)];
}

interface Torture extends Changes {
  readonly method?: string;
}

/** §3.1.1: syntactically valid. */
function oddButRight(party: Party): Torture[] {
  const [number] = party.numbers;
  const uri = uriOf(party, number);
  const from = `<sip:${party.user}@${party.local.host}>;tag=t`;
  return [
    { lines: [`TO :\t  ${uri} ;   tag    = `, `FROM  :  "J Rosenberg \\\\\\""  \r\n  ${from}`] },
    { lines: [`From: "quoted \\" \\\\ ; <sip:101@police> , "${from}`] },
    { lines: [`From: sip:${party.user}@${party.local.host};tag=a;unknownparam;other="a b c"`] },
    // lwsdisp, cparam01 and cparam02, inv2543, unksm2.
    { lines: [`From: caller${from}`] },
    { method: 'REGISTER', lines: [`Contact: sip:${party.user}@${party.local.host};unknownparam`] },
    { method: 'REGISTER', lines: [`Contact: <sip:${party.user}@${party.local.host};unknownparam>`] },
    { lines: [`Via: SIP/2.0/UDP ${party.local.host}:${party.local.port}`, `From: <sip:${party.user}@a>`] },
    { method: 'REGISTER', lines: ['To: isbn:2983792873', 'Contact: <name:John_Smith>'] },
    {
      lines: [
        'NewFangledHeader:   newfangled value\r\n continued newfangled value',
        'UnknownHeaderWithUnusualValue: ;;,,;;,;',
      ],
    },
    {
      uri: `sip:${[...number].map((digit) => `%${digit.charCodeAt(0).toString(16)}`).join('')}@${party.asterisk.host}`,
    },
    { uri: `sip:${number};phone-context=+44@${party.asterisk.host};user=phone` },
    { uri: `sip:sip%3Auser%40example.com@${party.asterisk.host};other-param=summit` },
    { uri: `sips:${number}@${party.asterisk.host}` },
    { uri: `tel:+44${number.slice(1)};isub=12;phone-context=x` },
    { uri: `tel:${number}` },
    { uri: `sip:${number}@${party.asterisk.host}?Replaces=a%3Bto-tag%3Db&X=%0d%0aFrom:%20x` },
    { uri: `sip:${number}@[::1]:5060` },
    { uri: `sip:${number}@999.999.999.999:99999` },
    { uri: `SiP:${number}@${party.asterisk.host};transport=TcP;ttl=256;maddr=224.0.0.1;lr` },
    { method: "RE%47IST!*_+`'~R", uri },
    { method: 'OPTIONS', uri, lines: ['Accept: */*', 'Route: <sip:127.0.0.1:9;lr>'] },
    { lines: [`Contact: <sip:a@127.0.0.1:9>;q=0.1, "B, C" <sip:b@127.0.0.1:9>;expires=99999999999, <tel:999>`] },
    { method: 'REGISTER', uri: uriOf(party, '').replace(':@', ':'), lines: ['Contact: *', 'Expires: 0'] },
    { method: 'REGISTER', uri, lines: ['Contact: <sip:x@127.0.0.1:9>;expires=4294967296', 'Expires: 4294967296'] },
    { lines: [`Via: SIP/2.0/${party.transport} ${party.local.host}:${party.local.port};rport;branch=z9hG4bK-1`] },
    { lines: ['v:  SIP  / 2.0  / UDP 127.0.0.1;branch= z9hG4bK9ikj8  , SIP/2.0/UDP 192.0.2.2;branch=390skdjuw'] },
    {
      lines: [
        `Via: SIP/2.0/TLS ${'a'.repeat(200)}.invalid;received=::1;rport=99999`,
        'Record-Route: <sip:127.0.0.1:9;lr>',
      ],
    },
    {
      lines: ['Session-Expires: 90;refresher=uac', 'Min-SE: 4294967297', 'Supported: timer,100rel,replaces,norefersub'],
    },
    {
      lines: [
        'Allow-Events: a',
        'Subject:',
        'Date: Sun, 99 Foo 9999 99:99:99 XXX',
        'Timestamp: 1e99',
        'Warning: 399 x "y',
      ],
    },
  ];
}

/** §3.1.2 and §3.3: invalid, or not to be served. */
function wrong(party: Party, dice: Dice): Torture[] {
  const long = dice.name().repeat(300);
  return [
    { lines: ['Content-Length: 9999'] },
    { lines: ['Content-Length: -999'] },
    { lines: ['Content-Length: 99999999999999999999'] },
    { lines: ['Content-Length: 10', 'Content-Length: 400'] },
    { lines: ['Content-Length: 0x10'] },
    { lines: ['CSeq: 36893488147419103232 INVITE', 'Max-Forwards: 300'] },
    { lines: ['CSeq: 0 INVITE', 'Max-Forwards: 0'] },
    { lines: ['CSeq: -1 INVITE', 'Expires: 0'] },
    { lines: ['CSeq: 8 NEWMETHOD'] },
    { lines: ['Expires: 10000000000000000000000000', 'Retry-After: 949302838503028349304023988'] },
    { without: ['Call-ID'] },
    { without: ['Call-ID', 'From', 'To', 'Via', 'CSeq'] },
    { without: ['From'] },
    { without: ['To'] },
    { without: ['Via'] },
    { without: ['CSeq'] },
    { without: ['Contact'] },
    { without: ['Max-Forwards'], lines: ['Call-ID:'] },
    { lines: ['Call-ID: a@fuzz', 'Call-ID: b@fuzz'] },
    { lines: ['From: <sip:a@b>;tag=1', 'From: <sip:c@d>;tag=2'] },
    { lines: ['To: <sip:a@b>', 'To: <sip:c@d>', 'Via: SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw'] },
    { lines: ['To: <sip:a@b>;tag=nobody-knows-this'] },
    // badaspec, baddn, badbranch.
    { lines: ['From: Bell, Alexander <sip:a@b>;tag=1'] },
    { lines: ['From: (Caller) [x] <sip:a@b>;tag=1'] },
    { lines: [`Via: SIP/2.0/UDP ${party.local.host}:${party.local.port};branch=z9hG4bK`] },
    { lines: ['From: <sip:a@b'] },
    { lines: ['From: "Unterminated <sip:a@b>;tag=1'] },
    { lines: ['From: <>;tag=1', 'Contact: <>'] },
    { lines: ['Contact: sip:user@127.0.0.1?Route=%3Csip:sip.example.com%3E'] },
    { lines: ['Contact: <sip:@>', 'Record-Route: nonsense'] },
    { lines: ['Require: nothingSupportsThis, nothingSupportsThisEither', 'Proxy-Require: noProxiesSupportThis'] },
    { lines: ['Require: 100rel', 'RAck: 99 1 INVITE'] },
    { lines: ['Replaces: nobody@here;to-tag=1;from-tag=2;early-only', 'Join: x@y;to-tag=1;from-tag=2'] },
    { lines: [`Replaces: ${party.inside.join(' ').replaceAll(/[\r\n]/g, '')};to-tag=1;from-tag=2`] },
    {
      lines: [
        'Target-Dialog: x;local-tag=1;remote-tag=2',
        'Refer-Sub: maybe',
        'Reason: Q.850;cause=99999;text="\u00e9"',
      ],
    },
    { lines: ['Authorization: Digest username="room-1",realm="x",nonce="",uri="",response=""'] },
    {
      lines: [
        'Authorization: Basic YTpi',
        'Authorization: Digest',
        'Proxy-Authorization: NoOneKnowsThisScheme opaque-data=here',
      ],
    },
    {
      lines: [
        `Authorization: Digest username="${long}",realm="clearline",nonce="${long}",uri="sip:a",response="${long}"`,
      ],
    },
    { uri: 'nobodyKnowsThisScheme:totallyopaquecontent' },
    { uri: 'http://127.0.0.1/' },
    { uri: `<${uriOf(party, party.numbers[0])}>` },
    { uri: `${uriOf(party, party.numbers[0])}; lr` },
    { uri: '' },
    { uri: `sip:${'9'.repeat(2000)}@${party.asterisk.host}` },
    { uri: `sip:\${SHELL(true)}@${party.asterisk.host}` },
    { uri: `sip:s,1,Hangup()&\${EXTEN}^|@${party.asterisk.host}` },
    { uri: `sip:../../../../etc@${party.asterisk.host}` },
    { uri: `sip:@${party.asterisk.host}` },
    { uri: `sip:h@${party.asterisk.host}` },
    { uri: `sip:i@${party.asterisk.host}` },
    { uri: `sip:t@${party.asterisk.host}` },
    {
      method: 'REFER',
      lines: ['Refer-To: <sip:999@127.0.0.1;method=BYE?Replaces=a>', 'Referred-By: <sip:101@police>'],
    },
    { method: 'REFER', without: ['Contact'], lines: ['Refer-To: <tel:>', 'Refer-To: <sip:1@2>'] },
    { method: 'NOTIFY', lines: ['Event: check-sync', 'Subscription-State: active;expires=-1'] },
    { method: 'CANCEL' },
    { method: 'ACK' },
    { method: 'BYE', lines: ['To: <sip:a@b>;tag=1'] },
    { lines: [`X-Long: ${long}`, ...Array.from({ length: 60 }, (_, index) => `X-${index}: ${index}`)] },
    { lines: Array.from({ length: 40 }, (_, index) => `Route: <sip:127.0.0.1:${index + 1};lr>`) },
    { lines: Array.from({ length: 40 }, () => `Via: SIP/2.0/UDP 127.0.0.9:9;branch=z9hG4bK${dice.name()}`) },
  ];
}

/** Names, numbers and headers that Clearline reads. */
function strangeCallers(party: Party): Torture[] {
  const names = [
    'P\u00f4lice \u2603'.repeat(20),
    'PC \xff\xfe\xc3( Brown',
    'Anna :) ))) (((',
    '`touch /tmp/x`; \x24{EXTEN}, "a", \\',
    '=?utf-8?B?UG9saWNl?=',
    '\x01\x02\x1b[31mred\x07',
    'Police\u202e\u2066 101',
    'x'.repeat(1900),
    `${'\u{1F46E}'.repeat(300)}`,
  ];
  const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  const called = names.map((name) => ({ lines: [`From: "${bytes(name)}" <sip:02079460000@127.0.0.2>;tag=1`] }));
  const numbers = [
    '',
    '+',
    '00',
    '+44'.repeat(50),
    '101',
    '999',
    'anonymous',
    '٠١٢',
    '1;2',
    '%00',
    '+441923%35',
    '-',
    '*#',
  ];
  return [
    ...called,
    ...numbers.map((number) => ({ lines: [`From: <sip:${bytes(number)}@127.0.0.2>;tag=1`] })),
    {
      lines: ['P-Asserted-Identity: "x" <sip:+447700900123@a>, <tel:+441>, <sip:', 'Privacy: id;header;none;;critical'],
    },
    { lines: [`P-Asserted-Identity: ${'<tel:1>,'.repeat(200)}`, 'Remote-Party-ID: <sip:a@b>;privacy=full;screen=yes'] },
    {
      lines: [
        'Diversion: <sip:',
        'Diversion: <tel:101>;reason=unconditional;counter=99999999999',
        'History-Info: <>;index=1.1.1',
      ],
    },
    { lines: [`Identity: ${'e'.repeat(3000)}.${'!'.repeat(300)};info=<x>;alg=none;ppt="shaken"`] },
    { lines: ['Identity: eyJ4IjoxfQ.eyJhdHRlc3QiOnsiYSI6MX19.x', 'User-Agent:', 'Organization: \u00a0'] },
    { lines: [`User-Agent: ${'U'.repeat(3000)}`, `Call-ID: ${'c'.repeat(1500)}@fuzz`] },
    { lines: ['Call-ID: \x01,"\x24{X}")@fuzz'] },
    // Asterisk puts a Call-ID into its JSON as it came.
    { lines: [`Call-ID: \xff${party.user}@fuzz`] },
    { lines: [`Call-ID: \xc3\xa9${party.user}@fuzz`] },
    { lines: [`Call-ID: ${')'.repeat(60)}:0:1\xff${party.user}@fuzz`] },
  ];
}

function strangeBodies(party: Party): Torture[] {
  const plain = sdp(party);
  const media = [
    'm=audio 0 RTP/AVP 8',
    'm=audio 65536 RTP/AVP 8',
    'm=audio 4000 RTP/SAVP 8',
    'm=audio 4000 RTP/AVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
    `m=audio 4000 RTP/AVP ${Array.from({ length: 128 }, (_, index) => index).join(' ')}`,
    'm=video 4000 RTP/AVP 96\r\nm=image 4000 udptl t38\r\nm=audio 4000/99 RTP/AVP 8',
    'm=audio 4000 RTP/AVP 8\r\n'.repeat(40),
    'm=audio 4000 RTP/AVP 96 97\r\na=rtpmap:96 L16/0\r\na=rtpmap:97 PCMA/8000/99',
    'm=audio 4000 RTP/AVP 8\r\na=ptime:0\r\na=ptime:99999\r\na=fmtp:8 =;;;\r\na=rtcp:0',
    'm=audio',
    'm=',
    'm=audio 4000 RTP/AVP 8\r\nc=IN IP6 ::\r\na=candidate:x 1 UDP 1 a 1 typ host\r\na=ice-ufrag:x',
  ];
  const mixed = [
    '--x',
    'Content-Type: application/sdp',
    '',
    plain,
    '--x',
    'Content-Type: application/pidf+xml',
    '',
    '<a><a>',
    '--x--',
    '',
  ].join('\r\n');
  return [
    ...media.map((one) => ({ body: sdp(party, one) })),
    { body: mixed, type: 'multipart/mixed;boundary=x' },
    { body: mixed, type: 'multipart/mixed;boundary=' },
    { body: mixed, type: 'multipart/related' },
    { body: plain, type: 'application/unknown' },
    { body: plain, type: '' },
    { body: plain.replaceAll('\r\n', '\n') },
    { body: plain.replace('v=0', 'v=99').replace('IN IP4', 'XX IP9') },
    { body: `${plain}${'a=x\r\n'.repeat(3000)}`.slice(0, 6000) },
    { body: plain.replace('s=-', `s=${'\x00\x01\xff'.repeat(50)}`) },
    { body: '\x00'.repeat(500) },
    { body: '' },
    { method: 'INFO', body: 'Signal=999999\r\nDuration=-1\r\n', type: 'application/dtmf-relay' },
    { method: 'INFO', body: 'Signal=\r\n\r\n', type: 'application/dtmf-relay', lines: party.inside },
    { method: 'INFO', body: '<media_control><', type: 'application/media_control+xml', lines: party.inside },
    { method: 'MESSAGE', body: 'x'.repeat(5000), type: 'text/plain' },
  ];
}

/** What is no SIP at all, or not any more. */
function raw(party: Party, dice: Dice): Buffer[] {
  const invite = request(party, dice, 'INVITE');
  const noise = Buffer.from(Array.from({ length: 400 }, () => dice.below(256)));
  return [
    ...[
      '',
      '\0',
      '\r\n\r\n',
      '\r\n'.repeat(500),
      'SIP/2.0 200 OK\r\n\r\n',
      'INVITE',
      'SIP/2.0 99999999 x\r\n\r\n',
      'a'.repeat(9000),
    ].map((text) => Buffer.from(text)),
    noise,
    Buffer.from(invite.replace('SIP/2.0', 'SIP/7.0')),
    Buffer.from(invite.replace(/ SIP\/2\.0/, '')),
    Buffer.from(invite.replace('INVITE ', 'INVITE  ')),
    Buffer.from(invite.replaceAll('\r\n', '\n')),
    Buffer.from(invite.replaceAll('\r\n', '\r')),
    Buffer.from(invite.replace('\r\n\r\n', '\r\n')),
    Buffer.from(invite + invite),
    Buffer.from(invite.replace('INVITE', `${'\r\n'.repeat(20)}INVITE`)),
    Buffer.from(invite.replace('Max-Forwards', '\r\n Max-Forwards')),
    Buffer.from(invite.slice(0, invite.indexOf('CSeq') + 3)),
    Buffer.from(invite.toLowerCase()),
    Buffer.from(answer(invite, 'SIP/2.0 200 OK')),
    Buffer.from(answer(invite, 'SIP/2.0 100 Trying')),
    // unreason, noreason, trws.
    Buffer.from(answer(invite, 'SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e')),
    Buffer.from(answer(invite, 'SIP/2.0 100 ')),
    Buffer.from(invite.replace(/ SIP\/2\.0\r\n/, ' SIP/2.0  \r\n')),
    Buffer.from(answer(invite, 'SIP/2.0 4294967301 better not break the receiver')),
  ];
}

/** A response that answers nothing Asterisk ever asked. */
function answer(invite: string, status: string): string {
  return invite.replace(/^[^\r\n]*/, status);
}
