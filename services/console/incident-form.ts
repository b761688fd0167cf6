import {
  actionKinds,
  claimedRoles,
  detailKinds,
  type Incident,
  incidentOutcomes,
  incidentStatuses,
  pretexts,
  rules,
} from '../core/incident/incident.ts';
import {
  actionWords,
  detailWords,
  endedByWords,
  incidentOutcomeWords,
  outcomeUnknown,
  pretextWords,
  roleWords,
  ruleWords,
  statusWords,
} from '../core/incident/words.ts';
import { fromField, toField } from './time.ts';

/** An incident as the fields of a form, and back: what somebody changed in it, and only that. */

type Options = readonly (readonly [value: string, words: string])[];

export interface Field {
  /** Where in the incident, and in a patch: `caller.role`. */
  readonly name: string;
  readonly label: string;
  /** `several`: any of the options; `flag`: yes, no or unknown; `pounds` are pence in the incident. */
  readonly kind: 'text' | 'long' | 'time' | 'pounds' | 'ladder' | 'choice' | 'several' | 'flag';
  readonly options: Options;
  readonly hint?: string;
}

export interface FieldGroup {
  readonly title: string;
  readonly fields: readonly Field[];
}

/** Values by field: texts, and for `several` lists of them. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;

const optionsOf = <K extends string>(names: readonly K[], words: Readonly<Record<K, string>>): Options =>
  names.map((name) => [name, words[name]]);
const unknown = ['', outcomeUnknown] as const;
const field = (kind: Field['kind'], name: string, label: string, more: Partial<Field> = {}): Field => ({
  ...{ kind, name, label, options: [] },
  ...more,
});
const several = (name: string, label: string, options: Options) => field('several', name, label, { options });
const choice = (name: string, label: string, options: Options) =>
  field('choice', name, label, { options: [unknown, ...options] });

const ageBands: Options = ['under-60', '60-69', '70-79', '80-89', '90-or-over'].map((band) => [
  band,
  band
    .replace('-', ' ')
    .replace(/^(\d\d) (\d\d)$/, '$1 to $2')
    .replace('-', ' '),
]);

export const groups: readonly FieldGroup[] = [
  {
    title: 'How far did it go?',
    fields: [
      field('ladder', 'outcome', 'The last step that was reached', {
        options: [unknown, ...optionsOf(incidentOutcomes, incidentOutcomeWords)],
      }),
    ],
  },
  {
    title: 'When, and to whom?',
    fields: [
      field('time', 'at', 'When it happened'),
      field('choice', 'line', 'Line'),
      field('text', 'resident', 'Resident', { hint: 'A line brings its resident and area with it.' }),
      field('text', 'area', 'Area, as the police name it'),
      choice('endedBy', 'Who ended it', optionsOf(['resident', 'caller', 'staff', 'clearline', 'other'], endedByWords)),
      field('long', 'suspicion', 'What made somebody suspicious'),
    ],
  },
  {
    title: 'The caller',
    fields: [
      choice('caller.role', 'Said to be of', optionsOf(claimedRoles, roleWords)),
      choice('caller.pretext', 'Gave as the reason', optionsOf(pretexts, pretextWords)),
      field('text', 'caller.name', 'Name given'),
      field('text', 'caller.rank', 'Rank or number given'),
      field('text', 'caller.organisation', 'Which force, bank or firm'),
      field('text', 'caller.callBackNumber', 'Number to ring back'),
      several('caller.rulesBroken', 'Rules broken', optionsOf(rules, ruleWords)),
      field('flag', 'caller.secrecyDemanded', 'Asked to tell nobody'),
      field('long', 'caller.words', 'In the caller’s words'),
    ],
  },
  {
    title: 'Asked for, and given',
    fields: [
      several('asked', 'Asked for', optionsOf(detailKinds, detailWords)),
      several('given', 'Given', optionsOf(detailKinds, detailWords)),
      field('pounds', 'loss.cash', 'Money lost, in pounds'),
      field('pounds', 'loss.recovered', 'Of that recovered, in pounds'),
    ],
  },
  {
    title: 'A courier',
    fields: [
      field('time', 'courier.at', 'When one came, or is to come'),
      field('long', 'courier.description', 'Description'),
      field('text', 'courier.vehicle', 'Vehicle'),
    ],
  },
  {
    title: 'The victim',
    fields: [
      field('long', 'victim.contact', 'How to reach them'),
      choice('victim.ageBand', 'Age', ageBands),
      field('long', 'victim.needs', 'What they need'),
      field('flag', 'victim.consent', 'Agrees that the police and partners are told'),
    ],
  },
  {
    title: 'What was done about it',
    fields: [
      choice('action.what', 'Something done just now', optionsOf(actionKinds, actionWords)),
      field('text', 'action.reference', 'Reference given', { hint: 'A crime number, for one. Not an account number.' }),
      field('long', 'note', 'A note', { hint: 'PINs, card and account numbers are taken out before it is stored.' }),
      field('choice', 'status', 'The incident is', { options: optionsOf(incidentStatuses, statusWords) }),
    ],
  },
];

export const fields: readonly Field[] = groups.flatMap((group) => group.fields);

/** What is added, not replaced: empty whenever the form is shown. */
const additions = ['action.what', 'action.reference', 'note'];

