/** Who may use the console. Plain data; times are UTC milliseconds since the epoch. */

/** `admin` may also take evidence away, end campaigns, and set or lift legal holds. */
export const roles = ['staff', 'admin'] as const;
export type Role = (typeof roles)[number];

export interface Account {
  /** Stands in every record as who did something. */
  readonly name: string;
  readonly role: Role;
  /** Salted and slow to guess; see services/accounts.ts. */
  readonly hash: string;
  readonly disabled: boolean;
  readonly createdAt: number;
}

/** Words that stand for others in records. */
const taken: ReadonlySet<string> = new Set(['clearline', 'resident', 'staff']);

/** Why nobody can be called so, in a sentence; null where they can. */
export function nameFault(name: string): string | null {
  if (!/^[a-z0-9][a-z0-9._-]{0,39}$/.test(name)) {
    return 'A name has lower-case letters, digits, dots and hyphens, at most 40, as in "anna.smith".';
  }
  return taken.has(name) ? `"${name}" stands for somebody else in the records: choose another name.` : null;
}

export interface AccountStore {
  /** False where the name is taken. */
  add(account: Account): Promise<boolean>;
  find(name: string): Promise<Account | null>;
  /** By name. */
  list(): Promise<readonly Account[]>;
  /** With another hash, or disabled, its sessions end. False where there is no such account. */
  change(name: string, change: Partial<Pick<Account, 'role' | 'hash' | 'disabled'>>): Promise<boolean>;
  /** Its sessions end too. False where there is no such account. */
  remove(name: string): Promise<boolean>;
  /** `digest` is of the session's secret, which is kept nowhere. Sessions that are over are forgotten. */
  beginSession(session: Session, limits: SessionLimits): Promise<void>;
  /** Whose session it is, if it is not over and its account may be used; it counts as used at `at`. */
  useSession(digest: string, at: number, limits: SessionLimits): Promise<Account | null>;
  endSession(digest: string): Promise<void>;
}

export interface Session {
  readonly digest: string;
  readonly account: string;
  readonly at: number;
}

/** A session ends when it was not used for so long, and so long after it began. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly longestMs: number;
}
