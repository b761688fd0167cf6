import { type Field, type FormValues, groups } from '../incident-form.ts';
import { type Html, html, type Part } from './html.ts';

/** The fields of a form, each with its label. */

export function incidentFields(values: FormValues, lines: Field['options']): Html {
  return html`${groups.map(
    ({ title, fields }) =>
      html`<section class="card"><h2>${title}</h2><div class="fields">${fields.map((field) =>
        fieldOf(
          field.name === 'line' ? { ...field, options: [['', 'no line'], ...lines] } : field,
          values[field.name] ?? '',
        ),
      )}</div></section>`,
  )}`;
}

function fieldOf(field: Field, value: string | readonly string[]): Html {
  const { name, label, kind, options, hint } = field;
  const id = `field-${name}`;
  const chosen = [value].flat();
  const labelled = (control: Part) =>
    html`<div class="field${kind === 'long' && ' long'}"><label for="${id}">${label}</label>${control}${hint && html`<p class="hint">${hint}</p>`}</div>`;
  switch (kind) {
    case 'ladder':
      return boxes('radio', field, chosen);
    case 'several':
      return boxes('checkbox', field, chosen);
    case 'flag':
      return boxes(
        'radio',
        {
          ...field,
          options: [
            ['', 'not known'],
            ['yes', 'yes'],
            ['no', 'no'],
          ],
        },
        chosen,
      );
    case 'choice':
      return labelled(select(id, name, options, chosen));
    case 'long':
      return labelled(html`<textarea id="${id}" name="${name}" rows="3" maxlength="8000">
${value}</textarea>`);
    default:
      return labelled(html`<input id="${id}" name="${name}" value="${value}" ${inputs[kind]}>`);
  }
}

const inputs: Readonly<Record<'text' | 'time' | 'pounds', Html>> = {
  text: html`type="text" maxlength="200" autocomplete="off"`,
  time: html`type="datetime-local"`,
  pounds: html`type="text" inputmode="decimal" maxlength="20" autocomplete="off"`,
};

export function select(id: string, name: string, options: Field['options'], chosen: readonly string[]): Html {
  return html`<select id="${id}" name="${name}">${options.map(
    ([value, words]) => html`<option value="${value}"${chosen.includes(value) && html` selected`}>${words}</option>`,
  )}</select>`;
}

function boxes(type: 'radio' | 'checkbox', { name, label, options, kind }: Field, chosen: readonly string[]): Html {
  return html`<fieldset class="${kind}"><legend>${label}</legend>${options.map(
    ([value, words]) =>
      html`<label class="box"><input type="${type}" name="${name}" value="${value}"${chosen.includes(value) && html` checked`}> ${words}</label>`,
  )}</fieldset>`;
}
