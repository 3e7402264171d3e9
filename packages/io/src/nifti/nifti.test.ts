import { gzipSync } from "node:zlib";
import { affineOf, determinant, type LabelVolume, multiply, rigid, toVoxel, toWorld, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { readNiftiHeader } from "./header.ts";
import { readNifti, readNiftiLabels } from "./read.ts";
import { canonicalOrder, restack, type StorageOrder } from "./restack.ts";
import { type NiftiWriteOptions, writeNifti } from "./write.ts";

const file = "test.nii";
const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i + 1);

/** 4 x 5 x 6 voxels of 2 x 3 x 4 mm; one bright voxel in the left hemisphere. */
function head(affine = affineOf([2, 0, 0, -30, 0, 3, 0, -20, 0, 0, 4, -10])): Volume {
  return {
    unit: "{arbitrary}",
    shape: [4, 5, 6],
    affine,
    space: "scanner",
    frames: [{ start: 0, duration: 0 }],
    clock: "image",
    data: ramp(120),
  };
}

const oblique = multiply(rigid([12, -7, 20], [3, -4, 5]), affineOf([2, 0, 0, -30, 0, 3, 0, -20, 0, 0, 4, -10]));

/** Header written byte by byte from nifti1.h, independent of the writer. */
function byHand(change: (view: DataView) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(352 + 2 * 3 * 4 * 2);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 348, true);
  for (const [i, n] of [3, 2, 3, 4, 1, 1, 1, 1].entries()) view.setInt16(40 + 2 * i, n, true);
  view.setInt16(70, 4, true);
  view.setInt16(72, 16, true);
  for (const [i, n] of [-1, 2, 3, 4, 0, 0, 0, 0].entries()) view.setFloat32(76 + 4 * i, n, true);
  view.setFloat32(108, 352, true);
  view.setFloat32(112, 0.5, true);
  view.setFloat32(116, 10, true);
  view.setUint8(123, 2 | 8);
  view.setInt16(252, 1, true);
  // b = 0, c = 0, d = 1: half a turn about z, (x, y) -> (-x, -y); qfac -1 turns z.
  view.setFloat32(264, 1, true);
  for (const [i, n] of [5, 6, 7].entries()) view.setFloat32(268 + 4 * i, n, true);
  bytes.set([0x6e, 0x2b, 0x31, 0], 344);
  for (let i = 0; i < 24; i++) view.setInt16(352 + 2 * i, i, true);
  change(view);
  return bytes;
}

const setSform = (view: DataView, rows: readonly number[], code = 1): void => {
  view.setInt16(254, code, true);
  for (const [i, n] of rows.entries()) view.setFloat32(280 + 4 * i, n, true);
};

describe("known answers by hand", () => {
  test("a qform of half a turn about z with qfac -1 puts voxel (1, 2, 3) at (5 - 2, 6 - 6, 7 - 12)", () => {
    const volume = readNifti(byHand(), { file });
    expect(toWorld(volume, [1, 2, 3])).toBeAllclose([3, 0, -5], { atol: 1e-6 });
    expect(determinant(volume.affine)).toBeCloseTo(-24, 5);
    expect(volume.space).toBe("scanner");
  });

  test("stored 23 with slope 0.5 and intercept 10 is 21.5", () => {
    const volume = readNifti(byHand(), { file });
    expect(volume.data[1 + 2 * (2 + 3 * 3)]).toBe(21.5);
  });

  test("an oblique sform is taken as it stands: (1, 1, 1) is the sum of its columns", () => {
    const rows = [1, 0.5, 0, 10, -0.5, 1, 0, 20, 0, 0, 2, 30];
    const volume = readNifti(
      byHand((view) => {
        setSform(view, rows, 4);
        view.setInt16(252, 0, true);
      }),
      { file },
    );
    expect(toWorld(volume, [1, 1, 1])).toBeAllclose([11.5, 20.5, 32], { atol: 1e-6 });
    expect(volume.space).toBe("MNI152");
  });

  test.each([
    ["m", 1, 1000],
    ["um", 3, 0.001],
    ["unknown, read as mm", 0, 1],
  ])("lengths in %s become mm", (_, code, mm) => {
    const volume = readNifti(
      byHand((view) => {
        view.setUint8(123, code);
        for (const axis of [1, 2, 3]) view.setFloat32(76 + 4 * axis, 2 / mm, true);
      }),
      { file },
    );
    expect(toWorld(volume, [0, 0, 0])).toBeAllclose([5 * mm, 6 * mm, 7 * mm], { rtol: 1e-6 });
  });

  test.each([
    ["s", 8, 2.5],
    ["ms", 16, 0.0025],
    ["us", 24, 2.5e-6],
  ])("a time step of 2.5 %s in seconds", (_, code, seconds) => {
    const volume = readNifti(
      byHand((view) => {
        view.setInt16(40, 4, true);
        view.setInt16(46, 2, true);
        view.setInt16(48, 2, true);
        view.setFloat32(92, 2.5, true);
        view.setUint8(123, 2 | code);
      }),
      { file },
    );
    expect(volume.frames.length).toBe(2);
    expect(volume.frames[1]?.start).toBeCloseTo(seconds, 12);
  });

  test("scl_slope 0 and NaN mean unscaled", () => {
    for (const slope of [0, Number.NaN]) {
      const volume = readNifti(
        byHand((view) => view.setFloat32(112, slope, true)),
        { file },
      );
      expect(volume.data[23]).toBe(23);
    }
  });
});

