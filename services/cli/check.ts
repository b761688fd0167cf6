import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { factsOf } from '../adapters/asterisk-files.ts';
import { type Config, ConfigError, parseConfig } from '../config.ts';
import { asteriskFiles, unfitLines } from '../core/asterisk-files.ts';
import { emergencyFault } from '../core/asterisk-numbers.ts';
import { readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { StoredLine } from '../core/ports.ts';
import { readSecrets, type Secrets } from '../secrets.ts';
import { alertFaultsOf } from './alert-faults.ts';
import { dialplanFaults } from './dialplan-check.ts';
import { generatedFaults, readTemplates, soundNames } from './dialplan-files.ts';
import { type Openness, openness } from './open-site.ts';
import { portFaults } from './port-faults.ts';
import { count } from './table.ts';
import { exitCodes, reasonOf, type Session } from './world.ts';

/** clearline check: configuration, dialplan and lines on record, every fault at once. Nothing is changed. */

export function addCheck(program: Command, session: Session): void {
  program
    .command('check')
    .summary('are configuration, dialplan and lines right?')
    .description('Name everything that is wrong with configuration, dialplan and lines, and what to do about it.')
    .addHelpText('after', '\nExit code 0: nothing is wrong; 1: something is. Whether it runs: clearline status')
    .action(() => check(session));
}

interface Section {
  readonly title: string;
  /** What was looked at, where nothing is wrong. */
  readonly right: string;
  readonly faults: readonly string[];
  /** What is no fault, but should be known. */
  readonly notes?: readonly string[];
}

async function check(session: Session): Promise<void> {
  const { out } = session.world;
  const { config, section } = checkConfig(session);
  // Without a configuration the rest is held against the defaults, so that its faults are told in the same go.
  const assumed = config ?? parseConfig('', resolve('clearline.yaml'));
  const { lines, section: lineSection } = config ? await checkLines(session, config) : { lines: [], section: null };
  const sections = [
    section,
    ...checkDialplan(assumed, config !== null, lines, session),
    ...(lineSection ? [lineSection] : []),
    ...(config ? [{ title: 'Alerts', ...alertFaultsOf(config, session.world.env, lines) }] : []),
    ...(config ? [openSection(openness(config))] : []),
  ];
  for (const { title, right, faults, notes = [] } of sections) {
    out(faults.length === 0 ? `${title}: ${right}` : `${title}: ${count(faults.length, 'fault')}`);
    for (const told of [...faults, ...notes]) out(`  ${told}`);
  }
  if (sections.some(({ faults }) => faults.length > 0)) session.exitCode = exitCodes.wrong;
}

function openSection({ faults, notes }: Openness): Section {
  const right = notes.length === 0 ? 'nothing is open that should not be' : 'as set, and to be known:';
  return { title: 'Open to others', right, faults, notes };
}

function checkConfig(session: Session): { config: Config | null; section: Section } {
  const title = 'Configuration';
  try {
    const config = session.config();
    const file = session.configPath();
    const right = existsSync(file) ? file : `no ${file}, so the defaults are in force`;
    return { config, section: { title, right, faults: settingFaults(config) } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: null, section: { title, right: '', faults: error.faults.map(({ message }) => message) } };
  }
}

/** What the settings' shapes do not tell. */
function settingFaults(config: Config): string[] {
  const { emergency, guarded, premium, ordinary, doNotOriginate } = config.numbers;
  const named = { emergency, guarded };
  const bare = { premium, ordinary, doNotOriginate };
  const numbers = [
    ...Object.entries(named).flatMap(([list, entries]) =>
      entries.map(({ number }, index) => [`numbers.${list}[${index}].number`, number] as const),
    ),
    ...Object.entries(bare).flatMap(([list, entries]) =>
      entries.map((number, index) => [`numbers.${list}[${index}]`, number] as const),
    ),
  ];
  const faults = numbers
    .filter(([, number]) => !['full', 'short'].includes(readNumber(number, gb).kind))
    .map(
      ([key, number]) => `${key}: found "${number}", which has too few or too many digits. Write it as 0300 123 2040.`,
    );
  faults.push(
    ...emergency.flatMap(({ number }, index) => {
      const fault = emergencyFault(number, gb);
      return fault === null
        ? []
        : [`numbers.emergency[${index}].number: found "${number}", which ${fault}. Take it off the list.`];
    }),
  );
  if (config.site.location === undefined && config.trunks.some(({ location }) => location)) {
    faults.push('trunks: one takes the place of the home, but site.location is missing. Add it: geo:51.6401,-0.4687');
  }
  faults.push(...portFaults(config));
  if (config.trunks.length === 0) {
    faults.push(
      'trunks: there is none, so no call can come in and 999 cannot leave. Add one; clearline.example.yaml shows how.',
    );
  }
  if (config.staff.phone?.startsWith('trunk-')) {
    faults.push(`staff.phone: found "${config.staff.phone}": names with "trunk-" are for trunks. Give it another.`);
  }
  return faults;
}

async function checkLines(
  session: Session,
  config: Config,
): Promise<{ lines: readonly StoredLine[]; section: Section }> {
  const title = 'Lines';
  try {
    const lines = await session.withStore((store) => store.lines.all());
    const faults = [
      ...unfitLines({ lines, staffPhone: config.staff.phone }).map(
        ({ id, why }) => `${id}: Asterisk cannot have it: ${why}. Correct it: clearline lines import`,
      ),
      ...lines.flatMap(({ id, trusted, blocked }) =>
        trusted
          .filter(({ number }) => blocked.includes(number))
          .map(
            ({ number, name }) =>
              `${id}: ${number} (${name}) is both trusted and blocked; blocked counts. Take it off one list.`,
          ),
      ),
    ];
    return { lines, section: { title, right: `${count(lines.length, 'line')} on record`, faults } };
  } catch (error) {
    return { lines: [], section: { title, right: '', faults: [reasonOf(error)] } };
  }
}

const unknownSecrets: Secrets = { ari: 'not-known', ami: 'not-known', staffPhone: 'not-known', watch: 'not-known' };

function checkDialplan(config: Config, isReal: boolean, lines: readonly StoredLine[], session: Session): Section[] {
  const started = isReal && existsSync(config.paths.secrets);
  let secrets = unknownSecrets;
  const faults: string[] = [];
  try {
    if (started) secrets = readSecrets(config, session.world.env);
  } catch (error) {
    faults.push(...reasonOf(error).split('\n'));
  }
  let generated = new Map<string, string>();
  try {
    generated = asteriskFiles(factsOf(config, secrets, lines, config.paths.sounds));
  } catch (error) {
    faults.push(`Asterisk's files cannot be written: ${reasonOf(error)}`);
  }
  const files = readTemplates(config, generated);
  const sounds = soundNames(config.paths.sounds);
  const plan = generated.size > 0 ? dialplanFaults({ files, sounds, folder: config.paths.sounds, pack: gb }) : [];
  const comparable = started && secrets !== unknownSecrets && generated.size > 0;
  const written = comparable ? generatedFaults(config, generated) : [];
  return [
    { title: 'Dialplan', right: `${count(files.size, 'file')}, ${count(sounds.size, 'sound file')}`, faults: plan },
    {
      title: 'Generated for Asterisk',
      right: comparable ? config.paths.generated : 'nothing yet; Clearline writes it when it starts',
      faults: [...faults, ...written],
    },
  ];
}
