/** Electrodes and optodes brought from their own frame onto the scalp of this head. */
import {
  apply,
  DataError,
  type Millimetres,
  type Montage,
  type Point,
  type Sensor,
  type Surface,
  sensorNamed,
} from "@quintet/core";
import { distance } from "./plane-cut.ts";
import { type RigidFit, rigidFit } from "./rigid-fit.ts";

export interface PlacedMontage {
  /** In the scalp's space, sensors on the scalp. */
  readonly montage: Montage;
  /** "fiducials": measured positions by three or more fiducials; "electrodes": by electrodes of known names; "names": no positions. */
  readonly by: "fiducials" | "electrodes" | "names";
  /** Root mean square distance of what was matched, mm. */
  readonly residual: Millimetres;
  /** Median distance from where the fit put the sensors to the scalp they were moved onto, mm. */
  readonly toScalp: Millimetres;
  /** Sensors that were moved farther than `farthest`. */
  readonly far: readonly string[];
  /** Sensors without a place on this head. */
  readonly unplaced: readonly string[];
}

/** A sensor this far from the scalp after the fit is not where its file says. */
export const farthest: Millimetres = 20;
/** Scale beyond which positions are not of a human head in mm. */
const plausibleScale = [0.75, 1.35] as const;

/**
 * Places a montage. Measured positions are fitted rigidly by the fiducials they share with the head (three or more);
 * without fiducials, by electrodes whose 10-5 names this head knows (scaled, since such positions are often a
 * template's); without positions, names alone give template positions. Every sensor then moves to the nearest scalp point.
 *
 * @param known fiducials and 10-5 positions of this head (`positions1005`), in the scalp's space
 * @throws DataError `unplaceable` when nothing is shared, `bad-scale`, `collinear`
 */
export function placeMontage(montage: Montage, scalp: Surface, known: Montage): PlacedMontage {
  const own = montage.sensors.filter((sensor): sensor is Sensor & { position: Point } => sensor.position !== undefined);
  const shared = own.flatMap((sensor) => {
    const there = sensorNamed(known, sensor.name);
    return there?.position
      ? [{ name: sensor.name, from: sensor.position, to: there.position, fiducial: there.kind === "fiducial" }]
      : [];
  });
  const fiducials = shared.filter(({ fiducial }) => fiducial);
  const electrodes = shared.filter(({ fiducial }) => !fiducial);
  if (fiducials.length >= 3) return finish(montage, scalp, fitted(fiducials, false), "fiducials");
  if (electrodes.length >= 4) return finish(montage, scalp, fitted(electrodes, true), "electrodes");
  if (own.length === 0) return byNames(montage, known);
  throw new DataError("unplaceable", "nothing ties these positions to the head", {
    expected: "three fiducials (Nz, LPA, RPA) or four electrodes with 10-5 names",
    found: `${fiducials.length} fiducials, ${electrodes.length} known names among ${own.length} positions`,
  });
}

function fitted(pairs: readonly { from: Point; to: Point }[], scaled: boolean): RigidFit {
  const fit = rigidFit(
    pairs.map(({ from }) => from),
    pairs.map(({ to }) => to),
    { scaled },
  );
  if (fit.scale < plausibleScale[0] || fit.scale > plausibleScale[1]) {
    throw new DataError("bad-scale", "these positions are not those of a head in mm", {
      expected: `a scale of ${plausibleScale.join(" to ")}`,
      found: fit.scale.toPrecision(3),
    });
  }
  return fit;
}

function finish(
  montage: Montage,
  scalp: Surface,
  { matrix, residual }: RigidFit,
  by: PlacedMontage["by"],
): PlacedMontage {
  const nearest = nearestVertex(scalp);
  const moved: { sensor: Sensor; gap: number }[] = [];
  const unplaced: string[] = [];
  for (const sensor of montage.sensors) {
    if (!sensor.position) {
      unplaced.push(sensor.name);
      continue;
    }
    const there = apply(matrix, sensor.position);
    const position = nearest(there);
    moved.push({ sensor: { ...sensor, position }, gap: distance(there, position) });
  }
  const gaps = moved
    .filter(({ sensor }) => sensor.kind !== "fiducial")
    .map(({ gap }) => gap)
    .sort((a, b) => a - b);
  return {
    montage: { space: scalp.space, sensors: moved.map(({ sensor }) => sensor) },
    by,
    residual,
    unplaced,
    toScalp: gaps[gaps.length >> 1] ?? 0,
    far: moved.filter(({ gap }) => gap > farthest).map(({ sensor }) => sensor.name),
  };
}

function byNames(montage: Montage, known: Montage): PlacedMontage {
  const sensors: Sensor[] = [];
  const unplaced: string[] = [];
  for (const sensor of montage.sensors) {
    const position = sensorNamed(known, sensor.name)?.position;
    if (position) sensors.push({ ...sensor, position, template: true });
    else unplaced.push(sensor.name);
  }
  if (sensors.length === 0) {
    throw new DataError("unplaceable", "no sensor has a position or a 10-5 name", {
      found: montage.sensors
        .slice(0, 5)
        .map(({ name }) => name)
        .join(", "),
    });
  }
  return { montage: { space: known.space, sensors }, by: "names", residual: 0, toScalp: 0, far: [], unplaced };
}

/** The vertex nearest to a point; meshes of some ten thousand vertices need no tree for a hundred sensors. */
export function nearestVertex({ vertices }: Surface): (point: Point) => Point {
  return (point) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let i = 0; i < vertices.length; i += 3) {
      const d =
        ((vertices[i] as number) - point[0]) ** 2 +
        ((vertices[i + 1] as number) - point[1]) ** 2 +
        ((vertices[i + 2] as number) - point[2]) ** 2;
      if (d < least) [best, least] = [i, d];
    }
    return [vertices[best] as number, vertices[best + 1] as number, vertices[best + 2] as number];
  };
}
