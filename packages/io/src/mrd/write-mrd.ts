import {
  DataError,
  type KSpace,
  type KSpaceEncoding,
  type KSpaceGrid,
  type Point,
  type StepLimits,
} from "@quintet/core";
import { type Hdf5Type, sequenceBytes } from "../hdf5/hdf5-types.ts";
import { type RowSet, writeRowsFile } from "../hdf5/write-rows.ts";
import { acquisitionBytes, writeAcquisition } from "./acquisition.ts";

/**
 * An MRD (ISMRMRD 1) file: header, readouts and waveforms, RAS turned to LPS. What the format has no place for (another
 * tick than the reader assumes of the vendor) is not written; facts other than the vendor are left out, names first of all.
 *
 * @throws DataError `does-not-fit` for a count beyond 16 bits, `mixed-coils`
 */
export function writeMrd(kspace: KSpace): Uint8Array {
  const { readouts, waveforms } = kspace;
  const xml = new TextEncoder().encode(headerXml(kspace));
  const heads = new Uint8Array(readouts.length * rowBytes);
  const view = new DataView(heads.buffer);
  // The reader turns these for the receivers whose phase runs the other way round.
  const sign = /siemens/i.test(String(kspace.facts.vendor ?? "")) ? -1 : 1;
  const along = (d: Point): Point => lps([sign * d[0], sign * d[1], sign * d[2]]);
  for (const [i, one] of readouts.entries()) {
    const coils = one.data.length / 2 / one.samples;
    if (!Number.isInteger(coils))
      throw new DataError("mixed-coils", `readout ${i} does not fill its coils`, {
        found: `${one.data.length} numbers`,
      });
    const [read, phase, slice] = one.directions;
    writeAcquisition(
      view,
      i * rowBytes,
      {
        ...one,
        coils,
        axes: one.trajectory?.axes ?? 0,
        position: lps(one.position),
        read: along(read),
        phase: along(phase),
        slice: lps(slice),
      },
      i,
    );
  }
  const data: RowSet = {
    name: "data",
    type: acquisitionType,
    count: readouts.length,
    rows: heads,
    parts: [
      {
        offset: acquisitionBytes,
        each: 4,
        of: readouts.map(({ trajectory }) => bytesOf(trajectory?.data ?? new Float32Array(0))),
      },
      { offset: acquisitionBytes + sequenceBytes, each: 4, of: readouts.map((one) => bytesOf(one.data)) },
    ],
  };
  const text: RowSet = {
    name: "xml",
    type: { kind: "text" },
    count: 1,
    rows: new Uint8Array(sequenceBytes),
    parts: [{ offset: 0, each: 1, of: [xml] }],
  };
  return writeRowsFile("dataset", [text, data, ...(waveforms.length > 0 ? [waveformRows(kspace)] : [])]);
}

function lps([r, a, s]: Point): Point {
  return [-r, -a, s];
}

