import {
  DataError,
  detectorsPerRing,
  ringCount,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";
import { checkTerms, withoutTof } from "../forward/acquisition-model.ts";
import { fansOf, forPairsOf } from "./fan-sums.ts";
import { fitProducts, sumOfProducts } from "./randoms.ts";

/** What a scanner's sensitivity is made of. */
export interface NormalisationComponents {
  /** epsilon of each detector, [ring * detectorsPerRing + detector], mean 1. */
  readonly efficiencies: Float64Array;
  /** g of each tangential bin: what the angle of incidence does, mean 1. */
  readonly radial: Float64Array;
}

/**
 * n of each bin: the sum over its pairs of detectors of epsilon_a epsilon_b times its bin's g. With ones it is the number of
 * pairs, which a sinogram of span above 1 needs even when nothing else is known.
 *
 * @throws DataError `shape-mismatch`, `not-positive`, `arc-corrected`
 */
export function normalisationOf(layout: SinogramLayout, { efficiencies, radial }: NormalisationComponents): Sinogram {
  const plain = withoutTof(layout);
  const count = detectorsPerRing(layout.scanner) * ringCount(layout.scanner);
  if (efficiencies.length !== count || radial.length !== layout.bins) {
    throw new DataError("shape-mismatch", "one efficiency a detector, one factor a tangential bin", {
      expected: `${count} and ${layout.bins}`,
      found: `${efficiencies.length} and ${radial.length}`,
    });
  }
  if (![...efficiencies, ...radial].every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new DataError("not-positive", "efficiencies are 0 or more");
  }
  const data = sumOfProducts(plain, efficiencies, 1);
  const planes = sinogramPlanes(plain).length;
  for (let i = 0; i < data.length; i++) {
    data[i] = (data[i] as number) * (radial[Math.floor(i / planes) % layout.bins] as number);
  }
  return { layout: plain, data };
}

/**
 * n of each bin from that of pairs: the sum over its pairs of detectors of what `efficiency` gives for their numbers in the whole
 * scanner. @throws DataError `arc-corrected`, `not-positive`
 */
export function normalisationOfPairs(layout: SinogramLayout, efficiency: (a: number, b: number) => number): Sinogram {
  const plain = withoutTof(layout);
  const planes = sinogramPlanes(plain).length;
  const data = new Float32Array(plain.views * plain.bins * planes);
  forPairsOf(plain, (a, b, ray, plane) => {
    const i = ray * planes + plane;
    data[i] = (data[i] as number) + efficiency(a, b);
  });
  if (!data.some((value) => value > 0) || data.some((value) => !(value >= 0))) {
    throw new DataError("not-positive", "efficiencies of pairs are 0 or more, and not all 0");
  }
  return { layout: plain, data };
}

/** n where all detectors are alike: the number of pairs of each bin. Bins of an arc-corrected sinogram count planes' pairs. */
export function pairsOfBins(layout: SinogramLayout): Sinogram {
  const plain = withoutTof(layout);
  const perPlane = Float32Array.from(sinogramPlanes(plain), ({ pairs }) => pairs.length);
  const data = new Float32Array(layout.views * layout.bins * perPlane.length);
  for (let at = 0; at < data.length; at += perPlane.length) data.set(perPlane, at);
  return { layout: plain, data };
}

/**
 * Components from a scan of a known object, by maximum likelihood: measured counts of a pair have the mean
 * epsilon_a epsilon_b m_ab, with m the object's expected counts between ideal detectors. The fan sums decide:
 *
 *   epsilon_a = y_a / sum over its fan of epsilon_b m_ab        (as of randoms, with weights m)
 *   g_u = sum y / sum epsilon epsilon m over the bins u          (once, after the efficiencies)
 *
 * (fan sums: Hogg, Thielemans, Spinks & Spyrou, IEEE Nucl Sci Symp 2001; from the literature, not re-checked)
 *
 * @param measured trues or prompts without randoms, span 1, bins that are pairs
 * @param model expected counts of ideal detectors: n = 1, e.g. a (A x) of a uniform cylinder
 * @returns components and whether the efficiencies settled
 * @throws DataError `bad-layout` (span), `arc-corrected`, `layout-mismatch`, `size-mismatch`, `no-counts`
 */
export function normalisationFrom(
  measured: Sinogram,
  model: Sinogram,
): NormalisationComponents & { readonly converged: boolean } {
  const { layout } = measured;
  if (layout.span !== 1) {
    throw new DataError("bad-layout", "efficiencies are estimated from single pairs of detectors", {
      expected: "span 1",
      found: `span ${layout.span}`,
    });
  }
  checkTerms(measured, { normalisation: model, attenuation: "none", randoms: "none", scatter: "none" });
  const fans = fansOf(layout);
  const planes = sinogramPlanes(layout).length;
  const sums = (values: Float64Array | undefined, data: Float32Array): Float64Array => {
    const out = new Float64Array(fans.detectors * fans.rings);
    forPairsOf(layout, (a, b, ray, plane) => {
      const value = data[ray * planes + plane] as number;
      out[a] = (out[a] as number) + (values ? (values[b] as number) : 1) * value;
      out[b] = (out[b] as number) + (values ? (values[a] as number) : 1) * value;
    });
    return out;
  };
  const counts = sums(undefined, measured.data);
  if (!(counts.reduce((sum, n) => sum + n, 0) > 0)) {
    throw new DataError("no-counts", "the scan of the known object holds no counts");
  }
  const { values, converged } = fitProducts(fans, counts, (eff) => sums(eff, model.data));
  const seen = new Float64Array(layout.bins);
  const expected = new Float64Array(layout.bins);
  forPairsOf(layout, (a, b, ray, plane) => {
    const u = ray % layout.bins;
    const i = ray * planes + plane;
    seen[u] = (seen[u] as number) + (measured.data[i] as number);
    expected[u] = (expected[u] as number) + (values[a] as number) * (values[b] as number) * (model.data[i] as number);
  });
  // A bin the object does not reach says nothing: 1.
  const radial = expected.map((e, u) => (e > 0 ? (seen[u] as number) / e : 1));
  return { efficiencies: overMean(values), radial: overMean(radial), converged };
}

function overMean(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v / mean);
}
