import type { Sinogram, SinogramLayout, Volume } from "@quintet/core";
import type { ReconstructionOptions } from "@quintet/kernels";
import { centredGrid, petPhantom, simulateScan } from "@quintet/twin";
import { beforeAll, describe, expect, test } from "vitest";
import { smallScanner } from "../../../../../testing/small-scanner.ts";
import { loadKernels } from "../../../../kernels/src/pool/node.ts";
import { fanCountsOf } from "../correct/fan-sums.ts";
import { randomsFromDelayeds } from "../correct/randoms.ts";
import { type Reconstruction, type ReconstructionTerms, reconstruct } from "./reconstruct.ts";

/** A small scanner: 64 crystals of 12 mm a ring, eight rings of 12 mm. */
const scanner = smallScanner({ detectors: 64, radius: 125 }, { crystals: 8, pitch: 12 });
const layout: SinogramLayout = { scanner, views: 32, bins: 45, span: 1, maxRingDifference: 7 };
const fine = centredGrid([48, 48, 32], [4, 4, 3]);
const grid = centredGrid([40, 40, 24], [5, 5, 4]);
const window = { low: 430, high: 610, resolution: 0.12 };

function run(
  prompts: Parameters<typeof reconstruct>[0],
  terms: ReconstructionTerms,
  options: ReconstructionOptions,
  stages?: Set<string>,
): Reconstruction {
  const steps = reconstruct(prompts, grid, terms, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    stages?.add(value.stage);
    expect(value.fraction).toBeLessThanOrEqual(1);
  }
}

function meanWhere(image: Volume, inside: (x: number, y: number, z: number) => boolean): number {
  const [nx, ny] = image.shape;
  let [sum, n] = [0, 0];
  for (const [v, value] of image.data.entries()) {
    const at = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)].map(
      (i, c) => image.affine[5 * c]! * i + image.affine[4 * c + 3]!,
    );
    if (!inside(at[0]!, at[1]!, at[2]!)) continue;
    sum += value;
    n++;
  }
  return sum / n;
}

beforeAll(async () => {
  await loadKernels();
});

describe("reconstruct", () => {
  test("a cylinder with Poisson noise, randoms, scatter, attenuation and uneven detectors: its mean within 1 %", () => {
    const phantom = petPhantom(fine, { radius: 75, height: 84 });
    // the truth's scatter: finer rings, paths and points than those it is corrected with
    const scan = simulateScan(phantom, layout, {
      seed: 7,
      trues: 4e7,
      randoms: 0.4,
      efficiencySpread: 0.1,
      scatter: { window, detectors: 32, rings: 6, voxel: 8, points: 10 },
    });
    const { randoms, converged } = randomsFromDelayeds(layout, fanCountsOf(scan.delayeds!));
    expect(converged).toBe(true);
    const { attenuation } = petPhantom(grid, { radius: 75, height: 84 });
    const stages = new Set<string>();
    const result = run(
      scan.prompts,
      {
        normalisation: scan.truth.normalisation,
        attenuation,
        randoms,
        scatter: { window, detectors: 32, rings: 6, voxel: 5, points: 15 },
      },
      { algorithm: "osem", iterations: 6, subsets: 8 },
      stages,
    );
    const roi = meanWhere(result.image, (x, y, z) => Math.hypot(x, y) < 60 && Math.abs(z) < 30);
    expect(Math.abs(roi / scan.scale - 1)).toBeLessThan(0.01);
    // the scatter itself: within 2 % of what was drawn, of which the tails' counts leave 0.6 % open
    const drawn = (scan.truth.scatter as Sinogram).data.reduce((sum, x) => sum + x, 0);
    expect(Math.abs(result.totals.scatter / drawn - 1)).toBeLessThan(0.02);
    // its computed scale is right as it is: the tails agree within their counts' noise
    const { value, error } = result.tails!.overall;
    expect(Math.abs(value - 1)).toBeLessThan(Math.min(0.03, 3 * error));
    expect(stages).toContain("scatter, round 2 of 2");
    // what happens to a term that is left out: the test can tell
    const wrong = run(
      scan.prompts,
      { normalisation: scan.truth.normalisation, attenuation, randoms, scatter: "none" },
      { algorithm: "osem", iterations: 3, subsets: 8 },
    );
    const off = meanWhere(wrong.image, (x, y, z) => Math.hypot(x, y) < 60 && Math.abs(z) < 30);
    expect(off / scan.scale).toBeGreaterThan(1.1);
  });
});
