import { globals, lineNumbers, overTrunks } from './asterisk-extensions.ts';
import type { AsteriskFacts } from './asterisk-facts.ts';
import { dialledNumbers } from './asterisk-numbers.ts';
import { pjsip } from './asterisk-pjsip.ts';
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
    ['pjsip.conf', header + pjsip(fit)],
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
