/** Text of files from spreadsheets, address books and telephones: UTF-8 and UTF-16, else what Windows writes in Britain. */
export function decodeText(bytes: Uint8Array): string {
  for (const [encoding, mark] of [
    ['utf-16le', [0xff, 0xfe]],
    ['utf-16be', [0xfe, 0xff]],
  ] as const) {
    // Without its mark, every second byte of what is mostly ASCII is zero.
    const zero = encoding === 'utf-16le' ? bytes[1] === 0 && bytes[0] !== 0 : bytes[0] === 0 && bytes[1] !== 0;
    const marked = bytes[0] === mark[0] && bytes[1] === mark[1];
    if (marked || (zero && bytes.length > 3)) return new TextDecoder(encoding).decode(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
