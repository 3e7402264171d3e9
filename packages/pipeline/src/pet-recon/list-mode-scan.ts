import {
  DataError,
  detectorPositions,
  type Frame,
  type Grid,
  type ListMode,
  type PetScanner,
  ringPositions,
  type Sinogram,
  type SinogramLayout,
} from "@quintet/core";
import { type ListModeFile, readListMode } from "@quintet/io/node";
import {
  countCourse,
  frameEvents,
  type ListReconstructionTerms,
  listModeLayout,
  normalisationOfPairs,
  promptsOf,
  reconstructList,
} from "@quintet/modalities/pet";
import { energyWindow } from "./energy-window.ts";
import { gridOf, mapOn, type RawScan, type RawScanOptions, termOf, timing } from "./raw-scan.ts";

/** Prompts that a subset should hold at least. */
const fewestPerSubset = 10_000;
/** How far a detector of a sinogram's scanner may lie from the list's, mm: positions of a PETSIRD file are float32. */
const sameDetector = 0.05;
/** Seconds that a point of the count rates' curve may stand for: the least of them that leaves no more points than a picture shows. */
const courseWidths = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600];
const coursePoints = 200;

/**
 * The coincidences of a PETSIRD file, cut into frames.
 *
 * @param frames on the file's clock (0 is the start of the acquisition); one over all of it without
 * @throws DataError those of readListMode and frameEvents, `no-efficiencies`, `no-delayeds`, `layout-mismatch`, `sinogram-only`
 */
export async function listModeScan(
  raw: string,
  { frames, frame, ...options }: RawScanOptions & { readonly frames?: readonly Frame[]; readonly frame?: number },
): Promise<RawScan> {
  if (frame !== undefined && frame !== 1) {
    throw new DataError("sinogram-only", "a list has no frames of its own; they are given by their times", {
      file: raw,
      expected: "--frames",
      found: `--frame ${frame}`,
    });
  }
  const file = readListMode(raw);
  const files = await Promise.all([options.normalisation, options.randoms, options.scatter].map(fileTerm));
  const [normFile, randomsFile, scatterFile] = files;
  const given = files.find((term) => term !== undefined)?.layout;
  const events = given ? onScanner(file.events, given.scanner, raw) : file.events;
  const grid = gridOf(given ? fitting(given, events, raw) : listModeLayout(events), options);
  const layout = given ? fitting(given, events, raw) : listModeLayout(events, cornerOf(grid));
  if (options.randoms === "delayeds" && !events.delayed?.includes(1)) {
    throw new DataError(
      "no-delayeds",
      "randoms are wanted from the delayed window, and the file holds no delayed events",
      {
        file: raw,
        expected: "--randoms none, or a sinogram of expected randoms",
        found: "prompts only",
      },
    );
  }
  const known = options.scatter === "estimate" ? energyWindow(options.window ?? {}, file.energy) : undefined;
  const terms: ListReconstructionTerms = {
    normalisation: normFile ?? normalisationOf(options.normalisation, file, layout, raw),
    attenuation: await mapOn(grid, options.attenuation, options.kilovolts),
    randoms: randomsFile ?? (options.randoms === "delayeds" ? "delayeds" : "none"),
    scatter: scatterFile ?? (known ? { window: known.window } : "none"),
  };
  if (frames && frames.length > 1 && (randomsFile || scatterFile)) {
    throw new DataError(
      "not-per-frame",
      "expected randoms or scatter of a file are of the whole scan, not of each frame",
      {
        expected: "--randoms delayeds and --scatter estimate with several frames",
        found: `${frames.length} frames`,
      },
    );
  }
  const parts = frames ? frameEvents(events, frames) : [events];
  return {
    kind: "list mode",
    grid,
    // The format has no place for the radionuclide, and its start is in UTC, where TimeZero is the time of the clock on the wall.
    stated: {},
    jobs: parts.map((part) => ({
      frame: { start: part.start, duration: part.duration },
      subsets: Math.max(1, Math.min(21, Math.floor(promptsOf(part).time.length / fewestPerSubset))),
      reconstruct: (how, track) => reconstructList(part, layout, grid, track ? { ...terms, track } : terms, how),
    })),
    notes: [...file.notes, ...(known?.notes ?? [])],
    ...(known ? { window: known.window } : {}),
    ...(layout.timeOfFlight ? { timeOfFlight: timing(layout.timeOfFlight.bins, events.scanner) } : {}),
    ...(file.alive ? { alive: file.alive } : {}),
    ...(events.duration > 0 ? { course: countCourse(events, courseWidth(events.duration)) } : {}),
    content: [events, terms, frames],
    facts: {
      scanner: events.scanner.name,
      pairs: { tangentialBins: layout.bins, largestRingDifference: layout.maxRingDifference },
      timeOfFlight: layout.timeOfFlight
        ? { ...layout.timeOfFlight, fwhm_ps: events.scanner.timeOfFlight?.fwhm }
        : "none",
      fileEnergyWindow_keV: [file.energy.low, file.energy.high],
    },
  };
}

