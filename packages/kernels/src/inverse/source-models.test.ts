import type { Point } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { lattice, threeSpheres } from "../../../../testing/sphere-head.ts";
import { seededRandom } from "../random/random.ts";
import { envelope } from "../spectrum/envelope.ts";
import { spherePotential } from "../sphere/sphere-potential.ts";
import { beamformer } from "./beamformer.ts";
import { covarianceEvidence } from "./covariance-evidence.ts";
import { fitDipole } from "./dipole-fit.ts";
import { depthVariance, distributedInverse, type SourceModel } from "./distributed.ts";
import { shrunkCovariance } from "./shrunk-covariance.ts";

const electrodes = lattice(32, -0.3, 0.09);
const n = electrodes.length;
/** mm in, average reference. */
const leadField = (places: readonly Point[]): Float64Array[] => {
  const rows = electrodes.map(() => new Float64Array(3 * places.length));
  for (const [i, p] of places.entries()) {
    const lead = spherePotential(electrodes, [p[0] / 1000, p[1] / 1000, p[2] / 1000], threeSpheres);
    for (let k = 0; k < 3; k++) {
      let mean = 0;
      for (let e = 0; e < n; e++) mean += lead[3 * e + k] / n;
      for (let e = 0; e < n; e++) rows[e][3 * i + k] = lead[3 * e + k] - mean;
    }
  }
  return rows;
};
const places = [...lattice(60, -0.2, 70), ...lattice(40, -0.2, 50), ...lattice(20, -0.2, 30)];
const field = leadField(places);
/** White noise of 1 uV after the average reference. */
const noise = electrodes.map((_, i) => Float64Array.from({ length: n }, (_, j) => 1e-12 * ((i === j ? 1 : 0) - 1 / n)));
const mapOf = (source: number, moment: Point, rows = field): Float64Array =>
  Float64Array.from(rows, (row) => moment.reduce((sum, q, k) => sum + q * row[3 * source + k], 0));
const outer = (v: Float64Array): Float64Array[] => Array.from(v, (a) => v.map((b) => a * b));
const argmax = (x: Float64Array): number => x.indexOf(x.reduce((a, b) => Math.max(a, b)));

