import type { Space } from "./volume.ts";

/** A triangle mesh; faces counter-clockwise seen from outside. */
export interface Surface {
  readonly space: Space;
  /** [vertex][x y z] in mm. */
  readonly vertices: Float32Array;
  /** [face][three vertex indices]. */
  readonly faces: Uint32Array;
}
