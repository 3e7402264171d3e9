import { expect, test } from "vitest";
import { simulatedPair } from "../../../../../testing/siscom-pair.ts";
import { qc } from "../qc/pair-findings.ts";
import { siscom, siscomFocus } from "./siscom.ts";

const away = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((x, k) => x - (b[k] as number)));

test("by hand: a pair that differs in one ball has D = I/m - I'/m' and its z", () => {
  const { ictal, interictal, brain } = simulatedPair(1, { focus: true, noise: 0.05 });
  const { difference, z, sd, compared } = siscom(ictal, interictal, brain, { removeMotion: false });
  const inside = [...brain.data.keys()].filter((i) => compared.data[i] !== 0);
  expect(inside.length / brain.data.reduce((n, m) => n + m, 0)).toBeGreaterThan(0.97);
  const mean = (data: Float32Array): number => inside.reduce((s, i) => s + data[i], 0) / inside.length;
  const [a, b] = [mean(ictal.data), mean(interictal.data)];
  const expected = inside.map((i) => ictal.data[i] / a - interictal.data[i] / b);
  expect(inside.map((i) => difference.data[i])).toBeAllclose(expected, { atol: 1e-6 }); // float32 ratios near 1
  const spread = Math.sqrt(expected.reduce((s, d) => s + d * d, 0) / (inside.length - 1)); // <D> is 0 by construction
  expect(sd).toBeCloseTo(spread, 6);
  expect(inside.map((i) => z.data[i])).toBeAllclose(
    expected.map((d) => d / spread),
    { atol: 1e-3 },
  );
});

test("invariant: the two injections' scales do not matter", () => {
  const { ictal, interictal, brain } = simulatedPair(2, { focus: true, noise: 0.05 });
  const scaled = { ...ictal, data: ictal.data.map((x) => 7 * x) };
  const [one, other] = [siscom(ictal, interictal, brain), siscom(scaled, interictal, brain)];
  expect(other.clusters.length).toBe(one.clusters.length);
  expect(other.z.data).toBeAllclose(one.z.data, { atol: 1e-3 }); // float32 ratios
});

test("swapping the images swaps hyper- and hypoperfusion", () => {
  const { ictal, interictal, brain } = simulatedPair(3, { focus: true, noise: 0.05 });
  const [one, other] = [siscom(ictal, interictal, brain), siscom(interictal, ictal, brain)];
  expect(other.search.below[0]?.peak).toBeCloseTo(-(one.search.above[0]?.peak ?? 0), 2);
  expect(other.search.below[0]?.volume).toBeCloseTo(one.search.above[0]?.volume ?? 0, 6);
});

test("ten seeds: the focus is named first within 8 mm in at least nine, never elsewhere; none is named without one", () => {
  let placed = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const pair = simulatedPair(seed, { focus: true, noise: 0.04, misregistration: 1 });
    const found = siscomFocus(siscom(pair.ictal, pair.interictal, pair.brain));
    if (found && away(found.centre, pair.focus!.centre) <= 8) placed++;
    const none = simulatedPair(seed + 100, { focus: false, noise: 0.04, misregistration: 1 });
    expect(siscomFocus(siscom(none.ictal, none.interictal, none.brain)), `seed ${seed + 100}`).toBeUndefined();
  }
  expect(placed).toBeGreaterThanOrEqual(9);
});

test("beyond one image's field of view nothing is compared: a cut-off cerebellum is no finding", () => {
  const { ictal, interictal, brain } = simulatedPair(6, { focus: false, noise: 0.04 });
  const plane = brain.shape[0] * brain.shape[1];
  const cut = { ...interictal, data: interictal.data.map((x, i) => (i < 9 * plane ? 0 : x)) };
  const result = siscom(ictal, cut, brain);
  expect(result.compared.data.subarray(0, 10 * plane).every((m) => m === 0)).toBe(true);
  expect(siscomFocus(result)).toBeUndefined();
});

test("residual motion of (1, 1, 1) mm is found within 15 % of 1.73 mm", () => {
  const pair = simulatedPair(5, { focus: false, noise: 0.02, misregistration: 1 });
  const result = siscom(pair.ictal, pair.interictal, pair.brain);
  expect(Math.abs(result.residualMotion - Math.sqrt(3))).toBeLessThan(0.26); // first-order expansion
  const verdicts = Object.fromEntries(qc({ ...pair, siscom: result }).map((f) => [f.name, f.verdict]));
  expect(verdicts).toMatchObject({ "pair-correlation": "ok", "residual-motion": "ok" });
});

const { ictal, interictal, brain } = simulatedPair(1, { focus: false, noise: 0.05 });
test.each([
  ["grid-mismatch", () => siscom(ictal, { ...interictal, space: "other" }, brain)],
  ["grid-mismatch", () => siscom({ ...ictal, frames: [...ictal.frames, ...ictal.frames] }, interictal, brain)],
  ["bad-threshold", () => siscom(ictal, interictal, brain, { z: Number.NaN })],
  ["bad-threshold", () => siscom(ictal, interictal, brain, { smoothingFwhm: -1 })],
  ["empty-region", () => siscom(ictal, interictal, { ...brain, data: new Uint8Array(brain.data.length) })],
  ["not-positive", () => siscom({ ...ictal, data: ictal.data.map((x) => -x) }, interictal, brain)],
  ["not-finite", () => siscom({ ...ictal, data: ictal.data.map(() => Number.NaN) }, interictal, brain)],
  ["constant-data", () => siscom(ictal, ictal, brain)],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
