import { type Affine, DataError, rigid } from "@quintet/core";
import { readTsv } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import type { MotionTrack } from "@quintet/modalities/pet";

/** The unit stands in each name, so that no one has to guess it. */
const columns = ["time_s", "x_mm", "y_mm", "z_mm", "rx_deg", "ry_deg", "rz_deg"] as const;

/**
 * A tracker's poses as a table: from each time on, where the head is, as the move from its reference place (that of the mu-map, and
 * of the image that is made) in scanner coordinates: turned about x, then y, then z through the scanner's centre, then shifted.
 *
 * @throws DataError `bad-track` (a column missing, a cell that is no number, times that do not rise, turns beyond 90 degrees or
 *   shifts beyond 200 mm), those of readFileBounded
 */
export async function readTrack(path: string): Promise<MotionTrack> {
  const table = readTsv(new TextDecoder().decode(await readFileBounded(path, 2 ** 28)), path);
  const missing = columns.filter((name) => !table.columns.includes(name));
  if (missing.length > 0) {
    throw new DataError("bad-track", "a motion track is a table of times and six numbers", {
      file: path,
      expected: columns.join(", "),
      found: `no ${missing.join(", ")} among ${table.columns.join(", ")}`,
    });
  }
  const at = columns.map((name) => table.columns.indexOf(name));
  const rows = table.rows.map((row, i) => {
    const values = at.map((k) => (row[k] === undefined || row[k].trim() === "" ? Number.NaN : Number(row[k])));
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new DataError("bad-track", `row ${i + 1} of the track`, {
        file: path,
        expected: "numbers",
        found: `${columns[bad]} "${row[at[bad] as number] ?? ""}"`,
      });
    }
    return values as [number, number, number, number, number, number, number];
  });
  const far = rows.findIndex(
    ([, x, y, z, ...turns]) => Math.hypot(x, y, z) > 200 || turns.some((turn) => Math.abs(turn) > 90),
  );
  if (far >= 0) {
    throw new DataError("bad-track", `row ${far + 1} of the track moves the head out of the scanner`, {
      file: path,
      expected: "shifts of at most 200 mm, turns of at most 90 degrees",
      found: (rows[far] ?? []).join(", "),
    });
  }
  const time = Float64Array.from(rows, ([t]) => t);
  const falls = time.findIndex((t, i) => i > 0 && !(t > (time[i - 1] as number)));
  if (rows.length === 0 || falls >= 0) {
    throw new DataError("bad-track", "the times of a track rise", {
      file: path,
      expected: "one row or more, in order",
      found: rows.length === 0 ? "no rows" : `${time[falls]} s after ${time[falls - 1]} s`,
    });
  }
  return { time, maps: rows.map(([, x, y, z, rx, ry, rz]): Affine => rigid([rx, ry, rz], [x, y, z])) };
}
