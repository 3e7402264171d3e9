import { DataError } from "@quintet/core";
import type { CountedOperator } from "../iterate/counted-operator.ts";
import type { LinearOperator } from "../iterate/linear-operator.ts";
import type { EmissionOperator, EmissionSubset } from "./emission-data.ts";

export interface KernelMatrixOptions {
  /** Half edge of the box of candidates in voxels; default 3 (7 x 7 x 7). */
  readonly reach?: number;
  /** Candidates kept, the voxel itself among them; default 48. */
  readonly neighbours?: number;
  /** sigma of the kernel as a share of the anatomy's standard deviation; default 0.5. Chosen here. */
  readonly width?: number;
}

/**
 * The kernel matrix of an anatomical image: each voxel of x = K alpha is a weighted mean of those near it that look alike,
 *
 *   K_jk = exp(-(m_j - m_k)^2 / 2 sigma^2) / sum,   k among the candidates nearest in m
 *
 * with m the anatomical image over its standard deviation (Wang & Qi, IEEE Trans Med Imaging 2015;34:61-71, equations 13
 * to 15, with the voxel's own value as its feature). Rows sum to 1, so a constant stays constant. Ties go to the nearer voxel.
 *
 * @throws DataError `shape-mismatch`, `not-finite`, `bad-count`, `not-positive`
 */
export function kernelMatrix(
  shape: readonly [nx: number, ny: number, nz: number],
  anatomy: Float32Array,
  { reach = 3, neighbours = 48, width = 0.5 }: KernelMatrixOptions = {},
): LinearOperator {
  const [nx, ny, nz] = shape;
  const voxels = nx * ny * nz;
  if (anatomy.length !== voxels) {
    throw new DataError("shape-mismatch", "the anatomical image is on the grid of the reconstruction", {
      expected: `${voxels} voxels`,
      found: `${anatomy.length}`,
    });
  }
  if (!(Number.isInteger(reach) && reach >= 0 && reach <= 15 && Number.isInteger(neighbours) && neighbours > 0)) {
    throw new DataError("bad-count", "the kernel's box and its neighbours", { found: `${reach}, ${neighbours}` });
  }
  if (!(width > 0)) throw new DataError("not-positive", "the kernel's width", { found: `${width}` });
  const spread = standardDeviation(anatomy);
  if (!Number.isFinite(spread)) throw new DataError("not-finite", "the anatomical image has voxels without value");
  const decay = spread > 0 ? 1 / (2 * (width * spread) ** 2) : 0;
  const offsets = boxOffsets(reach);
  const most = Math.min(neighbours, offsets.length);
  const index = new Int32Array(voxels * most).fill(-1);
  const weight = new Float32Array(voxels * most);
  const off = new Float64Array(offsets.length);
  for (let z = 0, j = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, j++) {
        const inside: number[] = [];
        for (let o = 0; o < offsets.length; o++) {
          const [dx, dy, dz] = offsets[o];
          if (x + dx < 0 || x + dx >= nx || y + dy < 0 || y + dy >= ny || z + dz < 0 || z + dz >= nz) continue;
          off[o] = Math.abs(anatomy[j + dx + nx * (dy + ny * dz)] - anatomy[j]);
          inside.push(o);
        }
        if (inside.length > most) inside.sort((a, b) => off[a] - off[b] || a - b);
        const kept = inside.slice(0, most);
        const raw = kept.map((o) => Math.exp(-decay * off[o] ** 2));
        const sum = raw.reduce((a, b) => a + b, 0);
        for (const [i, o] of kept.entries()) {
          const [dx, dy, dz] = offsets[o];
          index[j * most + i] = j + dx + nx * (dy + ny * dz);
          weight[j * most + i] = raw[i] / sum;
        }
      }
    }
  }
  return sparseRows(voxels, most, index, weight);
}

/** Offsets of a box, the nearest first. */
function boxOffsets(reach: number): readonly (readonly [number, number, number])[] {
  const side = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return side
    .flatMap((z) => side.flatMap((y) => side.map((x) => [x, y, z] as const)))
    .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

function standardDeviation(values: Float32Array): number {
  let [sum, square] = [0, 0];
  for (let j = 0; j < values.length; j++) sum += values[j];
  const mean = sum / values.length;
  for (let j = 0; j < values.length; j++) square += (values[j] - mean) ** 2;
  return Math.sqrt(square / values.length);
}

function sparseRows(rows: number, most: number, index: Int32Array, weight: Float32Array): LinearOperator {
  return {
    domain: rows,
    range: rows,
    forward(alpha) {
      const out = new Float32Array(rows);
      for (let j = 0; j < rows; j++) {
        let sum = 0;
        for (let i = j * most; i < (j + 1) * most && index[i] >= 0; i++) sum += weight[i] * alpha[index[i]];
        out[j] = sum;
      }
      return out;
    },
    adjoint(image) {
      const out = new Float64Array(rows);
      for (let j = 0; j < rows; j++) {
        for (let i = j * most; i < (j + 1) * most && index[i] >= 0; i++) out[index[i]] += weight[i] * image[j];
      }
      return Float32Array.from(out);
    },
  };
}

/**
 * The same counts with the unknowns alpha instead of x = K alpha: kernel expectation maximisation is `osem` of these, and its
 * image K times what comes out (Wang & Qi 2015, equation 9).
 */
export function withKernel(subsets: readonly EmissionSubset[], kernel: LinearOperator): readonly EmissionSubset[] {
  const wrap = ({ counted, ...operator }: EmissionOperator): EmissionOperator => ({
    ...operator,
    domain: kernel.domain,
    forward: (alpha, out) => operator.forward(kernel.forward(alpha), out),
    adjoint: (data) => kernel.adjoint(operator.adjoint(data)),
    ...(counted ? { counted: (withBackground: boolean) => throughKernel(counted(withBackground), kernel) } : {}),
  });
  return subsets.map(({ parts, sensitivity }) => ({
    parts: parts.map((part) => ({ ...part, operator: wrap(part.operator) })),
    ...(sensitivity ? { sensitivity: kernel.adjoint(sensitivity) } : {}),
  }));
}

/** An update of the image x = K alpha, seen from alpha. */
function throughKernel(operator: CountedOperator, kernel: LinearOperator): CountedOperator {
  return {
    ...operator,
    update(alpha, logarithms) {
      const { back, ...sums } = operator.update(kernel.forward(alpha), logarithms);
      return { ...sums, back: kernel.adjoint(back) };
    },
  };
}
