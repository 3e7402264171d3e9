import { DataError, type Surface, spacing, type Volume } from "@quintet/core";
import { closing, fillHoles, isosurface, largestComponent, smoothGaussian, smoothSurface } from "@quintet/kernels";
import { atResolution, checkedFrame } from "../register/prepare.ts";
import { largestPart } from "./mesh.ts";

export interface ScalpOptions {
  /** Voxel edge worked at, mm. Default 3. */
  readonly resolution?: number;
  /** Gaps narrower than twice this (mm) are closed: ear canals, nostrils. Default 6. */
  readonly closing?: number;
}

/**
 * The scalp: the outer surface of the head in a T1.
 *
 * Head = brighter than half of Otsu's threshold (scalp fat is bright, skull and noise are not), largest piece, closed,
 * holes filled; its outline smoothed by a Gaussian of one voxel, surfaced at one half, then smoothed by Taubin's rule.
 *
 * @returns a closed surface in the T1's world mm
 * @throws DataError as `registerRigid`'s checks; `no-head` when less than 300 mL is found
 * @see Otsu, IEEE TSMC 1979;9:62-66
 */
export function scalpSurface(t1: Volume, { resolution = 3, closing: gap = 6 }: ScalpOptions = {}): Surface {
  const coarse = atResolution(checkedFrame(t1, "T1"), resolution);
  const level = otsuThreshold(coarse.data) / 2;
  const edge = Math.min(...spacing(coarse));
  const bright = new Uint8Array(coarse.data.length).map((_, i) => ((coarse.data[i] as number) > level ? 1 : 0));
  const head = fillHoles(closing(largestComponent(bright, coarse.shape, 6), coarse.shape, gap / edge), coarse.shape);
  const millilitres = (head.reduce((a, b) => a + b, 0) * spacing(coarse).reduce((a, b) => a * b, 1)) / 1000;
  if (!(millilitres > 300)) {
    throw new DataError("no-head", "no head stands out from the background", {
      expected: "at least 300 mL of bright tissue",
      found: `${millilitres.toFixed(0)} mL`,
    });
  }
  const soft = smoothGaussian(Float32Array.from(head), coarse.shape, [1, 1, 1]);
  return smoothSurface(largestPart(isosurface(soft, coarse, 0.5)));
}

/** The grey value that parts a histogram of 256 bins with the greatest variance between its two sides. */
function otsuThreshold(data: ArrayLike<number>): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    low = Math.min(low, data[i] as number);
    high = Math.max(high, data[i] as number);
  }
  const counts = new Float64Array(256);
  const scale = 255 / (high - low || 1);
  for (let i = 0; i < data.length; i++) {
    const bin = Math.round(((data[i] as number) - low) * scale);
    counts[bin] = (counts[bin] as number) + 1;
  }
  const sum = counts.reduce((s, n, i) => s + n * i, 0);
  let [below, belowSum, best, most] = [0, 0, 0, -1];
  for (let i = 0; i < 255; i++) {
    below += counts[i] as number;
    belowSum += i * (counts[i] as number);
    const above = data.length - below;
    if (below === 0 || above === 0) continue;
    const between = below * above * (belowSum / below - (sum - belowSum) / above) ** 2;
    if (between > most) [most, best] = [between, i];
  }
  return low + (best + 0.5) / scale;
}
