/**
 * A T1-weighted image: tissue values times a smooth bias field, with Rician noise.
 *
 *   S(v) = | B(v) sum_t f_t(v) I_t + n1 + i n2 |,   n1, n2 ~ N(0, sigma^2)
 *
 * I_t are arbitrary scanner units in the order of contrast of a 3 T MPRAGE (white > grey > CSF, fat brightest, cortical
 * bone dark). B is a sum of low-order cosines of peak amplitude `bias`.
 * @see Gudbjartsson & Patz, Magn Reson Med 1995;34:910-4 (Rician noise; from the literature, not re-checked)
 */
import type { Volume } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import type { TissueName } from "../head/head.ts";
import { tissueNames } from "../head/head.ts";
import type { PhantomHead } from "../head/phantom-head.ts";
import { regionLabel } from "../head/regions.ts";

const intensity: Readonly<Record<TissueName, number>> = {
  soft: 290,
  fat: 620,
  bone: 40,
  marrow: 330,
  csf: 120,
  grey: 380,
  white: 560,
  "deep-grey": 430,
  vitreous: 95,
};
/** Nuclei with more iron or myelin lie nearer white matter. */
const nucleusIntensity = { caudate: 405, putamen: 425, pallidum: 500, thalamus: 465 } as const;

export interface T1wOptions {
  /** Peak relative amplitude of the bias field. */
  readonly bias: number;
  /** Standard deviation of each of the two noise parts, as a share of white matter's value. */
  readonly noise: number;
}

export function t1wImage(head: PhantomHead, random: Random, { bias, noise }: T1wOptions): Volume<"{arbitrary}"> {
  const { grid, regions } = head;
  const [nx, ny, nz] = grid.shape;
  const deep = new Float32Array(256).fill(intensity["deep-grey"]);
  for (const [name, value] of Object.entries(nucleusIntensity)) {
    for (const side of ["left", "right"] as const) deep[regionLabel(name, side)] = value;
  }
  const terms = tissueNames.map((name) => ({ map: head.fractions[name], value: intensity[name], name }));
  const waves = Array.from({ length: 3 }, () =>
    [0, 1, 2].map(() => ({ half: random.uniform() < 0.5 ? 1 : 2, phase: 2 * Math.PI * random.uniform() })),
  );
  const tables = waves.map((wave) =>
    wave.map(({ half, phase }, axis) => {
      const n = grid.shape[axis] as number;
      return Float64Array.from({ length: n }, (_, i) => Math.cos((half * Math.PI * i) / n + phase));
    }),
  );
  const sigma = noise * intensity.white;
  const data = new Float32Array(nx * ny * nz);
  for (let k = 0, at = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      for (let i = 0; i < nx; i++, at++) {
        let signal = 0;
        for (const { map, value, name } of terms) {
          const share = map[at] as number;
          if (share > 0)
            signal += share * (name === "deep-grey" ? (deep[regions.data[at] as number] as number) : value);
        }
        if (signal > 0) {
          let field = 0;
          for (const [tx, ty, tz] of tables as [Float64Array, Float64Array, Float64Array][]) {
            field += (tx[i] as number) * (ty[j] as number) * (tz[k] as number);
          }
          signal *= 1 + (bias * field) / tables.length;
        }
        data[at] = Math.hypot(signal + sigma * random.normal(), sigma * random.normal());
      }
    }
  }
  return { ...grid, unit: "{arbitrary}", frames: [{ start: 0, duration: 0 }], clock: "scanner:mri", data };
}
