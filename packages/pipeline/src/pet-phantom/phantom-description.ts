/** What is known of a phantom that was scanned, from a JSON file; and the counts of its measurements, from a table. */
import { DataError, type Millimetres } from "@quintet/core";
import { readTsv } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import {
  type CalibratorReading,
  type MeasuredCounts,
  type PhantomSphere,
  radionuclideOf,
} from "@quintet/modalities/pet";

export interface PhantomDescription {
  readonly calibration?: CalibratorReading;
  readonly spheres: readonly PhantomSphere[];
  readonly background?: readonly (readonly [Millimetres, Millimetres, Millimetres])[];
  readonly radius?: Millimetres;
}

const textOf = async (file: string): Promise<string> => new TextDecoder().decode(await readFileBounded(file, 2 ** 24));

type Fields = Readonly<Record<string, unknown>>;
const known = ["calibration", "spheres", "background", "radius_mm"];

/**
 * {"calibration": {"radionuclide", "activity_MBq", "activity_time_s", "residual_MBq", "residual_time_s", "volume_mL",
 *  "activity_error_percent", "volume_error_percent"}, "spheres": [{"x_mm", "y_mm", "z_mm", "diameter_mm", "ratio"}],
 *  "background": [{"x_mm", "y_mm", "z_mm"}], "radius_mm"}; times in seconds on the clock of the image's side file. What is
 * not known is left out as a whole; inside what is there every field is needed, so that nothing is guessed.
 *
 * @throws DataError `bad-json`, `bad-phantom`, `unknown-radionuclide`, those of readFileBounded
 */
export async function readPhantom(file: string): Promise<PhantomDescription> {
  const text = await textOf(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError("bad-json", "a phantom's description is JSON", { file, cause });
  }
  const all = fieldsOf(value, file, "the description");
  const strange = Object.keys(all).find((key) => !known.includes(key));
  if (strange !== undefined) throw bad(file, `the description holds ${known.join(", ")}`, `"${strange}"`);
  const list = (name: string): readonly Fields[] => {
    const items = all[name] ?? [];
    if (!Array.isArray(items)) throw bad(file, `${name} is a list`, typeof items);
    return items.map((item, i) => fieldsOf(item, file, `${name} ${i + 1}`));
  };
  const place = (fields: Fields, what: string): [number, number, number] =>
    ["x_mm", "y_mm", "z_mm"].map((name) => numberOf(fields, name, file, what)) as [number, number, number];
  const spheres = list("spheres").map((fields, i) => ({
    centre: place(fields, `sphere ${i + 1}`),
    diameter: numberOf(fields, "diameter_mm", file, `sphere ${i + 1}`),
    ratio: numberOf(fields, "ratio", file, `sphere ${i + 1}`),
  }));
  const background = list("background").map((fields, i) => place(fields, `background ${i + 1}`));
  return {
    spheres,
    ...(all.calibration === undefined
      ? {}
      : { calibration: readingOf(fieldsOf(all.calibration, file, "calibration"), file) }),
    ...(background.length === 0 ? {} : { background }),
    ...(all.radius_mm === undefined ? {} : { radius: numberOf(all, "radius_mm", file, "the description") }),
  };
}

function readingOf(fields: Fields, file: string): CalibratorReading {
  const number = (name: string): number => numberOf(fields, name, file, "calibration");
  return {
    radionuclide: radionuclideOf(fields.radionuclide),
    activity: 1e6 * number("activity_MBq"),
    at: number("activity_time_s"),
    residual: 1e6 * number("residual_MBq"),
    residualAt: number("residual_time_s"),
    volume: number("volume_mL"),
    activityError: number("activity_error_percent") / 100,
    volumeError: number("volume_error_percent") / 100,
  };
}

/**
 * A table with duration_s, prompts, randoms and scatter, and activity_MBq where it is known: a row a measurement.
 * @throws DataError `bad-counts`
 */
export async function readCounts(file: string): Promise<readonly MeasuredCounts[]> {
  const { columns, rows } = readTsv(await textOf(file), file);
  const needed = ["duration_s", "prompts", "randoms", "scatter"] as const;
  const missing = needed.filter((name) => !columns.includes(name));
  if (missing.length > 0 || rows.length === 0) {
    throw new DataError("bad-counts", "counts are a table with a row a measurement", {
      file,
      expected: `${needed.join(", ")}, and activity_MBq`,
      found: missing.length > 0 ? `no ${missing.join(", ")}` : "no rows",
    });
  }
  return rows.map((row, i) => {
    const cell = (name: string): number => {
      const text = row[columns.indexOf(name)] ?? "";
      const value = text.trim() === "" ? Number.NaN : Number(text);
      if (Number.isFinite(value)) return value;
      throw new DataError("bad-counts", `row ${i + 1} of the counts`, {
        file,
        expected: "numbers",
        found: `${name} "${text}"`,
      });
    };
    const [duration, prompts, randoms, scatter] = needed.map(cell) as [number, number, number, number];
    const activity = columns.includes("activity_MBq") ? { activity: 1e6 * cell("activity_MBq") } : {};
    return { duration, prompts, randoms, scatter, ...activity };
  });
}

function fieldsOf(value: unknown, file: string, what: string): Fields {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Fields;
  throw bad(file, `${what} is an object with named fields`, JSON.stringify(value) ?? "nothing");
}

function numberOf(fields: Fields, name: string, file: string, what: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw bad(file, `${what} needs the number ${name}`, JSON.stringify(value) ?? "nothing");
}

function bad(file: string, expected: string, found: string): DataError {
  return new DataError("bad-phantom", "the description of a phantom cannot be used", { file, expected, found });
}
