/**
 * The box outside which a volume cannot be seen under an alpha ramp: what a renderer need not sample.
 *
 * Smallest and largest value are kept per block of 8^3 voxels. A block can be seen when one of its values could have alpha
 * above 0; interpolation reaches one voxel beyond it.
 */
import type { AlphaRamp } from "./blend.ts";

const edge = 8;

export interface BlockRanges {
  readonly shape: readonly [number, number, number];
  /** Blocks along x, y, z. */
  readonly blocks: readonly [number, number, number];
  /** [min, max] per block, x fastest; min > max where a block holds no number. */
  readonly extremes: Float32Array;
}

/** @param data [z][y][x] */
export function blockRanges(data: ArrayLike<number>, shape: readonly [number, number, number]): BlockRanges {
  const [nx, ny, nz] = shape;
  const blocks = [Math.ceil(nx / edge), Math.ceil(ny / edge), Math.ceil(nz / edge)] as const;
  const extremes = new Float32Array(2 * blocks[0] * blocks[1] * blocks[2]);
  for (let b = 0; b < extremes.length; b += 2)
    [extremes[b], extremes[b + 1]] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      let b = 2 * blocks[0] * ((y >> 3) + blocks[1] * (z >> 3));
      for (let x = 0; x < nx; x += edge, b += 2) {
        let low = extremes[b] as number;
        let high = extremes[b + 1] as number;
        for (const end = i + Math.min(edge, nx - x); i < end; i++) {
          const v = data[i] as number;
          if (v < low) low = v;
          if (v > high) high = v;
        }
        extremes[b] = low;
        extremes[b + 1] = high;
      }
    }
  }
  return { shape, blocks, extremes };
}

/**
 * @param scale shown value = voxel value * scale
 * @returns low and high corner in texture coordinates (0 ... 1 over the volume's outer faces); empty (low > high) when nothing can be seen
 */
export function visibleBox(
  { shape, blocks, extremes }: BlockRanges,
  { from, until, magnitude }: AlphaRamp,
  scale = 1,
): { readonly low: readonly number[]; readonly high: readonly number[] } {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let bz = 0, b = 0; bz < blocks[2]; bz++)
    for (let by = 0; by < blocks[1]; by++)
      for (let bx = 0; bx < blocks[0]; bx++, b += 2) {
        if (!((extremes[b + 1] as number) >= (extremes[b] as number))) continue;
        const ends = [(extremes[b] as number) * scale, (extremes[b + 1] as number) * scale] as const;
        const [least, most] = [Math.min(...ends), Math.max(...ends)];
        const reach = magnitude ? Math.max(Math.abs(least), Math.abs(most)) : most;
        const nearest = magnitude ? (least <= 0 && most >= 0 ? 0 : Math.min(Math.abs(least), Math.abs(most))) : least;
        if (!(reach > from) || nearest > until) continue;
        for (const [k, at] of [bx, by, bz].entries()) {
          low[k] = Math.min(low[k] as number, at * edge);
          high[k] = Math.max(high[k] as number, (at + 1) * edge);
        }
      }
  return {
    low: low.map((v, k) => Math.max(0, (v - 1) / (shape[k] as number))),
    high: high.map((v, k) => Math.min(1, (v + 1) / (shape[k] as number))),
  };
}
