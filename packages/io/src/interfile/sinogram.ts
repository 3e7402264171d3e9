/** Interfile sinograms of the STIR dialect (.hs with .s), turned into the project's order and back. */
import {
  DataError,
  detectorsPerRing,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
  sinogramSize,
} from "@quintet/core";
import { readFrame } from "./data-sets.ts";
import type { InterfileFacts } from "./frames.ts";
import type { InterfileHeader } from "./header.ts";
import { encodeFloats } from "./numbers.ts";
import { type KnownScanner, scannerLines } from "./scanner.ts";
import { type InterfileSinogram, interfileSinogram, type StoredAxis, type StoredSegment } from "./sinogram-layout.ts";

export interface SinogramOptions {
  /** Time frame, counted from 1. */
  readonly frame?: number;
  /** Name of the data file for messages. */
  readonly dataFile?: string;
  /** Stands in for sizes of the scanner that older headers leave out. */
  readonly known?: KnownScanner;
}

/**
 * Reads the projections of one time frame.
 *
 * View and tangential bin join the same two detectors in STIR and here. STIR's z points to the feet: its ring r is
 * R - 1 - r here, so that segment s is -s and planes run backwards; STIR's TOF bins count towards its first detector, ours
 * towards the second, so that they run backwards too.
 *
 * @throws DataError those of interfileSinogram; `size-mismatch`, `not-finite`, `bad-scaling`, `no-such-frame`
 */
export function readInterfileSinogram(
  header: InterfileHeader,
  data: Uint8Array,
  { frame = 1, dataFile, known }: SinogramOptions = {},
): Sinogram {
  const about = interfileSinogram(header, known);
  const { sets, layout } = about;
  const stored = readFrame(header, data, sets, frame, dataFile ?? about.dataFile ?? header.file);
  const out = new Float32Array(sinogramSize(layout));
  walkStored(about, (from, to, count, step) => {
    for (let i = 0; i < count; i++) out[to + i * step] = stored[from + i] as number;
  });
  return { layout, data: out };
}

/** Calls `run` for every run of stored numbers along the fastest axis, with its place in a sinogram; `to` -1 and less is left out. */
function walkStored(
  {
    order,
    segments,
    layout,
    storedBins,
    tofOrder,
  }: Pick<InterfileSinogram, "order" | "segments" | "layout" | "storedBins" | "tofOrder">,
  run: (from: number, to: number, count: number, step: number) => void,
): void {
  const planes = sinogramPlanes(layout);
  const tof = layout.timeOfFlight?.bins ?? 1;
  const bases = segments.map(({ low, high }) => {
    const segment = -Math.round((low + high) / 2 / layout.span);
    return planes.findIndex((plane) => plane.segment === segment + 0);
  });
  const skipped = storedBins - layout.bins;
  const strides = { bin: tof * planes.length, view: layout.bins * tof * planes.length };
  const fastest = order.at(-1) as StoredAxis;
  let from = 0;
  const walk = (level: number, to: number, segment: number, keep: boolean): void => {
    const axis = order[level] as StoredAxis;
    const n = sizeOf(axis, segment);
    if (axis === fastest) {
      const first = axis === "tangential coordinate" ? skipped : 0;
      const step = { "tangential coordinate": strides.bin, view: strides.view, "axial coordinate": -1 }[
        axis as string
      ] as number;
      const start = axis === "axial coordinate" ? to + n - 1 : to;
      if (keep) run(from + first, start, n - first, step);
      from += n;
      return;
    }
    for (let i = 0; i < n; i++) {
      switch (axis) {
        case "segment":
          walk(level + 1, to + (bases[i] as number), i, keep);
          break;
        case "timing positions":
          walk(
            level + 1,
            to + planes.length * (tof - 1 - ((tofOrder[i] as number) + Math.floor(tof / 2))),
            segment,
            keep,
          );
          break;
        case "view":
          walk(level + 1, to + i * strides.view, segment, keep);
          break;
        case "axial coordinate":
          walk(level + 1, to + n - 1 - i, segment, keep);
          break;
        case "tangential coordinate":
          walk(level + 1, to + (i - skipped) * strides.bin, segment, keep && i >= skipped);
          break;
      }
    }
  };
  function sizeOf(axis: StoredAxis, segment: number): number {
    if (axis === "segment") return segments.length;
    if (axis === "timing positions") return tof;
    if (axis === "view") return layout.views;
    return axis === "tangential coordinate" ? storedBins : (segments[segment] as StoredSegment).planes;
  }
  walk(0, 0, 0, true);
}

/**
 * Writes a sinogram as STIR does: header .hs and little-endian float32 .s, stored segment, view, axial, tangential (TOF
 * slowest).
 *
 * @throws DataError `unsupported-layout` (an even number of arc-corrected bins, of TOF bins not a mashing of the scanner's),
 *   `not-finite`, `bad-name`, `bad-layout`
 */
