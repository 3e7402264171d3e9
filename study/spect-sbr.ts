/**
 * Binding ratios of simulated dopamine transporter scans: what a camera makes of them, calibrated on other ratios.
 *
 *   npm run study -- spect-sbr [--counts 3] [--scans 5] [--seed 1]
 *
 * The phantom head of `--seed` + 100 is scanned at four ratios without noise for the calibration; then heads `--seed` onwards (another
 * anatomy each) at four pairs of sides, `--scans` times with Poisson noise. One JSON line per region: mean and largest error of SBR in
 * per cent, and of the asymmetry in per cent points, calibrated and not. Total counts are over the person's own striatum.
 */
import { parseArgs } from "node:util";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { type SbrCalibration, sbrCalibration } from "@quintet/modalities/spect";
import { type PhantomHead, phantomHead } from "@quintet/twin";
import { brainCamera, brainSpect, headAttenuation, posed, scanGrid } from "../testing/spect-scan.ts";
import { type MeasuredRatio, measuredRatios, type StriatalRatios } from "../testing/striatal-phantom.ts";

const calibrators = [1, 3, 5, 8];
const people: readonly StriatalRatios[] = [
  { left: [6, 5], right: [6, 5] },
  { left: [5, 4], right: [4.5, 3] },
  { left: [4, 2], right: [4.5, 3] },
  { left: [3, 1.5], right: [2.5, 1] },
];
/** mL of caudate and putamen weigh the striatum's own ratio; nearly 1 : 2 in the phantom. */
const measured = ["caudate", "putamen", "anterior putamen", "posterior putamen", "striatum"] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      counts: { type: "string", default: "3" },
      scans: { type: "string", default: "5" },
      seed: { type: "string", default: "1" },
    },
  });
  await loadKernels();
  const [counts, scans, seed] = [1e6 * Number(values.counts), Number(values.scans), Number(values.seed)];
  for (const reference of ["occipital", "whole-brain"] as const) {
    const lines = await calibrate(headOf(seed + 100), counts, reference);
    const errors = new Map<string, { value: number[]; raw: number[]; asymmetry: number[] }>();
    for (const [k, ratios] of people.entries()) {
      const head = headOf(seed + k);
      const camera = cameraOf(head);
      for (let scan = 0; scan < scans; scan++) {
        const random = seededRandom(1000 * seed + 10 * k + scan);
        collect(
          errors,
          measuredRatios(head, camera, ratios, { counts, random, reference }),
          trueRatios(head, ratios),
          lines,
        );
      }
      camera.close();
    }
    for (const region of measured) {
      const { value, raw, asymmetry } = errors.get(region) as { value: number[]; raw: number[]; asymmetry: number[] };
      console.log(
        JSON.stringify({
          study: "spect-sbr",
          reference,
          region,
          counts,
          n: value.length,
          slope: lines.find((line) => line.region === region)?.slope,
          errorMeanPercent: mean(value.map(Math.abs)),
          biasPercent: mean(value),
          errorMostPercent: Math.max(...value.map(Math.abs)),
          uncalibratedPercent: mean(raw),
          asymmetryErrorMean: mean(asymmetry.map(Math.abs)),
          asymmetryErrorMost: Math.max(...asymmetry.map(Math.abs)),
        }),
      );
    }
  }
}

function headOf(seed: number): PhantomHead {
  return phantomHead({ seed, resolution: 2 });
}

function cameraOf(head: PhantomHead): ReturnType<typeof brainCamera> {
  const grid = scanGrid(brainSpect, head.grid.space);
  const here = {
    from: grid.space,
    to: grid.space,
    matrix: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
  };
  return brainCamera(brainSpect, grid, posed(head, headAttenuation(head), grid, here));
}

async function calibrate(
  head: PhantomHead,
  counts: number,
  reference: "occipital" | "whole-brain",
): Promise<readonly SbrCalibration[]> {
  const camera = cameraOf(head);
  const rows = calibrators.map((ratio) => {
    const all: StriatalRatios = { left: [ratio, ratio], right: [ratio, ratio] };
    return { ratio, found: measuredRatios(head, camera, all, { counts, reference }) };
  });
  camera.close();
  return measured.map((region) => {
    const measure = region === "striatum" ? "sbr-total-counts" : "sbr";
    return sbrCalibration(
      region,
      measure,
      rows.flatMap(({ ratio, found }) =>
        found
          .filter((row) => row.region === region && row.measure === measure && row.side !== "midline")
          .map((row) => ({ true: ratio, measured: row.value })),
      ),
    );
  });
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
  errors: Map<string, { value: number[]; raw: number[]; asymmetry: number[] }>,
  found: readonly MeasuredRatio[],
  truth: Truth,
  lines: readonly SbrCalibration[],
): void {
  for (const region of measured) {
    const line = lines.find((one) => one.region === region) as SbrCalibration;
    const of = (side: "left" | "right"): readonly [raw: number, own: number] => {
      const row = found.find((one) => one.region === region && one.measure === line.measure && one.side === side);
      const raw = row?.value ?? Number.NaN;
      return [raw, (raw - line.offset) / line.slope];
    };
    const into = errors.get(region) ?? { value: [], raw: [], asymmetry: [] };
    errors.set(region, into);
    const [left, right] = [of("left"), of("right")];
    for (const [side, [raw, own]] of [
      ["left", left],
      ["right", right],
    ] as const) {
      into.value.push(100 * (own / truth(region, side) - 1));
      into.raw.push(100 * (raw / truth(region, side) - 1));
    }
    const asymmetry = (l: number, r: number): number => (200 * (l - r)) / (l + r);
    into.asymmetry.push(asymmetry(left[1], right[1]) - asymmetry(truth(region, "left"), truth(region, "right")));
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
