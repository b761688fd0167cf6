import type { ProtectedLine } from '../../core/line.ts';
import type { LineBook, StoredLine } from '../../core/ports.ts';

/** The lines in memory; replaced as a whole when the store's revision changes. */
export class LoadedLines implements LineBook {
  private numbers = new Map<string, ProtectedLine>();
  private ids = new Map<string, ProtectedLine>();

  get size(): number {
    return this.ids.size;
  }

  byNumber(number: string): ProtectedLine | null {
    return this.numbers.get(number) ?? null;
  }

  byId(id: string): ProtectedLine | null {
    return this.ids.get(id) ?? null;
  }

  /** A call keeps the line as it was when it arrived, without its phone's password. */
  replaceBy(lines: readonly StoredLine[]): void {
    const open = lines.map(({ phoneSecret: _, ...line }) => line);
    this.numbers = new Map(open.map((line) => [line.number, line]));
    this.ids = new Map(open.map((line) => [line.id, line]));
  }
}
