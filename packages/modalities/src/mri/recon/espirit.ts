import { DataError } from "@quintet/core";
import { fftN } from "@quintet/kernels";
import { type CartesianKSpace, type CoilData, longAxes, pointsOf, refuseBadKSpace } from "../forward/coil-data.ts";
import type { CoilMaps } from "../forward/sense-model.ts";
import { calibrationBlock } from "./calibration.ts";
import { hermitianEigen } from "./hermitian-eigen.ts";
import { leadingEigenvectors } from "./pixel-eigen.ts";

export interface EspiritOptions {
  /** Most points of the calibration block along an axis, default 24. */
  readonly calibration?: number;
  /** Kernel width along each axis, default 6. */
  readonly kernel?: number;
  /** Singular values of the calibration matrix kept, as a share of the largest, default 0.02. */
  readonly singular?: number;
  /** Eigenvalues from which a map is kept, default 0.95. */
  readonly crop?: number;
  /** Maps a pixel, default 1; 2 where the object wraps round the field of view. */
  readonly sets?: number;
  /** Maps fade with the eigenvalue instead of being cut at `crop`, default false. */
  readonly soft?: boolean;
  /** Where the maps are learnt when the calibration was measured apart from the image; default the image's own centre. */
  readonly learnFrom?: CartesianKSpace;
}

export interface Espirit extends CoilMaps {
  /** Of each set, [set][z][y][x]; 1 where one map explains the data, lower where there is no signal. */
  readonly eigenvalues: Float32Array;
  readonly calibration: CoilData["shape"];
  /** Kernels that span the signal space, of all. */
  readonly kept: number;
  readonly kernels: number;
}

/**
 * Coil sensitivities from the calibration data alone (ESPIRiT):
 *
 *   G(r)[c, d] = 1 / K sum over shifts D of w_cd(D) exp(2 pi i D . r),   w_cd(D) = sum over k - k' = D of (V V')[ck, dk']
 *
 * V spans the rows of the calibration matrix, the patches of k-space of K points: singular values above `singular` of
 * the largest. G projects onto what the coils can show together, so the sensitivities are its eigenvectors at
 * eigenvalue 1 (Uecker et al., Magn Reson Med 2014;71:990-1001, equations 15-17). Each map has length 1 over coils,
 * its phase is taken against the principal coil of the calibration data, and it is 0 where the eigenvalue is below
 * `crop`; soft maps are weighted by sqrt of a smooth step from 0 at 2 crop - 1 to 1 at 1.
 *
 * @throws DataError `no-calibration`, `bad-option`, and as `refuseBadKSpace`
 */
export function espirit(kspace: CartesianKSpace, options: EspiritOptions = {}): Espirit {
  const { calibration = 24, kernel = 6, singular = 0.02, crop = 0.95, sets = 1, soft = false } = options;
  refuseBadKSpace(kspace);
  refuseBadOptions(kspace.coils, { calibration, kernel, singular, crop, sets });
  const block = calibrationBlock(options.learnFrom ?? kspace, calibration, kernel + 2);
  const patch = block.shape.map((n) => Math.min(n, n > 1 ? kernel : 1)) as [number, number, number];
  const gram = patchGram(block, patch);
  const { values, vectors } = hermitianEigen(gram);
  const least = singular * singular * (values[0] as number);
  let kept = values.findIndex((value) => !(value > least));
  if (kept < 0) kept = values.length;
  if (kept === 0) throw new DataError("no-signal", "the calibration data are all zero", {});
  const projection = projector(vectors, gram.n, kept);
  const operator = imageOperator(projection, kspace, patch);
  const { maps, eigenvalues } = leadingEigenvectors(operator, kspace.coils, pointsOf(kspace.shape), sets);
  finishMaps(maps, eigenvalues, principalCoil(block), { coils: kspace.coils, sets, crop, soft });
  return {
    sets,
    coils: kspace.coils,
    shape: kspace.shape,
    data: maps,
    eigenvalues,
    calibration: block.shape,
    kept,
    kernels: values.length,
  };
}

interface Gram {
  readonly n: number;
  readonly data: Float64Array;
}

/** sum over patches p of p p', with p [coil][z][y][x] of the patch. */
function patchGram({ coils, shape, data }: CoilData, patch: readonly [number, number, number]): Gram {
  const size = pointsOf(patch);
  const n = coils * size;
  const gram = new Float64Array(2 * n * n);
  const vector = new Float64Array(2 * n);
  const [nx, ny, nz] = shape;
  for (let z = 0; z + patch[2] <= nz; z++)
    for (let y = 0; y + patch[1] <= ny; y++)
      for (let x = 0; x + patch[0] <= nx; x++) {
        let to = 0;
        for (let c = 0; c < coils; c++)
          for (let k = 0; k < patch[2]; k++)
            for (let j = 0; j < patch[1]; j++) {
              const at = 2 * (((c * nz + z + k) * ny + y + j) * nx + x);
              for (let i = 0; i < 2 * patch[0]; i++) vector[to++] = data[at + i] as number;
            }
        addOuter(gram, vector, n);
      }
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      gram[2 * (j * n + i)] = gram[2 * (i * n + j)] as number;
      gram[2 * (j * n + i) + 1] = -(gram[2 * (i * n + j) + 1] as number);
    }
  return { n, data: gram };
}

/** gram += v v', below the diagonal and on it. */
function addOuter(gram: Float64Array, v: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const [a, b] = [v[2 * i] as number, v[2 * i + 1] as number];
    for (let j = 0, at = 2 * i * n; j <= i; j++, at += 2) {
      const [c, d] = [v[2 * j] as number, v[2 * j + 1] as number];
      gram[at] = (gram[at] as number) + a * c + b * d;
      gram[at + 1] = (gram[at + 1] as number) + b * c - a * d;
    }
  }
}

