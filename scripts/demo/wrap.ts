const width = 100;

/** Breaks a long line between words; what follows stands under the words and not under the first `lead` characters. */
export function wrap(line: string, lead: number): string[] {
  const rows: string[] = [];
  let row = line.slice(0, lead);
  for (const word of line.slice(lead).split(' ')) {
    const longer = row.length > lead ? `${row} ${word}` : row + word;
    if (longer.length > width && row.length > lead) {
      rows.push(row);
      row = ' '.repeat(lead) + word;
    } else row = longer;
  }
  return [...rows, row];
}
