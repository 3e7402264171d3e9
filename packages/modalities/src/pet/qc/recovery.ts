import { DataError, frameData, type Millimetres, type Point, toVoxel, toWorld, type Volume } from "@quintet/core";

/** One sphere of a phantom, or of a made image. */
export interface PhantomSphere {
  /** World mm. */
  readonly centre: readonly [Millimetres, Millimetres, Millimetres];
  readonly diameter: Millimetres;
  /** True activity over that of the background: 4 for hot, 0 for cold. */
  readonly ratio: number;
}

export interface SphereRecovery extends PhantomSphere {
  /** Mean of the sphere's circle in the slice through its centre, over the background's mean. */
  readonly measuredRatio: number;
  /** (measured - 1) / (true - 1): 1 is full recovery, of hot and of cold. */
  readonly contrast: number;
  readonly standardError: number;
  /** Mean and largest value of the whole sphere over the true value; only of hot spheres. */
  readonly mean?: number;
  readonly max?: number;
  /** sd of circles of this size in the background, over their mean: background variability. */
  readonly variability: number;
}

export interface Recovery {
  readonly background: number;
  /** Circles the background is measured in. */
  readonly circles: number;
  readonly spheres: readonly SphereRecovery[];
}

export interface RecoveryOptions {
  /** Middles of the background's circles, world mm. Default: placed where nothing is near. */
  readonly background?: readonly Point[];
  /** Radius of the phantom about the spheres' common axis, within which the background lies; for the default. */
  readonly radius?: Millimetres;
  /** The axis: default x = y = 0. */
  readonly axis?: readonly [Millimetres, Millimetres];
}

/** From spheres and wall; slices of the circles beside the spheres' own. NEMA NU 2 (from the literature, not re-checked). */
const distance = 15;
const slices = [-20, -10, 0, 10, 20];
const perSlice = 12;
/** Parts of a voxel's edge in which its share of a circle or sphere is counted. */
const parts = 5;

/**
 * Recovery coefficients of spheres in an even background:
 *
 *   Q = (C_sphere / C_background - 1) / (ratio - 1)          RC = C_sphere / (ratio C_background)
 *
 * C_sphere in the circle of the sphere's own diameter in the slice through its centre, voxels weighted by the share that
 * lies inside; C_background in circles of the same size, up to twelve in each of five slices (NEMA NU 2's contrast recovery; from the
 * literature, not re-checked). The error is that of one circle's mean, from the spread of the background's circles.
 *
 * @throws DataError `bad-sphere`, `no-background`, `not-positive`
 */
export function recovery(
  image: Volume,
  spheres: readonly PhantomSphere[],
  { background, radius, axis = [0, 0] }: RecoveryOptions = {},
): Recovery {
  for (const { centre, diameter, ratio } of spheres) {
    const at = toVoxel(image, centre);
    const inside = at.every((x, k) => x >= 0 && x <= (image.shape[k] as number) - 1);
    if (inside && diameter > 0 && ratio >= 0 && ratio !== 1) continue;
    throw new DataError("bad-sphere", "a sphere lies in the image and differs from its background", {
      expected: "a centre inside, a diameter above 0, a ratio of 0 and more that is not 1",
      found: `centre ${centre.join(", ")} mm, diameter ${diameter} mm, ratio ${ratio}`,
    });
  }
  const largest = spheres.reduce((most, { diameter }) => Math.max(most, diameter), 0);
  const places = background ?? placesBeside(image, spheres, { largest, radius, axis });
  if (spheres.length === 0 || places.length < 6) {
    throw new DataError("no-background", "recovery compares spheres with circles in the background", {
      expected: "a sphere, and 6 places for circles at least (or their places given)",
      found: `${spheres.length} spheres, ${places.length} places`,
    });
  }
  const level = (diameter: Millimetres): { readonly mean: number; readonly sd: number } => {
    const means = places.map((place) => meanInside(image, place, diameter, false));
    const mean = means.reduce((sum, x) => sum + x, 0) / means.length;
    return { mean, sd: Math.sqrt(means.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (means.length - 1)) };
  };
  const { mean: whole } = level(largest);
  if (!(whole > 0)) throw new DataError("not-positive", "the background's mean is above 0", { found: `${whole}` });
  return {
    background: whole,
    circles: places.length,
    spheres: spheres.map((sphere) => {
      const { centre, diameter, ratio } = sphere;
      const { mean, sd } = level(diameter);
      const measuredRatio = meanInside(image, centre, diameter, false) / mean;
      const hot = ratio > 1;
      return {
        ...sphere,
        measuredRatio,
        contrast: (measuredRatio - 1) / (ratio - 1),
        // One circle's own noise, and that of the background's mean.
        standardError: (sd / mean / Math.abs(ratio - 1)) * Math.sqrt(1 + 1 / places.length),
        variability: sd / mean,
        ...(hot ? { mean: meanInside(image, centre, diameter, true) / mean / ratio } : {}),
        ...(hot ? { max: maxInside(image, centre, diameter) / mean / ratio } : {}),
      };
    }),
  };
}

