import { createHash } from 'node:crypto';
import { keysOf } from '../../../services/adapters/sql/call-keys.ts';
import { columnsOfSighting } from '../../../services/adapters/sql/campaign-rows.ts';
import { toRow } from '../../../services/adapters/sql/chain-rows.ts';
import { columnsOf } from '../../../services/adapters/sql/columns.ts';
import type { Tables } from '../../../services/adapters/sql/schema.ts';
import type { Outcome } from '../../../services/core/call.ts';
import { type ChainHead, emptyChain, linkCall } from '../../../services/core/evidence/chain.ts';
import { type Incident, incidentOutcomes } from '../../../services/core/incident/incident.ts';
import type { FinishedCall, InboundRecord } from '../../../services/core/record.ts';
import { Dice } from '../../support/dice.ts';
import { callingNumber, finishedCall, finishedOutgoing, monday } from '../../support/finished-call.ts';
import { openedIncident } from '../../support/incidents.ts';
import { day, hour, sighting, usualRules } from '../../support/sightings.ts';

/**
 * Two years of many homes, as rows: each call with its record and journal in the shape in which they are stored. How often what
 * happens is assumed; the dates, lines, areas and numbers are spread as evenly as chance has it.
 */

export interface HistorySize {
  readonly calls: number;
  readonly incidents: number;
  readonly alerts: number;
  readonly areas: number;
  readonly linesPerArea: number;
}

export const days = 730;
export const begin = monday - days * day;
export const recipients = ['warden', 'night-staff', 'daughter', 'care-app', 'pager'] as const;

export type Rows = { [T in keyof Tables]?: Tables[T][] };

type Standing = 'trusted' | 'unvouched' | 'suspect' | 'blocked';

/** Of a hundred calls to a line: how many end so, and who called. */
const kinds: readonly (readonly [number, Outcome, Standing])[] = [
  [58, 'talked', 'trusted'],
  [4, 'no-answer', 'trusted'],
  [14, 'talked', 'unvouched'],
  [9, 'challenge-failed', 'unvouched'],
  [5, 'caller-gone', 'unvouched'],
  [3, 'handled-by-staff', 'unvouched'],
  [3, 'no-answer', 'unvouched'],
  [2, 'refused', 'blocked'],
  [2, 'challenge-failed', 'suspect'],
];

export class MadeHistory {
  readonly size: HistorySize;
  private readonly dice = new Dice(2026);
  private head: ChainHead = emptyChain;
  private incidents = 0;

  constructor(size: HistorySize) {
    this.size = size;
  }

  area(index: number): string {
    return `Area ${index % this.size.areas}`;
  }

  line(index: number): string {
    return `a${index % this.size.areas}-${Math.floor(index / this.size.areas) % this.size.linesPerArea}`;
  }

  /** Some lines are rung by the same few people for years, and once by each of many strangers. */
  private number(standing: Standing, line: number): string {
    if (standing === 'trusted') return `+4419235${String((line * 7 + this.dice.below(6)) % 100_000).padStart(5, '0')}`;
    return `+447${String(100_000_000 + this.dice.below(400_000) * 1999).padStart(9, '0')}`;
  }

  /** What does not grow with the calls. */
  base(): Rows {
    const all = Array.from({ length: this.size.areas * this.size.linesPerArea }, (_, index) => index);
    return {
      lines: all.map((index) => ({
        id: this.line(index),
        number: `+441923${String(600_000 + index)}`,
        resident: `Resident ${index}`,
        area: this.area(index),
        mode: 'guarded',
        record_calls: 0,
        tone_watch: 1,
        ring_seconds: 30,
        phone_secret: `secret-${index}`,
      })),
      line_contacts: all.map((index) => ({
        line_id: this.line(index),
        kind: 'trusted',
        position: 0,
        number: this.number('trusted', index),
        name: 'Anna',
      })),
    };
  }

  /** The calls from `from` on, oldest first, with all that hangs on them. */
  batch(from: number, count: number): Rows {
    const made = Array.from({ length: count }, (_, index) => this.call(from + index));
    const rows: Required<Pick<Rows, (typeof kept)[number]>> = {
      calls: [],
      call_facts: [],
      call_keys: [],
      journal_chain: [],
      sightings: [],
      incidents: [],
      incident_versions: [],
      incident_calls: [],
      alerts: [],
      deliveries: [],
      campaigns: [],
      campaign_calls: [],
    };
    for (const [offset, call] of made.entries()) {
      const { calls, facts } = columnsOf(call);
      rows.calls.push(calls);
      for (const key of keysOf(calls.party_search)) {
        rows.call_keys.push({ call_id: calls.id, ...key, arrived_at: calls.arrived_at });
      }
      rows.call_facts.push(facts);
      const account = { call: facts.call_id, revision: 0, record: facts.record, journal: facts.journal };
      const link = linkCall(this.head, account, call.record.endedAt, sha256);
      this.head = link;
      rows.journal_chain.push(toRow(link));
      rows.sightings.push(columnsOfSighting(this.seen(call)));
      this.hang(call, from + offset, rows);
    }
    return rows;
  }

  get chainHead(): ChainHead {
    return this.head;
  }

