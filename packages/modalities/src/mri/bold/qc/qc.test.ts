import { affineOf, identityAffine, type Mask, type Metadata, rigid, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { distortionHint, shiftOfPhaseDifference } from "../distortion.ts";
import { epiGeometry } from "../epi-geometry.ts";
import { boldQc } from "./bold-qc.ts";
import { dvars } from "./dvars.ts";
import { framewiseDisplacement, framewiseDisplacementRms, motionRegressors } from "./framewise-displacement.ts";

const degrees = [
  [0, 0, 0],
  [1, 0, 0],
  [1, -1, 0],
] as const;
const shift = [
  [0, 0, 0],
  [0.5, -0.25, 0],
  [0.5, 0.25, 0],
] as const;
const motion = { degrees, shift, centre: [0, 0, 0] as const, maps: degrees.map((d, t) => rigid(d, shift[t])) };

describe("framewise displacement", () => {
  test("Power's by hand: 0.75 mm and one degree on 50 mm", () => {
    const arc = (50 * Math.PI) / 180;
    expect(framewiseDisplacement(motion)).toBeAllclose([0, 0.75 + arc, 0.5 + arc], { atol: 1e-12 });
  });
  test("Jenkinson's by hand: a pure shift is its length; a turn of a about the centre sqrt(2/5) R 2 sin(a/2) ", () => {
    const maps = [identityAffine(), rigid([0, 0, 0], [3, 4, 0]), rigid([0, 0, 2], [3, 4, 0], [0, 0, 0])];
    const found = framewiseDisplacementRms({ maps, centre: [0, 0, 0] });
    expect(found[1]).toBeCloseTo(5, 12);
    const turn = framewiseDisplacementRms({
      maps: [identityAffine(), rigid([0, 0, 2], [0, 0, 0], [9, 9, 9])],
      centre: [9, 9, 9],
    });
    expect(turn[1]).toBeCloseTo(Math.sqrt(2 / 5) * 80 * 2 * Math.sin(Math.PI / 180), 10);
  });
  test("24 courses: six, their squares, and both of the volume before", () => {
    const six = motionRegressors(motion, 6);
    expect(six.map(({ name }) => name)).toEqual(["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"]);
    expect(six[3].values[1]).toBeCloseTo(Math.PI / 180, 12);
    const all = motionRegressors(motion, 24);
    expect(all).toHaveLength(24);
    expect(all.find(({ name }) => name === "trans_x_before_power2")?.values).toBeAllclose([0, 0, 0.25], {
      atol: 1e-12,
    });
  });
});

const random = seededRandom(9);
const noise: Volume = {
  shape: [20, 20, 5],
  affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]),
  space: "scanner:mri",
  unit: "{arbitrary}",
  clock: "mri",
  frames: Array.from({ length: 80 }, (_, t) => ({ start: 2 * t, duration: 2 })),
  data: Float32Array.from({ length: 2000 * 80 }, () => 200 + 4 * random.normal()),
};
const mask: Mask = { ...noise, data: new Uint8Array(2000).fill(1) };

