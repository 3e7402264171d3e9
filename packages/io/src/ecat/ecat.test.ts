import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { toWorld } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { type EcatSource, ecatBytes } from "../../../../fixtures/pet/ecat.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readMat } from "../mat/mat.ts";
import { matNumbers } from "../mat/mat-value.ts";
import { readVolume } from "../node/volumes.ts";
import { readEcat } from "./ecat.ts";
import { ecatMatrices } from "./matrices.ts";

const file = "x.v";
const two: EcatSource = {
  shape: [2, 1, 2],
  frames: [
    [1, -2, 300, 4],
    [5, 6, 7, 8],
  ],
};
const read = (more: Partial<EcatSource> = {}): ReturnType<typeof readEcat> =>
  readEcat(ecatBytes({ ...two, ...more }), { file });

describe("by hand", () => {
  test("value = stored x frame factor x calibration; unit, frames, facts", () => {
    const { volume, header, decayFactors } = read({ scales: [2, 0.5], calibration: 10 });
    expect([...volume.data]).toEqual([20, -40, 6000, 80, 25, 30, 35, 40]);
    expect(volume).toMatchObject({
      unit: "Bq/mL",
      shape: [2, 1, 2],
      frames: [
        { start: 0, duration: 60 },
        { start: 60, duration: 60 },
      ],
    });
    expect(header).toMatchObject({
      isotope: "F-18",
      weight: 71.5,
      system: 962,
      position: "HFS",
      doseStart: 999_998_200,
    });
    expect(header.halfLife).toBeCloseTo(6586.2, 2);
    expect(decayFactors).toEqual([1.25, 1.25]);
  });

  test("sizes are in cm, the middle of the grid is the origin, head first and supine runs to left, back and feet", () => {
    const { volume } = read();
    expect(toWorld(volume, [0, 0, 0])).toBeAllclose([1, 0, 2], { atol: 1e-6 });
    expect(toWorld(volume, [1, 0, 1])).toBeAllclose([-1, 0, -2], { atol: 1e-6 });
    expect(toWorld(read({ orientation: 2 }).volume, [1, 0, 1])).toBeAllclose([1, 0, 2], { atol: 1e-6 });
    expect(toWorld(read({ orientation: 1 }).volume, [1, 0, 1])).toBeAllclose([1, 0, -2], { atol: 1e-6 });
    expect(read({ orientation: 8 }).header.position).toBeUndefined();
  });

  test.each([2, 5, 6, 7] as const)("data type %i", (dataType) => {
    expect([...read({ dataType }).volume.data]).toEqual([1, -2, 300, 4, 5, 6, 7, 8]);
  });

  test("a unit is Bq/mL only where the header says calibrated", () => {
    expect(read({ calibrated: false }).volume.unit).toBe("{arbitrary}");
    expect(read({ unit: "" }).volume.unit).toBe("{arbitrary}");
    expect(read({ unit: "1/cm" }).volume.unit).toBe("1/cm");
  });

  test("identity is named by its field alone", () => {
    expect(read({ patient: "Doe^Jane" }).header.identity).toEqual(["PATIENT_NAME"]);
  });
});