describe("what is written is read back", () => {
  const ways: [string, NiftiWriteOptions, Float64Array][] = [];
  for (const forms of ["sform", "qform", "both"] as const) {
    for (const byteOrder of ["little", "big"] as const) {
      for (const version of [1, 2] as const) {
        for (const [name, affine] of [
          ["right-handed", head().affine],
          ["left-handed", affineOf([-2, 0, 0, 30, 0, 3, 0, -20, 0, 0, 4, -10])],
          ["oblique", oblique],
        ] as const) {
          const options = { forms, byteOrder, version, gzip: version === 2 };
          ways.push([`${forms}, ${byteOrder}-endian, NIfTI-${version}, ${name}`, options, affine]);
        }
      }
    }
  }
  test.each(ways)("%s: same voxels, same world mm", (_, options, affine) => {
    const volume = head(affine);
    const back = readNifti(writeNifti(volume, options), { file });
    expect(back.data).toEqual(volume.data);
    // float32 of numbers up to 50 mm is exact to 4e-6; the quaternion multiplies it by the extent.
    expect(back.affine).toBeAllclose(volume.affine, { atol: 2e-5 });
  });

  test.each(["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"] as const)(
    "datatype %s keeps whole numbers exactly",
    (datatype) => {
      const volume = { ...head(), data: ramp(120) };
      for (const byteOrder of ["little", "big"] as const) {
        expect(readNifti(writeNifti(volume, { datatype, byteOrder }), { file }).data).toEqual(volume.data);
      }
    },
  );

  test("fitted integers are right within half a step", () => {
    const volume = { ...head(), data: ramp(120).map((v) => Math.sin(v) * 3.7) };
    const back = readNifti(writeNifti(volume, { datatype: "int16", scaling: "fit" }), { file });
    // 7.4 over 65533 steps: half of it, and float32's own rounding.
    expect(back.data).toBeAllclose(volume.data, { atol: 7.4 / 65533 / 2 + 1e-6 });
  });

  test("regular frames keep their times; of irregular ones only the count stays", () => {
    const frames = [0, 1, 2].map((t) => ({ start: 60 + 30 * t, duration: 30 }));
    const volume = { ...head(), shape: [2, 2, 2] as const, frames, data: ramp(24) };
    expect(readNifti(writeNifti(volume), { file }).frames).toEqual(frames);
    const irregular = { ...volume, frames: [...frames.slice(0, 2), { start: 120, duration: 300 }] };
    expect(readNifti(writeNifti(irregular), { file }).frames.map((f) => f.duration)).toEqual([0, 0, 0]);
  });

  test("labels keep their integers, type and names", () => {
    const { shape, affine, space } = head();
    const data = Uint16Array.from(ramp(120), (v) => v * 9);
    const labels: LabelVolume = { shape, affine, space, data, names: new Map() };
    const back = readNiftiLabels(writeNifti(labels, { gzip: true }), { file, names: new Map([[9, "nine"]]) });
    expect(back.data).toEqual(labels.data);
    expect(back.names.get(9)).toBe("nine");
    expect(readNiftiHeader(writeNifti(labels), { file }).intentCode).toBe(1002);
  });

  test("a sheared affine keeps its sform and has no qform", () => {
    const sheared = head(affineOf([2, 0.5, 0, -30, 0, 3, 0, -20, 0, 0, 4, -10]));
    expect(readNiftiHeader(writeNifti(sheared), { file }).qformCode).toBe(0);
    expect(readNifti(writeNifti(sheared), { file }).affine).toBeAllclose(sheared.affine, { atol: 1e-6 });
    expect(() => writeNifti(sheared, { forms: "qform" })).toThrow(expect.objectContaining({ code: "not-orthogonal" }));
  });

  test("a coronal image of FreeSurfer's, whose quaternion float32 cannot hold, keeps its sform alone", () => {
    // Float32 of a scanner's axes: off the right angle by parts in ten million.
    const tilt = affineOf([
      -3, 3.4645e-7, -5.7556e-7, 123.7264, 2.5705e-7, 9.43e-8, 3, -119.961, 4.47e-8, -3, 3.84e-8, 101.712,
    ]);
    const coronal: LabelVolume = {
      ...head(tilt),
      shape: [86, 86, 86],
      data: new Uint8Array(86 ** 3),
      names: new Map(),
    };
    expect(readNiftiLabels(writeNifti(coronal), { file }).affine).toBeAllclose(tilt, { atol: 1e-5 });
  });

  test("a .hdr and .img pair reads as the single file does", () => {
    const single = writeNifti(head());
    const header = single.slice(0, 348);
    header.set([0x6e, 0x69, 0x31], 344);
    new DataView(header.buffer).setFloat32(108, 0, true);
    const image = single.slice(352);
    expect(readNifti(header, { file, image }).data).toEqual(head().data);
    expect(readNifti(header, { file, image: gzipSync(image) }).data).toEqual(head().data);
    expect(() => readNifti(header, { file })).toThrow(expect.objectContaining({ code: "missing-image" }));
  });
});

