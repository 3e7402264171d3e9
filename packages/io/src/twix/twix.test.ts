import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { type TwixFile, twixFile } from "../../../../fixtures/raw-mri/twix.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readTwix } from "./twix.ts";
import { looksLikeTwix, twixMeasurements } from "./twix-measurements.ts";
import { twixProtocol } from "./twix-protocol.ts";

const samples = 8;
const data = Float32Array.from({ length: 2 * 2 * samples }, (_, i) => i + 0.5);
const small: TwixFile = {
  version: "VD",
  base: 4,
  phaseLines: 4,
  lines: [
    { line: 0, bits: [25], samples, data },
    { line: 2, bits: [21, 24], samples, data },
    ...[0, 1, 2, 3].map((line) => ({ line, bits: line === 1 ? [24] : line === 3 ? [23] : [3], samples, data })),
    { line: 1, bits: [22], samples, data },
  ],
  // a quarter turn about the third axis: phase along P, read against L
  quaternion: [Math.SQRT1_2, 0, 0, Math.SQRT1_2],
  position: [1, 2, 3],
};
const read = (bytes: Uint8Array, measurement?: number) =>
  readTwix(bytes, { file: "meas.dat", ...(measurement === undefined ? {} : { measurement }) });

describe.each(["VB", "VD"] as const)("a made %s file", (version) => {
  const kspace = read(twixFile({ ...small, version }));
  it("gives each readout what it is for, its place in the loops and its samples", () => {
    expect(kspace.coils).toBe(2);
    expect(kspace.readouts.map(({ purpose }) => purpose)).toEqual([
      "noise",
      "navigator",
      "image",
      "image",
      "image",
      "image-and-calibration",
      "calibration",
    ]);
    expect(kspace.readouts.map(({ reversed }) => reversed)).toEqual([false, true, false, true, false, false, false]);
    expect(kspace.readouts.map(({ counters }) => counters.line)).toEqual([0, 2, 0, 1, 2, 3, 1]);
    for (const one of kspace.readouts) expect(one.data).toEqual(data);
    expect(kspace.readouts[3]).toMatchObject({ samples: 8, centre: 4, dwell: 5e-6, stamp: 8012, physiology: [12] });
  });
  it("tells matrix, field of view, centre and ticks of 2.5 ms", () => {
    expect(kspace.tick).toBe(0.0025);
    expect(kspace.encodings).toEqual([
      {
        encoded: { matrix: [8, 4, 1], fieldOfView: [16, 8, 5] },
        image: { matrix: [4, 4, 1], fieldOfView: [8, 8, 5] },
        trajectory: "cartesian",
        lines: { first: 0, last: 3, centre: 2 },
        acceleration: [1, 1],
      },
    ]);
    expect(kspace.facts).toMatchObject({ TR_ms: 20, TE_ms: 4, patientPosition: "HFS", sequence: "made" });
  });
  it("turns LPS to RAS; voxels run against the gradients' read and phase, along the slice", () => {
    // columns of the rotation in LPS: phase (0, 1, 0), read (-1, 0, 0), slice (0, 0, 1)
    const [{ position, directions }] = kspace.readouts as unknown as [(typeof kspace.readouts)[number]];
    expect(position).toEqual([-1, -2, 3]);
    expect(directions[0]).toBeAllclose([-1, 0, 0], { atol: 1e-7 });
    expect(directions[1]).toBeAllclose([0, 1, 0], { atol: 1e-7 });
    expect(directions[2]).toBeAllclose([0, 0, 1], { atol: 1e-7 });
  });
  it("passes over synchronous data by its own length", () => {
    expect(read(twixFile({ ...small, version, synchronous: 77 })).readouts).toHaveLength(7);
  });
});

it("of several measurements the last is the scan, and each can be asked for", () => {
  const bytes = twixFile({ ...small, lines: small.lines.slice(0, 1) }, small);
  expect(twixMeasurements(bytes, "f")).toHaveLength(2);
  expect(read(bytes).readouts).toHaveLength(7);
  expect(read(bytes, 0).readouts).toHaveLength(1);
  expect(() => read(bytes, 2)).toThrow(expect.objectContaining({ code: "no-measurement" }));
});

