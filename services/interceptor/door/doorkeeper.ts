import type { Ami } from '../../adapters/ami.ts';
import type { PasswordSeen } from '../../adapters/ami-watch.ts';
import { type Ban, banOf, isForgotten, isInForce, readBan, writeBan } from '../../core/guessing.ts';
import type { SipCopy, SipSeen } from '../../core/hep.ts';
import type { AlertQueue } from '../../core/ports.ts';
import type { Log } from '../../log.ts';
import { addressesOf, householdOf, inNetworks } from './addresses.ts';
import { GuessBook } from './guess-book.ts';

/** What Asterisk's own machine calls itself. */
const ownAddresses = ['127.0.0.1', '::1'];
/** An address that proved a telephone's password so lately is never banned, in milliseconds: a week. */
const provenMs = 7 * 86_400_000;
/** It is written down again only after so long. */
const provenAgainMs = 3_600_000;
const lookMs = 2_000;
/** Asterisk compares every message with each. */
const mostBans = 500;
const mostProven = 10_000;

export interface DoorkeeperParts {
  readonly ami: Pick<Ami, 'bans' | 'reload'>;
  /** Writes the addresses that Asterisk is to refuse; whether that changed anything. */
  readonly writeBans: (addresses: readonly string[]) => Promise<boolean>;
  /** Addresses and networks that the site never bans. */
  readonly neverBan: readonly string[];
  /** `host` or `host:port` of each trunk. */
  readonly trunks: readonly string[];
  readonly alerts: AlertQueue;
  readonly log: Log;
  readonly clock: () => number;
}

/**
 * Shuts out whoever guesses telephones' passwords. Bans are kept in AstDB, where they outlive every process and whence
 * `clearline bans` lifts them; Asterisk refuses (403) what it finds in generated/acl.conf. In doubt nobody is banned: a telephone
 * that is shut out cannot call 999.
 */
export class Doorkeeper {
  private readonly parts: DoorkeeperParts;
  private readonly book = new GuessBook();
  private readonly isSpared: (household: string) => boolean;
  /** When an address last proved a password, and whether that is written down. */
  private readonly proven = new Map<string, number>();
  private readonly judging = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private taken = false;
  private knowsProven = false;

  constructor(parts: DoorkeeperParts) {
    this.parts = parts;
    this.isSpared = inNetworks([...ownAddresses, ...parts.neverBan]);
  }

  /** Resolves when the bans that are kept are in force. */
  open(): Promise<void> {
    this.timer = setInterval(() => void this.look(), lookMs);
    return this.look();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** A SIP message passed: was it a challenge of Asterisk's? */
  hearMessage({ nonce, sentBy, destination }: SipSeen & SipCopy): void {
    const household = nonce !== undefined && sentBy === 'us' ? householdOf(destination.address) : null;
    if (nonce === undefined || household === null) return;
    if (this.book.challenged(nonce, household, this.parts.clock())) this.judgeOnce(household);
  }

  /** A password was proved, or was not. */
  hear({ kind, address, nonce }: PasswordSeen): void {
    const household = householdOf(address);
    if (household === null) return;
    if (kind === 'proved') return this.notePassword(household);
    if (this.book.answeredWrong(nonce, household, this.parts.clock())) this.judgeOnce(household);
  }

  private judgeOnce(household: string): void {
    if (this.judging.has(household)) return;
    this.judging.add(household);
    void this.judge(household).finally(() => this.judging.delete(household));
  }

  private notePassword(household: string): void {
    const at = this.parts.clock();
    this.book.answeredRight(household);
    const before = this.proven.get(household);
    if (before !== undefined && at - before < provenAgainMs) return;
    if (before === undefined && this.proven.size >= mostProven) return;
    this.proven.set(household, at);
    void this.parts.ami.bans.put('proven', household, String(Math.floor(at / 1000)));
  }

  private async judge(household: string): Promise<void> {
    const { ami, alerts, log, clock } = this.parts;
    const at = clock();
    const spared = await this.whySpared(household);
    const alert = {
      id: `password-guessing-${household}-${at}`,
      kind: 'password-guessing',
      at,
      line: '',
      call: null,
    } as const;
    await alerts.put(alert).catch((err: unknown) => log.error({ err }, 'an alert could not be queued'));
    if (spared !== null) {
      log.error({ address: household, spared }, 'SOMEBODY GUESSES TELEPHONES’ PASSWORDS and is not shut out');
      return;
    }
    const kept = await ami.bans.read('bans');
    const ban = banOf(household, readBan(household, kept?.get(household) ?? '') ?? undefined, at);
    const done = await ami.bans.put('bans', household, writeBan(ban));
    if (!done.ok) return log.error({ address: household, why: done.why }, 'a guesser could not be shut out');
    log.warn(
      { address: household, until: new Date(ban.until).toISOString(), times: ban.times },
      'somebody guessed telephones’ passwords and is shut out; lift it: clearline bans lift',
    );
    await this.look();
  }

  /** Null for an address that may be banned. */
  private async whySpared(household: string): Promise<string | null> {
    if (this.isSpared(household)) return 'sip.neverBan, or this machine';
    if (!this.knowsProven) return 'AstDB did not say whose telephones are there';
    const provenAt = this.proven.get(household);
    if (provenAt !== undefined && this.parts.clock() - provenAt < provenMs)
      return 'a telephone there proved its password lately';
    const telephones = await this.parts.ami.bans.telephones();
    if (telephones === null) return 'Asterisk did not say where telephones are registered';
    if (telephones.some((address) => householdOf(address) === household)) return 'a telephone is registered there';
    try {
      const trunks = (await Promise.all(this.parts.trunks.map(addressesOf))).flat();
      return trunks.some((address) => householdOf(address) === household) ? 'it is a trunk' : null;
    } catch (error) {
      return `the address of a trunk is not known: ${String(error)}`;
    }
  }

  /** Puts into force what is kept, and takes out what is over or was lifted. One look at a time. */
  private look(): Promise<void> {
    const next = (this.looking ?? Promise.resolve()).then(() => this.compare());
    const settled = next.catch((err: unknown) => this.parts.log.error({ err }, 'bans could not be brought up to date'));
    this.looking = settled;
    return settled;
  }

  private async compare(): Promise<void> {
    const { ami, writeBans, clock } = this.parts;
    const [kept, proven] = await Promise.all([
      ami.bans.read('bans'),
      this.knowsProven ? null : ami.bans.read('proven'),
    ]);
    if (proven !== null) this.recall(proven);
    if (kept === null) return;
    const at = clock();
    const bans: Ban[] = [];
    for (const [address, text] of kept) {
      const ban = readBan(address, text);
      if (ban === null || isForgotten(ban, at)) await ami.bans.remove('bans', address);
      else if (isInForce(ban, at) && householdOf(address) === address && !this.isSpared(address)) bans.push(ban);
    }
    const longest = bans.sort((a, b) => b.until - a.until).slice(0, mostBans);
    const changed = await writeBans(longest.map(({ address }) => address).sort());
    if (changed) this.taken = false;
    if (!this.taken) this.taken = await ami.reload(['acl']);
  }

  private recall(proven: ReadonlyMap<string, string>): void {
    const at = this.parts.clock();
    for (const [address, seconds] of proven) {
      const provenAt = Number(seconds) * 1000;
      if (at - provenAt < provenMs) this.proven.set(address, Math.max(provenAt, this.proven.get(address) ?? 0));
      else void this.parts.ami.bans.remove('proven', address);
    }
    this.knowsProven = true;
  }
}
