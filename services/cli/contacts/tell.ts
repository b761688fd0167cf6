import type { Added } from '../../core/contacts/lists.ts';
import type { TrustedContact } from '../../core/line.ts';
import { formatNumber } from '../../core/number.ts';
import { gb } from '../../core/packs/gb.ts';
import type { StoredLine } from '../../core/ports.ts';
import { count } from '../table.ts';

/** What became of contacts, in sentences. */

function tellContact({ number, name }: TrustedContact): string {
  return `${name}, ${formatNumber(number, gb)}`;
}

interface How {
  readonly dryRun: boolean;
  readonly withoutNumber: number;
}

export function tellAdded({ id, resident }: StoredLine, added: Added, { dryRun, withoutNumber }: How): string {
  const { lists } = added;
  const would = dryRun ? 'would be ' : '';
  const named = (contacts: readonly TrustedContact[]) => contacts.map((contact) => `  ${tellContact(contact)}`);
  const part = (what: string, contacts: readonly TrustedContact[]) =>
    contacts.length === 0 ? [] : [`${count(contacts.length, 'number')} ${would}${what}:`, ...named(contacts)];
  return [
    ...part('added', added.added),
    ...part('renamed', added.renamed),
    ...part('left out, being on the blocked list', added.refused),
    ...(added.unchanged.length === 0 ? [] : [`${count(added.unchanged.length, 'number')} stood there already.`]),
    ...(withoutNumber === 0
      ? []
      : [`${count(withoutNumber, 'entry').replace('entrys', 'entries')} without a number left out.`]),
    `${resident} (${id}) ${dryRun ? 'would then trust' : 'trusts'} ${count(lists.trusted.length, 'number')}.`,
    ...(dryRun ? ['Nothing was changed (--dry-run).'] : []),
  ].join('\n');
}
