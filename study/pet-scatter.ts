/**
 * The scatter estimate against a Monte Carlo of photon pairs: a cylinder of water with a hot sphere beside its axis, in a small
 * scanner with time of flight. Both are seen in the same bins; the scale is that of the unscattered pairs, nothing is fitted.
 *
 *   npm run study -- pet-scatter [--pairs 2e7] [--seed 1]
 *
 * One JSON line: estimate over Monte Carlo of single scatter, in all and in cells of radial distance by time of flight (with the
 * standard errors of the counts), what scatters more than once, and what the tails alone would say of the scale. Then one
 * line for each setting of the estimate: how far it is from being converged.
 */
import { parseArgs } from "node:util";
import {
  detectorPositions,
  type PetScanner,
  ringPositions,
  type SinogramLayout,
  sinogramPlanes,
} from "../packages/core/src/index.ts";
import { linearAttenuation } from "../packages/kernels/src/index.ts";
import { tofCentre, tofWeight } from "../packages/kernels/src/joseph/joseph.ref.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import {
  annihilationEnergy,
  attenuationFactors,
  binFinder,
  scatterEstimate,
  sinogramLines,
  sinogramProjector,
  windowEfficiency,
} from "../packages/modalities/src/pet/index.ts";
import { centredGrid, petPhantom, tracePhotonPairs } from "../packages/twin/src/index.ts";

const scanner: PetScanner = {
  name: "study",
  source: "made up: 192 crystals of 5 mm a ring, 16 rings of 6 mm, 400 ps",
  ring: { kind: "cylinder", detectors: 192, radius: 150 },
  axial: { blocks: 1, crystals: 16, pitch: 6, blockPitch: 96 },
  depth: 5,
  tilt: 0,
  timeOfFlight: { bins: 9, width: 300, fwhm: 400 },
};
const plain: SinogramLayout = { scanner, views: 96, bins: 151, span: 1, maxRingDifference: 15 };
const layout: SinogramLayout = { ...plain, timeOfFlight: { bins: 9, width: 300 } };
const window = { low: 430, high: 610, resolution: 0.12 };
const body = { radius: 90, height: 86, spheres: [{ centre: [45, 0, 0], radius: 20, contrast: 8 }] } as const;
/** Radial distance, mm: inside the cylinder in three parts, its rim, and the tails. */
const borders = [0, 30, 60, 85, 110, 146] as const;
const settings = [
  { points: 16, voxel: 4, rings: 6 },
  { points: 16, voxel: 8, rings: 6 },
  { points: 10, voxel: 4, rings: 8 },
  { points: 10, voxel: 6, rings: 8 },
] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { pairs: { type: "string", default: "2e7" }, seed: { type: "string", default: "1" } },
  });
  await loadKernels();
  const cells = cellsOfBins();
  const truth = monteCarlo(Number(values.pairs), Number(values.seed), cells);
  const phantom = petPhantom(centredGrid([96, 96, 60], [2, 2, 1.5]), body);
  const factors = attenuationFactors(phantom.attenuation, layout).data;
  const { geometry, cell, tail } = cells;
  const projector = sinogramProjector(layout, phantom.activity);
  const line = projector.forward(phantom.activity.data).slice();
  projector.close();
  // Counts of a bin go as its line integral times what both detectors' faces subtend: one constant for all bins.
  const constant = truth.trues / total(line, (i) => (geometry[flat(i)] as number) * (factors[flat(i)] as number));
  for (const options of settings) {
    const started = performance.now();
    const { data } = scatterEstimate(phantom.activity, phantom.attenuation, layout, {
      window,
      detectors: 48,
      ...options,
    });
    const found = new Float64Array(cellCount);
    let tails = 0;
    for (let i = 0; i < data.length; i++) {
      const counts = constant * (data[i] as number) * (geometry[flat(i)] as number);
      const k = cell[i] as number;
      if (k >= 0) found[k] = (found[k] as number) + counts;
      if (tail[flat(i)] === 1) tails += counts;
    }
    const all = found.reduce((a, b) => a + b, 0);
    const single = truth.single.reduce((a, b) => a + b, 0);
    const [top, below] = [...truth.single].reduce(
      ([t, b], n, k) => [t + ((found[k] as number) - n) ** 2, b + n * n] as const,
      [0, 0] as readonly [number, number],
    );
    console.log(
      JSON.stringify({
        study: "pet-scatter",
        ...options,
        ratio: round(all / single),
        standardError: round((all / single) * (1 / Math.sqrt(truth.singleEvents) + 1 / Math.sqrt(truth.trueEvents))),
        rmsOfCells: round(Math.sqrt(top / below)),
        rmsOfNoise: round(Math.sqrt(truth.variance.reduce((a, b) => a + b, 0) / below)),
        byRadius: borders.slice(1).map((_, r) => round(partOf(found, r) / partOf(truth.single, r))),
        multipleOverSingle: round(truth.multiple / single),
        tailsWouldScaleBy: round((truth.tailSingle + truth.tailMultiple) / tails),
        allScatterOverSingle: round((single + truth.multiple) / all),
        scatterFraction: round((single + truth.multiple) / (single + truth.multiple + truth.trues)),
        seconds: round((performance.now() - started) / 1000),
      }),
    );
  }
  console.log(
    JSON.stringify({
      study: "pet-scatter",
      pairs: Number(values.pairs),
      seed: Number(values.seed),
      trueEvents: truth.trueEvents,
      singleEvents: truth.singleEvents,
      multipleEvents: truth.multipleEvents,
      seconds: truth.seconds,
    }),
  );
}

