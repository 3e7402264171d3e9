import { DataError, type Hertz, type Mask, type Seconds, type Volume, voxelCount } from "@quintet/core";
import type { NamedCourse } from "@quintet/kernels";

export interface CleanOptions {
  readonly repetitionTime: Seconds;
  readonly confounds?: readonly NamedCourse[];
  /** Frequencies kept; all above the constant and slope without it. */
  readonly band?: readonly [low: Hertz, high: Hertz];
}

export interface CleanSeries<V extends Volume> {
  /** Mean 0 inside the mask, 0 outside. */
  readonly volume: V;
  /** Volumes less the columns taken out: what remains free. */
  readonly dof: number;
}

/**
 * A series without confounds and outside frequencies, in one projection:
 *
 *   y' = (I - N N') y,   N an orthonormal basis of [1, t, confounds, cosines outside the band]
 *
 * Filtering and regression in one step cannot put back what the other took out.
 *
 * @throws DataError `grid-mismatch`, `shape-mismatch`, `bad-band`, `no-dof` (fewer than 5 left)
 * @see Lindquist et al., Hum Brain Mapp 2019;40:2358-76; Hallquist et al., NeuroImage 2013;82:208-25
 */
export function cleanSeries<V extends Volume>(bold: V, mask: Mask, options: CleanOptions): CleanSeries<V> {
  const [n, frames] = [voxelCount(bold), bold.frames.length];
  if (mask.data.length !== n) throw new DataError("grid-mismatch", "series and mask must lie on one grid");
  const columns = columnsOf(frames, options);
  const basis = orthonormal(columns, frames);
  const dof = frames - basis.length;
  if (dof < 5)
    throw new DataError("no-dof", "confounds and filter leave too little of the series", {
      expected: ">= 5 degrees of freedom",
      found: `${frames} volumes less ${basis.length} columns`,
    });
  const data = new Float32Array(bold.data.length);
  const voxels = [...mask.data.keys()].filter((i) => mask.data[i] !== 0);
  const block = 512;
  const sums = new Float64Array(basis.length * block);
  for (let from = 0; from < voxels.length; from += block) {
    const own = voxels.slice(from, from + block);
    sums.fill(0);
    for (let t = 0; t < frames; t++) {
      for (const [j, column] of basis.entries()) {
        const w = column[t] as number;
        const at = j * block;
        for (let i = 0; i < own.length; i++)
          sums[at + i] = (sums[at + i] as number) + w * (bold.data[t * n + (own[i] as number)] as number);
      }
    }
    const rest = new Float64Array(own.length);
    for (let t = 0; t < frames; t++) {
      for (let i = 0; i < own.length; i++) rest[i] = bold.data[t * n + (own[i] as number)] as number;
      for (const [j, column] of basis.entries()) {
        const w = column[t] as number;
        const at = j * block;
        for (let i = 0; i < own.length; i++) rest[i] = (rest[i] as number) - w * (sums[at + i] as number);
      }
      for (let i = 0; i < own.length; i++) data[t * n + (own[i] as number)] = rest[i] as number;
    }
  }
  return { volume: { ...bold, data }, dof };
}

function columnsOf(frames: number, { repetitionTime, confounds = [], band }: CleanOptions): ArrayLike<number>[] {
  for (const { name, values } of confounds) {
    if (values.length !== frames || !Array.from(values).every(Number.isFinite))
      throw new DataError("shape-mismatch", `course ${name} must have a finite value for each volume`, {
        expected: `${frames}`,
        found: `${values.length}`,
      });
  }
  const columns: ArrayLike<number>[] = [
    new Float64Array(frames).fill(1),
    Float64Array.from({ length: frames }, (_, t) => t - (frames - 1) / 2),
  ];
  if (band) {
    const nyquist = 1 / (2 * repetitionTime);
    if (!(band[0] >= 0 && band[1] > band[0] && band[0] < nyquist)) {
      throw new DataError("bad-band", "the band must lie below half the sampling rate", {
        expected: `0 <= low < high, low < ${nyquist} Hz`,
        found: band.join(" to "),
      });
    }
    for (let k = 1; k < frames; k++) {
      const f = k / (2 * frames * repetitionTime);
      if (f < band[0] || f > band[1])
        columns.push(Float64Array.from({ length: frames }, (_, t) => Math.cos((Math.PI * k * (t + 0.5)) / frames)));
    }
  }
  return [...columns, ...confounds.map(({ values }) => values)];
}

/** Gram-Schmidt, twice; a column that those before it make up is left out. */
function orthonormal(columns: readonly ArrayLike<number>[], n: number): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const own = Float64Array.from(column);
    const before = Math.sqrt(own.reduce((sum, v) => sum + v * v, 0));
    for (let round = 0; round < 2; round++) {
      for (const other of basis) {
        let dot = 0;
        for (let t = 0; t < n; t++) dot += (own[t] as number) * (other[t] as number);
        for (let t = 0; t < n; t++) own[t] = (own[t] as number) - dot * (other[t] as number);
      }
    }
    const left = Math.sqrt(own.reduce((sum, v) => sum + v * v, 0));
    if (left > 1e-8 * before) basis.push(own.map((v) => v / left));
  }
  return basis;
}