  private call(index: number): FinishedCall {
    const at = begin + Math.floor((index / this.size.calls) * days * day);
    const place = this.dice.below(this.size.areas * this.size.linesPerArea);
    const [line, area] = [this.line(place), this.area(place)];
    const id = `1f3a-${Math.floor(at / 1000)}.${index}`;
    const known = { id, line, area, resident: `Resident ${place}`, arrivedAt: at };
    if (this.dice.happens(0.12)) {
      const guarded = this.dice.happens(0.1);
      const number = guarded
        ? ({ class: 'guarded', number: '101', prefix: null, name: 'Police' } as const)
        : ({ class: 'ordinary', number: this.number('trusted', place), prefix: null } as const);
      return finishedOutgoing({ ...known, number, dialled: number.number.replace('+44', '0'), endedAt: at + 90_000 });
    }
    const [, outcome, standing] = this.isReported(index)
      ? ([0, 'reported', 'unvouched'] as const)
      : this.kind(this.dice.below(100));
    const e164 = this.number(standing, place);
    const base = finishedCall().record;
    const caller = { ...base.caller, name: null, presentation: callingNumber(e164.replace('+44', '0'), e164) };
    return finishedCall({
      ...known,
      caller,
      connectedAt: outcome === 'talked' ? at + 30_000 : null,
      endedAt: at + 60_000,
      verdict: base.verdict && { ...base.verdict, standing },
      ending: { ...base.ending, outcome },
    });
  }

  private kind(percent: number): (typeof kinds)[number] {
    let upTo = 0;
    for (const kind of kinds) {
      upTo += kind[0];
      if (percent < upTo) return kind;
    }
    return kinds[0] ?? [100, 'talked', 'trusted'];
  }

  private isReported(index: number): boolean {
    return index % Math.floor(this.size.calls / this.size.incidents) === 0;
  }

  private seen({ record }: FinishedCall) {
    const inbound = record.direction === 'inbound' ? record : null;
    return sighting({
      call: record.id,
      at: record.arrivedAt,
      line: record.line ?? '',
      area: record.area ?? '',
      shown: inbound?.verdict?.standing === 'unvouched' ? (inbound.caller.presentation?.e164 ?? null) : null,
      claim: this.dice.happens(0.002) ? 'police' : null,
      reported: record.ending.outcome === 'reported',
      counts: inbound?.verdict?.standing !== 'trusted' && inbound !== null,
    });
  }

  private hang(call: FinishedCall, index: number, rows: Required<Pick<Rows, (typeof kept)[number]>>): void {
    const { record } = call;
    if (index % Math.floor(this.size.calls / this.size.alerts) === 0) this.alert(record.id, record, index, rows);
    if (record.direction !== 'inbound' || !this.isReported(index)) return;
    const campaign = this.incidents % 5 === 0 ? `campaign-${Math.floor(this.incidents / 20)}` : null;
    const incident = this.incident(record, campaign);
    this.incidents += 1;
    const { id, at, line, area, outcome, status, version } = incident;
    const document = JSON.stringify(incident);
    const flags = { legal_hold: 0, at_risk: outcome === 'handed-over' ? 1 : 0, told: 1 };
    rows.incidents.push({ id, at, line, area, outcome, status, campaign, version, changed_at: at, ...flags, document });
    for (const each of [1, 2, 3])
      rows.incident_versions.push({ incident_id: id, version: each, at, by_whom: 'warden', document });
    rows.incident_calls.push({ call_id: record.id, incident_id: id });
    if (campaign === null) return;
    if (this.incidents % 20 === 1) rows.campaigns.push(campaignRow(campaign, record));
    rows.campaign_calls.push({ call_id: record.id, campaign, at, line: line ?? '', area: area ?? '' });
  }

  private incident(record: InboundRecord, campaign: string | null): Incident {
    const { id, line, area, resident, arrivedAt } = record;
    return openedIncident({
      id: `incident-${id}`,
      ...{ at: arrivedAt, openedAt: record.endedAt, line, area, resident, calls: [id], campaign, version: 3 },
      status: this.dice.happens(0.03) ? 'mistaken' : this.dice.happens(0.1) ? 'open' : 'closed',
      outcome: this.dice.happens(0.05) ? null : this.dice.pick(incidentOutcomes),
    });
  }

  private alert(
    id: string,
    { arrivedAt: at, line, area }: FinishedCall['record'],
    index: number,
    rows: Required<Pick<Rows, 'alerts' | 'deliveries'>>,
  ): void {
    const alert = `alert-${id}`;
    const kind = this.dice.pick(['reported', 'call-while-held', 'not-released', 'campaign']);
    rows.alerts.push({ id: alert, kind, at, line: line ?? '', call_id: id, area, incident: null, campaign: null });
    const state = this.dice.happens(0.005) ? 'failed' : this.dice.happens(0.2) ? 'merged' : 'sent';
    rows.deliveries.push({
      id: `${alert}-to`,
      alert,
      recipient: recipients[index % recipients.length] ?? 'warden',
      channel: 'email',
      state,
      digest: null,
      ...{ planned_at: at, planned_for: at, due: at, attempts: 1, claim: null, claimed_until: null },
      sent_at: state === 'sent' ? at + 2000 : null,
      fault: state === 'failed' ? 'the mail server refused it' : null,
    });
  }
}

const kept = [
  ...(['calls', 'call_facts', 'call_keys', 'journal_chain', 'sightings', 'incidents', 'incident_versions'] as const),
  ...(['incident_calls', 'alerts', 'deliveries', 'campaigns', 'campaign_calls'] as const),
];

function campaignRow(id: string, { id: call, arrivedAt: at }: InboundRecord): Tables['campaigns'] {
  const ended_at = at + usualRules.quietHours * hour;
  const told = { reasons: '["The number rang 4 lines."]', ended_at, ended_by: 'clearline', ended_why: 'quiet' };
  return {
    id,
    kind: 'number',
    key: id,
    first_call: call,
    first_at: at,
    last_at: at,
    found_by: call,
    found_at: at,
    ...told,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
