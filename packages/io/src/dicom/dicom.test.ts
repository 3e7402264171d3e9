import { affineOf, determinant, multiply, rigid, toVoxel, toWorld, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { convertDicom } from "../node/dicom.ts";
import { decimalString, encodeDicom, uidOf } from "./encode.ts";
import { cornerPoints, dicomSeriesGeometry, dicomSliceTimes } from "./geometry.ts";
import { dicomIdentity } from "./identity.ts";
import { readNuclearVolume } from "./nuclear.ts";
import { dicomRadiopharmaceutical } from "./radiopharmaceutical.ts";
import { readDicomTags } from "./tags.ts";
import { dicomNumbers, dicomText } from "./values.ts";
import { writeDicomSeries } from "./write-series.ts";

const file = "test.dcm";
const upright = affineOf([2, 0, 0, -40, 0, 3, 0, -30, 0, 0, 4, -20]);
const placements = [
  ["right-handed", upright],
  ["left-handed", affineOf([-2, 0, 0, 40, 0, 3, 0, -30, 0, 0, 4, -20])],
  ["oblique", multiply(rigid([12, -7, 20], [3, -4, 5]), upright)],
  ["sagittal storage", affineOf([0, 0, 4, -30, 2, 0, 0, -40, 0, 3, 0, -20])],
] as const;

/** A head of zeros with one marker of 3 voxels' length at the left, off-centre in every axis. */
function marked(affine: Float64Array, frames = 1): Volume {
  const shape = [12, 10, 8] as const;
  const n = 960;
  const data = new Float32Array(n * frames);
  for (let t = 0; t < frames; t++) {
    for (let x = 1; x <= 3; x++) data[t * n + x + 12 * (3 + 10 * 6)] = 900 + x + 10 * t;
    data[t * n + 12 * (5 + 10 * 2) + 8] = 55;
  }
  return {
    unit: "Bq/mL",
    shape,
    affine,
    space: "scanner:pet",
    clock: "pet",
    frames: Array.from({ length: frames }, (_, t) => ({ start: 60 * t, duration: 60 })),
    data,
  };
}

const peakWorld = (volume: Volume): number[] => {
  const at = volume.data.indexOf(Math.max(...volume.data));
  const [nx, ny] = volume.shape;
  return toWorld(volume, [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))]);
};

const minimal = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "2.25.1",
  ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
  PixelSpacing: [3, 2],
  Columns: 4,
  Rows: 5,
  ImagePositionPatient: [10, 20, 30],
};
const read = (fields: Parameters<typeof encodeDicom>[0]): ReturnType<typeof readDicomTags> =>
  readDicomTags(encodeDicom(fields), { file });

