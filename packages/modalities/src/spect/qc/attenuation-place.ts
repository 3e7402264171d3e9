import { type AttenuationMap, DataError, type QcFinding, type SpectProjections } from "@quintet/core";
import { bodyOutline, type OutlineEllipse } from "../correct/attenuation-maps.ts";

/** How an attenuation map lies to what the counts show. */
export interface AttenuationPlace {
  /** Share of the counts' outline that lies inside the map's, 0 to 1. */
  readonly covered: number;
  /** From the middle of the counts' outline to that of the map, mm along x, y, z. */
  readonly offset: readonly [x: number, y: number, z: number];
}

/** 1/cm: above air and foam, below half of water. */
const tissue = 0.03;
/** mm: where blurred counts fall to a fifth (bodyOutline) lies some 4 mm outside of what they come from. */
const margin = 5;
/**
 * Chosen here, by phantom heads (flow in all of the head, evenly filled, brain alone): their own map covers 0.99 and more; moved by
 * 20 mm 0.87 to 0.98 (of a brain alone, with room about it, all), by 30 mm 0.78 to 0.97, by 50 mm 0.6 to 0.75.
 */
const coverLimits = { ok: 0.98, warn: 0.9, least: 0.5 };
/** mm: heads are alike on both sides, so the two middles lie on one side line; chosen here. */
const sideLimit = 8;

/**
 * What gives counts attenuates: the counts' outline (bodyOutline's ellipses) must lie inside the map's. A line of a slice is inside
 * from its first voxel of tissue to its last, so that sinuses are no holes.
 *
 *   covered = |E and M| / |E|
 *
 * @param map on the image's grid
 * @returns undefined where no outline can be read: a fan beam, no counts
 * @throws DataError `shape-mismatch`
 */
export function attenuationPlace(map: AttenuationMap, projections: SpectProjections): AttenuationPlace | undefined {
  const outline = outlineOf(projections);
  if (!outline) return undefined;
  const [nx, ny, nz] = map.shape;
  if (outline.length !== nz)
    throw new DataError("shape-mismatch", "an outline has one ellipse a slice", {
      expected: `${nz}`,
      found: `${outline.length}`,
    });
  const m = map.affine;
  const [counts, tissues] = [middle(), middle()];
  let [all, both] = [0, 0];
  for (const [z, ellipse] of outline.entries()) {
    for (let y = 0; y < ny; y++) {
      const row = map.data.subarray((z * ny + y) * nx, (z * ny + y + 1) * nx);
      const [first, last] = [row.findIndex((mu) => mu > tissue), row.findLastIndex((mu) => mu > tissue)];
      for (let x = 0; x < nx; x++) {
        const at = [x, y, z].map((i, k) => (m[5 * k] as number) * i + (m[4 * k + 3] as number)) as Point3;
        const inside = first >= 0 && x >= first && x <= last;
        if (inside) tissues.add(at);
        if (!ellipse || !holds(ellipse, at[0], at[1])) continue;
        counts.add(at);
        all++;
        if (inside) both++;
      }
    }
  }
  if (all === 0) return undefined;
  const [from, to] = [counts.mean(), tissues.mean()];
  return { covered: both / all, offset: [to[0] - from[0], to[1] - from[1], to[2] - from[2]] };
}

type Point3 = [number, number, number];

function middle(): { add(p: Point3): void; mean(): Point3 } {
  let n = 0;
  const sum: Point3 = [0, 0, 0];
  return {
    add(p) {
      n++;
      for (const k of [0, 1, 2] as const) sum[k] += p[k];
    },
    mean: () => sum.map((s) => s / n) as Point3,
  };
}

/** (p - c)' S^-1 (p - c) <= 1, of the ellipse without its margin. */
function holds({ centre, shape: [xx, xy, yy] }: OutlineEllipse, px: number, py: number): boolean {
  const [x, y] = [px - centre[0], py - centre[1]];
  const determinant = xx * yy - xy * xy;
  const radius = determinant ** 0.25;
  const share = Math.max(0, 1 - margin / radius) ** 2;
  return yy * x * x - 2 * xy * x * y + xx * y * y <= share * determinant;
}

function outlineOf(projections: SpectProjections): readonly (OutlineEllipse | undefined)[] | undefined {
  try {
    return bodyOutline(projections);
  } catch (error) {
    if (error instanceof DataError && (error.code === "fan-beam" || error.code === "no-outline")) return undefined;
    throw error;
  }
}

/** @throws DataError `map-elsewhere` where less than half of what gives counts lies in the map */
export function refuseMapElsewhere({ covered, offset }: AttenuationPlace, file: string): void {
  if (covered >= coverLimits.least) return;
  throw new DataError("map-elsewhere", "the attenuation map lies elsewhere than what gives the counts", {
    file,
    expected:
      "a map in the scanner's coordinates: mm from the axis of rotation and the middle of the rows, as the image has",
    found: `${(100 * covered).toFixed(0)} % of the counts' outline inside it; middle of the map ${offset.map((mm) => mm.toFixed(0)).join(", ")} mm from the counts'`,
  });
}

export function attenuationFinding({ covered, offset }: AttenuationPlace): QcFinding {
  const aside = Math.abs(offset[0]) > sideLimit;
  return {
    modality: "spect",
    name: "attenuation-cover",
    value: 100 * covered,
    unit: "%",
    verdict: covered < coverLimits.warn ? "bad" : covered < coverLimits.ok || aside ? "warn" : "ok",
    note: `of the counts' outline inside the attenuation map's, whose middle lies ${offset.map((mm) => mm.toFixed(0)).join(", ")} mm (right, front, up) from it; ${100 * coverLimits.ok} and ${100 * coverLimits.warn} %, ${sideLimit} mm to a side chosen here`,
  };
}
