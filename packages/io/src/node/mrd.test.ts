import type { KSpace } from "@quintet/core";
import { describe, expect, it, test } from "vitest";
import { smallKSpace } from "../../../../fixtures/raw-mri/k-space.ts";
import type { Hdf5Group, Hdf5Records } from "../hdf5/hdf5-tree.ts";
import { mrdDatasets, mrdFromTree } from "../mrd/mrd.ts";
import { writeMrd } from "../mrd/write-mrd.ts";
import { readHdf5 } from "./hdf5.ts";
import { readMrd } from "./mrd.ts";

const made = smallKSpace();
const bytes = writeMrd(made);
const tree = await readHdf5(bytes, { file: "small.mrd" }, { only: mrdDatasets });
const group = tree.children.dataset as Hdf5Group;
const rows = group.children.data as Hdf5Records;
const from = (children: Hdf5Group["children"]): KSpace =>
  mrdFromTree({ kind: "group", children: { dataset: { kind: "group", children } } }, { file: "small.mrd" });
/** The same file with one change in the head of its first readout. */
const withHead = (change: (view: DataView) => void): KSpace => {
  const copy = rows.rows.slice();
  change(new DataView(copy.buffer));
  return from({ ...group.children, data: { ...rows, rows: copy } });
};
const withXml = (change: (xml: string) => string): KSpace => {
  const xml = group.children.xml as { data: readonly string[] };
  return from({ ...group.children, xml: { ...(xml as object), data: [change(xml.data[0]!)] } as never });
};

describe("an MRD file", () => {
  it("what is written is read: readouts, trajectory, encodings, waveforms", async () => {
    const read = await readMrd(bytes, { file: "small.mrd" });
    expect(read.readouts).toHaveLength(6);
    for (const [i, one] of read.readouts.entries()) {
      const { dwell, ...rest } = one;
      const { dwell: wanted, ...expected } = made.readouts[i]!;
      expect(rest).toEqual(expected);
      // float32 microseconds
      expect(dwell).toBeCloseTo(wanted, 11);
    }
    expect(read.encodings[0]!.ramp!.delay).toBeCloseTo(60e-6, 12);
    expect({ ...read.encodings[0], ramp: 0 }).toEqual({ ...made.encodings[0], ramp: 0 });
    expect(read.waveforms).toEqual([{ ...made.waveforms[0], dwell: expect.closeTo(0.0025, 8) }]);
    expect(read.waveforms[0]?.triggerChannel).toBe(made.waveforms[0]?.triggerChannel);
    expect(read).toMatchObject({ coils: 2, receiverBandwidth: 0.79, facts: { vendor: "code & made" } });
    expect(read.tick).toBeUndefined();
  });
  it("of a Siemens scanner counts 2.5 ms and runs against read and phase", () => {
    const siemens = withXml((xml) => xml.replace("code &amp; made", "SIEMENS"));
    expect(siemens.tick).toBe(0.0025);
    expect(siemens.readouts[0]!.directions).toEqual([
      [0, -1, 0],
      [0, 0, -1],
      [1, 0, 0],
    ]);
  });
  it("equal readouts give equal bytes", () => {
    expect(Buffer.from(writeMrd(made)).equals(Buffer.from(bytes))).toBe(true);
  });
});

describe("refusals", () => {
  test.each([
    ["length-mismatch", (view: DataView) => view.setUint16(34, 5, true)],
    ["length-mismatch", (view: DataView) => view.setUint16(38, 3, true)],
    ["length-mismatch", (view: DataView) => view.setUint16(176, 1, true)],
    ["bad-header", (view: DataView) => view.setUint16(38, 0, true)],
    ["bad-header", (view: DataView) => view.setUint16(168, 4, true)],
    ["bad-header", (view: DataView) => view.setUint16(172, 4, true)],
    ["bad-header", (view: DataView) => view.setUint16(174, 1, true)],
    ["bad-header", (view: DataView) => view.setFloat32(194, Number.NaN, true)],
    ["bad-header", (view: DataView) => view.setFloat32(178, -1, true)],
  ])("of a head: %s (%#)", (code, change) => {
    expect(() => withHead(change)).toThrow(expect.objectContaining({ code, file: "small.mrd" }));
  });
  test.each([
    ["bad-header", (xml: string) => xml.replaceAll("ismrmrdHeader", "other")],
    ["bad-header", (xml: string) => xml.replace("<x>4</x>", "<x>0</x>")],
    ["bad-header", (xml: string) => xml.replace("<x>4</x>", "<x>99999</x>")],
    ["bad-header", (xml: string) => xml.replace("<x>8</x>", "<x>-8</x>")],
    ["no-encoding", (xml: string) => xml.replaceAll("encoding>", "coding>")],
    ["bad-xml", (xml: string) => xml.slice(0, 100)],
  ])("of the XML: %s (%#)", (code, change) => {
    expect(() => withXml(change)).toThrow(expect.objectContaining({ code, file: "small.mrd" }));
  });
  it("of files that are something else", async () => {
    const empty = { ...rows, count: 0, rows: new Uint8Array(0) };
    expect(() => from({ ...group.children, data: empty })).toThrow(expect.objectContaining({ code: "no-readouts" }));
    expect(() => from({ xml: group.children.xml! })).toThrow(expect.objectContaining({ code: "not-mrd" }));
    await expect(readMrd(bytes.slice(0, 3000))).rejects.toMatchObject({ code: "bad-hdf5" });
  });
});
