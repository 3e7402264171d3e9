import type { Channel, Recording } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { light, montage, od, recording } from "../../test/fnirs-probe.ts";
import * as door from "./index.ts";
import {
  beerLambert,
  darkChannels,
  dpf,
  extinction,
  opticalDensity,
  pathlengths,
  splitByDistance,
  withoutPairs,
} from "./index.ts";

test("the wing's door", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "activation",
      "bandpass",
      "beerLambert",
      "blockAverage",
      "channelsBeyond",
      "compareMotion",
      "correlationImprovement",
      "darkChannels",
      "diffuseFields",
      "dpf",
      "embeddedCourses",
      "extinction",
      "extinctionTableNames",
      "extinctionTables",
      "globalVariance",
      "groupEffects",
      "heartRate",
      "imageResolution",
      "intensityVariation",
      "isOptical",
      "lateralisation",
      "levelShifts",
      "linearModel",
      "maskedShare",
      "motionArtefacts",
      "motionMethods",
      "opticalDensity",
      "opticalHead",
      "opticalPairs",
      "opticalTissues",
      "optodeField",
      "pairMidpoint",
      "pairName",
      "pairQuality",
      "pairSensitivity",
      "partialPaths",
      "pathlengths",
      "peakSpectralPower",
      "photonScene",
      "placeOptodes",
      "poolResponses",
      "principalMotion",
      "qc",
      "qcLimits",
      "repairConcentration",
      "repairDensity",
      "repairLimits",
      "saturation",
      "scalpCouplingIndex",
      "selectChannels",
      "semiInfinite",
      "sensitivityVolume",
      "shortCourses",
      "sourceDetectorDistance",
      "splineMotion",
      "splineSavitzkyGolay",
      "splitByDistance",
      "tddr",
      "tissueOptics",
      "tissueTableFor",
      "tissueTables",
      "tomography",
      "waveletMotion",
      "windowedCoupling",
      "withoutPairs",
    ]
  `);
});

describe("opticalDensity", () => {
  const channels = [light("S1", "D1", 760, "nirs-intensity"), light("S1", "D1", 850, "nirs-intensity")];
  test("by hand: -ln(I / mean I)", () => {
    const { groups } = opticalDensity(
      recording(channels, [
        [1, 3],
        [5, 5],
      ]),
    );
    expect(groups[0].segments[0].data).toBeAllclose([Math.LN2, -Math.log(1.5), 0, 0], { atol: 1e-15 });
    expect(groups[0].channels.map(({ kind, unit }) => [kind, unit])).toEqual([
      ["nirs-od", "{od}"],
      ["nirs-od", "{od}"],
    ]);
  });
  test("a brighter lamp changes nothing; the mean spans all segments; a trigger stays", () => {
    const trigger: Channel = { name: "trig", kind: "trigger", unit: "1", sensors: [] };
    const two: Recording = {
      clock: "c",
      groups: [
        {
          rate: 10,
          channels: [channels[0], trigger],
          segments: [
            { start: 0, data: Float32Array.of(1, 1, 7, 8) },
            { start: 5, data: Float32Array.of(3, 3, 9, 9) },
          ],
        },
      ],
    };
    const [a, b] = opticalDensity(two).groups[0].segments;
    expect(a.data).toBeAllclose([Math.LN2, Math.LN2, 7, 8], { atol: 1e-15 });
    expect(b.data[0]).toBeCloseTo(-Math.log(1.5), 14);
    const scaled = opticalDensity(
      recording(channels, [
        [7, 21],
        [5, 5],
      ]),
    );
    expect(scaled.groups[0].segments[0].data).toBeAllclose([Math.LN2, -Math.log(1.5), 0, 0], { atol: 1e-14 });
  });
  test("refuses darkness by name and count, and leaves what to do to the caller", () => {
    const dark = recording(channels, [
      [1, 0, -2],
      [1, 2, Number.NaN],
    ]);
    expect(darkChannels(dark).map(({ channel, count }) => [channel.name, count])).toEqual([
      ["S1-D1 760", 2],
      ["S1-D1 850", 1],
    ]);
    expect(() => opticalDensity(dark)).toThrow(
      expect.objectContaining({ code: "not-positive", message: expect.stringContaining("S1-D1 760 (2 samples)") }),
    );
    expect(() => opticalDensity(withoutPairs(dark, new Set(["S1-D1"])))).toThrow(
      expect.objectContaining({ code: "no-channels" }),
    );
  });
});

describe("dpf: Scholkmann & Wolf 2013, equation 7", () => {
  test.each([
    [760, 1, 5.342275],
    [760, 10, 5.683543],
    [760, 25, 6.151632],
    [760, 40, 6.576288],
    [760, 50, 6.845518],
    [850, 1, 4.280003],
    [850, 10, 4.62127],
    [850, 25, 5.08936],
    [850, 40, 5.514015],
    [850, 50, 5.783245],
    [690, 25, 6.179396],
    [830, 25, 5.537397],
  ])("%d nm at %d years: %d", (wavelength, age, value) => {
    expect(dpf(age, wavelength)).toBeCloseTo(value, 5);
  });
  test.each([
    [-1, 760, "bad-age"],
    [Number.NaN, 760, "bad-age"],
    [1e4, 760, "bad-age"],
    [30, 500, "bad-wavelength"],
    [30, 0.76, "bad-wavelength"],
  ])("refuses %d years, %d nm", (age, wavelength, code) => {
    expect(() => dpf(age, wavelength)).toThrow(expect.objectContaining({ code }));
  });
});

describe("extinction", () => {
  test.each([
    ["prahl", 650, 368, 3750.12],
    ["prahl", 690, 276, 2051.96],
    ["prahl", 730, 390, 1102.2],
    ["prahl", 760, 586, 1548.52],
    ["prahl", 780, 710, 1075.44],
    ["prahl", 800, 816, 761.72],
    ["prahl", 808, 856, 723.52],
    ["prahl", 830, 974, 693.04],
    ["prahl", 850, 1058, 691.32],
    ["prahl", 900, 1198, 761.84],
    ["prahl", 1000, 1024, 206.784],
    ["wray", 690, 415.5, 2141.8],
    ["wray", 830, 1008, 778],
    ["moaveni", 850, 1060, 800],
    // UCL's files hold 1.4033e-4 and 3.8547e-4 at 760 nm, 2.6694e-4 and 1.8096e-4 at 850 nm: times 1e7 / ln 10.
    ["cope", 760, 609.45, 1674.07],
    ["cope", 850, 1159.31, 785.9],
    ["matcher", 830, 1050.7, 780.4],
    ["matcher", 850, 1159.6, 786.1],
  ] as const)("%s at %d nm: HbO %d, HbR %d", (table, wavelength, hbo, hbr) => {
    expect(extinction(table, wavelength)).toEqual({ hbo, hbr });
  });
  test("between entries: linear; outside: refused", () => {
    expect(extinction("prahl", 691).hbo).toBeCloseTo(276.8, 12);
    for (const bad of [649, 1001, Number.NaN]) {
      expect(() => extinction("prahl", bad)).toThrow(expect.objectContaining({ code: "bad-wavelength" }));
    }
    expect(() => extinction("wray", 901)).toThrow(expect.objectContaining({ code: "bad-wavelength" }));
    expect(() => extinction("matcher", 760)).toThrow(expect.objectContaining({ code: "bad-wavelength" }));
  });
  test("tables agree where they stand for one measurement, and cross where haemoglobin does", () => {
    for (let l = 780; l <= 900; l += 10) {
      const [a, b] = [extinction("cope", l), extinction("matcher", l)];
      expect(a.hbo / b.hbo).toBeCloseTo(1, 3);
      expect(a.hbr / b.hbr).toBeCloseTo(1, 3);
    }
    // The isosbestic point near 800 nm.
    for (const table of ["prahl", "wray", "moaveni", "cope", "matcher"] as const) {
      expect(extinction(table, 780).hbo).toBeLessThan(extinction(table, 780).hbr);
      expect(extinction(table, 820).hbo).toBeGreaterThan(extinction(table, 820).hbr);
    }
  });
});

describe("beerLambert", () => {
  const values = (result: Recording): number[] => [...result.groups[0].segments[0].data];
  test("known answer: 0.01 at 760, 0.02 at 850 nm, 30 mm, factor 6 and 0.1", () => {
    const [hbo, hbr, hbt] = values(beerLambert(od([0.01], [0.02]), montage, { pathlength: { ppf: 6 } }));
    expect([hbo, hbr]).toBeAllclose([4.70669547e-7, -2.23036465e-8], { rtol: 1e-8 });
    expect(hbt).toBeCloseTo(hbo + hbr, 18);
    // MNE writes 0.2303 for ln(10) / 10: its numbers are 0.018 % smaller, and these to their digits.
    const mne = Math.LN10 / (10 * 0.2303);
    expect([hbo * mne, hbr * mne]).toBeAllclose([4.70584752e-7, -2.22996283e-8], { rtol: 1e-8 });
    const thin = values(beerLambert(od([0.01], [0.02]), montage, { pathlength: { ppf: 0.1 } }));
    expect(thin.slice(0, 2).map((v) => v * mne)).toBeAllclose([2.82350851e-5, -1.3379777e-6], { rtol: 1e-8 });
    expect(thin[0] / hbo).toBeCloseTo(60, 10);
  });
  test("the forward law gives the density back, for two and for three wavelengths", () => {
    for (const wavelengths of [
      [690, 830],
      [690, 780, 850],
    ]) {
      const [hbo, hbr] = [1e-6, -3e-7];
      const density = wavelengths.map((l) => {
        const e = extinction("prahl", l);
        return [Math.LN10 * (e.hbo * hbo + e.hbr * hbr) * 3 * dpf(40, l)];
      });
      const channels = wavelengths.map((l) => light("S1", "D1", l, "nirs-od"));
      const back = values(beerLambert(recording(channels, density), montage, { pathlength: { age: 40 } }));
      expect(back).toBeAllclose([hbo, hbr, hbo + hbr], { rtol: 1e-10 });
    }
  });
  test("says what it used, keeps other channels, names pairs, carries a bad mark", () => {
    const input = od([0.01], [0.02]);
    const group = input.groups[0];
    const withAux: Recording = {
      ...input,
      groups: [
        {
          ...group,
          channels: [
            { ...group.channels[0], status: "bad" },
            group.channels[1],
            { name: "acc", kind: "accel", unit: "m/s2", sensors: [] },
          ],
          segments: [{ start: 0, data: Float64Array.of(0.01, 0.02, 9.81) }],
        },
      ],
    };
    const result = beerLambert(withAux, montage, { pathlength: { age: 25 } });
    expect(result.notes?.beerLambert).toBe("extinction prahl; DPF at 25 years 760 nm 6.1516, 850 nm 5.0894");
    expect(result.groups[0].channels.map(({ name, status }) => [name, status])).toEqual([
      ["S1-D1 hbo", "bad"],
      ["S1-D1 hbr", "bad"],
      ["S1-D1 hbt", "bad"],
      ["acc", undefined],
    ]);
    expect(result.groups[0].segments[0].data[3]).toBe(9.81);
    expect(pathlengths(withAux, montage, { pathlength: { ppf: [6, 5] } })).toEqual([
      { pair: "S1-D1", wavelength: 760, distance: 30, factor: 6 },
      { pair: "S1-D1", wavelength: 850, distance: 30, factor: 5 },
    ]);
  });
  test.each([
    ["no density", { clock: "c", groups: [] }, montage, { ppf: 6 }, "no-channels"],
    ["one wavelength", recording([light("S1", "D1", 760, "nirs-od")], [[0]]), montage, { ppf: 6 }, "one-wavelength"],
    ["no positions", od([0], [0]), { space: "x", sensors: [] }, { ppf: 6 }, "no-position"],
    [
      "positions in metres",
      od([0], [0]),
      {
        space: "x",
        sensors: montage.sensors.map((s) => ({
          ...s,
          position: s.position?.map((v) => v / 1000) as unknown as [number, number, number],
        })),
      },
      { ppf: 6 },
      "bad-distance",
    ],
    ["a zero factor", od([0], [0]), montage, { ppf: 0 }, "bad-pathlength"],
    ["three factors for two wavelengths", od([0], [0]), montage, { ppf: [1, 2, 3] }, "bad-pathlength"],
    [
      "a wavelength beside the table",
      recording([light("S1", "D1", 640, "nirs-od"), light("S1", "D1", 850, "nirs-od")], [[0], [0]]),
      montage,
      { ppf: 6 },
      "bad-wavelength",
    ],
    [
      "the same wavelength twice",
      recording([light("S1", "D1", 850, "nirs-od"), light("S1", "D1", 850, "nirs-od")], [[0], [0]]),
      montage,
      { ppf: 6 },
      "duplicate-channel",
    ],
  ] as const)("refuses %s", (_, input, where, pathlength, code) => {
    expect(() => beerLambert(input, where, { pathlength })).toThrow(expect.objectContaining({ code }));
  });
});

test("splitByDistance: 8 mm is short, 30 mm is long", () => {
  const channels = [light("S1", "D9", 760, "nirs-od"), light("S1", "D1", 760, "nirs-od")];
  const { short, long } = splitByDistance(
    recording(channels, [
      [1, 2],
      [3, 4],
    ]),
    montage,
  );
  expect(short.groups[0].channels.map(({ name }) => name)).toEqual(["S1-D9 760"]);
  expect([...long.groups[0].segments[0].data]).toEqual([3, 4]);
});
