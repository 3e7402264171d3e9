/** What each thread of the compiled stack projector works in; plan.as.ts reads the fields in this order. */
export interface ScratchPlan {
  readonly bytes: number;
  /**
   * Places of table, knots, bases, edges, inner, weights; bytes of a row of weights; places of binEnds, rows, blockRows,
   * spare; guard; whether tiled; bytes of one family's knots, bases, edges; bytes to the opposite ray's rows and table;
   * steps of a block; place of an update's data.
   */
  readonly fields: readonly number[];
  /** Of tiles: place of a block's lists and bytes of a step's, place of the families' values, bytes of one's and of the zeros before them. */
  readonly tileFields: readonly number[];
}

export function roundUp(bytes: number): number {
  return 64 * Math.ceil(bytes / 64);
}

/** Floats from one voxel's row of steps to the next, with time of flight (rowPitch of timed.as.ts). */
export function timedPitch(steps: number): number {
  return 4 * Math.floor((steps + 7) / 4);
}

/**
 * @param steps most of a ray
 * @param width floats of a sub-row
 * @param guard floats before and behind it; with time of flight before and behind all rows
 * @param block steps whose running sums begin anew together
 * @param tiled number of families that are taken block by block; 0: none
 * @param paired whether opposite rays go together
 * @param mostPlanes of a family
 * @param mostVoxels that a line crosses along z
 * @param data values of a chunk of rays
 */
export function planScratch(size: {
  readonly steps: number;
  readonly width: number;
  readonly stride: number;
  readonly guard: number;
  readonly block: number;
  readonly bins: number;
  readonly tiled: number;
  readonly paired: boolean;
  readonly mostPlanes: number;
  readonly mostVoxels: number;
  readonly data: number;
}): ScratchPlan {
  const { steps, width, stride, guard, block, bins, tiled, paired, mostPlanes, mostVoxels, data } = size;
  let top = 64 + roundUp(4 * width * stride);
  const room = (bytes: number): number => {
    const at = top;
    top += roundUp(bytes) + 64;
    return at;
  };
  const blocks = Math.ceil(steps / block);
  const row = 4 * stride * (width + 2 * guard);
  const vectors = Math.ceil(steps / 4) + 2;
  const weightRow = 16 * (bins + 8);
  const [knotBytes, baseBytes] = [16 * Math.ceil(2 * mostVoxels + 16), 16 * (blocks + 8)];
  const edgeBytes = 64 * Math.ceil((mostPlanes + 4) / 16);
  // No line of tiles crosses more than 0.7 voxels a step: a family has one knot there, or two beside the middle of a block.
  const listBytes = 32 * tiled;
  const valueLead = 4 * (width + guard);
  const valueBytes = roundUp(2 * valueLead + 4 * (mostPlanes + 8)) + 64;
  const tables = Math.max(1, tiled);
  const acrossTable = roundUp(16 * (steps + 16));
  const table = room(2 * acrossTable);
  const knots = room(tables * knotBytes);
  const bases = room(tables * baseBytes);
  const edges = room(tiled * (4 * edgeBytes + 24) + 256);
  const inner = room(bins > 0 ? 64 * vectors : 0);
  const weights = room(bins > 0 ? weightRow * vectors : 0);
  const binEnds = room(24 * (bins + 2));
  const line = room(4 * data);
  const slots = roundUp(
    bins > 0 ? 4 * (width * timedPitch(steps) + 2 * guard) : tiled > 0 ? row * (block + 2) : 2 * row * (steps + 3),
  );
  const blockBytes = roundUp(bins > 0 ? 0 : 3 * row * (tiled > 0 ? 1 : blocks + 1));
  const acrossRows = slots + blockBytes;
  const rows = room(paired && tiled === 0 ? 2 * acrossRows : acrossRows);
  const spare = room(3 * row);
  const lists = room(tiled > 0 ? 256 + 16 * tiled + listBytes * (block + 1) : 0);
  const values = room(4 * tiled * valueBytes);
  return {
    bytes: top,
    fields: [
      ...[table, knots, bases, edges, inner, weights, weightRow, binEnds, rows, rows + slots, spare],
      ...[guard, tiled > 0 ? 1 : 0, knotBytes, baseBytes, edgeBytes, acrossRows, acrossTable, block, line],
    ],
    tileFields: [lists, listBytes, values, valueBytes, valueLead],
  };
}
