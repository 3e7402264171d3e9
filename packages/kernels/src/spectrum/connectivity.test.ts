import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { connectivity } from "./connectivity.ts";

const [rate, n, epochs] = [200, 200, 60];
const random = seededRandom(21);
const noise = (size: number): Float64Array => Float64Array.from({ length: n }, () => size * random.normal());
const wave = (phase: number): Float64Array =>
  Float64Array.from({ length: n }, (_, t) => Math.sin((2 * Math.PI * 10 * t) / rate + phase));
const added = (a: Float64Array, b: Float64Array): Float64Array => a.map((v, t) => v + (b[t] as number));
const at10 = ({ frequencies }: { frequencies: Float64Array }, values: Float64Array): number =>
  values[frequencies.indexOf(10)] as number;
const options = { bandwidth: 4 };

describe("connectivity", () => {
  test("a constant lag of 60 degrees, random common phase: locked, wPLI 1, imaginary coherence sin 60, x leads", () => {
    const phases = Array.from({ length: epochs }, () => 2 * Math.PI * random.uniform());
    const c = connectivity(
      phases.map((p) => wave(p)),
      phases.map((p) => wave(p - Math.PI / 3)),
      rate,
      options,
    );
    // the finite window lets a little of the wave's mirror at -10 Hz in: 1e-5
    expect(at10(c, c.coherence)).toBeCloseTo(1, 4);
    expect(at10(c, c.phaseLocking)).toBeCloseTo(1, 4);
    expect(at10(c, c.weightedPhaseLag)).toBeCloseTo(1, 6);
    expect(at10(c, c.debiasedSquaredPhaseLag)).toBeCloseTo(1, 6);
    expect(at10(c, c.imaginaryCoherence)).toBeCloseTo(Math.sin(Math.PI / 3), 2);
  });

  test("one source mixed into both at once: coherent, but nothing imaginary", () => {
    const sources = Array.from({ length: epochs }, () => noise(1));
    const c = connectivity(
      sources,
      sources.map((s) => s.map((v) => 0.5 * v)),
      rate,
      options,
    );
    expect(at10(c, c.coherence)).toBeCloseTo(1, 10);
    expect(Math.abs(at10(c, c.imaginaryCoherence))).toBeLessThan(1e-10);
    const blurred = connectivity(
      sources.map((s) => added(s, noise(0.5))),
      sources.map((s) => added(s, noise(0.5))),
      rate,
      options,
    );
    // three sigma of a mean of 60 epochs x 3 tapers
    expect(Math.abs(at10(blurred, blurred.imaginaryCoherence))).toBeLessThan(3 / Math.sqrt(epochs * 3));
    expect(Math.abs(at10(blurred, blurred.debiasedSquaredPhaseLag))).toBeLessThan(0.2);
  });

  test("independent signals: every measure near its bias of 1/sqrt(epochs), the debiased one near 0", () => {
    const c = connectivity(
      Array.from({ length: epochs }, () => noise(1)),
      Array.from({ length: epochs }, () => noise(1)),
      rate,
      options,
    );
    const mean = (values: Float64Array): number => values.subarray(3, 97).reduce((a, b) => a + b, 0) / 94;
    // mean of a Rayleigh: sqrt(pi / 4 / N) with N = epochs; tapers make coherence smaller still
    expect(mean(c.phaseLocking)).toBeCloseTo(Math.sqrt(Math.PI / 4 / epochs), 1);
    expect(mean(c.coherence)).toBeLessThan(0.12);
    expect(Math.abs(mean(c.debiasedSquaredPhaseLag))).toBeLessThan(0.02);
  });

  test("swapping the signals turns the imaginary part's sign alone", () => {
    const [x, y] = [0, 1].map(() => Array.from({ length: 8 }, () => noise(1))) as [Float64Array[], Float64Array[]];
    const [there, back] = [connectivity(x, y, rate), connectivity(y, x, rate)];
    expect(back.imaginaryCoherence.slice(1, -1)).toBeAllclose(
      there.imaginaryCoherence.slice(1, -1).map((v) => -v),
      { atol: 1e-12 },
    );
    expect(back.weightedPhaseLag.slice(1, -1)).toBeAllclose(there.weightedPhaseLag.slice(1, -1), { atol: 1e-12 });
  });

  test.each([
    ["too-few-epochs", [noise(1)], [noise(1)]],
    ["shape-mismatch", [noise(1), noise(1)], [noise(1)]],
    ["shape-mismatch", [noise(1), noise(1)], [noise(1), noise(1).subarray(1)]],
  ])("refusal: %s", (code, x, y) => {
    expect(() => connectivity(x, y, rate)).toThrow(expect.objectContaining({ code }));
  });
});
