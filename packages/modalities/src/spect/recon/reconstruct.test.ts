import type { SpectProjections, Volume } from "@quintet/core";
import { readInterfileHeader, readInterfileProjections, writeInterfileProjections } from "@quintet/io";
import { type ReconstructionOptions, seededRandom } from "@quintet/kernels";
import { beforeAll, describe, expect, test } from "vitest";
import { loadKernels } from "../../../../kernels/src/pool/node.ts";
import { linearResponse } from "../forward/collimators.ts";
import { spectGrid, spectProjector } from "../forward/spect-projector.ts";
import { reconstruct, type SpectReconstruction, type SpectTerms } from "./reconstruct.ts";

const [n, rows, pixel, views] = [32, 12, 6, 24];
const geometry = {
  columns: n,
  rows,
  size: [pixel, pixel] as const,
  angles: Float64Array.from({ length: views }, (_, v) => Math.PI / 2 - (2 * Math.PI * v) / views),
  radii: Float64Array.from({ length: views }, (_, v) => 110 + 15 * Math.cos((4 * Math.PI * v) / views)),
};
const grid = spectGrid(geometry);
const response = linearResponse(0.0163, 1.466);
const at = (x: number, y: number, z: number): number => x + n * (y + n * z);
/** An ellipsoid of water with activity 1 and a hot ball of 4 to the right, in front and above. */
const [activity, water] = [new Float32Array(n * n * rows), new Float32Array(n * n * rows)];
for (let z = 0; z < rows; z++) {
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const [a, b, c] = [x - (n - 1) / 2, y - (n - 1) / 2, z - (rows - 1) / 2];
      if ((a / 11) ** 2 + (b / 13) ** 2 + (c / 5) ** 2 > 1) continue;
      water[at(x, y, z)] = 0.15;
      activity[at(x, y, z)] = Math.hypot(a - 5, b - 4, c - 1) < 2.6 ? 4 : 1;
    }
  }
}
const attenuation = {
  ...grid,
  unit: "1/cm",
  energy: 140,
  frames: [{ start: 0, duration: 0 }],
  clock: "scanner",
  data: water,
} as const;
const terms: SpectTerms = { response, attenuation, scatter: "none", factor: "none" };

function measured(image: Float32Array, counts?: number): SpectProjections {
  const projector = spectProjector(geometry, grid, { response, attenuation });
  const data = projector.forward(image);
  projector.close();
  if (counts === undefined) return { ...geometry, data };
  const random = seededRandom(11);
  const scale = counts / data.reduce((sum, y) => sum + y, 0);
  return { ...geometry, data: data.map((y) => random.poisson(y * scale) / scale) };
}

function run(data: SpectProjections, options: ReconstructionOptions, given = terms): SpectReconstruction {
  const steps = reconstruct(data, grid, given, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    expect(value.fraction).toBeLessThanOrEqual(1);
  }
}

const error = (image: Volume): number =>
  Math.sqrt(
    image.data.reduce((sum, x, i) => sum + (water[i]! > 0 ? (x - activity[i]!) ** 2 : 0), 0) /
      water.filter((x) => x > 0).length,
  );

beforeAll(async () => {
  await loadKernels();
});

