import { affineOf, type Mask, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headQc } from "./head-qc.ts";
import { headTissues } from "./head-tissues.ts";
import type { SkullShell } from "./skull-shell.ts";

/** Balls of 6, 8 and 9 voxels of 10 mm around the middle: white matter, skull, scalp. */
const n = 24;
const grid = {
  shape: [n, n, n] as const,
  affine: affineOf([10, 0, 0, -115, 0, 10, 0, -115, 0, 0, 10, -115]),
  space: "subject:T1w",
};
const radius = (i: number): number =>
  Math.hypot((i % n) - 11.5, (Math.floor(i / n) % n) - 11.5, Math.floor(i / (n * n)) - 11.5);
const ball = (r: number): Mask => ({
  ...grid,
  data: Uint8Array.from({ length: n ** 3 }, (_, i) => Number(radius(i) < r)),
});
const [brain, head] = [ball(6), ball(9)];
const labels = Uint8Array.from({ length: n ** 3 }, (_, i) =>
  radius(i) < 6 ? headTissues.white : radius(i) < 8 ? headTissues.skull : radius(i) < 9 ? headTissues.scalp : 0,
);
const t1: Volume = {
  ...grid,
  unit: "{arbitrary}",
  frames: [{ start: 0, duration: 0 }],
  clock: "mri",
  data: Float32Array.from(labels, (label, i) => 10 * label + (i % 7)),
};
const shell = { seen: 0.9, thickness: { skull: 6, scalp: 7 } } as SkullShell;

const verdicts = (found: ReturnType<typeof headQc>): Record<string, string> =>
  Object.fromEntries(found.map(({ name, verdict }) => [name, verdict]));

describe("headQc", () => {
  test("a whole head: nothing is doubted, left equals right", () => {
    const found = headQc(t1, { labels, head, brain, shell });
    expect(new Set(Object.values(verdicts(found)))).toEqual(new Set(["ok"]));
    expect(found.find(({ name }) => name === "white-asymmetry")?.value).toBe(0);
  });
  test("slices of one value are missing slices", () => {
    const data = t1.data.map((v, i) => (Math.floor(i / (n * n)) === 13 ? 0 : v));
    const [empty] = headQc({ ...t1, data }, { labels, head, brain, shell });
    expect(empty).toMatchObject({ name: "empty-slices", value: 1, verdict: "bad" });
  });
  test("stray voxels beyond empty slices at the edge are no head", () => {
    const data = t1.data.map((v, i) => (Math.floor(i / (n * n)) < 3 && i !== 5 ? 0 : v));
    data[5] = 70;
    expect(headQc({ ...t1, data }, { labels, head, brain, shell })[0]).toMatchObject({ value: 0, verdict: "ok" });
  });
  test("a head that the upper face cuts: the area of the cut in cm2", () => {
    const planes = 19 * n * n; // the brain ends at plane 17, the head at 20
    const cut = <T extends Uint8Array | Float32Array>(data: T): T => data.subarray(0, planes) as T;
    const shape = [n, n, 19] as const;
    const inside = cut(head.data).subarray(18 * n * n);
    const found = headQc(
      { ...t1, shape, data: cut(t1.data) },
      {
        labels: cut(labels),
        head: { ...head, shape, data: cut(head.data) },
        brain: { ...brain, shape, data: cut(brain.data) },
        shell,
      },
    );
    const area = inside.reduce((sum, v) => sum + v, 0);
    expect(found.find(({ name }) => name === "head-cut-at-top")).toMatchObject({ value: area, verdict: "bad" });
  });
  test("a hole of a sixth of one side's white matter is told", () => {
    const holed = labels.map((l, i) =>
      l === headTissues.white && i % n > 11 && Math.floor(i / (n * n)) > 13 ? headTissues.csf : l,
    );
    expect(verdicts(headQc(t1, { labels: holed, head, brain, shell }))["white-asymmetry"]).toBe("warn");
  });
  test.each([
    ["skull-seen", "bad", { ...shell, seen: 0.3 }],
    ["skull-thickness", "warn", { ...shell, thickness: { skull: 2, scalp: 7 } }],
    ["scalp-thickness", "warn", { ...shell, thickness: { skull: 6, scalp: 25 } }],
    ["skull-seen", "warn", undefined],
  ] as const)("%s: %s", (name, verdict, what) => {
    expect(verdicts(headQc(t1, { labels, head, brain, shell: what }))[name]).toBe(verdict);
  });
});
