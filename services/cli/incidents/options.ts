import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { PatchFault } from '../../core/incident/change.ts';
import {
  actionKinds,
  claimedRoles,
  detailKinds,
  type Incident,
  incidentOutcomes,
  pretexts,
  rules,
} from '../../core/incident/incident.ts';
import { tellPatchFault } from '../../incident-input.ts';
import { readWhen } from '../when.ts';
import { CommandError, exitCodes, fileTrouble, type Session } from '../world.ts';

/** What can be entered of an incident on the command line, and where it goes. */

interface Field {
  readonly flag: string;
  readonly what: string;
  /** Where it stands in a patch, as its faults name it. */
  readonly key: string;
  readonly read?: 'list' | 'pounds' | 'time' | 'yes or no' | 'one more';
}

const oneOf = (names: readonly string[]) => names.join(', ');

const fields: readonly Field[] = [
  { flag: '--outcome <step>', what: `how far it went: ${oneOf(incidentOutcomes)}`, key: 'outcome' },
  { flag: '--at <time>', what: 'when it happened', key: 'at', read: 'time' },
  { flag: '--line <id>', what: 'the line; brings its resident and area', key: 'line' },
  { flag: '--resident <name>', what: 'who was called', key: 'resident' },
  { flag: '--area <area>', what: 'where, as the police name it', key: 'area' },
  { flag: '--ended-by <who>', what: 'who ended it: resident, caller, staff, clearline, other', key: 'endedBy' },
  { flag: '--suspicion <text>', what: 'what raised suspicion', key: 'suspicion' },
  { flag: '--role <role>', what: `whom the caller said to be: ${oneOf(claimedRoles)}`, key: 'caller.role' },
  { flag: '--name <name>', what: 'the name the caller gave', key: 'caller.name' },
  { flag: '--rank <rank>', what: 'the rank the caller gave', key: 'caller.rank' },
  { flag: '--organisation <name>', what: 'the bank or force', key: 'caller.organisation' },
  {
    flag: '--call-back-number <number>',
    what: 'the number to ring that the caller gave',
    key: 'caller.callBackNumber',
  },
  { flag: '--pretext <pretext>', what: `the reason given: ${oneOf(pretexts)}`, key: 'caller.pretext' },
  {
    flag: '--secrecy <yes or no>',
    what: 'whether secrecy was demanded',
    key: 'caller.secrecyDemanded',
    read: 'yes or no',
  },
  { flag: '--rules <list>', what: `the rules broken: ${oneOf(rules)}`, key: 'caller.rulesBroken', read: 'list' },
  { flag: '--words <text>', what: 'the caller’s own words', key: 'caller.words' },
  { flag: '--asked <list>', what: `what was asked for: ${oneOf(detailKinds)}`, key: 'asked', read: 'list' },
  { flag: '--given <list>', what: 'what was given, of the same', key: 'given', read: 'list' },
  { flag: '--loss <pounds>', what: 'the money lost', key: 'loss.cash', read: 'pounds' },
  { flag: '--recovered <pounds>', what: 'of it, what came back', key: 'loss.recovered', read: 'pounds' },
  { flag: '--courier-at <time>', what: 'when the courier came', key: 'courier.at', read: 'time' },
  { flag: '--courier <text>', what: 'what the courier looked like', key: 'courier.description' },
  { flag: '--vehicle <text>', what: 'the courier’s vehicle', key: 'courier.vehicle' },
  { flag: '--contact <text>', what: 'how the victim is reached', key: 'victim.contact' },
  { flag: '--age <band>', what: 'under-60, 60-69, 70-79, 80-89, 90-or-over', key: 'victim.ageBand' },
  { flag: '--needs <text>', what: 'what the victim needs', key: 'victim.needs' },
  {
    flag: '--consent <yes or no>',
    what: 'the police and partners may be told',
    key: 'victim.consent',
    read: 'yes or no',
  },
  { flag: '--note <text>', what: 'a note, added to those there are', key: 'notes', read: 'one more' },
  { flag: '--call <id>', what: 'a call that belongs to it', key: 'addCalls', read: 'one more' },
  { flag: '--without-call <id>', what: 'a call that does not', key: 'removeCalls', read: 'one more' },
  { flag: '--action <kind>', what: `something done: ${oneOf(actionKinds)}`, key: 'action.what' },
  { flag: '--reference <text>', what: 'the reference given for it', key: 'action.reference' },
  { flag: '--action-note <text>', what: 'more about it', key: 'action.note' },
  { flag: '--action-at <time>', what: 'when it was done (default: now)', key: 'action.at', read: 'time' },
  { flag: '--hold <reason>', what: 'keep everything of it: a legal hold', key: 'hold.why' },
  { flag: '--lift-hold <reason>', what: 'lift the legal hold', key: 'liftHold.why' },
];

