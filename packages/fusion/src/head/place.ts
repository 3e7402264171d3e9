import {
  type Affine,
  apply,
  DataError,
  type Montage,
  type Point,
  type Sensor,
  type Surface,
  type Transform,
} from "@quintet/core";
import { fiducialsOf } from "./fiducials.ts";
import { fitPoints } from "./fit.ts";
import { nearestOn } from "./mesh.ts";
import { positions1005 } from "./positions.ts";

export interface PlaceMontageOptions {
  /** Allow one factor of size (positions measured on another head, or in arbitrary units). Default false. */
  readonly scale?: boolean;
  /** Rounds of turning the sensors onto the scalp after the fit. Default 10; 0 keeps the fiducials' own fit. */
  readonly rounds?: number;
}

export interface PlacedMontage {
  /** In the scalp's space; sensors on the scalp, fiducials of the montage where the fit puts them. */
  readonly montage: Montage;
  /** Montage mm -> scalp mm; absent when the montage held no position at all. */
  readonly transform?: Transform;
  /** Which points it was fitted by. */
  readonly fittedBy: readonly string[];
  /** Root mean square distance of those points after the fit, mm. */
  readonly residual: number;
  /** How far each measured sensor was moved onto the scalp, mm. */
  readonly moved: ReadonlyMap<string, number>;
  /** Sensors with neither a position nor a 10-05 name. */
  readonly unplaced: readonly string[];
}

/**
 * Puts electrodes and optodes onto the subject's scalp.
 *
 * The montage is fitted by the fiducials it names (Nz, LPA, RPA, Iz); when it names fewer than three, by the electrodes
 * it shares with the 10-05 positions of this scalp. Sensors are then turned onto the scalp by rounds of nearest points
 * (each round fits fiducials and all sensors, the fiducials together weighing as much as the sensors), and at last each
 * is put on the scalp point nearest to it. A sensor without position but with a 10-05 name takes that position and is
 * marked `template: true`. No step can mirror: left stays left.
 *
 * @param montage positions in mm in its own space
 * @param fiducials of this head, in the scalp's space
 * @throws DataError `too-few-fiducials`, `collinear`, `space-mismatch`
 * @see Besl & McKay, IEEE TPAMI 1992;14:239-256 (iterated nearest points)
 */
export function placeMontage(
  montage: Montage,
  scalp: Surface,
  fiducials: Montage,
  { scale = false, rounds = 10 }: PlaceMontageOptions = {},
): PlacedMontage {
  const standard = positions1005(scalp, fiducials);
  const byName = new Map(standard.sensors.map((s) => [plainName(s.name), s.position as Point]));
  const measured = montage.sensors.filter((s) => s.position !== undefined);
  const nearest = nearestOn(scalp);
  const pairs = measured.length === 0 ? [] : namedPairs(montage, fiducials, byName);
  if (measured.length > 0 && pairs.length < 3) {
    throw new DataError("too-few-fiducials", "the montage shares too few named points with this head", {
      expected: "Nz, LPA and RPA, or three 10-05 electrodes",
      found: pairs.map((pair) => pair.name).join(", ") || "none",
    });
  }
  const matrix = pairs.length === 0 ? undefined : turnedOntoScalp(pairs, measured, nearest, scale, rounds);

  const moved = new Map<string, number>();
  const unplaced: string[] = [];
  const sensors = montage.sensors.map((sensor): Sensor => {
    if (sensor.position !== undefined && matrix !== undefined) {
      const there = apply(matrix, sensor.position);
      if (!onScalp(sensor)) return { ...sensor, position: there };
      const { point, distance } = nearest(there);
      moved.set(sensor.name, distance);
      return { ...sensor, position: point };
    }
    const position = byName.get(plainName(sensor.name));
    if (position !== undefined) return { ...sensor, position, template: true };
    unplaced.push(sensor.name);
    return sensor;
  });
  const placed = { montage: { space: scalp.space, sensors }, fittedBy: pairs.map((p) => p.name), moved, unplaced };
  if (matrix === undefined) return { ...placed, residual: 0 };
  const transform = { from: montage.space, to: scalp.space, matrix };
  return { ...placed, transform, residual: rootMeanSquare(pairs.map(({ from, to }) => gap(apply(matrix, from), to))) };
}

interface Pair {
  readonly name: string;
  readonly from: Point;
  readonly to: Point;
}

function namedPairs(montage: Montage, fiducials: Montage, standard: ReadonlyMap<string, Point>): Pair[] {
  const head = fiducialsOf(fiducials);
  const own = [...fiducialsOf(montage)].flatMap(([name, from]) => {
    const to = head.get(name);
    return to === undefined ? [] : [{ name, from, to }];
  });
  if (own.length >= 3) return own;
  return montage.sensors.flatMap(({ name, kind, position }) => {
    const to = standard.get(plainName(name));
    return kind !== "electrode" || position === undefined || to === undefined ? [] : [{ name, from: position, to }];
  });
}

function turnedOntoScalp(
  pairs: readonly Pair[],
  measured: readonly Sensor[],
  nearest: ReturnType<typeof nearestOn>,
  scale: boolean,
  rounds: number,
): Affine {
  const [from, to] = [pairs.map((p) => p.from), pairs.map((p) => p.to)];
  let matrix = fitPoints(from, to, { scale });
  const skin = measured.filter(onScalp).map((s) => s.position as Point);
  if (skin.length === 0) return matrix;
  const weights = [...pairs.map(() => skin.length / pairs.length), ...skin.map(() => 1)];
  for (let round = 0; round < rounds; round++) {
    const current = matrix;
    const targets = skin.map((p) => nearest(apply(current, p)).point);
    matrix = fitPoints([...from, ...skin], [...to, ...targets], { scale, weights });
  }
  return matrix;
}

function onScalp({ kind }: Sensor): boolean {
  return kind === "electrode" || kind === "source" || kind === "detector";
}

/** "EEG Fp1-Ref" and "FP1." are Fp1. */
function plainName(name: string): string {
  return name
    .replace(/^EEG\s+/i, "")
    .replace(/[-_ ](ref|le|avg|a1|a2|m1|m2)$/i, "")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}

function gap(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / Math.max(1, values.length));
}
