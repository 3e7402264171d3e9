import { DataError, type Point } from "@quintet/core";
import type { Tomography } from "./tomography.ts";

/** How one point comes out. */
export interface PointResolution {
  readonly voxel: number;
  /** mm from the point to the largest value of its image. */
  readonly localisation: number;
  /** Largest distance between two voxels of at least half the largest value, mm. */
  readonly fwhm: number;
  /** Diameter of the ball round the true place that holds them all, mm. */
  readonly effective: number;
  /** Of what comes out as the other haemoglobin: its largest value over that of its own. */
  readonly crosstalk: number;
}

/**
 * Point spread of each of some voxels: localisation error, full width at half maximum, effective resolution and crosstalk.
 *
 * @param places mm, of every voxel of the tomography
 * @throws DataError `shape-mismatch`
 * @see White & Culver, J Biomed Opt 2010;15:026006 (the three measures); Tian et al. and Dehghani et al. use the first two alike
 */
export function imageResolution(
  inverse: Tomography,
  places: readonly Point[],
  voxels: Iterable<number>,
  kind: "hbo" | "hbr" = "hbo",
): PointResolution[] {
  if (places.length !== inverse.voxels)
    throw new DataError("shape-mismatch", "each voxel has a place", {
      expected: `${inverse.voxels}`,
      found: `${places.length}`,
    });
  return Array.from(voxels, (voxel) => {
    const spread = inverse.pointSpread(voxel, kind);
    const [own, other] = kind === "hbo" ? [spread.hbo, spread.hbr] : [spread.hbr, spread.hbo];
    let peak = 0;
    for (let v = 1; v < own.length; v++) if ((own[v] as number) > (own[peak] as number)) peak = v;
    const top = own[peak] as number;
    const half: Point[] = [];
    for (let v = 0; v < own.length; v++) if ((own[v] as number) >= top / 2) half.push(places[v] as Point);
    const truth = places[voxel] as Point;
    let [wide, far] = [0, 0];
    for (const [i, p] of half.entries()) {
      far = Math.max(far, apart(p, truth));
      for (let j = 0; j < i; j++) wide = Math.max(wide, apart(p, half[j] as Point));
    }
    return {
      voxel,
      localisation: apart(places[peak] as Point, truth),
      fwhm: wide,
      effective: 2 * far,
      crosstalk: other.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / top,
    };
  });
}

function apart(p: Point, q: Point): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}
