/**
 * Binding ratios of simulated dopamine transporter scans, calibrated on scans of a striatal phantom with other ratios.
 *
 *   npm run study -- spect-sbr [--counts 5] [--scans 4] [--seed 1] [--kinds phantom,people] [--cases 1,2,3,4] [--fwhm MM]
 *
 * Calibration: the phantom head of `--seed` + 100 at four ratios, without noise. `phantom`: the same at others, each striatum evenly
 * filled. `people`: other heads, caudate and putamen unlike. One JSON line per kind, reference, way (spill-over left or taken back at the
 * resolution found in the phantom's striatum) and region: error without noise in per cent (mean of the sizes, and most), of the asymmetry the
 * same in per cent points; SD of a scan with Poisson noise, from `--scans` of them (2 or more, 0 leaves it out); `raw`: error without calibration. Total counts
 * are over the person's own striatum. Heads are projected in voxels of half the size that they are reconstructed in.
 */
import { parseArgs } from "node:util";
import type { Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { type SbrCalibration, sbrCalibration } from "@quintet/modalities/spect";
import { type PhantomHead, phantomHead } from "@quintet/twin";
import { poisson } from "../testing/spect-scan.ts";
import {
  datCamera,
  type MeasuredRatio,
  measuredRatios,
  type StriatalRatios,
  striatalRegions,
} from "../testing/striatal-phantom.ts";

const calibrators = [1, 3, 5, 8];
const phantom: readonly StriatalRatios[] = [
  { left: [7, 7], right: [6, 6] },
  { left: [4, 4], right: [4, 4] },
  { left: [4, 4], right: [2, 2] },
];
const people: readonly StriatalRatios[] = [
  { left: [6, 5], right: [6, 5] },
  { left: [5, 4], right: [4.5, 3] },
  { left: [4, 2], right: [4.5, 3] },
  { left: [3, 1.5], right: [2.5, 1] },
];
const measured = ["caudate", "putamen", "anterior putamen", "posterior putamen", "striatum"] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      counts: { type: "string", default: "5" },
      scans: { type: "string", default: "4" },
      seed: { type: "string", default: "1" },
      kinds: { type: "string", default: "phantom,people" },
      cases: { type: "string", default: "1,2,3,4" },
      fwhm: { type: "string" },
    },
  });
  await loadKernels({ threads: 1 });
  const [counts, scans, seed] = [1e6 * Number(values.counts), Number(values.scans), Number(values.seed)];
  const { fwhm, lines } = calibrate(headOf(seed + 100), counts, values.fwhm);
  for (const [kind, cases] of Object.entries({ phantom, people })) {
    if (!values.kinds.split(",").includes(kind)) continue;
    const errors = ways.map(() => new Map<string, Errors>());
    for (const [k, ratios] of cases.entries()) {
      if (!values.cases.split(",").includes(`${k + 1}`)) continue;
      const head = headOf(kind === "phantom" ? seed + 100 : seed + k);
      const [camera, regions] = [datCamera(head), striatalRegions(head)];
      const expected = camera.expected(ratios, counts);
      const still = camera.reconstruct(expected);
      const noisy = Array.from({ length: scans }, (_, scan) =>
        camera.reconstruct(poisson(expected, seededRandom(1000 * seed + 10 * k + scan).fork(kind))),
      );
      camera.close();
      for (const spill of [false, true]) {
        const of = (image: Volume): ReturnType<typeof measuredRatios> =>
          measuredRatios(regions, image, spill ? fwhm : undefined);
        const [without, all] = [of(still), noisy.map(of)];
        for (const [w, { reference, spillOver }] of ways.entries())
          if (spillOver === spill)
            collect(
              errors[w] as Map<string, Errors>,
              without[reference],
              all.map((one) => one[reference]),
              trueRatios(head, ratios),
              lines[w] as Lines,
            );
      }
    }
    for (const [w, { reference, spillOver }] of ways.entries())
      for (const [region, { value, raw, asymmetry, single }] of errors[w] as Map<string, Errors>)
        console.log(
          JSON.stringify({
            study: "spect-sbr",
            kind,
            reference,
            spillOver,
            ...(spillOver ? { fwhm } : {}),
            region,
            counts,
            scans,
            slope: (lines[w] as Lines).find((line) => line.region === region)?.slope,
            error: mean(value.map(Math.abs)),
            errorMost: Math.max(...value.map(Math.abs)),
            ...(scans > 1 ? { singleScanSd: mean(single) } : {}),
            asymmetryError: mean(asymmetry.map(Math.abs)),
            asymmetryErrorMost: Math.max(...asymmetry.map(Math.abs)),
            raw: mean(raw),
          }),
        );
  }
}

