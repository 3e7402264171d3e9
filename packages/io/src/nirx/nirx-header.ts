import { DataError } from "@quintet/core";

export interface NirxHeader {
  /** Hz. */
  readonly rate: number;
  /** nm, in the order of the tables. */
  readonly wavelengths: readonly number[];
  readonly startedAt?: string;
  /** Which column (from 1) of the tables is which combination. */
  readonly key: readonly { readonly source: number; readonly detector: number; readonly column: number }[];
  /** [source][detector], 1 where the combination is a channel. */
  readonly mask: readonly (readonly number[])[];
  readonly markers: readonly { readonly code: number; readonly frame: number }[];
}

/**
 * The header of a NIRStar recording: lines NAME=VALUE in sections; a value may be a table between `"#` and `#"`.
 *
 * @throws DataError `not-nirx` (another file, or a field that is missing)
 */
export function readNirxHeader(text: string, file: string): NirxHeader {
  if (!/^\uFEFF?\s*\[GeneralInfo\]/.test(text)) {
    throw new DataError("not-nirx", "no header of NIRStar", {
      file,
      expected: "[GeneralInfo] first",
      found: text.slice(0, 30),
    });
  }
  if (!/^NIRStar=/m.test(text)) {
    throw new DataError("not-nirx", "a header of another program (Aurora writes SNIRF beside it: read that)", {
      file,
      expected: "NIRStar",
    });
  }
  const field = (name: string): string => {
    const value = new RegExp(`^${name}="?([^"#\\r\\n]*)`, "m").exec(text)?.[1]?.trim();
    if (value === undefined || value === "")
      throw new DataError("not-nirx", `the header has no ${name}`, { file, expected: name });
    return value;
  };
  const rows = (name: string): number[][] | undefined => {
    const block = new RegExp(`^${name}="#([^#]*)#"`, "m").exec(text)?.[1];
    return block
      ?.split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .map((line) => line.trim().split(/\s+/).map(Number));
  };
  const rate = Number(field("SamplingRate"));
  const wavelengths = field("Wavelengths").split(/\s+/).map(Number);
  const key = [...field("S-D-Key").matchAll(/(\d+)-(\d+):(\d+)/g)].map(([, source, detector, column]) => ({
    source: Number(source),
    detector: Number(detector),
    column: Number(column),
  }));
  const mask = rows("S-D-Mask");
  const whole = key.every(({ column }) => column >= 1 && column <= key.length);
  if (!(rate > 0) || !wavelengths.every((l) => l > 0) || key.length === 0 || !whole || mask === undefined) {
    throw new DataError("not-nirx", "a field of the header makes no sense", {
      file,
      expected: "SamplingRate, Wavelengths, S-D-Key and S-D-Mask",
      found: `${rate} Hz, ${wavelengths.join(", ")} nm, ${key.length} combinations${mask ? "" : ", no mask"}`,
    });
  }
  const startedAt = startOf(field("Date"), field("Time"));
  return {
    rate,
    wavelengths,
    key,
    mask,
    ...(startedAt === undefined ? {} : { startedAt }),
    markers: (rows("Events") ?? []).flatMap(([, code, frame]) =>
      code === undefined || frame === undefined ? [] : [{ code, frame }],
    ),
  };
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** "Fri, Aug 23, 2019" or "Tue, 18 Aug 2020" and "07:37:04.540"; undefined where the day is written in another language. */
function startOf(date: string, time: string): string | undefined {
  const month = months.findIndex((name) => new RegExp(`\\b${name}`, "i").test(date.replace(/^\w+,/, "")));
  const year = /\b(\d{4})\b/.exec(date)?.[1];
  const day = /\b(\d{1,2})\b/.exec(date.replace(/\d{4}/, ""))?.[1];
  const clock = /^(\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(time)?.[1];
  if (month < 0 || year === undefined || day === undefined || clock === undefined) return undefined;
  return `${year}-${String(month + 1).padStart(2, "0")}-${day.padStart(2, "0")}T${clock}`;
}
