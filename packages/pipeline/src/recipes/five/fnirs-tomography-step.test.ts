/** What the run makes of light that a known change under one pair of optodes made, in a box of tissue. */
import { affineOf, type Channel, type LabelVolume, type Montage } from "@quintet/core";
import { tomography } from "@quintet/modalities/fnirs";
import { beforeAll, describe, expect, test } from "vitest";
import { type MontageLight, montageLight } from "../../nirs-image/cortex-image.ts";
import { diffusedFields } from "../../nirs-image/light-in-head.ts";
import { type OpticalResponses, withoutResponses } from "../../nirs-image/read-responses.ts";
import { outcomeOf } from "./fnirs-tomography-step.ts";

/** 96 x 48 x 30 mm: scalp 6, skull 3, then grey matter; its skin at z = 0. */
const [nx, ny, nz] = [32, 16, 10];
const box: LabelVolume = {
  shape: [nx, ny, nz],
  affine: affineOf([3, 0, 0, -46.5, 0, 3, 0, -22.5, 0, 0, 3, -28.5]),
  space: "box",
  data: Uint8Array.from(
    { length: nx * ny * nz },
    (_, v) => [4, 4, 4, 4, 4, 4, 4, 2, 1, 1][Math.floor(v / (nx * ny))] as number,
  ),
  names: new Map([
    [1, "scalp"],
    [2, "skull"],
    [4, "grey"],
  ]),
};
const montage: Montage = {
  space: "box",
  sensors: [
    { name: "S1", kind: "source", position: [-34, 0, 0] },
    { name: "D1", kind: "detector", position: [-8, 0, 0] },
    { name: "S2", kind: "source", position: [14, 0, 0] },
    { name: "D2", kind: "detector", position: [38, 0, 0] },
  ],
};
const wavelengths = [760, 850];
const rows = wavelengths.flatMap((wavelength) =>
  [
    ["S1", "D1"],
    ["S2", "D1"],
    ["S2", "D2"],
  ].map(([source = "", detector = ""]) => ({ source, detector, wavelength, values: [], errors: [] })),
);
const resting: OpticalResponses = { montage, wavelengths, rows, conditions: [], short: "none", leftOut: [] };

let light: MontageLight;
/** Of 5 umol/L HbO and -2 umol/L HbR in grey matter within 8 mm of (-21, 0, -12), each density with this error. */
let tapping: (error: number, short: OpticalResponses["short"]) => OpticalResponses;

beforeAll(() => {
  light = montageLight(box, montage, resting, { spacing: 3, fields: diffusedFields("eggebrecht") });
  const near = light.places.map(([x, y, z]) => (Math.hypot(x + 21, y, z + 12) <= 8 ? 1e-6 : 0));
  const density = tomography(light.rows).predict(
    near.map((v) => 5 * v),
    near.map((v) => -2 * v),
  );
  tapping = (error, short) => ({
    ...resting,
    short,
    conditions: [{ name: "tap left", events: 6 }],
    rows: rows.map((row, i) => ({ ...row, values: [density[i] as number], errors: [error] })),
  });
});

const verdicts = ({ qc }: ReturnType<typeof outcomeOf>) =>
  Object.fromEntries(qc.map(({ name, verdict }) => [name, verdict]));

