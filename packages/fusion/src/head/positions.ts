import { DataError, type Montage, type Point, type Sensor, type Surface } from "@quintet/core";
import { along, tape } from "./contour.ts";
import { fiducialsOf } from "./fiducials.ts";
import { add, cross, nearestOn, norm, scaled, subtract } from "./mesh.ts";

/** Midline Nz - Cz - Iz in steps of 5 %. */
const midline = "Nz NFpz Fpz AFpz AFz AFFz Fz FFCz FCz FCCz Cz CCPz CPz CPPz Pz PPOz POz POOz Oz OIz Iz".split(" ");
/** Rows from front to back at 15 .. 85 % of the half rings Fpz - T7 - Oz; [outer, inner] name stems. */
const rows: readonly (readonly [string, string])[] = [
  ["AFp", "AFp"],
  ["AF", "AF"],
  ["AFF", "AFF"],
  ["F", "F"],
  ["FFT", "FFC"],
  ["FT", "FC"],
  ["FTT", "FCC"],
  ["T", "C"],
  ["TTP", "CCP"],
  ["TP", "CP"],
  ["TPP", "CPP"],
  ["P", "P"],
  ["PPO", "PPO"],
  ["PO", "PO"],
  ["POO", "POO"],
];

/**
 * All 10-05 positions on a scalp, by arc lengths as with a tape measure.
 *
 * Cz halves both Nz - Cz - Iz and LPA - Cz - RPA. Midline and the coronal LPA - Cz - RPA are divided in steps of 5 %;
 * half rings Fpz - T7 - Oz and Fpz - T8 - Oz (and the lower ones through LPA/RPA and T9h/T10h) in steps of 5 %; each
 * row between its ring points through its midline point in eighths of each half. The tape bridges hollows; positions
 * are then put on the nearest scalp point.
 *
 * Left is odd and has x < 0. T9 and T10 are the preauricular points themselves, as in Oostenveld & Praamstra.
 * Old names T3 T4 T5 T6 are given beside T7 T8 P7 P8.
 *
 * @param fiducials holds Nz, LPA, RPA, Iz in the scalp's space
 * @throws DataError `too-few-fiducials`, `space-mismatch`, `collinear`, `no-contour`
 * @see Oostenveld & Praamstra, Clin Neurophysiol 2001;112:713-719; Jurcak et al., NeuroImage 2007;34:1600-1611
 */
