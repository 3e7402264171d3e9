/** What a reconstructed PET image's JSON tells of its counts, motion and terms: written beside the image, read again for pages. */
import { type Affine, DataError, type Point } from "@quintet/core";
import type { CountCourse, MotionTrack } from "@quintet/modalities/pet";
import type { MotionCourse, PetReconFrame, PetReconTerm, PetReconView } from "@quintet/view";
import { findingsIn, methodSettings, notesIn, numbersIn, type SideFile } from "../recon-side-file.ts";
import { anglesAndShift } from "./align-frames.ts";
import type { RawScan } from "./raw-scan.ts";
import type { ReconstructedFrame } from "./reconstruct-pet-file.ts";

export type PetReconRecord = Omit<PetReconView, "source" | "image">;

/** Places of a track that are kept: more than a picture can part. */
const mostPlaces = 400;

/**
 * Counts and places as columns of plain numbers: a row a frame, a row an iteration inside it, a row a span of the list's time.
 *
 * @param track where the head was, by a tracker or by the frames' alignment
 */
export function countsRecord(
  frames: readonly ReconstructedFrame[],
  { timeOfFlight, alive, course }: Pick<RawScan, "timeOfFlight" | "alive" | "course">,
  track: MotionTrack | undefined,
): SideFile {
  const column = (of: (frame: ReconstructedFrame) => number): number[] => frames.map(of);
  const perIteration = (name: "logLikelihood" | "expected" | "change"): number[][] =>
    frames.map(({ iterations }) =>
      iterations.flatMap((step) => {
        const value = (step as Readonly<Record<string, number | undefined>>)[name];
        return value === undefined ? [] : [Number(value.toPrecision(9))];
      }),
    );
  const poses = frames.flatMap(({ motion }) => (motion && "poses" in motion ? [motion] : []));
  return {
    start_s: column(({ start }) => start),
    duration_s: column(({ duration }) => duration),
    prompts: column(({ prompts }) => prompts),
    randoms: column(({ randoms }) => randoms),
    scatter: column(({ scatter }) => scatter),
    ...(frames.some(({ scatterScale }) => scatterScale)
      ? {
          scatter_scale: frames.map(({ scatterScale }) => scatterScale?.value ?? "n/a"),
          scatter_scale_error: frames.map(({ scatterScale }) => scatterScale?.error ?? "n/a"),
        }
      : {}),
    log_likelihood: perIteration("logLikelihood"),
    expected: perIteration("expected"),
    change: perIteration("change"),
    ...(timeOfFlight ? { time_of_flight: [timeOfFlight.bins, ...(timeOfFlight.fwhm ? [timeOfFlight.fwhm] : [])] } : {}),
    ...(alive ? { alive: [alive.mean, alive.lowest].map((x) => Number(x.toPrecision(6))) } : {}),
    ...(course ? courseColumns(course) : {}),
    ...(track ? placesColumns(track, frames) : {}),
    ...(poses.length > 0
      ? { poses: poses.map((of) => of.poses), pose_tolerance_mm: poses.map((of) => of.tolerance) }
      : {}),
  };
}

function courseColumns({ start, width, prompts, delayeds }: CountCourse): SideFile {
  return {
    course_start_s: start,
    course_width_s: width,
    course_prompts: [...prompts],
    ...(delayeds ? { course_delayeds: [...delayeds] } : {}),
  };
}

/** The track while the scan went on, thinned to what a picture can show. */
function placesColumns({ time, maps }: MotionTrack, frames: readonly ReconstructedFrame[]): SideFile {
  const from = Math.min(...frames.map(({ start }) => start));
  const end = Math.max(...frames.map(({ start, duration }) => start + duration));
  const during = Array.from(time.keys()).filter(
    (i) => (time[i] as number) < end && ((time[i + 1] as number | undefined) ?? end) > from,
  );
  const stride = Math.ceil(during.length / mostPlaces);
  const kept = during.filter((_, k) => k % stride === 0);
  const found = kept.map((i) => anglesAndShift(maps[i] as Affine));
  const short = (p: Point): number[] => p.map((x) => Number(x.toFixed(3)));
  return {
    place_time_s: kept.map((i) => Math.max(from, time[i] as number)),
    place_end_s: end,
    place_mm: found.map(({ shift }) => short(shift)),
    place_degrees: found.map(({ degrees }) => short(degrees)),
  };
}

