/** When a PET series was injected, scanned and corrected to: dates, times of day and decay factors held against each other. */
import { DataError, type Frame, type Seconds } from "@quintet/core";
import { latin1 } from "../bytes/byte-reader.ts";
import type { DicomDataset } from "./tags.ts";
import { dicomItems, dicomNumber, dicomText, privateElement } from "./values.ts";

export interface ScanTimes {
  readonly correction: "START" | "ADMIN" | "NONE";
  /** ISO 8601 without zone. */
  readonly administeredAt: string;
  readonly scanStart: string;
  readonly decayReference?: string;
  /** Seconds from the injection to the time the image is corrected to; absent for NONE. */
  readonly reference?: Seconds;
  /** Seconds from the injection, and length, of each frame. */
  readonly frames: readonly { readonly start: Seconds; readonly duration?: Seconds }[];
  readonly notes: readonly string[];
}

const day = 86_400;

/**
 * The scan began at SeriesTime, unless that is later than the first acquisition (a series made afterwards): then at GE's own
 * scan time or, where the frames' DecayFactor bears it out, at the first acquisition. A time of day of the injection
 * later than the scan's was the evening before. DecayFactor, where it is given, must agree:
 *
 *   DecayFactor = exp(lambda (s - T)) lambda d / (1 - exp(-lambda d))     within 1 %
 *
 * @throws DataError `missing-decay-reference`, `missing-injection-time`, `missing-scan-time`, `disagreement`
 */
export function scanTimes(images: readonly DicomDataset[], halfLife: Seconds): ScanTimes {
  const [first] = images as readonly [DicomDataset];
  const { file } = first;
  const correction = dicomText(first, "DecayCorrection");
  if (correction !== "START" && correction !== "ADMIN" && correction !== "NONE") {
    throw new DataError("missing-decay-reference", "SUV needs to know what the image's decay is corrected to", {
      file,
      expected: "DecayCorrection START, ADMIN or NONE",
      found: correction ?? "nothing",
    });
  }
  const acquired = images.map((image) => momentOf(image, "AcquisitionDate", "AcquisitionTime"));
  const series = momentOf(first, "SeriesDate", "SeriesTime");
  const earliest = acquired.reduce<number | undefined>(
    (a, b) => (b !== undefined && (a === undefined || b < a) ? b : a),
    undefined,
  );
  const notes: string[] = [];
  let start = series ?? earliest;
  if (start === undefined)
    throw new DataError("missing-scan-time", "SUV needs the time of the scan", { file, found: "nothing" });
  if (series !== undefined && earliest !== undefined && series > earliest + 1) {
    const ge = geTime(first);
    start = ge ?? earliest;
    notes.push(
      `the series was made ${Math.round(series - earliest)} s after its first acquisition: its own time is not the scan's`,
    );
    if (ge === undefined && dicomNumber(first, "DecayFactor") === undefined && correction === "START") {
      throw new DataError(
        "disagreement",
        "the series is later than its acquisition, and nothing says which one decay is corrected to",
        {
          file,
          expected: `a series time not after ${isoOf(earliest)}, or DecayFactor`,
          found: isoOf(series),
        },
      );
    }
  }
  const injected = injection(first, start);
  const reference = correction === "START" ? start - injected : 0;
  const frames = images.map((image, i) => {
    const duration = dicomNumber(image, "ActualFrameDuration");
    return {
      start: (acquired[i] ?? start) - injected,
      ...(duration === undefined || !(duration > 0) ? {} : { duration: duration / 1000 }),
    };
  });
  if (correction !== "NONE") {
    for (const [i, image] of images.entries()) {
      checkFactor(image, frames[i] as ScanTimes["frames"][number], reference, halfLife);
    }
  }
  return {
    correction,
    administeredAt: isoOf(injected),
    scanStart: isoOf(start),
    ...(correction === "NONE" ? {} : { reference, decayReference: isoOf(injected + reference) }),
    frames,
    notes,
  };
}

