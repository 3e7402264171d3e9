import type { Channel, ChannelKind, Events, Recording } from "@quintet/core";
import { describe, expect, test } from "vitest";
import * as door from "./index.ts";
import {
  averageReference,
  bandPower,
  channelSide,
  electrodeName,
  epochAverage,
  evokedPeaks,
  filterRecording,
  homologousPairs,
  notch,
  sideByName,
  slowing,
  spectralRows,
  welch,
} from "./index.ts";

const rate = 250;
const channel = (name: string, kind: ChannelKind = "eeg"): Channel => ({ name, kind, unit: "V", sensors: [name] });
const recording = (channels: Channel[], rows: ArrayLike<number>[], fs = rate): Recording => ({
  clock: "device:eeg",
  groups: [
    { rate: fs, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => Array.from(row))) }] },
  ],
});
const sine = (amplitude: number, f: number, n: number, fs = rate): Float64Array =>
  Float64Array.from({ length: n }, (_, t) => amplitude * Math.sin((2 * Math.PI * f * t) / fs));
const added = (...rows: Float64Array[]): Float64Array =>
  rows[0].map((_, t) => rows.reduce((sum, row) => sum + row[t], 0));

test("the wing's door", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "aperiodicFits",
      "asymmetryRows",
      "averageReference",
      "badChannelLimits",
      "bandAsymmetry",
      "bandPower",
      "bipolar",
      "boundaryElementHead",
      "channelConnectivity",
      "channelQuality",
      "channelSide",
      "clinicalBands",
      "clusterSpikes",
      "cortexSources",
      "detectSpikes",
      "dipoleAt",
      "doubleBanana",
      "electrodeName",
      "epochAverage",
      "estimateSources",
      "eventPower",
      "evokedPeaks",
      "filterRecording",
      "findBadChannels",
      "firDesign",
      "fitNotch",
      "focalSlowing",
      "headConductivities",
      "headShells",
      "homologousPairs",
      "infinityReference",
      "interpolateBad",
      "labelComponents",
      "labelLimits",
      "mainsFrequency",
      "mapWeights",
      "markBad",
      "matchSpikes",
      "multitaperDensity",
      "noiseCovariance",
      "notch",
      "onlyEeg",
      "overCortex",
      "peakFrequency",
      "qc",
      "qcLimits",
      "referenceTo",
      "removeComponents",
      "removeGradientArtefact",
      "removePulseArtefact",
      "resampleRecording",
      "restCovariance",
      "scoreErp",
      "separateComponents",
      "sharpTransients",
      "sideByName",
      "slowing",
      "sourceData",
      "sourceDensity",
      "sourceGrid",
      "sourceVolume",
      "spectralRows",
      "sphereGrid",
      "sphereHead",
      "templateGain",
      "weighSources",
      "welch",
    ]
  `);
});

describe("names and sides", () => {
  test.each([
    ["EEG Fp1-REF", "Fp1", "left"],
    ["T8", "T8", "right"],
    ["EEG Cz", "Cz", "midline"],
    ["AFF5h", "AFF5h", "left"],
    ["F10-A1", "F10", "right"],
    ["A17", "A17", undefined],
    ["EEG 001", "001", undefined],
  ])("%s is %s, %s", (name, clean, side) => {
    expect(electrodeName(name)).toBe(clean);
    expect(sideByName(name)).toBe(side);
  });
  test("pairs by name: F3 and F4, T7 and T8, FCC5h and FCC6h; z has none", () => {
    const names = ["F4", "F3", "Cz", "T7", "T8", "P7", "FCC5h", "FCC6h"].map((name) => channel(name));
    expect(homologousPairs(names)).toEqual([
      { left: 1, right: 0 },
      { left: 3, right: 4 },
      { left: 6, right: 7 },
    ]);
  });
  test("C3 and C4 of a cap numbered A1 .. D32 are no 10-20 places", () => {
    expect(homologousPairs(["A1", "A32", "C3", "C4"].map((name) => channel(name)))).toEqual([]);
  });
  test("pairs by mirrored position when names say nothing; midline and lonely ones have none", () => {
    const places = { E001: [-50, 10, 60], E002: [52, 12, 58], E003: [0, 0, 90], E004: [-30, -80, 20] } as const;
    const sensors = Object.entries(places).map(([name, position]) => ({ name, kind: "electrode" as const, position }));
    const channels = Object.keys(places).map((name) => channel(name));
    const montage = { space: "subject:T1w", sensors };
    expect(homologousPairs(channels, montage)).toEqual([{ left: 0, right: 1 }]);
    expect(channels.map((c) => channelSide(c, montage))).toEqual(["left", "right", "midline", "left"]);
  });
});

describe("filterRecording and notch", () => {
  const n = 20 * rate;
  const clean = sine(1e-5, 10, n);
  test("1 to 40 Hz: offset and 80 Hz go, 10 Hz and the trigger stay", () => {
    const dirty = added(clean, sine(1e-5, 80, n), new Float64Array(n).fill(0.01));
    const input = recording([channel("Cz"), channel("trig", "trigger")], [dirty, dirty]);
    const { data } = filterRecording(input, { low: 1, high: 40 }).groups[0].segments[0];
    // Hamming pass-band ripple is 0.2 %.
    expect(data.subarray(1000, 4000)).toBeAllclose(clean.subarray(1000, 4000), { atol: 5e-8 });
    expect(data.subarray(n)).toEqual(dirty);
  });
  test("notch: 50 and 100 Hz go, 45 and 55 Hz stay", () => {
    const kept = added(sine(1e-5, 45, n), sine(1e-5, 55, n));
    const input = recording([channel("Cz")], [added(kept, sine(1e-4, 50, n), sine(1e-4, 100, n))]);
    const { data } = notch(input, [50, 100]).groups[0].segments[0];
    // The stop band of two touching transitions is 46 dB deep: 5e-7 of 1e-4 each; pass bands ripple by 0.2 % each.
    expect(data.subarray(1000, 4000)).toBeAllclose(kept.subarray(1000, 4000), { atol: 1.3e-6 });
  });
  test.each([
    ["a segment shorter than the filter", { low: 0.1 }, 4, "segment-too-short"],
    ["an edge above Nyquist", { high: 200 }, 20, "bad-band"],
  ])("refuses %s", (_, band, seconds, code) => {
    const input = recording([channel("Cz")], [new Float64Array(seconds * rate)]);
    expect(() => filterRecording(input, band)).toThrow(expect.objectContaining({ code }));
  });
  test("refuses an empty notch", () => {
    expect(() => notch(recording([channel("Cz")], [clean]), [])).toThrow(expect.objectContaining({ code: "bad-band" }));
  });
});

describe("averageReference", () => {
  test("by hand; a bad channel is referenced but does not count; EOG stays", () => {
    const channels = [channel("a"), channel("b"), { ...channel("c"), status: "bad" as const }, channel("eye", "eog")];
    const { groups, notes } = averageReference(recording(channels, [[1], [3], [100], [7]]));
    expect([...groups[0].segments[0].data]).toEqual([-1, 1, 98, 7]);
    expect(notes?.reference).toContain("average");
  });
  test("twice is once; refuses a single channel", () => {
    const once = averageReference(
      recording(
        [channel("a"), channel("b")],
        [
          [1, 2],
          [4, 8],
        ],
      ),
    );
    expect(averageReference(once).groups[0].segments[0].data).toBeAllclose(once.groups[0].segments[0].data, {
      atol: 1e-15,
    });
    expect(() => averageReference(recording([channel("a")], [[1]]))).toThrow(
      expect.objectContaining({ code: "no-channels" }),
    );
  });
});

describe("spectra", () => {
  test("known answer: 10 uV at 10 Hz (MNE 1.3.0)", () => {
    const [{ density, frequencies, windows }] = welch(recording([channel("Oz")], [sine(1e-5, 10, 10 * rate)]));
    expect([density[20], frequencies[20]]).toBeAllclose([7.337695017614491e-11, 10], { rtol: 1e-12 });
    expect(windows.length).toBe(5);
  });
  test("band power of a sine is A^2/2 in its band; edges belong to the upper band", () => {
    const rows = bandPower(recording([channel("Oz")], [added(sine(1e-5, 10, 2500), sine(2e-5, 6, 2500))]));
    const by = Object.fromEntries(rows.map(({ band, power }) => [band, power]));
    expect([by.alpha, by.theta]).toBeAllclose([5e-11, 2e-10], { rtol: 1e-9 });
    expect(rows.find(({ band }) => band === "theta")?.relative).toBeCloseTo(0.8, 6);
    expect(rows.reduce((sum, { relative }) => sum + relative, 0)).toBeCloseTo(1, 12);
    const edge = bandPower(recording([channel("Oz")], [sine(1e-5, 8, 2500)]));
    // A Hamming line spreads over three bins of 0.5 Hz: 23 % squared on either side of 54 %: 0.4232 of the lower half's share.
    const share = (band: string): number => edge.find((row) => row.band === band)?.relative as number;
    expect(share("alpha")).toBeCloseTo((0.54 ** 2 + 0.23 ** 2) / (0.54 ** 2 + 2 * 0.23 ** 2), 6);
  });
  test("slowing: ratios of known sines, a peak between lines", () => {
    const x = added(sine(1e-5, 10.2, 5000), sine(1e-5, 5, 5000), sine(2e-5, 2, 5000), sine(0.5e-5, 20, 5000));
    const [row] = slowing(recording([channel("Oz")], [x]));
    expect([row.thetaAlpha, row.slowFast]).toBeAllclose([1, 5 / 1.25], { rtol: 2e-3 });
    // The parabola through a Hamming line is good to a tenth of the 0.5 Hz spacing.
    expect(row.peakAlpha).toBeCloseTo(10.2, 1);
  });
  test("rows carry unit, error, number and method", () => {
    const rows = spectralRows(recording([channel("Oz")], [added(sine(1e-5, 10, 2500), sine(1e-5, 3, 2500))]));
    expect(rows.map(({ measure }) => measure)).toContain("delta-relative-power");
    expect(rows.find(({ measure }) => measure === "alpha-power")).toMatchObject({
      channel: "Oz",
      unit: "V2",
      n: 5,
      method: "Welch, 2 s hamming windows, 8 to 13 Hz",
    });
  });
  test("an artefact window can be left out; a gap is not spanned", () => {
    const quiet = Float64Array.from({ length: 5000 }, (_, t) => Math.sin(t * 0.37) + 0.3 * Math.sin(t * t * 0.01));
    const loud = quiet.map((x, t) => (t > 1000 && t < 1400 ? 1000 * x : x));
    const [spectrum] = welch(recording([channel("Oz")], [loud]), { rejectAbove: 5 });
    expect(spectrum.rejected).toBe(1);
    expect(spectrum.windows.length).toBe(9);
    expect(spectrum.places).toEqual([0, 1, 3, 4, 5, 6, 7, 8, 9]);
    const group = recording([channel("Oz")], [quiet.subarray(0, 700)]).groups[0];
    const split = {
      clock: "c",
      groups: [{ ...group, segments: [group.segments[0], { start: 99, data: group.segments[0].data }] }],
    };
    expect(welch(split)[0].windows.length).toBe(2);
  });
  test.each([
    ["no EEG", recording([channel("x", "misc")], [new Float64Array(2000)]), "no-channels"],
    ["a second of data", recording([channel("Oz")], [new Float64Array(250)]), "segment-too-short"],
    ["a rate too low for beta", recording([channel("Oz")], [new Float64Array(500)], 50), "bad-band"],
  ])("refuses %s", (_, input, code) => {
    expect(() => bandPower(input)).toThrow(expect.objectContaining({ code }));
  });
});

describe("epochAverage", () => {
  const events: Events = {
    clock: "device:eeg",
    list: [1, 2, 3, 9.99].map((onset) => ({ onset, duration: 0, type: "tone" })),
  };
  const pulse = Float64Array.from({ length: 2500 }, (_, t) =>
    t % 250 === 75 ? 1e-5 * (1 + Math.floor(t / 250)) : 1e-6,
  );
  test("by hand: three pulses of 20, 30, 40 uV at 0.3 s", () => {
    const evoked = epochAverage(recording([channel("Pz")], [pulse]), events, { type: "tone", window: [-0.2, 0.5] });
    expect([evoked.n, evoked.outside, evoked.rejected]).toEqual([3, 1, 0]);
    const [peak] = evokedPeaks(evoked, [0.2, 0.4]);
    // Baseline 1 uV; sd 10 uV over 3 epochs.
    expect([peak.latency, peak.amplitude, peak.standardError]).toBeAllclose([0.3, 29e-6, 1e-5 / Math.sqrt(3)], {
      rtol: 1e-9,
    });
  });
  test("a limit on the swing leaves the largest out", () => {
    const evoked = epochAverage(recording([channel("Pz")], [pulse]), events, {
      window: [-0.2, 0.5],
      peakToPeak: 35e-6,
    });
    expect([evoked.n, evoked.rejected]).toEqual([2, 1]);
  });
  test.each([
    ["a type that never happens", { type: "flash" }, "no-events"],
    ["a limit nothing meets", { peakToPeak: 0 }, "no-events"],
    ["a baseline outside", { baseline: [-9, 0] }, "bad-window"],
  ] as const)("refuses %s", (_, options, code) => {
    expect(() => epochAverage(recording([channel("Pz")], [pulse]), events, options)).toThrow(
      expect.objectContaining({ code }),
    );
  });
  test("refuses a peak window without samples", () => {
    const evoked = epochAverage(recording([channel("Pz")], [pulse]), events);
    expect(() => evokedPeaks(evoked, [5, 6])).toThrow(expect.objectContaining({ code: "bad-window" }));
  });
});