/**
 * The record in an image's side file.
 *
 * @throws DataError `bad-counts` (none, columns that are not of one length, values that are no numbers)
 */
export function readPetReconRecord(side: SideFile, file: string): PetReconRecord {
  const counts = objectOf(side.Counts);
  const terms = objectOf(side.Terms);
  const motion = motionOf(counts);
  const course = courseOf(counts, file);
  const { unit } = side;
  return {
    settings: [...methodSettings(side), ...timeOfFlightText(counts), ...decayText(side)],
    terms: termsOf(terms, counts, side),
    frames: framesOf(counts, terms, file),
    ...(course ? { course } : {}),
    ...(motion ? { motion } : {}),
    motionNote: motionNote(side, counts),
    notes: notesIn(side),
    findings: findingsIn(side, "pet"),
    ...(typeof unit === "string" && unit !== "Bq/mL" ? { unit } : {}),
  };
}

function objectOf(value: unknown): SideFile {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as SideFile) : {};
}

function framesOf(counts: SideFile, terms: SideFile, file: string): readonly PetReconFrame[] {
  const names = ["start_s", "duration_s", "prompts", "randoms", "scatter"] as const;
  const columns = names.map((name) => numbersIn(counts[name]));
  const [starts, durations, prompts, randoms, scatter] = columns as readonly (readonly number[])[];
  if (!prompts || prompts.length === 0 || columns.some((column) => column?.length !== prompts.length)) {
    throw new DataError("bad-counts", "counts of a reconstruction: a row a frame", {
      file,
      expected: `${names.join(", ")} as lists of one length`,
      found: columns.map((column) => column?.length ?? "none").join(", "),
    });
  }
  const lists = (name: string): readonly (readonly number[])[] => {
    const rows = counts[name];
    return Array.isArray(rows) ? rows.map((row) => numbersIn(row) ?? []) : [];
  };
  const [likelihoods, expected, changes] = [lists("log_likelihood"), lists("expected"), lists("change")];
  const at = (list: unknown, i: number): number | undefined => {
    const value: unknown = Array.isArray(list) ? list[i] : undefined;
    return typeof value === "number" ? value : undefined;
  };
  return prompts.map((count, i) => {
    const [value, error] = [at(counts.scatter_scale, i), at(counts.scatter_scale_error, i)];
    return {
      start: starts?.[i] as number,
      duration: durations?.[i] as number,
      prompts: count,
      ...(terms.randoms === "none" ? {} : { randoms: randoms?.[i] as number }),
      ...(terms.scatter === "none" ? {} : { scatter: scatter?.[i] as number }),
      ...(value === undefined || error === undefined ? {} : { scatterScale: { value, error } }),
      iterations: (changes[i] ?? []).map((change, k) => {
        const logLikelihood = likelihoods[i]?.[k];
        return {
          change,
          expected: expected[i]?.[k] ?? Number.NaN,
          ...(logLikelihood === undefined ? {} : { logLikelihood }),
        };
      }),
    };
  });
}

const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  normalisation: { pairs: "all pairs of detectors alike", file: "efficiencies that the raw file states" },
  randoms: { delayeds: "from the delayed window" },
  scatter: { estimate: "single scatter, estimated from the image and the map of attenuation" },
};
/** As BIDS' ReconMethodParameterLabels have it. */
const pointSpreadLabel = "point spread FWHM";
const symbols = { normalisation: "n", attenuation: "a", randoms: "r", scatter: "s" } as const;

