import { readNumber } from '../core/number.ts';
import { gb } from '../core/packs/gb.ts';
import type { StoredLine } from '../core/ports.ts';
import { CommandError } from './world.ts';

/** The most lines that are named to whoever asked for one there is not. */
const mostNamed = 20;

/** The line with this id or number. Throws CommandError, which names the lines there are. */
export function findLine(lines: readonly StoredLine[], wanted: string): StoredLine {
  const { number } = readNumber(wanted, gb);
  const line = lines.find((candidate) => candidate.id === wanted || candidate.number === number);
  if (line) return line;
  if (lines.length === 0) throw new CommandError('No line is protected yet: clearline lines import FILE');
  const named = lines.slice(0, mostNamed).map(({ id, resident }) => `${id} (${resident})`);
  const more = lines.length > mostNamed ? `, and ${lines.length - mostNamed} more (clearline lines list)` : '';
  throw new CommandError(`There is no line ${wanted}. The lines there are: ${named.join(', ')}${more}.`);
}