/** Circles of the largest sphere's size that touch neither each other nor come near to spheres or wall. */
function placesBeside(
  image: Volume,
  spheres: readonly PhantomSphere[],
  about: { readonly largest: number; readonly radius: number | undefined; readonly axis: readonly [number, number] },
): readonly Point[] {
  const { largest, radius, axis } = about;
  if (radius === undefined || spheres.length === 0) return [];
  const middle = spheres.reduce((sum, { centre }) => sum + centre[2], 0) / spheres.length;
  const [low, high] = [0, image.shape[2] - 1].map((z) => toWorld(image, [0, 0, z])[2]).sort((a, b) => a - b) as [
    number,
    number,
  ];
  const reach = radius - distance - largest / 2;
  const candidates: [number, number][] = [];
  for (let y = -reach; y <= reach; y += 2) for (let x = -reach; x <= reach; x += 2) candidates.push([x, y]);
  const chosen: [number, number][] = [];
  const clear = ([x, y]: readonly [number, number]): boolean =>
    Math.hypot(x, y) <= reach &&
    spheres.every(({ centre, diameter }) => {
      const apart = Math.hypot(axis[0] + x - centre[0], axis[1] + y - centre[1]);
      return apart >= distance + (diameter + largest) / 2;
    }) &&
    chosen.every(([u, v]) => Math.hypot(x - u, y - v) >= largest);
  // From the outside inwards, where most room is.
  candidates.sort((a, b) => Math.hypot(...b) - Math.hypot(...a) || a[1] - b[1] || a[0] - b[0]);
  for (const place of candidates) if (chosen.length < perSlice && clear(place)) chosen.push(place);
  return slices
    .map((dz) => middle + dz)
    .filter((z) => z >= low && z <= high)
    .flatMap((z) => chosen.map(([x, y]): Point => [axis[0] + x, axis[1] + y, z]));
}

/** Voxels near a centre with the share of each that lies in the circle of its slice, or in the sphere. */
function* sharesInside(
  image: Volume,
  centre: Point,
  diameter: number,
  sphere: boolean,
): Generator<{ readonly value: number; readonly share: number }> {
  const [nx, ny, nz] = image.shape;
  const data = frameData(image, 0);
  const at = toVoxel(image, centre);
  const size = [0, 5, 10].map((k) => Math.abs(image.affine[k] as number)) as [number, number, number];
  const reach = size.map((s) => Math.ceil(diameter / 2 / s) + 1) as [number, number, number];
  const r2 = (diameter / 2) ** 2;
  const plane = Math.round(at[2]);
  const [z0, z1] = sphere ? [Math.floor(at[2]) - reach[2], Math.ceil(at[2]) + reach[2]] : [plane, plane];
  const deep = sphere ? parts : 1;
  const off = (i: number, n: number): number => (i + 0.5) / n - 0.5;
  for (let z = Math.max(0, z0); z <= Math.min(nz - 1, z1); z++) {
    for (let y = Math.max(0, Math.floor(at[1]) - reach[1]); y <= Math.min(ny - 1, at[1] + reach[1]); y++) {
      for (let x = Math.max(0, Math.floor(at[0]) - reach[0]); x <= Math.min(nx - 1, at[0] + reach[0]); x++) {
        let inside = 0;
        for (let c = 0; c < deep; c++) {
          const dz = sphere ? (z + off(c, deep) - at[2]) * size[2] : 0;
          for (let b = 0; b < parts; b++) {
            const dy = (y + off(b, parts) - at[1]) * size[1];
            for (let a = 0; a < parts; a++) {
              const dx = (x + off(a, parts) - at[0]) * size[0];
              if (dx * dx + dy * dy + dz * dz <= r2) inside++;
            }
          }
        }
        if (inside > 0) yield { value: data[x + nx * (y + ny * z)] as number, share: inside / (parts * parts * deep) };
      }
    }
  }
}

function meanInside(image: Volume, centre: Point, diameter: number, sphere: boolean): number {
  let [sum, weight] = [0, 0];
  for (const { value, share } of sharesInside(image, centre, diameter, sphere)) {
    sum += share * value;
    weight += share;
  }
  return sum / weight;
}

function maxInside(image: Volume, centre: Point, diameter: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const { value, share } of sharesInside(image, centre, diameter, true))
    if (share >= 0.5) most = Math.max(most, value);
  return most;
}
