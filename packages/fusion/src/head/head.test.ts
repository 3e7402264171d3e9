import {
  apply,
  type Grid,
  identityAffine,
  type Mask,
  type Montage,
  type Point,
  rigid,
  type Sensor,
  type Surface,
  type Volume,
} from "@quintet/core";
import { isosurface } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import * as door from "./index.ts";
import {
  cortexUnder,
  fitPoints,
  headFiducials,
  placeMontage,
  positions1005,
  scalpSurface,
  templateFiducials,
} from "./index.ts";

const radius = 90;
const grid: Grid = {
  shape: [52, 52, 52],
  affine: Float64Array.of(4, 0, 0, -102, 0, 4, 0, -102, 0, 0, 4, -102, 0, 0, 0, 1),
  space: "subject",
};
const ball = (r: number): Float32Array =>
  Float32Array.from({ length: 52 ** 3 }, (_, i) => {
    const p = apply(grid.affine, [i % 52, Math.floor(i / 52) % 52, Math.floor(i / 2704)]);
    return r - Math.hypot(...p);
  });
const sphere: Surface = isosurface(ball(radius), grid, 0);
const fiducial = (name: string, position: Point): Sensor => ({ name, kind: "fiducial", position });
// All four on the equator: the lower ring is then the equator itself.
const fiducials: Montage = {
  space: "subject",
  sensors: [
    fiducial("Nz", [0, radius, 0]),
    fiducial("LPA", [-radius, 0, 0]),
    fiducial("RPA", [radius, 0, 0]),
    fiducial("Iz", [0, -radius, 0]),
  ],
};
const positions = positions1005(sphere, fiducials);
const at = (name: string): Point => positions.sensors.find((s) => s.name === name)!.position!;
/** On the sphere, by angle from the vertex towards a direction in the x-y plane (degrees). */
const polar = (tilt: number, azimuth: number): Point => {
  const [t, a] = [(tilt * Math.PI) / 180, (azimuth * Math.PI) / 180];
  return [radius * Math.sin(t) * Math.cos(a), radius * Math.sin(t) * Math.sin(a), radius * Math.cos(t)];
};

describe("positions1005 on a sphere", () => {
  // 4-mm cells cut chords that lie up to 48 / (8 * 90) = 0.07 mm inside; arc lengths add up to some tenths.
  const close = 0.5;

  test.each([
    ["Cz", polar(0, 0)],
    ["Fpz", polar(72, 90)], // 10 % of 180 degrees from Nz
    ["Oz", polar(72, -90)],
    ["C3", polar(36, 180)], // 20 % of 180 degrees from Cz
    ["C4", polar(36, 0)],
    ["T7", polar(72, 180)],
    ["T8", polar(72, 0)],
    ["Fp1", polar(72, 108)], // 10 % of the half ring Fpz - T7 - Oz
    ["F7", polar(72, 144)],
    ["FCCz", polar(9, 90)],
    ["T9", polar(90, 180)],
    ["T9h", polar(81, 180)],
    ["PO9h", polar(81, 180 + 72 - 18)],
  ] as const)("%s stands where the definition puts it", (name, expected) => {
    expect(at(name)).toBeAllclose(expected, { atol: close });
  });

  test("left is odd and has x < 0, right is even and is its mirror image", () => {
    for (const { name, position } of positions.sensors) {
      const digit = Number(/(\d+)h?$/.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(digit)) continue;
      expect(Math.sign(position![0]), name).toBe(digit % 2 === 1 ? -1 : 1);
      const mirror = at(name.replace(/\d+/, `${digit % 2 === 1 ? digit + 1 : digit - 1}`));
      expect([-mirror[0], mirror[1], mirror[2]]).toBeAllclose(position!, { atol: close });
    }
    expect(at("T7")[0]).toBeLessThan(-80);
    expect(at("T8")[0]).toBeGreaterThan(80);
  });

  test("343 names of the 10-05 system and the four old ones, each on the scalp", () => {
    expect(positions.sensors.length).toBe(351);
    expect(new Set(positions.sensors.map((s) => s.name)).size).toBe(351);
    for (const { position } of positions.sensors) expect(Math.abs(Math.hypot(...position!) - radius)).toBeLessThan(0.2);
  });

  test("turning the head turns the positions with it", () => {
    const turn = rigid([10, -15, 30], [0, 0, 0]);
    const turned: Montage = {
      ...fiducials,
      sensors: fiducials.sensors.map((s) => ({ ...s, position: apply(turn, s.position!) })),
    };
    const there = positions1005(sphere, turned).sensors;
    for (const name of ["Cz", "C3", "F8", "PO7"]) {
      expect(there.find((s) => s.name === name)!.position!).toBeAllclose(apply(turn, at(name)), { atol: 2 * close });
    }
  });

  test("refuses missing fiducials and another space", () => {
    const three = { ...fiducials, sensors: fiducials.sensors.slice(0, 3) };
    expect(() => positions1005(sphere, three)).toThrow(expect.objectContaining({ code: "too-few-fiducials" }));
    expect(() => positions1005(sphere, { ...fiducials, space: "x" })).toThrow(
      expect.objectContaining({ code: "space-mismatch" }),
    );
  });
});

