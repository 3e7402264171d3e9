/** A label per vertex, with the names of the labels. */
export interface VertexLabels {
  /** [vertex]; a key of `names`, or -1 where there is no label. */
  readonly data: Int32Array;
  readonly names: ReadonlyMap<number, string>;
}
