import { InvalidArgumentError } from 'commander';

/** Reads `--limit`. */
export function readLimit(written: string): number {
  if (!/^[1-9]\d{0,4}$/.test(written)) throw new InvalidArgumentError('It should be a number between 1 and 99999.');
  return Number(written);
}
