import { type CountryPack, readNumber } from './number.ts';
import type { StoredLine } from './ports.ts';

/**
 * What differs from site to site, as the files that Asterisk's templates in dialplan/ include: `generated/<name>`. Asterisk
 * reads its files itself, at every start and reload, so telephones still register and 999 still has its trunks when it
 * starts again with Clearline down.
 */

/** What the files are made of. Ports are numbers, times whole seconds, passwords plain text. */
export interface AsteriskFacts {
  readonly sip: { readonly bind: string; readonly port: number; readonly rtpFrom: number; readonly rtpTo: number };
  readonly httpPort: number;
  readonly amiPort: number;
  readonly trunks: readonly AsteriskTrunk[];
  /** The staff telephone's SIP account; undefined where there is none. */
  readonly staffPhone: string | undefined;
  readonly passwords: { readonly ari: string; readonly ami: string; readonly staffPhone: string };
  readonly holdSeconds: number;
  /** The site's guarded numbers, beside the country's, as written or tidied. */
  readonly guarded: readonly string[];
  readonly lines: readonly StoredLine[];
  /** Absolute folder of the prompts. */
  readonly sounds: string;
  readonly pack: CountryPack;
}

export interface AsteriskTrunk {
  readonly name: string;
  /** `host` or `host:port`, port 5060 by default. */
  readonly address: string;
}

/** A line that Asterisk cannot be told of, and why, in words for an administrator. */
export interface UnfitLine {
  readonly id: string;
  readonly why: string;
}

