import type { Channel, Event, Montage, Point, Sensor } from "@quintet/core";
import { DataError } from "@quintet/core";
import { type MatValue, matField, matNumbers, matText } from "../mat/mat-value.ts";
import { markNonFinite } from "../signal/finite.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { type NirxHeader, readNirxHeader } from "./nirx-header.ts";

/** The files of a NIRScout folder that are read; `inf` and `probe` may be missing. */
export interface NirxFiles {
  readonly hdr: string;
  /** One table per wavelength, in the header's order: wl1, wl2. */
  readonly light: readonly string[];
  /** Variables of NAME_probeInfo.mat. */
  readonly probe?: ReadonlyMap<string, MatValue>;
  /** The subject's file. */
  readonly inf?: string;
}

/**
 * A recording of NIRx NIRStar (NIRScout, NIRScoutX; versions 14 and 15): light of each wavelength as a table
 * [sample][source-detector combination], of which the header's mask says which are channels; places of the optodes in cm on the ICBM-152
 * head from probeInfo.mat; triggers from the header's markers.
 *
 * A detector of a short-distance bundle is one of the header's detectors like any other.
 *
 * @throws DataError `not-nirx`, `bad-shape`, `bad-measurement-list`
 */
export function nirxFromFiles(files: NirxFiles, { file }: { readonly file: string }): SignalFile {
  const header = readNirxHeader(files.hdr, file);
  const { rate, wavelengths, key, mask } = header;
  if (files.light.length !== wavelengths.length) {
    throw new DataError("bad-shape", "one table of light per wavelength", {
      file,
      expected: `${wavelengths.length} (${wavelengths.join(", ")} nm)`,
      found: `${files.light.length}`,
    });
  }
  const problems: string[] = [];
  const tables = files.light.map((text, w) => lightTable(text, `wl${w + 1}`, key.length, file));
  const samples = tables[0]?.rows ?? 0;
  const other = tables.findIndex(({ rows }) => rows !== samples);
  if (other >= 0) {
    throw new DataError("bad-shape", "the tables of light are of unequal length", {
      file,
      expected: `${samples} samples`,
      found: `${tables[other]?.rows} in wl${other + 1}`,
    });
  }
  const measured = key.filter(({ source, detector }) => mask[source - 1]?.[detector - 1] === 1);
  if (measured.length === 0)
    throw new DataError("bad-measurement-list", "the mask of the header takes no combination", {
      file,
      expected: "a 1 in S-D-Mask",
    });
  const channels: Channel[] = [];
  const data = new Float64Array(measured.length * wavelengths.length * samples);
  for (const { source, detector, column } of measured) {
    for (const [w, wavelength] of wavelengths.entries()) {
      const table = tables[w] as LightTable;
      const row = channels.length * samples;
      for (let t = 0; t < samples; t++) data[row + t] = table.data[t * table.columns + column - 1] as number;
      channels.push({
        name: `S${source}_D${detector} ${wavelength}`,
        kind: "nirs-intensity",
        unit: "{intensity}",
        sensors: [`S${source}`, `D${detector}`],
        wavelength,
      });
    }
  }
  const group = markNonFinite({ rate, channels, segments: [{ start: 0, data }] }, problems);
  const montage = montageOf(files.probe, measured, file, problems);
  const person = personOf(files.inf);
  return {
    recording: {
      clock: recordingClock,
      ...(header.startedAt === undefined ? {} : { startedAt: header.startedAt }),
      groups: [group],
    },
    events: { clock: recordingClock, list: eventsOf(header, samples, problems) },
    ...(montage ? { montage } : {}),
    ...(person ? { person } : {}),
    identity: /^Name="?[^"\s]/m.test(files.inf ?? "") ? ["inf Name"] : [],
    problems,
  };
}

interface LightTable {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

function lightTable(text: string, name: string, columns: number, file: string): LightTable {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const data = new Float64Array(lines.length * columns);
  for (const [t, line] of lines.entries()) {
    const values = line.trim().split(/\s+/);
    if (values.length !== columns) {
      throw new DataError("bad-shape", `${name}, sample ${t + 1}`, {
        file,
        expected: `${columns} values, as S-D-Key has`,
        found: `${values.length}`,
      });
    }
    for (const [c, value] of values.entries()) data[t * columns + c] = Number(value);
  }
  return { rows: lines.length, columns, data };
}

function eventsOf({ rate, markers }: NirxHeader, samples: number, problems: string[]): Event[] {
  const outside = markers.filter(({ frame }) => !(frame >= 0 && frame <= samples));
  if (outside.length > 0)
    problems.push(`${outside.length} markers lie outside the ${samples} samples and are left out`);
  return markers
    .filter((marker) => !outside.includes(marker))
    .map(({ frame, code }): Event => ({ onset: frame / rate, duration: 0, type: `${code}` }))
    .sort((a, b) => a.onset - b.onset);
}

/** Places in cm. The channels' optodes must be there; optodes of no channel are kept as well. */
function montageOf(
  probe: ReadonlyMap<string, MatValue> | undefined,
  measured: readonly { readonly source: number; readonly detector: number }[],
  file: string,
  problems: string[],
): Montage | undefined {
  const info = probe?.get("probeInfo");
  const probes = matField(info, "probes");
  if (!probes) {
    problems.push("there is no probeInfo.mat: the optodes have no places");
    return undefined;
  }
  const place = (field: string, letter: "S" | "D", kind: Sensor["kind"]): Sensor[] => {
    const value = matField(probes, field);
    const numbers = matNumbers(value);
    const rows = value?.kind === "numeric" ? (value.shape[0] ?? 0) : 0;
    if (!numbers || numbers.length !== 3 * rows) {
      throw new DataError("bad-shape", `probeInfo.probes.${field}`, {
        file,
        expected: "N x 3",
        found: `${numbers?.length ?? 0} values`,
      });
    }
    return Array.from({ length: rows }, (_, i) => {
      const position = [0, 1, 2].map((axis) => 10 * (numbers[axis * rows + i] as number)) as unknown as Point;
      return { name: `${letter}${i + 1}`, kind, ...(position.every(Number.isFinite) ? { position } : {}) };
    });
  };
  const sensors = [...place("coords_s3", "S", "source"), ...place("coords_d3", "D", "detector")];
  const known = new Set(sensors.map(({ name }) => name));
  const missing = [...new Set(measured.flatMap(({ source, detector }) => [`S${source}`, `D${detector}`]))].filter(
    (name) => !known.has(name),
  );
  if (missing.length > 0) problems.push(`probeInfo.mat has no places of ${missing.join(", ")}`);
  const head = matText(matField(info, "headmodel"))?.trim();
  return { space: head === undefined || head === "" ? "device:nirs" : `template:${head}`, sensors };
}

/** NIRStar writes 1 for male and 2 for female, and an age of 0 where none was given. */
function personOf(inf: string | undefined): SignalFile["person"] {
  const field = (name: string): string =>
    new RegExp(`^${name}="?([^"\\r\\n]*)`, "m").exec(inf ?? "")?.[1]?.trim() ?? "";
  const gender = field("Gender").toLowerCase();
  const sex = /^(1|m|male)$/.test(gender) ? "M" : /^(2|f|female)$/.test(gender) ? "F" : undefined;
  const age = Number(field("Age"));
  if (sex === undefined && !(age > 0)) return undefined;
  return { ...(sex === undefined ? {} : { sex }), ...(age > 0 && age <= 130 ? { age: Math.floor(age) } : {}) };
}
