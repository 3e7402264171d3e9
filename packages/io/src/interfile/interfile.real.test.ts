import { readFileSync } from "node:fs";
import { sinogramPlanes } from "@quintet/core";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { openInterfile, readSinogram } from "../node/interfile.ts";
import { readVolume } from "../node/volumes.ts";
import type { KnownScanner } from "./scanner.ts";
import { interfileSinogram } from "./sinogram-layout.ts";

/** STIR 6.5-dev, Scanner.cxx. */
const prt1: KnownScanner = {
  name: "PRT-1",
  source: "STIR",
  ring: { kind: "cylinder", detectors: 384, radius: 373 },
  axial: { blocks: 1, crystals: 16, pitch: 6.75, blockPitch: 108 },
  depth: 7,
  tilt: 0,
  binWidth: 3.1088,
};

/** Sum, greatest value with its place, and the voxel at a third of each extent: numpy 2.4.6 on the data files. */
const images = [
  { name: "test_image_3", nx: 97, sum: 3415.9650103938498, most: 0.074981086, at: [48, 20, 29], third: 0.030664701 },
  { name: "test_image_5", nx: 97, sum: 3490.7188993956197, most: 0.13477346, at: [58, 72, 29], third: 0.03405196 },
  { name: "RPTsens_seg4", nx: 97, sum: 7192.217302429024, most: 0.041389965, at: [20, 13, 6], third: 0.040283907 },
  { name: "init", nx: 60, sum: 111600, most: 1, at: [0, 0, 0], third: 1 },
] as const;

for (const { name, nx, sum, most, at, third } of images) {
  describeRealData(`STIR image ${name}`, [`pet/stir/${name}.hv`, `pet/stir/${name}.v`], (header, data) => {
    test("extents, voxel sizes, values", async () => {
      const volume = await readVolume(header);
      expect(volume.shape).toEqual([nx, nx, 31]);
      expect(volume.data).toEqual(new Float32Array(new Uint8Array(readFileSync(data)).buffer));
      const total = volume.data.reduce((a, b) => a + b, 0);
      expect(Math.abs(total / sum - 1)).toBeLessThan(1e-12);
      const voxel = (x: number, y: number, z: number): number => volume.data[x + nx * (y + nx * z)] as number;
      expect(voxel(at[0], at[1], at[2])).toBe(Math.fround(most));
      const t = Math.floor(nx / 3);
      expect(voxel(t, t, 10)).toBe(Math.fround(third));
      const size = nx === 97 ? [3.1088, 3.375] : [4.44114, 3.27];
      expect([-(volume.affine[0] as number), -(volume.affine[10] as number)]).toEqual(size);
    });
  });
}

describeRealData("STIR sinogram smalllong", ["pet/stir/smalllong.hs", "pet/stir/smalllong.s"], (path) => {
  test("one segment of span 17, arc-corrected, views that are no divisor of the detectors; values", async () => {
    const { sinogram, about } = await readSinogram(path);
    const { layout, data } = sinogram;
    expect(layout).toMatchObject({ views: 64, bins: 75, span: 17, maxRingDifference: 8, arc: { width: 3 } });
    expect(layout.scanner.tilt).toBe(Math.PI / 2);
    expect(about.corrections).toEqual(["arc correction"]);
    expect(Math.abs(data.reduce((a, b) => a + b, 0) / 102_736.7608507365 - 1)).toBeLessThan(1e-12);
    // Stored [21][9][25] of [view][axial][tangential]: plane 27 - 1 - 9 of ours.
    expect(data[(21 * 75 + 25) * 27 + 17]).toBe(Math.fround(-0.00030505657));
  });
});

const cylinder = "pet/stir/scatter_cylinder";
describeRealData("STIR sinogram scatter_cylinder", [`${cylinder}.hs`, `${cylinder}.s`], (path) => {
  test("direct planes only, an energy window, values", async () => {
    const { sinogram, about } = await readSinogram(path);
    const { layout, data } = sinogram;
    expect(layout).toMatchObject({ views: 32, bins: 35, span: 1, maxRingDifference: 0 });
    expect(layout.scanner).toMatchObject({ ring: { kind: "cylinder", detectors: 64, radius: 443.1 }, depth: 8.4 });
    expect(layout.scanner.axial).toEqual({ blocks: 1, crystals: 8, pitch: 19.62, blockPitch: 156.96 });
    expect(about.facts).toMatchObject({ position: "HFS", energyWindows: [{ low: 350, high: 650 }] });
    expect(Math.abs(data.reduce((a, b) => a + b, 0) / 6996.619522529349 - 1)).toBeLessThan(1e-12);
    // Stored [10][2][11] of [view][axial][tangential]: plane 8 - 1 - 2 of ours.
    expect(data[(10 * 35 + 11) * 8 + 5]).toBe(Math.fround(1.0671684));
  });
});

describeRealData("a header whose data file is not there", ["pet/stir/Utahscat600k_ca_seg4.hs"], (path) => {
  test("gives its geometry, and an error that names the file looked for", async () => {
    // STIR knows PRT-1 by name; the header leaves its diameter out.
    const header = await openInterfile(path);
    expect(() => interfileSinogram(header)).toThrow(/lacks "inner ring diameter \(cm\)"/);
    const about = interfileSinogram(header, prt1);
    expect(about.layout).toMatchObject({ views: 96, span: 1, maxRingDifference: 4, bins: 127 });
    expect(about.order).toEqual(["segment", "axial coordinate", "view", "tangential coordinate"]);
    expect(sinogramPlanes(about.layout)).toHaveLength(124);
    expect(about.facts.frames).toEqual([{ start: 100, duration: 60 }]);
    await expect(readSinogram(path, { known: prt1 })).rejects.toMatchObject({
      code: "missing-data",
      expected: "Utahscat600k_ca_seg4.s",
    });
  });
});
