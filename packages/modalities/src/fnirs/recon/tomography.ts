import { DataError, type Nanometres } from "@quintet/core";
import { normalisedTikhonov } from "@quintet/kernels";
import { type ExtinctionTableName, extinction } from "./extinction.ts";

/** One measurement: where it looks, mm of path in each voxel. */
export interface SensitivityRow {
  readonly wavelength: Nanometres;
  readonly paths: ArrayLike<number>;
}

export interface TomographyOptions {
  readonly table?: ExtinctionTableName;
  /** Share of the largest singular value that noise is taken for; NeuroDOT's default 0.01. */
  readonly lambda1?: number;
  /** Share of the largest column below which sensitivity is not made up for; NeuroDOT's default 0.1. */
  readonly lambda2?: number;
  /** Standard deviation of each measurement, in any one unit: noisier ones weigh less. */
  readonly noise?: ArrayLike<number>;
}

export interface Tomography {
  readonly voxels: number;
  readonly measurements: number;
  /** The regularisation itself: lambda1^2 x the largest eigenvalue. */
  readonly penalty: number;
  /** HbO and HbR of each voxel, mol/L, from changes of optical density in the rows' order. */
  image(density: ArrayLike<number>): { readonly hbo: Float64Array; readonly hbr: Float64Array };
  /** Changes of optical density that concentrations (mol/L) make. */
  predict(hbo: ArrayLike<number>, hbr: ArrayLike<number>): Float64Array;
  /** Image of 1 mol/L of one kind in one voxel. */
  pointSpread(voxel: number, kind: "hbo" | "hbr"): { readonly hbo: Float64Array; readonly hbr: Float64Array };
}

/**
 * Haemoglobin straight from both wavelengths' optical densities, by Tikhonov's regularisation normalised for depth:
 *
 *   y = A x,   A = [ln(10)/10 e_HbO(l) l(v), ln(10)/10 e_HbR(l) l(v)],   x = [HbO, HbR]
 *   L = diag sqrt(diag(A'A) + lambda2 max diag(A'A))          of each kind apart
 *   x = L^-1 B' (B B' + lambda1^2 |B B'| 1)^-1 y,   B = A L^-1
 *
 * With `noise` A and y are first divided by it.
 *
 * @throws DataError `one-wavelength`, `shape-mismatch`, `no-sensitivity` (a kind that no measurement sees), `not-positive`
 *   (lambda1, lambda2, noise), `not-finite`
 * @see Eggebrecht et al., Nat Photonics 2014;8:448-454 (lambda1, lambda2); Culver et al., J Cereb Blood Flow Metab 2003;23:911-924;
 *   Corlu et al., Opt Lett 2003;28:2339-2341 (spectral)
 */
export function tomography(
  rows: readonly SensitivityRow[],
  { table = "prahl", lambda1 = 0.01, lambda2 = 0.1, noise }: TomographyOptions = {},
): Tomography {
  const [m, voxels] = [rows.length, rows[0]?.paths.length ?? 0];
  if (voxels === 0 || rows.some(({ paths }) => paths.length !== voxels) || (noise && noise.length !== m))
    throw new DataError("shape-mismatch", "every measurement has a path in each voxel, and its noise if any has", {
      expected: `${voxels} voxels, ${m} measurements`,
      found: `${rows.map(({ paths }) => paths.length).join(", ")}; noise of ${noise?.length ?? m}`,
    });
  if (new Set(rows.map(({ wavelength }) => wavelength)).size < 2)
    throw new DataError("one-wavelength", "two concentrations cannot be told apart by one wavelength", {
      expected: "at least 2 wavelengths",
      found: `${rows[0]?.wavelength} nm`,
    });
  const weights = Float64Array.from(rows, (_, i) => 1 / (noise === undefined ? 1 : (noise[i] as number)));
  if (!weights.every((w) => w > 0 && Number.isFinite(w)))
    throw new DataError("not-positive", "the noise of a measurement is above 0");
  const factors = rows.map(({ wavelength }) => {
    const { hbo, hbr } = extinction(table, wavelength);
    return [(Math.LN10 * hbo) / 10, (Math.LN10 * hbr) / 10] as const;
  });
  // A: [row][kind x voxel]
  const a = rows.map(({ paths }, i) => {
    const row = new Float64Array(2 * voxels);
    const [o, r] = factors[i] as readonly [number, number];
    const w = weights[i] as number;
    for (let v = 0; v < voxels; v++) {
      row[v] = w * o * (paths[v] as number);
      row[voxels + v] = w * r * (paths[v] as number);
    }
    return row;
  });
  const { penalty, solve } = normalisedTikhonov(a, { lambda1, lambda2, parts: 2 });
  const back = (weighted: ArrayLike<number>): { hbo: Float64Array; hbr: Float64Array } => {
    const x = solve(weighted);
    return { hbo: x.subarray(0, voxels), hbr: x.subarray(voxels) };
  };
  return {
    voxels,
    measurements: m,
    penalty,
    image(density) {
      if (density.length !== m)
        throw new DataError("shape-mismatch", "one density for each measurement", {
          expected: `${m}`,
          found: `${density.length}`,
        });
      return back(Float64Array.from(density, (v, i) => v * (weights[i] as number)));
    },
    predict(hbo, hbr) {
      if (hbo.length !== voxels || hbr.length !== voxels)
        throw new DataError("shape-mismatch", "one concentration for each voxel", { expected: `${voxels}` });
      return Float64Array.from(rows, ({ paths }, i) => {
        const [o, r] = factors[i] as readonly [number, number];
        let sum = 0;
        for (let v = 0; v < voxels; v++)
          sum += (paths[v] as number) * (o * (hbo[v] as number) + r * (hbr[v] as number));
        return sum;
      });
    },
    pointSpread(voxel, kind) {
      const c = kind === "hbo" ? voxel : voxels + voxel;
      return back(a.map((row) => row[c] as number));
    },
  };
}
