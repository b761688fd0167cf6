import type { Dice } from '../support/dice.ts';
import { methods } from './sip-messages.ts';

/** Changes a SIP message in one to four ways, in its bytes, in its lines or in its meaning. */
export function mutate(message: string, dice: Dice): Buffer {
  let lines = message.split('\r\n');
  for (let left = 1 + dice.below(4); left > 0; left -= 1) lines = dice.pick(changes)([...lines], dice);
  const bytes = Buffer.from(lines.join(dice.happens(0.02) ? '\n' : '\r\n'), 'latin1');
  const whole = dice.happens(0.5) ? measured(bytes) : bytes;
  return dice.happens(0.25) ? dice.pick(byteChanges)(whole, dice) : whole;
}

type Change = (lines: string[], dice: Dice) => string[];

const numbers = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '2147483648',
  '4294967295',
  '18446744073709551616',
  '9'.repeat(40),
  '0x7f',
  '1e9',
  '',
];
const words = [
  '',
  ' ',
  '\t',
  '"',
  '\\',
  '<',
  '>',
  ';',
  ',',
  ':',
  '@',
  '%00',
  '%0d%0a',
  '\0',
  '\x7f',
  '\xff\xfe',
  '\xc3\xa9',
  '\x24{X}',
  '()',
  '=',
  '[',
  '*',
  '.',
];
const names = [
  'Require',
  'Supported',
  'Replaces',
  'Privacy',
  'P-Asserted-Identity',
  'Diversion',
  'Identity',
  'Via',
  'Route',
  'Record-Route',
  'Contact',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Content-Type',
  'Content-Length',
  'Session-Expires',
  'Expires',
  'Event',
  'Refer-To',
  'Reason',
  'Authorization',
  'Max-Forwards',
  'RAck',
] as const;

const onLine =
  (change: (line: string, dice: Dice) => string): Change =>
  (lines, dice) => {
    const at = dice.below(lines.length);
    lines[at] = change(lines[at] ?? '', dice);
    return lines;
  };

const changes: readonly [Change, ...Change[]] = [
  // A line is lost, doubled, moved, folded.
  (lines, dice) => lines.toSpliced(dice.below(lines.length), 1),
  (lines, dice) => lines.toSpliced(dice.below(lines.length), 0, lines[dice.below(lines.length)] ?? ''),
  (lines, dice) => lines.toSpliced(dice.below(lines.length), 1, ...lines.splice(dice.below(lines.length), 1)),
  onLine((line) => line.replaceAll(' ', '\r\n \t')),
  // A number, a word, a character, a name becomes another.
  onLine((line, dice) => line.replace(/\d+/g, (number) => (dice.happens(0.4) ? pick(numbers, dice) : number))),
  onLine((line, dice) => line.replace(/[\w.]+/g, (word) => (dice.happens(0.15) ? pick(words, dice) : word))),
  onLine((line, dice) => line.replace(/[;:<>@="]/g, (mark) => (dice.happens(0.3) ? pick(words, dice) : mark))),
  onLine((line, dice) => line.replace(/^[\w-]+(?=:)/, dice.pick(names))),
  onLine((line, dice) => line + pick(words, dice)),
  onLine((line, dice) => line.slice(0, dice.below(line.length + 1))),
  onLine((line, dice) => line.toUpperCase().replaceAll(/ /g, pick(words, dice))),
  // Too much of it.
  onLine((line, dice) => line + pick(words, dice).repeat(dice.below(3000))),
  onLine((line, dice) => `${line},${line.slice(line.indexOf(':') + 1)}`.repeat(1 + dice.below(5))),
  (lines, dice) =>
    lines.toSpliced(1, 0, `${dice.pick(names)}: ${pick(words, dice)}${dice.name().repeat(dice.below(20))}`),
  (lines, dice) =>
    lines.toSpliced(
      1,
      0,
      ...Array.from({ length: dice.below(50) }, () => `${dice.pick(names)}: ${pick(numbers, dice)}`),
    ),
  // Another meaning.
  (lines, dice) => lines.with(0, (lines[0] ?? '').replace(/^\w+/, dice.pick([...methods]))),
  (lines, dice) =>
    lines.map((line) => line.replace(/^CSeq: .*/, `CSeq: ${pick(numbers, dice)} ${dice.pick([...methods])}`)),
  (lines, dice) => lines.map((line) => line.replace(/^Content-Length: .*/, `Content-Length: ${pick(numbers, dice)}`)),
  (lines, dice) => lines.map((line) => line.replace(/;tag=\S*/, dice.pick(['', ';tag=', ';tag=a;tag=b', ';TAG="x"']))),
  (lines, dice) => lines.map((line) => line.replace(/^(From:.*<sip:)[^@]*/, `$1${pick(numbers, dice)}`)),
];

const byteChanges: readonly [(bytes: Buffer, dice: Dice) => Buffer, ...((bytes: Buffer, dice: Dice) => Buffer)[]] = [
  (bytes, dice) => {
    for (let left = 1 + dice.below(8); left > 0; left -= 1) bytes[dice.below(bytes.length)] = dice.below(256);
    return bytes;
  },
  (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)),
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    const noise = Buffer.from(Array.from({ length: dice.below(30) }, () => dice.below(256)));
    return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
  },
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + dice.below(40))]);
  },
];

function pick(from: readonly string[], dice: Dice): string {
  return from[dice.below(from.length)] ?? '';
}

/** With the Content-Length that its body has, so that it gets further. */
function measured(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return bytes;
  return Buffer.from(text.replace(/^Content-Length: .*$/m, `Content-Length: ${text.length - end - 4}`), 'latin1');
}
