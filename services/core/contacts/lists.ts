import type { ProtectedLine, TrustedContact } from '../line.ts';

/** A line's two lists, and how somebody changes them: what was asked for, and what came of it. */
export type Lists = Pick<ProtectedLine, 'trusted' | 'blocked'>;

export interface Added {
  readonly lists: Lists;
  readonly added: readonly TrustedContact[];
  /** Were on the list under another name. */
  readonly renamed: readonly (TrustedContact & { readonly formerly: string })[];
  readonly unchanged: readonly TrustedContact[];
  /** Are on the blocked list, which stands above. */
  readonly refused: readonly TrustedContact[];
}

/** A call's journal holds its line with the whole list, so the list is one that a person can oversee. */
export const mostTrusted = 500;

/** Puts contacts on the trusted list; of two with one number the later name stands. Numbers are in the lists' form. */
export function trust({ trusted, blocked }: Lists, contacts: readonly TrustedContact[]): Added {
  const listed = new Map(trusted.map((contact) => [contact.number, contact]));
  const wanted = new Map(contacts.map((contact) => [contact.number, contact]));
  const added: TrustedContact[] = [];
  const renamed: (TrustedContact & { formerly: string })[] = [];
  const unchanged: TrustedContact[] = [];
  const refused: TrustedContact[] = [];
  for (const contact of wanted.values()) {
    const known = listed.get(contact.number);
    if (blocked.includes(contact.number)) refused.push(contact);
    else if (known === undefined) added.push(contact);
    else if (known.name === contact.name) unchanged.push(contact);
    else renamed.push({ ...contact, formerly: known.name });
    if (!refused.includes(contact)) listed.set(contact.number, contact);
  }
  return { lists: { trusted: [...listed.values()], blocked }, added, renamed, unchanged, refused };
}

/** Puts a number on the blocked list, and takes it off the trusted one. */
export function block({ trusted, blocked }: Lists, number: string): Lists {
  return {
    trusted: trusted.filter((contact) => contact.number !== number),
    blocked: blocked.includes(number) ? blocked : [...blocked, number],
  };
}

/** Takes a number off both lists. */
export function unlist({ trusted, blocked }: Lists, number: string): Lists {
  return {
    trusted: trusted.filter((contact) => contact.number !== number),
    blocked: blocked.filter((each) => each !== number),
  };
}