describe("beamformer", () => {
  test("without regularisation one source in white noise has the most power at its own place", () => {
    const random = seededRandom(7);
    for (let source = 0; source < places.length; source += 3) {
      const moment: Point = [1e-8 * random.normal(), 1e-8 * random.normal(), 1e-8 * random.normal()];
      const signal = outer(mapOf(source, moment));
      const data = noise.map((row, i) => row.map((v, j) => v + signal[i][j]));
      const { power, moments, kernel } = beamformer({ leadField: field, orientations: 3, noise }, data, 0);
      expect(argmax(power)).toBe(source);
      const size = Math.hypot(...moment);
      const cosine = moments[source].reduce((sum, q, k) => sum + (q * moment[k]) / size, 0);
      expect(Math.abs(cosine)).toBeCloseTo(1, 6);
      // Noise passes with a gain of 1: w' N w = 1.
      const w = kernel[source];
      const passed = noise.reduce((sum, row, i) => sum + row.reduce((s, v, j) => s + v * w[i] * w[j], 0), 0);
      expect(passed).toBeCloseTo(1, 9);
    }
  });

  test.each<[string, () => unknown]>([
    ["shape-mismatch", () => beamformer({ leadField: field, orientations: 3 }, noise.slice(1))],
    [
      "not-finite",
      () =>
        beamformer(
          { leadField: field, orientations: 3 },
          noise.map((r) => r.map(() => Number.NaN)),
        ),
    ],
    ["not-positive", () => beamformer({ leadField: field, orientations: 3 }, noise, -1)],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("fitDipole", () => {
  const problem = { noise, leadField, grid: lattice(80, -0.2, 55) };
  const truth: Point = [20, -15, 50];
  const moment: Point = [2e-8, 1e-8, 3e-8];
  const clean = mapOf(0, moment, leadField([truth]));

  test("finds a noise-free dipole from a coarse grid", () => {
    const fit = fitDipole({ ...problem, map: clean });
    expect(fit.position).toBeAllclose(truth, { atol: 0.02 });
    expect(fit.moment).toBeAllclose(moment, { rtol: 2e-3 });
    expect(fit.goodness).toBeGreaterThan(0.999999);
    expect(fit.converged).toBe(true);
  });

  const coverage = (factor: number, fits: number): { inside: number; squares: number; longest: number } => {
    const random = seededRandom(11);
    let [inside, squares, longest] = [0, 0, 0];
    for (let k = 0; k < fits; k++) {
      const white = Float64Array.from({ length: n }, () => 1e-6 * random.normal());
      const mean = white.reduce((a, b) => a + b, 0) / n;
      const map = clean.map((v, i) => factor * v + white[i] - mean);
      const fit = fitDipole({ ...problem, map, grid: [[15, -10, 45]] });
      squares += fit.chiSquared / fit.freedom / fits;
      longest += fit.axes[0].length / fits;
      const off = fit.position.map((v, i) => v - truth[i]) as unknown as Point;
      const along = fit.axes.map(({ direction, length }) => direction.reduce((s, v, i) => s + v * off[i], 0) / length);
      if (Math.hypot(...along) <= 1) inside += 1 / fits;
    }
    return { inside, squares, longest };
  };

  test("the ellipsoid holds the true place in 95 of 100 fits, and what is left is chi squared", () => {
    const { inside, squares, longest } = coverage(5, 120);
    // Binomial, three sigma of 0.95 over 120 fits: 0.89 to 1; the mean of chi squared over 120 x 25 numbers to 3 x 2.6 %.
    expect(inside).toBeGreaterThan(0.89);
    expect(Math.abs(squares - 1)).toBeLessThan(0.08);
    expect(longest).toBeLessThan(10);
  });

  test.each<[string, () => unknown]>([
    ["no-grid", () => fitDipole({ ...problem, map: clean, grid: [] })],
    ["not-finite", () => fitDipole({ ...problem, map: clean.map(() => Number.NaN) })],
    [
      "shape-mismatch",
      () => fitDipole({ ...problem, map: clean.subarray(1), noise: noise.slice(1).map((r) => r.slice(1)) }),
    ],
    [
      "too-few-channels",
      () => fitDipole({ ...problem, map: clean.subarray(0, 5), noise: noise.slice(0, 5).map((r) => r.slice(0, 5)) }),
    ],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("covarianceEvidence", () => {
  test("is the integral over the variances, by numbers", () => {
    const c = [Float64Array.of(3, 0.5), Float64Array.of(0.5, 1)];
    const q = [
      [Float64Array.of(1, 0), Float64Array.of(0, 1)],
      [Float64Array.of(1.6, 0.8), Float64Array.of(0.8, 0.4)],
    ];
    const t = 60;
    const prior = { mean: -1, variance: 2 };
    let sum = 0;
    const step = 0.02;
    for (let a = -8; a < 5; a += step)
      for (let b = -8; b < 5; b += step) {
        const s = [0, 1].map((i) => [0, 1].map((j) => Math.exp(a) * q[0][i][j] + Math.exp(b) * q[1][i][j]));
        const det = s[0][0] * s[1][1] - s[0][1] * s[1][0];
        // The data are scaled to a mean variance of 1: the variances count against 2.
        const trace = (s[1][1] * c[0][0] - 2 * s[0][1] * c[0][1] + s[0][0] * c[1][1]) / (2 * det);
        const log = (-t / 2) * (trace + Math.log(det) + 2 * Math.log(2 * Math.PI)) - t * Math.log(2);
        const p = ((a - prior.mean) ** 2 + (b - prior.mean) ** 2) / (2 * prior.variance);
        sum += (Math.exp(log + 250 - p) * step * step) / (2 * Math.PI * prior.variance);
      }
    const { logEvidence, converged } = covarianceEvidence(c, t, q, prior);
    expect(converged).toBe(true);
    // Laplace's approximation with 60 samples: some hundredths of a nat.
    expect(Math.abs(logEvidence - (Math.log(sum) - 250))).toBeLessThan(0.1);
  });

  test("recovers the variances it was drawn with, and prefers the component that is there", () => {
    const random = seededRandom(3);
    const spread = (sources: readonly number[]): Float64Array[] => {
      const rows = electrodes.map(() => new Float64Array(n));
      for (const s of sources)
        for (let k = 0; k < 3; k++)
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) rows[i][j] += field[i][3 * s + k] * field[j][3 * s + k];
      return rows;
    };
    const drawn = electrodes.map(() => new Float64Array(200));
    for (let t = 0; t < 200; t++) {
      const q: Point = [1e-8 * random.normal(), 1e-8 * random.normal(), 1e-8 * random.normal()];
      const map = mapOf(4, q);
      for (let i = 0; i < n; i++) drawn[i][t] = map[i] + 1e-6 * random.normal();
    }
    const c = drawn.map((a) => Float64Array.from(drawn, (b) => a.reduce((s, v, t) => s + v * b[t], 0) / 200));
    const eye = electrodes.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
    const everywhere = spread(places.map((_, i) => i));
    const plain = covarianceEvidence(c, 200, [eye, everywhere]);
    const right = covarianceEvidence(c, 200, [eye, everywhere, spread([4])]);
    const wrong = covarianceEvidence(c, 200, [eye, everywhere, spread([50])]);
    // Noise of 1 uV: the mean of 200 x 29 squares to 3 sigma.
    expect(right.variances[0]).toBeGreaterThan(0.94e-12);
    expect(right.variances[0]).toBeLessThan(1.06e-12);
    const signal = spread([4]).reduce((s, row, i) => s + row[i], 0) * 1e-16;
    expect(Math.abs(right.variances[2] / (signal / n) - 1)).toBeLessThan(0.4);
    expect(right.logEvidence - plain.logEvidence).toBeGreaterThan(100);
    expect(right.logEvidence - wrong.logEvidence).toBeGreaterThan(100);
  });

  test.each<[string, () => unknown]>([
    ["shape-mismatch", () => covarianceEvidence(noise, 10, [])],
    ["too-few-samples", () => covarianceEvidence(noise, 0, [noise])],
    ["not-positive", () => covarianceEvidence(noise, 10, [noise.map((r) => r.map(() => 0))])],
    ["singular", () => covarianceEvidence(noise, 10, [outer(mapOf(1, [1, 0, 0]))])],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

describe("shrunkCovariance", () => {
  test("by hand: two samples of two channels", () => {
    // Means away: (1, 2), (-1, -2). S = [[1, 2], [2, 4]], m = 2.5, |S|^2 = 25, d^2 = 12.5 - 6.25; |x x'|^2 = 25 each, so b = 0.
    const { covariance, shrinkage } = shrunkCovariance([
      [2, 0],
      [5, 1],
    ]);
    expect(shrinkage).toBeCloseTo(0, 12);
    expect(covariance.map((r) => [...r])).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  test("of fewer samples than channels it is nearer to the truth than the plain one, and of full rank", () => {
    const random = seededRandom(2);
    const rows = Array.from({ length: 20 }, (_, i) =>
      Float64Array.from({ length: 15 }, () => (1 + i / 20) * random.normal()),
    );
    const { covariance, shrinkage } = shrunkCovariance(rows);
    expect(shrinkage).toBeGreaterThan(0.3);
    const error = (c: (i: number, j: number) => number): number =>
      rows.reduce(
        (s, _, i) => s + rows.reduce((q, _, j) => q + (c(i, j) - (i === j ? (1 + i / 20) ** 2 : 0)) ** 2, 0),
        0,
      );
    const plain = error(
      (i, j) =>
        (covariance[i][j] - (i === j ? (shrinkage * covariance.reduce((s, r, k) => s + r[k], 0)) / 20 : 0)) /
        (1 - shrinkage),
    );
    expect(error((i, j) => covariance[i][j])).toBeLessThan(0.5 * plain);
  });

  test.each<[string, () => unknown]>([
    ["too-few-samples", () => shrunkCovariance([[1]])],
    ["shape-mismatch", () => shrunkCovariance([[1, 2], [1]])],
    ["not-finite", () => shrunkCovariance([[1, Number.NaN]])],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});

test("variances per column: those of a source given thrice are those of the source", () => {
  const model: SourceModel = { leadField: field, orientations: 3, noise };
  const variance = depthVariance(model);
  const a = distributedInverse({ ...model, variance }, "dspm").kernel;
  const b = distributedInverse(
    { ...model, variance: Float64Array.from({ length: 3 * variance.length }, (_, k) => variance[Math.floor(k / 3)]) },
    "dspm",
  ).kernel;
  for (const [i, row] of a.entries()) expect(row).toBeAllclose(b[i], { atol: 0 });
});

test("the envelope of a sine is its amplitude, of a beat its slow course", () => {
  for (const length of [256, 250, 255]) {
    const wave = Float64Array.from({ length }, (_, t) => 3 * Math.cos((2 * Math.PI * 20 * t) / length + 0.3));
    expect(envelope(wave)).toBeAllclose(new Float64Array(length).fill(3), { rtol: 1e-9 });
    const slow = Float64Array.from({ length }, (_, t) => 2 + Math.cos((2 * Math.PI * 2 * t) / length));
    expect(envelope(wave.map((v, t) => (v * slow[t]) / 3))).toBeAllclose(slow, { rtol: 1e-9 });
  }
  expect(() => envelope([])).toThrow(expect.objectContaining({ code: "too-few-samples" }));
});
