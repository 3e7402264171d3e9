/**
 * A linear map A of an image into lines, with counts y and a background b of these lines beside it: an update of the image
 * needs A'(y / (A x + b)) alone, so that projected data need not be kept.
 */
export interface CountedOperator {
  /** y, one value a line; whoever asked for the operator fills it. */
  readonly counts: Float32Array;
  /** b. Absent: 0. */
  readonly background?: Float32Array;
  /** Whether other operators use the same two arrays: they are then filled anew before each update. */
  readonly shared: boolean;
  /** @param logarithms whether they are summed */
  update(image: Float32Array, logarithms: boolean): CountedUpdate;
}

export interface CountedUpdate {
  /** A'(y / (A x + b)); lines where A x + b is not above 0 take no part. Written on by the next update. */
  readonly back: Float32Array;
  /** Sum of y log(A x + b), float64; 0 where it is not asked for. */
  readonly logarithms: number;
  /** Counts in lines where A x + b is not above 0. */
  readonly unexplained: number;
}
