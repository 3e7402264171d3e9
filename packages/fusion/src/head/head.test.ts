import { readFileSync } from "node:fs";
import { affineOf, apply, type Mask, type Montage, type Point, rigid, sensorNamed } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import * as door from "./index.ts";
import {
  cortexFinder,
  fiducialsOf,
  headFiducials,
  placeMontage,
  positions1005,
  rigidFit,
  scalpSurface,
  templateFiducials,
} from "./index.ts";
import { along, distance, lengths, tautCurve } from "./plane-cut.ts";

/** A ball of radius `r` mm around the origin on 2-mm voxels. */
function ball(r: number): Mask {
  const n = 2 * Math.ceil((r + 6) / 2) + 1;
  const half = ((n - 1) / 2) * 2;
  const data = new Uint8Array(n ** 3);
  for (let z = 0; z < n; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++)
        if (Math.hypot(2 * x - half, 2 * y - half, 2 * z - half) <= r) data[(z * n + y) * n + x] = 1;
  return {
    shape: [n, n, n],
    affine: affineOf([2, 0, 0, -half, 0, 2, 0, -half, 0, 0, 2, -half]),
    space: "subject:T1w",
    data,
  };
}

const radius = 90;
const scalp = scalpSurface(ball(radius));
const fiducials = { Nz: [0, radius, 0], Iz: [0, -radius, 0], LPA: [-radius, 0, 0], RPA: [radius, 0, 0] } as const;

describe("scalpSurface", () => {
  test("a ball of 90 mm comes back within the half diagonal of its 2-mm voxels, 1.7 mm", () => {
    const r = Array.from({ length: scalp.vertices.length / 3 }, (_, i) =>
      Math.hypot(...scalp.vertices.subarray(3 * i, 3 * i + 3)),
    );
    expect(Math.min(...r)).toBeGreaterThan(radius - 1.7);
    expect(Math.max(...r)).toBeLessThan(radius + 1.7);
  });
  test("closed: every edge belongs to two faces, Euler number 2", () => {
    const edges = new Map<string, number>();
    const { faces } = scalp;
    for (let f = 0; f < faces.length; f += 3)
      for (let k = 0; k < 3; k++) {
        const key = [faces[f + k], faces[f + ((k + 1) % 3)]].sort((a, b) => a - b).join();
        edges.set(key, (edges.get(key) ?? 0) + 1);
      }
    expect(new Set(edges.values())).toEqual(new Set([2]));
    expect(scalp.vertices.length / 3 - edges.size + faces.length / 3).toBe(2);
  });
  test("a head that touches the border still closes, an empty one is refused", () => {
    expect(scalpSurface({ ...ball(20), data: ball(20).data.fill(1) }).faces.length).toBeGreaterThan(100);
    expect(() => scalpSurface({ ...ball(20), data: ball(20).data.fill(0) })).toThrow(/empty/);
  });
});

describe("tautCurve", () => {
  test("over a ball it is half a great circle: pi r within 1 %", () => {
    const curve = tautCurve(scalp, fiducials.LPA, [0, 0, radius], fiducials.RPA);
    expect(Math.abs((lengths(curve).at(-1) as number) / (Math.PI * radius) - 1)).toBeLessThan(0.01);
    expect(distance(along(curve, 0.5), [0, 0, radius])).toBeLessThan(2);
    expect(along(curve, 0)).toEqual(fiducials.LPA);
    expect(distance(along(curve, 1), fiducials.RPA)).toBeLessThan(1e-9);
  });
  test("three points on a line are refused", () => {
    expect(() => tautCurve(scalp, [-1, 0, 0], [0, 0, 0], [1, 0, 0])).toThrow(/line/);
  });
});

