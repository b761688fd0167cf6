import { globals, lineNumbers, overTrunks, reachedAt } from './asterisk-extensions.ts';
import type { AsteriskFacts, AsteriskTrunk } from './asterisk-facts.ts';
import { dialledNumbers } from './asterisk-numbers.ts';
import { isWritable, type Setting, section, UnwritableError } from './asterisk-section.ts';
import type { StoredLine } from './ports.ts';

/**
 * What differs from site to site, as the files that Asterisk's templates in dialplan/ include: `generated/<name>`. Asterisk
 * reads its files itself, at every start and reload, so telephones still register and 999 still has its trunks when it
 * starts again with Clearline down.
 */

/** A line that Asterisk cannot be told of, and why, in words for an administrator. */
export interface UnfitLine {
  readonly id: string;
  readonly why: string;
}

const header = '; Written by Clearline. Changes here are lost: yours go into the site folder beside this one.\n';

/** File name to text. Throws UnwritableError for a setting Asterisk cannot hold; lines that it cannot hold are left out. */
export function asteriskFiles(facts: AsteriskFacts): Map<string, string> {
  const faults = judgeLines(facts);
  const fit = { ...facts, lines: facts.lines.filter((_, index) => faults[index] === null) };
  return new Map([
    ['extensions.conf', header + globals(fit) + lineNumbers(fit) + overTrunks(fit) + dialledNumbers(fit)],
    [
      'pjsip.conf',
      header + transports(fit) + fit.trunks.map(trunk(fit)).join('') + fit.lines.map(line(fit)).join('') + staff(fit),
    ],
    [
      'ari.conf',
      header +
        section('clearline', [
          ['type', 'user'],
          ['password', facts.passwords.ari],
        ]),
    ],
    [
      'http.conf',
      header +
        section(
          'general',
          [
            ['bindaddr', '127.0.0.1'],
            ['bindport', facts.httpPort],
          ],
          '+',
        ),
    ],
    ['manager.conf', header + manager(fit)],
    ['geolocation.conf', header + home(facts)],
    [
      'hep.conf',
      header +
        section(
          'general',
          [
            ['capture_address', `127.0.0.1:${facts.hep.port}`],
            ['capture_password', facts.hep.password],
          ],
          '+',
        ),
    ],
    [
      'rtp.conf',
      header +
        section(
          'general',
          [
            ['rtpstart', facts.sip.rtpFrom],
            ['rtpend', facts.sip.rtpTo],
          ],
          '+',
        ),
    ],
  ]);
}

/** What Asterisk's acl.conf includes: whom it refuses for a while, IPv4 addresses and IPv6 networks of 64 bits. */
export function bansFile(addresses: readonly string[]): string {
  const denied = addresses.map((address): Setting => ['deny', `${address}/${address.includes(':') ? 64 : 32}`]);
  return header + section('clearline-bans', denied, '+');
}

/** The lines that `asteriskFiles` leaves out. A fault in one line must not silence the others. */
export function unfitLines(facts: Pick<AsteriskFacts, 'lines' | 'staffPhone'>): UnfitLine[] {
  const faults = judgeLines(facts);
  return facts.lines.flatMap(({ id }, index) => {
    const why = faults[index] ?? null;
    return why === null ? [] : [{ id, why }];
  });
}

/** For each line what is wrong with it, or null. Of two that clash the first stands. */
function judgeLines({ lines, staffPhone }: Pick<AsteriskFacts, 'lines' | 'staffPhone'>): (string | null)[] {
  const ids = new Set<string>(staffPhone === undefined ? [] : [staffPhone]);
  const numbers = new Set<string>();
  return lines.map((line) => {
    const fault = faultOf(line);
    if (fault !== null) return fault;
    if (ids.has(line.id)) return 'its name is already taken';
    if (numbers.has(line.number)) return 'its number is already taken';
    ids.add(line.id);
    numbers.add(line.number);
    return null;
  });
}

function faultOf({ id, number, ringSeconds, phoneSecret }: StoredLine): string | null {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id))
    return 'its name may have only lower-case letters, digits and hyphens, at most 40';
  if (id.startsWith('trunk-')) return 'its name begins with "trunk-", as those of trunks do';
  if (!/^\+[1-9]\d{4,14}$/.test(number)) return 'its number is not in the form +441923555001';
  if (!Number.isInteger(ringSeconds) || ringSeconds < 1) return 'its ring time is not in whole seconds';
  if (!isWritable(phoneSecret))
    return 'the password of its telephone is empty, begins or ends with a space, or has a control character';
  return null;
}

/** Asterisk takes a comma for the next part of a place unless it stands in quotes. */
function home({ location }: AsteriskFacts): string {
  if (location === undefined) return '';
  if (!/^geo:[-.,\d]+$/.test(location)) {
    throw new UnwritableError(`site.location: found ${location}, expected a place such as geo:51.6401,-0.4687`);
  }
  return section('home', [
    ['type', 'location'],
    ['format', 'URI'],
    ['location_info', `URI="${location}"`],
  ]);
}