describe("geometry by hand", () => {
  test("LPS (10, 20, 30) is RAS (-10, -20, 30); a step along a row is PixelSpacing[1]", () => {
    const slices = [0, 1, 2].map((k) => read({ ...minimal, ImagePositionPatient: [10, 20, 30 + 5 * k] }));
    const { affine, shape, mosaic } = dicomSeriesGeometry(slices);
    expect([...affine]).toEqual([-2, -0, -0, -10, -0, -3, -0, -20, 0, 0, 5, 30, 0, 0, 0, 1]);
    expect(shape).toEqual([4, 5, 3]);
    expect(mosaic).toBe(false);
  });

  test("slices given in any order are put in order, and times behind one place are told apart", () => {
    const at = (z: number, instance: number): ReturnType<typeof read> =>
      read({ ...minimal, ImagePositionPatient: [10, 20, z], InstanceNumber: instance });
    const { order } = dicomSeriesGeometry([at(35, 2), at(30, 3), at(30, 1), at(35, 4)]);
    expect(order).toEqual([
      [2, 0],
      [1, 3],
    ]);
  });

  test.each<[string, () => unknown]>([
    ["no-images", () => dicomSeriesGeometry([])],
    ["missing-tag", () => dicomSeriesGeometry([read({ ...minimal, PixelSpacing: [3] })])],
    ["bad-dicom", () => dicomSeriesGeometry([read({ ...minimal, ImageOrientationPatient: [1, 0, 0, 1, 0, 0] })])],
    ["multiframe", () => dicomSeriesGeometry([read({ ...minimal, NumberOfFrames: 7 })])],
    ["mixed-series", () => dicomSeriesGeometry([read(minimal), read({ ...minimal, Rows: 6 })])],
    [
      "uneven-slices",
      () => dicomSeriesGeometry([30, 35, 42].map((z) => read({ ...minimal, ImagePositionPatient: [10, 20, z] }))),
    ],
    [
      "uneven-slices",
      () => dicomSeriesGeometry([30, 30, 35].map((z) => read({ ...minimal, ImagePositionPatient: [10, 20, z] }))),
    ],
    ["missing-tag", () => dicomSliceTimes(read({ ...minimal, ImageType: ["ORIGINAL", "PRIMARY", "MOSAIC"] }))],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});

describe("tags", () => {
  const bytes = encodeDicom({
    ...minimal,
    PatientName: "Doe^Jane",
    PatientWeight: 71.5,
    Units: "BQML",
    SeriesDate: "20240131",
    SeriesTime: "104500.25",
    RadiopharmaceuticalInformationSequence: [
      {
        RadiopharmaceuticalStartTime: "100000",
        RadionuclideTotalDose: 185000000,
        RadionuclideHalfLife: 6586.2,
        RadionuclideCodeSequence: [{ CodeMeaning: "^18^Fluorine" }],
      },
    ],
  });

  test("dose in Bq, half-life in s, weight in kg, times as the file says them", () => {
    const said = dicomRadiopharmaceutical(readDicomTags(bytes, { file }));
    expect(said).toEqual({
      radionuclide: "^18^Fluorine",
      dose: { value: 185000000, unit: "Bq" },
      halfLife: 6586.2,
      injectedAt: "10:00:00",
      units: "BQML",
      weight: { value: 71.5, unit: "kg" },
      seriesStart: "2024-01-31T10:45:00.25",
    });
  });

  test("identity is named by its place and never repeated", () => {
    expect(dicomIdentity(readDicomTags(bytes, { file }))).toEqual(["PatientName (0010,0010)"]);
  });

  test("a negative dose is refused", () => {
    const dataset = read({ RadiopharmaceuticalInformationSequence: [{ RadionuclideTotalDose: -1 }] });
    expect(() => dicomRadiopharmaceutical(dataset)).toThrow(expect.objectContaining({ code: "bad-dicom" }));
  });

  test("an implicit file gives the same numbers as an explicit one", () => {
    // PixelSpacing 3\2, implicit little-endian: tag, 4-byte length, value.
    const body = [0x28, 0, 0x30, 0, 4, 0, 0, 0, 0x33, 0x5c, 0x32, 0x20];
    const head = encodeDicom({ SOPClassUID: "1.2", SOPInstanceUID: "1.3" });
    const text = Buffer.from(head).toString("latin1");
    const syntax = text.indexOf("1.2.840.10008.1.2.1");
    head.set(new TextEncoder().encode("1.2.840.10008.1.2\0\0\0"), syntax);
    const start = text.indexOf("\x08\0\x16\0");
    const implicit = new Uint8Array([...head.subarray(0, start), ...body]);
    expect(dicomNumbers(readDicomTags(implicit, { file }), "PixelSpacing")).toEqual([3, 2]);
  });

  test("sequences nested without end are refused before the stack is", () => {
    const open = [
      0x54, 0, 0x16, 0, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff,
    ];
    const nested = new Uint8Array([...encodeDicom({}), ...Array.from({ length: 5000 }, () => open).flat()]);
    expect(() => readDicomTags(nested, { file })).toThrow(/nest too deeply/);
  });

  test.each<[string, string, Uint8Array]>([
    ["not-dicom", "no mark", new Uint8Array(500)],
    ["not-dicom", "too short", new Uint8Array(20)],
    ["truncated", "cut within a value", bytes.slice(0, bytes.length - 3)],
    ["unsupported-transfer-syntax", "none stated", new Uint8Array([...encodeDicom({}).slice(0, 132), 0])],
    [
      "unsupported-nuclear",
      "projections",
      encodeDicom({ ...minimal, Modality: "NM", NumberOfFrames: 9, BitsAllocated: 16 }),
    ],
  ])("%s: %s", (code, _, damaged) => {
    expect(() => readNuclearVolume(readDicomTags(damaged, { file }))).toThrow(
      expect.objectContaining({ name: "DataError", code }),
    );
  });

  test("decimal strings have 16 characters at most and unique identifiers 64", () => {
    for (const value of [1 / 3, -1 / 3, 1e-7 / 3, -123456.789012345, 6.02e23, 0]) {
      expect(decimalString(value).length).toBeLessThanOrEqual(16);
      expect(Number(decimalString(value))).toBeCloseTo(value, -Math.log10(Math.abs(value) * 1e-8 || 1e-12));
    }
    expect(uidOf("a").length).toBeLessThanOrEqual(64);
    expect(uidOf("a")).not.toBe(uidOf("b"));
    expect(dicomText(read({ Units: "BQML" }), "Units")).toBe("BQML");
  });
});

describe("a volume goes to DICOM and comes back through dcm2niix", () => {
  for (const [name, affine] of placements) {
    test.each(["MR", "PT", "NM"] as const)(
      `${name} as %s: the marker stays where it was, left stays left`,
      async (modality) => {
        const volume = marked(affine);
        const files = writeDicomSeries(volume, { modality });
        const [series] = await convertDicom(files);
        const back = series?.volume as Volume;
        // DICOM's decimal strings carry 12 digits; dcm2niix computes in float32: 1e-4 of 60 mm.
        expect(peakWorld(back)).toBeAllclose(peakWorld(volume), { atol: 0.01 });
        const second = toVoxel(back, toWorld(volume, [8, 5, 2])).map(Math.round) as [number, number, number];
        const value = back.data[second[0] + back.shape[0] * (second[1] + back.shape[1] * second[2])] as number;
        // Half a step of int16 over 903.
        expect(value).toBeCloseTo(55, 1);
        expect(Math.abs(determinant(back.affine))).toBeCloseTo(24, 3);
      },
    );
  }

  test("our own tags give the corners that the affine says, to 0.01 mm", () => {
    for (const [, affine] of placements) {
      const volume = marked(affine);
      const tags = writeDicomSeries(volume, { modality: "PT" }).map(({ name, bytes }) =>
        readDicomTags(bytes, { file: name }),
      );
      const geometry = dicomSeriesGeometry(tags);
      const key = (points: readonly (readonly number[])[]): string[] =>
        points.map((p) => p.map((v) => (v + 0).toFixed(2).replace("-0.00", "0.00")).join()).sort();
      expect(key(cornerPoints(geometry))).toEqual(key(cornerPoints(volume)));
    }
  });

  test("dynamic PET keeps unit, frames and dose; the dose is not a million times too large", async () => {
    const volume = marked(upright, 3);
    const files = writeDicomSeries(volume, {
      modality: "PT",
      startedAt: "2024-01-31T10:45:00",
      injectedAt: "2024-01-31T10:44:00",
      tracer: "FDG",
      dose: 2e8,
      halfLife: 6586.2,
      weight: 70,
    });
    const [series] = await convertDicom(files);
    expect(series?.volume.unit).toBe("Bq/mL");
    expect(series?.volume.space).toBe("scanner:pet");
    expect(series?.volume.frames).toEqual(volume.frames);
    expect(series?.radiopharmaceutical?.dose).toEqual({ value: 2e8, unit: "Bq" });
    expect(series?.sidecar).toMatchObject({ InjectedRadioactivity: 200, InjectedRadioactivityUnits: "MBq" });
    const sum = (v: Volume): number => v.data.reduce((total, value) => total + value, 0);
    expect(sum(series?.volume as Volume) / sum(volume)).toBeCloseTo(1, 3);
  });

  test.each(["a\tb", "\u001b$Bb", "a\r\nb", 'a"b', "a\\cb"])(
    "a description with %j does not lose the series",
    async (description) => {
      const [series] = await convertDicom(writeDicomSeries(marked(upright), { modality: "MR", description }));
      expect(series?.sidecar.SeriesDescription).toMatch(/[ab]/);
    },
  );

  test("the same volume gives the same bytes", () => {
    const [a, b] = [0, 1].map(() => writeDicomSeries(marked(upright), { modality: "MR" }));
    expect(a).toEqual(b);
  });

  test.each<[string, () => unknown]>([
    [
      "not-orthogonal",
      () => writeDicomSeries(marked(affineOf([2, 1, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0])), { modality: "MR" }),
    ],
    ["not-static", () => writeDicomSeries(marked(upright, 2), { modality: "NM" })],
    [
      "not-finite",
      () => writeDicomSeries({ ...marked(upright), data: new Float32Array(960).fill(Number.NaN) }, { modality: "MR" }),
    ],
    ["bad-time", () => writeDicomSeries(marked(upright), { modality: "MR", startedAt: "noon" })],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});