describe("reconstruct", () => {
  test("MLEM: expected counts are the measured ones after every update, the likelihood never falls", () => {
    const { fit, notes } = run(measured(activity, 3e5), {
      algorithm: "mlem",
      iterations: 12,
      subsets: 1,
      logLikelihood: true,
    });
    for (const { expected } of fit.history.slice(1)) expect(Math.abs(expected / fit.counts - 1)).toBeLessThan(1e-4);
    const likelihoods = fit.history.map(({ logLikelihood }) => logLikelihood!);
    expect(likelihoods.every((l, i) => i === 0 || l >= likelihoods[i - 1]!)).toBe(true);
    expect(notes.join()).toContain("no view sees");
  });

  test("OSEM of data without noise: activity, place of the hot ball; leaving attenuation out is seen", () => {
    const data = measured(activity);
    const { image } = run(data, { algorithm: "osem", iterations: 8, subsets: 12 });
    expect(error(image)).toBeLessThan(0.25);
    const top = Math.max(...image.data);
    const hot = [...image.data.keys()].filter((v) => image.data[v]! > 0.6 * top);
    const centre = (place: (v: number) => number): number => hot.reduce((sum, v) => sum + place(v), 0) / hot.length;
    // the ball's middle within half a voxel
    expect(centre((v) => v % n) - 20.5).toBeCloseTo(0, 0);
    expect(centre((v) => Math.floor(v / n) % n) - 19.5).toBeCloseTo(0, 0);
    expect(centre((v) => Math.floor(v / n / n)) - 6.5).toBeCloseTo(0, 0);
    const middle = (i: Volume): number => i.data[at(12, 12, 5)]!;
    expect(middle(image)).toBeGreaterThan(0.9);
    const without = run(data, { algorithm: "osem", iterations: 3, subsets: 12 }, { ...terms, attenuation: "none" });
    expect(middle(without.image)).toBeLessThan(0.4);
  });

  test("scatter and decay are terms: the image is the one without them", () => {
    const data = measured(activity);
    const clean = run(data, { algorithm: "osem", iterations: 3, subsets: 6 });
    const factor = data.data.map((_, i) => 1 - 0.3 * (i / data.data.length));
    const scatter = new Float32Array(data.data.length).fill(2);
    const mixed = { ...data, data: data.data.map((y, i) => factor[i]! * y + 2) };
    const { image, totals } = run(
      mixed,
      { algorithm: "osem", iterations: 3, subsets: 6 },
      { ...terms, factor, scatter },
    );
    expect(totals.scatter).toBe(2 * scatter.length);
    // not bit for bit: the background changes the steps, not where they lead
    const off = image.data.reduce((sum, x, i) => sum + (water[i]! > 0 ? Math.abs(x - clean.image.data[i]!) : 0), 0);
    expect(off / activity.reduce((sum, x) => sum + x, 0)).toBeLessThan(0.1);
  });

  test("an anatomical image guides: Bowsher and kernel EM err less than OSEM on noisy counts", () => {
    const data = measured(activity, 2e5);
    const anatomy: Volume = { ...attenuation, unit: "1", data: activity };
    const plain = error(run(data, { algorithm: "osem", iterations: 6, subsets: 6 }).image);
    const kernel = error(run(data, { algorithm: "kernel-em", iterations: 6, subsets: 6, anatomy }).image);
    const bowsher = error(run(data, { algorithm: "bsrem", iterations: 6, subsets: 6, anatomy, strength: 0.1 }).image);
    expect(kernel).toBeLessThan(0.8 * plain);
    expect(bowsher).toBeLessThan(plain);
  });

  test.each([
    ["no-counts", (d: SpectProjections) => ({ ...d, data: d.data.map((y, i) => (i < 32 * 12 ? 0 : y)) }), {}],
    ["no-counts", (d: SpectProjections) => ({ ...d, data: new Float32Array(d.data.length) }), {}],
    ["bad-projections", (d: SpectProjections) => ({ ...d, radii: new Float64Array(0) }), {}],
    ["bad-projections", (d: SpectProjections) => ({ ...d, radii: d.radii.map(() => Number.NaN) }), {}],
    ["bad-subsets", (d: SpectProjections) => d, { subsets: 7 }],
    ["bad-algorithm", (d: SpectProjections) => d, { algorithm: "mlem" }],
    ["bad-counts", (d: SpectProjections) => ({ ...d, data: d.data.map((y, i) => (i === 9 ? -1 : y)) }), {}],
  ] as const)("refusal: %s", (code, change, options) => {
    const data = { ...geometry, data: new Float32Array(n * rows * views).fill(1) };
    expect(() => run(change(data), { algorithm: "osem", iterations: 1, subsets: 6, ...options })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

test("three points through a file: CW from 180 degrees, head first on the back, each where it was", () => {
  const points = [
    [21, 18, 3],
    [9, 20, 8],
    [17, 8, 6],
  ] as const;
  const image = new Float32Array(n * n * rows);
  for (const [x, y, z] of points) image[at(x, y, z)] = 100;
  const radii = new Float64Array(views).fill(110);
  const projector = spectProjector({ ...geometry, radii }, grid, { response, attenuation: "none" });
  const [header, file] = writeInterfileProjections(
    { ...geometry, radii, data: projector.forward(image) },
    { name: "points" },
  );
  projector.close();
  const text = new TextDecoder().decode(header!.bytes);
  expect(text).toContain("direction of rotation := CW");
  expect(text).toContain("start angle := 180");
  const read = readInterfileProjections(readInterfileHeader(header!.bytes, "points.hs"), file!.bytes);
  // by hand, view 0 from the front: columns to the patient's right, rows up; the file has the highest row first
  const first = new Float32Array(file!.bytes.slice(0, 4 * n * rows).buffer);
  const top = first.indexOf(Math.max(...first));
  expect(points.map(([x, , z]) => `${x}, ${rows - 1 - z}`)).toContain(`${top % n}, ${Math.floor(top / n)}`);
  const { image: found } = run(
    read,
    { algorithm: "osem", iterations: 4, subsets: 6 },
    { ...terms, attenuation: "none" },
  );
  for (const [x, y, z] of points) {
    const near = found.data[at(x, y, z)]!;
    expect(near).toBeGreaterThan(10);
    // none of the mirror images
    for (const wrong of [at(n - 1 - x, y, z), at(x, n - 1 - y, z), at(x, y, rows - 1 - z), at(y, x, z)]) {
      expect(found.data[wrong]!).toBeLessThan(0.05 * near);
    }
  }
});
