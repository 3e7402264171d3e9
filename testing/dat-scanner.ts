/** A dopamine transporter scan in two energy windows, and what the SPECT wing's own reconstruction makes of its counts. */
import { type Grid, identityAffine, type SpectProjections, type Volume } from "@quintet/core";
import { fwhmPerSigma, type Random, resample, smoothGaussian } from "@quintet/kernels";
import {
  collimatorNamed,
  collimatorResponse,
  type DatRegions,
  datRegions,
  expectedCounts,
  reconstruct,
  replicateCounts,
  type SpectTerms,
  spectGrid,
  tripleWindowScatter,
} from "@quintet/modalities/spect";
import type { PhantomHead } from "@quintet/twin";
import { brainOf, headAttenuation, maskAbove, posed, scanGrid } from "./spect-scan.ts";
import { datCamera, datSpect, type StriatalRatios } from "./striatal-phantom.ts";

export interface DatCounts {
  readonly peak: Float32Array;
  /** Of a window of 6 keV below the peak's 28, which holds scatter alone. */
  readonly lower: Float32Array;
}

export interface DatScannerOptions {
  readonly iterations: number;
  /** Counts of scatter over those of the peak that did not scatter; 0 leaves the term out. */
  readonly scatter: number;
}

export interface DatScanner {
  /** Counts of the scan as it came out. */
  scan(random: Random): DatCounts;
  /** Counts per mm of line on the camera's grid, without filter. */
  reconstruct(counts: DatCounts): Float32Array;
  /** A replicate of a scan whose image is known. */
  again(counts: DatCounts, image: Float32Array, random: Random): DatCounts;
  /** The filtered image on the head's grid. */
  image(data: Float32Array): Volume;
}

const { matrix, slices, views, edge, radius, filter } = datSpect;
const geometry = {
  columns: matrix,
  rows: slices,
  size: [edge, edge] as const,
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(radius),
  window: { low: 126, high: 154 },
};
const lowerWindow = { low: 120, high: 126 };
/** Standard deviation of scatter about where the photons would have gone, pixels: chosen, some 3 cm. */
const scatterWidth = 8;

/** Counts expected of the bins that did not scatter, one million in all: slow, of the head in 2-mm voxels. White matter has `white` times the uptake of grey. */
export function datPrimary(head: PhantomHead, ratios: StriatalRatios, white: number): Float32Array {
  const camera = datCamera(head);
  const counts = camera.expected(ratios, 1e6, white);
  camera.close();
  return counts;
}

/** @param primary of datPrimary @param counts in the peak that did not scatter */
export function datScanner(
  head: PhantomHead,
  primary: Float32Array,
  counts: number,
  { iterations, scatter }: DatScannerOptions,
): DatScanner {
  const place = scanGrid(datSpect, head.grid.space);
  const grid: Grid = spectGrid(geometry);
  const frames = [{ start: 0, duration: 0 }];
  const attenuation = {
    ...grid,
    unit: "1/cm",
    energy: 140.5,
    clock: "none",
    frames,
    data: posed(head, headAttenuation(head), place, { from: place.space, to: place.space, matrix: identityAffine() }),
  } as const;
  const response = collimatorResponse(collimatorNamed("siemens-lehr"), 140);
  const level = counts / 1e6;
  const wide = smoothGaussian(primary, [matrix, slices, views], [scatterWidth, scatterWidth, 0]);
  const scattered = wide.map((y) => y * level * scatter);
  const peak = primary.map((y, i) => y * level + (scattered[i] as number));
  // the line under the peak is s / 28 a keV at its middle and, with nothing above, twice that in the lower window
  const lower = scattered.map((s) => (s * 2 * 6) / 28);
  const scanOf = (data: Float32Array): SpectProjections => ({ ...geometry, data });
  const termsOf = (own: DatCounts): SpectTerms => ({
    response,
    attenuation,
    factor: "none",
    scatter:
      scatter === 0
        ? "none"
        : tripleWindowScatter({
            peak: scanOf(own.peak),
            lower: { ...scanOf(own.lower), window: lowerWindow },
            upper: "none",
          }),
  });
  return {
    scan: (random) => ({
      peak: replicateCounts(peak, random.fork("peak")),
      lower: replicateCounts(lower, random.fork("lower")),
    }),
    reconstruct(own) {
      const steps = reconstruct(scanOf(own.peak), grid, termsOf(own), { algorithm: "osem", iterations, subsets: 8 });
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value.image.data;
      }
    },
    again: (own, data, random) => ({
      peak: replicateCounts(expectedCounts(geometry, grid, termsOf(own), data), random.fork("peak")),
      lower: replicateCounts(own.lower, random.fork("lower")),
    }),
    image(data) {
      const sigma = filter / fwhmPerSigma / edge;
      const filtered = smoothGaussian(data, place.shape, [sigma, sigma, sigma]);
      return resample({ ...place, unit: "1", clock: "spect", frames, data: filtered }, head.grid, identityAffine());
    },
  };
}

/** Regions of a head's brain as far as the camera sees it, less 8 mm. */
export function seenRegions(head: PhantomHead): DatRegions {
  const { csf } = head.fractions;
  const whole = maskAbove(
    brainOf(head).map((brain, v) => brain + (csf[v] as number)),
    head.grid,
  );
  const { shape, affine } = head.grid;
  const [middle, half] = [datSpect.centre[2], (edge * slices) / 2 - 8];
  const seen = whole.data.map((m, v) => {
    const z = (affine[11] as number) + (affine[10] as number) * Math.floor(v / (shape[0] * shape[1]));
    return Math.abs(z - middle) < half ? m : 0;
  });
  return datRegions(head.regions, { ...whole, data: seen });
}
