import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { type CallerIdentity, readCaller, type Signalling } from '../core/caller.ts';
import { modeInForce, type ProtectedLine } from '../core/line.ts';
import { numberRules, readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import { screenCaller, type Verdict } from '../core/screen.ts';
import { tellCaller, tellVerdict } from '../core/tell.ts';
import { CommandError, exitCodes, type Session } from './world.ts';

/** clearline explain: the verdict on a caller and its reasons, without a call. */

interface ExplainOptions {
  readonly from?: string;
  readonly to: string;
  readonly asserted?: string;
  readonly name?: string;
  readonly trunk?: string;
  readonly identity?: string;
  readonly withheld?: boolean;
  readonly held?: boolean;
  readonly json?: boolean;
}

export function addExplain(program: Command, session: Session): void {
  program
    .command('explain')
    .summary('what would happen to a caller, and why')
    .description('Say what Clearline would do with a call, and why, without making one.')
    .addOption(new Option('--to <line>', 'the line that is called: its number or its id').makeOptionMandatory())
    .option('--from <number>', 'the number shown, or a whole From header; left out: no number')
    .option('--name <text>', 'the name shown beside it')
    .option('--asserted <number>', 'the number the network stands for (P-Asserted-Identity)')
    .option('--identity <header>', 'the network’s signed word on the number (Identity)')
    .option('--trunk <name>', 'the trunk it comes over; its settings count (default: the only one, else none)')
    .option('--withheld', 'the caller withholds the number')
    .option('--held', 'as if the line were held after a suspect call')
    .option('--json', 'as JSON')
    .addHelpText('after', explainHelp)
    .action((options: ExplainOptions) => explain(session, options));
}

const explainHelp = `
Examples:
  clearline explain --from 07700900123 --to 01923555012
  clearline explain --from 01923555001 --asserted +33123456789 --to room-12
  clearline explain --from '"PC Jones" <sip:999@carrier.example>' --to room-12 --held
  clearline explain --withheld --to room-12

Exit code 1: no protected line has that number.`;

async function explain(session: Session, options: ExplainOptions): Promise<void> {
  const { line, config } = await session.withStore(async (store, settings) => ({
    line: findLine(await store.lines.all(), options.to),
    config: settings,
  }));
  const safeNumbers = numberRules(gb, config.numbers);
  const caller = readCaller(signallingOf(options), trunkOf(config, options.trunk), safeNumbers);
  const moment = { at: session.world.now(), held: options.held === true };
  const verdict = screenCaller(caller, line, { ...moment, safeNumbers });
  const { out } = session.world;
  const { id, number, resident, area, mode } = line;
  if (options.json === true) {
    const answer = {
      line: { id, number, resident, area, mode },
      held: moment.held,
      modeInForce: modeInForce(line, moment),
      caller,
      verdict,
    };
    return out(JSON.stringify(answer, null, 2));
  }
  out(tellExplanation(caller, line, verdict));
}

function tellExplanation(caller: CallerIdentity, line: ProtectedLine, verdict: Verdict): string {
  const name = caller.name ? `, who shows the name “${caller.name}”,` : '';
  return [
    `A call from ${tellCaller(caller)}${name} to ${line.resident} (${line.id}).`,
    '',
    `Verdict:  ${tellVerdict(verdict)}.`,
    ...verdict.reasons.map(({ text }, index) => `${index === 0 ? 'Why:      ' : '          '}${text}`),
  ].join('\n');
}

function findLine<T extends ProtectedLine>(lines: readonly T[], to: string): T {
  const { number } = readNumber(to, gb);
  const line = lines.find((candidate) => candidate.id === to || candidate.number === number);
  if (line) return line;
  const hint =
    lines.length === 0
      ? 'No line is protected yet: clearline lines import FILE'
      : 'The lines there are: clearline lines list';
  throw new CommandError(`No protected line has the number or id ${to}, so its callers would hear just that. ${hint}`);
}

function trunkOf(config: Config, name: string | undefined): { international: boolean; attests: boolean } {
  const named = config.trunks.find((trunk) => trunk.name === name);
  if (named) return named;
  if (name !== undefined) {
    const known = config.trunks.map((trunk) => trunk.name).join(', ') || 'none yet';
    throw new CommandError(`There is no trunk ${name}. The trunks there are: ${known}.`, exitCodes.notUnderstood);
  }
  const only = config.trunks.length === 1 ? config.trunks[0] : undefined;
  return only ?? { international: false, attests: false };
}

/** The headers such a call would have. What already looks like one is taken as it is. */
function signallingOf({ from, asserted, name, identity, withheld }: ExplainOptions): Signalling {
  const display = name === undefined ? '' : `"${name.replace(/[\\"]/g, '\\$&')}" `;
  const headerOf = (number: string) =>
    /\b(sips?|tel):/i.test(number) ? number : `${display}<sip:${encodeURIComponent(number)}@explain.invalid>`;
  const anonymous = 'Anonymous <sip:anonymous@anonymous.invalid>';
  return {
    from: from === undefined ? (withheld ? anonymous : `${display}<sip:explain.invalid>`) : headerOf(from),
    assertedIdentity: asserted === undefined ? null : headerOf(asserted),
    privacy: withheld ? 'id' : null,
    diversion: null,
    identity: identity ?? null,
    callId: null,
    userAgent: null,
    sourceAddress: null,
    codecs: [],
  };
}
