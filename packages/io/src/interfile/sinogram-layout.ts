/** How the projections of a STIR header are cut and in which order they are stored: read from labels, never assumed. */
import { checkLayout, DataError, detectorsPerRing, ringCount, type SinogramLayout } from "@quintet/core";
import { type DataSets, dataSetsOf } from "./data-sets.ts";
import { type InterfileFacts, interfileFacts } from "./frames.ts";
import {
  type InterfileHeader,
  interfileCount,
  interfileList,
  interfileNumber,
  interfileNumbers,
  interfileText,
  requiredText,
} from "./header.ts";
import { interfileScanner, type KnownScanner } from "./scanner.ts";

export const storedAxes = ["tangential coordinate", "axial coordinate", "view", "segment", "timing positions"] as const;
export type StoredAxis = (typeof storedAxes)[number];

export interface StoredSegment {
  /** Ring differences, STIR's sign: ring of the second detector less that of the first. */
  readonly low: number;
  readonly high: number;
  readonly planes: number;
}

export interface InterfileSinogram {
  readonly facts: InterfileFacts;
  readonly dataFile?: string;
  readonly layout: SinogramLayout;
  /** Axes from the slowest to the fastest. */
  readonly order: readonly StoredAxis[];
  readonly segments: readonly StoredSegment[];
  /** Tangential bins as stored: one more than the layout's where an even number of arc-corrected bins has no middle. */
  readonly storedBins: number;
  /** STIR's number of the TOF bin at each place; [0] without TOF. */
  readonly tofOrder: readonly number[];
  readonly sets: DataSets;
  readonly corrections: readonly string[];
  /** What a reader must know: a bin left out, a position assumed. */
  readonly notes: readonly string[];
}

/** Whether the header describes PET projections. */
export function isInterfileSinogram(header: InterfileHeader): boolean {
  const kind = interfileText(header, "PET data type")?.toLowerCase();
  return (
    kind !== undefined && kind !== "image" && interfileText(header, "minimum ring difference per segment") !== undefined
  );
}

/**
 * Geometry of a projection header; needs no data file.
 *
 * @param known scanner of that name: stands in for what older headers leave out because STIR knows it by name
 * @throws DataError `not-a-sinogram`, `axis-order`, `unsupported-layout` (uneven spans, mashed views without arc correction),
 *   `bad-layout`, `bad-scanner`, `unsupported-scanner`, `missing-key`, `bad-number`, `bad-dimensions`, `bad-frames`
 */
export function interfileSinogram(header: InterfileHeader, known?: KnownScanner): InterfileSinogram {
  const { file } = header;
  if (!isInterfileSinogram(header)) {
    throw new DataError("not-a-sinogram", "this header describes no PET projections", {
      file,
      expected: "PET data type := Emission and ring differences per segment",
      found: interfileText(header, "PET data type") ?? "no PET data type",
    });
  }
  const { order, sizes } = axesOf(header);
  const one = (axis: StoredAxis): number => {
    const list = sizes.get(axis) ?? [1];
    if (list.length !== 1)
      throw new DataError("bad-dimensions", `one size of the axis "${axis}"`, { file, found: list.join(", ") });
    return list[0] as number;
  };
  const [views, storedBins, tof, count] = [
    one("view"),
    one("tangential coordinate"),
    one("timing positions"),
    one("segment"),
  ];
  const segments = segmentsOf(header, count, sizes.get("axial coordinate") ?? []);
  const scanner = interfileScanner(header, known);
  const corrections = interfileList(header, "applied corrections");
  // STIR takes projections for arc-corrected where the header does not say.
  const arc = corrections === undefined || corrections.some((name) => /^arc.correct/i.test(name));
  const half = detectorsPerRing(scanner) / 2;
  // STIR leaves the angles as they are where views and detectors have nothing to do with each other.
  const mash = half % views === 0 ? half / views : 1;
  if (!arc && views !== half) {
    throw new DataError("unsupported-layout", "views mashed without arc correction are not read", {
      file,
      expected: `${half} views`,
      found: `${views}`,
    });
  }
  const left = arc && storedBins % 2 === 0;
  const factor = interfileNumber(header, "TOF mashing factor") ?? interfileNumber(header, "%TOF mashing factor") ?? 1;
  const layout: SinogramLayout = {
    // Mashing views turns them by half of what was joined; only their lines matter once they are arc-corrected.
    scanner: arc ? { ...scanner, tilt: scanner.tilt + (((mash - 1) / 2) * Math.PI) / half } : scanner,
    views,
    bins: left ? storedBins - 1 : storedBins,
    ...(arc ? { arc: { width: binWidth(header, known?.binWidth) } } : {}),
    ...spanOf(segments, ringCount(scanner), file),
    ...(tof > 1 && scanner.timeOfFlight
      ? { timeOfFlight: { bins: tof, width: factor * scanner.timeOfFlight.width } }
      : {}),
  };
  checked(layout, file);
  const facts = interfileFacts(header);
  const dataFile = interfileText(header, "name of data file");
  const planes = segments.reduce((sum, segment) => sum + segment.planes, 0);
  return {
    facts,
    ...(dataFile === undefined ? {} : { dataFile }),
    layout,
    order,
    segments,
    storedBins,
    tofOrder: tofOrderOf(header, tof),
    sets: dataSetsOf(header, [planes, views, storedBins, tof], facts.frames.length),
    corrections: (corrections ?? []).filter((name) => !/^none$/i.test(name)),
    notes: [
      ...(left
        ? [
            `bin 1 of ${storedBins} is left out: an even number of arc-corrected bins has one at -s without a partner at +s`,
          ]
        : []),
      ...(facts.position === undefined ? ["how the patient lay is not stated; read as head first, supine"] : []),
    ],
  };
}

