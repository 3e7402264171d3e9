import { DataError, type KSpaceEncoding, type KSpaceGrid, type StepLimits } from "@quintet/core";
import { parseXml, type XmlElement, xmlAt, xmlNumber, xmlText } from "../xml/xml.ts";

/** What the XML header of an MRD file says, as far as an image depends on it. */
export interface WaveformKind {
  readonly name: string;
  readonly triggerChannel?: number;
}

export interface MrdHeader {
  readonly encodings: readonly KSpaceEncoding[];
  readonly vendor?: string;
  readonly receiverBandwidth?: number;
  readonly facts: Readonly<Record<string, string | number>>;
  /** Waveforms by their id. */
  readonly waveforms: ReadonlyMap<number, WaveformKind>;
}

/** A matrix axis or field of view beyond these is a damaged header, not a scanner. */
const largestMatrix = 16_384;
const largestFieldOfView = 100_000;

/**
 * Reads the ISMRMRD XML header (schema version 2; the schema leaves much out, so only what is there is told).
 *
 * @throws DataError `no-encoding`, `bad-header`, and those of `parseXml`
 */
export function readMrdHeader(xml: string, file: string): MrdHeader {
  const root = parseXml(xml, file);
  if (root.name !== "ismrmrdHeader") {
    throw new DataError("bad-header", "the XML is no ISMRMRD header", {
      file,
      expected: "ismrmrdHeader",
      found: root.name,
    });
  }
  const encodings = root.children.filter(({ name }) => name === "encoding").map((element) => encodingOf(element, file));
  if (encodings.length === 0) throw new DataError("no-encoding", "the header describes no encoding", { file });
  const system = xmlAt(root, "acquisitionSystemInformation");
  const vendor = xmlText(system, "systemVendor");
  const bandwidth = xmlNumber(system, "relativeReceiverNoiseBandwidth");
  return {
    encodings,
    ...(vendor === undefined ? {} : { vendor }),
    ...(bandwidth !== undefined && bandwidth > 0 ? { receiverBandwidth: bandwidth } : {}),
    facts: factsOf(root),
    waveforms: waveformKinds(root),
  };
}

function encodingOf(element: XmlElement, file: string): KSpaceEncoding {
  const encoded = gridOf(xmlAt(element, "encodedSpace"), "encodedSpace", file);
  const image = gridOf(xmlAt(element, "reconSpace"), "reconSpace", file);
  const limits = xmlAt(element, "encodingLimits");
  const lines = limitsOf(xmlAt(limits, "kspace_encoding_step_1"));
  const partitions = limitsOf(xmlAt(limits, "kspace_encoding_step_2"));
  const factor = xmlAt(element, "parallelImaging", "accelerationFactor");
  const [ry, rz] = [xmlNumber(factor, "kspace_encoding_step_1"), xmlNumber(factor, "kspace_encoding_step_2")];
  const kind = xmlText(element, "trajectory") ?? "cartesian";
  const ramp = rampOf(xmlAt(element, "trajectoryDescription"));
  return {
    encoded,
    image,
    trajectory: trajectories[kind] ?? "other",
    ...(lines === undefined ? {} : { lines }),
    ...(partitions === undefined ? {} : { partitions }),
    ...(ry !== undefined || rz !== undefined ? { acceleration: [ry ?? 1, rz ?? 1] as const } : {}),
    ...(ramp === undefined ? {} : { ramp }),
  };
}

const trajectories: Readonly<Record<string, KSpaceEncoding["trajectory"]>> = {
  cartesian: "cartesian",
  epi: "epi",
  radial: "radial",
  goldenangle: "radial",
  spiral: "spiral",
};

