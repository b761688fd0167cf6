import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { addAccessLog } from './access-log.ts';
import { addAccounts } from './accounts.ts';
import { addAdvice } from './advice.ts';
import { addAlerts } from './alerts/alerts.ts';
import { addBans } from './bans.ts';
import { addCalls } from './calls.ts';
import { addCampaigns } from './campaigns.ts';
import { addCheck } from './check.ts';
import { addClear } from './clear.ts';
import { addContacts } from './contacts/commands.ts';
import { addWindows } from './contacts/windows.ts';
import { addEvidence } from './evidence/evidence.ts';
import { addExplain } from './explain.ts';
import { addIncidents } from './incidents/incidents.ts';
import { addLift } from './lift.ts';
import { addLines } from './lines.ts';
import { addPerson } from './person.ts';
import { addRecordings } from './recordings.ts';
import { addRetention } from './retention.ts';
import { addStatus } from './status.ts';
import { CommandError, exitCodes, Session, type World } from './world.ts';

const help = `
Examples:
  clearline check                                       is the configuration right?
  clearline lines import homes.csv                      protect the lines in a spreadsheet
  clearline explain --from 07700900123 --to room-12     what would happen to this caller, and why?
  clearline calls --since today                         who rang today?
  clearline calls show last                             what happened in the last call, step by step
  clearline contacts import room-12 elsie.vcf           trust the numbers in an address book
  clearline expect room-12 "Hill Plumbing" --to 16:00   somebody is to call before four (--number: which rings through)
  clearline pause room-12 --for 1h --reason "a party"   let strangers ring through for an hour
  clearline alerts --line room-12                       what were staff alerted of, and who was told?
  clearline incidents                                   who was targeted, and how far did it go?
  clearline evidence incident-5bb93ec6-1795362185.3     a signed file for the police; evidence verify checks it
  clearline status                                      is everything running? One lamp a line
  clearline clear room-12                               could 101 leave this line now, and why (not)?
  clearline lift room-12 --reason "it was the surgery"  lift the hold that a suspect call left
  clearline accounts add anna                           let Anna log in to the console
  clearline retention                                   how long what is kept, and what went last night
  clearline person export room-12 --out elsie.zip       everything on record of a resident, for her
  clearline bans                                        who is shut out for guessing telephones' passwords?

The configuration is clearline.yaml in the working folder, or what --config or CLEARLINE_CONFIG names.

Exit codes:
  0  done, all is well
  1  something is wrong: faults were found, a part is down, or what was asked for is not there
  2  the command, a file it names or the configuration cannot be understood`;

/** Runs one command line (without `node` and the script) and answers with its exit code. Never rejects for a user's mistake. */
export async function runCommand(args: readonly string[], world: World): Promise<number> {
  const session = new Session(world);
  const program = newProgram(session);
  try {
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.notUnderstood;
    if (error instanceof CommandError) {
      world.err(error.message);
      return error.exitCode;
    }
    if (error instanceof ConfigError) {
      world.err(`${error.message}\nclearline.example.yaml names every setting, with its unit and default.`);
      return exitCodes.notUnderstood;
    }
    throw error;
  }
}

function newProgram(session: Session): Command {
  const { out, err } = session.world;
  const program = new Command('clearline')
    .description('Clearline keeps phone fraudsters away from the people they target.')
    .option('--config <file>', 'the configuration file')
    .addHelpText('after', help)
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) })
    .exitOverride()
    .hook('preAction', (_, command) => {
      refuseMore(command);
      const { config } = program.opts<{ config?: string }>();
      if (config !== undefined) session.useConfigFile(config);
    });
  addCheck(program, session);
  addExplain(program, session);
  addLines(program, session);
  addContacts(program, session);
  addWindows(program, session);
  addCalls(program, session);
  addAlerts(program, session);
  addIncidents(program, session);
  addCampaigns(program, session);
  addEvidence(program, session);
  addStatus(program, session);
  addClear(program, session);
  addLift(program, session);
  addBans(program, session);
  addRecordings(program, session);
  addAccessLog(program, session);
  addAdvice(program, session);
  addRetention(program, session);
  addAccounts(program, session);
  addPerson(program, session);
  pointToHelp(program, 'clearline');
  return program;
}

/** Whoever mistypes is told of the help of that very command. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(${name} --help shows what there is)`).allowExcessArguments();
  for (const each of command.commands) pointToHelp(each, `${name} ${each.name()}`);
}

/** Commander would say how many arguments it expected; what there is to be named helps more. */
function refuseMore(command: Command): void {
  const { args, registeredArguments, commands } = command;
  if (registeredArguments.at(-1)?.variadic || args.length <= registeredArguments.length) return;
  const extra = args[registeredArguments.length];
  const name = fullName(command);
  const has = commands.length === 0 ? '' : ` It has: ${commands.map((each) => each.name()).join(', ')}.`;
  throw new CommandError(
    `${name}: "${extra}" is nothing that belongs there.${has} See: ${name} --help`,
    exitCodes.notUnderstood,
  );
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
