import type { Channel, ChannelGroup, Event, Montage, Point, Sensor } from "@quintet/core";
import { DataError } from "@quintet/core";
import { readMat } from "../mat/mat.ts";
import { type MatValue, matField, matNumbers, matText, matTexts } from "../mat/mat-value.ts";
import { markNonFinite } from "../signal/finite.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { type TimeGrid, timeGrid } from "../snirf/snirf-time.ts";

interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly data: ArrayLike<number>;
}

/**
 * Reads a Homer .nirs file (a MAT-file): intensities `d` [time][channel], times `t` in seconds, probe `SD`,
 * measurement list `ml` or SD.MeasList (source, detector, -, wavelength), stimuli `s`, auxiliary signals `aux`.
 * A stimulus column is 0 but for marks: each rise above 0 is an event, negative marks are ones the user excluded.
 *
 * @throws DataError `not-homer`, `bad-shape`, `bad-time`, `bad-measurement-list`, `unknown-unit`
 * @see Huppert et al., Appl Opt 2009;48:D280-98 (HomER)
 */
export function homerFromMat(
  variables: ReadonlyMap<string, MatValue>,
  { file }: { readonly file: string },
): SignalFile {
  const problems: string[] = [];
  const d = table(variables.get("d"));
  const probe = variables.get("SD");
  const times = matNumbers(variables.get("t"));
  if (d === undefined || times === undefined || probe?.kind !== "struct") {
    throw new DataError("not-homer", "no Homer .nirs file", {
      file,
      expected: "d, t and SD",
      found: [...variables.keys()].slice(0, 8).join(", "),
    });
  }
  const list = table(variables.get("ml")) ?? table(matField(probe, "MeasList"));
  if (list === undefined || list.rows !== d.columns || list.columns < 4) {
    throw new DataError("bad-measurement-list", "measurement list", {
      file,
      expected: `${d.columns} x 4`,
      found: `${list?.rows ?? 0} x ${list?.columns ?? 0}`,
    });
  }
  if (times.length !== d.rows) {
    throw new DataError("bad-time", "t and d differ in length", {
      file,
      expected: `${d.rows} times`,
      found: `${times.length}`,
    });
  }
  const grid = timeGrid(Float64Array.from(times), d.rows, 1, "d", { file, problems });
  const wavelengths = matNumbers(matField(probe, "Lambda")) ?? [];
  const montage = homerMontage(probe, problems, file);
  const [sources, detectors] = ["source", "detector"].map(
    (kind) => montage.sensors.filter((s) => s.kind === kind).length,
  ) as [number, number];
  const channels = Array.from({ length: list.rows }, (_, c): Channel => {
    const at = (column: number): number => list.data[column * list.rows + c] as number;
    const [source, detector, wavelength] = [at(0), at(1), wavelengths[at(3) - 1]];
    if (
      !(source >= 1 && source <= sources && detector >= 1 && detector <= detectors) ||
      !Number.isInteger(source) ||
      !Number.isInteger(detector) ||
      wavelength === undefined
    ) {
      throw new DataError("bad-measurement-list", `channel ${c + 1} names what is not there`, {
        file,
        expected: `source 1-${sources}, detector 1-${detectors}, wavelength 1-${wavelengths.length}`,
        found: `${source}, ${detector}, ${at(3)}`,
      });
    }
    return {
      name: `S${source}_D${detector} ${wavelength}`,
      kind: "nirs-intensity",
      unit: "{intensity}",
      sensors: [`S${source}`, `D${detector}`],
      wavelength,
    };
  });
  const groups = [group(grid, d, channels)];
  const aux = table(variables.get("aux") ?? variables.get("aux10"));
  if (aux !== undefined && aux.rows === d.rows && aux.columns > 0) {
    const names = matTexts(matField(probe, "auxChannels"));
    const kinds = Array.from(
      { length: aux.columns },
      (_, c): Channel => ({ name: names[c] || `aux${c + 1}`, kind: "misc", unit: "{arbitrary}", sensors: [] }),
    );
    groups.push(group(grid, aux, kinds));
  }
  const events = stimuli(variables, grid, d.rows, problems);
  return {
    recording: { clock: recordingClock, groups: groups.map((g) => markNonFinite(g, problems)) },
    events: { clock: recordingClock, list: events },
    montage,
    identity: [],
    problems,
  };
}