/** @throws DataError those of checkLayout, naming the file */
function checked(layout: SinogramLayout, file: string): void {
  try {
    checkLayout(layout);
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(cause.code, "the header's sinogram cannot be", { file, found: cause.message, cause });
  }
}

function axesOf(header: InterfileHeader): {
  order: readonly StoredAxis[];
  sizes: ReadonlyMap<StoredAxis, readonly number[]>;
} {
  const { file } = header;
  const dimensions = interfileCount(header, "number of dimensions", 4, 10);
  const sizes = new Map<StoredAxis, readonly number[]>();
  for (let i = dimensions; i >= 1; i--) {
    const label = requiredText(header, "matrix axis label", i).toLowerCase();
    const axis = storedAxes.find((known) => known === label);
    const list = interfileNumbers(header, "matrix size", i);
    if (axis === undefined || sizes.has(axis) || list === undefined) {
      throw new DataError("axis-order", `axis ${i} of the projections`, {
        file,
        expected: `each of ${storedAxes.join(", ")} once, with its matrix size`,
        found: label.slice(0, 40),
      });
    }
    sizes.set(axis, list);
  }
  const order = [...sizes.keys()];
  const missing = storedAxes.slice(0, 4).filter((axis) => !sizes.has(axis));
  // Segments have unlike numbers of planes, so that planes can only run inside them.
  if (missing.length > 0 || order.indexOf("segment") > order.indexOf("axial coordinate")) {
    throw new DataError("axis-order", "projections are stored segment by segment", {
      file,
      expected: "segments around their axial coordinates",
      found: order.join(", "),
    });
  }
  return { order, sizes };
}

function segmentsOf(header: InterfileHeader, count: number, planes: readonly number[]): readonly StoredSegment[] {
  const lows = interfileNumbers(header, "minimum ring difference per segment") ?? [];
  const highs = interfileNumbers(header, "maximum ring difference per segment") ?? [];
  if ([lows, highs, planes].some((list) => list.length !== count)) {
    throw new DataError("bad-dimensions", "ring differences and axial sizes must be given for every segment", {
      file: header.file,
      expected: `${count} of each`,
      found: `${lows.length} lowest, ${highs.length} highest, ${planes.length} axial sizes`,
    });
  }
  return lows.map((low, i) => ({ low, high: highs[i] as number, planes: planes[i] as number }));
}

/** Span and greatest ring difference of segments that are a michelogram's, with the planes it has. */
function spanOf(
  segments: readonly StoredSegment[],
  rings: number,
  file: string,
): Pick<SinogramLayout, "span" | "maxRingDifference"> {
  const middle = segments.find(({ low, high }) => low + high === 0);
  const span = middle === undefined ? Number.NaN : middle.high - middle.low + 1;
  const maxRingDifference = Math.max(...segments.map(({ high }) => high));
  const reach = (span - 1) / 2;
  const fine = segments.map(({ low, high, planes }) => {
    const number = Math.round((low + high) / 2 / span);
    const lowest = Math.max(number * span - reach, -maxRingDifference);
    const highest = Math.min(number * span + reach, maxRingDifference);
    const least = low * high <= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high));
    const expected = low === high ? rings - least : 2 * (rings - least) - 1;
    return low === lowest && high === highest && planes === expected;
  });
  const all = 2 * Math.floor((maxRingDifference + reach) / span) + 1;
  const distinct = new Set(segments.map(({ low }) => low)).size;
  if (!(span % 2 === 1) || !fine.every(Boolean) || distinct !== segments.length || segments.length !== all) {
    throw new DataError("unsupported-layout", "segments must be those of one odd span, each with all its planes", {
      file,
      expected: `${all} segments of span ${span} over ${rings} rings`,
      found: segments
        .map(({ low, high, planes }) => `${low}..${high} (${planes})`)
        .slice(0, 8)
        .join(", "),
    });
  }
  return { span, maxRingDifference };
}

/** mm. @throws DataError `missing-key` */
function binWidth(header: InterfileHeader, known: number | undefined): number {
  const stated =
    interfileNumber(header, "effective central bin size (cm)") ?? interfileNumber(header, "default bin size (cm)");
  const width = stated === undefined ? known : 10 * stated;
  if (width === undefined || !(width > 0)) {
    throw new DataError("missing-key", "arc-corrected projections need their bin size", {
      file: header.file,
      expected: "effective central bin size (cm)",
      found: `${width ?? "nothing"}`,
    });
  }
  return width;
}

/** @throws DataError `bad-dimensions` when the order is no order of all bins */
function tofOrderOf(header: InterfileHeader, bins: number): readonly number[] {
  const first = -Math.floor(bins / 2);
  const order = interfileNumbers(header, "TOF bin order") ?? Array.from({ length: bins }, (_, i) => first + i);
  const whole = order.toSorted((a, b) => a - b).every((number, i) => number === first + i);
  if (order.length !== bins || !whole) {
    throw new DataError("bad-dimensions", "TOF bin order names each bin once", {
      file: header.file,
      expected: `${bins} numbers from ${first}`,
      found: order.slice(0, 12).join(", "),
    });
  }
  return order;
}
