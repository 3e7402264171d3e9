/** Partial volume correction with regions from anatomy: geometric transfer matrix, and voxels from there. */
import { DataError, type LabelVolume, sameGrid, spacing, type Volume, voxelCount } from "@quintet/core";
import { LuDecomposition, Matrix } from "ml-matrix";
import { fwhmPerSigma, smoothGaussian } from "../gauss/gauss.ts";

export interface CorrectedRegion {
  readonly label: number;
  readonly name: string;
  /** Mean as measured, and after the correction, in the unit of the image. */
  readonly measured: number;
  readonly corrected: number;
  /** Of `corrected`, from the measured regions' errors through the matrix. */
  readonly standardError: number;
  readonly voxels: number;
}

export interface TransferMatrix {
  readonly regions: readonly CorrectedRegion[];
  /** w[j][i]: share of region i's signal, per unit, that the mean of region j holds. Row-major; rows of 1 inside the head. */
  readonly matrix: Float64Array;
  /** Largest over smallest singular value, estimated by the norms of the matrix and of its inverse. */
  readonly condition: number;
}

/** Beyond this the inverse makes more noise than it mends. Chosen here. */
const largestCondition = 100;

/** What regions give to each other at a resolution: the same for every frame. */
export interface Spill {
  readonly fwhm: number;
  /** Labels that occur, 0 among them, and each voxel's place among them. */
  readonly present: readonly number[];
  readonly index: Int32Array;
  readonly matrix: Float64Array;
  readonly inverse: Float64Array;
  readonly condition: number;
}

/**
 * w_ji = mean over region j of (PSF (x) 1_i), and its inverse. Background (label 0) is a region of its own, so that what spills
 * into it counts.
 *
 * @param fwhm of the image's point spread, mm, along each axis of the grid
 * @throws DataError `bad-sigma`, `empty-region`, `ill-conditioned`, `shape-mismatch`
 */
export function regionSpill(labels: LabelVolume, fwhm: number): Spill {
  if (!(fwhm > 0 && fwhm < 50))
    throw new DataError("bad-sigma", "the resolution of the image in mm", { expected: "0 to 50", found: `${fwhm}` });
  const present = [...new Set(labels.data)].sort((a, b) => a - b);
  const n = present.length;
  if (!present.some((label) => label !== 0)) throw new DataError("empty-region", "no voxel has a label");
  if (n > 400) {
    throw new DataError("shape-mismatch", "a transfer matrix of that many regions", {
      expected: "at most 400 labels",
      found: `${n}`,
    });
  }
  const place = new Map(present.map((label, i) => [label, i]));
  const index = Int32Array.from(labels.data, (label) => place.get(label) ?? 0);
  const sizes = new Float64Array(n);
  for (const i of index) sizes[i] = (sizes[i] as number) + 1;
  const matrix = new Float64Array(n * n);
  const sigma = sigmas(labels, fwhm);
  for (let i = 0; i < n; i++) {
    const spread = smoothGaussian(
      Float32Array.from(index, (own) => (own === i ? 1 : 0)),
      labels.shape,
      sigma,
    );
    for (let v = 0; v < index.length; v++) {
      const j = index[v] as number;
      matrix[j * n + i] = (matrix[j * n + i] as number) + (spread[v] as number) / (sizes[j] as number);
    }
  }
  const inverse = inverted(matrix, n);
  const condition = rowNorm(matrix, n) * rowNorm(inverse, n);
  if (!(condition <= largestCondition)) {
    throw new DataError("ill-conditioned", "regions this small cannot be told apart at this resolution", {
      expected: `a condition of at most ${largestCondition}`,
      found: condition.toPrecision(3),
    });
  }
  return { fwhm, present, index, matrix, inverse, condition };
}

/**
 * Geometric transfer matrix.
 *
 *   m_j = sum_i w_ji T_i,   w_ji = mean over region j of (PSF (x) 1_i),   T = W^-1 m
 *
 * @param image one frame
 * @param spill of regionSpill, or the FWHM of the image's point spread, mm
 * @throws DataError `grid-mismatch`, `shape-mismatch`, those of regionSpill
 * @see Rousset et al., J Nucl Med 1998;39:904-11 (from the literature, not re-checked)
 */
