/**
 * How one person's head differs from the canonical one: size, a smooth warp, a slight torque between the sides.
 *
 *   canonical = S^-1 p + w(p),   w_c(p) = sum_i a_i sin(k_i . p + phi_i)
 *
 * with wavelengths of 90 to 200 mm, so that the map stays one-to-one (|dw/dp| < 0.3).
 */
import type { Point } from "@quintet/core";
import type { Random } from "@quintet/kernels";

export interface IndividualMap {
  /** From the individual's head mm to canonical mm; written into `out`. */
  toCanonical(x: number, y: number, z: number, out: Float64Array): void;
  fromCanonical(canonical: Point): [number, number, number];
}

/** @param variation 0 is the identity; 1 is a person as different from the canonical head as people are */
export function individualMap(random: Random, variation: number): IndividualMap {
  const scale = [0, 1, 2].map(() => 1 / (1 + 0.025 * variation * clamp(random.normal())));
  const [sx, sy, sz] = scale as [number, number, number];
  const waves = 4;
  const table = new Float64Array(3 * waves * 5);
  for (let i = 0; i < 3 * waves; i++) {
    const k = (2 * Math.PI) / (90 + 110 * random.uniform());
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const norm = k / Math.max(1e-9, Math.hypot(a, b, c));
    const amplitude = variation * 1.1 * clamp(random.normal());
    table.set([a * norm, b * norm, c * norm, 2 * Math.PI * random.uniform(), amplitude], 5 * i);
  }
  const torque = variation * 0.012 * clamp(random.normal());

  const toCanonical = (x: number, y: number, z: number, out: Float64Array): void => {
    let cx = sx * x + torque * (y + 17);
    let cy = sy * y;
    let cz = sz * z;
    if (variation > 0) {
      for (let i = 0; i < 3 * waves; i++) {
        const at = 5 * i;
        const angle =
          (table[at] as number) * x +
          (table[at + 1] as number) * y +
          (table[at + 2] as number) * z +
          (table[at + 3] as number);
        const shift = (table[at + 4] as number) * Math.sin(angle);
        if (i < waves) cx += shift;
        else if (i < 2 * waves) cy += shift;
        else cz += shift;
      }
    }
    out[0] = cx;
    out[1] = cy;
    out[2] = cz;
  };
  return {
    toCanonical,
    fromCanonical(canonical) {
      const p: [number, number, number] = [canonical[0], canonical[1], canonical[2]];
      const q = new Float64Array(3);
      for (let pass = 0; pass < 60; pass++) {
        toCanonical(p[0], p[1], p[2], q);
        for (let k = 0; k < 3; k++) p[k] = (p[k] as number) + (canonical[k] as number) - (q[k] as number);
      }
      return p;
    },
  };
}

function clamp(deviate: number): number {
  return Math.max(-2, Math.min(2, deviate));
}
