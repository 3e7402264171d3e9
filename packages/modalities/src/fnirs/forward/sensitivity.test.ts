import { affineOf, type LabelVolume, type Montage } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { opticalHead, photonScene, placeOptodes } from "./optical-head.ts";
import {
  diffuseFields,
  type OptodeField,
  optodeField,
  pairSensitivity,
  partialPaths,
  sensitivityVolume,
} from "./sensitivity.ts";
import { tissueOptics, tissueTableFor } from "./tissue-optics.ts";

/** 48 x 36 x 24 mm: 8 mm of scalp over 6 of skull over grey matter; its skin at z = 0. */
const [nx, ny, nz] = [24, 18, 12];
const box: LabelVolume = {
  shape: [nx, ny, nz],
  affine: affineOf([2, 0, 0, -23, 0, 2, 0, -17, 0, 0, 2, -23]),
  space: "box",
  data: Uint8Array.from({ length: nx * ny * nz }, (_, v) => {
    const k = Math.floor(v / (nx * ny));
    return k < 5 ? 4 : k < 8 ? 2 : 1;
  }),
  names: new Map([
    [1, "scalp"],
    [2, "skull"],
    [4, "grey"],
  ]),
};
const montage: Montage = {
  space: "box",
  sensors: [
    { name: "S1", kind: "source", position: [-5, 0, 0] },
    { name: "D1", kind: "detector", position: [5, 0, 0] },
    { name: "D2", kind: "detector", position: [0, 0, 40] },
    { name: "D3", kind: "detector" },
  ],
};
const head = opticalHead(box);
const fails = (code: string) => expect.objectContaining({ code });

beforeAll(() => loadKernels());

describe("opticalHead and placeOptodes", () => {
  test("the head is cut out on its own grid, with a layer of air", () => {
    expect(head.grid.shape).toEqual([nx + 2, ny + 2, nz + 2]);
    expect(head.corner).toEqual([-26, -20, -26]);
    expect(head.labels.filter((label) => label === 1).length).toBe(4 * nx * ny);
    expect(head.labels.filter((label) => label === 4).length).toBe(5 * nx * ny);
  });

  test("only what light reaches is kept", () => {
    const part = opticalHead(box, { near: [[0, 0, 0]], reach: 10 });
    expect(part.grid.shape).toEqual([12, 12, 7]);
    expect(part.labels.filter((label) => label > 0).length).toBeLessThan(((((4 * Math.PI) / 6) * 1000) / 8) * 1.15);
  });

  test("an optode on the flat skin looks straight in", () => {
    const [source] = placeOptodes(head, montage, ["S1"]);
    expect(source?.inward).toBeAllclose([0, 0, -1], { atol: 1e-12 });
  });

  test("media by hand: scalp at 800 nm half way between 750 and 850", () => {
    const { media } = photonScene(head, 800);
    expect(media[1]).toEqual({
      absorption: expect.closeTo(0.018, 12),
      scattering: expect.closeTo(0.69, 12),
      anisotropy: 0,
      index: 1.4,
    });
    expect(tissueOptics("scalp", 800, { anisotropy: 0.9 }).scattering).toBeCloseTo(6.9, 12);
    expect(tissueOptics("csf", 700, { table: "strangman" }).absorption).toBe(0.0026);
  });

  test.each([
    [[760, 850], "eggebrecht"],
    [[735, 865], "eggebrecht"],
    [[690, 830], "strangman"],
    [[500, 830], "eggebrecht"],
  ] as const)("the table that reaches %j is %s", (wavelengths, name) => {
    expect(tissueTableFor(wavelengths)).toBe(name);
  });

  test.each([
    ["bad-spacing", () => opticalHead(box, { spacing: 0 })],
    ["far-from-head", () => opticalHead(box, { near: [[0, 0, 90]] })],
    ["no-tissue", () => opticalHead({ ...box, data: box.data.map((v) => (v === 2 ? 1 : v)) as Uint8Array })],
    [
      "unknown-tissue",
      () =>
        opticalHead({
          ...box,
          names: new Map([
            [1, "scalp"],
            [2, "skull"],
            [4, "putty"],
          ]),
        }),
    ],
    ["no-positions", () => placeOptodes(head, montage, ["S1", "D3"])],
    ["far-from-head", () => placeOptodes(head, montage, ["D2"])],
    ["space-mismatch", () => placeOptodes(head, { ...montage, space: "other" }, ["S1"])],
    ["bad-wavelength", () => tissueOptics("grey", 690)],
    ["bad-medium", () => tissueOptics("grey", 800, { anisotropy: 1 })],
  ])("refuses %s", (code, act) => expect(act).toThrow(fails(code)));
});

