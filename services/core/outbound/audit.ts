import type { CallEvent, Ending } from '../call.ts';
import { causes } from '../causes.ts';
import { assessLine, channelsOnLine, type LineEvidence, strangersAmongPeers } from '../clearance.ts';
import { awaitTheEnd, close } from './ending.ts';
import { forgetLook, look } from './look.ts';
import type { Audit, Stage } from './state.ts';
import type { OutboundStep, Step } from './step.ts';

/** From the far end's answer on. A guarded call that left over a trunk is looked at once more, now that it is connected. */

const lookAgainMs = 100;
const silentAgainMs = 1_000;
const lastLookMs = 3_000;
/** A channel that was cut twice and is still there at this look ends the call. */
const stubborn = 3;
const silentLooks = 10;
/** Somebody who calls again and again is refused and cut each time; looking for them does not go on for ever. */
const mostLooks = 30;

type Connected = Extract<Stage, { name: 'connected' }>;

export function connect(step: OutboundStep, audited: boolean): Step {
  const audit: Audit | null = audited ? { phase: 'first', looks: 0, silent: 0, seen: {} } : null;
  step.leg('far', 'up').set({ refusedWith: null }).enter({ name: 'connected', audit }, null);
  if (audited) look(step);
  return step.done();
}

export function onConnected(step: OutboundStep, stage: Connected, event: CallEvent): Step {
  if (event.type === 'HungUp' && event.leg === 'far') return awaitTheEnd(step, connectedEnding('far'));
  // The dialplan gives the resident back instead of ending their leg.
  if (event.type === 'CameBack') return close(step, connectedEnding('far'));
  const { audit } = stage;
  if (audit === null || audit.phase === 'over') return step.done();
  if (event.type === 'LineInspected') return onAuditLook(step, audit, event.evidence);
  if (event.type === 'TakenOver') return look(forgetLook(step)).done();
  const lost = step.guard.look !== 'none';
  if (event.type === 'EffectFailed' && event.effect === 'InspectLine' && lost)
    return onSilence(forgetLook(step), audit);
  if (event.type !== 'Woke' || event.timer !== 'inspect') return step.done();
  return lost ? onSilence(forgetLook(step), audit) : look(step).done();
}

export function connectedEnding(by: Ending['by']): Ending {
  return { outcome: 'connected', by, cause: causes.normal };
}

function onAuditLook(step: OutboundStep, before: Audit, evidence: LineEvidence): Step {
  const { look: asked } = step.guard;
  if (asked === 'none') return step.done();
  forgetLook(step);
  if (asked === 'stale') return look(step).done();
  const others = channelsOnLine(evidence);
  const seen = Object.fromEntries(others.map((channel) => [channel, timesSeen(before, channel) + 1]));
  const audit: Audit = { ...before, looks: before.looks + 1, seen: { ...before.seen, ...seen } };
  const isStubborn = others.some((channel) => timesSeen(audit, channel) >= stubborn);
  if (strangersAmongPeers(evidence).length > 0 || isStubborn) return cutCall(step, evidence);
  if (others.length > 0 && audit.looks < mostLooks) {
    // They are connected to nobody; an offender who rings again must not be able to end this call.
    return step
      .set({ stage: { name: 'connected', audit } })
      .ask({ do: 'Cut', channels: others })
      .wake('inspect', lookAgainMs)
      .done();
  }
  if (evidence.ari === null || evidence.ami === null) return onSilence(step, audit);
  return pass(step, audit);
}

/** Ids are Asterisk's, not ours: `constructor` must not find anything. */
function timesSeen({ seen }: Audit, channel: string): number {
  return Object.hasOwn(seen, channel) ? (seen[channel] ?? 0) : 0;
}

function pass(step: OutboundStep, audit: Audit): Step {
  const phase = audit.phase === 'first' ? 'last' : 'over';
  step.set({ stage: { name: 'connected', audit: { phase, looks: 0, silent: 0, seen: {} } } });
  return (phase === 'last' ? step.wake('inspect', lastLookMs) : step.unwake('inspect')).done();
}

/** The look before the call left was clear: a witness that falls silent afterwards is told of, and ends no call to the police. */
function onSilence(step: OutboundStep, before: Audit): Step {
  const audit: Audit = { ...before, silent: before.silent + 1 };
  if (audit.silent < silentLooks) {
    return step
      .set({ stage: { name: 'connected', audit } })
      .wake('inspect', silentAgainMs)
      .done();
  }
  step.set({ stage: { name: 'connected', audit: { ...audit, phase: 'over' } } }).unwake('inspect');
  return step.ask({ do: 'Raise', alert: 'audit-failed' }).done();
}

/**
 * Somebody else hears the resident, or cannot be got rid of. The dialplan has the resident's leg, so no word can be said to
 * them: it is hung up, and their telephone is free to dial again.
 */
function cutCall(step: OutboundStep, evidence: LineEvidence): Step {
  const assessment = assessLine(evidence);
  step.hangUp('far', causes.normal);
  if (assessment.state === 'clearing') step.ask({ do: 'Cut', channels: assessment.suspects });
  step.ask({ do: 'Raise', alert: 'audit-failed' });
  return close(step, { outcome: 'cut-by-audit', by: 'clearline', cause: causes.normal });
}
