/**
 * Electrode positions of the 10-20, 10-10 and 10-5 systems on a head of one's own, by measuring tape.
 *
 * Nz-Cz-Iz and LPA-Cz-RPA are taut curves over the scalp that halve each other in Cz; the ring runs at 10 % of both
 * through Fpz, T7, Oz, T8; every coronal row is the taut curve from its point on the left ring over the midline to the
 * right ring, in eighths of each half.
 *
 * @see Jasper 1958 (10-20); Oostenveld & Praamstra, Clin Neurophysiol 2001;112:713-9 (10-5); Jurcak et al., NeuroImage
 *   2007;34:1600-11 (unambiguous construction)
 */
import { DataError, type Montage, type Point, type Sensor, type Surface, sensorNamed } from "@quintet/core";
import { along, distance, tautCurve } from "./plane-cut.ts";

/** Midline points by their share of the way from Nz to Iz. */
const midline: readonly (readonly [name: string, share: number])[] = [
  ["NFpz", 5],
  ["Fpz", 10],
  ["AFpz", 15],
  ["AFz", 20],
  ["AFFz", 25],
  ["Fz", 30],
  ["FFCz", 35],
  ["FCz", 40],
  ["FCCz", 45],
  ["Cz", 50],
  ["CCPz", 55],
  ["CPz", 60],
  ["CPPz", 65],
  ["Pz", 70],
  ["PPOz", 75],
  ["POz", 80],
  ["POOz", 85],
  ["Oz", 90],
  ["OIz", 95],
];

/** Coronal rows: name of the inner electrodes, of the ring's electrode, and the row's share of the half ring from Fpz to Oz. */
const rows: readonly (readonly [row: string, ring: string, share: number])[] = [
  ["AFp", "AFp", 15],
  ["AF", "AF", 20],
  ["AFF", "AFF", 25],
  ["F", "F", 30],
  ["FFC", "FFT", 35],
  ["FC", "FT", 40],
  ["FCC", "FTT", 45],
  ["C", "T", 50],
  ["CCP", "TTP", 55],
  ["CP", "TP", 60],
  ["CPP", "TPP", 65],
  ["P", "P", 70],
  ["PPO", "PPO", 75],
  ["PO", "PO", 80],
  ["POO", "POO", 85],
];

/** Odd numbers left, even right; "h" halves. From the ring (outermost) inwards, in eighths of the half row. */
const columns: readonly (readonly [left: string, right: string, outer: boolean])[] = [
  ["7", "8", true],
  ["7h", "8h", true],
  ["5", "6", false],
  ["5h", "6h", false],
  ["3", "4", false],
  ["3h", "4h", false],
  ["1", "2", false],
  ["1h", "2h", false],
];

export type Fiducials = Readonly<Record<"Nz" | "Iz" | "LPA" | "RPA", Point>>;

/** @throws DataError `no-fiducials` naming what is missing */
export function fiducialsOf(montage: Montage): Fiducials {
  const at = (name: string): Point => {
    const position = sensorNamed(montage, name)?.position;
    if (!position)
      throw new DataError("no-fiducials", `the position of ${name} is not known`, { expected: "Nz, Iz, LPA and RPA" });
    return position;
  };
  return { Nz: at("Nz"), Iz: at("Iz"), LPA: at("LPA"), RPA: at("RPA") };
}

/**
 * All positions by name, in the scalp's space, marked as template positions.
 *
 * @throws DataError `collinear`, `no-cut`, `bad-fiducials` when left and right or front and back are swapped
 */
export function positions1005(scalp: Surface, fiducials: Fiducials): Montage {
  const { Nz, Iz, LPA, RPA } = fiducials;
  if (!(LPA[0] < RPA[0]) || !(Iz[1] < Nz[1])) {
    throw new DataError("bad-fiducials", "left lies at smaller x than right, and Iz behind Nz", {
      found: `LPA ${LPA}, RPA ${RPA}, Nz ${Nz}, Iz ${Iz}`,
    });
  }
  const Cz = vertex(scalp, fiducials);
  const sagittal = tautCurve(scalp, Nz, Cz, Iz);
  const coronal = tautCurve(scalp, LPA, Cz, RPA);
  const found = new Map<string, Point>(midline.map(([name, share]) => [name, along(sagittal, share / 100)]));
  const [Fpz, Oz] = [found.get("Fpz") as Point, found.get("Oz") as Point];
  const [T7, T8] = [along(coronal, 0.1), along(coronal, 0.9)];
  const [left, right] = [tautCurve(scalp, Fpz, T7, Oz), tautCurve(scalp, Fpz, T8, Oz)];
  const ringPoint = (share: number): readonly [Point, Point] => [
    along(left, (share - 10) / 80),
    along(right, (share - 10) / 80),
  ];
  for (const [name, share] of [
    ["Fp", 18],
    ["O", 82],
  ] as const) {
    const [l, r] = ringPoint(share);
    found.set(`${name}1`, l).set(`${name}2`, r);
  }
  for (const [row, ring, share] of rows) {
    const [l, r] = ringPoint(share);
    const middle = found.get(`${row}z`) ?? along(sagittal, share / 100);
    fillRow(found, scalp, row, ring, l, middle, r);
  }
  const sensors: Sensor[] = [...found].map(([name, position]) => ({
    name,
    kind: "electrode",
    position,
    template: true,
  }));
  const marks: Sensor[] = Object.entries(fiducials).map(([name, position]) => ({ name, kind: "fiducial", position }));
  return { space: scalp.space, sensors: [...sensors, ...marks, ...formerNames(found)] };
}

/** Cz: halves both the way from Nz to Iz and the way from ear to ear. */
function vertex(scalp: Surface, { Nz, Iz, LPA, RPA }: Fiducials): Point {
  const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2];
  const base = middle(middle(Nz, Iz), middle(LPA, RPA));
  let top: Point = [base[0], base[1], base[2] + 120];
  for (let round = 0; round < 20; round++) {
    const onSagittal = along(tautCurve(scalp, Nz, top, Iz), 0.5);
    const next = along(tautCurve(scalp, LPA, onSagittal, RPA), 0.5);
    const moved = distance(next, top);
    top = next;
    if (moved < 0.05) break;
  }
  return top;
}

function fillRow(
  found: Map<string, Point>,
  scalp: Surface,
  row: string,
  ring: string,
  left: Point,
  middle: Point,
  right: Point,
): void {
  const curve = tautCurve(scalp, left, middle, right);
  const nearest = curve.reduce(
    (best, p, i) => (distance(p, middle) < distance(curve[best] as Point, middle) ? i : best),
    0,
  );
  const [one, other] = [[...curve.slice(0, nearest), middle], [middle, ...curve.slice(nearest + 1)].reverse()];
  columns.forEach(([odd, even, outer], k) => {
    const name = outer ? ring : row;
    found.set(`${name}${odd}`, along(one, k / 8)).set(`${name}${even}`, along(other, k / 8));
  });
}

/** Names of the 10-20 system that 10-10 renamed. */
function formerNames(found: ReadonlyMap<string, Point>): Sensor[] {
  const renamed = { T3: "T7", T4: "T8", T5: "P7", T6: "P8" } as const;
  return Object.entries(renamed).flatMap(([old, now]) => {
    const position = found.get(now);
    return position ? [{ name: old, kind: "electrode" as const, position, template: true }] : [];
  });
}
