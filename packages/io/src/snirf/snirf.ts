import type { Channel, ChannelGroup, Event, Recording } from "@quintet/core";
import { DataError } from "@quintet/core";
import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";
import { kindOfName } from "../signal/channel-kind.ts";
import { markNonFinite } from "../signal/finite.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { signalUnit } from "../signal/signal-unit.ts";
import { readMeasurements, snirfChannel } from "./snirf-channels.ts";
import {
  childGroup,
  gatherProblems,
  indexedGroups,
  type Matrix,
  matrix,
  note,
  type SnirfContext,
  scalarNumber,
  scalarText,
  vector,
} from "./snirf-fields.ts";
import { snirfIdentity, snirfPerson, snirfStart } from "./snirf-metadata.ts";
import { readProbe } from "./snirf-probe.ts";
import { type TimeGrid, timeFactor, timeGrid } from "./snirf-time.ts";

/**
 * What a SNIRF file means: light intensities (or processed quantities) as channel groups, aux as groups of their own,
 * stim as events, optodes and landmarks in mm. Departures from the specification are listed in `problems`.
 *
 * Of several /nirs groups the first is read.
 *
 * @throws DataError `not-snirf`, `bad-shape`, `bad-time`, `bad-measurement-list`, `unknown-unit`
 * @see SNIRF specification 1.1, github.com/fNIRS/snirf
 */
export function snirfFromTree(root: Hdf5Group, { file }: { readonly file: string }): SignalFile {
  const context: SnirfContext = { file, problems: [] };
  const [first, ...more] = indexedGroups(root, "nirs", context, true);
  if (first === undefined)
    throw new DataError("not-snirf", "no /nirs group", {
      file,
      expected: "/nirs or /nirs1",
      found: Object.keys(root.children).slice(0, 5).join(", "),
    });
  if (more.length > 0) note(context, `${more.length + 1} /nirs groups are there; the first is read`);
  if (scalarText(root, "formatVersion", "", context) === undefined) note(context, "formatVersion is missing");
  const nirs = first.group;
  const tags = childGroup(nirs, "metaDataTags");
  const tag = (name: string): string | undefined => scalarText(tags, name, "metaDataTags", context);
  for (const name of ["SubjectID", "MeasurementDate", "MeasurementTime", "LengthUnit", "TimeUnit", "FrequencyUnit"]) {
    if (tag(name) === undefined) note(context, `metaDataTags/${name} is missing`);
  }
  const seconds = timeFactor(tag("TimeUnit"), context);
  const blocks = indexedGroups(nirs, "data", context).map(({ path, group }) => ({
    path,
    group,
    list: readMeasurements(group, path, context),
  }));
  const probeGroup = childGroup(nirs, "probe");
  if (probeGroup === undefined) throw new DataError("not-snirf", "no probe", { file });
  const all = blocks.flatMap(({ list }) => list);
  const largest = (pick: (m: (typeof all)[number]) => number): number => all.reduce((n, m) => Math.max(n, pick(m)), 0);
  const counts = { sources: largest((m) => m.source), detectors: largest((m) => m.detector) };
  if (!(counts.sources <= 1e5 && counts.detectors <= 1e5)) {
    throw new DataError("bad-measurement-list", "optode numbers make no sense", {
      file,
      expected: "up to 100 000",
      found: `${counts.sources}, ${counts.detectors}`,
    });
  }
  const probe = readProbe(probeGroup, counts, tag("LengthUnit"), context, {
    time: tag("TimeUnit") ?? "",
    frequency: tag("FrequencyUnit") ?? "",
  });
  const groups: ChannelGroup[] = [];
  for (const { path, group, list } of blocks) {
    const table = matrix(group, "dataTimeSeries", path, context);
    if (table === undefined || table.rows === 0) {
      note(context, `${path} holds no data`);
      continue;
    }
    if (table.columns !== list.length) {
      throw new DataError("bad-shape", `${path}/dataTimeSeries`, {
        file,
        expected: `${list.length} columns, as the measurement list`,
        found: `${table.columns}`,
      });
    }
    const grid = timeGrid(
      vector(group, "time", path, context) ?? new Float64Array(0),
      table.rows,
      seconds,
      path,
      context,
    );
    const channels = list.map((m) => snirfChannel(m, probe, path, context));
    const offsets = vector(group, "dataOffset", path, context);
    if (offsets !== undefined && offsets.length !== list.length) {
      throw new DataError("bad-shape", `${path}/dataOffset`, {
        file,
        expected: `${list.length}`,
        found: `${offsets.length}`,
      });
    }
    groups.push(
      columns(
        grid,
        table,
        channels.map((c) => c.channel),
        (value, c) => (value + (offsets?.[c] ?? 0)) * (channels[c]?.factor ?? 1),
      ),
    );
  }
  groups.push(...auxGroups(nirs, seconds, context));
  const checked = groups.map((group) => markNonFinite(group, context.problems));
  const startedAt = snirfStart(tag("MeasurementDate"), tag("MeasurementTime"));
  const recording: Recording = {
    clock: recordingClock,
    ...(startedAt === undefined ? {} : { startedAt }),
    groups: checked,
  };
  const person = snirfPerson(tag);
  return {
    recording,
    events: { clock: recordingClock, list: stimEvents(nirs, seconds, context) },
    ...(probe.montage === undefined ? {} : { montage: probe.montage }),
    ...(person === undefined ? {} : { person }),
    identity: snirfIdentity(tags, first.path),
    problems: gatherProblems(context.problems),
  };
}

