import { checkProjections, DataError, type Radionuclide, type SpectProjections } from "@quintet/core";
import { decayConstant } from "@quintet/kernels";

/**
 * What decay leaves of each view's counts, relative to activity at the first view's beginning:
 *
 *   f_v = exp(-lambda (t_v - t_0)) (1 - exp(-lambda d_v)) / (lambda d_v)
 *
 * with t_v, d_v the view's start and duration: a factor of the model, the counts stay as measured.
 *
 * @returns one factor a view
 * @throws DataError `missing-times` (neither times of the views nor a duration), `bad-times`, `unknown-radionuclide`
 */
export function viewDecay(projections: SpectProjections, radionuclide: Radionuclide): Float64Array {
  checkProjections(projections);
  const lambda = decayConstant(radionuclide);
  const times = viewTimesOf(projections);
  const first = Math.min(...times.map(({ start }) => start));
  return Float64Array.from(times, ({ start, duration }) => {
    const x = lambda * duration;
    return Math.exp(-lambda * (start - first)) * (x > 0 ? -Math.expm1(-x) / x : 1);
  });
}

/** The views' own times; without them, one after the other through the whole scan. */
function viewTimesOf({
  viewTimes,
  start = 0,
  duration,
  angles,
}: SpectProjections): NonNullable<SpectProjections["viewTimes"]> {
  const each = (duration ?? 0) / angles.length;
  const times = viewTimes ?? Array.from(angles, (_, v) => ({ start: start + v * each, duration: each }));
  if (!viewTimes && !(each > 0)) {
    throw new DataError("missing-times", "decay while the camera turned needs the time of each view", {
      expected: "times of the views, or how long the scan took",
      found: "neither",
    });
  }
  const bad = times.findIndex((t) => !(Number.isFinite(t.start) && t.duration >= 0));
  if (bad >= 0)
    throw new DataError("bad-times", `view ${bad + 1}`, { expected: "a start and a duration", found: "none" });
  return times;
}

/**
 * What each pixel counts relative to the mean, from a flood: f = flood / mean over the pixels that count. Extrinsic (with the
 * collimator and a sheet source) it holds the collimator's holes too.
 *
 * @param flood counts of a uniform source, [row][column]
 * @returns one factor a pixel; 0 where a pixel is dead
 * @throws DataError `shape-mismatch`, `bad-flood`
 */
export function floodFactor({ columns, rows }: SpectProjections, flood: Float32Array): Float32Array {
  if (flood.length !== columns * rows) {
    throw new DataError("shape-mismatch", "a flood has the pixels of a view", {
      expected: `${columns} x ${rows}`,
      found: `${flood.length} values`,
    });
  }
  const live = flood.filter((c) => c > 0);
  if (live.length < flood.length / 2 || !flood.every((c) => c >= 0 && c < Number.POSITIVE_INFINITY)) {
    throw new DataError("bad-flood", "a flood has counts of 0 or more in its pixels", {
      expected: "counts in at least half of them",
      found: `${live.length} of ${flood.length}`,
    });
  }
  const mean = live.reduce((sum, c) => sum + c, 0) / live.length;
  return flood.map((c) => c / mean);
}

/**
 * One factor a bin out of factors of the views and of the pixels.
 * @returns [view][row][column]; "none" where neither is given
 */
export function binFactors(
  { columns, rows, angles }: SpectProjections,
  { views, pixels }: { readonly views?: Float64Array; readonly pixels?: Float32Array },
): Float32Array | "none" {
  if (!views && !pixels) return "none";
  const n = columns * rows;
  return new Float32Array(n * angles.length).map((_, i) => (views?.[Math.floor(i / n)] ?? 1) * (pixels?.[i % n] ?? 1));
}
