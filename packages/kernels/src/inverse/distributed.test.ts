import { describe, expect, test } from "vitest";
import { lattice, threeSpheres } from "../../../../testing/sphere-head.ts";
import { seededRandom } from "../random/random.ts";
import { spherePotential } from "../sphere/sphere-potential.ts";
import {
  type DistributedMethod,
  depthVariance,
  distributedInverse,
  type SourceModel,
  sourceAmplitudes,
  sourceCourses,
} from "./distributed.ts";

const electrodes = lattice(32, -0.3, 0.09);
const places = [...lattice(60, -0.2, 0.07), ...lattice(40, -0.2, 0.05), ...lattice(20, -0.2, 0.03)];
const channels = electrodes.length;
/** Average reference of a map, or of every column of a lead field. */
const centred = (rows: readonly Float64Array[]): Float64Array[] => {
  const mean = (rows[0] as Float64Array).map(
    (_, k) => rows.reduce((sum, row) => sum + (row[k] as number), 0) / channels,
  );
  return rows.map((row) => row.map((v, k) => v - (mean[k] as number)));
};
const leads = places.map((place) => spherePotential(electrodes, place, threeSpheres));
const free = centred(
  electrodes.map((_, c) => Float64Array.from(leads.flatMap((lead) => [...lead.subarray(3 * c, 3 * c + 3)]))),
);
const fixed = centred(
  electrodes.map((_, c) =>
    Float64Array.from(places, (p, i) => {
      const size = Math.hypot(...p);
      return [0, 1, 2].reduce((sum, k) => sum + ((leads[i]?.[3 * c + k] as number) * (p[k] as number)) / size, 0);
    }),
  ),
);
/** Noise of 1 uV after an average reference. */
const noise = electrodes.map((_, i) =>
  Float64Array.from({ length: channels }, (_, j) => 1e-12 * ((i === j ? 1 : 0) - 1 / channels)),
);
const models: Record<"fixed" | "free", SourceModel> = {
  fixed: { leadField: fixed, orientations: 1, noise },
  free: { leadField: free, orientations: 3, noise },
};
const argmax = (x: Float64Array): number => x.indexOf(x.reduce((a, b) => Math.max(a, b)));

/** Share of sources whose own noise-free dipole is found at its place. */
function found(which: "fixed" | "free", method: DistributedMethod, model = models[which]): number {
  const inverse = distributedInverse(model, method);
  const o = model.orientations;
  const random = seededRandom(5);
  const hits = places.filter((_, i) => {
    const moment = Array.from({ length: o }, () => (o === 1 ? 1 : random.normal()));
    const map = model.leadField.map((row) => moment.reduce((sum, q, k) => sum + q * (row[i * o + k] as number), 0));
    return argmax(sourceAmplitudes(inverse, map)) === i;
  });
  return hits.length / places.length;
}