describe("the run's optical tomography", () => {
  test("the change comes out under its pair, HbR below 0; images, factors and findings stand beside it", () => {
    const outcome = outcomeOf(light, tapping(1e-5, "mean"), "eggebrecht");
    const [map] = outcome.view?.maps ?? [];
    // One pair sees the change: along it the image has the pair's width, across it and in depth little more than a voxel.
    expect(Math.abs(map!.peak.place[0] + 21)).toBeLessThan(10);
    expect(Math.abs(map!.peak.place[1])).toBeLessThan(5);
    expect(map!.peak.hbo).toBeGreaterThan(0);
    expect(map!.peak.hbr / map!.peak.hbo).toBeCloseTo(-0.4, 1);
    expect(outcome.images.map(({ datatype, suffix }) => `${datatype}/${suffix}`)).toEqual([
      "nirs/space-T1w_desc-sensitivity_dot",
      "nirs/space-T1w_desc-tapleft_hbo",
      "nirs/space-T1w_desc-tapleft_hbr",
    ]);
    // The workstation finds a layer by the image it shares.
    expect(outcome.images.map(({ volume }) => volume)).toEqual(
      [outcome.view!.sensitivity, map!.hbo, map!.hbr].map(({ volume }) => volume),
    );
    // What a pair's factors sum to is its mean path over the distance; its mean over wavelengths, summed over pairs, is the image's sum.
    const paths = outcome.view!.factors.map((f) => f.distance * Object.values(f.factors).reduce((s, v) => s + v, 0));
    const image = light.sensitivity.data.reduce((s, v) => s + v, 0);
    expect([paths.reduce((s, v) => s + v, 0) / 2]).toBeAllclose([image], { rtol: 2e-3 }); // factors have four digits
    expect(verdicts(outcome)).toEqual({
      "tomography-grey-share": "ok",
      "tomography-scalp": "ok",
      "tomography-localisation": "ok",
      "tomography-change, tap left": "ok",
      "tomography-edge, tap left": "ok",
    });
  });

  test("noise and a scalp that is not taken out are told", () => {
    expect(verdicts(outcomeOf(light, tapping(1, "none"), "eggebrecht"))).toMatchObject({
      "tomography-scalp": "warn",
      "tomography-change, tap left": "warn",
    });
  });

  test("without responses the sensitivity stands alone", () => {
    const outcome = outcomeOf(light, resting, "eggebrecht");
    expect(outcome.view).toMatchObject({ maps: [] });
    expect(outcome.images).toHaveLength(1);
    expect(Object.keys(verdicts(outcome))).toEqual(["tomography-grey-share", "tomography-localisation"]);
    const [x, , z] = outcome.view!.best;
    expect(Math.abs(x)).toBeLessThan(38);
    expect(z).toBeGreaterThan(-12); // the shallowest grey matter, from -9 mm on
  });

  test("where a recording looks does not hang on events: its long pairs at both wavelengths, the loose ones named", () => {
    const pairs = rows.slice(0, 3).map(({ source, detector }) => [source, detector] as const);
    const channels = [...pairs, ["S1", "D3"] as const].flatMap((sensors) =>
      wavelengths.map(
        (wavelength): Channel => ({
          name: `${sensors.join("_")} ${wavelength}`,
          kind: "nirs-intensity",
          unit: "{intensity}",
          sensors,
          wavelength,
        }),
      ),
    );
    const n = 600;
    // A heart beat that both wavelengths share, but for S2-D2: there each has its own phase.
    const data = Float64Array.from({ length: channels.length * n }, (_, i) => {
      const { sensors, wavelength } = channels[Math.floor(i / n)]!;
      const phase = sensors[1] === "D2" && wavelength === 850 ? Math.PI / 2 : 0;
      return 1 + 0.01 * Math.sin((2 * Math.PI * 1.1 * (i % n)) / 10 + phase);
    });
    const recording = { clock: "nirs", groups: [{ rate: 10, channels, segments: [{ start: 0, data }] }] };
    const short = { name: "D3", kind: "detector", position: [-26, 0, 0] } as const;
    const read = { recording, montage: { ...montage, sensors: [...montage.sensors, short] } };
    const found = withoutResponses(read, "rest.snirf");
    expect(found.rows.map((row) => `${row.source}-${row.detector} ${row.wavelength}`)).toEqual([
      "S1-D1 760",
      "S2-D1 760",
      "S1-D1 850",
      "S2-D1 850",
    ]);
    expect(found).toMatchObject({ conditions: [], wavelengths, leftOut: [{ pair: expect.stringMatching(/S2.D2/) }] });
    expect(() => withoutResponses(read, "rest.snirf", { coupling: 1.1 })).toThrow(/rest.snirf/);
  });

  test("fields are shared by wavelengths at which a table has one tissue, and refused beyond its reach", () => {
    const { head } = light;
    const optodes = [{ name: "S1", position: [-34, 0, 0], inward: [0, 0, -1] }] as const;
    const same = diffusedFields("strangman");
    const [a, b] = [690, 830].map((nm) => same(head, optodes, nm, () => {})[0]!);
    expect(b!.fluence).toBe(a!.fluence);
    expect([a!.wavelength, b!.wavelength]).toEqual([690, 830]);
    expect(() => diffusedFields("eggebrecht")(head, optodes, 690, () => {})).toThrow(/735 to 865 nm/);
  });
});
