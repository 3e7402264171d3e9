import { expect, test } from "vitest";
import { simulatedPair } from "../../../../../testing/siscom-pair.ts";
import { plainSiscom, type SiscomOptions, siscom } from "./siscom.ts";
import { shareAtPeak, siscomAgreement, siscomSettings } from "./siscom-agreement.ts";

const { ictal, interictal, brain, focus } = simulatedPair(4, {
  focus: true,
  noise: 0.04,
  voxel: 6,
  volume: 6,
  increase: 0.8,
});

test("12 settings, 18 with a region; the one asked for leads", () => {
  expect(siscomSettings().map(({ name }) => name)[0]).toBe("z 2, not smoothed, motion taken out");
  expect(siscomSettings()).toHaveLength(12);
  expect(siscomSettings({}, brain)).toHaveLength(18);
  expect(siscomSettings({ z: 3 })[0]?.options.z).toBe(3);
  expect(siscomSettings(plainSiscom)[0]?.name).toBe("z 2, not smoothed, motion left in");
});

test("no two settings are one: every map above its threshold is another; the median's is the mean's", () => {
  const active = (options: SiscomOptions): string =>
    siscom(ictal, interictal, brain, options).z.data.reduce(
      (text, z, v) => (z > (options.z ?? 2) ? `${text} ${v}` : text),
      "",
    );
  const low = { ...brain, data: brain.data.map((m, v) => (m && v < brain.data.length / 2 ? 1 : 0)) };
  const maps = siscomSettings({ spread: "mad" }, low).map(({ options }) => active(options));
  expect(new Set(maps).size).toBe(18);
  const by = (normalisation: "mean" | "median"): readonly number[] =>
    siscom(ictal, interictal, brain, { spread: "mad", normalisation }).search.above.map(({ peak }) => peak);
  expect(by("median")).toBeAllclose(by("mean"), { atol: 0.05 });
});

test("noise: settings agree about its strongest peak without one of them calling it a finding", () => {
  const null0 = simulatedPair(9, { focus: false, noise: 0.04, voxel: 6 });
  const { settings, finding } = siscomAgreement(null0.ictal, null0.interictal, null0.brain, siscomSettings());
  expect(settings[0]?.first?.p).toBeGreaterThan(0.01);
  expect(finding).toBe(0);
});

test("a clear focus is hyperperfused in every setting and first in all; one setting alone gives its own map", () => {
  const { share, settings, concordant, finding } = siscomAgreement(ictal, interictal, brain, siscomSettings());
  const [first] = settings;
  expect(concordant).toBe(12);
  expect(finding).toBe(12);
  expect(first?.overlap).toBe(1);
  expect(first?.first && shareAtPeak(first.first, share)).toBe(1);
  expect(
    Math.hypot(...(first?.first?.centre ?? [0, 0, 0]).map((x, k) => x - (focus?.centre[k] as number))),
  ).toBeLessThan(8);
  const alone = siscomAgreement(ictal, interictal, brain, [{ name: "one", options: {} }]).share;
  const above = siscom(ictal, interictal, brain).z.data.map((z) => (z > 2 ? 1 : 0));
  expect([...alone.data]).toEqual([...above]);
});

test("against a region: the levels are its means, z is D / SD without a centre; the median resists a large focus", () => {
  const [nx, ny] = brain.shape;
  const low = { ...brain, data: brain.data.map((m, v) => (m && Math.floor(v / (nx * ny)) < 12 ? 1 : 0)) };
  const { levels, difference, z, sd, compared } = siscom(ictal, interictal, brain, {
    ...plainSiscom,
    normalisation: low,
  });
  const inside = [...low.data.keys()].filter((v) => low.data[v] && compared.data[v]);
  expect(levels[0]).toBeCloseTo(inside.reduce((s, v) => s + ictal.data[v], 0) / inside.length, 3);
  expect(z.data).toBeAllclose(
    difference.data.map((d) => d / sd),
    { atol: 1e-4 },
  );
  expect(siscom(ictal, interictal, brain, { normalisation: "median" }).levels[0]).not.toBe(levels[0]);
});

test.each([
  ["no-data", () => siscomAgreement(ictal, interictal, brain, [])],
  ["grid-mismatch", () => siscom(ictal, interictal, brain, { normalisation: { ...brain, space: "other" } })],
  [
    "empty-region",
    () => siscom(ictal, interictal, brain, { normalisation: { ...brain, data: brain.data.map(() => 0) } }),
  ],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