describe("fitPoints", () => {
  const points: Point[] = [
    [0, 0, 0],
    [50, 0, 0],
    [0, 80, 0],
    [10, 20, 60],
  ];

  test("undoes a known rigid map and a known factor", () => {
    const map = rigid([20, -40, 130], [5, 6, 7]);
    expect(
      fitPoints(
        points,
        points.map((p) => apply(map, p)),
      ),
    ).toBeAllclose(map, { atol: 1e-9 });
    const grown = points.map((p) => apply(map, p).map((v) => 1.3 * v) as unknown as Point);
    expect(fitPoints(points, grown, { scale: true })).toBeAllclose(
      map.map((v, i) => (i < 12 ? 1.3 * v : v)),
      { atol: 1e-8 },
    );
  });

  test("three coplanar points suffice and are never mirrored", () => {
    const three = points.slice(0, 3);
    const map = rigid([180, 0, 0], [0, 0, 0]);
    expect(
      fitPoints(
        three,
        three.map((p) => apply(map, p)),
      ),
    ).toBeAllclose(map, { atol: 1e-9 });
  });

  test.each([
    ["too-few-fiducials", points.slice(0, 2)],
    [
      "collinear",
      [
        [0, 0, 0],
        [1, 1, 1],
        [5, 5, 5],
      ],
    ],
    [
      "collinear",
      [
        [2, 2, 2],
        [2, 2, 2],
        [2, 2, 2],
      ],
    ],
  ] as const)("refuses: %s", (code, some) => {
    expect(() => fitPoints(some as Point[], some as Point[])).toThrow(expect.objectContaining({ code }));
  });
});

describe("placeMontage", () => {
  const away = rigid([15, 5, -50], [30, -20, 10]);
  const electrode = (name: string): Sensor => ({ name, kind: "electrode", position: apply(away, at(name)) });
  const measured: Montage = {
    space: "digitiser",
    sensors: [
      ...["nasion", "LPA", "RPA"].map((name, i) => fiducial(name, apply(away, fiducials.sensors[i]!.position!))),
      ...["T7", "T8", "C3", "Oz"].map(electrode),
      { name: "EEG F8-REF", kind: "electrode" },
      { name: "X17", kind: "electrode" },
    ],
  };

  test("fits by fiducials, names the template positions, and T7 stays left", () => {
    const placed = placeMontage(measured, sphere, fiducials);
    const sensor = (name: string): Sensor => placed.montage.sensors.find((s) => s.name === name)!;
    expect(placed.fittedBy).toEqual(["Nz", "LPA", "RPA"]);
    expect(placed.residual).toBeLessThan(0.5);
    expect(sensor("T7").position!).toBeAllclose(at("T7"), { atol: 0.5 });
    expect([sensor("T7").position![0] < 0, sensor("T8").position![0] > 0]).toEqual([true, true]);
    expect(sensor("EEG F8-REF")).toMatchObject({ template: true, position: at("F8") });
    expect(placed.unplaced).toEqual(["X17"]);
    expect(Math.max(...placed.moved.values())).toBeLessThan(0.5);
    expect(placed.montage.space).toBe("subject");
  });

  test("without fiducials the named electrodes fit it, also from a head of another size", () => {
    const sensors = ["Fp1", "T7", "T8", "Oz", "Cz"]
      .map(electrode)
      .map((s) => ({ ...s, position: s.position!.map((v) => v * 0.9) as unknown as Point }));
    const placed = placeMontage({ space: "digitiser", sensors }, sphere, fiducials, { scale: true });
    expect(placed.fittedBy.length).toBe(5);
    expect(placed.montage.sensors[1]!.position!).toBeAllclose(at("T7"), { atol: 0.6 });
  });

  test("a montage of names alone is all template", () => {
    const placed = placeMontage({ space: "?", sensors: [{ name: "T3", kind: "electrode" }] }, sphere, fiducials);
    expect(placed.montage.sensors[0]).toMatchObject({ template: true, position: at("T7") });
    expect(placed.transform).toBeUndefined();
  });

  test("refuses two fiducials and fiducials on one line", () => {
    const two = { ...measured, sensors: measured.sensors.slice(0, 2) };
    expect(() => placeMontage(two, sphere, fiducials)).toThrow(expect.objectContaining({ code: "too-few-fiducials" }));
    const line = ["Nz", "LPA", "RPA"].map((name, i) => fiducial(name, [i * 10, 0, 0]));
    expect(() => placeMontage({ space: "d", sensors: line }, sphere, fiducials)).toThrow(
      expect.objectContaining({ code: "collinear" }),
    );
  });
});

