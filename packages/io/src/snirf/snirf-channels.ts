import type { Channel, ChannelKind, SignalUnit } from "@quintet/core";
import { DataError } from "@quintet/core";
import { type Hdf5Group, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import {
  child,
  childGroup,
  indexedGroups,
  note,
  type SnirfContext,
  scalarNumber,
  scalarText,
  vector,
} from "./snirf-fields.ts";
import type { SnirfProbe } from "./snirf-probe.ts";
import { dataTypes, processedLabels } from "./snirf-rules.ts";

/** One column of a data block, as its measurement list tells it. */
export interface SnirfMeasurement {
  readonly source: number;
  readonly detector: number;
  /** Counted from 1; 0 when a processed quantity has none. */
  readonly wavelength: number;
  readonly dataType: number;
  /** Counted from 1, in the probe's list that the type names (frequencies, delays ...). */
  readonly dataTypeIndex: number;
  readonly label: string;
  readonly unit: string;
}

/** measurementList1, 2 ... or the table measurementLists: one of the two, never both. @throws DataError `bad-measurement-list` */
export function readMeasurements(data: Hdf5Group, path: string, context: SnirfContext): SnirfMeasurement[] {
  const table = childGroup(data, "measurementLists");
  const lists = indexedGroups(data, "measurementList", context);
  if (table !== undefined && lists.length > 0)
    note(context, `${path} has both measurementList{i} and measurementLists; the table is used`);
  if (table === undefined) {
    return lists.map(({ path: name, group }) => {
      const at = `${path}/${name}`;
      const number = (field: string): number => scalarNumber(group, field, at, context) ?? 0;
      return {
        source: number("sourceIndex"),
        detector: number("detectorIndex"),
        wavelength: number("wavelengthIndex"),
        dataType: number("dataType"),
        dataTypeIndex: number("dataTypeIndex"),
        label: scalarText(group, "dataTypeLabel", at, context) ?? "",
        unit: scalarText(group, "dataUnit", at, context) ?? "",
      };
    });
  }
  const at = `${path}/measurementLists`;
  const column = (field: string): Float64Array => vector(table, field, at, context) ?? new Float64Array(0);
  const [source, detector, wavelength, dataType, typeIndex] = [
    "sourceIndex",
    "detectorIndex",
    "wavelengthIndex",
    "dataType",
    "dataTypeIndex",
  ].map(column);
  const count = source?.length ?? 0;
  if ([detector, dataType].some((c) => c?.length !== count)) {
    throw new DataError("bad-measurement-list", `${at}: columns differ in length`, {
      file: context.file,
      expected: `${count}`,
      found: `${detector?.length}, ${dataType?.length}`,
    });
  }
  const texts = (field: string): readonly string[] => hdf5Texts(child(table, field)) ?? [];
  const [labels, units] = [texts("dataTypeLabel"), texts("dataUnit")];
  return Array.from({ length: count }, (_, i) => ({
    source: source?.[i] ?? 0,
    detector: detector?.[i] ?? 0,
    wavelength: wavelength?.[i] ?? 0,
    dataType: dataType?.[i] ?? 0,
    dataTypeIndex: typeIndex?.[i] ?? 0,
    label: labels[i] ?? "",
    unit: units[i] ?? "",
  }));
}

export interface SnirfChannel {
  readonly channel: Channel;
  readonly factor: number;
}

const concentrations: Readonly<Record<string, number>> = {
  "": 1,
  M: 1,
  "mol/L": 1,
  mM: 1e-3,
  "mmol/L": 1e-3,
  uM: 1e-6,
  µM: 1e-6,
  μM: 1e-6,
  micromolar: 1e-6,
  "umol/L": 1e-6,
  nM: 1e-9,
};

/**
 * A column as a channel named like MNE does ("S1_D2 760", "S1_D2 hbo").
 * dataType 1 is CW amplitude; 99999 is processed, its label says what (dOD, HbO, HbR, HbT, HRF ...; others pass on as their label).
 * Frequency domain, time domain and correlation are kept as stored numbers, named by what they are and at which frequency, delay or
 * moment: "S1_D2 760 AC 140 MHz", "S1_D2 830 gate 1.2 ns".
 *
 * @throws DataError `bad-measurement-list`
 */
export function snirfChannel(
  m: SnirfMeasurement,
  probe: SnirfProbe,
  path: string,
  context: SnirfContext,
): SnirfChannel {
  const [source, detector] = [probe.sources[m.source - 1], probe.detectors[m.detector - 1]];
  if (source === undefined || detector === undefined) {
    throw new DataError("bad-measurement-list", `${path}: a channel names an optode that is not there`, {
      file: context.file,
      expected: `source 1-${probe.sources.length}, detector 1-${probe.detectors.length}`,
      found: `${m.source}, ${m.detector}`,
    });
  }
  const pair = `${source}_${detector}`;
  const sensors = [source, detector];
  const wavelength = probe.wavelengths[m.wavelength - 1];
  const light = (kind: ChannelKind, unit: SignalUnit): SnirfChannel => {
    if (wavelength === undefined) {
      throw new DataError("bad-measurement-list", `${path}: a channel names a wavelength that is not there`, {
        file: context.file,
        expected: `1-${probe.wavelengths.length}`,
        found: `${m.wavelength}`,
      });
    }
    return {
      channel: { name: `${pair} ${Number(wavelength.toFixed(3))}`, kind, unit, sensors, wavelength },
      factor: 1,
    };
  };
  if (m.dataType === 1) return light("nirs-intensity", "{intensity}");
  const label = m.label.replace(/^HRF\s+/, "");
  if (label !== m.label) note(context, `${path} holds averaged responses (${m.label}), not a recording`);
  if (m.dataType === 99999 && label === "dOD") return light("nirs-od", "{od}");
  const blood = m.dataType === 99999 ? { HbO: "hbo", HbR: "hbr", HbT: "hbt" }[label] : undefined;
  if (blood !== undefined) {
    const factor = Object.hasOwn(concentrations, m.unit.trim()) ? concentrations[m.unit.trim()] : undefined;
    if (m.unit.trim() === "") note(context, `${path}: ${label} has no dataUnit; mol/L was assumed`);
    if (factor === undefined) note(context, `${path}: ${label} in "${m.unit}" is kept as stored numbers`);
    const unit: SignalUnit = factor === undefined ? "{arbitrary}" : "mol/L";
    return { channel: { name: `${pair} ${blood}`, kind: blood as ChannelKind, unit, sensors }, factor: factor ?? 1 };
  }
  if (!dataTypes.has(m.dataType) || (m.dataType === 99999 && !processedLabels.has(m.label)))
    note(context, `${path}: dataType ${m.dataType}${m.label === "" ? "" : ` "${m.label}"`} is kept as stored numbers`);
  const words = [
    wavelength === undefined ? "" : `${Number(wavelength.toFixed(3))}`,
    m.dataType === 99999 ? m.label : (kindWords.get(m.dataType) ?? m.label) || String(m.dataType),
    probe.listed(m.dataType, m.dataTypeIndex),
  ];
  const name = [pair, ...words.filter((word) => word !== "")].join(" ");
  return {
    channel: { name, kind: "misc", unit: "{arbitrary}", sensors, ...(wavelength === undefined ? {} : { wavelength }) },
    factor: 1,
  };
}

const kindWords: ReadonlyMap<number, string> = new Map([
  [51, "fluorescence"],
  [101, "AC"],
  [102, "phase"],
  [151, "fluorescence AC"],
  [152, "fluorescence phase"],
  [201, "gate"],
  [251, "fluorescence gate"],
  [301, "moment"],
  [351, "fluorescence moment"],
  [401, "g2"],
  [410, "BFi"],
]);
