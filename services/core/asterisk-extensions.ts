import type { AsteriskFacts, AsteriskTrunk } from './asterisk-facts.ts';
import { waysToWrite } from './asterisk-numbers.ts';
import { type Setting, section, UnwritableError } from './asterisk-section.ts';

/** What the dialplan includes: its globals, the numbers of the lines, and a way out over each trunk. */

/** The place that generated/geolocation.conf names, sent on by legs dialled, and for finding who is to answer. */
const placeSettings =
  'GEOLOC_PROFILE(inheritable)=yes,GEOLOC_PROFILE(location_reference)=home,GEOLOC_PROFILE(allow_routing_use)=yes';

export function globals({ sounds, holdSeconds, trunks, overload, outgoing, location }: AsteriskFacts): string {
  if (/[,&|"\\${};]/.test(sounds)) {
    throw new UnwritableError(`The path of the prompts may have none of , & | " \\ $ { } ; but is ${sounds}`);
  }
  return section('globals', [
    ['CLEARLINE_SOUNDS', sounds],
    ['CLEARLINE_HOLD_SECONDS', holdSeconds],
    ['CLEARLINE_CALLS', overload.callsAtOnce],
    ['CLEARLINE_RATE', overload.callsPerSecond],
    ['CLEARLINE_LINE_CALLS', outgoing.callsAtOnce],
    ['CLEARLINE_PREMIUM', outgoing.premium],
    ['CLEARLINE_ORDINARY', outgoing.ordinaryWhileHeld],
    // Goes on from the last assignment of [emergency], so that where there is no place to tell it costs nothing.
    ['CLEARLINE_PLACE', location === undefined ? '' : `,${placeSettings}`],
    ['CLEARLINE_TRUNKS', namesOf(trunks)],
    // Over one that its far end holds open, 999 would reach the suspect.
    ['CLEARLINE_EMERGENCY_TRUNKS', namesOf(trunks.toSorted((a, b) => Number(isTimed(a)) - Number(isTimed(b))))],
    // Seconds without ring or answer after which the first trunk is passed over.
    ['CLEARLINE_PATIENCE', trunks.length > 1 ? '^6' : ''],
    ...trunks.flatMap(trunkGlobals),
  ]);
}

function isTimed({ clearing }: AsteriskTrunk): boolean {
  return clearing === 'timed';
}

function namesOf(trunks: readonly AsteriskTrunk[]): string {
  return trunks.map(({ name }) => `trunk-${name}`).join('&');
}

/** Where a trunk is, as the end of a SIP address. */
export function reachedAt({ address, transport = 'udp' }: AsteriskTrunk): string {
  return transport === 'udp' ? address : `${address};transport=${transport}`;
}

function trunkGlobals(trunk: AsteriskTrunk): Setting[] {
  const { name, outgoingCalls } = trunk;
  return [
    [`CLEARLINE_ADDRESS_trunk-${name}`, reachedAt(trunk)],
    // Written without a limit as well: a reload keeps the globals that are not written.
    [`CLEARLINE_LIMIT_trunk-${name}`, outgoingCalls ?? ''],
  ];
}

/**
 * Asterisk looks through a context from its beginning, several times a call: a number is first known by its shape, then looked up
 * among those that end alike.
 */
export function lineNumbers({ lines, pack }: AsteriskFacts): string {
  const taken = new Set<string>();
  const contexts = new Map<string, string[]>();
  for (const line of lines) {
    for (const form of waysToWrite(line.number, pack)) {
      if (taken.has(form)) continue;
      taken.add(form);
      const name = numbersContext(form.slice(-lastDigits));
      contexts.set(name, [...(contexts.get(name) ?? []), lineNumber(form, line)]);
    }
  }
  const shapes = [...new Set([...taken].map((form) => form.replaceAll(/\d/g, 'X')))].map(shape);
  const rows = [...contexts].map(([name, numbers]) => `\n[${name}]\n${numbers.join('')}`);
  return `\n[clearline-numbers]\n${shapes.join('')}${rows.join('')}`;
}

const lastDigits = 2;
const numbersContext = (end: string) => `clearline-numbers-${end}`;

function shape(pattern: string): string {
  const context = numbersContext(`$\{EXTEN:-${lastDigits}}`);
  return `exten => _${pattern},1,GotoIf($\{DIALPLAN_EXISTS(${context},$\{EXTEN},1)}?${context},$\{EXTEN},1:from-trunk-unknown,$\{EXTEN},1)\n`;
}

function lineNumber(form: string, { id, ringSeconds }: AsteriskFacts['lines'][number]): string {
  return (
    `exten => ${form},1,MSet(CLEARLINE_LINE=${id},CLEARLINE_DIALLED=${form},CLEARLINE_RING=${ringSeconds},GROUP(clearline-in)=${id},CHANNEL(accountcode)=${id})\n` +
    ` same => n,Goto(arrived$\{CLEARLINE_ATTESTED},s,1)\n`
  );
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
