import { readFileSync } from "node:fs";
import { apply, toVoxel, toWorld } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { convertDicom } from "../node/dicom.ts";
import { readCsaHeader } from "./csa.ts";
import { decimalString, encodeDicom } from "./encode.ts";
import { cornerPoints, dicomSeriesGeometry, dicomSliceTimes } from "./geometry.ts";
import { dicomIdentity } from "./identity.ts";
import { dicomRadiopharmaceutical } from "./radiopharmaceutical.ts";
import { readDicomTags } from "./tags.ts";
import { dicomNumbers } from "./values.ts";
import { writeDicomSeries } from "./write-series.ts";

const folder = new URL("../../../../fixtures/volumes/", import.meta.url);
const tagsOf = (file: string): ReturnType<typeof readDicomTags> =>
  readDicomTags(readFileSync(new URL(file, folder)), { file });

describe("files written by pydicom 3.0.2", () => {
  test.each(["explicit.dcm", "implicit.dcm", "big-endian.dcm"])("%s", (file) => {
    const tags = tagsOf(file);
    expect(dicomRadiopharmaceutical(tags)).toMatchObject({
      radionuclide: "^18^Fluorine",
      dose: { value: 185000000, unit: "Bq" },
      halfLife: 6586.2,
      injectedAt: "09:30:00",
      units: "BQML",
      weight: { value: 71.5, unit: "kg" },
      seriesStart: "2024-01-31T10:15:00",
    });
    expect(dicomNumbers(tags, "Columns")).toEqual([4]);
    expect(dicomIdentity(tags)).toEqual(["PatientName (0010,0010)"]);
    // LPS (-30 + 2 x 3, 20.5 + 3 x 2, 10) = (-24, 26.5, 10): right and behind are negative in RAS.
    expect(apply(dicomSeriesGeometry([tags]).affine, [3, 2, 0])).toEqual([24, -26.5, 10]);
  });

  test("a deflated file is refused in words", () => {
    expect(() => tagsOf("deflated.dcm")).toThrow(expect.objectContaining({ code: "unsupported-transfer-syntax" }));
  });

  test("explicit and implicit convert to the same image", async () => {
    const [a, b] = await Promise.all(
      ["explicit.dcm", "implicit.dcm"].map(async (name) => {
        const [series] = await convertDicom([{ name, bytes: readFileSync(new URL(name, folder)) }]);
        return series?.volume;
      }),
    );
    expect(a?.data).toEqual(b?.data);
    expect(a?.unit).toBe("Bq/mL");
    // Stored 12 x RescaleSlope 2.5.
    expect(Math.max(...(a?.data ?? []))).toBe(30);
  });
});

describe("oblique Siemens mosaics written by pydicom 3.0.2", () => {
  test.each([
    ["mosaic", "slices along row x column"],
    ["mosaic-against", "slices against row x column"],
  ])("%s (%s): corners from the tags hold the converter's values, within 0.01 mm", async (stem) => {
    const files = [1, 2].map((instance) => {
      const name = `${stem}-${instance}.dcm`;
      return { name, bytes: new Uint8Array(readFileSync(new URL(name, folder))) };
    });
    const geometry = dicomSeriesGeometry(files.map(({ name }) => tagsOf(name)));
    expect(geometry).toMatchObject({ mosaic: true, shape: [8, 8, 5], order: [[0], [1]] });
    const [series] = await convertDicom(files);
    const volume = series?.volume;
    if (!volume) throw new Error("nothing was converted");
    for (const [corner, world] of cornerPoints(geometry).entries()) {
      const place = toVoxel(volume, world);
      const [i, j, k] = place.map(Math.round) as [number, number, number];
      expect(toWorld(volume, [i, j, k])).toBeAllclose(world, { atol: 0.01 });
      const [x, y, z] = geometry.shape.map((n, axis) => (corner & (1 << axis) ? n - 1 : 0)) as [number, number, number];
      for (const t of [0, 1]) {
        // How make.py numbered the voxels.
        const value = ((1000 * (z + 1)) % 4000) + 10 * y + x + 200 * (t + 1);
        expect(volume.data[i + 8 * (j + 8 * (k + 5 * t))]).toBe(value);
      }
    }
    expect(dicomSliceTimes(tagsOf(`${stem}-1.dcm`))).toEqual([0, 1, 0.4, 1.4, 0.8]);
    // The converter keeps a rounding of 1e-12 s.
    expect(series?.sidecar.SliceTiming).toBeAllclose([0, 1, 0.4, 1.4, 0.8], { atol: 1e-9 });
  });
});

/** A CSA2 header of the given tags, byte by byte. */
function csa(tags: Readonly<Record<string, readonly string[]>>): Uint8Array {
  const parts: number[] = [];
  const uint32 = (value: number): void => {
    parts.push(value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255);
  };
  const text = (value: string, length: number): void => {
    for (let i = 0; i < length; i++) parts.push(value.charCodeAt(i) || 0);
  };
  text("SV10\x04\x03\x02\x01", 8);
  uint32(Object.keys(tags).length);
  uint32(77);
  for (const [name, values] of Object.entries(tags)) {
    text(name, 64);
    uint32(values.length);
    text("DS", 4);
    uint32(3);
    uint32(values.length);
    uint32(77);
    for (const value of values) {
      for (const field of [value.length, value.length, 77, value.length]) uint32(field);
      text(value, Math.ceil(value.length / 4) * 4);
    }
  }
  return Uint8Array.from(parts);
}