describe("pairSensitivity", () => {
  const optodes = placeOptodes(head, montage, ["S1", "D1"]);
  const fields: OptodeField[] = [];
  beforeAll(() => {
    for (const [i, optode] of optodes.entries())
      fields.push(optodeField(head, optode, optodes, 800, { photons: 40_000, seed: 11 + i }));
  });
  const both = () => fields as [OptodeField, OptodeField];

  test("the two directions catch alike, and the sum over voxels is the mean path that photons really went", () => {
    const [source, detector] = both();
    const [there, back] = [source.caught.get("D1")!, detector.caught.get("S1")!];
    expect(Math.abs(there.weight - back.weight)).toBeLessThan(3 * Math.hypot(there.error, back.error));
    const row = pairSensitivity(head, source, detector);
    expect(row.error / row.measured).toBeLessThan(0.05);
    const found = partialPaths(head, row);
    const counted = there.paths.map((path, t) => (path + back.paths[t]!) / 2);
    // Standard error of the measured light 4 %, of the paths 3 %; near the optodes light is not diffuse (3 % at 10 mm).
    const sum = Object.values(found).reduce((s, v) => s + v, 0);
    expect([sum]).toBeAllclose([counted.reduce((s, v) => s + v, 0)], { rtol: 0.12 });
    expect([found.scalp!]).toBeAllclose([counted[0]!], { rtol: 0.12 });
    expect(found.csf).toBe(0);
  });

  test("a row of some voxels is those of the whole; the image is their sum, 0 in air", () => {
    const [source, detector] = both();
    const whole = pairSensitivity(head, source, detector);
    const voxels = Uint32Array.from({ length: 50 }, (_, i) => 37 * i);
    const some = pairSensitivity(head, source, detector, { voxels });
    expect(some.paths).toEqual(Float32Array.from(voxels, (v) => whole.paths[v]!));
    const image = sensitivityVolume(head, [whole, whole]);
    expect(image.unit).toBe("mm");
    expect(image.data[500]).toBeCloseTo(2 * whole.paths[500]!, 6);
    expect(image.data.every((v, i) => head.labels[i] !== 0 || v === 0)).toBe(true);
    expect(() => partialPaths(head, some)).toThrow(fails("shape-mismatch"));
  });

  test("refuses fields that do not belong together and pairs without light", () => {
    const [source, detector] = both();
    expect(() => pairSensitivity(head, source, { ...detector, wavelength: 760 })).toThrow(fails("not-reciprocal"));
    const dark = { weight: 0, error: 0, paths: [] };
    const unlit = [source, detector].map((field) => ({
      ...field,
      caught: new Map([...field.caught.keys()].map((name) => [name, dark])),
    })) as unknown as [OptodeField, OptodeField];
    expect(() => pairSensitivity(head, ...unlit)).toThrow(fails("no-light"));
  });
});

describe("diffuseFields", () => {
  const optodes = placeOptodes(head, montage, ["S1", "D1"]);
  const measured = (factor: number): number =>
    diffuseFields(head, optodes, 800, { factors: [factor, 1] })[0]?.caught.get("D1")?.weight ?? Number.NaN;

  test("paths in each tissue times its absorption sum to the slope of the measured light by absorption everywhere", () => {
    const [source, detector] = diffuseFields(head, optodes, 800) as [OptodeField, OptodeField];
    const paths = partialPaths(head, pairSensitivity(head, source, detector));
    const { media } = photonScene(head, 800);
    const sum = [1, 2, 4].reduce(
      (s, m) => s + media[m]!.absorption * paths[["scalp", "skull", "csf", "grey"][m - 1]!]!,
      0,
    );
    const slope = (Math.log(measured(1 - 1e-3)) - Math.log(measured(1 + 1e-3))) / 2e-3;
    // Fluence is float32.
    expect([sum]).toBeAllclose([slope], { rtol: 1e-3 });
  });

  test("there and back are alike, without noise; fields of light by chance and by diffusion do not mix", () => {
    const [source, detector] = diffuseFields(head, optodes, 800) as [OptodeField, OptodeField];
    expect([source.caught.get("D1")!.weight]).toBeAllclose([detector.caught.get("S1")!.weight], { rtol: 1e-5 });
    const walked = optodeField(head, optodes[1]!, optodes, 800, { photons: 100 });
    expect(() => pairSensitivity(head, source, walked)).toThrow(fails("not-reciprocal"));
  });
});
