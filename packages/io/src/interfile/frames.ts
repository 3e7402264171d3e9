/** What a header says beside the numbers: how the patient lay, when, in which energy window, of which nuclide. */
import { DataError, type Frame } from "@quintet/core";
import {
  type InterfileHeader,
  interfileCount,
  interfileNumber,
  interfileNumbers,
  interfileText,
  standardKey,
} from "./header.ts";

/** keV. */
export interface EnergyWindow {
  readonly low: number;
  readonly high: number;
}

export interface InterfileFacts {
  readonly system?: string;
  /** HFS, HFP, FFS, FFP; undefined when the header does not say how the patient lay. */
  readonly position?: PatientPosition;
  readonly frames: readonly Frame[];
  readonly energyWindows: readonly EnergyWindow[];
  readonly radionuclide?: string;
  /** Seconds. */
  readonly halfLife?: number;
  /** Number by which the values become Bq/mL, where the header gives one. */
  readonly calibration?: number;
  /** ISO 8601 without zone. */
  readonly startedAt?: string;
}

export type PatientPosition = "HFS" | "HFP" | "FFS" | "FFP";

/**
 * @throws DataError `bad-frames` (negative, missing or overlapping frames), `bad-energy-window`, `bad-number`, `contradiction`
 */
export function interfileFacts(header: InterfileHeader): InterfileFacts {
  const position = positionOf(header);
  const system = interfileText(header, "originating system");
  const radionuclide = interfileText(header, "radionuclide name") ?? interfileText(header, "isotope name");
  const halfLife = interfileNumber(header, "radionuclide halflife (sec)");
  const calibration = interfileNumber(header, "calibration factor");
  const startedAt = startOf(header);
  return {
    ...(system === undefined ? {} : { system }),
    ...(position === undefined ? {} : { position }),
    frames: framesOf(header),
    energyWindows: energyWindowsOf(header),
    ...(radionuclide === undefined ? {} : { radionuclide }),
    ...(halfLife === undefined || !(halfLife > 0) ? {} : { halfLife }),
    ...(calibration === undefined || !(calibration > 0) ? {} : { calibration }),
    ...(startedAt === undefined ? {} : { startedAt }),
  };
}

function positionOf(header: InterfileHeader): PatientPosition | undefined {
  const first = { "head in": "HF", "feet in": "FF" }[standardKey(interfileText(header, "patient orientation") ?? "")];
  const turn = { supine: "S", prone: "P" }[standardKey(interfileText(header, "patient rotation") ?? "")];
  return first && turn ? (`${first}${turn}` as PatientPosition) : undefined;
}

function framesOf(header: InterfileHeader): readonly Frame[] {
  const { file } = header;
  const count = interfileCount(header, "number of time frames", 1, 100_000);
  const frames = Array.from({ length: count }, (_, i): Frame => {
    const start = interfileNumber(header, "image relative start time (sec)", i + 1);
    const duration = interfileNumber(header, "image duration (sec)", i + 1);
    if (count > 1 && (start === undefined || duration === undefined)) {
      throw new DataError("bad-frames", `frame ${i + 1} of ${count} lacks its start or its duration`, { file });
    }
    return { start: start ?? 0, duration: duration ?? 0 };
  });
  for (const [i, { start, duration }] of frames.entries()) {
    const before = frames[i - 1];
    const early = before !== undefined && start < before.start + before.duration - 1e-3;
    if (duration < 0 || (count > 1 && duration === 0) || early) {
      throw new DataError("bad-frames", `frame ${i + 1} must last and follow the one before it`, {
        file,
        ...(before ? { expected: `a start at ${before.start + before.duration} s or later` } : {}),
        found: `${start} s for ${duration} s`,
      });
    }
  }
  return frames;
}

/** Windows [1], [2] ..., or one window whose limits are a list. */
function energyWindowsOf(header: InterfileHeader): readonly EnergyWindow[] {
  const count = interfileCount(header, "number of energy windows", 1, 100);
  const windows: EnergyWindow[] = [];
  for (let i = 1; i <= count; i++) {
    const lows = interfileNumbers(header, "energy window lower level", i);
    const highs = interfileNumbers(header, "energy window upper level", i);
    if (lows === undefined && highs === undefined) continue;
    if (lows === undefined || highs === undefined || lows.length !== highs.length) {
      throw new DataError("bad-energy-window", `energy window ${i} lacks a limit`, { file: header.file });
    }
    for (const [k, low] of lows.entries()) {
      const high = highs[k] as number;
      // Writers that know no window put -1.
      if (low < 0 && high < 0) continue;
      if (!(low >= 0 && high > low)) {
        throw new DataError("bad-energy-window", `energy window ${i} must rise`, {
          file: header.file,
          found: `${low} to ${high} keV`,
        });
      }
      windows.push({ low, high });
    }
  }
  return windows;
}

/** "1995:01:31" and "10:45:00"; the time key is also spelt with an underscore. */
function startOf(header: InterfileHeader): string | undefined {
  const date = interfileText(header, "study date")?.match(/^(\d{4})[:/-](\d{2})[:/-](\d{2})/);
  const time = interfileText(header, "study time")?.match(/^(\d{2}:\d{2}:\d{2}(?:\.\d+)?)/);
  return date && time ? `${date[1]}-${date[2]}-${date[3]}T${time[1]}` : undefined;
}
