import { describe, expect, it } from 'vitest';
import type { CallerIdentity, SignKind } from '../../services/core/caller.ts';
import { modeInForce, type ProtectedLine, type ScreeningMode } from '../../services/core/line.ts';
import { type Circumstances, type ReasonKind, screenCaller, type Treatment } from '../../services/core/screen.ts';
import { storedLine } from '../support/finished-call.ts';

/** What bears on a call's screening beside who calls: hold, raised guard, pause, and who is expected. */

const noon = Date.UTC(2026, 10, 23, 12);
const later = noon + 1;
const plumber = '+441923555700';
const { phoneSecret: _, ...line }: ProtectedLine & { phoneSecret: string } = storedLine();

function caller(number: string | null, ...signs: SignKind[]): CallerIdentity {
  return {
    presentation: number === null ? null : { written: number, e164: number },
    network: null,
    name: null,
    withheld: number === null,
    attestation: null,
    signs: signs.map((kind) => ({ kind, text: `The sign ${kind} was seen.` })),
  };
}

describe('the mode in force', () => {
  type Of = 'free' | 'held' | 'raised' | 'both';
  it.each<[ScreeningMode, 'paused' | 'not paused', Record<Of, ScreeningMode>]>([
    ['paused', 'not paused', { free: 'paused', held: 'announce', raised: 'announce', both: 'announce' }],
    ['announce', 'not paused', { free: 'announce', held: 'guarded', raised: 'guarded', both: 'guarded' }],
    ['guarded', 'not paused', { free: 'guarded', held: 'trusted-only', raised: 'trusted-only', both: 'trusted-only' }],
    [
      'trusted-only',
      'not paused',
      { free: 'trusted-only', held: 'trusted-only', raised: 'trusted-only', both: 'trusted-only' },
    ],
    ['paused', 'paused', { free: 'paused', held: 'announce', raised: 'announce', both: 'announce' }],
    ['announce', 'paused', { free: 'paused', held: 'announce', raised: 'announce', both: 'announce' }],
    ['guarded', 'paused', { free: 'paused', held: 'announce', raised: 'announce', both: 'announce' }],
    ['trusted-only', 'paused', { free: 'paused', held: 'announce', raised: 'announce', both: 'announce' }],
  ])('%s, %s', (mode, paused, expected) => {
    const now = { ...line, mode, ...(paused === 'paused' && { pausedUntil: later }) };
    const found = {
      free: modeInForce(now, { at: noon, held: false }),
      held: modeInForce(now, { at: noon, held: true }),
      raised: modeInForce({ ...now, raisedUntil: later }, { at: noon, held: false }),
      both: modeInForce({ ...now, raisedUntil: later }, { at: noon, held: true }),
    };
    expect(found).toEqual(expected);
  });

  it.each<[string, Partial<ProtectedLine>, ScreeningMode]>([
    ['a pause until later', { pausedUntil: later }, 'paused'],
    ['a pause that ends now', { pausedUntil: noon }, 'guarded'],
    ['a pause that has ended', { pausedUntil: noon - 1 }, 'guarded'],
    ['a guard raised until later', { raisedUntil: later }, 'trusted-only'],
    ['a guard that is lowered now', { raisedUntil: noon }, 'guarded'],
    ['a line of a journal from before there were any', {}, 'guarded'],
  ])('%s: the time of the call decides', (_, changes, mode) => {
    expect(modeInForce({ ...line, ...changes }, { at: noon, held: false })).toBe(mode);
  });
});

const free: Circumstances = { at: noon, held: false };
const held: Circumstances = { at: noon, held: true };
const raised = { raisedUntil: later };
const awaited = { expected: [{ number: plumber, name: 'Hill Plumbing', from: noon, until: later }] };
const somebody = { expected: [{ number: null, name: 'The plumber', from: noon, until: later }] };