export function writeInterfileSinogram(
  { layout, data }: Sinogram,
  {
    name,
    facts = {},
    corrections = [],
  }: { readonly name: string; readonly facts?: Partial<InterfileFacts>; readonly corrections?: readonly string[] },
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  if (!/^[\w.+-]{1,200}$/.test(name)) {
    throw new DataError("bad-name", "name of the files", { expected: "letters, digits, . + - _", found: name });
  }
  const segments = storedSegments(layout);
  const tof = layout.timeOfFlight?.bins ?? 1;
  const mash = layout.timeOfFlight ? layout.timeOfFlight.width / (layout.scanner.timeOfFlight?.width ?? Number.NaN) : 1;
  const whole = Math.abs(mash - Math.round(mash)) < 1e-6 && mash > 0.5;
  if ((layout.arc && layout.bins % 2 === 0) || !whole) {
    throw new DataError("unsupported-layout", "STIR has no header for this sinogram", {
      expected: "an odd number of arc-corrected bins, TOF bins of a whole number of the scanner's",
      found: `${layout.bins} bins, ${mash} TOF bins in one`,
    });
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new DataError("not-finite", `value ${bad + 1} of the sinogram is no number`, { found: `${data[bad]}` });
  const order: StoredAxis[] = ["segment", "view", "axial coordinate", "tangential coordinate"];
  if (tof > 1) order.unshift("timing positions");
  const tofOrder = Array.from({ length: tof }, (_, i) => i - Math.floor(tof / 2));
  const out = new Float32Array(data.length);
  walkStored({ order, segments, layout, storedBins: layout.bins, tofOrder }, (from, to, count, step) => {
    for (let i = 0; i < count; i++) out[from + i] = data[to + i * step] as number;
  });
  const lines = headerLines(layout, { name, facts, corrections, order, segments, mash: Math.round(mash) });
  return [
    { name: `${name}.hs`, bytes: new TextEncoder().encode(`${lines.join("\n")}\n`) },
    { name: `${name}.s`, bytes: encodeFloats(out) },
  ];
}

/** Segments by rising ring difference. */
function storedSegments(layout: SinogramLayout): readonly StoredSegment[] {
  const found = new Map<number, { low: number; high: number; planes: number }>();
  for (const { segment, pairs } of sinogramPlanes(layout)) {
    const entry = found.get(-segment) ?? { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, planes: 0 };
    const differences = pairs.map(([a, b]) => a - b);
    found.set(-segment, {
      low: Math.min(entry.low, ...differences),
      high: Math.max(entry.high, ...differences),
      planes: entry.planes + 1,
    });
  }
  return [...found].toSorted(([a], [b]) => a - b).map(([, segment]) => segment);
}

function headerLines(
  { scanner, views, bins, arc, timeOfFlight }: SinogramLayout,
  about: {
    readonly name: string;
    readonly facts: Partial<InterfileFacts>;
    readonly corrections: readonly string[];
    readonly order: readonly StoredAxis[];
    readonly segments: readonly StoredSegment[];
    readonly mash: number;
  },
): readonly string[] {
  const { segments, order, facts } = about;
  const braces = (values: readonly (number | string)[]): string => `{${values.join(",")}}`;
  const sizes: Readonly<Record<StoredAxis, string>> = {
    "timing positions": `${timeOfFlight?.bins ?? 1}`,
    segment: `${segments.length}`,
    view: `${views}`,
    "axial coordinate": braces(segments.map(({ planes }) => planes)),
    "tangential coordinate": `${bins}`,
  };
  const corrections = [...(arc ? ["arc correction"] : []), ...about.corrections];
  // STIR turns mashed views by half of what was joined, whatever the header says.
  const half = detectorsPerRing(scanner) / 2;
  const mashTurn = arc && half % views === 0 ? Math.PI / 2 / views - Math.PI / 2 / half : 0;
  const frames = facts.frames ?? [{ start: 0, duration: 0 }];
  const windows = facts.energyWindows ?? [];
  return [
    "!INTERFILE :=",
    "!imaging modality := PT",
    `name of data file := ${about.name}.s`,
    `originating system := ${scanner.name}`,
    "!version of keys := STIR6.0",
    "!GENERAL DATA :=",
    "!GENERAL IMAGE DATA :=",
    "!type of data := PET",
    ...(facts.position
      ? [
          `patient orientation := ${facts.position.startsWith("HF") ? "head_in" : "feet_in"}`,
          `patient rotation := ${facts.position.endsWith("S") ? "supine" : "prone"}`,
        ]
      : []),
    ...(facts.startedAt
      ? [
          `study date := ${facts.startedAt.slice(0, 10).replaceAll("-", ":")}`,
          `study time := ${facts.startedAt.slice(11)}`,
        ]
      : []),
    ...(facts.radionuclide ? [`radionuclide name[1] := ${facts.radionuclide}`] : []),
    ...(facts.halfLife ? [`radionuclide halflife (sec)[1] := ${facts.halfLife}`] : []),
    "imagedata byte order := LITTLEENDIAN",
    "!PET STUDY (General) :=",
    "!PET data type := Emission",
    `applied corrections := ${braces(corrections.length > 0 ? corrections : ["None"])}`,
    "!number format := float",
    "!number of bytes per pixel := 4",
    `number of dimensions := ${order.length}`,
    ...order.flatMap((axis, i) => [
      `matrix axis label [${order.length - i}] := ${axis}`,
      `!matrix size [${order.length - i}] := ${sizes[axis]}`,
    ]),
    `minimum ring difference per segment := ${braces(segments.map(({ low }) => low))}`,
    `maximum ring difference per segment := ${braces(segments.map(({ high }) => high))}`,
    ...scannerLines({ ...scanner, tilt: scanner.tilt - mashTurn }),
    ...(arc ? [`effective central bin size (cm) := ${arc.width / 10}`] : []),
    ...(timeOfFlight ? [`TOF mashing factor := ${about.mash}`] : []),
    `number of time frames := ${frames.length}`,
    ...frames.flatMap(({ start, duration }, i) => [
      `image relative start time (sec)[${i + 1}] := ${start}`,
      `image duration (sec)[${i + 1}] := ${duration}`,
    ]),
    ...(windows.length > 0 ? [`number of energy windows := ${windows.length}`] : []),
    ...windows.flatMap(({ low, high }, i) => [
      `energy window lower level[${i + 1}] := ${low}`,
      `energy window upper level[${i + 1}] := ${high}`,
    ]),
    "!END OF INTERFILE :=",
  ];
}