/** A value that would break a file, or that no telephone could use. The message never shows a password. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
}

const header = '; Written by Clearline. Changes here are lost: yours go into the site folder beside this one.\n';

/** File name to text. Throws UnwritableError for a setting Asterisk cannot hold; lines that it cannot hold are left out. */
export function asteriskFiles(facts: AsteriskFacts): Map<string, string> {
  const unfit = new Set(unfitLines(facts).map(({ id }) => id));
  const fit = { ...facts, lines: facts.lines.filter(({ id }) => !unfit.has(id)) };
  return new Map([
    ['extensions.conf', header + globals(fit) + lineNumbers(fit) + guardedNumbers(fit)],
    [
      'pjsip.conf',
      header + transports(fit) + fit.trunks.map(trunk(fit)).join('') + fit.lines.map(line).join('') + staff(fit),
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

/** The lines that `asteriskFiles` leaves out. A fault in one line must not silence the others. */
export function unfitLines({ lines, staffPhone }: Pick<AsteriskFacts, 'lines' | 'staffPhone'>): UnfitLine[] {
  const ids = new Set<string>(staffPhone === undefined ? [] : [staffPhone]);
  const numbers = new Set<string>();
  return lines.flatMap((line) => {
    const why = ids.has(line.id)
      ? 'its name is already taken'
      : (faultOf(line) ?? (numbers.has(line.number) ? 'its number is already taken' : null));
    ids.add(line.id);
    numbers.add(line.number);
    return why === null ? [] : [{ id: line.id, why }];
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

function globals({ sounds, holdSeconds, trunks }: AsteriskFacts): string {
  if (/[,&|"\\${};]/.test(sounds)) {
    throw new UnwritableError(`The path of the prompts may have none of , & | " \\ $ { } ; but is ${sounds}`);
  }
  return section('globals', [
    ['CLEARLINE_SOUNDS', sounds],
    ['CLEARLINE_HOLD_SECONDS', holdSeconds],
    ['CLEARLINE_TRUNKS', trunks.map(({ name }) => `trunk-${name}`).join('&')],
    ['CLEARLINE_TRUNK_COUNT', trunks.length],
    ...trunks.map(({ name, address }) => [`CLEARLINE_ADDRESS_trunk-${name}`, address] as const),
  ]);
}

function lineNumbers({ lines, pack }: AsteriskFacts): string {
  const taken = new Set<string>();
  const extensions = lines.flatMap(({ id, number, ringSeconds }) =>
    waysToWrite(number, pack)
      .filter((form) => !taken.has(form) && taken.add(form))
      .map(
        (form) =>
          `exten => ${form},1,MSet(CLEARLINE_LINE=${id},CLEARLINE_DIALLED=${form},CLEARLINE_RING=${ringSeconds})\n` +
          ' same => n,Goto(arrived,s,1)\n',
      ),
  );
  return `\n[clearline-numbers]\n${extensions.join('')}`;
}

/** Own-country numbers leave as people dial them, with a zero in front: every carrier takes that. */
function guardedNumbers({ guarded, pack }: AsteriskFacts): string {
  const extensions = new Map<string, string>();
  for (const written of [...Object.keys(pack.guarded), ...guarded]) {
    const { number, kind } = readNumber(written, pack);
    if (!/^\+?\d+$/.test(number)) continue;
    const forms = kind === 'full' ? waysToWrite(number, pack) : shortForms(number, pack);
    const home = `+${pack.callingCode}`;
    for (const form of forms) extensions.set(form, number.startsWith(home) ? `0${number.slice(home.length)}` : number);
    // An exchange may connect 101 although a shaking hand pressed one key more.
    if (Object.hasOwn(pack.guarded, number) && kind === 'short') extensions.set(`_${number}!`, number);
  }
  const rows = [...extensions].map(([form, number]) => `exten => ${form},1,Goto(guarded,${number},1)\n`);
  return `\n[clearline-guarded]\n${rows.join('')}`;
}

/** Every form in which a trunk or a telephone may give an E.164 number; without its zero as some trunks do. */
function waysToWrite(e164: string, pack: CountryPack): string[] {
  const digits = e164.slice(1);
  const abroad = [e164, digits, `${pack.internationalPrefix}${digits}`];
  if (!digits.startsWith(pack.callingCode)) return abroad;
  const national = digits.slice(pack.callingCode.length);
  return [`0${national}`, ...abroad, ...(national.length === 10 ? [national] : [])];
}

/** Some address books put the country's own code before a short code. */
function shortForms(code: string, { callingCode, internationalPrefix }: CountryPack): string[] {
  return [code, `+${callingCode}${code}`, `${internationalPrefix}${callingCode}${code}`];
}

function transports({ sip: { bind, port } }: AsteriskFacts): string {
  if (!/^[\dA-Fa-f.:]+$/.test(bind)) throw new UnwritableError(`sip.bind: found ${bind}, expected an IP address`);
  const address = bind.includes(':') ? `[${bind}]:${port}` : `${bind}:${port}`;
  return ['udp', 'tcp']
    .map((protocol) =>
      section(`transport-${protocol}`, [
        ['type', 'transport'],
        ['protocol', protocol],
        ['bind', address],
      ]),
    )
    .join('');
}

function trunk({ trunks }: AsteriskFacts): (trunk: AsteriskTrunk) => string {
  const hostOf = ({ address }: AsteriskTrunk) => address.replace(/:\d+$/, '');
  return (one) => {
    const name = `trunk-${one.name}`;
    const host = hostOf(one);
    // Carriers call from any port, so the port counts only where two trunks share a host.
    const shared = trunks.filter((other) => hostOf(other) === host).length > 1;
    // With a second trunk to turn to it pays to know beforehand that one is dead; the only one is tried in any case.
    const watch: Setting[] =
      trunks.length > 1
        ? [
            ['qualify_frequency', 15],
            ['qualify_timeout', 2],
          ]
        : [];
    return (
      section(name, [['aors', name]], 'template_trunk') +
      section(name, [['contact', `sip:${one.address}`], ...watch], 'template_trunk_aor') +
      section(name, [
        ['type', 'identify'],
        ['endpoint', name],
        ['match', shared ? one.address : host],
        ['srv_lookups', 'no'],
      ])
    );
  };
}

function line({ id, number, phoneSecret }: StoredLine): string {
  return telephone(id, phoneSecret, [['callerid', `<${number}>`]]);
}

function staff({ staffPhone, passwords }: AsteriskFacts): string {
  return staffPhone === undefined ? '' : telephone(staffPhone, passwords.staffPhone, []);
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
    ])
  );
}

type Setting = readonly [key: string, value: string | number];

function section(name: string, settings: readonly Setting[], from?: string): string {
  const rows = settings.map(([key, value]) => `${key} = ${escapeValue(key, String(value))}\n`);
  return `\n[${name}]${from === undefined ? '' : `(${from})`}\n${rows.join('')}`;
}

/** Asterisk trims values, ends them at the line's end, and takes `;` for a comment unless a backslash stands before it. */
function escapeValue(key: string, value: string): string {
  if (value !== '' && !isWritable(value))
    throw new UnwritableError(`${key}: begins or ends with a space, or has a control character`);
  return value.replaceAll(';', '\\;');
}

function isWritable(value: string): boolean {
  return value.length > 0 && value.length <= 512 && value === value.trim() && !/\p{Cc}/u.test(value);
}