describe('somebody expected with a number', () => {
  const screen = (who: CallerIdentity, changes: Partial<ProtectedLine>, now = free) =>
    screenCaller(who, { ...line, ...changes }, now);

  it.each<[string, Partial<ProtectedLine>, Circumstances]>([
    ['rings through', awaited, free],
    ['rings through on a held line, as a trusted contact does', awaited, held],
    ['rings through while the guard is raised', { ...awaited, ...raised }, held],
    ['rings through where only trusted callers may', { ...awaited, mode: 'trusted-only' }, free],
    ['rings through in a pause', { ...awaited, pausedUntil: later }, free],
  ])('%s', (_, changes, now) => {
    const verdict = screen(caller(plumber), changes, now);
    expect(verdict).toMatchObject({ standing: 'trusted', treatment: 'connect', trustedName: 'Hill Plumbing' });
    expect(verdict.reasons[0]).toEqual({
      kind: 'expected-caller',
      text: 'The number is that of Hill Plumbing, who is expected about now.',
    });
  });

  it('is believed no more than a trusted contact where a sign of forgery is seen', () => {
    const verdict = screen(caller(plumber, 'attestation-failed'), awaited);
    expect(verdict).toMatchObject({ standing: 'suspect', treatment: 'announce', trustedName: 'Hill Plumbing' });
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual(['expected-caller', 'attestation-failed', 'mode']);
  });

  it('is known by the network’s number, whoever’s is shown', () => {
    const behind = { ...caller('+441923555100', 'identities-differ'), network: { written: plumber, e164: plumber } };
    expect(screen(behind, awaited)).toMatchObject({ treatment: 'connect', trustedName: 'Hill Plumbing' });
  });

  it.each<[string, number, number]>([
    ['before', later, later + 1],
    ['after', noon - 1, noon],
  ])('is a stranger %s the window', (_, from, until) => {
    const over = { expected: [{ number: plumber, name: 'Hill Plumbing', from, until }] };
    expect(screen(caller(plumber), over)).toEqual(screen(caller(plumber), {}));
  });

  it('makes nothing easier for anybody else', () => {
    expect(screen(caller('+447700900123'), awaited)).toEqual(screen(caller('+447700900123'), {}));
  });
});

describe('somebody expected without a number', () => {
  type Row = [string, Partial<ProtectedLine>, Circumstances, CallerIdentity, Treatment];
  const stranger = caller('+447700900123');
  it.each<Row>([
    ['guarded: announced, not challenged', {}, free, stranger, 'announce'],
    ['who withholds the number', {}, free, caller(null), 'announce'],
    ['whom no network vouches for', {}, free, caller('+447700900123', 'attestation-missing'), 'announce'],
    ['trusted-only: challenged, not sent away', { mode: 'trusted-only' }, free, stranger, 'challenge'],
    ['announce: never less than the warning', { mode: 'announce' }, free, stranger, 'announce'],
    ['a held line stands above', {}, held, stranger, 'staff-or-message'],
    ['held, announce', { mode: 'announce' }, held, stranger, 'challenge'],
    ['a raised guard stands above', raised, free, stranger, 'staff-or-message'],
    ['a sign of forgery stands above', {}, free, caller('+447700900123', 'identities-differ'), 'staff-or-refuse'],
    ['and with a withheld number, too', {}, free, caller(null, 'short-code'), 'challenge'],
    ['the blocked list stands above', {}, free, caller('+441923555666'), 'staff-or-refuse'],
  ])('%s', (_, changes, now, who, treatment) => {
    expect(screenCaller(who, { ...line, ...somebody, ...changes }, now).treatment).toBe(treatment);
  });

  it('says so, and trusts nobody', () => {
    const verdict = screenCaller(stranger, { ...line, ...somebody }, free);
    expect(verdict).toMatchObject({ standing: 'unvouched', trustedName: null });
    expect(verdict.reasons.map(({ text }) => text)).toContain(
      'The plumber is expected about now and gave no number, so strangers are screened one step more mildly.',
    );
  });
});

describe('the reasons', () => {
  it.each<[string, Partial<ProtectedLine>, Circumstances, ReasonKind[]]>([
    ['nothing', {}, free, ['not-on-list', 'mode']],
    ['a pause', { pausedUntil: later }, free, ['not-on-list', 'line-paused', 'mode']],
    ['a raised guard', raised, free, ['not-on-list', 'guard-raised', 'mode']],
    [
      'all at once',
      { ...raised, pausedUntil: later },
      held,
      ['not-on-list', 'line-paused', 'line-held', 'guard-raised', 'mode'],
    ],
  ])('name %s', (_, changes, now, kinds) => {
    const { reasons } = screenCaller(caller('+447700900123'), { ...line, ...changes }, now);
    expect(reasons.map(({ kind }) => kind)).toEqual(kinds);
    for (const { text } of reasons) expect(text).toMatch(/^[A-Z].*\.$/);
  });
});