describe("cortexUnder", () => {
  const brain: Mask = { ...grid, data: Uint8Array.from(ball(70), (v) => (v >= 0 ? 1 : 0)) };

  test("under C3 it lies 20 mm deep on the same radius, with and without the normal", () => {
    const c3 = at("C3");
    for (const normal of [undefined, c3]) {
      const under = cortexUnder(c3, brain, normal)!;
      expect(Math.abs(under.depth - 20)).toBeLessThan(2.5); // half a 4-mm voxel's diagonal is 3.5, seen obliquely
      expect(under.point[0]).toBeLessThan(0);
    }
  });

  test("nothing within 60 mm is undefined; an empty mask is refused", () => {
    expect(cortexUnder([0, 0, -140], brain)).toBeUndefined();
    expect(() => cortexUnder([0, 0, 0], { ...brain, data: new Uint8Array(52 ** 3) })).toThrow(
      expect.objectContaining({ code: "empty-region" }),
    );
  });
});

describe("scalpSurface and headFiducials", () => {
  const head: Volume = {
    ...grid,
    unit: "{arbitrary}",
    frames: [{ start: 0, duration: 0 }],
    clock: "scanner",
    data: ball(radius).map((d) => (d < 0 ? 3 : d < 8 ? 100 : d < 15 ? 8 : 80)), // scalp, dark skull, brain
  };
  const scalp = scalpSurface(head, { resolution: 4 });

  test("the dark skull is filled and the outline is the head's", () => {
    const radii = Array.from({ length: scalp.vertices.length / 3 }, (_, i) =>
      Math.hypot(...scalp.vertices.subarray(i * 3, i * 3 + 3)),
    );
    expect(radii.reduce((a, b) => a + b, 0) / radii.length).toBeCloseTo(radius, 0);
    expect(Math.max(...radii) - Math.min(...radii)).toBeLessThan(6); // 4-mm steps of the mask's outline
  });

  test("template fiducials land on the scalp; a wrong registration is told", () => {
    const map = { from: "MNI", to: "subject", matrix: identityAffine() };
    const near = { ...map, matrix: Float64Array.of(0.95, 0, 0, 0, 0, 0.95, 0, 15, 0, 0, 0.95, 25, 0, 0, 0, 1) };
    for (const { position } of headFiducials(near, scalp).sensors)
      expect(Math.abs(Math.hypot(...position!) - radius)).toBeLessThan(4);
    expect([...templateFiducials.keys()]).toEqual(["Nz", "LPA", "RPA", "Iz"]);
    const wrong = { ...map, matrix: rigid([0, 0, 0], [0, 0, 200]) };
    expect(() => headFiducials(wrong, scalp)).toThrow(expect.objectContaining({ code: "fiducial-off-head" }));
  });

  test("an empty field is no head", () => {
    const empty = { ...head, data: head.data.map((_, i) => (i % 4999 === 0 ? 1 : 0)) };
    expect(() => scalpSurface(empty, { resolution: 4 })).toThrow(expect.objectContaining({ code: "no-head" }));
  });
});

test("the door", () => {
  expect(Object.keys(door).sort()).toEqual([
    "cortexUnder",
    "fiducialsOf",
    "fitPoints",
    "headFiducials",
    "nearestOn",
    "placeMontage",
    "positions1005",
    "scalpSurface",
    "templateFiducials",
  ]);
});
