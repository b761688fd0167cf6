/** Chances that fall the same way again for the same seed. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    const one = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    const two = (one + Math.imul(one ^ (one >>> 7), 61 | one)) ^ one;
    return ((two ^ (two >>> 14)) >>> 0) / 2 ** 32;
  };

  /** A whole number, 0 ≤ x < `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  happens(chance: number): boolean {
    return this.next() < chance;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  /** Hexadecimal digits that name something once. */
  name(): string {
    return this.below(2 ** 32).toString(16) + this.below(2 ** 32).toString(16);
  }
}