/** V V' of the first `kept` vectors. */
function projector(vectors: Float64Array, n: number, kept: number): Gram {
  const data = new Float64Array(2 * n * n);
  for (let k = 0; k < kept; k++) addOuter(data, vectors.subarray(2 * k * n, 2 * (k + 1) * n), n);
  return { n, data };
}

/** G(r)[c][d] for d <= c on the whole image: [pair][z][y][x]. */
function imageOperator({ n, data }: Gram, { coils, shape }: CoilData, patch: readonly number[]): Float32Array[] {
  const size = pointsOf(patch);
  const [px, py] = patch as [number, number, number];
  const [nx, ny, nz] = shape;
  const middle = shape.map((m) => Math.floor(m / 2)) as [number, number, number];
  const pairs: Float32Array[] = [];
  for (let c = 0; c < coils; c++)
    for (let d = 0; d <= c; d++) {
      const w = new Float32Array(2 * nx * ny * nz);
      for (let k = 0; k < size; k++)
        for (let l = 0; l < size; l++) {
          const [row, column] = [c * size + k, d * size + l];
          const lower = row >= column;
          const at = 2 * (lower ? row * n + column : column * n + row);
          const turn = (m: number, of: number): number => (m + of) % of;
          const dx = turn((k % px) - (l % px) + middle[0], nx);
          const dy = turn((Math.floor(k / px) % py) - (Math.floor(l / px) % py) + middle[1], ny);
          const dz = turn(Math.floor(k / (px * py)) - Math.floor(l / (px * py)) + middle[2], nz);
          const to = 2 * ((dz * ny + dy) * nx + dx);
          w[to] = (w[to] as number) + (data[at] as number) / size;
          w[to + 1] = (w[to + 1] as number) + ((lower ? 1 : -1) * (data[at + 1] as number)) / size;
        }
      pairs.push(fftN(w, shape, longAxes(shape), { inverse: true, centred: true, norm: "none" }, w));
    }
  return pairs;
}

/** The combination of coils with the most power in the calibration data: the reference of the phase. */
function principalCoil({ coils, shape, data }: CoilData): Float64Array {
  const gram = new Float64Array(2 * coils * coils);
  const points = pointsOf(shape);
  for (let c = 0; c < coils; c++)
    for (let d = 0; d < coils; d++)
      for (let i = 0; i < 2 * points; i += 2) {
        const [p, q, at] = [2 * c * points + i, 2 * d * points + i, 2 * (c * coils + d)];
        const [ar, ai, br, bi] = [data[p], data[p + 1], data[q], data[q + 1]] as [number, number, number, number];
        gram[at] = (gram[at] as number) + ar * br + ai * bi;
        gram[at + 1] = (gram[at + 1] as number) + ai * br - ar * bi;
      }
  return hermitianEigen({ n: coils, data: gram }).vectors.slice(0, 2 * coils);
}

interface Finish {
  readonly coils: number;
  readonly sets: number;
  readonly crop: number;
  readonly soft: boolean;
}

/** Turns the phase and weighs by the eigenvalue, in place. */
function finishMaps(
  maps: Float32Array,
  eigenvalues: Float32Array,
  reference: Float64Array,
  { coils, sets, crop, soft }: Finish,
): void {
  const points = eigenvalues.length / sets;
  for (let s = 0; s < sets; s++)
    for (let i = 0; i < points; i++) {
      let [re, im] = [0, 0];
      for (let c = 0; c < coils; c++) {
        const at = 2 * ((s * coils + c) * points + i);
        const [a, b] = [maps[at] as number, maps[at + 1] as number];
        const [p, q] = [reference[2 * c] as number, reference[2 * c + 1] as number];
        re += p * a + q * b;
        im += p * b - q * a;
      }
      const size = Math.hypot(re, im) || 1;
      const weight = mapWeight(eigenvalues[s * points + i] as number, crop, soft);
      for (let c = 0; c < coils; c++) {
        const at = 2 * ((s * coils + c) * points + i);
        const [a, b] = [maps[at] as number, maps[at + 1] as number];
        maps[at] = (weight * (a * re + b * im)) / size;
        maps[at + 1] = (weight * (b * re - a * im)) / size;
      }
    }
}

function mapWeight(eigenvalue: number, crop: number, soft: boolean): number {
  if (!soft) return eigenvalue > crop ? 1 : 0;
  const t = Math.min(1, Math.max(0, (eigenvalue - (2 * crop - 1)) / (2 - 2 * crop)));
  return Math.sqrt(t * t * (3 - 2 * t));
}

function refuseBadOptions(
  coils: number,
  { calibration, kernel, singular, crop, sets }: Required<Omit<EspiritOptions, "soft" | "learnFrom">>,
): void {
  const fine =
    Number.isInteger(kernel) &&
    kernel >= 2 &&
    calibration >= kernel + 2 &&
    singular > 0 &&
    singular < 1 &&
    crop > 0 &&
    crop < 1 &&
    Number.isInteger(sets) &&
    sets >= 1 &&
    sets <= coils;
  if (fine) return;
  throw new DataError("bad-option", "ESPIRiT needs a kernel within the calibration block and thresholds below 1", {
    expected: `kernel >= 2, calibration >= kernel + 2, 0 < singular, crop < 1, 1 to ${coils} sets`,
    found: JSON.stringify({ calibration, kernel, singular, crop, sets }),
  });
}
