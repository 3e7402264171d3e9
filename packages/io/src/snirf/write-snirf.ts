import type { Channel, ChannelGroup, Events, Montage, Recording, Sensor } from "@quintet/core";
import { channelData, DataError, sampleCount } from "@quintet/core";
import type { Hdf5Dataset, Hdf5Group, Hdf5Node } from "../hdf5/hdf5-tree.ts";

const text = (value: string): Hdf5Dataset => ({
  kind: "dataset",
  shape: [],
  type: "string",
  variableLength: true,
  data: [value],
});
const texts = (values: readonly string[]): Hdf5Dataset => ({
  kind: "dataset",
  shape: [values.length],
  type: "string",
  variableLength: true,
  data: values,
});
const integer = (value: number): Hdf5Dataset => ({
  kind: "dataset",
  shape: [],
  type: "integer",
  data: Int32Array.of(value),
});
const numbers = (data: Float64Array, shape: readonly number[]): Hdf5Dataset => ({
  kind: "dataset",
  shape,
  type: "float",
  data,
});
const group = (children: Record<string, Hdf5Node>): Hdf5Group => ({ kind: "group", children });

const optical = new Set(["nirs-intensity", "nirs-od", "hbo", "hbr", "hbt"]);

/** What the writer needs besides the recording. */
export interface SnirfParts {
  readonly recording: Recording;
  readonly events?: Events;
  readonly montage?: Montage;
}

/**
 * A SNIRF 1.1 file as a tree: optical groups as data{i}, other groups as aux{i}, events by type as stim{i},
 * positions in mm, subject "anonymous". Times are written in full, so gaps stay gaps.
 *
 * @throws DataError `no-signals`, `unplaced-channel`
 */
export function snirfTree({ recording, events, montage }: SnirfParts): Hdf5Group {
  const blocks = recording.groups.filter((g) => g.channels.some((c) => optical.has(c.kind)));
  if (blocks.length === 0) throw new DataError("no-signals", "a SNIRF file needs optical channels");
  const channels = blocks.flatMap((g) => g.channels);
  const wavelengths = [...new Set(channels.flatMap((c) => (c.wavelength === undefined ? [] : [c.wavelength])))].sort(
    (a, b) => a - b,
  );
  const optodes = (kind: "source" | "detector", at: 0 | 1): Sensor[] => {
    const named = (montage?.sensors ?? []).filter((s) => s.kind === kind);
    const used = [...new Set(channels.map((c) => c.sensors[at] ?? ""))].filter(
      (name) => !named.some((s) => s.name === name),
    );
    return [...named, ...used.map((name): Sensor => ({ name, kind }))];
  };
  const [sources, detectors] = [optodes("source", 0), optodes("detector", 1)];
  const nirs: Record<string, Hdf5Node> = {
    metaDataTags: metaDataTags(recording),
    probe: probeTree(wavelengths, sources, detectors, montage),
  };
  blocks.forEach((block, i) => {
    nirs[`data${i + 1}`] = dataTree(block, sources, detectors, wavelengths);
  });
  let aux = 0;
  for (const other of recording.groups) {
    if (blocks.includes(other)) continue;
    other.channels.forEach((channel, c) => {
      nirs[`aux${++aux}`] = group({
        name: text(channel.name),
        dataTimeSeries: numbers(column(other, c), [times(other).length, 1]),
        dataUnit: text(channel.unit === "{arbitrary}" ? "" : channel.unit),
        time: numbers(times(other), [times(other).length]),
        timeOffset: numbers(Float64Array.of(0), [1]),
      });
    });
  }
  const types = [...new Set((events?.list ?? []).map((e) => e.type))];
  types.forEach((type, i) => {
    const list = (events?.list ?? []).filter((e) => e.type === type);
    const rows = Float64Array.from(list.flatMap((e) => [e.onset, e.duration, e.value ?? 1]));
    nirs[`stim${i + 1}`] = group({ name: text(type), data: numbers(rows, [list.length, 3]) });
  });
  return group({ formatVersion: text("1.1"), nirs: group(nirs) });
}

