import type { AsteriskFacts, AsteriskTrunk } from './asterisk-facts.ts';
import { waysToWrite } from './asterisk-numbers.ts';
import { type Setting, section, UnwritableError } from './asterisk-section.ts';

/** What the dialplan includes: its globals, the numbers of the lines, and a way out over each trunk. */

/** The place that generated/geolocation.conf names, sent on by legs dialled, and for finding who is to answer. */
const placeSettings =
  'GEOLOC_PROFILE(inheritable)=yes,GEOLOC_PROFILE(location_reference)=home,GEOLOC_PROFILE(allow_routing_use)=yes';

export function globals({ sounds, holdSeconds, trunks, outgoing, location }: AsteriskFacts): string {
  if (/[,&|"\\${};]/.test(sounds)) {
    throw new UnwritableError(`The path of the prompts may have none of , & | " \\ $ { } ; but is ${sounds}`);
  }
  return section('globals', [
    ['CLEARLINE_SOUNDS', sounds],
    ['CLEARLINE_HOLD_SECONDS', holdSeconds],
    ['CLEARLINE_PREMIUM', outgoing.premium],
    ['CLEARLINE_ORDINARY', outgoing.ordinaryWhileHeld],
    // Goes on from the last assignment of [emergency], so that where there is no place to tell it costs nothing.
    ['CLEARLINE_PLACE', location === undefined ? '' : `,${placeSettings}`],
    ['CLEARLINE_TRUNKS', namesOf(trunks)],
    // Seconds without ring or answer after which the first trunk is passed over.
    ['CLEARLINE_PATIENCE', trunks.length > 1 ? '^6' : ''],
    ['CLEARLINE_TIMED_TRUNKS', namesOf(trunks.filter(({ clearing }) => clearing === 'timed'))],
    ...trunks.flatMap(trunkGlobals),
  ]);
}

function namesOf(trunks: readonly AsteriskTrunk[]): string {
  return trunks.map(({ name }) => `trunk-${name}`).join('&');
}

function trunkGlobals({ name, address, outgoingCalls }: AsteriskTrunk): Setting[] {
  return [
    [`CLEARLINE_ADDRESS_trunk-${name}`, address],
    // Written without a limit as well: a reload keeps the globals that are not written.
    [`CLEARLINE_LIMIT_trunk-${name}`, outgoingCalls ?? ''],
  ];
}

export function lineNumbers({ lines, pack }: AsteriskFacts): string {
  const taken = new Set<string>();
  const extensions = lines.flatMap(({ id, number, ringSeconds }) =>
    waysToWrite(number, pack)
      .filter((form) => !taken.has(form) && taken.add(form))
      .map(
        (form) =>
          `exten => ${form},1,MSet(CLEARLINE_LINE=${id},CLEARLINE_DIALLED=${form},CLEARLINE_RING=${ringSeconds},GROUP(clearline-in)=${id},CHANNEL(accountcode)=${id})\n` +
          ` same => n,Goto(arrived$\{CLEARLINE_ATTESTED},s,1)\n`,
      ),
  );
  return `\n[clearline-numbers]\n${extensions.join('')}`;
}

/** A context a trunk, by which Clearline chooses the one that a guarded call leaves over. */
export function overTrunks({ trunks }: AsteriskFacts): string {
  return trunks
    .map(
      ({ name }) =>
        `\n[over-${name}]\nexten => _[+0-9]!,1,Set(CLEARLINE_OVER=trunk-${name})\n same => n,Goto(over-trunk,$\{EXTEN},1)\n`,
    )
    .join('');
}