describe("positions1005", () => {
  const known = positions1005(scalp, fiducials);
  const at = (name: string): Point => sensorNamed(known, name)?.position as Point;
  test("on a ball by hand: Cz on top, Fpz 18 degrees up, C3 at 20 % of the way from Cz, T7 near the left ear", () => {
    expect(distance(at("Cz"), [0, 0, radius])).toBeLessThan(1.5);
    expect(distance(at("Fpz"), [0, radius * Math.cos(Math.PI / 10), radius * Math.sin(Math.PI / 10)])).toBeLessThan(2);
    expect(distance(at("C3"), [-radius * Math.sin(Math.PI / 5), 0, radius * Math.cos(Math.PI / 5)])).toBeLessThan(2);
    expect(distance(at("T7"), [-radius * Math.cos(Math.PI / 10), 0, radius * Math.sin(Math.PI / 10)])).toBeLessThan(2);
  });
  test("left is left: odd numbers at x < 0, even at x > 0, z on the midline", () => {
    for (const { name, position, kind } of known.sensors) {
      if (kind !== "electrode" || !position) continue;
      const number = /(\d+)h?$/.exec(name)?.[1];
      if (number === undefined) expect(Math.abs(position[0]), name).toBeLessThan(1.5);
      else expect(Math.sign(position[0]), name).toBe(Number(number) % 2 ? -1 : 1);
    }
  });
  test("mirrored within a millimetre and a half", () => {
    for (const [l, r] of [
      ["F3", "F4"],
      ["T7", "T8"],
      ["PO7", "PO8"],
      ["FFC5h", "FFC6h"],
    ] as const) {
      expect(distance(at(l), [-at(r)[0], at(r)[1], at(r)[2]]), l).toBeLessThan(1.5);
    }
  });
  test("the names of 10-20 and its former ones are there", () => {
    for (const name of [
      "Fp1",
      "Fp2",
      "F7",
      "F3",
      "Fz",
      "F4",
      "F8",
      "T7",
      "T3",
      "C3",
      "Cz",
      "C4",
      "T8",
      "P7",
      "T5",
      "P3",
      "Pz",
      "P4",
      "P8",
      "O1",
      "Oz",
      "O2",
      "AF7",
      "FT8",
      "CP5",
      "POz",
    ])
      expect(at(name), name).toBeDefined();
  });
  test("swapped sides are refused", () => {
    expect(() => positions1005(scalp, { ...fiducials, LPA: fiducials.RPA, RPA: fiducials.LPA })).toThrow(/left/);
    expect(() => fiducialsOf({ space: "x", sensors: [] })).toThrow(/Nz/);
  });

  describe("placeMontage", () => {
    const moved = (
      names: readonly string[],
      kind: "electrode" | "fiducial",
      matrix = rigid([10, -20, 160], [30, 5, -8]),
    ): Montage => ({
      space: "cap",
      sensors: names.map((name) => ({ name, kind, position: apply(matrix, at(name)) })),
    });
    test("three fiducials undo any pose", () => {
      const cap = moved(["Nz", "LPA", "RPA"], "fiducial");
      const optode = {
        name: "S1",
        kind: "source" as const,
        position: apply(rigid([10, -20, 160], [30, 5, -8]), at("C3")),
      };
      const placed = placeMontage({ ...cap, sensors: [...cap.sensors, optode] }, scalp, known);
      expect(placed.by).toBe("fiducials");
      expect(placed.residual).toBeLessThan(1e-9);
      expect(distance(sensorNamed(placed.montage, "S1")?.position as Point, at("C3"))).toBeLessThan(3);
    });
    test("without fiducials, known electrode names do, scale included", () => {
      const placed = placeMontage(
        moved(["C3", "C4", "Fz", "Pz", "O1"], "electrode", affineOf([0.9, 0, 0, 5, 0, 0.9, 0, 0, 0, 0, 0.9, 9])),
        scalp,
        known,
      );
      expect(placed.by).toBe("electrodes");
      expect(distance(sensorNamed(placed.montage, "O1")?.position as Point, at("O1"))).toBeLessThan(3);
    });
    test("names alone give template positions and say so", () => {
      const placed = placeMontage(
        {
          space: "names",
          sensors: [
            { name: "T8", kind: "electrode" },
            { name: "X9", kind: "electrode" },
          ],
        },
        scalp,
        known,
      );
      expect(placed).toMatchObject({ by: "names", unplaced: ["X9"] });
      expect(placed.montage.sensors[0]).toMatchObject({ name: "T8", template: true });
      expect(placed.montage.sensors[0]?.position?.[0]).toBeGreaterThan(0);
    });
    test("a sensor far from the head is named", () => {
      const cap = moved(["Nz", "LPA", "RPA"], "fiducial", rigid([0, 0, 0], [0, 0, 0]));
      const placed = placeMontage(
        { ...cap, sensors: [...cap.sensors, { name: "far", kind: "electrode", position: [0, 0, 130] }] },
        scalp,
        known,
      );
      expect(placed.far).toEqual(["far"]);
    });
    test.each([
      ["unplaceable", { space: "x", sensors: [{ name: "S1", kind: "source", position: [0, 0, 0] }] }],
      ["unplaceable", { space: "x", sensors: [{ name: "X1", kind: "electrode" }] }],
      ["bad-scale", moved(["C3", "C4", "Fz", "Pz"], "electrode", affineOf([9, 0, 0, 0, 0, 9, 0, 0, 0, 0, 9, 0]))],
    ] as const)("%s is refused", (code, montage) => {
      expect(() => placeMontage(montage as Montage, scalp, known)).toThrow(expect.objectContaining({ code }));
    });
  });
});

