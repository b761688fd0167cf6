import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { joined, readWav, sampleRate, silence } from '../support/audio.ts';
import {
  added,
  cadence,
  dialTone,
  heardAfter,
  hiss,
  keys,
  louder,
  mix,
  otherTones,
  through,
  withLoss,
} from '../support/dial-tones.ts';
import { chords, music, nearest } from '../support/music.ts';

/**
 * Counts what the dial tone detector hears and what it takes for a dial tone that is none, and what it costs. Folders
 * named on the command line are searched for more sounds that are none (8 kHz WAV, as Debian's asterisk-core-sounds-…-wav and
 * asterisk-moh-opsound-wav have them):
 *
 *     npm run bench:dial-tone -- /usr/share/asterisk/sounds /usr/share/asterisk/moh
 *
 * Exits with 1 at a miss among what must be heard, or at a false alarm.
 */

const laws = ['none', 'PCMA', 'PCMU'] as const;

interface Tally {
  sounds: number;
  heard: number;
  slowest: number;
  readonly missed: string[];
  readonly heardNames: string[];
}

function tally(name: string, sounds: Iterable<readonly [string, Int16Array]>): Tally {
  const result: Tally = { sounds: 0, heard: 0, slowest: 0, missed: [], heardNames: [] };
  for (const [what, samples] of sounds) {
    const at = heardAfter(samples);
    result.sounds += 1;
    if (at === null) result.missed.push(what);
    else {
      result.heard += 1;
      result.heardNames.push(what);
      result.slowest = Math.max(result.slowest, at);
    }
  }
  const late = result.heard > 0 ? `, the slowest ${result.slowest} ms into the sound` : '';
  console.log(`${name.padEnd(64)} ${result.heard} of ${result.sounds} heard${late}`);
  return result;
}

const lead = silence(137);
const led = (samples: Int16Array) => joined(lead, samples, silence(300));

function* plain() {
  for (const law of laws)
    for (const dBm0 of [3, 0, -6, -12, -18, -24, -30, -36, -40])
      for (const twist of [-6, -3, 0, 3, 6])
        for (const off of [-0.02, -0.01, 0, 0.01, 0.02])
          yield [
            `${law} ${dBm0} dBm0 twist ${twist} off ${off}`,
            through(law, led(dialTone({ dBm0, twist, off }))),
          ] as const;
}

function* justLongEnough(ms: number) {
  for (const law of laws)
    for (const off of [-0.02, 0, 0.02])
      for (let early = 0; early < 20; early += 2)
        yield [
          `${law} ${off} ${early}`,
          through(law, joined(silence(100 + early), dialTone({ ms, off }), silence(300))),
        ] as const;
}

function* noisy(snr: number) {
  for (const law of laws)
    for (const dBm0 of [-6, -16, -26, -36])
      for (const twist of [-6, 0, 6])
        for (const off of [-0.02, 0, 0.02])
          for (let seed = 1; seed <= 5; seed += 1) {
            const tone = led(dialTone({ ms: 1500, dBm0, twist, off }));
            yield [
              `${law} ${dBm0} ${twist} ${off} ${seed}`,
              through(law, added(tone, hiss(1937, dBm0 - snr, seed))),
            ] as const;
          }
}

function* lossy(lostMs: number, everyMs: number) {
  for (const law of laws)
    for (const off of [-0.02, 0, 0.02])
      for (let phase = 0; phase < everyMs * 8; phase += 320)
        yield [
          `${law} ${off} ${phase}`,
          through(law, withLoss(led(dialTone({ off })), lostMs, everyMs, phase)),
        ] as const;
}

function* overdriven() {
  for (const over of [3, 6, 9, 12])
    for (const law of laws) yield [`${law} ${over}`, through(law, louder(dialTone({ dBm0: -3 }), over))] as const;
}

function* stuttered() {
  for (const [on, off] of [
    [100, 100],
    [120, 80],
    [100, 140],
    [150, 150],
    [80, 80],
  ] as const)
    for (const law of laws)
      yield [
        `${on}/${off} ${law}`,
        through(
          law,
          led(
            cadence(
              [
                [[350, 440], on],
                [[], off],
              ],
              2_000,
            ),
          ),
        ),
      ] as const;
}

function* tapes() {
  for (const rate of [0.5, 2, 6]) {
    const wavering = (hz: number) => (t: number) => hz * (1 + 0.003 * Math.sin(2 * Math.PI * rate * t));
    yield [
      `${rate} Hz`,
      led(
        mix(
          [350, 440].map((hz) => ({ hz: wavering(hz), dBm0: -16 })),
          1000,
        ),
      ),
    ] as const;
  }
}

