import { DataError, type Point } from "@quintet/core";
import { type DipoleFit, fitDipole, type NoiseCovariance } from "@quintet/kernels";
import type { SourceData } from "./source-data.ts";

/**
 * One dipole for the map at a time, from the best place of a grid (`fitDipole`): its 95 % ellipsoid tells where it may lie as well.
 *
 * @param time s; the nearest sample is taken
 * @throws DataError `outside-window` (a time beyond the data's), and those of `fitDipole`
 */
export function dipoleAt(data: SourceData, time: number, grid: readonly Point[], noise: NoiseCovariance): DipoleFit {
  const { times } = data;
  const [first, last] = [times[0] as number, times.at(-1) as number];
  const step = times.length > 1 ? (last - first) / (times.length - 1) : 0;
  if (!(time >= first - step / 2 && time <= last + step / 2))
    throw new DataError("outside-window", "the time lies within the average", {
      expected: `${first} to ${last} s`,
      found: `${time}`,
    });
  const sample = times.reduce(
    (best, t, i) => (Math.abs(t - time) < Math.abs((times[best] as number) - time) ? i : best),
    0,
  );
  return fitDipole({
    map: data.rows.map((row) => row[sample] as number),
    noise: noise.covariance,
    leadField: data.leadField,
    grid,
  });
}
