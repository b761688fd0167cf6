import type { Effect, Leg } from '../../../services/core/call.ts';
import type { CallerIdentity, Signalling } from '../../../services/core/caller.ts';
import type { Stage } from '../../../services/core/inbound/state.ts';
import { decideInbound, type InboundCall, type InboundRules, newInboundCall } from '../../../services/core/inbound.ts';
import type { ProtectedLine } from '../../../services/core/line.ts';
import { numberRules } from '../../../services/core/number.ts';
import { gb } from '../../../services/core/packs/gb.ts';
import { begin, elsiesLine, type Told, tellEffect, tellEnding } from '../told.ts';

export * from '../told.ts';

/**
 * Inbound calls told in a line each: events by short names, effects and stages as words. Every call here has the id `c`,
 * so its playbacks are p1, p2 …; its digit is 5, its resident Elsie Brown in room-12.
 */

export const rules: InboundRules = {
  nameSeconds: 4,
  challengeSeconds: 8,
  messageSeconds: 60,
  reminderSeconds: 300,
  holdSeconds: 300,
  reportedHoldSeconds: 1800,
  safeNumbers: numberRules(gb, {
    emergency: [],
    guarded: [{ number: '0345 111 3333', name: 'Watford Building Society' }],
    premium: [],
    ordinary: [],
    abroadIsPremium: false,
    doNotOriginate: [],
  }),
};

export const signalling: Signalling = {
  from: null,
  assertedIdentity: null,
  privacy: null,
  diversion: null,
  identity: null,
  callId: null,
  userAgent: null,
  sourceAddress: null,
  codecs: [],
};

function caller(e164: string | null): CallerIdentity {
  const presentation = e164 === null ? null : { written: e164, e164 };
  return { presentation, network: null, name: null, withheld: e164 === null, attestation: null, signs: [] };
}

/** Who may call. Only `anna` is on the trusted list; `villain` is blocked; `pretender` shows Anna's number suspiciously. */
export const callers = {
  stranger: caller('+442079460000'),
  withheld: caller(null),
  anna: caller('+441923555100'),
  villain: caller('+441923555666'),
  bank: caller('+443451113333'),
  police: {
    ...caller(null),
    presentation: { written: '101', e164: null },
    withheld: false,
    signs: [{ kind: 'short-code', text: 'The caller showed 101.' }],
  },
  pretender: {
    ...caller('+441923555100'),
    signs: [{ kind: 'attestation-failed', text: 'The network does not vouch for the number.' }],
  },
} satisfies Record<string, CallerIdentity>;

export interface ArrivalOptions
  extends Partial<Pick<ProtectedLine, 'mode' | 'recordCalls' | 'ringSeconds' | 'toneWatch'>> {
  readonly caller?: keyof typeof callers;
  readonly held?: boolean;
  readonly engaged?: boolean;
  readonly calledBefore?: boolean;
  readonly staffed?: boolean;
  readonly known?: boolean;
}

export function arrived(options: ArrivalOptions = {}): Told {
  const { caller: who = 'stranger', held = false, staffed = false, known = true, ...others } = options;
  const { engaged = false, calledBefore = false, ...changes } = others;
  return {
    type: 'Arrived',
    dialled: '01923555012',
    line: known ? { ...elsiesLine, ...changes } : null,
    trunk: 'carrier',
    caller: callers[who],
    signalling,
    held,
    engaged,
    calledBefore,
    staffed,
    random: 0.5,
  };
}

export const presses = (leg: Leg, digit: string): Told => ({ type: 'KeyPressed', leg, digit });
export const recorded = (what: 'name' | 'message' | 'call', seconds = 1): Told => ({
  type: 'RecordingFinished',
  recording: `c-${what}`,
  seconds,
});
export const reminderTime: Told = { type: 'Woke', timer: 'reminder' };
export const restOfNumber: Told = { type: 'Woke', timer: 'keys' };
export const dialTone: Told = { type: 'DialToneHeard', leg: 'caller' };

/** A call on its way, and what the latest event made it do. */
export class Story {
  readonly call: InboundCall;
  readonly effects: readonly Effect[];
  readonly at: number;

  constructor(call: InboundCall = newInboundCall('c', rules), effects: readonly Effect[] = [], at = begin) {
    this.call = call;
    this.effects = effects;
    this.at = at;
  }

  /** The next event, a second after the one before unless said otherwise. */
  on(event: Told, afterMs = 1000): Story {
    const at = this.at + afterMs;
    const { call, effects } = decideInbound(this.call, { ...event, at });
    return new Story(call, effects, at);
  }

  /** Several keys of one party, a second apart; the effects are the last one's. */
  keys(leg: Leg, digits: string): Story {
    return [...digits].reduce((story: Story, digit) => story.on(presses(leg, digit)), this);
  }

  get stage(): string {
    return tellStage(this.call.stage);
  }

  get does(): string[] {
    return this.effects.map(tellEffect);
  }
}

export function tellStage(stage: Stage): string {
  switch (stage.name) {
    case 'challenging':
      return `challenging, ${stage.failures} failed${stage.asking ? ', asking' : ''}`;
    case 'ringing':
    case 'whispering':
    case 'talking':
      return `${stage.name} ${stage.party}`;
    case 'taking-message':
      return stage.since === null ? 'taking-message' : 'taking-message, recording';
    case 'advising':
      return `advising, ${stage.repeats} heard, ${tellEnding(stage.ending)}`;
    case 'parting':
      return `parting from ${stage.to}, ${tellEnding(stage.ending)}`;
    case 'closing':
    case 'ended':
      return `${stage.name}, ${tellEnding(stage.ending)}`;
    default:
      return stage.name;
  }
}