function bytesOf(numbers: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

const u16: Hdf5Type = { kind: "integer", bytes: 2 };
const u32: Hdf5Type = { kind: "integer", bytes: 4 };
const u64: Hdf5Type = { kind: "integer", bytes: 8 };
const f32: Hdf5Type = { kind: "float", bytes: 4 };
const list = (of: Hdf5Type, length: number): Hdf5Type => ({ kind: "array", of, length });

/** Members one after the other without gaps, or at the offsets given. */
function compound(
  bytes: number,
  members: readonly (readonly [name: string, offset: number, type: Hdf5Type])[],
): Hdf5Type {
  return { kind: "compound", bytes, members: members.map(([name, offset, type]) => ({ name, offset, type })) };
}

const countersType = compound(34, [
  ["kspace_encode_step_1", 0, u16],
  ["kspace_encode_step_2", 2, u16],
  ["average", 4, u16],
  ["slice", 6, u16],
  ["contrast", 8, u16],
  ["phase", 10, u16],
  ["repetition", 12, u16],
  ["set", 14, u16],
  ["segment", 16, u16],
  ["user", 18, list(u16, 8)],
]);

const headType = compound(acquisitionBytes, [
  ["version", 0, u16],
  ["flags", 2, u64],
  ["measurement_uid", 10, u32],
  ["scan_counter", 14, u32],
  ["acquisition_time_stamp", 18, u32],
  ["physiology_time_stamp", 22, list(u32, 3)],
  ["number_of_samples", 34, u16],
  ["available_channels", 36, u16],
  ["active_channels", 38, u16],
  ["channel_mask", 40, list(u64, 16)],
  ["discard_pre", 168, u16],
  ["discard_post", 170, u16],
  ["center_sample", 172, u16],
  ["encoding_space_ref", 174, u16],
  ["trajectory_dimensions", 176, u16],
  ["sample_time_us", 178, f32],
  ["position", 182, list(f32, 3)],
  ["read_dir", 194, list(f32, 3)],
  ["phase_dir", 206, list(f32, 3)],
  ["slice_dir", 218, list(f32, 3)],
  ["patient_table_position", 230, list(f32, 3)],
  ["idx", 242, countersType],
  ["user_int", 276, list({ kind: "integer", bytes: 4, signed: true }, 8)],
  ["user_float", 308, list(f32, 8)],
]);

const rowBytes = acquisitionBytes + 2 * sequenceBytes;
const acquisitionType = compound(rowBytes, [
  ["head", 0, headType],
  ["traj", acquisitionBytes, { kind: "sequence", of: f32 }],
  ["data", acquisitionBytes + sequenceBytes, { kind: "sequence", of: f32 }],
]);

const waveformHeadBytes = 40;
const waveformType = compound(waveformHeadBytes + sequenceBytes, [
  [
    "head",
    0,
    compound(waveformHeadBytes, [
      ["version", 0, u16],
      ["flags", 8, u64],
      ["measurement_uid", 16, u32],
      ["scan_counter", 20, u32],
      ["time_stamp", 24, u32],
      ["number_of_samples", 28, u16],
      ["channels", 30, u16],
      ["sample_time_us", 32, f32],
      ["waveform_id", 36, u16],
    ]),
  ],
  ["data", waveformHeadBytes, { kind: "sequence", of: u32 }],
]);

/** Ids from 1024 on are free for names of one's own; the header tells them. */
const firstOwnWaveform = 1024;

function waveformRows({ waveforms }: KSpace): RowSet {
  const size = waveformHeadBytes + sequenceBytes;
  const rows = new Uint8Array(waveforms.length * size);
  const view = new DataView(rows.buffer);
  const names = waveformNames(waveforms);
  for (const [i, { name, channels, stamp, dwell, data }] of waveforms.entries()) {
    view.setUint16(i * size, 1, true);
    view.setUint32(i * size + 24, stamp, true);
    view.setUint16(i * size + 28, data.length / channels, true);
    view.setUint16(i * size + 30, channels, true);
    view.setFloat32(i * size + 32, dwell * 1e6, true);
    view.setUint16(i * size + 36, firstOwnWaveform + names.indexOf(name), true);
  }
  const of = waveforms.map(({ data }) => bytesOf(Uint32Array.from(data)));
  return {
    name: "waveforms",
    type: waveformType,
    count: waveforms.length,
    rows,
    parts: [{ offset: waveformHeadBytes, each: 4, of }],
  };
}

function waveformNames(waveforms: KSpace["waveforms"]): readonly string[] {
  return [...new Set(waveforms.map(({ name }) => name))];
}

function headerXml({ coils, encodings, receiverBandwidth, waveforms, facts }: KSpace): string {
  const vendor = facts.vendor === undefined ? "" : `<systemVendor>${escaped(String(facts.vendor))}</systemVendor>`;
  const names = waveformNames(waveforms).map((name, i) => {
    const trigger = waveforms.find((one) => one.name === name)?.triggerChannel;
    const channel = trigger === undefined ? "" : `<waveformTriggerChannel>${trigger}</waveformTriggerChannel>`;
    return `<waveformInformation><waveformId>${firstOwnWaveform + i}</waveformId><waveformName>${escaped(name)}</waveformName>${channel}</waveformInformation>`;
  });
  return `<?xml version="1.0"?>
<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">
<acquisitionSystemInformation>${vendor}<relativeReceiverNoiseBandwidth>${receiverBandwidth}</relativeReceiverNoiseBandwidth><receiverChannels>${coils}</receiverChannels></acquisitionSystemInformation>
<experimentalConditions><H1resonanceFrequency_Hz>${facts.frequency_Hz ?? 0}</H1resonanceFrequency_Hz></experimentalConditions>
${encodings.map(encodingXml).join("\n")}
${names.join("\n")}
</ismrmrdHeader>
`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function encodingXml({ encoded, image, trajectory, lines, partitions, acceleration, ramp }: KSpaceEncoding): string {
  const factor = acceleration
    ? `<parallelImaging><accelerationFactor><kspace_encoding_step_1>${acceleration[0]}</kspace_encoding_step_1><kspace_encoding_step_2>${acceleration[1]}</kspace_encoding_step_2></accelerationFactor></parallelImaging>`
    : "";
  const limits = [limitsXml("kspace_encoding_step_1", lines), limitsXml("kspace_encoding_step_2", partitions)].join("");
  return `<encoding><encodedSpace>${gridXml(encoded)}</encodedSpace><reconSpace>${gridXml(image)}</reconSpace><encodingLimits>${limits}</encodingLimits><trajectory>${trajectory}</trajectory>${rampXml(ramp, encoded)}${factor}</encoding>`;
}

function gridXml({ matrix, fieldOfView }: KSpaceGrid): string {
  const three = ([x, y, z]: readonly number[]): string => `<x>${x}</x><y>${y}</y><z>${z}</z>`;
  return `<matrixSize>${three(matrix)}</matrixSize><fieldOfView_mm>${three(fieldOfView)}</fieldOfView_mm>`;
}

function limitsXml(name: string, limits: StepLimits | undefined): string {
  if (limits === undefined) return "";
  const { first, last, centre } = limits;
  return `<${name}><minimum>${first}</minimum><maximum>${last}</maximum><center>${centre}</center></${name}>`;
}

function rampXml(ramp: KSpaceEncoding["ramp"], { matrix }: KSpaceGrid): string {
  if (ramp === undefined) return "";
  const long = (name: string, value: number): string =>
    `<userParameterDouble><name>${name}</name><value>${value}</value></userParameterDouble>`;
  const us = (seconds: number): number => seconds * 1e6;
  return `<trajectoryDescription><identifier>ConventionalEPI</identifier>${long("rampUpTime", us(ramp.up))}${long("flatTopTime", us(ramp.flat))}${long("rampDownTime", us(ramp.down))}${long("acqDelayTime", us(ramp.delay - ramp.dwell / 2))}${long("numSamples", matrix[0])}${long("dwellTime", us(ramp.dwell))}</trajectoryDescription>`;
}
