import { describe, expect, test } from "vitest";
import { readBetweenSamples } from "../fir/fractional-delay.ts";
import { seededRandom } from "../random/random.ts";
import { adaptiveNoise } from "./adaptive-noise.ts";
import { alignOnsets } from "./align-onsets.ts";
import { repeatedArtefact } from "./moving-template.ts";
import { principalShapes, residualArtefact, subtractProjection } from "./residual-basis.ts";
import { shapeSteps } from "./shape-steps.ts";

/** A burst of 0.08 cycles a sample under a bell 10 samples wide, 60 after its onset. */
const burst = (t: number, frequency = 0.08): number =>
  Math.exp(-((t - 60) ** 2) / 200) * Math.sin(2 * Math.PI * frequency * (t - 60));
const period = 150.5;
const laid = (onsets: readonly number[], n: number, shape: (t: number, k: number) => number): Float64Array => {
  const out = new Float64Array(n);
  onsets.forEach((onset, k) => {
    for (let i = Math.ceil(onset); i < Math.min(n, onset + period); i++) out[i] += shape(i - onset, k);
  });
  return out;
};

describe("readBetweenSamples", () => {
  const x = Float64Array.from({ length: 400 }, (_, i) => Math.cos(0.9 * i + 0.2));
  test("a cosine at any fraction; whole samples are the samples; a constant stays one", () => {
    const out = readBetweenSamples(x, 100.37, 101);
    // 80 dB stop band.
    expect(out).toBeAllclose(
      out.map((_, i) => Math.cos(0.9 * (i + 100.37) + 0.2)),
      { atol: 1e-4 },
    );
    expect(readBetweenSamples(x, 7, 5)).toBeAllclose(x.subarray(7, 12), { atol: 0 });
    expect(readBetweenSamples(new Float64Array(100).fill(3), 2.5, 90)).toBeAllclose(new Float64Array(90).fill(3), {
      atol: 1e-12,
    });
  });
  test("there and back is where it was", () => {
    const there = readBetweenSamples(x, 50.3, 200);
    const back = readBetweenSamples(there, 49.7, 100);
    expect(back).toBeAllclose(x.subarray(100, 200), { atol: 2e-4 });
  });
});

describe("alignOnsets", () => {
  const random = seededRandom(1);
  const onsets = Array.from({ length: 12 }, (_, k) => 30.2 + k * period + 0.4 * (random.uniform() - 0.5));
  const x = laid(onsets, 2000, (t) => burst(t));
  test("rounded triggers become the true onsets, but for one common shift; the period by regression", () => {
    const found = alignOnsets(
      [x],
      onsets.map((o) => Math.round(o)),
      150,
    );
    const off = found.onsets.map((o, k) => o - onsets[k]);
    const mean = off.reduce((a, b) => a + b, 0) / off.length;
    // Without noise what remains is the interpolation's 1e-4.
    expect(off.map((o) => o - mean)).toBeAllclose(new Float64Array(12), { atol: 1e-3 });
    expect(found.period).toBeCloseTo(period, 1);
  });
  test("a lost trigger and one two samples off do not matter", () => {
    const triggers = onsets.map((o) => Math.round(o));
    triggers[3] += 2;
    triggers.splice(6, 1);
    const found = alignOnsets([x], triggers, 150);
    expect(found.period).toBeCloseTo(period, 1);
    expect(found.onsets[3] - found.onsets[2]).toBeCloseTo(onsets[3] - onsets[2], 2);
  });
  test.each([
    ["two occurrences", [10, 160], 150, "too-few-epochs"],
    ["no length", [10, 160, 310], 0, "bad-window"],
  ])("refuses %s", (_, triggers, length, code) => {
    expect(() => alignOnsets([x], triggers, length)).toThrow(expect.objectContaining({ code }));
  });
});

