import { formatNumber, type NumberRules, ownerIn } from './number.ts';

/** What residents, relatives and neighbours are handed: the three rules of police and banks, what to do, and whom to call. */

export interface Advice {
  readonly rules: readonly string[];
  readonly steps: readonly string[];
  /** The country's numbers first, then those that the site adds, each as people write it. */
  readonly numbers: readonly { readonly name: string; readonly number: string }[];
  readonly emergency: readonly { readonly name: string; readonly number: string }[];
}

const rules = [
  'Your bank and the police never ask for bank details or a PIN.',
  'They never ask you to withdraw money and hand it over, by courier, taxi or any other means.',
  'They never ask for your cards or property to be sent.',
];

const steps = [
  'Hang up. It is not rude: a real police officer, or your real bank, will not mind.',
  'Wait five minutes, or use another telephone. The caller may still be on your line, even when you hear a dial tone.',
  'Call a number that you know, never one that the caller gave you.',
  'Tell somebody you trust. It happens to many people, and it is never your fault.',
];

/** Of the country's safe numbers, those for somebody whom a fraudster has called; the others are in the telephone book. */
const against: Readonly<Record<string, string>> = {
  '101': 'The police',
  '159': 'Your bank',
  '+443001232040': 'Report Fraud',
};

/** What the page says, with the numbers that the site guards, and those it sends straight through. */
export function adviceFor({ pack, guarded, emergency }: NumberRules): Advice {
  const written = (number: string) => formatNumber(number, pack);
  const numbersOf = (numbers: ReadonlyMap<string, string>, own: Readonly<Record<string, string>>) =>
    [...numbers]
      .filter(([number]) => ownerIn(own, number) === undefined)
      .map(([number, name]) => ({ name, number: written(number) }));
  const known = Object.entries(against).map(([number, name]) => ({ name, number: written(number) }));
  const door = { name: 'If somebody comes for money or cards', number: '999' };
  return {
    rules,
    steps,
    numbers: [...known, ...numbersOf(guarded, pack.guarded)],
    emergency: [door, ...numbersOf(emergency, pack.emergency)],
  };
}

/** A sound file of dialplan/sounds/en_GB by its name there, and the silence after it in milliseconds. */
export interface SpokenPiece {
  readonly sound: string;
  readonly pauseMs: number;
}

const betweenDigitsMs = 60;
const betweenGroupsMs = 350;
const afterSentenceMs = 700;

/** The same, spoken. The names of the site's own numbers cannot be: their digits are. */
export function speakAdvice(advice: Advice): SpokenPiece[] {
  const sentences = (...sounds: readonly string[]) => sounds.map((sound) => ({ sound, pauseMs: afterSentenceMs }));
  const [police, bank, report, ...own] = advice.numbers;
  return [
    ...sentences('advice/opening', 'whisper-warning', 'advice/hang-up', 'advice/check'),
    ...(police ? sentences('advice/police') : []),
    ...(bank ? sentences('advice/bank') : []),
    ...(report ? [...sentences('advice/report'), ...speakNumber(report.number)] : []),
    ...own.flatMap(({ number }) => [...sentences('advice/own-number'), ...speakNumber(number)]),
    ...sentences('advice/emergency', 'advice/tell', 'goodbye'),
  ];
}

/** Digit by digit, with a breath where the number is written with a space. */
function speakNumber(number: string): SpokenPiece[] {
  const groups = number
    .replace(/[^\d ]/g, '')
    .trim()
    .split(/ +/);
  return groups.flatMap((group, index) =>
    [...group].map((digit, at) => ({
      sound: `digit-${digit}`,
      pauseMs: at < group.length - 1 ? betweenDigitsMs : index < groups.length - 1 ? betweenGroupsMs : afterSentenceMs,
    })),
  );
}