describe("dvars", () => {
  test("noise of 2 % changes by 2 sqrt 2 %, which is 1 when standardised; a jump stands out", () => {
    const clean = dvars(noise, mask);
    expect(clean.percent.subarray(1)).toBeAllclose(new Float64Array(79).fill(2 * Math.SQRT2), { rtol: 0.06 });
    expect(clean.standardised.subarray(1)).toBeAllclose(new Float64Array(79).fill(1), { rtol: 0.08 });
    const jumped = dvars({ ...noise, data: noise.data.map((v, i) => (i >= 2000 * 40 ? v + 20 : v)) }, mask);
    expect(jumped.percent[40]).toBeGreaterThan(9);
    expect(jumped.percent[41]).toBeLessThan(3.1);
    expect(clean.percent[0]).toBe(0);
  });
  test.each([
    ["too-short", () => dvars({ ...noise, frames: noise.frames.slice(0, 2) }, mask)],
    ["empty-region", () => dvars(noise, { ...mask, data: new Uint8Array(2000) })],
    ["grid-mismatch", () => dvars(noise, { ...mask, data: new Uint8Array(7) })],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

describe("distortion", () => {
  const geometry = epiGeometry({ RepetitionTime: 2, PhaseEncodingDirection: "j-", TotalReadoutTime: 0.03 }, noise);
  const file = (suffix: string, metadata: Metadata = {}): { suffix: string; path: string; metadata: Metadata } => ({
    suffix,
    path: `fmap/x_${suffix}.nii.gz`,
    metadata,
  });
  test.each([
    ["none", []],
    ["none", [file("epi", { PhaseEncodingDirection: "j-" }), file("magnitude")]],
    ["blips", [file("epi", { PhaseEncodingDirection: "j" }), file("phasediff")]],
    ["phase-difference", [file("phasediff")]],
    ["fieldmap", [file("fieldmap")]],
  ] as const)("%s, and never said to be applied", (kind, files) => {
    const hint = distortionHint(geometry, files);
    expect(hint.kind).toBe(kind);
    expect(hint.applied).toBe(false);
    expect(hint.note).toMatch(/A->P/);
    if (kind !== "none") expect(hint.note).toMatch(/not applied/);
  });
  const times = { EchoTime1: 0.00492, EchoTime2: 0.00738 };
  const phase: Volume = {
    ...noise,
    frames: noise.frames.slice(0, 1),
    data: Float32Array.from({ length: 2000 }, (_, i) => (i % 2 ? 1 : -1)),
  };
  test("by hand: 1 rad over 2.46 ms is 64.7 Hz, 1.94 voxels of 3 mm in 30 ms", () => {
    const found = shiftOfPhaseDifference(phase, times, mask, geometry, noise);
    const voxels = (1 / (2 * Math.PI * 0.00246)) * 0.03;
    expect(found.voxels).toBeCloseTo(voxels, 6);
    expect(found.largest).toBeCloseTo(3 * voxels, 6);
    expect(found.nearWrap).toBe(0);
  });
  test("integers of one turn read as radians; a phase near pi is told", () => {
    const integers = { ...phase, data: phase.data.map((_, i) => (i % 2 ? -4096 : 4095)) };
    const found = shiftOfPhaseDifference(integers, times, mask, geometry, noise);
    expect(found.voxels).toBeCloseTo((0.03 * 0.5) / 0.00246, 2);
    expect(found.nearWrap).toBe(1);
  });
  test.each([
    ["missing-echo-times", phase, {}, geometry],
    ["missing-readout", phase, times, epiGeometry({ RepetitionTime: 2 }, noise)],
    ["bad-phase", { ...phase, data: phase.data.map((_, i) => 9000 * i) }, times, geometry],
  ])("refused: %s", (code, map, metadata, own) => {
    expect(() => shiftOfPhaseDifference(map, metadata, mask, own, noise)).toThrow(expect.objectContaining({ code }));
  });
});

test("boldQc: names, units and verdicts", () => {
  const still = { ...motion, referenceIndex: 0, reference: noise, mask, unsettled: [], explained: [1, 1, 1] };
  const geometry = epiGeometry({ RepetitionTime: 2 }, noise);
  const tsnr: Volume<"1"> = {
    ...noise,
    unit: "1",
    frames: noise.frames.slice(0, 1),
    data: new Float32Array(2000).fill(50),
  };
  const rows = boldQc({
    motion: still,
    tsnr,
    mask,
    geometry,
    distortion: distortionHint(geometry, []),
    sliceTimed: false,
  });
  expect(rows.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
    "mean-framewise-displacement bad",
    "volumes-moved bad",
    "largest-shift ok",
    "largest-turn ok",
    "unsettled-volumes ok",
    "tsnr-median ok",
    "slice-timing warn",
    "distortion warn",
  ]);
});
