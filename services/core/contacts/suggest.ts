import type { ProtectedLine } from '../line.ts';
import type { NumberRules } from '../number.ts';
import type { InboundRecord } from '../record.ts';
import { whyNotTrusted } from './trustable.ts';

/** Numbers that staff may want to trust, from what is on record. Nothing here changes what a line trusts: people do. */

export interface SuggestRules {
  readonly suggestAfterCalls: number;
  readonly suggestTalkSeconds: number;
  readonly suggestWithinDays: number;
}

/** A number that called a line often, and its calls to it. */
export interface Candidate {
  readonly line: ProtectedLine;
  readonly number: string;
  readonly calls: readonly InboundRecord[];
}

export interface Suggestion {
  readonly line: string;
  readonly number: string;
  /** Calls that staff took, and long conversations with a resident who was warned. */
  readonly byStaff: number;
  readonly talked: number;
  /** UTC milliseconds of the last of them. */
  readonly lastAt: number;
  /** What the caller calls himself: a help for memory, and no proof of anything. */
  readonly showsName: string | null;
}

/**
 * The candidates worth asking about at `at`, UTC ms, the most frequent first. Whether a number was ever in a call that was
 * fraud is for whoever gathers the candidates: it takes all the calls there are.
 */
export function suggestContacts(
  candidates: readonly Candidate[],
  rules: SuggestRules,
  numbers: NumberRules,
  at: number,
): readonly Suggestion[] {
  const since = at - rules.suggestWithinDays * 86_400_000;
  return candidates
    .filter(({ line, number }) => isOpen(line, number) && whyNotTrusted(number, numbers) === null)
    .flatMap((candidate) => suggest(candidate, rules, since) ?? [])
    .toSorted((a, b) => b.byStaff + b.talked - (a.byStaff + a.talked) || b.lastAt - a.lastAt);
}

function suggest({ line, number, calls }: Candidate, rules: SuggestRules, since: number): Suggestion | null {
  const recent = calls.filter(({ arrivedAt }) => arrivedAt >= since);
  if (recent.some(isDoubtful)) return null;
  const byStaff = recent.filter(({ ending }) => ending.outcome === 'handled-by-staff');
  const talked = recent.filter((call) => isLongTalk(call, rules));
  const good = [...byStaff, ...talked].filter((call) => showsItself(call, number));
  const last = good.toSorted((a, b) => b.arrivedAt - a.arrivedAt)[0];
  if (last === undefined || good.length < rules.suggestAfterCalls) return null;
  const counted = (calls: readonly InboundRecord[]) => calls.filter((call) => good.includes(call)).length;
  const { name: showsName } = last.caller;
  const counts = { byStaff: counted(byStaff), talked: counted(talked) };
  return { line: line.id, number, ...counts, lastAt: last.arrivedAt, showsName };
}

/** Neither list has the number yet. */
function isOpen(line: ProtectedLine, number: string): boolean {
  return !isListed(line, number) && !line.blocked.includes(number) && number !== line.number;
}

/** The line trusts the number for good. */
export function isListed({ trusted }: Pick<ProtectedLine, 'trusted'>, number: string): boolean {
  return trusted.some((contact) => contact.number === number);
}

/** One call with a sign of forgery, or that staff were alerted of, and the number is not suggested. */
function isDoubtful({ caller, verdict, alerts }: InboundRecord): boolean {
  return (
    caller.signs.length > 0 || verdict?.standing === 'suspect' || verdict?.standing === 'blocked' || alerts.length > 0
  );
}

function isLongTalk(
  { ending, verdict, connectedAt, endedAt }: InboundRecord,
  { suggestTalkSeconds }: SuggestRules,
): boolean {
  // Who rang through unwarned, in a pause, has been asked nothing.
  if (ending.outcome !== 'talked' || connectedAt === null || verdict?.treatment === 'connect') return false;
  return endedAt - connectedAt >= suggestTalkSeconds * 1000;
}

/** The caller showed this very number, and withheld nothing. */
function showsItself({ caller }: InboundRecord, number: string): boolean {
  const shown = [caller.presentation, caller.network].filter((each) => each !== null);
  return !caller.withheld && shown.length > 0 && shown.every(({ e164 }) => e164 === number);
}