const promptsFolder = fileURLToPath(new URL('../../dialplan/sounds/en_GB/', import.meta.url));
const prompts = globSync(`${promptsFolder}*.wav`).map((file) => [basename(file), readWav(file)] as const);

function* spoken(toneAboveSpeech: number) {
  for (const [name, speech] of prompts.filter(([, { length }]) => length > 2 * sampleRate)) {
    const loud = 10 * Math.log10(speech.reduce((sum, s) => sum + s * s, 0) / speech.length);
    const tone = dialTone({ ms: (speech.length * 1000) / sampleRate, dBm0: -16 });
    const has = 10 * Math.log10(tone.reduce((sum, s) => sum + s * s, 0) / tone.length);
    yield [name, added(tone, louder(speech, has - loud - toneAboveSpeech))] as const;
  }
}

function* coded(sounds: Iterable<readonly [string, Int16Array]>) {
  for (const [name, samples] of sounds)
    for (const law of laws) yield [`${name} ${law}`, through(law, samples)] as const;
}

function* pieces() {
  for (const [name, play] of Object.entries(music())) yield [name, play()] as const;
}

function* noises() {
  for (const dBm0 of [-50, -30, -10])
    for (let seed = 1; seed <= 10; seed += 1) yield [`${dBm0} ${seed}`, hiss(10_000, dBm0, seed)] as const;
}

/** WAV files of telephony: 8 kHz, mono, 16 bits. */
function* files(folder: string) {
  for (const file of globSync(`${folder}/**/*.wav`)) {
    const samples = readWav(file);
    seconds += samples.length / sampleRate;
    yield [file, samples] as const;
  }
}
let seconds = 0;

console.log('Must be heard');
const must = [
  tally('levels +3 to -40 dBm0, twist ±6 dB, off ±2 %, no law, A and µ', plain()),
  tally('600 ms long', justLongEnough(600)),
  tally('noise 20 dB below', noisy(20)),
  tally('noise 15 dB below', noisy(15)),
  tally('a packet of 20 ms lost every 200 ms', lossy(20, 200)),
  tally('40 ms lost every 400 ms', lossy(40, 400)),
  tally('overdriven by up to 12 dB', overdriven()),
  tally('in bursts, 2 s', stuttered()),
  tally('a tape whose speed wavers by 0.3 %', coded(tapes())),
  tally('350+450, as exchanges of old', coded([['', cadence([[[350, 450], 1000]], 1000)]])),
];
console.log('\nHow far it reaches');
for (const ms of [400, 440, 480, 500, 520, 540, 560, 580]) tally(`${ms} ms long`, justLongEnough(ms));
for (const snr of [12, 10, 8, 6, 4]) tally(`noise ${snr} dB below`, noisy(snr));
for (const off of [0.025, 0.03, 0.035])
  tally(
    `off by ${off * 100} %`,
    [-off, off].map((each) => [String(each), dialTone({ off: each })] as const),
  );
for (const twist of [8, 10])
  tally(
    `twist ${twist} dB`,
    [-twist, twist].map((each) => [String(each), dialTone({ twist: each })] as const),
  );
for (const above of [20, 15, 10, 6, 3]) tally(`speech ${above} dB below, for as long as it lasts`, spoken(above));
for (const name of ['sine', 'whistle', 'flute'] as const) {
  tally(`the notes F and A held for 3 s, ${name} (nearly one)`, [[name, chords(name, [nearest], 3)]]);
}

console.log('\nMust not be heard');
const mustNot = [
  tally('prompts of this repository', coded(prompts)),
  tally('prompts joined, 6 dB up', coded([['all', louder(joined(...prompts.map(([, s]) => s)), 6)]])),
  tally('tones of exchanges and machines', coded(Object.entries(otherTones()))),
  tally('keys', coded(Object.entries(keys()))),
  tally('music by rule', coded(pieces())),
  tally('noise', noises()),
  ...process.argv.slice(2).map((folder) => tally(folder, files(folder))),
];
if (seconds > 0) console.log(`${(seconds / 3600).toFixed(2)} hours of sound in files`);

const hour = hiss(60_000, -20);
const before = process.cpuUsage();
for (let minute = 0; minute < 20; minute += 1) heardAfter(hour);
const { user, system } = process.cpuUsage(before);
console.log(`\nCost: ${(((user + system) / 1e6 / 1200) * 100).toFixed(4)} % of a core for a call's audio`);

const taken = mustNot.flatMap(({ heardNames }) => heardNames);
if (taken.length > 0) console.log('taken for a dial tone:', taken.slice(0, 20));
const missed = must.flatMap(({ missed: each }) => each);
if (missed.length > 0) console.log('missed:', missed.slice(0, 20));
process.exitCode = missed.length > 0 || mustNot.some(({ heard }) => heard > 0) ? 1 : 0;