describe("refusals", () => {
  const patched = (at: number, write: (view: DataView, at: number) => void, given = two): (() => unknown) => {
    const bytes = ecatBytes(given);
    write(new DataView(bytes.buffer), at);
    return () => readEcat(bytes, { file });
  };
  test.each<[string, string, () => unknown]>([
    ["not-ecat", "another file", () => readEcat(new Uint8Array(2000), { file })],
    ["not-ecat", "a little-endian header", patched(46, (v, at) => v.setInt16(at, 72, true))],
    ["truncated", "cut in the pixels", () => readEcat(ecatBytes(two).subarray(0, 1600), { file })],
    ["truncated", "cut in the header", () => readEcat(ecatBytes(two).subarray(0, 200), { file })],
    [
      "truncated",
      "extents larger than the blocks",
      patched(1024 + 4, (v, at) => v.setInt16(at, 3000), { ...two, frames: [[1, 2, 3, 4]] }),
    ],
    ["bad-dimensions", "a negative extent", patched(1024 + 4, (v, at) => v.setInt16(at, -2))],
    ["bad-dimensions", "a pixel of no size", patched(1024 + 34, (v, at) => v.setFloat32(at, 0))],
    ["bad-dimensions", "a pixel of NaN", patched(1024 + 34, (v, at) => v.setFloat32(at, Number.NaN))],
    ["bad-scaling", "a factor of NaN", patched(1024 + 26, (v, at) => v.setFloat32(at, Number.NaN))],
    ["bad-matrix-list", "a directory that leads into the header", patched(512 + 4, (v, at) => v.setInt32(at, 1))],
    ["bad-matrix-list", "more entries than fit", patched(512 + 12, (v, at) => v.setInt32(at, 99))],
    ["bad-matrix-list", "a matrix in the header", patched(512 + 20, (v, at) => v.setInt32(at, 1))],
    ["bad-matrix-list", "no entries", patched(512 + 12, (v, at) => v.setInt32(at, 0))],
    [
      "bad-frames",
      "frames that overlap",
      () =>
        read({
          times: [
            [0, 60_000],
            [30_000, 60_000],
          ],
        }),
    ],
    [
      "bad-frames",
      "a negative frame",
      () =>
        read({
          times: [
            [0, -1],
            [30_000, 60_000],
          ],
        }),
    ],
    ["not-an-image", "a sinogram", () => read({ fileType: 11 })],
    ["several-beds", "two beds", () => read({ beds: true })],
    ["unsupported-number-format", "VAX floats", patched(1024, (v, at) => v.setInt16(at, 4))],
    ["uneven-frames", "another grid", patched(1024 + 1024 + 34, (v, at) => v.setFloat32(at, 0.9))],
  ])("%s: %s", (code, _, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code, file }));
  });

  test("the bits of a matrix number", () => {
    const bytes = ecatBytes(two);
    // Frame 5, plane 0x1 + 0x100, gate 3, data 2, bed 7.
    new DataView(bytes.buffer).setUint32(512 + 16, 5 | (7 << 12) | (1 << 16) | (0x100 << 1) | (3 << 24) | (2 << 30));
    expect(ecatMatrices(bytes, file).at(-1)).toMatchObject({ frame: 5, bed: 7, plane: 0x101, gate: 3, data: 2 });
  });
});

test("a packed file is told by its content", async () => {
  const folder = mkdtempSync(join(tmpdir(), "quintet-ecat-"));
  try {
    writeFileSync(join(folder, "x.v.gz"), gzipSync(ecatBytes(two)));
    expect([...(await readVolume(join(folder, "x.v.gz"))).data]).toEqual([1, -2, 300, 4, 5, 6, 7, 8]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const folder = "pet/ecat7/synthetic_ecat_integer_16x16x16x4";
describeRealData("PET2BIDS' ECAT 7 against its MAT-file", [`${folder}.v.gz`, `${folder}.mat`], (packed, mat) => {
  test("all 16,384 voxels, four frames of 10 s", () => {
    const { volume, header } = readEcat(new Uint8Array(gunzipSync(readFileSync(packed))), { file: packed });
    const truth = readMat(new Uint8Array(readFileSync(mat)), { file: mat });
    expect(volume.frames).toEqual([0, 10, 20, 30].map((start) => ({ start, duration: 10 })));
    expect(header).toMatchObject({ isotope: "C-11", halfLife: 1224, unit: "Bq/mL", system: 328 });
    for (const t of [0, 1, 2, 3]) {
      const frame = matNumbers(truth.get(`frame_${t + 1}_pixel_data`));
      // MATLAB counts the first index fastest, the file (z, y, x) the last.
      for (let z = 0; z < 16; z++)
        for (let y = 0; y < 16; y++)
          for (let x = 0; x < 16; x++)
            if (volume.data[t * 4096 + z * 256 + y * 16 + x] !== frame?.[z + 16 * (y + 16 * x)])
              throw new Error(`frame ${t}, voxel ${x} ${y} ${z}`);
    }
    // How PET2BIDS numbered them: 0, 2, 4 ... through all frames.
    expect(volume.data[16_383]).toBe(32_766);
  });
});
