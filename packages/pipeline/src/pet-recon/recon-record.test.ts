import { type DataError, identityAffine, rigid } from "@quintet/core";
import { expect, test } from "vitest";
import { jsonText } from "../recon-side-file.ts";
import { countsRecord, readPetReconRecord } from "./recon-record.ts";
import type { ReconstructedFrame } from "./reconstruct-pet-file.ts";

const frames: readonly ReconstructedFrame[] = [
  {
    start: 0,
    duration: 60,
    subsets: 5,
    prompts: 399_770,
    randoms: 80_000.5,
    scatter: 0,
    scatterScale: { value: 1.1, error: 0.02 },
    iterations: [{ logLikelihood: -9.5, expected: 400_000, change: 0.25 }],
    blindVoxels: 0,
  },
  { start: 60, duration: 40, subsets: 9, prompts: 5, randoms: 1, scatter: 0, iterations: [], blindVoxels: 0 },
];
const course = { start: 0, width: 50, prompts: Float64Array.of(3, 2), delayeds: Float64Array.of(1, 0) };
const track = {
  time: Float64Array.of(-5, 30, 100),
  maps: [identityAffine(), rigid([0, 4, 0], [1, 2, 3]), identityAffine()],
};
const side = {
  ReconMethodName: "list-mode osem",
  ReconMethodParameterLabels: ["iterations", "subsets", "point spread FWHM"],
  ReconMethodParameterValues: [1, [5, 9], 5],
  ReconMethodParameterUnits: ["none", "none", "mm"],
  ReconFilterType: "none",
  ImageDecayCorrected: false,
  Terms: { normalisation: "pairs", attenuation: "mu.nii.gz", randoms: "delayeds", scatter: "none" },
  FrameAlignment: "resampled once",
  unit: "counts per mm of line (not calibrated)",
  notes: ["one", 2],
  findings: [{ modality: "pet", name: "prompts", value: 5, verdict: "ok", note: "all" }, { name: "half" }],
  Counts: countsRecord(
    frames,
    { timeOfFlight: { bins: 29, fwhm: 400 }, alive: { mean: 0.975, lowest: 0.95 }, course },
    track,
  ),
};

test("written as JSON and read again: counts, terms left out, rates, places while the scan went on", () => {
  const record = readPetReconRecord(JSON.parse(jsonText(side)), "x.json");
  expect(record.settings).toEqual([
    ["algorithm", "OSEM, expectation maximisation over ordered subsets, event by event"],
    ["iterations", "1"],
    ["subsets", "5 to 9, by the counts of each frame"],
    ["point spread FWHM", "5 mm"],
    ["time of flight", "29 bins, 400 ps full width at half maximum"],
    ["decay", "not corrected"],
  ]);
  expect(record.terms).toEqual([
    { name: "normalisation, n", value: "all pairs of detectors alike" },
    { name: "attenuation, a", value: "mu.nii.gz" },
    { name: "randoms, r", value: "from the delayed window" },
    { name: "scatter, s" },
    { name: "point spread, in A", value: "a Gaussian of 5 mm full width at half maximum" },
    { name: "dead time", note: expect.stringContaining("97.5 %") },
  ]);
  expect(record.frames).toEqual([
    {
      start: 0,
      duration: 60,
      prompts: 399_770,
      randoms: 80_000.5,
      scatterScale: { value: 1.1, error: 0.02 },
      iterations: [{ logLikelihood: -9.5, expected: 400_000, change: 0.25 }],
    },
    { start: 60, duration: 40, prompts: 5, randoms: 1, iterations: [] },
  ]);
  expect(record.course).toEqual({ start: 0, width: 50, prompts: [3, 2], delayeds: [1, 0] });
  // what was held before the scan counts from its start; what came at its end is not of it
  expect(record.motion).toEqual({
    time: [0, 30],
    end: 100,
    shifts: [
      [0, 0, 0],
      [1, 2, 3],
    ],
    degrees: [
      [0, 0, 0],
      [0, 4, 0],
    ],
  });
  expect(record.motionNote).toBe("Frames were registered to the mean of the late ones; each image was resampled once.");
  expect([record.notes, record.findings.length, record.unit]).toEqual([["one"], 1, side.unit]);
});

test("a long track is thinned to what a picture shows", () => {
  const n = 5000;
  const long = {
    time: Float64Array.from({ length: n }, (_, i) => i / 50),
    maps: Array.from({ length: n }, identityAffine),
  };
  const { place_time_s: times } = countsRecord(frames, {}, long) as { place_time_s: number[] };
  expect(times.length).toBeLessThanOrEqual(400);
  expect(times.length).toBeGreaterThan(200);
});

test.each([
  ["nothing", undefined],
  ["a text", "counts"],
  ["a frame too few", { ...side.Counts, randoms: [1] }],
  ["a hole", { ...side.Counts, prompts: [1, null] }],
  ["delayeds of another length", { ...side.Counts, course_delayeds: [1] }],
])("refused: %s", (_, Counts) => {
  expect(() => readPetReconRecord({ Counts }, "x.json")).toThrow(
    expect.objectContaining({ code: "bad-counts", file: "x.json" }) as DataError,
  );
});
