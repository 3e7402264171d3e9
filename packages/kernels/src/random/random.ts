/**
 * Seeded random numbers: the same seed gives the same numbers on every engine.
 *
 * Generator sfc32 (C. Doty-Humphrey, PractRand), state filled from the seed by splitmix32.
 * Normal deviates by the polar method (Marsaglia & Bray 1964); Poisson by inversion below mean 30 and by
 * Hoermann's PTRS transformed rejection above (Insurance: Math. and Econ. 1993;12:39-45).
 */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Integer in [0, n). */
  integer(n: number): number;
  /** Mean 0, variance 1. */
  normal(): number;
  poisson(mean: number): number;
  /** An independent generator named by `label`. */
  fork(label: string): Random;
}

export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const splitmix = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let t = mix ^ (mix >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  let [a, b, c, counter] = [splitmix(), splitmix(), splitmix(), 1];
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const uniform = (): number => (bits() * 2097152 + (bits() >>> 11)) / 9007199254740992;

  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const [u, v] = [2 * uniform() - 1, 2 * uniform() - 1];
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        spare = v * scale;
        return u * scale;
      }
    }
  };

  return {
    uniform,
    integer: (n) => Math.floor(uniform() * n),
    normal,
    poisson: (mean) => (mean < 30 ? poissonByInversion(mean, uniform) : poissonByRejection(mean, uniform)),
    fork: (label) => {
      let hash = seed | 0;
      for (const letter of label) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
      return seededRandom(hash);
    },
  };
}

function poissonByInversion(mean: number, uniform: () => number): number {
  if (!(mean > 0)) return 0;
  let [k, p] = [0, Math.exp(-mean)];
  let u = uniform();
  while (u > p && k < 1000) {
    u -= p;
    k++;
    p *= mean / k;
  }
  return k;
}

function poissonByRejection(mean: number, uniform: () => number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const vr = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= vr) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const logProbability = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log((v * inverseAlpha) / (a / (us * us) + b)) <= logProbability) return k;
  }
}

/** Stirling's series; error below 1e-10 for k >= 10, exact sum below. */
function logFactorial(k: number): number {
  if (k < 10) {
    let sum = 0;
    for (let i = 2; i <= k; i++) sum += Math.log(i);
    return sum;
  }
  const x = k + 1;
  return (
    (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  );
}