describe("repeatedArtefact", () => {
  const onsets = Float64Array.from({ length: 40 }, (_, k) => 20.3 + k * period);
  const n = 6100;
  test("what repeats itself is found to the interpolation's error, at the ends too, whatever its amplitude", () => {
    const x = laid([...onsets], n, (t, k) => (1 + 0.05 * Math.sin(k)) * burst(t));
    const artefact = repeatedArtefact(x, { onsets, period });
    expect(artefact).toBeAllclose(x, { atol: 2e-4 });
  });
  test("a changed shape in the middle of occurrence 20: found, and both sides taken out", () => {
    const random = seededRandom(4);
    const step = onsets[20] + 62;
    const x = laid([...onsets], n, (t, k) =>
      k > 20 || (k === 20 && t >= 62) ? burst(t) + 0.1 * burst(t, 0.11) : burst(t),
    );
    const noisy = x.map((v) => v + 1e-3 * random.normal());
    const steps = shapeSteps([noisy], { onsets, period });
    expect(steps.length).toBe(1);
    expect(Math.abs(steps[0] - step)).toBeLessThan(6);
    const artefact = repeatedArtefact(x, { onsets, period, steps });
    const blind = repeatedArtefact(x, { onsets, period });
    // A jump cannot be read between samples: what lies within the reach of the step is left out.
    const worst = (a: Float64Array): number =>
      Math.max(...a.map((v, i) => (Math.abs(i - step) < 30 ? 0 : Math.abs(v - x[i]))));
    expect(worst(artefact)).toBeLessThan(0.005);
    expect(worst(blind)).toBeGreaterThan(0.03);
    expect(shapeSteps([noisy.subarray(0, 2500)], { onsets: onsets.subarray(0, 15), period })).toEqual([]);
  });
  test("refuses two whole occurrences", () => {
    expect(() => repeatedArtefact(new Float64Array(400), { onsets: onsets.subarray(0, 2), period })).toThrow(
      expect.objectContaining({ code: "too-few-epochs" }),
    );
  });
});

describe("residualArtefact", () => {
  test("two shapes in random shares are taken out by two components, and not by one", () => {
    const random = seededRandom(2);
    const onsets = Float64Array.from({ length: 30 }, (_, k) => 10.3 + k * period);
    const shares = Array.from(onsets, () => [random.normal(), random.normal()]);
    const x = laid([...onsets], 4600, (t, k) => shares[k][0] * burst(t) + shares[k][1] * burst(t, 0.05));
    const left = (components: number): number => {
      const { artefact } = residualArtefact(x, { onsets, period }, { components });
      return Math.max(...artefact.map((v, i) => Math.abs(v - x[i])));
    };
    expect(left(2)).toBeLessThan(5e-3);
    expect(left(1)).toBeGreaterThan(0.1);
    expect(residualArtefact(x, { onsets, period }, { components: "auto" }).components).toBe(2);
  });
  test("principal shapes of [3 0], [-3 0], [0 1], [0 -1]: the axes; a projection by hand", () => {
    const shapes = principalShapes(
      [
        [3, 0],
        [-3, 0],
        [0, 1],
        [0, -1],
      ].map((row) => Float64Array.from(row)),
      4,
    );
    expect(shapes.length).toBe(2);
    expect(shapes[0].map(Math.abs)).toBeAllclose([1, 0], { atol: 1e-12 });
    const target = new Float64Array(4);
    subtractProjection(target, [9, 1, 2, 9], [Float64Array.of(1, 1), Float64Array.of(1, -1)], 1);
    expect(target).toBeAllclose([0, 1, 2, 0], { atol: 1e-12 });
  });
});

describe("adaptiveNoise", () => {
  test("a filtered copy of the reference goes, what is independent stays; nothing makes nothing", () => {
    const random = seededRandom(3);
    const n = 40_000;
    const reference = Float64Array.from({ length: n }, () => random.normal());
    const own = Float64Array.from({ length: n }, (_, i) => 0.5 * Math.sin(0.02 * i));
    const x = own.map((v, i) => v + reference[i] - 0.5 * (reference[i - 2] ?? 0));
    const out = adaptiveNoise(x, reference, 8);
    let error = 0;
    for (let i = n / 2; i < n; i++) error += (x[i] - out[i] - own[i]) ** 2 / (n / 2);
    // Misadjustment of about mu N var r = 0.05 of what stays, 0.125.
    expect(Math.sqrt(error)).toBeLessThan(0.15);
    expect(adaptiveNoise(x, new Float64Array(n), 8)).toBeAllclose(new Float64Array(n), { atol: 0 });
  });
  test.each([
    ["other lengths", new Float64Array(3), 2, "shape-mismatch"],
    ["no weights", new Float64Array(9), 0, "bad-order"],
  ])("refuses %s", (_, reference, order, code) => {
    expect(() => adaptiveNoise(new Float64Array(9), reference, order)).toThrow(expect.objectContaining({ code }));
  });
});
