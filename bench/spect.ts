/**
 * SPECT at clinical size: 128 x 128 x 120 views of 4-mm pixels, an image of 128^3, a head of water in it, response by depth and
 * attenuation; one forward, one back projection, and OSEM of 4 iterations with 12 subsets.
 *
 *   npm run bench -- spect [--runs 5] [--iterations 4]
 *
 * Beside it a generic ray-driven projector of this project on the same lines (Siddon's exact lengths, one sharp ray a bin: no response,
 * no attenuation, so it does less). `error`: of the dot test. STIR's
 * SPECTUB where $QUINTET_SPECTUB names a driver (spect-peer.ts), once with its Gaussians ended at 2 sigma, its default, and at 4:
 * `error` is then the relative RMS between both sides' projections; beyond 2 % there or in the back projection no time is printed.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { cameraProjector, dotTest, osem, type Projector, runToEnd, siddonProjector } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";

import { median, printLine } from "../testing/bench-line.ts";
import { relativeRms, runSpectub } from "./spect-peer.ts";

const [n, pixel, views] = [128, 4, 120] as const;
const grid = {
  shape: [n, n, n],
  size: [pixel, pixel, pixel],
  origin: [(-(n - 1) / 2) * pixel, (-(n - 1) / 2) * pixel, (-(n - 1) / 2) * pixel],
} as const;
const camera = {
  columns: n,
  rows: n,
  size: [pixel, pixel],
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(150),
} as const;
const [slope, sigma0] = [0.0163, 1.466] as const;
const sigma = (distance: number): number => sigma0 + slope * distance;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "5" }, iterations: { type: "string", default: "4" } },
  });
  const [activity, water] = head();
  await loadKernels();
  const projector = cameraProjector(camera, grid, { sigma, attenuation: water });
  const rays = siddonProjector(lines(), grid);
  const once = projector.forward(activity).slice();
  const there = projector.adjoint(once).slice();
  const scan = { n, views, radius: 150, pixel, slope, sigma0, activity, attenuation: water, data: once };
  const spectub = [2, 4].flatMap((sigmas) => {
    const peer = runSpectub(scan, sigmas);
    if (!peer) return [];
    const [rms, back] = [relativeRms(once, peer.projections), relativeRms(there, peer.back, water)];
    if (!(rms < 0.02 && back < 0.02))
      throw new Error(`SPECTUB's projections differ by ${rms}, its back projection by ${back}: another geometry`);
    return [{ sigmas, rms, seconds: () => runSpectub(scan, sigmas)?.seconds ?? Number.NaN }];
  });
  const [ours, theirs, full, ...peers] = interleaved(Number(values.runs), [
    bothWays(projector, activity),
    bothWays(rays, activity),
    bothWays(projector, new Float32Array(n ** 3).fill(1)),
    ...spectub.map(({ seconds }) => () => ({ forward: seconds(), back: 0 })),
  ]) as [Seconds, Seconds, Seconds, ...Seconds[]];
  const line = (name: string, seconds: number, peer: number | null, error: number | null): void =>
    printLine({
      bench: "spect",
      case: name,
      ours: seconds,
      unit: "s",
      peer,
      peer_name: peer === null ? null : "Siddon, one ray a bin, no response or attenuation",
      ratio: peer === null ? null : peer / seconds,
      error,
      threads: availableParallelism(),
    });
  for (const [k, { sigmas, rms }] of spectub.entries()) {
    const peer = peers[k]?.forward ?? Number.NaN;
    printLine({
      bench: "spect",
      case: `forward and back, head, Gaussians to ${sigmas} sigma`,
      ours: ours.forward + ours.back,
      unit: "s",
      peer,
      peer_name: "STIR's SPECTUB, weights once a view, head as mask, one thread",
      ratio: peer / (ours.forward + ours.back),
      error: rms,
      threads: availableParallelism(),
      peer_threads: 1,
    });
  }
  line("forward, head", ours.forward, theirs.forward, null);
  line("back, head", ours.back, theirs.back, dotTest(projector.subset([7])));
  line("forward and back, image full of activity", full.forward + full.back, null, null);
  rays.close();
  const counts = projector.forward(activity);
  const per = n * n;
  const subsets = Array.from({ length: 12 }, (_, s) => {
    const chosen = Array.from({ length: views / 12 }, (_, i) => s + 12 * i);
    return {
      parts: [
        { operator: projector.subset(chosen), counts: chosen.map((v) => counts.subarray(v * per, (v + 1) * per)) },
      ],
    };
  });
  const begun = performance.now();
  runToEnd(osem(subsets, { iterations: Number(values.iterations) }));
  line(`OSEM ${values.iterations} x 12`, (performance.now() - begun) / 1000, null, null);
  projector.close();
}

/** Activity and mu (1/cm) of an ellipsoid of 160 x 200 x 220 mm. */
function head(): readonly [Float32Array, Float32Array] {
  const [activity, water] = [new Float32Array(n ** 3), new Float32Array(n ** 3)];
  for (let v = 0; v < n ** 3; v++) {
    const [x, y, z] = [v % n, Math.floor(v / n) % n, Math.floor(v / n / n)].map((i) => (i - (n - 1) / 2) * pixel) as [
      number,
      number,
      number,
    ];
    if ((x / 80) ** 2 + (y / 100) ** 2 + (z / 110) ** 2 > 1) continue;
    activity[v] = 1;
    water[v] = 0.15;
  }
  return [activity, water];
}

/** The middle line of every bin: the same views as a stack. */
function lines(): { readonly rays: Float64Array; readonly planes: Float64Array } {
  const rays = new Float64Array(4 * views * n);
  for (let v = 0; v < views; v++) {
    const [c, s] = [Math.cos(camera.angles[v] as number), Math.sin(camera.angles[v] as number)];
    for (let i = 0; i < n; i++) {
      const u = (i - (n - 1) / 2) * pixel;
      rays.set([u * s + 400 * c, -u * c + 400 * s, u * s - 400 * c, -u * c - 400 * s], 4 * (v * n + i));
    }
  }
  const planes = Float64Array.from({ length: 2 * n }, (_, k) => (Math.floor(k / 2) - (n - 1) / 2) * pixel);
  return { rays, planes };
}

interface Seconds {
  readonly forward: number;
  readonly back: number;
}

/** Times one projection each way, without the copies. */
function bothWays(projector: Projector, given: Float32Array): () => Seconds {
  const [image, data, back] = [projector.newImage(), projector.newData(), projector.newImage()];
  image.set(given);
  const seconds = (work: () => void): number => {
    const begun = performance.now();
    work();
    return (performance.now() - begun) / 1000;
  };
  return () => ({
    forward: seconds(() => projector.forward(image, data)),
    back: seconds(() => projector.adjoint(data, back)),
  });
}

/** Medians of every work, done by turns. */
function interleaved(runs: number, works: readonly (() => Seconds)[]): readonly Seconds[] {
  const rounds = Array.from({ length: runs }, () => works.map((work) => work()));
  return works.map((_, k) => ({
    forward: median(rounds.map((round) => (round[k] as Seconds).forward)),
    back: median(rounds.map((round) => (round[k] as Seconds).back)),
  }));
}