/** A [time][column] table as [channel][sample] segments. */
function columns(
  grid: TimeGrid,
  table: Matrix,
  channels: readonly Channel[],
  convert: (value: number, column: number) => number,
): ChannelGroup {
  const segments = grid.runs.map(({ first, end, start }) => {
    const n = end - first;
    const data = new Float64Array(n * table.columns);
    for (let c = 0; c < table.columns; c++) {
      for (let s = 0; s < n; s++) data[c * n + s] = convert(table.data[(first + s) * table.columns + c] as number, c);
    }
    return { start, data };
  });
  return { rate: grid.rate, channels, segments };
}

function auxGroups(nirs: Hdf5Group, seconds: number, context: SnirfContext): ChannelGroup[] {
  return indexedGroups(nirs, "aux", context).flatMap(({ path, group }) => {
    const table = matrix(group, "dataTimeSeries", path, context);
    if (table === undefined || table.rows === 0) return [];
    const name = scalarText(group, "name", path, context) || path;
    const rule = signalUnit(scalarText(group, "dataUnit", path, context) || "{arbitrary}");
    const offset = scalarNumber(group, "timeOffset", path, { ...context, problems: [] }) ?? 0;
    const time = vector(group, "time", path, context) ?? new Float64Array(0);
    const grid = timeGrid(time, table.rows, seconds, path, context);
    const shifted = { ...grid, runs: grid.runs.map((run) => ({ ...run, start: run.start + offset * seconds })) };
    const kind = kindOfName(name, "1");
    const channels = Array.from(
      { length: table.columns },
      (_, c): Channel => ({
        name: table.columns === 1 ? name : `${name} ${c + 1}`,
        kind,
        unit: rule.unit,
        sensors: [],
      }),
    );
    return [columns(shifted, table, channels, (value) => value * rule.factor)];
  });
}

/** stim{i}/data has rows [start, duration, value, ...]. */
function stimEvents(nirs: Hdf5Group, seconds: number, context: SnirfContext): Event[] {
  const events = indexedGroups(nirs, "stim", context).flatMap(({ path, group }) => {
    const type = scalarText(group, "name", path, context) || path;
    const table = matrix(group, "data", path, context, [3, 4, 5]);
    if (table === undefined || table.rows === 0) return [];
    if (table.columns < 3) {
      note(context, `${path}/data is ${table.rows} x ${table.columns}, not N x 3 or more, and is left out`);
      return [];
    }
    return Array.from({ length: table.rows }, (_, row): Event => {
      const at = (c: number): number => table.data[row * table.columns + c] as number;
      const duration = at(1) * seconds;
      return {
        onset: at(0) * seconds,
        duration: Number.isFinite(duration) ? Math.max(0, duration) : 0,
        type,
        value: at(2),
      };
    });
  });
  return events.filter((e) => Number.isFinite(e.onset)).sort((a, b) => a.onset - b.onset);
}
