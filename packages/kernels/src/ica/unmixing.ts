/** W of y = W z, and how it was found. */
export interface Unmixing {
  /** [component][component]. */
  readonly unmixing: readonly Float64Array[];
  /** Passes over the data. */
  readonly iterations: number;
  readonly converged: boolean;
}
