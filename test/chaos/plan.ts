import { Dice } from '../support/dice.ts';

/** What is to happen in a run, all of it drawn from its seed beforehand. When a thing really happens is the machine's. */

export const faultKinds = [
  'interceptor killed',
  'interceptor stopped',
  'interceptor paused',
  'interceptor hung',
  'worker killed',
  'worker paused',
  'redis killed',
  'redis stopped',
  'redis paused',
  'asterisk killed',
  'asterisk paused',
  'ARI cut',
  'ARI half open',
  'AMI refused',
  'SQL locked',
  'SQL read-only',
  'SQL moved',
  "worker's disk full",
  "interceptor's disk full",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface PlannedFault {
  readonly kind: FaultKind;
  /** After the beginning of its round. */
  readonly afterMs: number;
  /** Until it is mended, where it does not mend itself. */
  readonly lastsMs: number;
}

/** Faults that overlap, or one alone; then everything is given the time to recover, and left alone for `calmMs`. */
export interface Round {
  readonly faults: readonly PlannedFault[];
  readonly calmMs: number;
}

/** What a home does next; the actors decide by these what a person would. Times in milliseconds. */
export interface PlannedScene {
  readonly kind: SceneKind;
  readonly talkMs: number;
  readonly pauseMs: number;
  /** Who ends a conversation; which number is dialled. */
  readonly byCaller: boolean;
  readonly number: '101' | '159' | '999' | '112';
  /** A far end that never answers a goodbye, and goes on sending sound. */
  readonly stubborn: boolean;
}

export const sceneKinds = [
  'trusted talk',
  'stranger talks',
  'ordinary',
  'guarded',
  'guarded after a suspect',
  'guarded beside a suspect',
  'ghost dial',
  'emergency',
  'emergency beside a suspect',
] as const;
export type SceneKind = (typeof sceneKinds)[number];

/** Each kind of person who calls and is of no further interest, as often as it stands here. */
export const crowdKinds = [
  'trusted',
  'trusted',
  'trusted',
  'stranger',
  'stranger',
  'blocked',
  'unknown number',
  'hangs up early',
  'hangs up early',
  'not at home',
] as const;
export type CrowdKind = (typeof crowdKinds)[number];

export interface PlannedCall {
  readonly kind: CrowdKind;
  readonly atMs: number;
  /** How long the caller talks, or waits before giving up. */
  readonly staysMs: number;
}

/** Endless: every kind of fault comes before any comes again, and a part of Clearline has one fault at a time. */
export function* planRounds(seed: number, only: readonly FaultKind[] = faultKinds): Generator<Round, never> {
  const dice = new Dice(seed);
  let bag: FaultKind[] = [];
  for (;;) {
    const faults: PlannedFault[] = [];
    const wanted = dice.happens(0.4) ? 2 + dice.below(2) : 1;
    while (faults.length < wanted) {
      if (bag.length === 0) bag = shuffled(only, dice);
      const kind = bag.find((each) => faults.every((fault) => areApart(fault.kind, each)));
      if (kind === undefined) break;
      bag.splice(bag.indexOf(kind), 1);
      faults.push({ kind, afterMs: faults.length === 0 ? 0 : dice.below(2_500), lastsMs: 800 + dice.below(3_200) });
    }
    yield { faults, calmMs: 1_500 + dice.below(4_000) };
  }
}

/** The part a fault is of. AMI is refused on Asterisk's own console; ARI is cut between Asterisk and the interceptor. */
function areApart(one: FaultKind, other: FaultKind): boolean {
  const part = (kind: FaultKind) => kind.split(' ')[0]?.replace("'s", '').replace('AMI', 'asterisk');
  return part(one) !== part(other);
}

/** Endless: what one home does, scene after scene. */
export function* planScenes(seed: number, home: number): Generator<PlannedScene, never> {
  const dice = new Dice(seed * 1_000 + home);
  let bag: SceneKind[] = [];
  for (;;) {
    if (bag.length === 0) bag = shuffled(sceneKinds, dice);
    const kind = bag.pop() ?? 'guarded';
    const emergency = kind.startsWith('emergency');
    yield {
      kind,
      talkMs: 1_500 + dice.below(7_000),
      pauseMs: 200 + dice.below(1_500),
      byCaller: dice.happens(0.5),
      number: emergency ? dice.pick(['999', '112']) : dice.pick(['101', '159']),
      stubborn: dice.happens(0.5),
    };
  }
}

/** The calls of `seconds` at `rate` a second, none of them at quite the same moment. */
export function planCrowd(seed: number, seconds: number, rate: number): PlannedCall[] {
  const dice = new Dice(seed * 7 + 1);
  return Array.from({ length: Math.floor(seconds * rate) }, (_, index) => ({
    kind: dice.pick(crowdKinds),
    atMs: ((index + dice.next()) * 1_000) / rate,
    staysMs: 300 + dice.below(4_000),
  }));
}

function shuffled<T>(kinds: readonly T[], dice: Dice): T[] {
  return kinds
    .map((kind) => ({ kind, rank: dice.next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ kind }) => kind);
}