function courseWidth(duration: number): number {
  return courseWidths.find((width) => duration / width <= coursePoints) ?? duration / coursePoints;
}

/** How far the image reaches from the axis, mm: a voxel beyond its corners. */
function cornerOf({ shape: [nx, ny], affine }: Grid): number {
  return Math.hypot(((nx + 1) / 2) * (affine[0] as number), ((ny + 1) / 2) * (affine[5] as number));
}

async function fileTerm(path: string): Promise<Sinogram | undefined> {
  if (/^(none|pairs|file|delayeds|estimate)$/.test(path)) return undefined;
  const term = await termOf(path);
  return term === "none" ? undefined : term;
}

function normalisationOf(
  how: string,
  { efficiency }: ListModeFile,
  layout: SinogramLayout,
  raw: string,
): Sinogram | "none" {
  if (how !== "file") return "none";
  if (efficiency) return normalisationOfPairs(layout, efficiency);
  throw new DataError("no-efficiencies", "normalisation is wanted from the file, and it states no efficiencies", {
    file: raw,
    expected: "--norm pairs (all detectors alike), or a sinogram",
    found: "no detectionBinEfficiencies, no modulePairEfficiencies",
  });
}

/** The same events with the scanner of a sinogram, whose detectors are the same ones by number. @throws DataError `layout-mismatch` */
function onScanner(events: ListMode, scanner: PetScanner, file: string): ListMode {
  const places = (of: PetScanner): readonly Float64Array[] => [detectorPositions(of), ringPositions(of)];
  const [own, other] = [places(events.scanner), places(scanner)];
  const alike = own.every((list, k) => {
    const there = other[k] as Float64Array;
    return list.length === there.length && list.every((mm, i) => Math.abs(mm - (there[i] as number)) < sameDetector);
  });
  const [mine, theirs] = [events.scanner.timeOfFlight, scanner.timeOfFlight];
  const timed = !mine || !theirs || (mine.bins === theirs.bins && Math.abs(mine.width / theirs.width - 1) < 0.01);
  const clock = theirs ?? mine;
  if (alike && timed) return { ...events, scanner: { ...scanner, ...(clock ? { timeOfFlight: clock } : {}) } };
  throw new DataError(
    "layout-mismatch",
    "the sinogram is of another scanner than the list, or counts its detectors otherwise",
    {
      file,
      expected: `${events.scanner.name}: ${(own[0] as Float64Array).length / 2} detectors in ${(own[1] as Float64Array).length} rings`,
      found: `${scanner.name}: ${(other[0] as Float64Array).length / 2} in ${(other[1] as Float64Array).length}`,
    },
  );
}

/** The layout of a given sinogram, with the events' time of flight. @throws DataError `layout-mismatch` */
function fitting(given: SinogramLayout, events: ListMode, file: string): SinogramLayout {
  if (given.span !== 1 || given.arc) {
    throw new DataError("layout-mismatch", "terms of list mode are of single pairs of detectors", {
      file,
      expected: "sinograms of span 1 without arc correction",
      found: `span ${given.span}`,
    });
  }
  const { timeOfFlight: _, ...plain } = given;
  const timed = events.timeDifference && events.scanner.timeOfFlight;
  return {
    ...plain,
    scanner: events.scanner,
    ...(timed ? { timeOfFlight: { bins: timed.bins, width: timed.width } } : {}),
  };
}