describe("restack", () => {
  const orders: StorageOrder[] = [
    ["x", "y", "z"],
    ["-x", "y", "z"],
    ["y", "-x", "z"],
    ["z", "x", "-y"],
    ["-z", "-y", "-x"],
  ];
  test.each(orders)("%s %s %s: every voxel keeps its place and its value", (...order) => {
    const volume = { ...head(oblique), frames: [0, 1].map((t) => ({ start: t, duration: 1 })), data: ramp(240) };
    const turned = restack(volume, order);
    const at = toVoxel(turned, toWorld(volume, [1, 3, 4])).map(Math.round) as [number, number, number];
    const index = at[0] + turned.shape[0] * (at[1] + turned.shape[1] * at[2]);
    expect(turned.data[index]).toBe(volume.data[1 + 4 * (3 + 5 * 4)]);
    expect(turned.data[index + 120]).toBe(volume.data[120 + 1 + 4 * (3 + 5 * 4)]);
    const canonical = restack(turned, canonicalOrder(turned));
    expect(canonical.data).toEqual(volume.data);
    expect(canonical.affine).toBeAllclose(volume.affine, { atol: 1e-12 });
  });

  test("one mirrored axis turns the sign of the determinant", () => {
    expect(determinant(restack(head(), ["-x", "y", "z"]).affine)).toBe(-24);
  });

  test("refuses an axis twice", () => {
    expect(() => restack(head(), ["x", "-x", "z"])).toThrow(expect.objectContaining({ code: "bad-order" }));
  });
});