export function transferMatrix(image: Volume, labels: LabelVolume, spill: number | Spill): TransferMatrix {
  check(image, labels);
  const { fwhm, present, index, matrix, inverse, condition } =
    typeof spill === "number" ? regionSpill(labels, spill) : spill;
  const n = present.length;
  const [sizes, sums, squares] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  index.forEach((i, v) => {
    const value = image.data[v] as number;
    sizes[i] = (sizes[i] as number) + 1;
    sums[i] = (sums[i] as number) + value;
    squares[i] = (squares[i] as number) + value * value;
  });
  // A region's mean is about as sure as its resolution elements are many.
  const element = (1.0645 * fwhm) ** 3;
  const volume = spacing(labels).reduce((a, b) => a * b, 1);
  const variances = sums.map((sum, i) => {
    const size = sizes[i] as number;
    const variance = Math.max(0, (squares[i] as number) / size - (sum / size) ** 2);
    return variance / Math.max(1, (size * volume) / element);
  });
  const measured = sums.map((sum, i) => sum / (sizes[i] as number));
  const regions = present.map((label, j): CorrectedRegion => {
    let [corrected, variance] = [0, 0];
    for (let i = 0; i < n; i++) {
      const w = inverse[j * n + i] as number;
      corrected += w * (measured[i] as number);
      variance += w * w * (variances[i] as number);
    }
    return {
      label,
      name: label === 0 ? "background" : (labels.names.get(label) ?? `label ${label}`),
      measured: measured[j] as number,
      corrected,
      standardError: Math.sqrt(variance),
      voxels: sizes[j] as number,
    };
  });
  return { regions, matrix, condition };
}

/**
 * Region-based voxel-wise correction: the measured image times what the corrected regions say it should have been over
 * what the scanner makes of them.
 *
 *   C(v) = m(v) s(v) / (PSF (x) s)(v),   s = sum_i T_i 1_i
 *
 * @throws DataError as `transferMatrix`
 * @see Thomas et al., Eur J Nucl Med Mol Imaging 2011;38:1104-19 (from the literature, not re-checked)
 */
export function regionBasedVoxelwise<V extends Volume>(image: V, labels: LabelVolume, spill: number | Spill): V {
  const { regions } = transferMatrix(image, labels, spill);
  const fwhm = typeof spill === "number" ? spill : spill.fwhm;
  const truth = new Map(regions.map(({ label, corrected }) => [label, corrected]));
  const synthetic = Float32Array.from(labels.data, (label) => truth.get(label) ?? 0);
  const blurred = smoothGaussian(synthetic, labels.shape, sigmas(labels, fwhm));
  const floor = 1e-6 * Math.max(...regions.map(({ corrected }) => Math.abs(corrected)));
  const data = image.data.map((m, v) => {
    const b = blurred[v] as number;
    return Math.abs(b) > floor ? (m * (synthetic[v] as number)) / b : m;
  });
  return { ...image, data };
}

function check(image: Volume, labels: LabelVolume): void {
  if (!sameGrid(image, labels))
    throw new DataError("grid-mismatch", "image and regions must lie on one grid", {
      expected: `${image.shape} in ${image.space}`,
      found: `${labels.shape} in ${labels.space}`,
    });
  if (image.data.length !== voxelCount(image))
    throw new DataError("shape-mismatch", "partial volume correction takes one frame at a time", {
      expected: "1 frame",
      found: `${image.frames.length}`,
    });
}

function sigmas(labels: LabelVolume, fwhm: number): [number, number, number] {
  const [x, y, z] = spacing(labels);
  return [fwhm / fwhmPerSigma / x, fwhm / fwhmPerSigma / y, fwhm / fwhmPerSigma / z];
}

/** @throws DataError `ill-conditioned` */
function inverted(matrix: Float64Array, n: number): Float64Array {
  const lu = new LuDecomposition(Matrix.from1DArray(n, n, matrix));
  if (lu.upperTriangularMatrix.diagonal().some((pivot) => !(Math.abs(pivot) > 1e-9)))
    throw new DataError("ill-conditioned", "regions this small cannot be told apart at this resolution");
  return Float64Array.from(lu.solve(Matrix.eye(n, n)).to1DArray());
}

function rowNorm(matrix: Float64Array, n: number): number {
  let most = 0;
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let c = 0; c < n; c++) sum += Math.abs(matrix[row * n + c] as number);
    most = Math.max(most, sum);
  }
  return most;
}
