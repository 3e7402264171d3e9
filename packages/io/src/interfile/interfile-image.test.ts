import { affineOf, DataError, toWorld, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { interfileFacts } from "./frames.ts";
import { interfileNumbers, interfileText, readInterfileHeader } from "./header.ts";
import { interfileImage, readInterfileImage, writeInterfileImage } from "./image.ts";

const file = "x.hv";
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const header = (value: string): ReturnType<typeof readInterfileHeader> => readInterfileHeader(text(value), file);

/** 2 x 1 x 2 voxels of 4, 5, 6 mm. */
const small = (more: Readonly<Record<string, string>> = {}): string => {
  const keys: Record<string, string> = {
    "name of data file": "x.v",
    "!PET data type": "Image",
    "patient orientation": "head_in",
    "patient rotation": "supine",
    "imagedata byte order": "LITTLEENDIAN",
    "!number format": "float",
    "!number of bytes per pixel": "4",
    "number of dimensions": "3",
    "!matrix size [1]": "2",
    "!matrix size [2]": "1",
    "!matrix size [3]": "2",
    "scaling factor (mm/pixel) [1]": "4",
    "scaling factor (mm/pixel) [2]": "5",
    "scaling factor (mm/pixel) [3]": "6",
    ...more,
  };
  const lines = Object.entries(keys).map(([key, value]) => `${key} := ${value}`);
  return ["!INTERFILE :=", ...lines, "!END OF INTERFILE :="].join("\r\n");
};
const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe("header", () => {
  test("case, !, underscores, comments, continued lines and lists", () => {
    const read = header(
      "!interfile :=\n; a comment\n\n!Matrix_Size  [2] := { 1, -2.5 ,\\\n3e1}\nMATRIX SIZE [1]:=7\nEND OF INTERFILE:=\nnot read",
    );
    expect(interfileNumbers(read, "matrix size", 2)).toEqual([1, -2.5, 30]);
    expect(interfileText(read, "!MATRIX size")).toBe("7");
    expect(read.entries.map(({ line }) => line)).toEqual([1, 4, 6]);
  });

  test("said twice alike is said once; said twice differently is refused", () => {
    expect(
      interfileText(header("!INTERFILE :=\nimaging modality := PT\n!imaging modality := pt"), "imaging modality"),
    ).toBe("PT");
    const twice = header("!INTERFILE :=\nimaging modality := PT\n!imaging modality := nucmed");
    expect(() => interfileText(twice, "imaging modality")).toThrow(expect.objectContaining({ code: "contradiction" }));
  });

  test("several energy windows, frames, nuclide, start", () => {
    const facts = interfileFacts(
      header(
        [
          "!INTERFILE :=",
          "number of energy windows := 2",
          "energy window lower level[1] := 435",
          "energy window upper level[1] := 650",
          "energy window lower level[2] := 300",
          "energy window upper level[2] := 435",
          "number of time frames := 2",
          "image relative start time (sec)[1] := 0",
          "image duration (sec)[1] := 60",
          "image relative start time (sec)[2] := 60",
          "image duration (sec)[2] := 120",
          "radionuclide name[1] := ^18^Fluorine",
          "radionuclide halflife (sec)[1] := 6586.2",
          "study date := 1999:03:02",
          "study_time := 10:20:30",
          "calibration factor := -1",
        ].join("\n"),
      ),
    );
    expect(facts).toEqual({
      frames: [
        { start: 0, duration: 60 },
        { start: 60, duration: 120 },
      ],
      energyWindows: [
        { low: 435, high: 650 },
        { low: 300, high: 435 },
      ],
      radionuclide: "^18^Fluorine",
      halfLife: 6586.2,
      startedAt: "1999-03-02T10:20:30",
    });
  });

  test.each<[string, string]>([
    ["bad-frames", "number of time frames := 2\nimage duration (sec)[1] := 60"],
    ["bad-frames", "image relative start time (sec)[1] := 0\nimage duration (sec)[1] := -60"],
    [
      "bad-frames",
      "number of time frames := 2\nimage relative start time (sec)[1] := 0\nimage duration (sec)[1] := 60\nimage relative start time (sec)[2] := 30\nimage duration (sec)[2] := 60",
    ],
    ["bad-energy-window", "energy window lower level[1] := 650\nenergy window upper level[1] := 435"],
    ["bad-energy-window", "energy window lower level[1] := 650"],
    ["bad-number", "number of time frames := 1e9"],
    ["bad-interfile", "a line without a sign"],
  ])("refuses: %s", (code, lines) => {
    expect(() => interfileFacts(header(`!INTERFILE :=\n${lines}`))).toThrow(expect.objectContaining({ code }));
  });
});

describe("image", () => {
  test("place by hand: x of two voxels from -4, y from 0, z from 0, turned to the patient", () => {
    const volume = readInterfileImage(header(small()), floats(1, 2, 3, 4));
    expect([...volume.affine]).toEqual([-4, 0, 0, 4, 0, -5, 0, 0, 0, 0, -6, 0, 0, 0, 0, 1]);
    expect([...volume.data]).toEqual([1, 2, 3, 4]);
    expect(volume.shape).toEqual([2, 1, 2]);
  });

  test("prone turns left and right, feet first turns up and down", () => {
    const world = (orientation: string, rotation: string): number[] => {
      const given = { "patient orientation": orientation, "patient rotation": rotation };
      return toWorld(interfileImageGrid(small(given)), [1, 1, 1]).map((value) => value + 0);
    };
    expect(world("head_in", "supine")).toEqual([0, -5, -6]);
    expect(world("head_in", "prone")).toEqual([0, 5, -6]);
    expect(world("feet_in", "supine")).toEqual([0, -5, 6]);
    expect(world("feet_in", "prone")).toEqual([0, 5, 6]);
  });

  test("the first pixel's offset is its place", () => {
    const given = {
      "first pixel offset (mm) [1]": "10",
      "first pixel offset (mm) [2]": "20",
      "first pixel offset (mm) [3]": "30",
    };
    expect(toWorld(interfileImageGrid(small(given)), [0, 0, 0])).toEqual([-10, -20, -30]);
  });

  test.each<[string, string, string, (view: DataView) => void]>([
    [
      "signed integer",
      "1",
      "LITTLEENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setInt8(i, x);
        }),
    ],
    [
      "signed integer",
      "2",
      "BIGENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setInt16(2 * i, x, false);
        }),
    ],
    [
      "signed integer",
      "4",
      "LITTLEENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setInt32(4 * i, x, true);
        }),
    ],
    [
      "signed integer",
      "8",
      "BIGENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setBigInt64(8 * i, BigInt(x), false);
        }),
    ],
    [
      "float",
      "4",
      "BIGENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setFloat32(4 * i, x, false);
        }),
    ],
    [
      "short float",
      "4",
      "LITTLEENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setFloat32(4 * i, x, true);
        }),
    ],
    [
      "long float",
      "8",
      "BIGENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setFloat64(8 * i, x, false);
        }),
    ],
    [
      "float",
      "8",
      "LITTLEENDIAN",
      (v) =>
        [-3, 2, 0, 127].forEach((x, i) => {
          v.setFloat64(8 * i, x, true);
        }),
    ],
  ])("%s of %s bytes, %s", (format, width, order, fill) => {
    const data = new Uint8Array(4 * Number(width));
    fill(new DataView(data.buffer));
    const given = { "!number format": format, "!number of bytes per pixel": width, "imagedata byte order": order };
    expect([...readInterfileImage(header(small(given)), data).data]).toEqual([-3, 2, 0, 127]);
  });

  test("unsigned integers reach above the signed ones; without a word on byte order it is big", () => {
    const big = { "imagedata byte order": "", "!number format": "unsigned integer" };
    const two = { ...big, "!number of bytes per pixel": "2" };
    expect([...readInterfileImage(header(small(two)), Uint8Array.of(0xff, 0xfe, 0, 1, 0, 2, 0, 3)).data]).toEqual([
      65534, 1, 2, 3,
    ]);
    const one = { ...big, "!number of bytes per pixel": "1" };
    expect([...readInterfileImage(header(small(one)), Uint8Array.of(255, 1, 2, 3)).data]).toEqual([255, 1, 2, 3]);
  });

  test("frames with their offsets, a factor for each slice", () => {
    const given = {
      "number of time frames": "2",
      "image relative start time (sec)[1]": "0",
      "image duration (sec)[1]": "10",
      "image relative start time (sec)[2]": "10",
      "image duration (sec)[2]": "20",
      "data offset in bytes[1]": "4",
      "image scaling factor[1]": "{2, 3}",
    };
    const volume = readInterfileImage(header(small(given)), floats(99, 1, 2, 3, 4, 5, 6, 7, 8));
    expect([...volume.data]).toEqual([2, 4, 9, 12, 5, 6, 7, 8]);
    expect(volume.frames[1]).toEqual({ start: 10, duration: 20 });
  });

  test("what is written is read back: values, places, frames; the input keeps its order", () => {
    const volume: Volume = {
      unit: "Bq/mL",
      shape: [3, 4, 2],
      affine: affineOf([2, 0, 0, -3.5, 0, 3, 0, -7, 0, 0, 4, 9]),
      space: "scanner:pet",
      clock: "pet",
      frames: [
        { start: 0, duration: 30 },
        { start: 30, duration: 60 },
      ],
      data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i) * 1e3),
    };
    const [hv, v] = writeInterfileImage(volume, { name: "back" });
    const back = readInterfileImage(readInterfileHeader(hv?.bytes as Uint8Array, "back.hv"), v?.bytes as Uint8Array);
    expect(back.frames).toEqual(volume.frames);
    expect(toWorld(back, [2, 3, 1])).toEqual([-3.5, -7, 9]);
    // The last stored voxel is the first of the patient's grid.
    expect([...back.data].slice(0, 24).reverse()).toEqual([...volume.data].slice(0, 24));
  });

  test.each<[string, () => unknown]>([
    ["size-mismatch", () => readInterfileImage(header(small()), floats(1, 2, 3))],
    ["size-mismatch", () => readInterfileImage(header(small()), floats(1, 2, 3, 4, 5))],
    ["not-finite", () => readInterfileImage(header(small()), floats(1, 2, Number.NaN, 4))],
    [
      "not-finite",
      () =>
        readInterfileImage(
          header(small({ "!number format": "long float", "!number of bytes per pixel": "8" })),
          new Uint8Array(Float64Array.of(1, 2, 3, 1e300).buffer),
        ),
    ],
    ["axis-order", () => interfileImage(header(small({ "matrix axis label [1]": "z", "matrix axis label [3]": "x" })))],
    ["bad-dimensions", () => interfileImage(header(small({ "!matrix size [1]": "1e9", "!matrix size [3]": "1e9" })))],
    ["bad-dimensions", () => interfileImage(header(small({ "!matrix size [1]": "0" })))],
    ["bad-dimensions", () => interfileImage(header(small({ "number of dimensions": "4" })))],
    ["unsupported-number-format", () => interfileImage(header(small({ "!number format": "bit" })))],
    ["unsupported-number-format", () => interfileImage(header(small({ "!number format": "ASCII" })))],
    [
      "bad-scaling",
      () => readInterfileImage(header(small({ "image scaling factor[1]": "{1,2,3}" })), floats(1, 2, 3, 4)),
    ],
    [
      "bad-scaling",
      () =>
        readInterfileImage(
          header(small({ "image scaling factor[1]": "2", "quantification units": "3" })),
          floats(1, 2, 3, 4),
        ),
    ],
    ["not-an-image", () => interfileImage(header(small({ "!PET data type": "Emission" })))],
    ["missing-key", () => interfileImage(header(small({ "!matrix size [2]": "" })))],
    ["not-interfile", () => header("INTERFOLD :=")],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code, file: expect.any(String) }));
  });

  test("a tilted grid is not written", () => {
    const affine = affineOf([2, 0.5, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
    const tilted = { ...readInterfileImage(header(small()), floats(1, 2, 3, 4)), affine };
    expect(() => writeInterfileImage(tilted, { name: "t" })).toThrow(DataError);
  });
});

function interfileImageGrid(value: string): Volume {
  return readInterfileImage(header(value), floats(1, 2, 3, 4));
}
