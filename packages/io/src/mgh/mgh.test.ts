import { readFileSync } from "node:fs";
import { affineOf, apply, type LabelVolume, multiply, rigid, sameGrid, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { cRas, tkRas, tkRasAffine } from "./geometry.ts";
import { looksLikeMgh, readMghHeader } from "./header.ts";
import { readMgh, readMghLabels } from "./read.ts";
import { type MghWriteOptions, writeMgh } from "./write.ts";

const folder = new URL("../../../../fixtures/surfaces/", import.meta.url);
interface Expected {
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly tkr: readonly number[];
  readonly cras: readonly number[];
  readonly last: number;
  readonly sum: number;
}
const expected = Object.entries(
  JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<string, Expected>,
).filter(([name]) => /\.mg[hz]$/.test(name));

test.each(expected)("%s, written by nibabel 5.4.2, reads as nibabel reads it", (file, said) => {
  const volume = readMgh(readFileSync(new URL(file, folder)), { file });
  expect([...volume.shape, volume.frames.length]).toEqual([...said.shape, 1].slice(0, 4));
  // float32 geometry of tens of mm.
  expect(volume.affine.subarray(0, 12)).toBeAllclose(said.affine, { atol: 1e-5 });
  expect(tkRasAffine(volume).subarray(0, 12)).toBeAllclose(said.tkr, { atol: 1e-5 });
  expect(cRas(volume)).toBeAllclose(said.cras, { atol: 1e-5 });
  expect(volume.data.at(-1)).toBe(said.last);
  expect(volume.data.reduce((sum, value) => sum + value, 0)).toBe(said.sum);
  if (volume.frames.length === 2) expect(volume.frames[1]).toEqual({ start: 2.5, duration: 2.5 });
});

const oblique = multiply(rigid([12, -7, 20], [3, -4, 5]), affineOf([-2, 0, 0, 30, 0, 0, 4, -20, 0, -3, 0, 10]));
const image = (change: Partial<Volume> = {}): Volume => ({
  unit: "{arbitrary}",
  shape: [4, 5, 6],
  affine: oblique,
  space: "scanner",
  frames: [{ start: 0, duration: 0 }],
  clock: "image",
  data: Float32Array.from({ length: 120 }, (_, i) => i + 1),
  ...change,
});

describe("tkRAS", () => {
  test("of an upright volume is scanner RAS less c_ras, the centre n/2", () => {
    const upright = image({ affine: affineOf([-2, 0, 0, 30, 0, 0, 4, -20, 0, -3, 0, 10]) });
    const centre = cRas(upright);
    expect(centre).toBeAllclose([30 - 4, -20 + 12, 10 - 7.5], { atol: 1e-12 });
    expect(apply(tkRas(upright).matrix, [1, 2, 3])).toBeAllclose([centre[0] + 1, centre[1] + 2, centre[2] + 3], {
      atol: 1e-12,
    });
  });
  test("its origin is the volume's centre, however oblique", () => {
    expect(apply(tkRas(image()).matrix, [0, 0, 0])).toBeAllclose(cRas(image()), { atol: 1e-12 });
  });
});

describe("what is written is read back", () => {
  test.each<[string, MghWriteOptions]>([
    ["float32", {}],
    ["uint8, packed", { type: "uint8", gzip: true }],
    ["int16", { type: "int16" }],
    ["uint16", { type: "uint16" }],
    ["int32", { type: "int32" }],
  ])("%s", (_, options) => {
    const back = readMgh(writeMgh(image(), options));
    expect(back.data).toEqual(image().data);
    expect(sameGrid(back, image(), 2e-5)).toBe(true);
  });
  test("frames with their repetition time", () => {
    const frames = [0, 1].map((t) => ({ start: 2 * t, duration: 2 }));
    const bold = image({ frames, data: new Float32Array(240) });
    expect(readMgh(writeMgh(bold)).frames).toEqual(frames);
  });
  test("labels beyond 255 with their names", () => {
    const { shape, affine, space } = image();
    const data = Uint16Array.from({ length: 120 }, (_, i) => 1000 + i);
    const labels: LabelVolume = { shape, affine, space, data, names: new Map() };
    const back = readMghLabels(writeMgh(labels), { names: new Map([[1001, "ctx"]]) });
    expect(back.data).toEqual(data);
    expect(back.names.get(1001)).toBe("ctx");
  });
  test("tags behind the voxels are tolerated, whatever they hold", () => {
    const bytes = writeMgh(image());
    const more = new Uint8Array(bytes.length + 77).fill(9);
    more.set(bytes);
    expect(readMgh(more).data).toEqual(image().data);
  });
});

describe("refusals", () => {
  const bytes = writeMgh(image());
  const broken = (change: (view: DataView) => void): Uint8Array => {
    const copy = bytes.slice();
    change(new DataView(copy.buffer));
    return copy;
  };
  test.each<[string, Uint8Array, string]>([
    ["another version", broken((v) => v.setInt32(0, 2)), "not-mgh"],
    ["a warp", broken((v) => v.setInt32(0, 0x801)), "unsupported-intent"],
    ["no voxels", broken((v) => v.setInt32(4, 0)), "bad-dimensions"],
    ["voxels that are not there", broken((v) => v.setInt32(4, 2 ** 30)), "truncated"],
    ["tensors", broken((v) => v.setInt32(20, 6)), "unsupported-datatype"],
    ["no place in the world", broken((v) => v.setInt16(28, 0)), "no-geometry"],
    ["voxels of no size", broken((v) => v.setFloat32(30, 0)), "bad-geometry"],
    [
      "axes that fall together",
      broken((v) => {
        for (const i of [0, 1, 2]) v.setFloat32(42 + 4 * i, v.getFloat32(54 + 4 * i));
      }),
      "bad-geometry",
    ],
    ["NaN", broken((v) => v.setFloat32(284, Number.NaN)), "not-finite"],
    ["a cut file", bytes.subarray(0, 300), "truncated"],
    ["a header alone", bytes.subarray(0, 40), "truncated"],
  ])("%s", (_, wrong, code) => {
    expect(() => readMgh(wrong, { file: "a.mgh" })).toThrow(expect.objectContaining({ code, file: "a.mgh" }));
  });
  test("labels that are fractions, and a sheared or unfit image to write", () => {
    expect(() => readMghLabels(writeMgh(image({ data: image().data.map((v) => v / 2) })))).toThrow(/whole numbers/);
    expect(() => writeMgh(image(), { type: "uint8" })).not.toThrow();
    expect(() => writeMgh(image({ data: image().data.map((v) => -v) }), { type: "uint8" })).toThrow(/0 to 255/);
    const shear = affineOf([2, 1, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
    expect(() => writeMgh(image({ affine: shear }))).toThrow(expect.objectContaining({ code: "not-orthogonal" }));
  });
  test("told from other files by its bytes", () => {
    expect(looksLikeMgh(bytes)).toBe(true);
    expect(looksLikeMgh(broken((v) => v.setInt32(20, 99)))).toBe(false);
    expect(looksLikeMgh(new Uint8Array(400))).toBe(false);
    expect(readMghHeader(bytes, { file: "a" }).type).toBe("float32");
  });
});

/** nibabel 5.4.2. */
describeRealData(
  "T1, brain and aseg of the MNE sample subject",
  ["T1", "brain", "aseg"].map((name) => `multimodal/mne_sample/${name}.mgz`),
  (t1, brain, aseg) => {
    test("shape, place, c_ras and sum as nibabel has them", () => {
      const [small, large] = [readMgh(readFileSync(t1)), readMgh(readFileSync(brain))];
      expect(small.shape).toEqual([86, 86, 86]);
      expect(small.affine.subarray(0, 12)).toBeAllclose([-3, 0, 0, 123.7264, 0, 0, 3, -119.9609, 0, -3, 0, 101.712], {
        atol: 1e-3,
      });
      for (const volume of [small, large])
        expect(cRas(volume)).toBeAllclose([-5.2736, 9.0391, -27.288], { atol: 1e-3 });
      expect(small.data.reduce((sum, v) => sum + v, 0)).toBe(13903073);
      expect(large.shape).toEqual([256, 256, 256]);
      expect([...readMghLabels(readFileSync(aseg)).data].reduce((sum, v) => sum + v, 0)).toBe(1142538);
    });
  },
);
