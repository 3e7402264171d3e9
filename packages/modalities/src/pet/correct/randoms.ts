import {
  DataError,
  type ListMode,
  type Seconds,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";
import { withoutTof } from "../forward/acquisition-model.ts";
import { type Fans, fanCounts, fanSums, fansOf, forPairsOf } from "./fan-sums.ts";

/**
 * Randoms from singles rates: r_ab = 2 tau R_a R_b T for each pair of detectors, summed over the pairs of each bin
 * (Knoll, Radiation Detection and Measurement).
 *
 * @param singles counts per second, [ring * detectorsPerRing + detector]
 * @param window tau: coincidences are accepted with arrival differences between -tau and tau, seconds
 * @throws DataError `shape-mismatch`, `not-positive`, `arc-corrected`
 */
export function randomsFromSingles(
  layout: SinogramLayout,
  singles: Float64Array,
  { window, duration }: { readonly window: Seconds; readonly duration: Seconds },
): Sinogram {
  if (!(window > 0 && duration > 0 && singles.every((rate) => rate >= 0))) {
    throw new DataError("not-positive", "randoms need a coincidence window, a duration and singles rates", {
      expected: "seconds above 0, rates of 0 and more",
      found: `window ${window} s, duration ${duration} s`,
    });
  }
  return randomsOfProducts(layout, singles, 2 * window * duration);
}

/**
 * Randoms from the delayed window with less noise. The expected randoms of a pair are a product s_a s_b; from each
 * detector's delayed coincidences D_a with its whole fan the most likely s are the fixed point of
 *
 *   s_a = D_a / sum over its fan of s_b
 *
 * (maximum likelihood of Poisson counts with means s_a s_b; Panin, Chen & Michel, IEEE Nucl Sci Symp 2007: 2913-6; from the
 * literature, not re-checked). Iterated with the geometric mean of old and new, which keeps it from swinging. A detector
 * that saw none has s = 0.
 *
 * @param events with the delayed window marked, or each detector's delayed counts [ring * detectorsPerRing + detector]
 * @returns expected randoms in counts, without time of flight; the s; whether they settled (relative change below 1e-6)
 * @throws DataError `no-delayeds`, `shape-mismatch`, `arc-corrected`
 */
export function randomsFromDelayeds(
  layout: SinogramLayout,
  events: ListMode | Float64Array,
): { readonly randoms: Sinogram; readonly singles: Float64Array; readonly converged: boolean } {
  const fans = fansOf(layout);
  const counts = events instanceof Float64Array ? events : fanCounts(fans, events, true);
  checkDetectors(counts, fans);
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (!(total > 0)) {
    throw new DataError("no-delayeds", "no coincidence was found in the delayed window", {
      expected: "events marked as delayed",
      found: `${total}`,
    });
  }
  const { values, converged } = fitProducts(fans, counts, (s) => fanSums(fans, s));
  return { randoms: randomsOfProducts(layout, values, 1), singles: values, converged };
}

/** Most likely factors v with means v_a v_b m_ab of which each detector's sum is known: v_a = D_a / (M v)_a. */
export function fitProducts(
  fans: Fans,
  counts: Float64Array,
  sums: (values: Float64Array) => Float64Array,
): { readonly values: Float64Array; readonly converged: boolean } {
  const ones = sums(new Float64Array(fans.detectors * fans.rings).fill(1));
  const reach = ones.reduce((sum, n) => sum + n, 0);
  const level = Math.sqrt(counts.reduce((sum, n) => sum + n, 0) / (reach || 1));
  const values = Float64Array.from(counts, (n) => (n > 0 ? level : 0));
  let converged = false;
  for (let i = 0; i < 200 && !converged; i++) {
    const expected = sums(values);
    let change = 0;
    for (let a = 0; a < values.length; a++) {
      const before = values[a] as number;
      const next =
        (expected[a] as number) > 0 ? Math.sqrt((before * (counts[a] as number)) / (expected[a] as number)) : 0;
      change = Math.max(change, Math.abs(next - before));
      values[a] = next;
    }
    converged = change <= 1e-6 * level;
  }
  return { values, converged };
}

function randomsOfProducts(layout: SinogramLayout, values: Float64Array, scale: number): Sinogram {
  const plain = withoutTof(layout);
  checkDetectors(values, fansOf(plain));
  return { layout: plain, data: sumOfProducts(plain, values, scale) };
}

/** sum over each bin's pairs of scale v_a v_b; [view][bin][plane]. */
export function sumOfProducts(layout: SinogramLayout, values: Float64Array, scale: number): Float32Array {
  const planes = sinogramPlanes(layout).length;
  const out = new Float32Array(layout.views * layout.bins * planes);
  forPairsOf(layout, (a, b, ray, plane) => {
    const i = ray * planes + plane;
    out[i] = (out[i] as number) + scale * (values[a] as number) * (values[b] as number);
  });
  return out;
}

function checkDetectors(values: Float64Array, { detectors, rings }: Fans): void {
  if (values.length === detectors * rings) return;
  throw new DataError("shape-mismatch", "one value for each detector of the scanner", {
    expected: `${detectors * rings}`,
    found: `${values.length}`,
  });
}
