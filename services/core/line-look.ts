import type { Sighting } from './clearance.ts';

/**
 * How a witness looks at a line. First a glance, whose cost does not grow with the other calls on the machine: only where
 * that is not quiet does the witness list every channel, to say who is there.
 */

/** What a witness is asked: who else is on this line, and to whom is the call's own leg connected? */
export interface LineQuestion {
  readonly line: string;
  /** The call's first channel, whose leg is the resident's; null where the line is to have nobody at all. */
  readonly channel: string | null;
  /** Channels that are no answer, the call's own above all: id to name. */
  readonly own: ReadonlyMap<string, string>;
}

/** Somebody who looks afresh whenever asked; null when there is no answer within a second. */
export type Witness = (question: LineQuestion) => Promise<Sighting>;

export interface Glance {
  /** The telephone's own channels, by id or by name. */
  readonly telephone: readonly string[];
  /** How many callers' legs the line has. */
  readonly callers: number;
  /** Whom the call's own leg is connected to, by name. */
  readonly peers: readonly string[];
}

/**
 * One channel of Asterisk's; `line` is the account code its legs are marked with. Those of an emergency call bear another,
 * `room-12/emergency`: they are no way to a suspect, and nobody may touch them.
 */
export interface ChannelRow {
  readonly id: string;
  readonly name: string;
  readonly line: string;
}

/** The names in BRIDGEPEER, or whatever else lists names in one text. */
export function namesIn(list: string, separator: string): string[] {
  return list.split(separator).filter((name) => name !== '');
}

/** Nobody but the call itself is on the line or connected to it. */
export function isQuiet(glance: Glance, { own }: LineQuestion): boolean {
  const known = new Set([...own.keys(), ...own.values()]);
  return glance.callers === 0 && [...glance.telephone, ...glance.peers].every((channel) => known.has(channel));
}

/** What a quiet glance saw, as channel ids: nobody, and the call's own far end once it is there. */
export function seenAtAGlance({ peers }: Glance, question: LineQuestion): Seen {
  return { channels: [], peers: peers.map(idIn(question.own)) };
}

/** What a list of every channel shows of the line. */
export function seenInList(rows: readonly ChannelRow[], { peers }: Glance, question: LineQuestion): Seen {
  const { line, own } = question;
  const names = new Map([...own, ...rows.map(({ id, name }) => [id, name] as const)]);
  const others = rows.filter((row) => row.line === line && !own.has(row.id));
  return { channels: others.map(({ id }) => id), peers: peers.map(idIn(names)) };
}

type Seen = Pick<NonNullable<Sighting>, 'channels' | 'peers'>;

/** A channel that is on no list keeps its name: it is somebody all the same. */
function idIn(names: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => [...names].find(([, known]) => known === name)?.[0] ?? name;
}
