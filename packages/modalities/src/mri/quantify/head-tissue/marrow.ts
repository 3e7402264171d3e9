import { type Grid, spacing } from "@quintet/core";
import { headTissues } from "./head-tissues.ts";

/** Marrow that bone closes in within one slice, at most, cm2: that of the base and the spine, and that of the jaw. */
const largest = { axial: 8, upright: 2.5 } as const;

/**
 * Soft tissue outside the skull's shell that bone closes in within a slice becomes bone: in axial slices where it is smaller
 * than 8 cm2, in upright ones (the jaw lies level) where it is smaller than 2.5 cm2, so that an orbit stays open.
 *
 * @param outer mm outside the outer surface of the skull
 */
export function fillMarrow(labels: Uint8Array, grid: Grid, outer: Float32Array): void {
  const edges = spacing(grid);
  const rise = [0, 1, 2].map((axis) => Math.abs(grid.affine[8 + axis] as number) / (edges[axis] as number));
  const up = rise.indexOf(Math.max(...rise));
  const found = new Uint8Array(labels.length);
  for (const axis of [0, 1, 2]) {
    const area = edges.reduce((product, mm, k) => (k === axis ? product : product * mm), 1);
    const most = (100 * (axis === up ? largest.axial : largest.upright)) / area;
    eachClosedIn(labels, grid.shape, axis, most, (i) => {
      if (labels[i] === headTissues.scalp && (outer[i] as number) > 0) found[i] = 1;
    });
  }
  for (let i = 0; i < labels.length; i++) if (found[i] === 1) labels[i] = headTissues.skull;
}

/** Calls `take` for the voxels of each region of fewer than `most` that bone parts from the rim of its slice. */
function eachClosedIn(
  labels: Uint8Array,
  shape: Grid["shape"],
  axis: number,
  most: number,
  take: (i: number) => void,
): void {
  const strides = [1, shape[0], shape[0] * shape[1]] as const;
  const [u, v] = [0, 1, 2].filter((k) => k !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const [nu, nv, su, sv] = [shape[u], shape[v], strides[u], strides[v]];
  // A rim of 1 around the slice, so that no neighbour needs to be looked for beyond it.
  const width = nu + 2;
  const taken = new Uint8Array(width * (nv + 2));
  const stack = new Int32Array(nu * nv);
  const region = (start: number): number => {
    let [top, size] = [1, 0];
    stack[0] = start;
    taken[start] = 1;
    // What has been looked at stays below `size`, so that the region can be told afterwards.
    while (size < top) {
      const at = stack[size++] as number;
      for (const next of [at - 1, at + 1, at - width, at + width])
        if (taken[next] === 0) {
          taken[next] = 1;
          stack[top++] = next;
        }
    }
    return size;
  };
  for (let k = 0; k < (shape[axis] as number); k++) {
    const base = k * (strides[axis] as number);
    taken.fill(1);
    let bone = 0;
    for (let b = 0; b < nv; b++)
      for (let a = 0; a < nu; a++) {
        const is = labels[base + b * sv + a * su] === headTissues.skull ? 1 : 0;
        taken[a + 1 + width * (b + 1)] = is;
        bone += is;
      }
    if (bone === 0) continue;
    for (let a = 1; a <= nu; a++) for (const b of [1, nv]) if (taken[a + width * b] === 0) region(a + width * b);
    for (let b = 1; b <= nv; b++) for (const a of [1, nu]) if (taken[a + width * b] === 0) region(a + width * b);
    for (let b = 1; b <= nv; b++)
      for (let a = 1; a <= nu; a++) {
        if (taken[a + width * b] !== 0) continue;
        const size = region(a + width * b);
        if (size >= most) continue;
        for (let j = 0; j < size; j++) {
          const at = stack[j] as number;
          take(base + (Math.floor(at / width) - 1) * sv + ((at % width) - 1) * su);
        }
      }
  }
}
