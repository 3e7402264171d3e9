/** Electrodes and optodes on this head's scalp, with what the fit was worth. */
import { DataError, type Modality, type Montage, type Point, type QcFinding } from "@quintet/core";
import { cortexUnder, fiducialsOf, nearestOn, placeMontage } from "@quintet/fusion/head";
import { type Anatomy, finding, type HeadFrame } from "./outcome.ts";

export interface SensorsOnHead {
  readonly montage: Montage;
  /** The brain under a scalp point, subject:T1w mm. */
  cortexUnder(sensor: Point): Point | undefined;
}

export interface Placement {
  /** Absent when nothing ties the montage to this head; a finding then says why. */
  readonly head?: SensorsOnHead;
  readonly qc: readonly QcFinding[];
}

/** mm: a sensor moved farther onto the scalp is not where its file says. */
const farMove = 15;

export function sensorsOnHead(
  modality: Modality,
  montage: Montage,
  anatomy: Anatomy,
  { fiducials }: HeadFrame,
): Placement {
  try {
    const own = fiducialsOf(montage).size >= 3;
    const placed = placeMontage(montage, anatomy.scalp, fiducials, { scale: !own });
    const nearest = nearestOn(anatomy.scalp);
    const moves = [...placed.moved.values()].sort((a, b) => a - b);
    const median = moves[moves.length >> 1] ?? 0;
    const far = [...placed.moved].filter(([, mm]) => mm > farMove).map(([name]) => name);
    const by =
      moves.length === 0
        ? "template positions by 10-05 names"
        : own
          ? "fitted by fiducials and scalp"
          : `fitted by ${placed.fittedBy.length} electrodes of known names, with scale`;
    return {
      head: {
        montage: placed.montage,
        cortexUnder: (sensor) => {
          const { point, normal } = nearest(sensor);
          return cortexUnder(point, anatomy.brain, normal)?.point;
        },
      },
      qc: [
        finding(
          modality,
          "sensor-fit",
          placed.residual,
          placed.residual > 12 ? "warn" : "ok",
          `${by}; root mean square of the matched points`,
          "mm",
        ),
        finding(
          modality,
          "sensor-to-scalp",
          median,
          median > 6 || far.length > 0 ? "warn" : "ok",
          far.length > 0 ? `far from the scalp: ${far.join(", ")}` : "median distance moved onto the scalp",
          "mm",
        ),
        ...(placed.unplaced.length > 0
          ? [
              finding(
                modality,
                "sensors-unplaced",
                placed.unplaced.length,
                "warn",
                placed.unplaced.slice(0, 12).join(", "),
                "{count}",
              ),
            ]
          : []),
      ],
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { qc: [finding(modality, "sensor-placement", "none", "warn", error.message)] };
  }
}
