import { DataError, frameData, type Millimetres, toWorld, type Volume } from "@quintet/core";

/** A cylinder that lies along the scanner's axis, world mm. */
export interface Cylinder {
  /** x and y of its axis at z = 0. */
  readonly axis: readonly [x: Millimetres, y: Millimetres];
  /** mm across for one mm along. */
  readonly slope: readonly [x: number, y: number];
  readonly radius: Millimetres;
  /** Its ends. */
  readonly from: Millimetres;
  readonly to: Millimetres;
}

/** Share of the median area below which a slice is not of the cylinder. Chosen here: lids and noise lie below. */
const wholeSlice = 0.75;
/** A slice's area is a disc's if its spread along x and y is that of one, within this share. Chosen here. */
const roundness = 0.1;

/**
 * Finds a uniform cylinder in an image: voxels above half the level of its middle, the centre of each slice, a line
 * through the centres, the radius from the median area (pi r^2), its ends half a slice beyond the first and the last one.
 *
 * @param image the first frame is taken; its slices lie across the scanner's axis
 * @throws DataError `oblique-image`, `no-cylinder`
 */
export function findCylinder(image: Volume): Cylinder {
  const [nx, ny, nz] = image.shape;
  const m = image.affine;
  const along = Math.abs(m[10] as number);
  if ([m[1], m[2], m[4], m[6], m[8], m[9]].some((x) => Math.abs(x as number) > 1e-3 * along)) {
    throw new DataError("oblique-image", "a phantom is measured in slices across the scanner's axis", {
      expected: "voxel axes along x, y and z",
      found: [...m].map((x) => x.toPrecision(3)).join(" "),
    });
  }
  const data = frameData(image, 0);
  const half = levelOf(data) / 2;
  const slices = Array.from({ length: nz }, (_, z) => {
    let [n, x, y, xx, yy] = [0, 0, 0, 0, 0];
    for (let i = 0; i < nx * ny; i++) {
      if (!((data[z * nx * ny + i] as number) > half)) continue;
      const [u, v] = [i % nx, Math.floor(i / nx)];
      n++;
      x += u;
      y += v;
      xx += u * u;
      yy += v * v;
    }
    const [cx, cy] = [x / n, y / n];
    return { z, n, cx, cy, sx: xx / n - cx * cx, sy: yy / n - cy * cy };
  });
  const areas = slices.map(({ n }) => n).filter((n) => n > 0);
  const whole = areas.length === 0 ? 0 : (areas.sort((a, b) => a - b)[areas.length >> 1] as number);
  const inside = slices.filter(({ n }) => n > 0 && n >= wholeSlice * whole);
  const [first, last] = [inside[0], inside.at(-1)];
  const area = Math.abs((m[0] as number) * (m[5] as number));
  const radius = Math.sqrt((whole * area) / Math.PI);
  // A disc's variance along any line across it is r^2 / 4.
  const round = inside.filter(({ sx, sy }) =>
    [Math.abs(m[0] as number) * Math.sqrt(sx), Math.abs(m[5] as number) * Math.sqrt(sy)].every(
      (spread) => Math.abs(spread / (radius / 2) - 1) < roundness,
    ),
  );
  if (
    !first ||
    !last ||
    inside.length < 3 ||
    inside.length !== last.z - first.z + 1 ||
    round.length < 0.9 * inside.length
  ) {
    throw new DataError("no-cylinder", "the phantom is a uniform cylinder along the scanner's axis", {
      expected: "round slices of one size, one after the other",
      found: `${inside.length} of ${nz} slices of like area, ${round.length} of them round`,
    });
  }
  const centres = inside.map(({ z, cx, cy }) => toWorld(image, [cx, cy, z]));
  const [x, y] = [lineThrough(centres, 0), lineThrough(centres, 1)];
  const ends = [first.z - 0.5, last.z + 0.5].map((z) => toWorld(image, [0, 0, z])[2]).sort((a, b) => a - b);
  return {
    axis: [x.at, y.at],
    slope: [x.slope, y.slope],
    radius,
    from: ends[0] as number,
    to: ends[1] as number,
  };
}

/** Mean of the voxels above half of it, found by going on until it stays: the object's level, whatever lies around it. */
function levelOf(data: Float32Array): number {
  let level = data.reduce((most, x) => (x > most ? x : most), 0);
  for (let round = 0; round < 50; round++) {
    let [sum, n] = [0, 0];
    for (const x of data) {
      if (!(x > level / 2)) continue;
      sum += x;
      n++;
    }
    const next = n > 0 ? sum / n : 0;
    if (Math.abs(next - level) <= 1e-6 * level) return next;
    level = next;
  }
  return level;
}

/** Least squares of coordinate k against z. */
function lineThrough(points: readonly (readonly [number, number, number])[], k: 0 | 1) {
  const n = points.length;
  const mean = (of: (p: readonly [number, number, number]) => number): number =>
    points.reduce((sum, p) => sum + of(p), 0) / n;
  const [z, c] = [mean((p) => p[2]), mean((p) => p[k])];
  const slope = mean((p) => (p[2] - z) * (p[k] - c)) / mean((p) => (p[2] - z) ** 2);
  return { slope, at: c - slope * z };
}
