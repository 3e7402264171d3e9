/**
 * Images and points through a `Warp`: p' = M p, p'' = p' + d(p'). The displacement is interpolated linearly on its
 * grid; beyond the grid the nearest edge value is held, so that the map stays continuous.
 */
import {
  apply,
  DataError,
  type Grid,
  invert,
  type LabelVolume,
  multiply,
  type Point,
  type Volume,
  voxelCount,
  type Warp,
} from "@quintet/core";
import { type ResampleOptions, refuseBadShapes, sameKind } from "./resample.ts";
import { type Sampler, sampler } from "./sample.ts";

/** Where points go, prepared once. @throws DataError `singular-affine`, `shape-mismatch` */
export function warpMap(warp: Warp): (point: Point) => [number, number, number] {
  const displacement = displacementMap(warp);
  return (point) => {
    const moved = apply(warp.matrix, point);
    const [dx, dy, dz] = displacement(moved);
    return [moved[0] + dx, moved[1] + dy, moved[2] + dz];
  };
}

/**
 * Where a point came from: solves p' + d(p') = p'' by the fixed point p' <- p'' - d(p'), which converges while the
 * displacement changes by less than its distance (no folding), then p = M^-1 p'.
 *
 * @throws DataError `no-inverse` when 100 steps do not settle within 1e-3 mm
 */
export function inverseWarpMap(warp: Warp): (point: Point) => [number, number, number] {
  const displacement = displacementMap(warp);
  const back = invert(warp.matrix);
  return (point) => {
    let [x, y, z] = point;
    for (let step = 0; step < 100; step++) {
      const [dx, dy, dz] = displacement([x, y, z]);
      const error = Math.hypot(point[0] - dx - x, point[1] - dy - y, point[2] - dz - z);
      [x, y, z] = [point[0] - dx, point[1] - dy, point[2] - dz];
      if (error < 1e-3) return apply(back, [x, y, z]);
    }
    throw new DataError("no-inverse", `the warp folds near ${point.map((v) => v.toFixed(1)).join(", ")} mm`);
  };
}

function displacementMap(warp: Warp): (point: Point) => readonly [number, number, number] {
  const n = voxelCount(warp.grid);
  const [nx, ny, nz] = warp.grid.shape;
  if (warp.displacement.length !== 3 * n) {
    throw new DataError("shape-mismatch", "a displacement has three components per grid point", {
      expected: `3 x ${n} values`,
      found: `${warp.displacement.length}`,
    });
  }
  const world = invert(warp.grid.affine);
  const [sx, sy, sz] = [0, 1, 2].map((c) =>
    sampler(warp.displacement.subarray(c * n, (c + 1) * n), warp.grid.shape, "linear", 0),
  ) as [Sampler, Sampler, Sampler];
  return (point) => {
    const voxel = apply(world, point);
    const x = Math.min(Math.max(voxel[0], 0), nx - 1);
    const y = Math.min(Math.max(voxel[1], 0), ny - 1);
    const z = Math.min(Math.max(voxel[2], 0), nz - 1);
    return [sx(x, y, z), sy(x, y, z), sz(x, y, z)];
  };
}

/**
 * An image through a warp: out(v) = in(A_s^-1 W(A_t v)), so `warp` moves points **from the target's space to the
 * source's**. Rim and frames as in `resample`.
 *
 * @throws DataError `singular-affine`, `shape-mismatch`
 */
export function resampleWarped<V extends Volume>(
  source: V,
  target: Grid,
  warp: Warp,
  { interpolation = "linear", outside = 0 }: ResampleOptions = {},
): V {
  refuseBadShapes(source, target, source.frames.length);
  const [n, frame] = [voxelCount(target), voxelCount(source)];
  const data = new Float32Array(n * source.frames.length);
  const samplers = source.frames.map((_, t) =>
    sampler(source.data.subarray(t * frame, (t + 1) * frame), source.shape, interpolation, outside),
  );
  forEachPlace(source, target, warp, (voxel, [x, y, z]) => {
    for (let t = 0; t < samplers.length; t++) data[t * n + voxel] = (samplers[t] as Sampler)(x, y, z);
  });
  return { ...source, shape: target.shape, affine: target.affine, space: target.space, data };
}

/** Labels through a warp (from the target's space to the source's): the nearest voxel's label, 0 outside. */
export function resampleLabelsWarped(source: LabelVolume, target: Grid, warp: Warp): LabelVolume {
  refuseBadShapes(source, target, 1);
  const data = sameKind(source.data, voxelCount(target));
  const sample = sampler(source.data, source.shape, "nearest", 0);
  forEachPlace(source, target, warp, (voxel, [x, y, z]) => {
    data[voxel] = sample(x, y, z);
  });
  return { shape: target.shape, affine: target.affine, space: target.space, names: source.names, data };
}

/** Visits every target voxel with the source voxel index its warped centre falls on. */
function forEachPlace(source: Grid, target: Grid, warp: Warp, visit: (voxel: number, place: Point) => void): void {
  const displacement = displacementMap(warp);
  const toMoved = multiply(warp.matrix, target.affine);
  const toVoxel = invert(source.affine);
  const [nx, ny, nz] = target.shape;
  let voxel = 0;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++) {
        const moved = apply(toMoved, [x, y, z]);
        const [dx, dy, dz] = displacement(moved);
        visit(voxel++, apply(toVoxel, [moved[0] + dx, moved[1] + dy, moved[2] + dz]));
      }
    }
  }
}
