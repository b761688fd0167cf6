import type { Store } from './adapters/sql/store.ts';
import type { Config } from './config.ts';
import { type Suggestion, suggestContacts } from './core/contacts/suggest.ts';
import { numberRules } from './core/number.ts';
import { gb } from './core/packs/gb.ts';
import type { StoredLine } from './core/ports.ts';

const dayMs = 86_400_000;

/** Numbers that staff may want to trust, of one line (`only`) or of all. `now`: UTC milliseconds. Nothing is trusted by itself. */
export async function findSuggestions(
  { contacts }: Pick<Store, 'contacts'>,
  config: Pick<Config, 'contacts' | 'numbers'>,
  lines: readonly StoredLine[],
  only: string | null,
  now: number,
): Promise<readonly Suggestion[]> {
  const rules = config.contacts;
  const found = await contacts.candidates(only, now - rules.suggestWithinDays * dayMs, rules.suggestAfterCalls);
  const known = new Map(lines.map((line) => [line.id, line]));
  const candidates = found.flatMap(({ line: id, number, calls }) => {
    const line = known.get(id);
    return line === undefined ? [] : [{ line, number, calls }];
  });
  return suggestContacts(candidates, rules, numberRules(gb, config.numbers), now);
}
