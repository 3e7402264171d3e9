/** The grid on which images of the head are compared: isotropic, along the world's axes, around the brain. */
import { apply, type Grid, identityAffine, invert, type Mask, type Transform, type Volume } from "@quintet/core";
import { resample } from "@quintet/kernels";

export const workSpacing = 2;
const margin = 12;

/** A box of 2-mm voxels around the brain in the brain's space. */
export function workGrid(brain: Mask): Grid {
  const [nx, ny] = brain.shape;
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = low.map((x) => -x);
  // the ends of each row are enough: along a row the world's coordinates only rise or fall
  for (let row = 0; row < brain.data.length / nx; row++) {
    const voxels = brain.data.subarray(row * nx, (row + 1) * nx);
    const first = voxels.findIndex((inside) => inside !== 0);
    if (first < 0) continue;
    const last = voxels.findLastIndex((inside) => inside !== 0);
    for (const x of [first, last]) {
      const world = apply(brain.affine, [x, row % ny, Math.floor(row / ny)]);
      for (let k = 0; k < 3; k++) {
        low[k] = Math.min(low[k] as number, world[k] as number);
        high[k] = Math.max(high[k] as number, world[k] as number);
      }
    }
  }
  const from = low.map((x) => Math.floor((x - margin) / workSpacing) * workSpacing);
  const shape = high.map((x, k) => Math.ceil((x + margin - (from[k] as number)) / workSpacing) + 1) as [
    number,
    number,
    number,
  ];
  const [x, y, z] = from as [number, number, number];
  const s = workSpacing;
  return { shape, affine: Float64Array.of(s, 0, 0, x, 0, s, 0, y, 0, 0, s, z, 0, 0, 0, 1), space: brain.space };
}

/** A placed image on a grid of the space it was placed in. */
export function ontoGrid<V extends Volume>(image: V, toGrid: Transform, grid: Grid): V {
  return resample(image, grid, invert(toGrid.matrix));
}

/** A mask on another grid of its own space: where at least half of it lies. */
export function maskOnto(mask: Mask, grid: Grid): Mask {
  const soft: Volume<"1"> = {
    ...mask,
    unit: "1",
    frames: [{ start: 0, duration: 0 }],
    clock: "none",
    data: Float32Array.from(mask.data),
  };
  const moved = resample(soft, grid, identityAffine());
  return { ...grid, data: new Uint8Array(moved.data.length).map((_, i) => ((moved.data[i] as number) >= 0.5 ? 1 : 0)) };
}
