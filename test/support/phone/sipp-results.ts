import { parse } from 'csv-parse/sync';

/** One call as its caller saw it. Times are milliseconds since the epoch by SIPp's clock, which steps by up to 4 ms. */
export interface LoadCall {
  readonly callId: string;
  readonly number: string;
  readonly to: string;
  readonly invitedAt: number;
  readonly ringingAt: number | null;
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  /** The final response to the INVITE; 0 when none came. */
  readonly status: number;
  readonly endedBy: 'caller' | 'far end' | null;
}

export interface LoadResult {
  readonly calls: readonly LoadCall[];
  /** SIPp's own count of calls that went through the scenario. */
  readonly succeeded: number;
  /** Calls that met a message the scenario has no place for, or none in time. `errors` has SIPp's words. */
  readonly failed: number;
  readonly retransmissions: number;
  readonly errors: string;
}

/** The last line of SIPp's statistics: the totals. */
export function readStat(text: string): Pick<LoadResult, 'succeeded' | 'failed' | 'retransmissions'> {
  const rows: Record<string, string>[] = parse(text, { delimiter: ';', columns: true, relax_column_count: true });
  const last = rows.at(-1) ?? {};
  const count = (name: string) => Number(last[name] ?? Number.NaN);
  return {
    succeeded: count('SuccessfulCall(C)'),
    failed: count('FailedCall(C)'),
    retransmissions: count('Retransmissions(C)'),
  };
}

interface Message {
  readonly at: number;
  readonly sent: boolean;
  readonly callId: string;
  /** The method of the CSeq: what a response answers. */
  readonly method: string;
  readonly first: string;
}

/** Folds SIPp's log of short messages into one entry a call, in the order they were placed. */
export function readCalls(log: string, rows: readonly { to: string; number: string }[]): LoadCall[] {
  const byCall = new Map<string, Message[]>();
  for (const line of log.split('\n')) {
    const [, , epoch, way, callId, cseq, first] = line.split('\t');
    if (callId === undefined || cseq === undefined || first === undefined) continue;
    const message = { at: Number(epoch) * 1000, sent: way === 'S', callId, method: cseq.split(' ')[1] ?? '', first };
    const messages = byCall.get(callId);
    if (messages === undefined) byCall.set(callId, [message]);
    else messages.push(message);
  }
  return [...byCall.values()].map((messages) => readCall(messages, rows));
}

function readCall(messages: readonly Message[], rows: readonly { to: string; number: string }[]): LoadCall {
  const response = (least: number, most: number) =>
    messages.find(({ sent, method, first }) => {
      const status = statusOf(first);
      return !sent && method === 'INVITE' && status >= least && status <= most;
    });
  const callId = messages[0]?.callId ?? '';
  // SIPp names its calls 1-pid@host, 2-pid@host …, and takes the rows in turn.
  const row = rows[(Number.parseInt(callId, 10) - 1) % rows.length];
  const answer = response(200, 299);
  const final = answer ?? response(300, 699);
  const goodbye = messages.find(({ first }) => /^(BYE|CANCEL) /.test(first));
  return {
    callId,
    number: row?.number ?? '',
    to: row?.to ?? '',
    invitedAt: messages[0]?.at ?? 0,
    ringingAt: response(180, 180)?.at ?? null,
    answeredAt: answer?.at ?? null,
    endedAt: goodbye?.at ?? (answer === undefined ? (final?.at ?? null) : null),
    status: final === undefined ? 0 : statusOf(final.first),
    endedBy: endedBy(goodbye, final),
  };
}

function endedBy(goodbye: Message | undefined, final: Message | undefined): LoadCall['endedBy'] {
  if (goodbye !== undefined) return goodbye.sent ? 'caller' : 'far end';
  return final !== undefined && statusOf(final.first) >= 300 ? 'far end' : null;
}

function statusOf(first: string): number {
  return first.startsWith('SIP/2.0 ') ? Number(first.split(' ')[1]) : 0;
}