describe("distributedInverse", () => {
  test.each([
    ["fixed", "sloreta"],
    ["fixed", "eloreta"],
    ["free", "sloreta"],
    ["free", "eloreta"],
  ] as const)("%s orientation, %s: every noise-free dipole is found at its own place", (which, method) => {
    expect(found(which, method)).toBe(1);
  });

  test("minimum norm and dSPM have no such rule; depth weights help the minimum norm", () => {
    const plain = found("fixed", "minimum-norm");
    const model = { ...models.fixed, variance: depthVariance(models.fixed) };
    expect(plain).toBeLessThan(1);
    expect(found("fixed", "minimum-norm", model)).toBeGreaterThan(plain);
    expect(found("fixed", "dspm")).toBeLessThan(1);
  });

  test("by hand: one channel pair, one source: K = R A (A R A + l^2)^-1", () => {
    const model: SourceModel = { leadField: [Float64Array.of(2)], orientations: 1, noise: [[4]], snr: 2 };
    // whitened A = 1; R scaled so that A R A = 1; M = 1 + 1/4; kernel = 1 / 1.25 / sqrt(4)
    const [[k] = []] = distributedInverse(model, "minimum-norm").kernel;
    expect(k).toBeCloseTo(0.4, 14);
    // dSPM: noise of 1: the whitened kernel is 1; back in channels 1 / sqrt(4)
    expect(distributedInverse(model, "dspm").kernel[0]?.[0]).toBeCloseTo(0.5, 14);
  });

  test("dSPM: noise in the channels gives an amplitude of 1 in every source; sLORETA: noise and signal together", () => {
    const { kernel } = distributedInverse(models.fixed, "dspm");
    for (const row of kernel.slice(0, 20)) {
      const variance = noise.reduce(
        (sum, c, i) => sum + (row[i] as number) * c.reduce((s, v, j) => s + v * (row[j] as number), 0),
        0,
      );
      expect(variance).toBeCloseTo(1, 8);
    }
  });

  test("what the reference is does not matter: a constant over the channels gives nothing", () => {
    for (const method of ["minimum-norm", "dspm", "sloreta", "eloreta"] as const) {
      const inverse = distributedInverse(models.free, method);
      expect(inverse.rank).toBe(channels - 1);
      const constant = sourceAmplitudes(inverse, new Float64Array(channels).fill(1e-5));
      const signal = sourceAmplitudes(
        inverse,
        free.map((row) => 1e-8 * (row[0] as number)),
      );
      expect(Math.max(...constant)).toBeLessThan(1e-6 * Math.max(...signal));
    }
  });

  test("a prior of 0 leaves a source out", () => {
    const variance = Float64Array.from(places, (_, i) => (i < 60 ? 1 : 0));
    const inverse = distributedInverse({ ...models.fixed, variance }, "minimum-norm");
    const amplitude = sourceAmplitudes(
      inverse,
      fixed.map((row) => row[80] as number),
    );
    expect(Math.max(...amplitude.subarray(60))).toBe(0);
  });

  test.each([
    ["shape-mismatch", { ...models.fixed, leadField: [Float64Array.of(1, 2), Float64Array.of(1)] }],
    ["shape-mismatch", { ...models.free, leadField: fixed.map((row) => row.subarray(0, 40)) }],
    ["shape-mismatch", { ...models.fixed, noise: noise.slice(1) }],
    ["shape-mismatch", { ...models.fixed, variance: [1, 2] }],
    ["not-positive", { ...models.fixed, variance: new Float64Array(places.length) }],
    ["not-positive", { ...models.fixed, snr: 0 }],
    ["not-finite", { ...models.fixed, leadField: fixed.map((row) => row.map(() => Number.NaN)) }],
    ["not-a-covariance", { ...models.fixed, noise: noise.map((row) => row.map((v) => -v)) }],
  ])("refusal: %s", (code, model) => {
    expect(() => distributedInverse(model, "sloreta")).toThrow(expect.objectContaining({ code }));
  });
});

test("courses: source by source what maps give one at a time, sqrt(3^2 + 4^2) = 5 by hand", () => {
  const hand = {
    kernel: [Float64Array.of(1, 0), Float64Array.of(0, 2), Float64Array.of(0, 0)],
    orientations: 3 as const,
  };
  expect(sourceCourses(hand, [Float64Array.of(3, 0), Float64Array.of(2, 1)])).toEqual([Float64Array.of(5, 2)]);
  const inverse = distributedInverse(models.free, "eloreta");
  const random = seededRandom(9);
  const rows = electrodes.map(() => Float64Array.from({ length: 7 }, () => 1e-6 * random.normal()));
  const courses = sourceCourses(inverse, rows);
  const amplitudes = sourceAmplitudes(
    inverse,
    rows.map((row) => row[4] as number),
  );
  expect(courses.map((course) => course[4] as number)).toBeAllclose([...amplitudes], { rtol: 1e-12 });
});