/** Each reference, without and with spill-over taken back. */
const ways = (["occipital", "whole-brain"] as const).flatMap((reference) =>
  [false, true].map((spillOver) => ({ reference, spillOver })),
);

type Lines = readonly SbrCalibration[];

/** Per cent, a value for each side of each case; of the asymmetry per cent points, a value a case. */
interface Errors {
  readonly value: number[];
  readonly raw: number[];
  readonly single: number[];
  readonly asymmetry: number[];
}

function headOf(seed: number): PhantomHead {
  return phantomHead({ seed, resolution: 2 });
}

/** Lines of each way, and the resolution in the phantom's striatum unless it is given. */
function calibrate(
  head: PhantomHead,
  counts: number,
  given: string | undefined,
): { readonly fwhm: number; readonly lines: readonly Lines[] } {
  const [camera, regions] = [datCamera(head), striatalRegions(head)];
  const both = (ratio: number): StriatalRatios => ({ left: [ratio, ratio], right: [ratio, ratio] });
  const fwhm = given === undefined ? camera.resolution(both(3)) : Number(given);
  const rows = calibrators.map((ratio) => {
    const image = camera.reconstruct(camera.expected(both(ratio), counts));
    return { ratio, plain: measuredRatios(regions, image, undefined), back: measuredRatios(regions, image, fwhm) };
  });
  camera.close();
  const lines = ways.map(({ reference, spillOver }) =>
    measured.map((region) => {
      const measure = region === "striatum" ? "sbr-total-counts" : "sbr";
      const scans = rows.flatMap(({ ratio, plain, back }) =>
        (spillOver ? back : plain)[reference]
          .filter((row) => row.region === region && row.measure === measure && row.side !== "midline")
          .map((row) => ({ true: ratio, measured: row.value })),
      );
      return sbrCalibration(region, measure, scans);
    }),
  );
  return { fwhm, lines };
}

type Truth = (region: string, side: "left" | "right") => number;

function trueRatios(head: PhantomHead, ratios: StriatalRatios): Truth {
  const volume = (name: string): number => {
    const label = [...head.regions.names].find(([, text]) => text === name)?.[0];
    return Array.from(head.regions.data).filter((own) => own === label).length;
  };
  return (region, side) => {
    const [caudate, putamen] = ratios[side];
    if (region === "caudate") return caudate;
    if (region !== "striatum") return putamen;
    const [a, b] = [volume(`${side} caudate`), volume(`${side} putamen`)];
    return (a * caudate + b * putamen) / (a + b);
  };
}

function collect(
  errors: Map<string, Errors>,
  still: readonly MeasuredRatio[],
  scans: readonly (readonly MeasuredRatio[])[],
  truth: Truth,
  lines: readonly SbrCalibration[],
): void {
  for (const line of lines) {
    const { region, measure, slope, offset } = line;
    const into = errors.get(region) ?? { value: [], raw: [], single: [], asymmetry: [] };
    errors.set(region, into);
    const of = (rows: readonly MeasuredRatio[], side: string): number =>
      rows.find((row) => row.region === region && row.measure === measure && row.side === side)?.value ?? 0;
    const own = (value: number): number => (value - offset) / slope;
    const means = (["left", "right"] as const).map((side) => {
      const [known, middle] = [truth(region, side), own(of(still, side))];
      const noisy = scans.map((rows) => own(of(rows, side)));
      const average = mean(noisy);
      const squares = noisy.reduce((sum, value) => sum + (value - average) ** 2, 0);
      into.value.push(100 * (middle / known - 1));
      into.raw.push(100 * (of(still, side) / known - 1));
      into.single.push((100 * Math.sqrt(squares / (noisy.length - 1))) / known);
      return middle;
    });
    const asymmetry = (l: number, r: number): number => (200 * (l - r)) / (l + r);
    const known = asymmetry(truth(region, "left"), truth(region, "right"));
    into.asymmetry.push(asymmetry(...(means as [number, number])) - known);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
