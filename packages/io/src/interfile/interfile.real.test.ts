import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readVolume } from "../node/volumes.ts";

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
