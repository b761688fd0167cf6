import { reachedAt } from './asterisk-extensions.ts';
import type { AsteriskFacts, AsteriskTrunk } from './asterisk-facts.ts';
import { type Setting, section, UnwritableError } from './asterisk-section.ts';
import type { StoredLine } from './ports.ts';

/** What Asterisk listens on, its trunks and its telephones, of lines that are fit. Throws UnwritableError. */
export function pjsip(facts: AsteriskFacts): string {
  const { trunks, lines } = facts;
  return transports(facts) + trunks.map(trunk(facts)).join('') + lines.map(line(facts)).join('') + staff(facts);
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
