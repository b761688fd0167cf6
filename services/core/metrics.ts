/** What a process lets itself be measured by. Prometheus's conventions: base units, `_total` for what only grows. */

export type Metric = {
  /** One sentence, with the unit. */
  readonly help: string;
  /** Every label's values are few and known: never a number, a line or a call. */
  readonly labels?: readonly string[];
} & (
  | {
      /** Only grows. `from`: series that stand at 0 from the start, so that the first of a kind is seen as a rise. */
      readonly kind: 'counter';
      readonly from?: readonly Readonly<Record<string, string>>[];
    }
  /** Read when somebody asks. */
  | { readonly kind: 'gauge' }
  | { readonly kind: 'histogram'; readonly buckets: readonly number[] }
);

export type Metrics = Readonly<Record<string, Metric>>;

/** One measurement: what to add to a counter, to enter into a histogram, or how a gauge stands. */
export interface Reading<Name extends string = string> {
  readonly metric: Name;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}
