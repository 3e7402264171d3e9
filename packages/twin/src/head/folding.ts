/**
 * A smooth random field whose zero set is a labyrinth like the sulci of a cortex: a sum of plane waves
 * of nearly one wavelength with seeded directions and phases (a Gaussian random field with a ring spectrum).
 *
 *   f(q) = sqrt(2/N) sum_i cos(k_i . q + phi_i),   |k_i| = 2 pi / wavelength_i
 *
 * It has mean 0 and variance 1; its zero set crosses a line about every half wavelength.
 */
import type { Random } from "@quintet/kernels";

export interface WaveField {
  /** f at the point; the gradient (1/mm) is written into `gradient`. */
  at(x: number, y: number, z: number, gradient: Float64Array): number;
}

export function waveField(random: Random, waves: number, wavelength: number, spread: number): WaveField {
  const k = new Float64Array(3 * waves);
  const phase = new Float64Array(waves);
  for (let i = 0; i < waves; i++) {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const length = (2 * Math.PI) / (wavelength * (1 + spread * (2 * random.uniform() - 1)));
    const scale = length / Math.max(1e-9, Math.hypot(a, b, c));
    k.set([a * scale, b * scale, c * scale], 3 * i);
    phase[i] = 2 * Math.PI * random.uniform();
  }
  const amplitude = Math.sqrt(2 / waves);
  return {
    at(x, y, z, gradient) {
      let f = 0;
      let gx = 0;
      let gy = 0;
      let gz = 0;
      for (let i = 0; i < waves; i++) {
        const kx = k[3 * i] as number;
        const ky = k[3 * i + 1] as number;
        const kz = k[3 * i + 2] as number;
        const angle = kx * x + ky * y + kz * z + (phase[i] as number);
        f += Math.cos(angle);
        const s = Math.sin(angle);
        gx -= kx * s;
        gy -= ky * s;
        gz -= kz * s;
      }
      gradient[0] = amplitude * gx;
      gradient[1] = amplitude * gy;
      gradient[2] = amplitude * gz;
      return amplitude * f;
    },
  };
}