describe("refusals", () => {
  const view = (change: (v: DataView) => void) => (): unknown => readNifti(byHand(change), { file });
  test.each<[string, string, () => unknown]>([
    ["truncated", "half a header", () => readNifti(byHand().slice(0, 200), { file })],
    ["truncated", "voxels cut off", () => readNifti(byHand().slice(0, 390), { file })],
    ["truncated", "dimensions larger than the bytes", view((v) => v.setInt16(42, 32000, true))],
    [
      "not-nifti",
      "text with a wrong extension",
      () => readNifti(new TextEncoder().encode("a,b\n".repeat(200)), { file }),
    ],
    ["not-nifti", "wrong magic", view((v) => v.setUint8(344, 0x78))],
    ["analyze-file", "no magic", view((v) => v.setInt32(344, 0))],
    ["bad-dimensions", "no dimensions", view((v) => v.setInt16(40, 0, true))],
    ["bad-dimensions", "eight dimensions", view((v) => v.setInt16(40, 8, true))],
    ["bad-dimensions", "a zero extent", view((v) => v.setInt16(44, 0, true))],
    ["bad-dimensions", "a negative extent", view((v) => v.setInt16(44, -3, true))],
    ["unsupported-datatype", "RGB", view((v) => v.setInt16(70, 128, true))],
    ["bad-header", "bitpix that lies", view((v) => v.setInt16(72, 8, true))],
    ["bad-header", "voxels inside the header", view((v) => v.setFloat32(108, 10, true))],
    ["bad-header", "voxels behind the file", view((v) => v.setFloat32(108, 1e9, true))],
    ["bad-header", "a NaN offset", view((v) => v.setFloat32(108, Number.NaN, true))],
    ["no-orientation", "neither form", view((v) => v.setInt16(252, 0, true))],
    ["bad-orientation", "a code of 9", view((v) => v.setInt16(252, 9, true))],
    ["bad-orientation", "a long quaternion", view((v) => v.setFloat32(256, 0.8, true))],
    ["bad-orientation", "qfac 7", view((v) => v.setFloat32(76, 7, true))],
    ["bad-orientation", "a voxel size of 0", view((v) => v.setFloat32(80, 0, true))],
    [
      "bad-orientation",
      "a singular sform",
      view((v) => {
        setSform(v, [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0]);
        v.setInt16(252, 0, true);
      }),
    ],
    [
      "ambiguous-orientation",
      "forms on opposite sides",
      view((v) => setSform(v, [2, 0, 0, 5, 0, -3, 0, 6, 0, 0, -4, 7])),
    ],
    ["bad-scaling", "an infinite slope", view((v) => v.setFloat32(112, Number.POSITIVE_INFINITY, true))],
    ["not-labels", "fractions as labels", () => readNiftiLabels(byHand(), { file })],
    ["does-not-fit", "300 in uint8", () => writeNifti({ ...head(), data: ramp(120).fill(300) }, { datatype: "uint8" })],
    ["does-not-fit", "0.5 in int16", () => writeNifti({ ...head(), data: ramp(120).fill(0.5) }, { datatype: "int16" })],
    ["grid-mismatch", "too few data", () => writeNifti({ ...head(), data: ramp(119) })],
    ["corrupt-gzip", "a cut .nii.gz", () => readNifti(gzipSync(byHand()).subarray(0, 60), { file })],
  ])("%s: %s", (code, _, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });

  test("the ambiguous file reads once one form is chosen, and each gives its own place", () => {
    const bytes = byHand((v) => setSform(v, [2, 0, 0, 5, 0, -3, 0, 6, 0, 0, -4, 7]));
    expect(toWorld(readNifti(bytes, { file, orientation: "sform" }), [1, 0, 0])[0]).toBeCloseTo(7, 5);
    expect(toWorld(readNifti(bytes, { file, orientation: "qform" }), [1, 0, 0])[0]).toBeCloseTo(3, 5);
  });

  test("without any form the caller may claim that x runs to the right", () => {
    const bytes = byHand((v) => v.setInt16(252, 0, true));
    expect(toWorld(readNifti(bytes, { file, orientation: "pixdim" }), [1, 1, 1])).toEqual([2, 3, 4]);
  });

  test("NaN voxels: refused with their count, background on request, kept on request", () => {
    const bytes = writeNifti({ ...head(), data: ramp(120).fill(Number.NaN, 0, 7) });
    expect(() => readNifti(bytes, { file })).toThrow(/not-finite|7 NaN and 0 infinite of 120/);
    expect(readNifti(bytes, { file, nonFinite: "background" }).data[6]).toBe(0);
    expect(readNifti(bytes, { file, nonFinite: "keep" }).data[6]).toBeNaN();
    const infinite = writeNifti({ ...head(), data: ramp(120).fill(Number.POSITIVE_INFINITY, 0, 1) });
    expect(() => readNifti(infinite, { file, nonFinite: "background" })).toThrow(/1 infinite/);
  });

  test("complex voxels need a named part", () => {
    const bytes = byHand((v) => {
      v.setInt16(42, 1, true);
      v.setInt16(44, 1, true);
      v.setInt16(46, 2, true);
      v.setInt16(70, 32, true);
      v.setInt16(72, 64, true);
      v.setFloat32(112, 0, true);
      for (const [i, n] of [3, 4, 0, -2].entries()) v.setFloat32(352 + 4 * i, n, true);
    });
    expect(() => readNifti(bytes, { file })).toThrow(expect.objectContaining({ code: "complex-image" }));
    expect([...readNifti(bytes, { file, complex: "magnitude" }).data]).toEqual([5, 2]);
    expect(readNifti(bytes, { file, complex: "phase" }).data[1]).toBeCloseTo(-Math.PI / 2, 6);
  });

  test("a lying extension size is refused, an honest one skipped", () => {
    const plain = byHand();
    const extended = (size: number): Uint8Array => {
      const bytes = new Uint8Array(plain.length + 16);
      bytes.set(plain.subarray(0, 352));
      bytes.set(plain.subarray(352), 368);
      const v = new DataView(bytes.buffer);
      v.setUint8(348, 1);
      v.setInt32(352, size, true);
      v.setFloat32(108, 368, true);
      return bytes;
    };
    expect(readNifti(extended(16), { file }).data).toEqual(readNifti(plain, { file }).data);
    for (const size of [0, -8, 4000]) {
      expect(() => readNifti(extended(size), { file })).toThrow(expect.objectContaining({ code: "bad-header" }));
    }
  });

  test("the input is left as it was", () => {
    const bytes = byHand();
    const before = bytes.slice();
    readNifti(bytes, { file });
    expect(bytes).toEqual(before);
  });
});