/** The same from the bytes of a .nirs file (MAT-file version 5 to 7). */
export function readHomerNirs(bytes: Uint8Array, { file }: { readonly file: string }): SignalFile {
  return homerFromMat(readMat(bytes, { file }), { file });
}

function table(value: MatValue | undefined): Table | undefined {
  const data = matNumbers(value);
  if (data === undefined || value?.kind !== "numeric" || value.shape.length !== 2) return undefined;
  const [rows = 0, columns = 0] = value.shape;
  return { rows, columns, data };
}

function group(grid: TimeGrid, { rows, columns, data }: Table, channels: readonly Channel[]): ChannelGroup {
  const segments = grid.runs.map(({ first, end, start }) => {
    const n = end - first;
    const out = new Float64Array(n * columns);
    for (let c = 0; c < columns; c++) for (let s = 0; s < n; s++) out[c * n + s] = data[c * rows + first + s] as number;
    return { start, data: out };
  });
  return { rate: grid.rate, channels, segments };
}

const lengths: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000 };

function homerMontage(probe: MatValue, problems: string[], file: string): Montage {
  const unit = matText(matField(probe, "SpatialUnit"))?.trim() ?? "";
  const scale = unit === "" ? 1 : Object.hasOwn(lengths, unit) ? lengths[unit] : undefined;
  if (scale === undefined)
    throw new DataError("unknown-unit", "SD.SpatialUnit", { file, expected: "mm, cm or m", found: unit });
  if (unit === "") problems.push("SD.SpatialUnit is missing; millimetres were assumed");
  const place = (field: string, kind: "source" | "detector", letter: string): Sensor[] => {
    const positions = table(matField(probe, field));
    if (positions === undefined || (positions.columns !== 3 && positions.columns !== 2)) {
      throw new DataError("bad-shape", `SD.${field}`, {
        file,
        expected: "N x 3",
        found: `${positions?.rows ?? 0} x ${positions?.columns ?? 0}`,
      });
    }
    return Array.from({ length: positions.rows }, (_, i) => {
      const value = (c: number): number =>
        c < positions.columns ? (positions.data[c * positions.rows + i] as number) * scale : 0;
      const position: Point = [value(0), value(1), value(2)];
      return { name: `${letter}${i + 1}`, kind, ...(position.every(Number.isFinite) ? { position } : {}) };
    });
  };
  const sensors = [...place("SrcPos", "source", "S"), ...place("DetPos", "detector", "D")];
  if (sensors.every((s) => s.position === undefined || s.position[2] === 0)) {
    problems.push("the optode positions are flat: they lie in a plane, not on a head");
  }
  return { space: "device:nirs", sensors };
}

function stimuli(
  variables: ReadonlyMap<string, MatValue>,
  grid: TimeGrid,
  samples: number,
  problems: string[],
): Event[] {
  const s = table(variables.get("s"));
  if (s === undefined || s.columns === 0) return [];
  if (s.rows !== samples) {
    problems.push(`the stimulus table has ${s.rows} rows for ${samples} samples and is left out`);
    return [];
  }
  const names = matTexts(variables.get("CondNames"));
  const events: Event[] = [];
  let excluded = 0;
  for (let c = 0; c < s.columns; c++) {
    for (const { first, end, start } of grid.runs) {
      for (let i = first; i < end; i++) {
        const value = s.data[c * s.rows + i] as number;
        if (value < 0) excluded++;
        if (!(value > 0) || (i > first && (s.data[c * s.rows + i - 1] as number) > 0)) continue;
        let last = i;
        while (last + 1 < end && (s.data[c * s.rows + last + 1] as number) > 0) last++;
        events.push({
          onset: start + (i - first) / grid.rate,
          duration: last > i ? (last - i + 1) / grid.rate : 0,
          type: names[c] || String(c + 1),
          value,
        });
      }
    }
  }
  if (excluded > 0) problems.push(`${excluded} stimulus marks are negative (excluded by the user) and are left out`);
  return events.sort((a, b) => a.onset - b.onset);
}
