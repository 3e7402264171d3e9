import type { Point, Sensor } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { flatten, sphereCentre } from "./head-projection.ts";
import { interpolateScalp, scalpMap, topographyRange } from "./scalp-map.ts";
import { solve } from "./solve.ts";

const radius = 90;
const centre: Point = [2, -15, 10];
const on = (azimuth: number, polar: number): Point => {
  const [a, t] = [(azimuth * Math.PI) / 180, (polar * Math.PI) / 180];
  return [
    centre[0] + radius * Math.sin(t) * Math.sin(a),
    centre[1] + radius * Math.sin(t) * Math.cos(a),
    centre[2] + radius * Math.cos(t),
  ];
};
const cap: Sensor[] = [
  ["Fpz", 0, 90],
  ["T7", -90, 90],
  ["T8", 90, 90],
  ["Oz", 180, 90],
  ["Cz", 0, 0],
  ["C3", -90, 45],
  ["C4", 90, 45],
  ["Fz", 0, 45],
  ["Pz", 180, 45],
].map(([name, a, t]) => ({ name: name as string, kind: "electrode", position: on(a as number, t as number) }));

describe("the flattened head", () => {
  test("the sphere's centre is found from points on it", () => {
    expect(sphereCentre(cap.map((s) => s.position as Point))).toBeAllclose(centre, { atol: 1e-6 });
  });

  test("known places: nose up, patient's left on the viewer's left, Cz in the middle", () => {
    const at = Object.fromEntries(flatten(cap).map((s) => [s.name, [s.u, s.v]]));
    expect(at.Cz).toBeAllclose([0, 0], { atol: 1e-9 });
    expect(at.Fpz).toBeAllclose([0, 1], { atol: 1e-9 });
    expect(at.T7).toBeAllclose([-1, 0], { atol: 1e-9 });
    expect(at.T8).toBeAllclose([1, 0], { atol: 1e-9 });
    expect(at.C4).toBeAllclose([0.5, 0], { atol: 1e-9 });
    expect(at.Pz).toBeAllclose([0, -0.5], { atol: 1e-9 });
  });

  test("sensors in one patch do not put the centre elsewhere", () => {
    const patch: Point[] = [on(80, 70), on(85, 70), on(80, 75), on(85, 75)].map((p) => [p[0], p[1], p[2] + 0.4]);
    const found = sphereCentre([
      [70, 0, 40],
      [72, 5, 40],
      [70, 5, 42],
      [72, 0, 42.2],
    ]);
    expect(found.every(Number.isFinite)).toBe(true);
    expect(patch).toHaveLength(4);
  });
});

describe("the interpolated map", () => {
  test("goes through the value of every electrode", () => {
    const points = flatten(cap).map((s, k) => ({ ...s, value: (k * 7) % 5 }));
    const map = interpolateScalp(points);
    for (const { u, v, value } of points) {
      const [column, row] = [((u + 1.25) / 2.5) * 96 - 0.5, ((1.25 - v) / 2.5) * 96 - 0.5];
      const near = map[Math.round(row) * 96 + Math.round(column)] as number;
      expect(Math.abs(near - value)).toBeLessThan(0.12); // the nearest pixel is up to 0.018 of a head radius away
    }
  });

  test("is flat for equal values, nothing for two electrodes", () => {
    expect(interpolateScalp(flatten(cap).map((s) => ({ ...s, value: 3 })))).toBeAllclose(
      new Float32Array(96 * 96).fill(3),
      { atol: 1e-4 },
    );
    expect([...interpolateScalp(flatten(cap.slice(0, 2)).map((s) => ({ ...s, value: 3 })))].every(Number.isNaN)).toBe(
      true,
    );
  });

  test("a range symmetric about zero for signed maps; a width for constant ones", () => {
    const values = [
      { channel: "a", value: -1 },
      { channel: "b", value: 4 },
    ];
    expect(topographyRange({ name: "", unit: "dB", values, colourMap: "cool-warm" })).toEqual([-4, 4]);
    expect(topographyRange({ name: "", unit: "dB", values })).toEqual([-1, 4]);
    expect(topographyRange({ name: "", unit: "dB", values: values.slice(1) })).toEqual([3.5, 4.5]);
  });

  test("says the sides, and which channels could not be placed", () => {
    const values = [...cap.map((s) => ({ channel: s.name, value: 1 })), { channel: "X9", value: 2 }];
    const { markup } = scalpMap({ name: "α", unit: "µV²", values }, cap);
    expect(markup).toMatch(/<text x="-1.43"[^>]*>L<\/text><text x="1.43"[^>]*>R<\/text>/);
    expect(markup).toContain("1 of 10 channels have no position");
    expect(markup).toContain("µV²");
  });
});

test("solve: by hand, and undefined when singular", () => {
  expect(
    solve(
      [
        [2, 1],
        [1, 3],
      ],
      [3, 5],
    ),
  ).toBeAllclose([0.8, 1.4], { atol: 1e-12 });
  expect(
    solve(
      [
        [0, 1],
        [1, 0],
      ],
      [7, 9],
    ),
  ).toBeAllclose([9, 7], { atol: 1e-12 });
  expect(
    solve(
      [
        [1, 2],
        [2, 4],
      ],
      [1, 2],
    ),
  ).toBeUndefined();
});

test("farther than `nearest` from every value nothing is shown, and what is shown is the same", () => {
  const points = [
    { u: 0, v: 0, value: 1 },
    { u: 0.2, v: 0, value: 2 },
    { u: 0, v: 0.2, value: 3 },
  ];
  const [whole, near] = [interpolateScalp(points), interpolateScalp(points, 0.1)];
  const shown = [...near.keys()].filter((i) => Number.isFinite(near[i]));
  // Three discs of radius 0.1 on a grid of 2.5 / 96: 3 pi 0.01 / (2.5 / 96)^2 = 139.
  expect(shown.length).toBeGreaterThan(125);
  expect(shown.length).toBeLessThan(155);
  expect(shown.every((i) => near[i] === whole[i])).toBe(true);
});
