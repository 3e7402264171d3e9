import { DataError, type Grid, spacing } from "@quintet/core";
import { medianAbsoluteDeviation } from "../statistics/robust.ts";

/** Resel counts in 0..3 dimensions of a search region. */
export type Resels = readonly [r0: number, r1: number, r2: number, r3: number];

/**
 * Smoothness of a standardised map inside a mask: the FWHM (mm) along each voxel axis of the Gaussian kernel that
 * would give white noise this correlation between neighbours.
 *
 *   rho = 1 - var(z_{i+1} - z_i) / (2 var(z)),   sigma^2 = -h^2 / (4 ln rho),   FWHM = sigma sqrt(8 ln 2)
 *
 * Both variances by the median absolute deviation, so that a true focus does not count as smoothness.
 *
 * @param z [z][y][x]
 * @throws DataError `empty-region` with fewer than 100 voxels or pairs, `constant-data`
 * @see Forman et al., Magn Reson Med 1995;33:636-47 (the discrete form)
 */
export function fieldSmoothness(z: Float32Array, mask: Uint8Array, grid: Grid): [number, number, number] {
  const [nx, ny] = grid.shape;
  const strides = [1, nx, nx * ny];
  const size = spacing(grid);
  const inside: number[] = [];
  for (let i = 0; i < z.length; i++) if (mask[i]) inside.push(z[i]);
  const variance = madVariance(inside);
  return strides.map((stride, axis) => {
    const steps: number[] = [];
    for (let i = 0; i + stride < z.length; i++) {
      if (!(mask[i] && mask[i + stride])) continue;
      const along = Math.floor(i / strides[axis]) % grid.shape[axis];
      if (along + 1 < grid.shape[axis]) steps.push(z[i + stride] - z[i]);
    }
    const rho = Math.min(0.9999, Math.max(1e-4, 1 - madVariance(steps) / (2 * variance)));
    return Math.sqrt((-(size[axis] ** 2) / (4 * Math.log(rho))) * 8 * Math.LN2);
  }) as [number, number, number];
}

function madVariance(values: number[]): number {
  if (values.length < 100)
    throw new DataError("empty-region", "too few voxels to estimate smoothness", {
      expected: ">= 100",
      found: `${values.length}`,
    });
  const deviation = medianAbsoluteDeviation(values);
  if (!(deviation > 0)) throw new DataError("constant-data", "the map is constant over half of the region");
  return (deviation * 1.4826) ** 2; // 1.4826 = 1 / Phi^-1(3/4): MAD to SD of a Gaussian
}

/**
 * Resel counts of a mask, from its numbers of points, edges, faces and cubes.
 *
 * @param fwhm mm along each voxel axis
 * @see Worsley et al., Hum Brain Mapp 1996;4:58-73, section 3.2
 */
export function reselCounts(mask: Uint8Array, grid: Grid, fwhm: readonly [number, number, number]): Resels {
  const [nx, ny, nz] = grid.shape;
  const size = spacing(grid);
  const [rx, ry, rz] = [size[0] / fwhm[0], size[1] / fwhm[1], size[2] / fwhm[2]];
  let [p, ex, ey, ez, fxy, fxz, fyz, c] = [0, 0, 0, 0, 0, 0, 0, 0];
  const plane = nx * ny;
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        const at = k * plane + j * nx + i;
        if (!mask[at]) continue;
        p++;
        const x = i + 1 < nx && mask[at + 1] !== 0;
        const y = j + 1 < ny && mask[at + nx] !== 0;
        const z = k + 1 < nz && mask[at + plane] !== 0;
        const xy = x && y && mask[at + nx + 1] !== 0;
        const xz = x && z && mask[at + plane + 1] !== 0;
        const yz = y && z && mask[at + plane + nx] !== 0;
        if (x) ex++;
        if (y) ey++;
        if (z) ez++;
        if (xy) fxy++;
        if (xz) fxz++;
        if (yz) fyz++;
        if (xy && xz && yz && mask[at + plane + nx + 1]) c++;
      }
  return [
    p - (ex + ey + ez) + (fxy + fxz + fyz) - c,
    rx * (ex - fxy - fxz + c) + ry * (ey - fxy - fyz + c) + rz * (ez - fxz - fyz + c),
    rx * ry * (fxy - c) + rx * rz * (fxz - c) + ry * rz * (fyz - c),
    rx * ry * rz * c,
  ];
}

/** Gaussian upper tail P(Z > t). Error below 1.2e-7 relative. @see Press et al., Numerical Recipes, erfcc */
export function gaussianTail(t: number): number {
  const x = Math.abs(t) / Math.SQRT2;
  const u = 1 / (1 + 0.5 * x);
  const poly = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, c) => sum * u + c, 0);
  const upper = 0.5 * u * Math.exp(-x * x + poly);
  return t >= 0 ? upper : 1 - upper;
}

/**
 * Expected Euler characteristic of {z > t} in a Gaussian field: for high t the expected number of peaks above t.
 *
 *   E = sum_d R_d rho_d(t),  rho_0 = P(Z > t),  rho_1 = sqrt(4 ln 2)/(2 pi) e^(-t^2/2),
 *   rho_2 = 4 ln 2/(2 pi)^(3/2) t e^(-t^2/2),  rho_3 = (4 ln 2)^(3/2)/(2 pi)^2 (t^2 - 1) e^(-t^2/2)
 *
 * @see Worsley et al., Hum Brain Mapp 1996;4:58-73, table II
 */
export function expectedEuler(t: number, [r0, r1, r2, r3]: Resels): number {
  const a = 4 * Math.LN2;
  const e = Math.exp((-t * t) / 2);
  const pi2 = 2 * Math.PI;
  return (
    r0 * gaussianTail(t) +
    (r1 * Math.sqrt(a) * e) / pi2 +
    (r2 * a * t * e) / pi2 ** 1.5 +
    (r3 * a ** 1.5 * (t * t - 1) * e) / pi2 ** 2
  );
}

/** Chance that smooth noise alone reaches `peak` anywhere in the region: 1 - exp(-E(peak)), for peak >= 2. */
export function peakProbability(peak: number, resels: Resels): number {
  return -Math.expm1(-Math.max(0, expectedEuler(peak, resels)));
}

/**
 * Chance that noise alone has a cluster of at least `extent` resels above `threshold` anywhere in the region.
 *
 *   P(n >= k) = exp(-beta k^(2/3)),  beta = (Gamma(5/2) E[m] / E[N])^(2/3),  p = 1 - exp(-E[m] P(n >= k))
 *   E[m] = expected Euler characteristic, E[N] = R_3 P(Z > threshold)
 *
 * @param extent volume / FWHM^3
 * @see Friston et al., Hum Brain Mapp 1994;1:210-20
 */
export function extentProbability(extent: number, threshold: number, resels: Resels): number {
  const clusters = Math.max(0, expectedEuler(threshold, resels));
  const beta = ((1.329340388179137 * clusters) / (resels[3] * gaussianTail(threshold))) ** (2 / 3); // Gamma(5/2)
  return -Math.expm1(-clusters * Math.exp(-beta * extent ** (2 / 3)));
}
