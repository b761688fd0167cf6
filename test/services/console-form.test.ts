import { describe, expect, it } from 'vitest';
import { changedFields, patchOf, readForm, toForm } from '../../services/console/incident-form.ts';
import { fromField, tellTime, toField } from '../../services/console/time.ts';
import { html } from '../../services/console/web/html.ts';
import { readIncidentPatch } from '../../services/incident-input.ts';
import { openedIncident } from '../support/incidents.ts';

const zone = 'Europe/London';

describe('times in the form', () => {
  it.each([
    ['2026-11-23T10:00', '2026-11-23T10:00:00Z'],
    ['2026-07-01T10:00', '2026-07-01T09:00:00Z'],
    ['2026-03-29T00:59', '2026-03-29T00:59:00Z'],
    ['2026-03-29T02:00', '2026-03-29T01:00:00Z'],
    // The clocks show this hour twice.
    ['2026-10-25T01:30', '2026-10-25T00:30:00Z'],
    ['2026-10-25T02:00', '2026-10-25T02:00:00Z'],
  ])('%s in London is %s', (typed, utc) => {
    expect(fromField(typed, zone)).toBe(Date.parse(utc));
    expect(toField(Date.parse(utc), zone)).toBe(typed);
  });

  it.each(['2026-03-29T01:30', '2026-02-30T10:00', 'noon', ''])('"%s" is no time there', (typed) => {
    expect(fromField(typed, zone)).toBeNull();
  });

  it('are told in the site’s zone', () => {
    expect(tellTime(Date.parse('2026-07-01T09:00:00Z'), zone)).toBe('1 July 2026, 10:00');
    expect(tellTime(Date.parse('2026-07-01T09:00:00Z'), 'Asia/Tokyo')).toBe('1 July 2026, 18:00');
  });
});

describe('the form of an incident', () => {
  const incident = openedIncident({ asked: ['cash', 'pin'], loss: { cash: 123_450, recovered: null } });
  const shown = toForm(incident, zone);
  const patched = (entered: Record<string, unknown>) => {
    const values = readForm({ ...shown, ...entered });
    return patchOf(changedFields(shown, values), values, zone);
  };

  it('sent back as it was shown, changes nothing, in whatever order a browser sends it', () => {
    expect(patched({ asked: ['pin', 'cash'] })).toEqual({});
  });

  it.each([
    ['£2,000', 200_000],
    ['2000.5', 200_050],
    ['12345678', 1_234_567_800],
    ['', null],
    ['1.234,50', '1.234,50'],
    ['-5', '-5'],
  ])('takes "%s" pounds for %s pence', (typed, pence) => {
    expect(patched({ 'loss.cash': typed })).toEqual({ loss: { cash: pence } });
  });

  it('patches what was entered, cleared or unticked, and nothing that no field is for', () => {
    const patch = patched({
      asked: [],
      resident: '',
      'victim.consent': 'no',
      'action.reference': 'CAD 1',
      version: 9,
      hold: 'x',
    });
    expect(patch).toMatchObject({ asked: [], resident: null, victim: { consent: false } });
    expect(Object.keys(patch).sort()).toEqual(['actions', 'asked', 'resident', 'victim']);
    // A reference to nothing that was done.
    expect(readIncidentPatch(patch).faults).toMatchObject([{ key: 'actions[0].what' }]);
  });
});

describe('html', () => {
  it('writes whatever is put into it as text, but for other html', () => {
    expect(html`<p title="${'"\'`&<>'}">${[1, html`<b>${'<'}</b>`, null, false, undefined]}</p>`.text).toBe(
      '<p title="&#34;&#39;&#96;&#38;&#60;&#62;">1<b>&#60;</b></p>',
    );
    expect(html`${'a\0\u202eb\ud800c\r\nd\u{e0041}'}`.text).toBe('a\ufffd\ufffdb\ufffdc\nd\ufffd');
  });
});
