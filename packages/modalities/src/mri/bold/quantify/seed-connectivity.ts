import { DataError, type Mask, type Point, toVoxel, toWorld, type Volume, voxelCount } from "@quintet/core";

export interface SeedConnectivity {
  /** Correlation with the seed's mean course. */
  readonly r: Volume<"1">;
  /** Fisher's z: atanh r. */
  readonly fisher: Volume<"1">;
  /** atanh(r) sqrt(dof - 2): standard normal without any connection, for what is white inside the band. */
  readonly z: Volume<"{z}">;
  readonly seedVoxels: number;
}

/** The voxels of a mask within `radius` mm of a point. @throws DataError `empty-region` */
export function sphereSeed(mask: Mask, centre: Point, radius: number): Mask {
  const data = new Uint8Array(mask.data.length);
  const [nx, ny, nz] = mask.shape;
  const middle = toVoxel(mask, centre);
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    if (mask.data[i] === 0) continue;
    const [x, y, z] = toWorld(mask, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    if (Math.hypot(x - centre[0], y - centre[1], z - centre[2]) > radius) continue;
    data[i] = 1;
    count++;
  }
  if (count === 0) {
    throw new DataError("empty-region", "the seed holds no voxel of the mask", {
      found: `voxel ${middle.map((v) => v.toFixed(1)).join(", ")} of ${nx} x ${ny} x ${nz}`,
    });
  }
  return { ...mask, data };
}

/**
 * Correlation of every voxel's course with the mean course of a seed, and its Fisher transform.
 *
 *   r_v = <y_v, s> / (|y_v| |s|),   z = atanh(r) sqrt(dof - 2)
 *
 * with `dof` what the cleaning left (`cleanSeries`); courses have mean 0. r is held within +-0.999999, so that the seed's
 * own voxels stay finite.
 *
 * @throws DataError `grid-mismatch`, `empty-region`, `constant-data` (the seed does not vary), `no-dof`
 * @see Biswal et al., Magn Reson Med 1995;34:537-41; Fisher, Biometrika 1915;10:507-21
 */
export function seedConnectivity(series: Volume, mask: Mask, seed: Mask, dof: number): SeedConnectivity {
  const [n, frames] = [voxelCount(series), series.frames.length];
  if (mask.data.length !== n || seed.data.length !== n)
    throw new DataError("grid-mismatch", "series, mask and seed must lie on one grid");
  if (!(dof > 3))
    throw new DataError("no-dof", "too little is left of the series", { expected: "> 3", found: `${dof}` });
  const own = [...seed.data.keys()].filter((i) => seed.data[i] !== 0);
  if (own.length === 0) throw new DataError("empty-region", "the seed is empty");
  const course = Float64Array.from(
    { length: frames },
    (_, t) => own.reduce((sum, i) => sum + (series.data[t * n + i] as number), 0) / own.length,
  );
  const length = Math.sqrt(course.reduce((sum, v) => sum + v * v, 0));
  if (!(length > 0)) throw new DataError("constant-data", "the seed's course does not vary");
  const [dot, squares] = [new Float64Array(n), new Float64Array(n)];
  for (let t = 0; t < frames; t++) {
    const s = course[t] as number;
    for (let i = 0; i < n; i++) {
      const v = series.data[t * n + i] as number;
      dot[i] = (dot[i] as number) + s * v;
      squares[i] = (squares[i] as number) + v * v;
    }
  }
  const r = new Float32Array(mask.data.length).map((_, i) => {
    const m = mask.data[i] as number;
    const size = Math.sqrt(squares[i] as number) * length;
    return m !== 0 && size > 0 ? Math.min(0.999999, Math.max(-0.999999, (dot[i] as number) / size)) : 0;
  });
  const fisher = r.map(Math.atanh);
  const last = series.frames.at(-1);
  const start = series.frames[0]?.start ?? 0;
  const frame = [{ start, duration: (last?.start ?? 0) + (last?.duration ?? 0) - start }];
  return {
    r: { ...series, unit: "1", frames: frame, data: r },
    fisher: { ...series, unit: "1", frames: frame, data: fisher },
    z: { ...series, unit: "{z}", frames: frame, data: fisher.map((v) => v * Math.sqrt(dof - 2)) },
    seedVoxels: own.length,
  };
}
