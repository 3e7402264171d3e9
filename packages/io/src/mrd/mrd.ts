import { DataError, type KSpace, type KSpaceWaveform, type Point, type Readout } from "@quintet/core";
import { type Hdf5Group, type Hdf5Node, type Hdf5Records, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import { type Acquisition, acquisitionBytes, readAcquisition } from "./acquisition.ts";
import { type MrdHeader, readMrdHeader } from "./mrd-header.ts";

/** The data sets that a reader of raw data needs: images and arrays beside them are left where they are. */
export const mrdDatasets: readonly string[] = ["xml", "data", "waveforms"];

/** Bytes of a waveform's header: C's own alignment here, not the packing of acquisitions. */
const waveformBytes = 40;

/**
 * The raw data of an MRD (ISMRMRD) file: the group that holds `xml` and `data`. Each length a header states is checked
 * against the numbers stored beside it. LPS becomes RAS here.
 *
 * Siemens stamps count 2.5 ms; no other vendor's tick is told by the format, and then none is assumed.
 *
 * @throws DataError `not-mrd`, `no-readouts`, `length-mismatch`, `bad-header`, and those of `readMrdHeader`
 */
export function mrdFromTree(tree: Hdf5Group, { file }: { readonly file: string }): KSpace {
  const group = rawGroup(tree, file);
  const xml = hdf5Texts(group.children.xml)?.[0];
  if (xml === undefined) throw new DataError("not-mrd", "the xml of an MRD file is one text", { file });
  const header = readMrdHeader(xml, file);
  const records = recordsOf(group.children.data, acquisitionBytes, ["traj", "data"]);
  if (records === undefined)
    throw new DataError("not-mrd", "the data of an MRD file are rows of head, traj, data", { file });
  if (records.count === 0) throw new DataError("no-readouts", "the file holds no readout", { file });
  const readouts = readoutsOf(records, header, file);
  return {
    space: "scanner:mri",
    clock: "scanner:mri",
    ...(isSiemens(header) ? { tick: 0.0025 } : {}),
    coils: readouts[0]?.coils ?? 0,
    encodings: header.encodings,
    readouts: readouts.map(({ readout }) => readout),
    waveforms: waveformsOf(group.children.waveforms, header, file),
    receiverBandwidth: header.receiverBandwidth ?? 1,
    facts: header.facts,
  };
}

function isSiemens({ vendor }: MrdHeader): boolean {
  return /siemens/i.test(vendor ?? "");
}

function rawGroup(tree: Hdf5Group, file: string): Hdf5Group {
  const groups = Object.values(tree.children).filter(
    (node): node is Hdf5Group => node.kind === "group" && "xml" in node.children && "data" in node.children,
  );
  const named = tree.children.dataset;
  const chosen =
    named?.kind === "group" && groups.includes(named) ? named : groups.length === 1 ? groups[0] : undefined;
  if (chosen !== undefined) return chosen;
  throw new DataError("not-mrd", "an MRD file has a group with xml and data", {
    file,
    expected: "/dataset/xml and /dataset/data",
    found:
      groups.length > 1 ? `${groups.length} such groups, none called dataset` : Object.keys(tree.children).join(", "),
  });
}

function recordsOf(node: Hdf5Node | undefined, head: number, parts: readonly string[]): Hdf5Records | undefined {
  if (node?.kind !== "records") return undefined;
  const first = node.members.find(({ name }) => name === "head");
  const whole = first?.offset === 0 && first.size === head && node.size >= head;
  return whole && parts.every((name) => Object.hasOwn(node.sequences, name)) ? node : undefined;
}

function readoutsOf(records: Hdf5Records, header: MrdHeader, file: string): { coils: number; readout: Readout }[] {
  // The converter of these scanners' files copies samples and directions as they are (docs/science/mri-recon.md).
  const sign = isSiemens(header) ? -1 : 1;
  const along = ([l, p, s]: Acquisition["read"]): Acquisition["read"] => [sign * l, sign * p, sign * s];
  const heads = new DataView(records.rows.buffer, records.rows.byteOffset, records.rows.byteLength);
  const samples = floats(records, "data");
  const trajectories = floats(records, "traj");
  return Array.from({ length: records.count }, (_, i) => {
    const head = readAcquisition(heads, i * records.size);
    const data = samples(i);
    const trajectory = trajectories(i);
    refuseBadHead(head, i, data.length, trajectory.length, header, file);
    const readout: Readout = {
      purpose: head.purpose,
      counters: head.counters,
      reversed: head.reversed,
      samples: head.samples,
      centre: head.centre,
      discard: head.discard,
      dwell: head.dwell,
      encoding: head.encoding,
      stamp: head.stamp,
      physiology: head.physiology,
      position: ras(head.position),
      directions: [ras(along(head.read)), ras(along(head.phase)), ras(head.slice)],
      ...(head.axes > 0 ? { trajectory: { axes: head.axes, data: trajectory } } : {}),
      data,
    };
    return { coils: head.coils, readout };
  });
}

function ras([l, p, s]: Acquisition["position"]): Point {
  return [l === 0 ? 0 : -l, p === 0 ? 0 : -p, s === 0 ? 0 : s];
}

/** The float32 numbers of a row, a view: pieces lie end to end in the order of the rows. */
function floats(records: Hdf5Records, name: string): (row: number) => Float32Array {
  const { lengths, bytes } = records.sequences[name] as Hdf5Records["sequences"][string];
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const starts = new Float64Array(lengths.length + 1);
  for (const [i, n] of lengths.entries()) starts[i + 1] = (starts[i] as number) + n;
  return (row) =>
    new Float32Array(
      aligned.buffer,
      aligned.byteOffset + (starts[row] as number),
      Math.floor((lengths[row] as number) / 4),
    );
}

/** @throws DataError `length-mismatch`, `bad-header` */
function refuseBadHead(
  head: Acquisition,
  index: number,
  data: number,
  trajectory: number,
  { encodings }: MrdHeader,
  file: string,
): void {
  const say = (code: string, what: string, expected: string, found: string): DataError =>
    new DataError(code, `readout ${index}: ${what}`, { file, expected, found });
  if (head.samples < 1 || head.coils < 1) {
    throw say(
      "bad-header",
      "no sample or no coil",
      "at least 1 of each",
      `${head.samples} samples, ${head.coils} coils`,
    );
  }
  if (data !== 2 * head.samples * head.coils) {
    throw say(
      "length-mismatch",
      "its samples",
      `${head.samples} samples of ${head.coils} coils`,
      `${data / 2} numbers`,
    );
  }
  if (trajectory !== head.axes * head.samples || head.axes > 3) {
    throw say("length-mismatch", "its trajectory", `${head.axes} x ${head.samples}, at most 3 axes`, `${trajectory}`);
  }
  if (head.discard[0] + head.discard[1] >= head.samples || head.centre >= head.samples) {
    throw say(
      "bad-header",
      "discarded samples and centre must lie within it",
      `below ${head.samples}`,
      `discard ${head.discard.join(" and ")}, centre ${head.centre}`,
    );
  }
  if (head.encoding >= encodings.length) {
    throw say(
      "bad-header",
      "an encoding that the XML does not describe",
      `below ${encodings.length}`,
      `${head.encoding}`,
    );
  }
  const numbers = [head.dwell, ...head.position, ...head.read, ...head.phase, ...head.slice];
  if (!numbers.every(Number.isFinite) || head.dwell < 0) {
    throw say("bad-header", "its place, directions and sample time", "finite numbers", numbers.join(", "));
  }
}

/** @throws DataError `length-mismatch`, `bad-header` */
function waveformsOf(node: Hdf5Node | undefined, { waveforms }: MrdHeader, file: string): KSpaceWaveform[] {
  const records = recordsOf(node, waveformBytes, ["data"]);
  if (records === undefined) return [];
  const view = new DataView(records.rows.buffer, records.rows.byteOffset, records.rows.byteLength);
  const { lengths, bytes } = records.sequences.data as Hdf5Records["sequences"][string];
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  return Array.from({ length: records.count }, (_, i) => {
    const at = i * records.size;
    const [samples, channels] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const stored = (lengths[i] as number) / 4;
    if (stored !== samples * channels) {
      throw new DataError("length-mismatch", `waveform ${i}: its samples`, {
        file,
        expected: `${samples} samples of ${channels} channels`,
        found: `${stored} numbers`,
      });
    }
    const from = start;
    start += lengths[i] as number;
    const id = view.getUint16(at + 36, true);
    const { name, triggerChannel } = waveforms.get(id) ?? { name: `waveform ${id}` };
    if (triggerChannel !== undefined && !(triggerChannel >= 0 && triggerChannel < channels)) {
      throw new DataError("bad-header", `waveform ${i}: the channel of its triggers`, {
        file,
        expected: `0 to ${channels - 1}`,
        found: `${triggerChannel}`,
      });
    }
    return {
      name,
      ...(triggerChannel === undefined ? {} : { triggerChannel }),
      channels,
      stamp: view.getUint32(at + 24, true),
      dwell: view.getFloat32(at + 32, true) * 1e-6,
      data: Float64Array.from({ length: stored }, (_v, k) => numbers.getUint32(from + 4 * k, true)),
    };
  });
}