function gridOf(element: XmlElement | undefined, what: string, file: string): KSpaceGrid {
  const axes = ["x", "y", "z"] as const;
  const matrix = axes.map((axis) => xmlNumber(element, "matrixSize", axis) ?? Number.NaN);
  const fieldOfView = axes.map((axis) => xmlNumber(element, "fieldOfView_mm", axis) ?? Number.NaN);
  const fine =
    matrix.every((n) => Number.isInteger(n) && n >= 1 && n <= largestMatrix) &&
    fieldOfView.every((mm) => mm > 0 && mm <= largestFieldOfView);
  if (!fine) {
    throw new DataError("bad-header", `${what} of the header`, {
      file,
      expected: `a matrix of 1 to ${largestMatrix} points and a field of view above 0 mm along each axis`,
      found: `${matrix.join(" x ")}, ${fieldOfView.join(" x ")} mm`,
    });
  }
  return { matrix: matrix as [number, number, number], fieldOfView: fieldOfView as [number, number, number] };
}

function limitsOf(element: XmlElement | undefined): StepLimits | undefined {
  const [first, last, centre] = ["minimum", "maximum", "center"].map((name) => xmlNumber(element, name));
  if (first === undefined || last === undefined || centre === undefined) return undefined;
  return first <= centre && centre <= last ? { first, last, centre } : undefined;
}

/** The trapezoid that the converters of EPI write beside the trajectory, microseconds there. */
function rampOf(description: XmlElement | undefined): KSpaceEncoding["ramp"] {
  const values = new Map<string, number>();
  for (const parameter of description?.children ?? []) {
    const [name, value] = [xmlText(parameter, "name"), xmlNumber(parameter, "value")];
    if (name !== undefined && value !== undefined) values.set(name, value * 1e-6);
  }
  const [up, flat, down, delay, whole] = ["rampUpTime", "flatTopTime", "rampDownTime", "acqDelayTime", "dwellTime"].map(
    (name) => values.get(name),
  ) as (number | undefined)[];
  const samples = (values.get("numSamples") ?? 0) * 1e6;
  if (up === undefined || flat === undefined || down === undefined || delay === undefined || samples < 2)
    return undefined;
  const dwell = whole ?? 0;
  return dwell > 0 ? { up, flat, down, delay: delay + dwell / 2, dwell } : undefined;
}

function factsOf(root: XmlElement): Record<string, string | number> {
  const system = xmlAt(root, "acquisitionSystemInformation");
  const sequence = xmlAt(root, "sequenceParameters");
  const measurement = xmlAt(root, "measurementInformation");
  const facts: Record<string, string | number | undefined> = {
    vendor: xmlText(system, "systemVendor"),
    model: xmlText(system, "systemModel"),
    fieldStrength_T: xmlNumber(system, "systemFieldStrength_T"),
    frequency_Hz: xmlNumber(root, "experimentalConditions", "H1resonanceFrequency_Hz"),
    patientPosition: xmlText(measurement, "patientPosition"),
    protocol: xmlText(measurement, "protocolName"),
    TR_ms: xmlNumber(sequence, "TR"),
    TE_ms: xmlNumber(sequence, "TE"),
    TI_ms: xmlNumber(sequence, "TI"),
    flipAngle_deg: xmlNumber(sequence, "flipAngle_deg"),
    echoSpacing_ms: xmlNumber(sequence, "echo_spacing"),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number
  >;
}

/** The numbers that the specification gives to names; a header may name others. */
const standardWaveforms = ["ECG", "pulse", "respiration", "external 1", "external 2"];

function waveformKinds(root: XmlElement): Map<number, WaveformKind> {
  const kinds = new Map<number, WaveformKind>(standardWaveforms.map((name, id) => [id, { name }]));
  for (const element of root.children.filter(({ name }) => name === "waveformInformation")) {
    const [id, name] = [xmlNumber(element, "waveformId"), xmlText(element, "waveformName")];
    const trigger = xmlNumber(element, "waveformTriggerChannel");
    if (id !== undefined && name !== undefined)
      kinds.set(id, trigger === undefined ? { name } : { name, triggerChannel: trigger });
  }
  return kinds;
}