it("reads a trapezoid whose ramps are sampled, to the middle of the first sample", () => {
  const parameters = [
    '<ParamLong."alRegridMode"> { 2 1 }',
    '<ParamLong."alRegridRampupTime"> { 100 0 }',
    '<ParamLong."alRegridFlattopTime"> { 300 0 }',
    '<ParamLong."alRegridRampdownTime"> { 100 0 }',
    '<ParamLong."alRegridDelaySamplesTime"> { 20 0 }',
    '<ParamDouble."aflRegridADCDuration"> { <Precision> 6 400.0 0.0 }',
  ];
  const [encoding] = read(twixFile({ ...small, parameters, more: ["sFastImaging.lEPIFactor = 4"] })).encodings;
  expect(encoding).toMatchObject({ trajectory: "epi" });
  expect(Object.values(encoding!.ramp!)).toBeAllclose([1e-4, 3e-4, 1e-4, 45e-6, 5e-5], { atol: 1e-12 });
});

it("a protocol gives numbers, hexadecimal numbers and words, and nothing for what is not there", () => {
  const [one] = twixMeasurements(twixFile(small), "f");
  const protocol = twixProtocol(one!.texts);
  expect(protocol.number("sKSpace.ucDimension")).toBe(2);
  expect(protocol.text("tSequenceFileName")).toBe("made");
  expect(protocol.parameter("flReadoutOSFactor")).toEqual([2]);
  expect(protocol.word("tPatientPosition")).toBe("HFS");
  for (const value of [protocol.number("x"), protocol.text("x"), protocol.parameter("x"), protocol.word("x")])
    expect(value).toBeUndefined();
});

describe("refusals", () => {
  const good = twixFile(small);
  const changed = (change: (view: DataView, first: number) => void): Uint8Array => {
    const bytes = good.slice();
    const view = new DataView(bytes.buffer);
    change(view, 10_240 + view.getUint32(10_240, true));
    return bytes;
  };
  test.each([
    ["not-twix", new Uint8Array(100)],
    ["truncated", good.slice(0, 11_000)],
    ["truncated", changed((view) => view.setBigUint64(8 + 16, 1_000_000n, true))],
    ["bad-number", changed((view) => view.setBigUint64(8 + 16, 2n ** 62n, true))],
    ["truncated", changed((view) => view.setUint32(10_240, 1_000_000, true))],
    ["bad-header", changed((view) => view.setUint32(10_244, 65, true))],
    ["truncated", changed((view) => view.setUint32(10_244 + 4 + 5, 100_000, true))],
    ["truncated", changed((view, first) => view.setUint16(first + 48, 60_000, true))],
    ["bad-header", changed((view, first) => view.setUint16(first + 48, 0, true))],
    ["bad-header", changed((view, first) => view.setUint16(first + 84, 8, true))],
    ["bad-header", changed((view, first) => view.setUint16(first + 80, 8, true))],
    ["bad-header", changed((view, first) => view.setFloat32(first + 100, Number.NaN, true))],
    ["no-end", twixFile({ ...small, withoutEnd: true })],
    ["no-readouts", twixFile({ ...small, lines: [] })],
    ["bad-header", twixFile({ ...small, base: 0 })],
    ["bad-header", twixFile({ ...small, base: 99_999 })],
  ])("%s (%#)", (code, bytes) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code, file: "meas.dat" }));
  });
  it("BrainVision data are not taken for it", () => {
    expect(looksLikeTwix(new Uint8Array(Int16Array.from({ length: 200 }, (_, i) => i - 100).buffer))).toBe(false);
  });
});

describeRealData("a gradient-echo scan", ["mri/kspace_siemens_twix"], (folder) => {
  test("160 lines of 320 samples from 2 coils, every 10 ms", () => {
    const kspace = read(new Uint8Array(readFileSync(join(folder, "gre.dat"))));
    expect(kspace).toMatchObject({ coils: 2, tick: 0.0025, facts: { TR_ms: 10, TE_ms: 3, model: "Skyra" } });
    expect(kspace.readouts).toHaveLength(160);
    expect(kspace.readouts.every(({ purpose, samples: n }) => purpose === "image" && n === 320)).toBe(true);
    // 4 ticks of 2.5 ms from line to line: the repetition time
    expect(kspace.readouts[159]!.stamp - kspace.readouts[0]!.stamp).toBe(159 * 4);
    expect(kspace.encodings[0]).toMatchObject({ image: { matrix: [160, 160, 1], fieldOfView: [200, 200, 4] } });
  });
});
