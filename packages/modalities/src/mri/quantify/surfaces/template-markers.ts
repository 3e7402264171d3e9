import { apply, type Grid, type Millimetres, type Point } from "@quintet/core";
import { brainParts } from "./brain-parts.ts";

export interface BrainMarkers {
  /** `brainParts` where it is sure, 0 elsewhere. */
  readonly markers: Uint8Array;
  /** 1 in deep nuclei, hippocampus and amygdala: the inside of a cortex, whatever its tissue. */
  readonly deep: Uint8Array;
  /** 1 where fluid is that of a lateral or the third ventricle. */
  readonly ventricles: Uint8Array;
}

/** How far from the tentorium a place must lie to be sure of its side, and from the midline: what a warp leaves, mm. */
const doubt: Millimetres = 6;
const midline: Millimetres = 4;

/** Height of the tentorium at the midline by y, MNI mm. Read off the MNI152 T1, half way between vermis and cerebrum. */
const ridge: readonly (readonly [y: number, z: number])[] = [
  [-104, -25],
  [-96, -20],
  [-88, -15],
  [-80, -11],
  [-72, -7],
  [-64, -4],
  [-56, 1],
  [-48, 1],
  [-38, -2],
];

/** Height of the tentorium, MNI mm: it falls to both sides, less so behind. */
function tentorium(away: number, y: number): Millimetres {
  let k = 1;
  while (k < ridge.length - 1 && y > (ridge[k] as readonly [number, number])[0]) k++;
  const [y0, z0] = ridge[k - 1] as readonly [number, number];
  const [y1, z1] = ridge[k] as readonly [number, number];
  const middle = z0 + (z1 - z0) * Math.min(1, Math.max(0, (y - y0) / (y1 - y0)));
  const fall = 0.62 - 0.32 * Math.min(1, Math.max(0, (-60 - y) / 25));
  return middle - fall * Math.min(away, 28) - 0.35 * Math.max(0, away - 28);
}

/** What a place of MNI space surely is; 0 where a person may differ. */
export function partAt(x: number, y: number, z: number): number {
  const away = Math.abs(x);
  const height = z - tentorium(away, y);
  const stem = z < -52 ? y < -20 && away < 60 : z < -22 && away < 9 && y > -42 && y < (z < -40 ? -20 : -16);
  if (stem || (y < -42 && height < -doubt && away < 60)) return brainParts.below;
  const cerebrum = y > -4 || (y > -38 ? z > -4 || (away > 24 && (y > -26 || z > -18)) : height > doubt);
  return cerebrum && away > midline ? (x < 0 ? brainParts.left : brainParts.right) : 0;
}

/** Ellipsoids, MNI mm, x outwards from the midline: centre, radii. */
type Ellipsoid = readonly [cx: number, cy: number, cz: number, rx: number, ry: number, rz: number];
/** All points within `radius` of the line from `start` along `along`. */
interface Rod {
  readonly start: Point;
  readonly along: Point;
  readonly radius: Millimetres;
}

/** Caudate, putamen, pallidum, thalamus and what lies between them; the atrium; amygdala, hippocampus and temporal horn. */
const nuclei: readonly Ellipsoid[] = [
  [14, -4, 8, 19, 32, 17],
  [26, -39, 9, 9, 14, 13],
];
const horn: Rod = { start: [24, -3, -19], along: [7, -33, 13], radius: 7 };
/** Wider, for fluid alone: the lateral ventricle with room for old age. */
const chambers: readonly Ellipsoid[] = [
  [14, -10, 14, 20, 40, 18],
  [26, -43, 11, 12, 20, 17],
];
const chamberHorn: Rod = { start: [27, -6, -20], along: [8, -34, 15], radius: 8 };

/** Whether a place of MNI space lies in the depth of a hemisphere. */
export function isDeep(x: number, y: number, z: number): boolean {
  return within(nuclei, horn, Math.abs(x), y, z);
}

/** Whether fluid at a place of MNI space is that of a ventricle. */
export function isVentricle(x: number, y: number, z: number): boolean {
  return within(chambers, chamberHorn, Math.abs(x), y, z);
}

function within(
  ellipsoids: readonly Ellipsoid[],
  { start, along, radius }: Rod,
  x: number,
  y: number,
  z: number,
): boolean {
  for (const ellipsoid of ellipsoids) {
    const a = (x - ellipsoid[0]) / ellipsoid[3];
    const b = (y - ellipsoid[1]) / ellipsoid[4];
    const c = (z - ellipsoid[2]) / ellipsoid[5];
    if (a ** 2 + b ** 2 + c ** 2 < 1) return true;
  }
  const u = x - start[0];
  const v = y - start[1];
  const w = z - start[2];
  const length = along[0] ** 2 + along[1] ** 2 + along[2] ** 2;
  const t = Math.min(1, Math.max(0, (u * along[0] + v * along[1] + w * along[2]) / length));
  return (u - t * along[0]) ** 2 + (v - t * along[1]) ** 2 + (w - t * along[2]) ** 2 < radius ** 2;
}

/** Voxels between the points at which the map is asked; between them it is interpolated linearly. */
const stride = 4;

/**
 * What the place of each voxel in MNI space says: sure left, right and below, and the depth of the hemispheres.
 *
 * @param inside 1 where a voxel is asked for
 * @param toTemplate world mm to MNI mm
 */
export function templateMarkers(grid: Grid, inside: Uint8Array, toTemplate: (point: Point) => Point): BrainMarkers {
  const [nx, ny, nz] = grid.shape;
  const [lx, ly, lz] = [nx, ny, nz].map((n) => Math.ceil((n - 1) / stride) + 1) as [number, number, number];
  const lattice = new Float32Array(3 * lx * ly * lz);
  for (let z = 0, at = 0; z < lz; z++)
    for (let y = 0; y < ly; y++)
      for (let x = 0; x < lx; x++) {
        for (const c of toTemplate(apply(grid.affine, [x * stride, y * stride, z * stride]))) lattice[at++] = c;
      }
  const empty = (): Uint8Array => new Uint8Array(nx * ny * nz);
  const [markers, deep, ventricles] = [empty(), empty(), empty()];
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      const [b, c] = [Math.floor(y / stride), Math.floor(z / stride)];
      const [v, w] = [y / stride - b, z / stride - c];
      for (let x = 0; x < nx; x++, i++) {
        if (inside[i] === 0) continue;
        const a = Math.floor(x / stride);
        const u = x / stride - a;
        let px = 0;
        let py = 0;
        let pz = 0;
        for (let corner = 0; corner < 8; corner++) {
          const dx = corner & 1;
          const dy = (corner >> 1) & 1;
          const dz = corner >> 2;
          const weight = (dx ? u : 1 - u) * (dy ? v : 1 - v) * (dz ? w : 1 - w);
          if (weight === 0) continue;
          const at = 3 * (a + dx + lx * (b + dy + ly * (c + dz)));
          px += weight * (lattice[at] as number);
          py += weight * (lattice[at + 1] as number);
          pz += weight * (lattice[at + 2] as number);
        }
        markers[i] = partAt(px, py, pz);
        deep[i] = isDeep(px, py, pz) ? 1 : 0;
        ventricles[i] = isVentricle(px, py, pz) ? 1 : 0;
      }
    }
  return { markers, deep, ventricles };
}