/** Start from the first acquisition and length of each frame; undefined where a time or a length is not stated. */
export function frameSpans(images: readonly DicomDataset[]): readonly Frame[] | undefined {
  const starts = images.map((image) => momentOf(image, "AcquisitionDate", "AcquisitionTime"));
  const lengths = images.map((image) => dicomNumber(image, "ActualFrameDuration"));
  if (!starts.every((start) => start !== undefined) || !lengths.every((length) => length !== undefined && length > 0))
    return undefined;
  const zero = Math.min(...(starts as number[]));
  // Times of day are written to the microsecond at best.
  const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
  return starts.map((start, i) => ({
    start: rounded((start as number) - zero),
    duration: (lengths[i] as number) / 1000,
  }));
}

/** Seconds since 1970 of a date and a time of day; undefined when either is not there. */
function momentOf(
  dataset: DicomDataset,
  date: "SeriesDate" | "AcquisitionDate",
  time: "SeriesTime" | "AcquisitionTime",
): number | undefined {
  return secondsOf(`${dicomText(dataset, date) ?? ""}${dicomText(dataset, time) ?? ""}`);
}

/** "20240131104500.25" -> seconds since 1970 as if UTC. */
function secondsOf(text: string): number | undefined {
  const [, y, mo, d, h, mi = "00", s = "00"] = text.match(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d(?:\.\d+)?)?/) ?? [];
  if (y === undefined) return undefined;
  const whole = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:00Z`) / 1000 + Number(s);
  return Number.isFinite(whole) ? whole : undefined;
}

function isoOf(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString().replace(/\.000Z$|Z$/, "");
}

function geTime(dataset: DicomDataset): number | undefined {
  const element = privateElement(dataset, 0x0009, "GEMS_PETD_01", 0x0d);
  return element && secondsOf(latin1(element.value).trim());
}

/** @throws DataError `missing-injection-time`, `disagreement` */
function injection(dataset: DicomDataset, scanStart: number): number {
  const { file } = dataset;
  const item = dicomItems(dataset, "RadiopharmaceuticalInformationSequence")[0];
  const whole = item && secondsOf(dicomText(item, "RadiopharmaceuticalStartDateTime") ?? "");
  const clock = item && secondsOf(`19700101${dicomText(item, "RadiopharmaceuticalStartTime") ?? ""}`);
  if (whole === undefined && clock === undefined) {
    throw new DataError("missing-injection-time", "SUV needs the time of the injection", { file, found: "nothing" });
  }
  if (whole !== undefined && clock !== undefined && Math.abs(((whole - clock + day / 2) % day) - day / 2) > 1) {
    throw new DataError("disagreement", "two times of the injection are stated", {
      file,
      expected: isoOf(whole).slice(11),
      found: isoOf(clock).slice(11),
    });
  }
  const midnight = Math.floor(scanStart / day) * day;
  const sameDay = midnight + (clock ?? 0);
  const at = whole ?? (sameDay > scanStart ? sameDay - day : sameDay);
  if (at > scanStart + 3600 || scanStart - at > 2 * day) {
    throw new DataError("disagreement", "the injection is not within two days before the scan", {
      file,
      expected: `up to ${isoOf(scanStart)}`,
      found: isoOf(at),
    });
  }
  return at;
}

/** @throws DataError `disagreement` */
function checkFactor(
  image: DicomDataset,
  { start, duration }: ScanTimes["frames"][number],
  reference: Seconds,
  halfLife: Seconds,
): void {
  const stated = dicomNumber(image, "DecayFactor");
  // A factor of exactly 1 is what writers put who fill the field without meaning it.
  if (stated === undefined || stated === 1) return;
  const lambda = Math.LN2 / halfLife;
  const turn = lambda * (duration ?? 0);
  const mean = turn > 0 ? turn / -Math.expm1(-turn) : 1;
  const expected = Math.exp(lambda * (start - reference)) * mean;
  if (!(Math.abs(stated / expected - 1) <= 0.01)) {
    throw new DataError("disagreement", "DecayFactor does not bear out the time decay is corrected to", {
      file: image.file,
      expected: `${expected.toPrecision(6)} for a frame ${Math.round(start - reference)} s after it`,
      found: `${stated}`,
    });
  }
}
