import { checkProjections, DataError, type SpectProjections } from "@quintet/core";
import { smoothGaussian } from "@quintet/kernels";

export interface ScatterWindows {
  /** Of the photopeak: only its window is used here. */
  readonly peak: SpectProjections;
  /** The window below the peak's. */
  readonly lower: SpectProjections;
  /** The window above; "none" where its counts are taken to be 0 (one photon energy, nothing above it). */
  readonly upper: SpectProjections | "none";
}

/** Standard deviation in pixels that estimates are smoothed by, so that their noise does not go into the image: chosen here. */
const smoothing = 2;

/**
 * Scatter in the photopeak by the triple energy window: the trapezium under the line through two narrow windows,
 *
 *   s = (C_l / w_l + C_u / w_u) w / 2
 *
 * @param smooth standard deviation of the estimate's smoothing in pixels; default 2 (chosen here), 0 is none
 * @returns counts expected in each bin of the peak
 * @throws DataError `missing-window`, `bad-window`, `window-mismatch`, `bad-projections`
 * @see Ogawa et al., IEEE Trans Med Imaging 1991;10:408-12 (from the literature, not re-checked)
 */
export function tripleWindowScatter({ peak, lower, upper }: ScatterWindows, smooth: number = smoothing): Float32Array {
  const width = widthOf(peak, "the photopeak");
  const below = width / 2 / widthOf(like(peak, lower), "the lower window");
  const above = upper === "none" ? 0 : width / 2 / widthOf(like(peak, upper), "the upper window");
  const sum = lower.data.map((c, i) => below * c + (upper === "none" ? 0 : above * (upper.data[i] as number)));
  return smoothed(peak, sum, smooth);
}

/**
 * Scatter by the dual energy window: s = k C_l, k = 0.5 for a window of 92-125 keV below 127-153 keV of Tc-99m.
 *
 * @throws DataError `window-mismatch`, `not-positive`, `bad-projections`
 * @see Jaszczak et al., J Nucl Med 1984;25:893-900 (from the literature, not re-checked)
 */
export function dualWindowScatter(
  { peak, lower }: Omit<ScatterWindows, "upper">,
  k = 0.5,
  smooth: number = smoothing,
): Float32Array {
  if (!(k >= 0 && k < Number.POSITIVE_INFINITY)) throw new DataError("not-positive", "k", { found: `${k}` });
  return smoothed(
    peak,
    like(peak, lower).data.map((c) => k * c),
    smooth,
  );
}

/**
 * Photons of a higher energy in the photopeak: after a PET tracer in the same visit, 511-keV photons that scattered down. Their
 * spectrum is taken to be level from the window above the peak into the peak, s = ratio C_u w / w_u; the ratio is 1 unless it was
 * measured with the PET tracer alone.
 *
 * The upper window must hold no photons of the SPECT nuclide itself; with scatter from tripleWindowScatter the same counts would be
 * taken off twice, so that one is then to be made with `upper: "none"`.
 *
 * @throws DataError `missing-window`, `bad-window`, `window-mismatch`, `not-positive`, `bad-projections`
 */
export function downscatter(
  { peak, upper }: { readonly peak: SpectProjections; readonly upper: SpectProjections },
  ratio = 1,
  smooth: number = smoothing,
): Float32Array {
  if (!(ratio >= 0 && ratio < Number.POSITIVE_INFINITY)) {
    throw new DataError("not-positive", "the ratio of the windows' counts", { found: `${ratio}` });
  }
  const factor = (ratio * widthOf(peak, "the photopeak")) / widthOf(like(peak, upper), "the upper window");
  const { low } = upper.window as { readonly low: number };
  if (low < (peak.window?.high ?? Number.POSITIVE_INFINITY)) {
    throw new DataError("bad-window", "the window for photons of a higher energy lies above the photopeak", {
      expected: `from ${peak.window?.high} keV on`,
      found: `${low} keV`,
    });
  }
  return smoothed(
    peak,
    upper.data.map((c) => factor * c),
    smooth,
  );
}

/** @throws DataError `missing-window`, `bad-window` */
function widthOf({ window }: SpectProjections, what: string): number {
  if (!window) throw new DataError("missing-window", `${what} has no energies`, { expected: "its limits in keV" });
  const width = window.high - window.low;
  if (width > 0 && window.low > 0) return width;
  throw new DataError("bad-window", what, {
    expected: "rising energies",
    found: `${window.low} to ${window.high} keV`,
  });
}

/** @throws DataError `window-mismatch`, `bad-projections` */
function like(peak: SpectProjections, other: SpectProjections): SpectProjections {
  checkProjections(peak);
  checkProjections(other);
  const same = peak.columns === other.columns && peak.rows === other.rows && peak.angles.length === other.angles.length;
  if (same && peak.angles.every((a, v) => Math.abs(a - (other.angles[v] as number)) < 1e-6)) return other;
  throw new DataError("window-mismatch", "energy windows are of the same views", {
    expected: `${peak.angles.length} views of ${peak.columns} x ${peak.rows}, at the same angles`,
    found: `${other.angles.length} views of ${other.columns} x ${other.rows}`,
  });
}

/** Each view smoothed in itself; counts at the rim stay. */
function smoothed({ columns, rows }: SpectProjections, data: Float32Array, sigma: number): Float32Array {
  return sigma === 0 ? data : smoothGaussian(data, [columns, rows, 1], [sigma, sigma, 0]);
}
