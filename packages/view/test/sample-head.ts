/**
 * A head of ellipsoids with one focus in the LEFT temporal lobe (x < 0) and a bright capsule outside the scalp on the
 * patient's left, so that sides can be seen by eye.
 */
import type { Mask, Point, Volume } from "@quintet/core";
import { affineOf, apply, rigid, toWorld } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";

export const focus: Point = [-46, -12, -14];
export const brainCentre: Point = [0, -16, 14];
const brainRadii: Point = [66, 84, 62];

function ellipsoid(p: Point, centre: Point, radii: Point): number {
  const [x, y, z] = [(p[0] - centre[0]) / radii[0], (p[1] - centre[1]) / radii[1], (p[2] - centre[2]) / radii[2]];
  return Math.sqrt(x * x + y * y + z * z);
}

function volumeOf(
  shape: Volume["shape"],
  affine: Float64Array,
  at: (p: Point) => number,
  unit: Volume["unit"] = "{arbitrary}",
): Volume {
  const [nx, ny, nz] = shape;
  const data = new Float32Array(nx * ny * nz);
  const grid = { shape, affine, space: "subject:T1w" };
  let i = 0;
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) data[i++] = at(toWorld(grid, [x, y, z]));
  return { ...grid, unit, frames: [{ start: 0, duration: 600 }], clock: "scanner", data };
}

const random = seededRandom(11);
export const noise = (): number => random.uniform() + random.uniform() + random.uniform() - 1.5;

/** Folds: a ribbon of gray about white matter, wavy in depth. */
function tissue(p: Point): "air" | "scalp" | "skull" | "csf" | "gray" | "white" {
  const head = ellipsoid(p, [0, -14, 6], [80, 100, 84]);
  if (head > 1) return "air";
  if (head > 0.93) return "scalp";
  const brain = ellipsoid(p, brainCentre, brainRadii);
  if (brain > 1.04) return head > 0.88 || brain > 1.12 ? "skull" : "csf";
  const folds = 0.06 * Math.sin(p[0] / 5) * Math.sin(p[1] / 6) + 0.06 * Math.sin(p[2] / 5.5 + p[1] / 9);
  if (Math.abs(p[0]) < 1.4 && brain > 0.35) return "csf";
  if (ellipsoid(p, [p[0] < 0 ? -11 : 11, -14, 16], [7, 26, 10]) < 1) return "csf";
  if (ellipsoid(p, [p[0] < 0 ? -24 : 24, 2, 8], [9, 15, 10]) < 1) return "gray";
  return brain + folds > 0.84 ? (brain + folds > 1 ? "csf" : "gray") : "white";
}

const grays = { air: 8, scalp: 620, skull: 70, csf: 150, gray: 430, white: 680 } as const;
const uptake = { air: 0, scalp: 0.25, skull: 0.1, csf: 0.3, gray: 1.5, white: 0.55 } as const;
const spot = (p: Point, radius: number): number =>
  Math.exp(-0.5 * (Math.hypot(p[0] - focus[0], p[1] - focus[1], p[2] - focus[2]) / radius) ** 2);

/** A vitamin-E capsule on the patient's left cheek, to prove sides by eye. */
const capsule: Point = [-84, -14, 6];

function sampleHead(voxel = 2): { readonly t1: Volume; readonly brain: Mask } {
  const shape = [Math.round(200 / voxel), Math.round(240 / voxel), Math.round(210 / voxel)] as const;
  const affine = affineOf([voxel, 0, 0, -100, 0, voxel, 0, -134, 0, 0, voxel, -100]);
  const t1 = volumeOf(shape, affine, (p) =>
    ellipsoid(p, capsule, [5, 5, 5]) < 1 ? 900 : Math.max(0, grays[tissue(p)] + 22 * noise()),
  );
  const brain = { ...t1, data: new Uint8Array(t1.data.length) };
  for (let i = 0, z = 0; z < shape[2]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[0]; x++, i++)
        brain.data[i] = ellipsoid(toWorld(t1, [x, y, z]), brainCentre, brainRadii) < 1.02 ? 1 : 0;
  return { t1, brain: { shape, affine, space: "subject:T1w", data: brain.data } };
}

/** T1, brain mask, moved FDG PET, ictal SPECT and a SISCOM z map of the phantom. */
export interface SampleImages {
  readonly t1: Volume;
  readonly brain: Mask;
  readonly pet: Volume;
  readonly spect: Volume;
  readonly spectZ: Volume;
  /** PET world mm -> T1 world mm. */
  readonly petMoved: Float64Array;
}

const made = new Map<string, SampleImages>();

export function sampleImages(voxel: number, found: boolean): SampleImages {
  const key = `${voxel} ${found}`;
  const known = made.get(key);
  if (known) return known;
  const { t1, brain } = sampleHead(voxel);
  const petMoved = rigid([4, -3, 9], [12, -8, 5]);
  const step = Math.max(3, voxel);
  const shape = [Math.round(210 / step), Math.round(252 / step), Math.round(216 / step)] as const;
  const coarse = affineOf([-step, 0, 0, 105, 0, step, 0, -140, 0, 0, step, -105]);
  const pet = volumeOf(shape, coarse, (p) => {
    const q = apply(petMoved, p);
    return Math.max(0, uptake[tissue(q)] * (1 - (found ? 0.45 * spot(q, 12) : 0)) + 0.06 * noise());
  });
  const spectZ = volumeOf(
    shape,
    coarse,
    (p) => (ellipsoid(p, brainCentre, brainRadii) < 1 ? 0.9 * noise() + (found ? 5.5 * spot(p, 8) : 0) : 0),
    "{z}",
  );
  const spect = volumeOf(shape, coarse, (p) =>
    Math.max(0, uptake[tissue(p)] * 40 + (found ? 30 * spot(p, 9) : 0) + 2 * noise()),
  );
  const images = { t1, brain, pet, spect, spectZ, petMoved };
  made.set(key, images);
  return images;
}