export function toForm(incident: Incident, zone: string): FormValues {
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = additions.includes(name) ? null : valueAt(incident, name);
      if (kind === 'several') return [name, Array.isArray(value) ? value.map(String) : []];
      if (value === null || value === undefined) return [name, ''];
      if (kind === 'time') return [name, toField(Number(value), zone)];
      if (kind === 'pounds') return [name, (Number(value) / 100).toFixed(2)];
      if (kind === 'flag') return [name, value === true ? 'yes' : 'no'];
      return [name, String(value)];
    }),
  );
}

/** What a browser sent, as values of the form's fields and no others. */
export function readForm(body: unknown): FormValues {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const texts = [sent[name] ?? []].flat().map(String);
      return [name, kind === 'several' ? texts : (texts[0] ?? '').replace(/\r\n?/g, '\n').trim()];
    }),
  );
}

/** The fields that differ. */
export function changedFields(before: FormValues, after: FormValues): Field[] {
  const same = (value: FormValues[string] | undefined) => JSON.stringify([value ?? ''].flat().toSorted());
  return fields.filter(({ name }) => same(before[name]) !== same(after[name]));
}

/** A patch as somebody might have written it, still to be checked. */
export function patchOf(changed: readonly Field[], values: FormValues, zone: string): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const [what, reference, note] = additions.map((name) => values[name] ?? '');
  for (const field of changed) {
    const value = values[field.name] ?? '';
    if (!additions.includes(field.name)) put(patch, field.name, entered(field, value, zone));
  }
  if (what !== '' || reference !== '') patch.actions = [{ what: what || undefined, reference: reference || null }];
  if (note !== '') patch.notes = [note];
  return patch;
}

function entered({ kind }: Field, value: string | readonly string[], zone: string): unknown {
  if (typeof value !== 'string') return value;
  if (value === '') return null;
  if (kind === 'time') return fromField(value, zone) ?? value;
  if (kind === 'pounds') return penceOf(value) ?? value;
  if (kind === 'flag') return value === 'yes';
  return value;
}

/** "£1,234.50" is 123450; null for what is no amount. */
function penceOf(text: string): number | null {
  const [, pounds, pence = ''] = /^£? ?(\d{1,3}(?:,?\d{3}){0,3}|\d{1,9})(?:\.(\d\d?))?$/.exec(text) ?? [];
  return pounds === undefined ? null : Number(pounds.replaceAll(',', '')) * 100 + Number(pence.padEnd(2, '0'));
}

/** A value in words, for whoever compares two. */
export function tellValue({ kind, options }: Field, value: string | readonly string[] = ''): string {
  const words = (one: string) => options.find(([name]) => name === one)?.[1] ?? one;
  if (typeof value !== 'string') return value.length === 0 ? 'nothing' : value.map(words).join(', ');
  if (value === '') return 'not known';
  return kind === 'time' ? value.replace('T', ' ') : kind === 'pounds' ? `£${value}` : words(value);
}

function valueAt(incident: Incident, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((inner, part) => (inner as Record<string, unknown> | null | undefined)?.[part], incident);
}

function put(patch: Record<string, unknown>, name: string, value: unknown): void {
  const [first = '', second] = name.split('.');
  if (second === undefined) patch[first] = value;
  else patch[first] = { ...(patch[first] as object | undefined), [second]: value };
}
