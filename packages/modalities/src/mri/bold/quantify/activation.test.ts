import { eventDesign, responseAt, responseFunctions } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { simulateBold } from "../../../../test/bold-series.ts";
import { smoothBold } from "../correct/resample-bold.ts";
import { activation, standardContrasts } from "./activation.ts";

beforeAll(() => loadKernels());

const events = {
  clock: "mri",
  list: [0, 1, 2, 3, 4].map((k) => ({ onset: 20 + 40 * k, duration: 20, type: "task" })),
};
const [response] = responseFunctions("none");
const course = (t: number): number =>
  events.list.reduce((sum, e) => sum + responseAt(response, t - e.onset, e.duration), 0);
const centre = [-30, -40, 25] as const;
const { bold, brain, active } = simulateBold({
  volumes: 110,
  noise: 1.5,
  rho: 0.3,
  drift: 2,
  active: { centre, radius: 14, course },
  shape: [28, 34, 22],
});
const design = eventDesign(events, {
  sampleTimes: bold.frames.map(({ start }) => start + 1),
  clock: "mri",
  repetitionTime: 2,
});

describe("activation", () => {
  const found = activation(smoothBold(bold, 5), brain, design, standardContrasts(design));
  const [map] = found.maps;
  const inside = [...active.data.keys()].filter((i) => active.data[i] && brain.data[i]);
  test("a change of 1 % in noise of 1.5 % is found where it is", () => {
    // Smoothing halves the change at the rim, where two thirds of these voxels lie.
    const hit = inside.filter((i) => map.z.data[i] >= (map.threshold ?? 99)).length;
    expect(hit / inside.length).toBeGreaterThan(0.4);
    const [cluster, ...others] = map.clusters;
    expect(Math.hypot(...cluster.centre.map((c, k) => c - centre[k]))).toBeLessThan(4);
    expect(cluster.sign).toBe(1);
    expect(others.every(({ volume }) => volume < 3)).toBe(true);
  });
  test("almost without noise a change of 1 % reads 1 % (a block of 20 s peaks at 1.14 of its plateau)", () => {
    const quiet = simulateBold({
      volumes: 110,
      noise: 0.02,
      active: { centre, radius: 14, course },
      shape: [28, 34, 22],
    });
    const [{ effect }] = activation(quiet.bold, active, design, standardContrasts(design)).maps;
    const peak = Math.max(...Array.from({ length: 600 }, (_, t) => responseAt(response, t / 10, 20)));
    expect(peak).toBeCloseTo(1.144, 3);
    const mean = inside.reduce((sum, i) => sum + effect.data[i], 0) / inside.length;
    // The mean that stands for 100 % holds the activation itself, half of the time: 0.5 %.
    expect(mean / peak).toBeCloseTo(1, 1.9);
  });
  test("the noise's autocorrelation and the false discoveries stay what they are", () => {
    const outside = [...brain.data.keys()].filter((i) => brain.data[i] && !active.data[i]);
    const mean = outside.reduce((s, i) => s + found.autocorrelation.data[i], 0) / outside.length;
    expect(mean).toBeCloseTo(0.3, 1);
    const far = outside.filter((i) => Math.abs(map.z.data[i]) > 3.29).length / outside.length;
    expect(far).toBeLessThan(0.02);
    expect(found.dropped).toBe(0);
    expect(found.dof).toBe(110 - design.names.length);
  });
  test("no activation, no threshold: noise alone at a false discovery rate of 5 %", () => {
    const noise = simulateBold({ volumes: 60, noise: 1.5, shape: [28, 34, 22], seed: 4 });
    const short = eventDesign(
      { ...events, list: events.list.slice(0, 2) },
      {
        sampleTimes: noise.bold.frames.map(({ start }) => start + 1),
        clock: "mri",
        repetitionTime: 2,
      },
    );
    const [map] = activation(noise.bold, noise.brain, short, standardContrasts(short), { noise: "ar1-pooled" }).maps;
    // In 95 of 100 noise images nothing is significant; this one is among them.
    expect(map.significantVoxels).toBe(0);
    expect(map.threshold).toBeUndefined();
    expect(map.clusters).toEqual([]);
  });
  test("an F contrast of one row is t squared", () => {
    const weights = { task: 1 };
    const [t, f] = activation(
      bold,
      active,
      design,
      [
        { name: "t", weights },
        { name: "F", weights: [weights, { cosine00: 1 }] },
      ],
      { noise: "ols", minimumVolume: 0 },
    ).maps;
    expect([t.kind, f.kind]).toEqual(["t", "F"]);
    expect(f.standardError).toBeUndefined();
    // F of two rows is at least half of the t squared of one of them.
    expect(inside.every((i) => f.statistic.data[i] >= t.statistic.data[i] ** 2 / 2 - 1e-3)).toBe(true);
  });
  test("differences of two conditions are among the standard contrasts", () => {
    const two = eventDesign(
      { clock: "mri", list: [...events.list, { onset: 5, duration: 5, type: "rest" }] },
      {
        sampleTimes: bold.frames.map(({ start }) => start + 1),
        clock: "mri",
        repetitionTime: 2,
      },
    );
    expect(standardContrasts(two).map(({ name }) => name)).toEqual(["rest", "task", "rest - task"]);
  });
  test.each([
    ["unknown-column", () => activation(bold, brain, design, [{ name: "c", weights: { nothing: 1 } }])],
    ["grid-mismatch", () => activation(bold, { ...brain, data: brain.data.slice(1) }, design, [])],
    ["empty-region", () => activation(bold, { ...brain, data: brain.data.map(() => 0) }, design, [])],
    [
      "not-finite",
      () =>
        activation(
          { ...bold, data: bold.data.map((v, i) => (i === bold.data.length / 2 ? Number.NaN : v)) },
          { ...brain, data: brain.data.map(() => 1) },
          design,
          [{ name: "c", weights: { task: 1 } }],
        ),
    ],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
