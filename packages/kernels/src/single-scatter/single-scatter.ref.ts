/** A pair of detectors, or a point: x, y, z in mm. */
export type Place = readonly [x: number, y: number, z: number];

/** Rest energy of the electron and energy of an annihilation photon, keV (CODATA 2018: 510.99895). */
export const electronEnergy = 510.99895;

/** Energy in keV of an annihilation photon after Compton scattering by an angle: E = 511 / (2 - cos). */
export function scatteredEnergy(cosine: number): number {
  return electronEnergy / (2 - cosine);
}

/** Klein-Nishina's differential cross section of an annihilation photon in units of the electron radius squared, 1/sr. */
export function kleinNishina(cosine: number): number {
  const p = 1 / (2 - cosine);
  return (p * p * (p + 1 / p - (1 - cosine * cosine))) / 2;
}

/** Klein-Nishina's total cross section in units of the electron radius squared (Evans, The Atomic Nucleus 1955, 23.2). */
export function comptonCrossSection(energy: number): number {
  const a = energy / electronEnergy;
  const l = Math.log(1 + 2 * a);
  return (
    2 *
    Math.PI *
    (((1 + a) / (a * a)) * ((2 * (1 + a)) / (1 + 2 * a) - l / a) + l / (2 * a) - (1 + 3 * a) / (1 + 2 * a) ** 2)
  );
}

/** What a single-scatter estimate is made from. Images are [z][y][x], x fastest. */
export interface ScatterScene {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  readonly size: readonly [x: number, y: number, z: number];
  readonly origin: Place;
  /** Activity in the unit of the image whose line integrals are compared. */
  readonly activity: Float32Array;
  /** Linear attenuation coefficient at 511 keV, 1/mm. */
  readonly attenuation: Float32Array;
  /** Probability that a photon of this energy (keV) is counted, as a share of one of 511 keV. */
  readonly efficiency: (energy: number) => number;
  /** Points that scatter, [point][x, y, z] in mm, and each one's volume times its attenuation coefficient, mm2. */
  readonly points: Float64Array;
  readonly strengths: Float64Array;
}

/** The value at a point by trilinear interpolation; 0 beyond the outermost centres. */
export function valueAt(
  { shape: [nx, ny, nz], size, origin }: Pick<ScatterScene, "shape" | "size" | "origin">,
  image: Float32Array,
  [px, py, pz]: Place,
): number {
  const [x, y, z] = [(px - origin[0]) / size[0], (py - origin[1]) / size[1], (pz - origin[2]) / size[2]];
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  let sum = 0;
  for (const [di, dj, dk] of corners) {
    const [ci, cj, ck] = [i + di, j + dj, k + dk];
    if (ci < 0 || cj < 0 || ck < 0 || ci >= nx || cj >= ny || ck >= nz) continue;
    const weight = (di ? x - i : 1 - x + i) * (dj ? y - j : 1 - y + j) * (dk ? z - k : 1 - z + k);
    sum += weight * image[ci + nx * (cj + ny * ck)];
  }
  return sum;
}

const corners = [0, 1].flatMap((k) => [0, 1].flatMap((j) => [0, 1].map((i) => [i, j, k] as const)));

/**
 * Single scatter of one pair of detectors a and b, summed over every point, every path walked in steps of `step` mm:
 *
 *   s_ab = sum_S (mu V)_S (dsigma/dOmega) / sigma  R_ab^2 / (R_aS^2 R_bS^2)  (cos_aS cos_bS) / (cos_a cos_b)  e(E) (I_a + I_b)
 *   I_a = exp(-int_a^S mu - k int_S^b mu) int_a^S lambda,   I_b = exp(-k int_a^S mu - int_S^b mu) int_S^b lambda
 *
 * with k = sigma(E) / sigma(511) and E the energy after scattering at S (Watson, Newport & Casey 1996; IEEE Trans Nucl Sci
 * 2000;47:1587-94). R_ab^2 and the cosines in the denominator are those of the straight line: s is in the unit of its line
 * integral, what the pair would have to see unscattered to count as much.
 *
 * Time of flight: what is emitted at a distance l from S towards a arrives as if from (R_aS - R_bS) / 2 - l along the line
 * from its middle towards b, towards b as if from (R_aS - R_bS) / 2 + l (Watson, IEEE Trans Nucl Sci 2007;54:1679-86).
 *
 * @param share of what arrives as if from `along` mm in each bin
 */
export function singleScatterReference(
  scene: ScatterScene,
  pair: { readonly a: Place; readonly b: Place; readonly normalA: Place; readonly normalB: Place },
  {
    step,
    bins,
    share,
  }: { readonly step: number; readonly bins: number; readonly share: (along: number, bin: number) => number },
): Float64Array {
  const { a, b, normalA, normalB } = pair;
  const out = new Float64Array(bins);
  const total = comptonCrossSection(electronEnergy);
  const straight = distance(a, b) ** 2 / (cosine(a, b, normalA) * cosine(b, a, normalB));
  for (let p = 0; p < scene.strengths.length; p++) {
    const s: Place = [scene.points[3 * p], scene.points[3 * p + 1], scene.points[3 * p + 2]];
    const [ra, rb] = [distance(a, s), distance(b, s)];
    const angle =
      ((s[0] - a[0]) * (b[0] - s[0]) + (s[1] - a[1]) * (b[1] - s[1]) + (s[2] - a[2]) * (b[2] - s[2])) / (ra * rb);
    const energy = scatteredEnergy(angle);
    const faces = cosine(a, s, normalA) * cosine(b, s, normalB);
    if (!(faces > 0)) continue;
    const weight =
      (scene.strengths[p] * kleinNishina(angle) * straight * faces * scene.efficiency(energy)) /
      (total * ra ** 2 * rb ** 2);
    const k = comptonCrossSection(energy) / total;
    const [muA, muB] = [integral(scene, scene.attenuation, s, a, step), integral(scene, scene.attenuation, s, b, step)];
    const middle = (ra - rb) / 2;
    for (const [end, length, sign, survive] of [
      [a, ra, -1, Math.exp(-muA - k * muB)],
      [b, rb, 1, Math.exp(-k * muA - muB)],
    ] as const) {
      const steps = Math.ceil(length / step);
      for (let i = 0; i < steps; i++) {
        const l = ((i + 0.5) * length) / steps;
        const emitted = (valueAt(scene, scene.activity, towards(s, end, l / length)) * length) / steps;
        if (emitted === 0) continue;
        for (let bin = 0; bin < bins; bin++) out[bin] += weight * survive * emitted * share(middle + sign * l, bin);
      }
    }
  }
  return out;
}

function integral(scene: ScatterScene, image: Float32Array, from: Place, to: Place, step: number): number {
  const length = distance(from, to);
  const steps = Math.ceil(length / step);
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += valueAt(scene, image, towards(from, to, (i + 0.5) / steps));
  return (sum * length) / steps;
}

function towards(from: Place, to: Place, t: number): Place {
  return [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1]), from[2] + t * (to[2] - from[2])];
}

function distance(p: Place, q: Place): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** Of the angle between a detector's inward normal and the direction in which it sees a point. */
function cosine(at: Place, seen: Place, normal: Place): number {
  const d = [seen[0] - at[0], seen[1] - at[1], seen[2] - at[2]];
  return (d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2]) / Math.hypot(d[0], d[1], d[2]);
}