export function addFields(command: Command): Command {
  for (const { flag, what } of fields) command.option(flag, what);
  return command
    .option('--close', 'everything is done')
    .option('--reopen', 'it is not')
    .option('--mistaken', 'it was no fraud: it counts nowhere')
    .option('--from <file>', 'a patch in JSON; - reads the standard input; the options come on top')
    .option('--by <name>', 'who enters it (default: the user of this machine)')
    .option('--json', 'the incident as it is then, as JSON');
}

export type Given = Readonly<Record<string, unknown>>;

/**
 * The patch that the options and the file of `--from` make, unchecked, and the options that could not be read. Throws
 * CommandError where the file cannot be.
 */
export async function patchFrom(session: Session, given: Given): Promise<{ patch: unknown; unread: string[] }> {
  const unread: string[] = [];
  let patch = given.from === undefined ? {} : await readPatchFile(String(given.from), session.world.readInput);
  for (const field of fields) {
    const written = given[nameOf(field)];
    if (typeof written !== 'string') continue;
    const value = tryField(session, field, written, unread);
    if (value === undefined) continue;
    patch = put(patch, field.key.split('.'), field.read === 'one more' ? [...listIn(patch, field.key), value] : value);
  }
  const { action, ...entered } = patch;
  if (action !== undefined) entered.actions = [...listIn(entered, 'actions'), action];
  const status = statusIn(given, unread);
  return { patch: status === undefined ? entered : { ...entered, status }, unread };
}

function statusIn(given: Given, unread: string[]): Incident['status'] | undefined {
  const statuses = { close: 'closed', reopen: 'open', mistaken: 'mistaken' } as const;
  const options = (['close', 'reopen', 'mistaken'] as const).filter((option) => given[option] === true);
  const [option] = options;
  if (options.length > 1) unread.push(`${options.map((each) => `--${each}`).join(' and ')}: expected one of them.`);
  return option && statuses[option];
}

/** Undefined, and why among `unread`, where it cannot be read. */
function tryField(session: Session, field: Field, written: string, unread: string[]): unknown {
  try {
    return readField(session, field, written);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    unread.push(error.message);
    return undefined;
  }
}

/** Every fault, by the option where there is one. */
export function tellFaults(faults: readonly PatchFault[]): string[] {
  return faults.map((fault) => {
    const place = fault.key.replace(/^actions\[\d+\]/, 'action').replace(/\[\d+\]$/, '');
    const field = fields.find(({ key }) => key === place);
    return tellPatchFault(field === undefined ? fault : { ...fault, key: optionOf(field) });
  });
}

function optionOf({ flag }: Field): string {
  return flag.replace(/ <.*/, '');
}

type Patch = Record<string, unknown>;

async function readPatchFile(file: string, readInput: () => Promise<Uint8Array>): Promise<Patch> {
  try {
    const text = file === '-' ? Buffer.from(await readInput()).toString('utf8') : await readFile(file, 'utf8');
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Patch;
    throw new Error('it holds no object');
  } catch (error) {
    throw new CommandError(`--from: ${file} cannot be read: ${fileTrouble(error)}`, exitCodes.notUnderstood);
  }
}

/** As commander names what the flag gave. */
function nameOf(field: Field): string {
  return optionOf(field)
    .slice(2)
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function listIn(patch: Patch, key: string): unknown[] {
  const list = patch[key];
  return Array.isArray(list) ? list : [];
}

function readField(session: Session, field: Field, written: string): unknown {
  const { read } = field;
  const option = optionOf(field);
  const text = written.trim();
  if (text.toLowerCase() === 'unknown' && read !== 'one more') return read === 'list' ? [] : null;
  switch (read) {
    case 'time':
      return readWhen(session, option, text);
    case 'list':
      return text.split(/[,;]\s*/).filter((each) => each !== '');
    case 'pounds':
      return readPounds(option, text);
    case 'yes or no':
      if (/^(?:yes|no)$/i.test(text)) return text.toLowerCase() === 'yes';
      throw new CommandError(`${option}: found "${written}", expected yes, no or unknown.`, exitCodes.notUnderstood);
    default:
      return text;
  }
}

/** £1,234.50 as pence. */
function readPounds(option: string, text: string): number {
  const plain = text.replace(/^£\s*/, '').replace(/,(?=\d{3}\b)/g, '');
  if (/^\d{1,9}(?:\.\d\d)?$/.test(plain)) return Math.round(Number(plain) * 100);
  throw new CommandError(
    `${option}: found "${text}", expected pounds, such as 250 or 1,250.50.`,
    exitCodes.notUnderstood,
  );
}

/** Puts a value where it belongs, and makes what is missing on the way. */
function put(patch: Patch, [part = '', ...rest]: readonly string[], value: unknown): Patch {
  if (rest.length === 0) return { ...patch, [part]: value };
  return { ...patch, [part]: put((patch[part] as Patch | null | undefined) ?? {}, rest, value) };
}
