/**
 * PostgreSQL refuses U+0000 in text, and neither database keeps a lone surrogate. A caller's headers may hold both, and
 * nothing observed may be lost, so such characters are stored as a backslash and their four hexadecimal digits, and a
 * backslash as two. Everything else is stored as it is, so that SQL can search it.
 */

const unsafe = /\\|\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Makes a string that both databases store and give back unchanged. */
export function toText(value: string): string {
  return value.replace(unsafe, (found) =>
    found === '\\' ? '\\\\' : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The inverse of `toText`. */
export function fromText(stored: string): string {
  return stored.replace(/\\(\\|u([0-9a-f]{4}))/g, (_, what: string, code?: string) =>
    code === undefined ? what : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