function termsOf(terms: SideFile, counts: SideFile, side: SideFile): readonly PetReconTerm[] {
  const window = numbersIn(terms.energyWindow_keV);
  const own = Object.entries(symbols).map(([name, symbol]): PetReconTerm => {
    const value = terms[name];
    const label = `${name}, ${symbol}`;
    if (typeof value !== "string" || value === "none") return { name: label };
    const about =
      name === "scatter" && window
        ? `; energy window ${window.join(" to ")} keV, energy resolution ${percent(terms.resolution)}`
        : "";
    return { name: label, value: `${words[name]?.[value] ?? value}${about}` };
  });
  const [mean, lowest] = numbersIn(counts.alive) ?? [];
  const dead: PetReconTerm =
    mean === undefined
      ? { name: "dead time" }
      : {
          name: "dead time",
          note: `the file says that its detectors were live ${percent(mean)} of the time in the mean, ${percent(lowest)} at least`,
        };
  const labels: readonly unknown[] = Array.isArray(side.ReconMethodParameterLabels)
    ? side.ReconMethodParameterLabels
    : [];
  const [at, values] = [labels.indexOf(pointSpreadLabel), side.ReconMethodParameterValues];
  const width: unknown = at >= 0 && Array.isArray(values) ? values[at] : undefined;
  const spread: PetReconTerm = {
    name: "point spread, in A",
    ...(typeof width === "number" ? { value: `a Gaussian of ${width} mm full width at half maximum` } : {}),
  };
  return [...own, spread, dead];
}

function percent(share: unknown): string {
  return typeof share === "number" ? `${Number((100 * share).toFixed(2))} %` : "not known";
}

function timeOfFlightText(counts: SideFile): readonly (readonly [string, string])[] {
  const [bins, fwhm] = numbersIn(counts.time_of_flight) ?? [];
  const text =
    bins === undefined
      ? "none"
      : `${bins} bins${fwhm === undefined ? "" : `, ${Number(fwhm.toFixed(1))} ps full width at half maximum`}`;
  return [["time of flight", text]];
}

function decayText({ ImageDecayCorrected: corrected }: SideFile): readonly (readonly [string, string])[] {
  return typeof corrected === "boolean" ? [["decay", corrected ? "corrected" : "not corrected"]] : [];
}

/** @throws DataError `bad-counts` */
function courseOf(counts: SideFile, file: string): PetReconRecord["course"] {
  const { course_start_s: start, course_width_s: width } = counts;
  const [prompts, delayeds] = [numbersIn(counts.course_prompts), numbersIn(counts.course_delayeds)];
  if (!prompts || typeof start !== "number" || !(typeof width === "number" && width > 0)) return undefined;
  if (delayeds && delayeds.length !== prompts.length) {
    throw new DataError("bad-counts", "prompts and delayed events over time go together", {
      file,
      expected: `${prompts.length} spans`,
      found: `${delayeds.length}`,
    });
  }
  return { start, width, prompts, ...(delayeds ? { delayeds } : {}) };
}

function motionOf(counts: SideFile): MotionCourse | undefined {
  const time = numbersIn(counts.place_time_s);
  const points = (rows: unknown): readonly Point[] | undefined => {
    const list = Array.isArray(rows) ? rows.map(numbersIn) : [];
    return list.every((p) => p?.length === 3) ? (list as readonly unknown[] as readonly Point[]) : undefined;
  };
  const [shifts, degrees] = [points(counts.place_mm), points(counts.place_degrees)];
  const { place_end_s: end } = counts;
  const whole = shifts?.length === time?.length && degrees?.length === time?.length;
  if (!time || time.length === 0 || !shifts || !degrees || typeof end !== "number" || !whole) return undefined;
  return { time, end, shifts, degrees };
}

function motionNote({ MotionTrack: track, FrameAlignment: alignment }: SideFile, counts: SideFile): string {
  if (typeof track === "string") {
    const [poses, apart] = [numbersIn(counts.poses) ?? [], numbersIn(counts.pose_tolerance_mm) ?? []];
    const told =
      poses.length > 0
        ? ` ${Math.max(...poses)} places of the head were told apart, ${Number(Math.max(...apart).toFixed(2))} mm from each other at least.`
        : "";
    return `Every event was taken back by the head’s pose at its time (${track}); attenuation moved with the head.${told}`;
  }
  if (typeof alignment === "string") {
    const how = alignment.startsWith("reconstructed")
      ? "each was reconstructed again with the head where it was found"
      : "each image was resampled once";
    return `Frames were registered to the mean of the late ones; ${how}.`;
  }
  return "No motion was looked for and nothing was done about it: neither a track (--motion) nor an alignment of frames (--align) was asked for.";
}
