import type { Expectation, Pause } from '../../core/contacts/windows.ts';
import { isPaused } from '../../core/line.ts';
import { formatNumber } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { findLine } from '../find-line.ts';
import { formatTable, formatTime } from '../table.ts';
import type { Session } from '../world.ts';

/** clearline contacts list: whom a line knows, for good and for a while. */

export async function listContacts(session: Session, wanted: string, json: boolean): Promise<void> {
  const { out, now } = session.world;
  await session.withStore(async (store, config) => {
    const at = now();
    const line = findLine(await store.lines.all(), wanted);
    const [expected, [latest]] = await Promise.all([
      store.contacts.expectations(line.id, at),
      store.contacts.pauses(line.id, 1),
    ]);
    const pause = latest !== undefined && isPaused(line, at) ? latest : null;
    const { id, trusted, blocked } = line;
    if (json) return out(JSON.stringify({ line: id, trusted, blocked, expected, pause }, null, 2));
    out(tellLists(line, expected, pause, config.site.timeZone));
  });
}

function tellLists(
  { id, resident, mode, trusted, blocked }: StoredLine,
  expected: readonly Expectation[],
  pause: Pause | null,
  timeZone: string,
): string {
  const rows = [
    ...trusted.map(({ number, name }) => ['trusted', formatNumber(number, gb), name]),
    ...blocked.map((number) => ['blocked', formatNumber(number, gb), '']),
    ...expected.map((each) => [
      'expected',
      each.number === null ? '(any stranger)' : formatNumber(each.number, gb),
      `${each.name}, ${formatTime(each.from, timeZone)} to ${formatTime(each.until, timeZone)}, as ${each.by} said; id ${each.id}`,
    ]),
  ];
  const paused =
    pause === null ? '' : `, paused until ${formatTime(pause.until, timeZone)} by ${pause.by}: ${pause.why}`;
  const head = `${resident} (${id}): mode ${mode}${paused}.`;
  return rows.length === 0
    ? `${head}\nIts lists are empty.`
    : `${head}\n${formatTable(['LIST', 'NUMBER', 'NAME'], rows)}`;
}