function metaDataTags(recording: Recording): Hdf5Group {
  const [date = "unknown", time = "unknown"] = (recording.startedAt ?? "unknown").split("T");
  return group({
    SubjectID: text("anonymous"),
    MeasurementDate: text(date),
    MeasurementTime: text(time),
    LengthUnit: text("mm"),
    TimeUnit: text("s"),
    FrequencyUnit: text("Hz"),
  });
}

function probeTree(
  wavelengths: readonly number[],
  sources: readonly Sensor[],
  detectors: readonly Sensor[],
  montage: Montage | undefined,
): Hdf5Group {
  const positions = (sensors: readonly Sensor[]): Hdf5Dataset =>
    numbers(Float64Array.from(sensors.flatMap((s) => [...(s.position ?? [Number.NaN, Number.NaN, Number.NaN])])), [
      sensors.length,
      3,
    ]);
  const landmarks = (montage?.sensors ?? []).filter(
    (s) => (s.kind === "fiducial" || s.kind === "landmark") && s.position !== undefined,
  );
  const placed = [...sources, ...detectors].some((s) => s.position !== undefined);
  return group({
    wavelengths: numbers(Float64Array.from(wavelengths), [wavelengths.length]),
    sourceLabels: texts(sources.map((s) => s.name)),
    detectorLabels: texts(detectors.map((s) => s.name)),
    ...(placed ? { sourcePos3D: positions(sources), detectorPos3D: positions(detectors) } : {}),
    ...(landmarks.length > 0
      ? { landmarkPos3D: positions(landmarks), landmarkLabels: texts(landmarks.map((s) => s.name)) }
      : {}),
    ...(montage === undefined || montage.space === "device:nirs" ? {} : { coordinateSystem: text(montage.space) }),
  });
}

const labels: Readonly<Record<string, string>> = { "nirs-od": "dOD", hbo: "HbO", hbr: "HbR", hbt: "HbT" };

function dataTree(
  block: ChannelGroup,
  sources: readonly Sensor[],
  detectors: readonly Sensor[],
  wavelengths: readonly number[],
): Hdf5Group {
  const time = times(block);
  const series = new Float64Array(time.length * block.channels.length);
  block.channels.forEach((_, c) => {
    const values = column(block, c);
    for (let s = 0; s < values.length; s++) series[s * block.channels.length + c] = values[s] as number;
  });
  const children: Record<string, Hdf5Node> = {
    dataTimeSeries: numbers(series, [time.length, block.channels.length]),
    time: numbers(time, [time.length]),
  };
  block.channels.forEach((channel, c) => {
    children[`measurementList${c + 1}`] = measurement(channel, sources, detectors, wavelengths);
  });
  return group(children);
}

function measurement(
  channel: Channel,
  sources: readonly Sensor[],
  detectors: readonly Sensor[],
  wavelengths: readonly number[],
): Hdf5Group {
  const source = sources.findIndex((s) => s.name === channel.sensors[0]);
  const detector = detectors.findIndex((s) => s.name === channel.sensors[1]);
  if (source < 0 || detector < 0) {
    throw new DataError("unplaced-channel", `channel ${channel.name} names no source and detector`, {
      expected: "sensors [source, detector]",
      found: channel.sensors.join(", "),
    });
  }
  const label = labels[channel.kind];
  return group({
    sourceIndex: integer(source + 1),
    detectorIndex: integer(detector + 1),
    wavelengthIndex: integer(channel.wavelength === undefined ? 1 : wavelengths.indexOf(channel.wavelength) + 1),
    dataType: integer(channel.kind === "nirs-intensity" ? 1 : 99999),
    dataTypeIndex: integer(1),
    ...(label === undefined ? {} : { dataTypeLabel: text(label) }),
    ...(channel.unit === "mol/L" ? { dataUnit: text("M") } : {}),
  });
}

function times(block: ChannelGroup): Float64Array {
  return Float64Array.from(
    block.segments.flatMap((segment) =>
      Array.from({ length: sampleCount(block, segment) }, (_, s) => segment.start + s / block.rate),
    ),
  );
}

function column(block: ChannelGroup, c: number): Float64Array {
  const parts = block.segments.map((segment) => channelData(block, segment, c));
  const out = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
