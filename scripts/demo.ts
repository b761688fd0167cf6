import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { parse } from 'yaml';
import { formatTable } from '../services/cli/table.ts';
import type { JournalEntry } from '../services/core/call.ts';
import type { CallRecord } from '../services/core/record.ts';
import { duration, tellCaller, tellOutcome } from '../services/core/tell.ts';
import { promptsFolder } from '../services/sounds.ts';
import { type Mailbox, openMailbox } from '../test/support/mailbox.ts';
import { until } from '../test/support/until.ts';
import { showAftermath } from './demo/aftermath.ts';
import { callAsStranger, callOnce, easyResident, trunkAddress, waryResident, wiseResident } from './demo/callers.ts';
import { Home } from './demo/home.ts';
import { type Scene, Story } from './demo/story.ts';
import { parseWording } from './prompts/wording.ts';

/**
 * `npm run demo`: five real calls to three protected lines, told while they happen, the last three of them fraud; then what is on
 * record of them, what staff were told by mail, and the pack for the police. Exit code 0 when every call went as it should, the
 * campaign was found, the mails came, the pack was verified, and nothing of the demo is left; 1 when not; 130 when interrupted.
 */

const anna = { to: '01923555101', name: 'Anna', number: '07700900123' };
const blocked = { to: '01923555101', name: 'Prize Office', number: '07700900666' };
// One band, from numbers that differ in the last digits only.
const first = { to: '01923555101', name: 'Fraud Squad', number: '02079460016' };
const second = { to: '01923555103', name: 'DC Grey, Police', number: '02079460017' };
const stranger = { to: '01923555102', name: 'PC Brown, Police', number: '02079460018' };

const scenes: readonly Scene[] = [
  {
    title: 'Anna rings her mother, Margaret. Her number is on the line’s trusted list.',
    caller: '+447700900123',
    outcome: 'talked',
  },
  {
    title: 'A number rings that Margaret’s family has put on the blocked list.',
    caller: '+447700900666',
    outcome: 'refused',
  },
  {
    title: '“Fraud Squad” rings Margaret. Asked to say who he is, he gives up; her telephone never rang.',
    caller: '+442079460016',
    outcome: 'caller-gone',
  },
  {
    title: 'The number beside it rings Edith, whose line only announces and warns. She hears it out and hangs up.',
    caller: '+442079460017',
    outcome: 'talked',
  },
  {
    title: 'The next but one rings Arthur: a stranger who says that he is a police officer.',
    caller: '+442079460018',
    outcome: 'reported',
  },
];

const say = (line = '') => console.log(line);

async function demo(home: Home, mailbox: Mailbox, interrupted: Promise<never>): Promise<void> {
  const story = new Story(scenes, wording(), say);
  const complaints: string[] = [];
  say(await home.clearline('lines', 'import', join(import.meta.dirname, 'demo/lines.csv')));
  await home.start(
    (message) => complaints.push(message),
    (program, line) => listen(program, line, story, complaints),
  );
  say('Asterisk, Redis, interceptor and worker run, on ports of their own. The telephones register …');
  try {
    await Promise.race([placeCalls(home, story), interrupted]);
    await Promise.race([showRecords(home), interrupted]);
    await Promise.race([showAftermath(home, mailbox, 3, say), interrupted]);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    const faults = [error instanceof Error ? error.message : String(error), ...story.faults];
    const said = complaints.length > 0 ? ['What the programs said:', ...complaints.slice(-15)] : [];
    throw new Error([...faults, ...said].join('\n'), { cause: error });
  }
}

async function placeCalls(home: Home, story: Story): Promise<void> {
  const { asterisk } = home;
  const passwords = await passwordsOf(home);
  const residents = [
    await easyResident(asterisk, 'room-1', passwords.get('room-1') ?? ''),
    await wiseResident(asterisk, 'room-2', passwords.get('room-2') ?? ''),
    await waryResident(asterisk, 'room-3', passwords.get('room-3') ?? ''),
  ];
  try {
    story.begin();
    const strangersCall = callAsStranger(asterisk, stranger);
    // Waited for below: what goes wrong before that must not end the process by itself.
    strangersCall.catch(() => undefined);
    await callOnce(asterisk, anna, 3_000);
    await callOnce(asterisk, blocked);
    await callOnce(asterisk, first, 8_000);
    await callOnce(asterisk, second);
    const throughAt = await strangersCall;
    await until('every call is over', () => story.isOver, 40_000);
    if (story.faults.length > 0) throw new Error('The calls did not go as they should.');
    await home.untilQuiet();
    await checkWarning(home, throughAt);
  } finally {
    for (const phones of residents) await phones.stop();
  }
}

