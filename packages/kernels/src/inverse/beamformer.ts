import { DataError } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { SourceModel } from "./distributed.ts";
import { inverseRoot, symmetricInverse } from "./symmetric.ts";
import { whitener } from "./whitener.ts";

export interface Beamformer {
  /** [source][channel]: times a map gives the source's course in standard deviations of the noise. */
  readonly kernel: readonly Float64Array[];
  /** [source][orientation]: unit moment of most power; 1 along a normal. */
  readonly moments: readonly Float64Array[];
  /** Output power of each source for the data's covariance, in variances of the noise. */
  readonly power: Float64Array;
}

/** Share of the mean variance that is added to the data's covariance: MNE-Python's default. */
const loading = 0.05;

/**
 * Linearly constrained minimum-variance beamformer of unit noise gain, with the moment of most output power. In the space whitened by
 * the noise, A the lead field of a source and D the data's covariance (with `regularisation` x its mean variance added):
 *
 *   w = D^-1 A q / |D^-1 A q|,   q maximises (q' A' D^-1 A q) / (q' A' D^-2 A q)
 *
 * For one source in white noise and no regularisation the power is largest at its own place.
 *
 * @param data covariance of the data, [channel][channel]
 * @throws DataError as `distributedInverse`; `shape-mismatch`, `not-finite` (the data's covariance)
 * @see Van Veen et al., IEEE TBME 1997;44:867-880; Sekihara & Nagarajan, Adaptive Spatial Filters (2008), sections 4.2 and 4.7
 */
export function beamformer(
  { leadField, orientations, noise }: Pick<SourceModel, "leadField" | "orientations" | "noise">,
  data: readonly ArrayLike<number>[],
  regularisation: number = loading,
): Beamformer {
  const channels = leadField.length;
  const columns = leadField[0]?.length ?? 0;
  if (columns === 0 || columns % orientations !== 0 || leadField.some((row) => row.length !== columns))
    throw new DataError("shape-mismatch", "a lead field has the same sources in every channel");
  if (data.length !== channels || data.some((row) => row.length !== channels))
    throw new DataError("shape-mismatch", "the data's covariance has a row and a column per channel", {
      expected: `${channels} x ${channels}`,
      found: `${data.length} x ${data[0]?.length ?? 0}`,
    });
  if (!(regularisation >= 0))
    throw new DataError("not-positive", "regularisation is 0 or more", { found: `${regularisation}` });
  const white = whitener(noise, channels);
  const measured = new Matrix(data.map((row) => Array.from(row)));
  const gain = new Matrix(leadField.map((row) => Array.from(row)));
  if (!measured.to1DArray().every(Number.isFinite) || !gain.to1DArray().every(Number.isFinite))
    throw new DataError("not-finite", "lead field and covariance hold numbers", { found: "NaN or infinity" });
  const a = white.matrix.mmul(gain);
  const d = white.matrix.mmul(measured).mmul(white.matrix.transpose());
  const n = d.rows;
  const loaded = Matrix.add(d, Matrix.eye(n, n).mul((regularisation * d.trace()) / n));
  const inverse = symmetricInverse(loaded);
  const filtered = inverse.mmul(a);
  const count = columns / orientations;
  const [kernel, moments]: [Float64Array[], Float64Array[]] = [[], []];
  const power = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [from, to] = [i * orientations, (i + 1) * orientations - 1];
    const own = a.subMatrix(0, n - 1, from, to);
    const passed = filtered.subMatrix(0, n - 1, from, to);
    const q = bestMoment(own.transpose().mmul(passed), passed.transpose().mmul(passed));
    const w = passed.mmul(Matrix.columnVector(Array.from(q)));
    const size = w.norm();
    if (size > 0) w.div(size);
    power[i] = w.transpose().mmul(d).mmul(w).get(0, 0);
    kernel.push(Float64Array.from(w.transpose().mmul(white.matrix).getRow(0)));
    moments.push(q);
  }
  return { kernel, moments, power };
}

/** q of length 1 that maximises (q' above q) / (q' below q). */
function bestMoment(above: Matrix, below: Matrix): Float64Array {
  const o = above.rows;
  if (o === 1) return Float64Array.of(1);
  const root = inverseRoot(below);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(root.mmul(above).mmul(root), {
    assumeSymmetric: true,
  });
  const top = realEigenvalues.indexOf(Math.max(...realEigenvalues));
  const q = root.mmul(Matrix.columnVector(eigenvectorMatrix.getColumn(top))).to1DArray();
  const size = Math.hypot(...q) || 1;
  return Float64Array.from(q, (v) => v / size);
}
