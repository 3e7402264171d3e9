import { DataError } from "./data-error.ts";
import { checkScanner, detectorsPerRing, evenRings, type PetScanner, ringCount, ringPositions } from "./scanner.ts";
import type { Millimetres, Seconds } from "./units.ts";

/**
 * How a sinogram is cut. A bin is (view, tangential bin, TOF bin, plane).
 *
 * Views and tangential bins. Without `arc` a bin is a pair of detectors of a ring of N: with u = bin - floor(bins / 2),
 *   a = view + floor(u / 2),   b = view - ceil(u / 2) + N / 2   (mod N),   view 0 .. N/2 - 1
 * so that every pair is there once. In a circle it lies at s = R sin(pi u / N) from the axis. With `arc` a bin is the line
 *   x cos(phi) + y sin(phi) = s,  phi = pi/2 + tilt + pi view / views,  s = (bin - (bins - 1) / 2) arc.width
 * with its ends on the detectors' circle (a polygon's inscribed one).
 *
 * Planes: the michelogram. Ring pairs (ra of a, rb of b) whose difference rb - ra falls into a segment of `span`
 * differences around segment * span and whose sum is equal share a plane. Planes are ordered by segment 0, 1, -1, 2,
 * -2, ... and along z within one.
 *
 * TOF: bin k collects the arrival differences t_a - t_b within `width` ps around (k - (bins - 1) / 2) width; a positive
 * one comes from b's half of the line.
 */
export interface SinogramLayout {
  readonly scanner: PetScanner;
  readonly views: number;
  readonly bins: number;
  readonly arc?: { readonly width: Millimetres };
  /** Odd; 1 wherever the rings have gaps. */
  readonly span: number;
  readonly maxRingDifference: number;
  /** Bins (mashed or not), their width in ps; the resolution (full width at half maximum, ps) is the scanner's. */
  readonly timeOfFlight?: { readonly bins: number; readonly width: number };
}

/** Counts or any value a bin; C-ordered [view][bin][tof][plane], the plane fastest. */
export interface Sinogram {
  readonly layout: SinogramLayout;
  readonly data: Float32Array;
}

/** One plane: where its lines end along the axis, and the ring pairs that fall into it. */
export interface SinogramPlane {
  readonly segment: number;
  /** z in mm of the end at detector a and at detector b. */
  readonly za: Millimetres;
  readonly zb: Millimetres;
  /** Rings (of a, of b). */
  readonly pairs: readonly (readonly [ra: number, rb: number])[];
}

/** Coincidences one by one, in columns. Detector numbers are those of the whole scanner. */
export interface ListMode {
  readonly scanner: PetScanner;
  /** The named clock `time` is on. */
  readonly clock: string;
  readonly time: Float64Array;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  /** t_a - t_b in ps; absent without TOF. */
  readonly timeDifference?: Float32Array;
  /** 1 where the coincidence was found in the delayed window. */
  readonly delayed?: Uint8Array;
  readonly start: Seconds;
  readonly duration: Seconds;
}

/** @throws DataError `bad-scanner`, `bad-layout` */
export function checkLayout(layout: SinogramLayout): void {
  const { scanner, views, bins, arc, span, maxRingDifference, timeOfFlight } = layout;
  checkScanner(scanner);
  const half = detectorsPerRing(scanner) / 2;
  const wrong = [
    [
      arc === undefined ? views === half : Number.isInteger(views) && views > 0 && views < 1e5,
      `views ${views} of ${half}`,
    ],
    [Number.isInteger(bins) && bins > 0 && (arc ? bins < 1e5 : bins < 2 * half), `bins ${bins}`],
    [arc === undefined || (arc.width > 0 && (arc.width * bins) / 2 < circleRadius(scanner)), "bins beyond the ring"],
    [Number.isInteger(span) && span > 0 && span % 2 === 1, `span ${span}`],
    [span === 1 || evenRings(scanner), `span ${span} over rings with gaps`],
    [
      Number.isInteger(maxRingDifference) && maxRingDifference >= 0 && maxRingDifference < ringCount(scanner),
      `maxRingDifference ${maxRingDifference} of ${ringCount(scanner)} rings`,
    ],
    [
      timeOfFlight === undefined ||
        (scanner.timeOfFlight !== undefined &&
          Number.isInteger(timeOfFlight.bins) &&
          timeOfFlight.bins > 0 &&
          timeOfFlight.bins < 1e4 &&
          timeOfFlight.width > 0),
      `timeOfFlight ${JSON.stringify(timeOfFlight)}`,
    ],
  ]
    .filter(([fine]) => fine !== true)
    .map(([, what]) => what);
  if (wrong.length > 0) {
    throw new DataError("bad-layout", `a sinogram of ${scanner.name} cannot be cut so`, { found: wrong.join(", ") });
  }
}