/** One private element in explicit little-endian. */
function element(group: number, number: number, vr: string, value: Uint8Array): number[] {
  const length = value.length;
  const tag = [group & 255, group >> 8, number & 255, number >> 8, vr.charCodeAt(0), vr.charCodeAt(1)];
  const size = vr === "OB" ? [0, 0, length & 255, (length >> 8) & 255, 0, 0] : [length & 255, length >> 8];
  return [...tag, ...size, ...value];
}
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a Siemens mosaic by hand", () => {
  const header = csa({
    NumberOfImagesInMosaic: ["5"],
    SliceNormalVector: ["0", "0", "-1"],
    MosaicRefAcqTimes: ["0", "1450", "482.5", "1932.5", "967.5"],
  });
  const bytes = new Uint8Array([
    ...encodeDicom({
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      SOPInstanceUID: "2.25.1",
      ImageType: ["ORIGINAL", "PRIMARY", "M", "MOSAIC"],
      SpacingBetweenSlices: 12,
      ImagePositionPatient: [-324, -324, 16],
      ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
      Columns: 216,
      Rows: 216,
      PixelSpacing: [3, 3],
    }),
    ...element(0x29, 0x0010, "LO", ascii("SIEMENS CSA HEADER")),
    ...element(0x29, 0x1010, "OB", header),
  ]);

  test("the first voxel lies half of what the tiles add further in, and slices may run against row x column", () => {
    const { affine, shape } = dicomSeriesGeometry([readDicomTags(bytes, { file: "mosaic" })]);
    expect(shape).toEqual([72, 72, 5]);
    // -324 + 3 (216 - 72) / 2 = -108 in LPS.
    expect(apply(affine, [0, 0, 0])).toEqual([108, 108, 16]);
    expect(apply(affine, [1, 1, 1])).toEqual([105, 105, 4]);
  });

  test("slice times in seconds, from the private header", () => {
    expect(dicomSliceTimes(readDicomTags(bytes, { file: "mosaic" }))).toEqual([0, 1.45, 0.4825, 1.9325, 0.9675]);
  });

  test.each<[string, Uint8Array]>([
    ["truncated", header.slice(0, 200)],
    ["bad-dicom", header.slice().fill(0xff, 8, 12)],
    ["bad-dicom", header.slice().fill(0xff, 16 + 76, 16 + 80)],
    ["bad-dicom", new Uint8Array(100)],
  ])("a private header that lies is refused: %s", (code, damaged) => {
    expect(() => readCsaHeader(damaged, "mosaic")).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});

test("PET slices with a rescale slope of their own each keep their activity through the converter", async () => {
  const volume = {
    unit: "Bq/mL",
    shape: [6, 5, 4],
    affine: Float64Array.of(2, 0, 0, -6, 0, 2, 0, -5, 0, 0, 2, -4, 0, 0, 0, 1),
    space: "scanner:pet",
    clock: "pet",
    frames: [{ start: 0, duration: 60 }],
    data: Float32Array.from({ length: 120 }, (_, i) => 10 ** Math.floor(i / 30) * (1 + (i % 30))),
  } as const;
  // Written at one slope for all; then each slice's stored numbers are read with a slope of its own.
  const factors = [1, 2, 5, 8];
  const files = writeDicomSeries(volume, { modality: "PT" }).map(({ name, bytes }, k) => {
    const text = Buffer.from(bytes).toString("latin1");
    const slope = dicomNumbers(readDicomTags(bytes, { file: name }), "RescaleSlope")[0] as number;
    const scaled = decimalString(slope * (factors[k] as number));
    const old = decimalString(slope);
    const at = text.indexOf("(\0S\x10DS") + 8;
    expect(text.slice(at, at + old.length)).toBe(old);
    const length = scaled.length + (scaled.length % 2);
    const before = bytes.slice(0, at);
    before[at - 2] = length;
    const rest = bytes.slice(at + old.length + (old.length % 2));
    return { name, bytes: new Uint8Array([...before, ...ascii(scaled.padEnd(length)), ...rest]) };
  });
  const [series] = await convertDicom(files);
  const sums = (data: Float32Array): number[] =>
    [0, 1, 2, 3].map((k) => data.slice(30 * k, 30 * k + 30).reduce((sum, v) => sum + v, 0));
  const expected = sums(volume.data).map((sum, k) => sum * (factors[k] as number));
  // Half a step of int16 in each of 30 voxels, times the slice's factor.
  const step = 30000 / 32767 / 2;
  expect(sums(series?.volume.data ?? new Float32Array(120))).toBeAllclose(expected, {
    rtol: 1e-4,
    atol: 30 * step * 8,
  });
});
