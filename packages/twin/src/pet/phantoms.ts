import { type AttenuationMap, affineOf, type Grid, spacing, toWorld, type Volume, voxelCount } from "@quintet/core";
import { linearAttenuation } from "@quintet/kernels";
import { annihilationEnergy } from "@quintet/modalities/pet";

export interface Sphere {
  readonly centre: readonly [x: number, y: number, z: number];
  readonly radius: number;
  /** Activity over the background's; 0 is cold. */
  readonly contrast: number;
}

/** A cylinder of water along z with spheres in it: activity (background 1) and attenuation at 511 keV on one grid. */
export interface PetPhantom {
  readonly activity: Volume<"1">;
  readonly attenuation: AttenuationMap;
}

/** Points along each edge of a voxel at which the solids are asked. */
const samples = 4;

/**
 * @param radius and height of the cylinder about the world's origin, mm
 * @param spheres hot and cold; of overlapping ones the last counts
 */
export function petPhantom(
  grid: Grid,
  {
    radius,
    height,
    spheres = [],
  }: { readonly radius: number; readonly height: number; readonly spheres?: readonly Sphere[] },
): PetPhantom {
  const [dx, dy, dz] = spacing(grid);
  const [nx, ny] = grid.shape;
  const [activity, water] = [new Float32Array(voxelCount(grid)), new Float32Array(voxelCount(grid))];
  const mu = linearAttenuation("water", annihilationEnergy);
  const offsets = Array.from({ length: samples }, (_, i) => (i + 0.5) / samples - 0.5);
  for (let v = 0; v < activity.length; v++) {
    const [cx, cy, cz] = toWorld(grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)]);
    let [hot, inside] = [0, 0];
    for (const oz of offsets) {
      for (const oy of offsets) {
        for (const ox of offsets) {
          const [x, y, z] = [cx + ox * dx, cy + oy * dy, cz + oz * dz];
          if (Math.hypot(x, y) > radius || Math.abs(z) > height / 2) continue;
          inside++;
          const sphere = spheres.findLast(({ centre: c, radius: r }) => Math.hypot(x - c[0], y - c[1], z - c[2]) <= r);
          hot += sphere ? sphere.contrast : 1;
        }
      }
    }
    activity[v] = hot / samples ** 3;
    water[v] = (mu * inside) / samples ** 3;
  }
  const image = { ...grid, frames: [{ start: 0, duration: 0 }], clock: "scanner" };
  return {
    activity: { ...image, unit: "1", data: activity },
    attenuation: { ...image, unit: "1/cm", energy: annihilationEnergy, data: water },
  };
}

/** A grid about the world's origin. */
export function centredGrid(shape: Grid["shape"], size: readonly [x: number, y: number, z: number]): Grid {
  const [x, y, z] = shape.map((n, c) => (-(n - 1) / 2) * (size[c] as number)) as [number, number, number];
  return { shape, space: "scanner:pet", affine: affineOf([size[0], 0, 0, x, 0, size[1], 0, y, 0, 0, size[2], z]) };
}