/** Radius in mm of the circle on which detectors interact; of a polygon the inscribed one. */
export function circleRadius({ ring, depth }: PetScanner): number {
  return depth + (ring.kind === "cylinder" ? ring.radius : ring.apothem);
}

/** The planes of the michelogram in the sinogram's order. @throws DataError `bad-scanner`, `bad-layout` */
export function sinogramPlanes(layout: SinogramLayout): readonly SinogramPlane[] {
  checkLayout(layout);
  const { scanner, span, maxRingDifference } = layout;
  const rings = ringCount(scanner);
  const z = ringPositions(scanner);
  const reach = (span - 1) / 2;
  const segments = Math.floor((maxRingDifference + reach) / span);
  const planes: SinogramPlane[] = [];
  for (let i = 0; i <= 2 * segments; i++) {
    const segment = i % 2 === 1 ? (i + 1) / 2 : -i / 2 || 0;
    const lowest = Math.max(segment * span - reach, -maxRingDifference);
    const highest = Math.min(segment * span + reach, maxRingDifference);
    for (let sum = 0; sum <= 2 * (rings - 1); sum++) {
      const pairs: [number, number][] = [];
      for (let difference = lowest; difference <= highest; difference++) {
        const ra = (sum - difference) / 2;
        const rb = ra + difference;
        if (Number.isInteger(ra) && ra >= 0 && rb >= 0 && ra < rings && rb < rings) pairs.push([ra, rb]);
      }
      const [first] = pairs;
      if (first === undefined) continue;
      const middle = ((z[first[0]] as number) + (z[first[1]] as number)) / 2;
      const half =
        span === 1
          ? ((z[first[1]] as number) - (z[first[0]] as number)) / 2
          : ((lowest + highest) / 4) * scanner.axial.pitch;
      planes.push({ segment, za: middle - half, zb: middle + half, pairs });
    }
  }
  return planes;
}

/** Values in a sinogram of this layout. */
export function sinogramSize(layout: SinogramLayout): number {
  return layout.views * layout.bins * (layout.timeOfFlight?.bins ?? 1) * sinogramPlanes(layout).length;
}

/** The two detectors of a ring that a bin of an uncorrected sinogram joins. */
export function detectorsOfBin(layout: SinogramLayout, view: number, bin: number): readonly [a: number, b: number] {
  const n = detectorsPerRing(layout.scanner);
  const u = bin - (layout.bins >> 1);
  return [(view + (u >> 1) + n) % n, (view - ((u + 1) >> 1) + n / 2 + n) % n];
}

/**
 * The bin of a pair of detectors of a ring; `swapped` where the sinogram calls the second one a.
 * @returns undefined when the pair lies outside the tangential bins
 */
export function binOfDetectors(
  layout: SinogramLayout,
  a: number,
  b: number,
): { readonly view: number; readonly bin: number; readonly swapped: boolean } | undefined {
  const n = detectorsPerRing(layout.scanner);
  for (const swapped of [false, true]) {
    const [first, second] = swapped ? [b, a] : [a, b];
    const turn = (first - second + n / 2 + 2 * n) % n;
    const u = turn >= n / 2 ? turn - n : turn;
    const view = (first - (u >> 1) + n) % n;
    if (view >= n / 2) continue;
    const bin = u + (layout.bins >> 1);
    return bin >= 0 && bin < layout.bins && a !== b ? { view, bin, swapped } : undefined;
  }
  return undefined;
}