describe("rigidFit", () => {
  test("recovers rotation, shift and scale exactly from noise-free pairs", () => {
    const random = seededRandom(4);
    const from = Array.from(
      { length: 6 },
      (): Point => [random.normal() * 50, random.normal() * 50, random.normal() * 50],
    );
    const truth = rigid([20, 30, -150], [5, -6, 7]);
    const fit = rigidFit(
      from,
      from.map((p) => apply(truth, p)),
    );
    expect(fit.matrix).toBeAllclose(truth, { atol: 1e-9 });
    const scaled = rigidFit(
      from,
      from.map((p) => apply(truth, p).map((x) => 1.2 * x) as unknown as Point),
      { scaled: true },
    );
    expect(scaled.scale).toBeCloseTo(1.2, 9);
  });
  test("never a reflection", () => {
    const from: Point[] = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const { matrix } = rigidFit(
      from,
      from.map(([x, y, z]) => [-x, y, z]),
    );
    const det =
      matrix[0] * (matrix[5] * matrix[10] - matrix[6] * matrix[9]) -
      matrix[1] * (matrix[4] * matrix[10] - matrix[6] * matrix[8]) +
      matrix[2] * (matrix[4] * matrix[9] - matrix[5] * matrix[8]);
    expect(det).toBeCloseTo(1, 9);
  });
  test("two points and collinear ones are refused", () => {
    expect(() =>
      rigidFit(
        [
          [0, 0, 0],
          [1, 0, 0],
        ],
        [
          [0, 0, 0],
          [1, 0, 0],
        ],
      ),
    ).toThrow(/three/);
    expect(() =>
      rigidFit(
        [
          [0, 0, 0],
          [1, 0, 0],
          [2, 0, 0],
        ],
        [
          [0, 0, 0],
          [1, 0, 0],
          [2, 0, 0],
        ],
      ),
    ).toThrow(/line/);
  });
});

describe("cortexFinder", () => {
  test("under a sensor 20 mm above a ball of 70 mm lies the ball's surface", () => {
    const under = cortexFinder(ball(70))([0, 0, 90]);
    expect(under?.depth).toBeGreaterThan(18);
    expect(under?.depth).toBeLessThan(22);
    expect(under?.point[2]).toBeGreaterThan(67);
  });
  test("an empty brain has none", () => {
    expect(cortexFinder({ ...ball(10), data: ball(10).data.fill(0) })([0, 0, 9])).toBeUndefined();
  });
});

test("MNI fiducials land on the scalp, left on the left", () => {
  const mni = templateFiducials("MNI152NLin2009cAsym");
  expect(templateFiducials("somewhere")).toBeUndefined();
  const placed = headFiducials(mni as NonNullable<typeof mni>, (p) => p, scalp);
  expect(placed.sensors.find(({ name }) => name === "LPA")?.position?.[0]).toBeLessThan(0);
});

/** The scalp of Colin27 stands for itself: its published 10-5 positions against those measured on its outline. */
describeRealData("Colin27's published 10-5 positions", ["head/mne_montages/colin27_1005.elc"], (elc) => {
  test("a ball of Colin's size keeps the published sides and order", () => {
    const lines = readFileSync(elc, "utf8").split("\n");
    const [from, to] = [lines.indexOf("Positions"), lines.indexOf("Labels")];
    const labels = lines.slice(to + 1);
    const published = new Map(lines.slice(from + 1, to).map((line, i) => [labels[i], line.split(/\s+/).map(Number)]));
    for (const name of ["Nz", "Iz", "LPA", "RPA"])
      expect(templateFiducials("Colin27")?.[name as "Nz"]).toBeAllclose(published.get(name) as number[], {
        atol: 1e-3,
      });
  });
});

test("the door", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "cortexFinder",
      "farthest",
      "fiducialsOf",
      "headFiducials",
      "nearestVertex",
      "placeMontage",
      "positions1005",
      "rigidFit",
      "scalpSurface",
      "templateFiducials",
    ]
  `);
});
