import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { drawPdf } from '../adapters/pdf.ts';
import type { Config } from '../config.ts';
import { type Advice, adviceFor, type SpokenPiece, speakAdvice } from '../core/advice.ts';
import type { Block } from '../core/evidence/report-words.ts';
import { numberRules } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import { promptsFolder } from '../sounds.ts';
import { decodeWav, encodeWav } from '../wav.ts';
import { CommandError, fileTrouble, type Session } from './world.ts';

/** clearline advice: the three rules and what to do, to hand to relatives and neighbours, on paper and as a recording. */

export function addAdvice(program: Command, session: Session): void {
  program
    .command('advice')
    .summary('a page in large print and a recording to hand to residents, relatives and neighbours')
    .description(
      'Write the three rules of police and banks, what to do, and whom to call: advice.pdf, in large print, and advice.wav, spoken. ' +
        'Numbers under numbers.guarded and numbers.emergency stand beside 101, 159, Report Fraud and 999.',
    )
    .option('--out <folder>', 'where the two files go; others of these names are replaced', '.')
    .action(({ out }: { out: string }) => writeAdvice(session, out));
}

async function writeAdvice(session: Session, folder: string): Promise<void> {
  const { out, now } = session.world;
  const config = session.config();
  const advice = adviceFor(numberRules(gb, config.numbers));
  const files = {
    'advice.pdf': await drawPdf(pageOf(advice, config.site), {
      title: 'Safe on the telephone',
      at: now(),
      large: true,
    }),
    'advice.wav': await record(speakAdvice(advice), config),
  };
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  } catch (error) {
    throw new CommandError(
      `the advice cannot be written into ${resolve(folder)}: ${fileTrouble(error)}. Name another folder with --out.`,
    );
  }
  for (const name of Object.keys(files)) out(`Written: ${resolve(folder, name)}`);
}

function pageOf({ rules, steps, numbers, emergency }: Advice, { name }: Config['site']): Block[] {
  const listed = (texts: readonly string[]) => texts.map((text, index) => ({ text: `${index + 1}.  ${text}` }));
  const facts = (entries: Advice['numbers']) => ({
    facts: entries.map((entry) => [entry.name, entry.number] as const),
  });
  return [
    { title: 'Safe on the telephone', under: name === 'Clearline' ? 'Please keep this page by the telephone.' : name },
    { heading: 'Three rules' },
    ...listed(rules),
    { heading: 'If a caller asks for any of this' },
    ...listed(steps),
    { heading: 'Numbers you can trust', page: true },
    facts(numbers),
    { heading: 'In an emergency' },
    facts(emergency),
  ];
}

const rate = 16_000;

/** The pieces one after the other, in the sounds of the site where it has its own. */
async function record(pieces: readonly SpokenPiece[], { paths }: Config): Promise<Buffer> {
  const parts: Int16Array[] = [];
  for (const { sound, pauseMs } of pieces) {
    parts.push(await readSound(sound, paths.sounds), new Int16Array((rate * pauseMs) / 1000));
  }
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return encodeWav(whole, rate);
}

/** The site's own recording in wideband, else Clearline's: a site need not have recorded the advice. */
async function readSound(sound: string, siteFolder: string): Promise<Int16Array> {
  for (const folder of new Set([siteFolder, promptsFolder])) {
    const file = join(folder, `${sound}.wav16`);
    const bytes = await readFile(file).catch(() => null);
    if (bytes === null) continue;
    const wave = decodeWav(bytes);
    if (wave.rate === rate && wave.channels === 1) return wave.samples;
    throw new CommandError(`${file}: expected 16 kHz and one channel, found ${wave.rate} Hz and ${wave.channels}`);
  }
  throw new CommandError(`there is no sound ${sound}.wav16: is Clearline’s own folder dialplan/sounds whole?`);
}
