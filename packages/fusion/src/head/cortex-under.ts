import { type Mask, type Millimetres, type Point, toWorld } from "@quintet/core";

export interface CortexPoint {
  readonly point: Point;
  /** From the sensor to the brain's surface, mm. */
  readonly depth: Millimetres;
}

/**
 * The brain's surface nearest to a point outside it: where an electrode or the middle of an optode pair looks first.
 * Found among the mask's border voxels, so it is exact to half a voxel.
 *
 * @returns a finder that is prepared once per brain; undefined for an empty mask
 */
export function cortexFinder(brain: Mask): (sensor: Point) => CortexPoint | undefined {
  const border = borderPoints(brain);
  return (sensor) => {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let i = 0; i < border.length; i += 3) {
      const d =
        ((border[i] as number) - sensor[0]) ** 2 +
        ((border[i + 1] as number) - sensor[1]) ** 2 +
        ((border[i + 2] as number) - sensor[2]) ** 2;
      if (d < least) [best, least] = [i, d];
    }
    if (best < 0) return undefined;
    return {
      point: [border[best] as number, border[best + 1] as number, border[best + 2] as number],
      depth: Math.sqrt(least),
    };
  };
}

function borderPoints(brain: Mask): Float32Array {
  const [nx, ny, nz] = brain.shape;
  const inside = (x: number, y: number, z: number): boolean =>
    x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz && brain.data[(z * ny + y) * nx + x] !== 0;
  const out: number[] = [];
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        if (!inside(x, y, z)) continue;
        const deep =
          inside(x - 1, y, z) &&
          inside(x + 1, y, z) &&
          inside(x, y - 1, z) &&
          inside(x, y + 1, z) &&
          inside(x, y, z - 1) &&
          inside(x, y, z + 1);
        if (!deep) out.push(...toWorld(brain, [x, y, z]));
      }
    }
  }
  return Float32Array.from(out);
}
