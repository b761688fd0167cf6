/** The text of Asterisk's configuration files. */

/** A value that would break a file, or that no telephone could use. The message never shows a password. */
export class UnwritableError extends Error {
  override readonly name = 'UnwritableError';
}

export type Setting = readonly [key: string, value: string | number];

/** One section; `from` is the template it is made from, or `+` to add to one of that name. */
export function section(name: string, settings: readonly Setting[], from?: string): string {
  const rows = settings.map(([key, value]) => `${key} = ${escapeValue(key, String(value))}\n`);
  return `\n[${name}]${from === undefined ? '' : `(${from})`}\n${rows.join('')}`;
}

/** Asterisk trims values, ends them at the line's end, and takes `;` for a comment unless a backslash stands before it. */
function escapeValue(key: string, value: string): string {
  if (value !== '' && !isWritable(value))
    throw new UnwritableError(`${key}: begins or ends with a space, or has a control character`);
  return value.replaceAll(';', '\\;');
}

/** Whether a value survives Asterisk's parser. */
export function isWritable(value: string): boolean {
  return value.length > 0 && value.length <= 512 && value === value.trim() && !/\p{Cc}/u.test(value);
}