function transports({ sip: { bind, port, tls } }: AsteriskFacts): string {
  if (!/^[\dA-Fa-f.:]+$/.test(bind)) throw new UnwritableError(`sip.bind: found ${bind}, expected an IP address`);
  const host = bind.includes(':') ? `[${bind}]` : bind;
  const transport = (protocol: string, on: number, more: Setting[] = []) =>
    section(`transport-${protocol}`, [
      ['type', 'transport'],
      ['protocol', protocol],
      ['bind', `${host}:${on}`],
      ...more,
    ]);
  const inClear = transport('udp', port) + transport('tcp', port);
  if (tls === undefined) return inClear;
  const whom: Setting[] =
    tls.ca === undefined
      ? []
      : [
          ['ca_list_file', tls.ca],
          ['verify_server', 'yes'],
        ];
  return (
    inClear +
    transport('tls', tls.port, [
      ['cert_file', tls.certificate],
      ['priv_key_file', tls.key],
      ['method', 'tlsv1_2'],
      ...whom,
    ])
  );
}

/** SRTP with its keys in the SDP (RFC 4568); a call that offers plain RTP is refused with 488. */
function encrypted(media: 'rtp' | 'srtp' | undefined): Setting[] {
  return media === 'srtp' ? [['media_encryption', 'sdes']] : [];
}

function trunk({ trunks, location }: AsteriskFacts): (trunk: AsteriskTrunk) => string {
  const hostOf = ({ address }: AsteriskTrunk) => address.replace(/:\d+$/, '');
  return (one) => {
    const name = `trunk-${one.name}`;
    const host = hostOf(one);
    // Carriers call from any port, so the port counts only where two trunks share a host.
    const shared = trunks.filter((other) => hostOf(other) === host).length > 1;
    // Which of [arrived] and [arrived-attested] its calls begin in.
    const entry: Setting[] = one.attests ? [['set_var', 'CLEARLINE_ATTESTED=-attested']] : [];
    const timed: Setting[] = one.clearing === 'timed' ? [['set_var', `CLEARLINE_TIMED=${one.clearingSeconds}`]] : [];
    // What an emergency call says of the place is sent on; without this setting it would not leave Asterisk.
    const place: Setting[] =
      one.location && location !== undefined ? [['geoloc_outgoing_call_profile', '<prefer_incoming>']] : [];
    // With a second trunk to turn to it pays to know beforehand that one is dead; the only one is tried in any case.
    const watch: Setting[] =
      trunks.length > 1
        ? [
            ['qualify_frequency', 15],
            ['qualify_timeout', 2],
          ]
        : [];
    const transport: Setting[] = one.transport === 'tls' ? [['transport', 'transport-tls']] : [];
    return (
      section(
        name,
        [['aors', name], ...entry, ...timed, ...place, ...transport, ...encrypted(one.media)],
        'template_trunk',
      ) +
      section(name, [['contact', `sip:${reachedAt(one)}`], ...watch], 'template_trunk_aor') +
      section(name, [
        ['type', 'identify'],
        ['endpoint', name],
        ['match', shared ? one.address : host],
        ...(one.permit ?? []).map((network): Setting => ['match', network]),
        ['srv_lookups', 'no'],
      ])
    );
  };
}

function line({ sip }: AsteriskFacts): (line: StoredLine) => string {
  return ({ id, number, phoneSecret }) =>
    telephone(id, phoneSecret, [
      ['callerid', `<${number}>`],
      ['accountcode', id],
      ['set_var', `CLEARLINE_NUMBER=${number}`],
      ...encrypted(sip.lineMedia),
    ]);
}

function staff({ staffPhone, passwords, sip }: AsteriskFacts): string {
  return staffPhone === undefined ? '' : telephone(staffPhone, passwords.staffPhone, encrypted(sip.lineMedia));
}

function telephone(name: string, password: string, settings: Setting[]): string {
  return (
    section(name, [['auth', name], ['aors', name], ...settings], 'template_line') +
    section(
      name,
      [
        ['username', name],
        ['password', password],
      ],
      'template_line_auth',
    ) +
    section(name, [], 'template_line_aor')
  );
}

function manager({ amiPort, passwords }: AsteriskFacts): string {
  return (
    section(
      'general',
      [
        ['bindaddr', '127.0.0.1'],
        ['port', amiPort],
      ],
      '+',
    ) +
    section('clearline', [
      ['secret', passwords.ami],
      ['deny', '0.0.0.0/0.0.0.0'],
      ['permit', '127.0.0.1/255.255.255.255'],
      ['read', 'call,system'],
      ['write', 'call,system,reporting,config'],
      ['writetimeout', 1000],
    ]) +
    // Hears of passwords that were proved or not, and may do nothing.
    section('clearline-watch', [
      ['secret', passwords.ami],
      ['deny', '0.0.0.0/0.0.0.0'],
      ['permit', '127.0.0.1/255.255.255.255'],
      ['read', 'security'],
      ['eventfilter(name(ChallengeResponseFailed))', ''],
      ['eventfilter(name(SuccessfulAuth))', ''],
      ['writetimeout', 1000],
    ])
  );
}