/** Nothing that the stranger said reached Arthur's telephone, which sends back what it hears, before the warning's end. */
async function checkWarning(home: Home, throughAt: number): Promise<void> {
  const record = (await records(home)).find(({ line }) => line === 'room-2');
  const connectedAt = record?.connectedAt ?? Number.POSITIVE_INFINITY;
  if (throughAt < connectedAt - 50) throw new Error('The stranger was heard before the warning was over.');
  say();
  say(
    `The stranger talked all the while. His voice first reached Arthur’s telephone at ${clock(throughAt)}: after the warning.`,
  );
}

async function showRecords(home: Home): Promise<void> {
  const rows = [...(await records(home))]
    .reverse()
    .flatMap((record) => (record.direction === 'inbound' ? [record] : []))
    .map(({ arrivedAt, caller, line, verdict, ending, keys, holdSeconds }) => [
      clock(arrivedAt),
      `${tellCaller(caller)} “${caller.name}”`,
      line ?? '',
      verdict?.standing ?? '',
      tellOutcome(ending),
      keys.map(({ digit }) => digit).join(' '),
      holdSeconds > 0 ? duration(holdSeconds) : '',
    ]);
  say();
  say(styleText('bold', 'What is on record now (the command clearline calls shows it, --json all of it):'));
  say(formatTable(['TIME', 'CALLER', 'LINE', 'CALLER IS', 'OUTCOME', 'KEYS', 'LINE HELD'], rows));
}

/** The records, once all are there: they travel through Redis and the worker. */
async function records(home: Home): Promise<readonly CallRecord[]> {
  return until(
    'every call is on record',
    async () => {
      const found: readonly CallRecord[] = JSON.parse(await home.clearline('calls', '--json'));
      return found.length === scenes.length ? found : null;
    },
    10_000,
  );
}

async function passwordsOf(home: Home): Promise<Map<string, string>> {
  const { lines } = parse(await home.clearline('lines', 'export', '--format', 'yaml', '--with-secrets'));
  return new Map(lines.map((line: { id: string; phone_secret: string }) => [line.id, line.phone_secret]));
}

/** What the prompts say, word by word. */
function wording(): (prompt: string) => string {
  const { prompts } = parseWording(readFileSync(join(promptsFolder, 'prompts.yaml'), 'utf8'));
  return (prompt) => `“${prompts[prompt]?.text.replace(/\.$/, '') ?? prompt}”`;
}

/** One line a program wrote: the interceptor's journal goes into the story, warnings and worse are kept for the end. */
function listen(program: string, line: string, story: Story, complaints: string[]): void {
  const logged = readLog(line);
  if (logged?.msg === 'journal' && logged.call && logged.entry) story.hear(logged.call, logged.entry);
  else if (logged && logged.level >= 40) complaints.push(`${program}: ${line}`);
}

function readLog(line: string): { level: number; msg: string; call?: string; entry?: JournalEntry } | null {
  try {
    return line.startsWith('{') ? JSON.parse(line) : null;
  } catch {
    return null;
  }
}

function clock(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(at);
}

class Interrupted extends Error {}

async function main(): Promise<void> {
  const interruption = Promise.withResolvers<never>();
  interruption.promise.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => interruption.reject(new Interrupted(`Interrupted (${signal}).`)));
  }
  say(
    styleText(
      'bold',
      'Clearline demo: five calls, on a real Asterisk, with SIP telephones. It takes about 90 seconds.',
    ),
  );
  if (spawnSync('sipp', ['-v']).error) throw new Error('There is no sipp in the PATH. Run: npm run setup');
  const mailbox = await openMailbox();
  const home = await Home.prepare(trunkAddress, mailbox.port);
  try {
    await demo(home, mailbox, interruption.promise);
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? 130 : 1;
    console.error(`\nThe demo did not get to its end.\n${error instanceof Error ? error.message : error}`);
  } finally {
    await home.leave(process.exitCode !== undefined);
    await mailbox.close();
  }
  say();
  say('No call, no program and no file of the demo is left.');
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
}
// After a fault a telephone of ours may still be waiting for something.
process.exit();
