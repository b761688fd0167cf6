import type { Store } from '../../adapters/sql/store.ts';
import type { Config } from '../../config.ts';
import type { Suggestion } from '../../core/contacts/suggest.ts';
import { formatNumber } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { findSuggestions } from '../../suggestions.ts';
import { findLine } from '../find-line.ts';
import { count, formatTable, formatTime } from '../table.ts';
import { CommandError, type Session } from '../world.ts';

/** clearline contacts suggestions: numbers that staff may want to trust. Nothing is trusted by itself. */

export async function listSuggestions(session: Session, wanted: string | undefined, json: boolean): Promise<void> {
  const { out, now } = session.world;
  await session.withStore(async (store, config) => {
    const lines = await store.lines.all();
    const only = wanted === undefined ? null : findLine(lines, wanted).id;
    const found = await findSuggestions(store, config, lines, only, now());
    if (json) return out(JSON.stringify(found, null, 2));
    if (found.length === 0) return out(nothing(config));
    const rows = found.map((each) => [
      each.line,
      formatNumber(each.number, gb),
      each.showsName === null ? '' : `“${each.showsName}”`,
      formatTime(each.lastAt, config.site.timeZone),
      tellWhy(each),
    ]);
    out(formatTable(['LINE', 'NUMBER', 'SHOWS THE NAME', 'LAST CALL', 'WHY'], rows));
    out(
      'A name shown is what the caller chose. Ask the resident, then: clearline contacts accept LINE NUMBER --name NAME, or dismiss.',
    );
  });
}

function nothing({ contacts: { suggestAfterCalls, suggestWithinDays } }: Config): string {
  return `No number was put through ${suggestAfterCalls} times in ${count(suggestWithinDays, 'day')} without anything against it.`;
}

function tellWhy({ byStaff, talked }: Suggestion): string {
  const parts = [
    ...(byStaff === 0 ? [] : [`staff took ${count(byStaff, 'call')}`]),
    ...(talked === 0 ? [] : [`the resident talked long in ${count(talked, 'call')}`]),
  ];
  return `${parts.join(', ')}; nobody reported one`;
}

/** Throws CommandError where the number is not suggested. */
export async function checkSuggested(
  session: Session,
  store: Store,
  config: Config,
  line: StoredLine,
  number: string,
): Promise<void> {
  const found = await findSuggestions(store, config, [line], line.id, session.world.now());
  if (found.some((each) => each.number === number)) return;
  const told = formatNumber(number, gb);
  throw new CommandError(
    `${told} is not suggested for ${line.id}. To trust it all the same: clearline contacts add ${line.id} "${told}" --name NAME`,
  );
}