export function positions1005(scalp: Surface, fiducials: Montage): Montage {
  if (fiducials.space !== scalp.space) {
    throw new DataError("space-mismatch", "fiducials and scalp must be in one space", {
      expected: scalp.space,
      found: fiducials.space,
    });
  }
  const named = fiducialsOf(fiducials);
  const [nz, lpa, rpa, iz] = ["Nz", "LPA", "RPA", "Iz"].map((name) => {
    const point = named.get(name);
    if (point === undefined) throw new DataError("too-few-fiducials", `10-05 positions need ${name}`);
    return point;
  }) as [Point, Point, Point, Point];
  const nearest = nearestOn(scalp);
  const snap = (p: Point): Point => nearest(p).point;
  const found = new Map<string, Point>([
    ["Nz", nz],
    ["LPA", lpa],
    ["RPA", rpa],
    ["Iz", iz],
    ["T9", lpa],
    ["T10", rpa],
  ]);
  const at = (name: string): Point => found.get(name) as Point;
  const divide = (line: readonly Point[], names: readonly string[]): void => {
    for (const [i, name] of names.entries()) {
      if (!found.has(name)) found.set(name, snap(along(line, i / (names.length - 1))));
    }
  };

  const cz = vertex(scalp, nz, lpa, rpa, iz, snap);
  found.set("Cz", cz);
  divide(tape(scalp, nz, cz, iz), midline);
  divide(
    tape(scalp, lpa, cz, rpa),
    "T9 T9h T7 T7h C5 C5h C3 C3h C1 C1h Cz C2h C2 C4h C4 C6h C6 T8h T8 T10h T10".split(" "),
  );
  for (const left of [true, false]) {
    const [outer, low, half] = left ? (["7", "9", "9h"] as const) : (["8", "10", "10h"] as const);
    const [one, oneHalf] = left ? ["1", "1h"] : ["2", "2h"];
    const ring = (front: readonly string[], back: readonly string[], row: string): string[] => [
      ...front,
      ...rows.map(([stem]) => stem + row),
      ...back,
    ];
    const rings = [
      ["Fpz", `T${outer}`, "Oz", ring(["Fpz", `Fp${oneHalf}`, `Fp${one}`], [`O${one}`, `O${oneHalf}`, "Oz"], outer)],
      [
        "NFpz",
        `T${half}`,
        "OIz",
        ring(["NFpz", `NFp${oneHalf}`, `NFp${one}`], [`OI${one}`, `OI${oneHalf}`, "OIz"], half),
      ],
      ["Nz", `T${low}`, "Iz", ring(["Nz", `N${oneHalf}`, `N${one}`], [`I${one}`, `I${oneHalf}`, "Iz"], low)],
    ] as const;
    for (const [from, via, to, names] of rings) divide(tape(scalp, at(from), at(via), at(to)), names);
  }
  for (const [stem, inner] of rows) {
    if (stem === "T") continue;
    const ends = [`${stem}7`, `${inner}z`, `${stem}8`] as const;
    const line = tape(scalp, at(ends[0]), at(ends[1]), at(ends[2]));
    const corner = line.reduce((best, p) =>
      norm(subtract(p, at(ends[1]))) < norm(subtract(best, at(ends[1]))) ? p : best,
    );
    const middle = line.indexOf(corner);
    const side = (odd: boolean): string[] => {
      const [n7, n5, n3, n1] = odd ? ["7", "5", "3", "1"] : ["8", "6", "4", "2"];
      return [
        `${stem}${n7}`,
        `${stem}${n7}h`,
        `${inner}${n5}`,
        `${inner}${n5}h`,
        `${inner}${n3}`,
        `${inner}${n3}h`,
        `${inner}${n1}`,
        `${inner}${n1}h`,
        ends[1],
      ];
    };
    divide([...line.slice(0, middle), at(ends[1])], side(true));
    divide([at(ends[1]), ...line.slice(middle + 1)], side(false).reverse());
  }
  for (const [old, now] of oldNames) found.set(old, at(now));
  const sensors = [...found].map(
    ([name, position]): Sensor => ({
      name,
      kind: isFiducial(name) ? "fiducial" : "electrode",
      position,
      template: true,
    }),
  );
  return { space: scalp.space, sensors };
}

const oldNames = [
  ["T3", "T7"],
  ["T4", "T8"],
  ["T5", "P7"],
  ["T6", "P8"],
] as const;

function isFiducial(name: string): boolean {
  return ["Nz", "LPA", "RPA", "Iz"].includes(name);
}

/** Where the halves of Nz - Cz - Iz and LPA - Cz - RPA meet, by turns until it stays within 0.05 mm. */
function vertex(scalp: Surface, nz: Point, lpa: Point, rpa: Point, iz: Point, snap: (p: Point) => Point): Point {
  const up = cross(subtract(rpa, lpa), subtract(nz, iz));
  const middle = scaled(add(add(add(nz, iz, 1), lpa, 1), rpa, 1), 1 / 4);
  let cz = snap(add(middle, up, 200 / (norm(up) || 1)));
  for (let round = 0; round < 20; round++) {
    const before = cz;
    cz = snap(along(tape(scalp, nz, cz, iz), 0.5));
    cz = snap(along(tape(scalp, lpa, cz, rpa), 0.5));
    if (norm(subtract(cz, before)) < 0.05) break;
  }
  return cz;
}