const tofBins = layout.timeOfFlight?.bins ?? 1;
const planes = sinogramPlanes(layout).length;
const cellCount = (borders.length - 1) * tofBins;
const flat = (i: number): number => Math.floor(i / planes / tofBins) * planes + (i % planes);

/** Of every bin: what its pair's faces subtend, and its cell (radial distance by time of flight; -1 outside). */
function cellsOfBins() {
  const { rays, planes: ends } = sinogramLines(layout);
  const bins = rays.length / 4;
  const geometry = new Float64Array(bins * planes);
  const tail = new Uint8Array(bins * planes);
  const cell = new Int8Array(bins * planes * tofBins).fill(-1);
  for (let ray = 0; ray < bins; ray++) {
    const [xa, ya, xb, yb] = rays.subarray(4 * ray, 4 * ray + 4) as unknown as [number, number, number, number];
    const across = Math.hypot(xb - xa, yb - ya);
    const s = Math.abs(xa * yb - xb * ya) / across;
    const r = borders.findIndex((border, k) => k > 0 && s < border) - 1;
    const radius = Math.hypot(xa, ya);
    // Cosine in the plane at both faces, by the chord.
    const face = across / 2 / radius;
    for (let plane = 0; plane < planes; plane++) {
      const dz = (ends[2 * plane + 1] as number) - (ends[2 * plane] as number);
      const squared = across * across + dz * dz;
      const cosine = (face * across) / Math.sqrt(squared);
      geometry[ray * planes + plane] = (cosine * cosine) / squared;
      if (s > 95) tail[ray * planes + plane] = 1;
      if (r >= 0) for (let t = 0; t < tofBins; t++) cell[(ray * tofBins + t) * planes + plane] = r * tofBins + t;
    }
  }
  return { geometry, cell, tail };
}

/** Counts by cell, each pair weighted by the chance that both photons are in the window and spread over the TOF bins. */
function monteCarlo(pairs: number, seed: number, { cell, tail }: ReturnType<typeof cellsOfBins>) {
  const started = performance.now();
  const find = binFinder(plain);
  const n = scanner.ring.kind === "cylinder" ? scanner.ring.detectors : 0;
  const place = detectorPositions(scanner);
  const [first, rings] = [Math.atan2(place[1] as number, place[0] as number), ringPositions(scanner)];
  const pitch = scanner.axial.pitch;
  const efficiency = windowEfficiency(window);
  const { tof } = sinogramLines(layout);
  if (!tof) throw new Error("the study's scanner has time of flight");
  const [single, variance] = [new Float64Array(cellCount), new Float64Array(cellCount)];
  const out = {
    trues: 0,
    multiple: 0,
    tailSingle: 0,
    tailMultiple: 0,
    trueEvents: 0,
    singleEvents: 0,
    multipleEvents: 0,
  };
  const crystal = (angle: number, z: number): number => {
    const d = ((Math.round(((angle - first) / (2 * Math.PI)) * n) % n) + n) % n;
    const ring = Math.round((z - (rings[0] as number)) / pitch);
    return ring < 0 || ring >= rings.length ? -1 : ring * n + d;
  };
  const scene = {
    ...body,
    attenuation: linearAttenuation("water", annihilationEnergy) / 10,
    detector: { radius: Math.hypot(place[0] as number, place[1] as number), height: pitch * rings.length },
    least: 350,
  };
  tracePhotonPairs(scene, { pairs, seed }, ({ scatters, energy, angle, z, path }) => {
    const weight = efficiency(energy[0]) * efficiency(energy[1]);
    if (weight < 1e-6) return;
    const [a, b] = [crystal(angle[0], z[0]), crystal(angle[1], z[1])];
    const bin = a < 0 || b < 0 ? -1 : find(a, b, 0);
    if (bin < 0) return;
    const [ray, plane] = [Math.floor(bin / planes), bin % planes];
    // The sign of the order in which the sinogram names both ends.
    const along = (orientation(a, b) * (path[0] - path[1])) / 2;
    const order = scatters[0] + scatters[1];
    for (let t = 0; t < tofBins; t++) {
      const k = cell[(ray * tofBins + t) * planes + plane] as number;
      if (k < 0) continue;
      const share = weight * tofWeight(along, tofCentre(t, tof), tof.width, tof.sigma);
      if (order === 0) out.trues += share;
      else if (order === 1) {
        single[k] = (single[k] as number) + share;
        variance[k] = (variance[k] as number) + share * share;
      } else out.multiple += share;
      if (tail[bin] === 1 && order === 1) out.tailSingle += share;
      if (tail[bin] === 1 && order > 1) out.tailMultiple += share;
    }
    if (order === 0) out.trueEvents++;
    else if (order === 1) out.singleEvents++;
    else out.multipleEvents++;
  });
  return { ...out, single, variance, seconds: round((performance.now() - started) / 1000) };
}

const timed = binFinder({ ...plain, timeOfFlight: { bins: 3, width: 1 } });
/** 1 where the layout calls the first detector a, -1 where it calls it b: told by where an early arrival is put. */
function orientation(a: number, b: number): number {
  return Math.floor(timed(a, b, 1) / planes) % 3 === 2 ? 1 : -1;
}

function total(data: Float32Array, weight: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) * weight(i);
  return sum;
}

function partOf(cells: Float64Array, radius: number): number {
  return cells.subarray(radius * tofBins, (radius + 1) * tofBins).reduce((a, b) => a + b, 0);
}

const round = (value: number): number => Number(value.toPrecision(4));
