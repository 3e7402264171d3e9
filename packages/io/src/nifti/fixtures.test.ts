import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readNifti } from "./read.ts";

const folder = new URL("../../../../fixtures/volumes/", import.meta.url);
interface Expected {
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly middle: number;
  readonly sum: number;
}
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as Record<string, Expected>;

test.each(Object.entries(expected))("%s, written by nibabel 5.3.2, reads as nibabel reads it", (file, said) => {
  const volume = readNifti(readFileSync(new URL(file, folder)), { file });
  const [nx, ny, nz] = volume.shape;
  expect([nx, ny, nz, volume.frames.length]).toEqual([...said.shape, 1].slice(0, 4));
  // nibabel rebuilds a qform from float32 quaternions as we do: float32's 1e-7 of 60 mm.
  expect(volume.affine.subarray(0, 12)).toBeAllclose(said.affine, { atol: 1e-5 });
  const [x, y, z, t] = [...said.shape, 1].map((n) => Math.floor(n / 2)) as [number, number, number, number];
  const frame = said.shape.length > 3 ? t : 0;
  // Scaled integers are right to float32.
  expect(volume.data[x + nx * (y + ny * (z + nz * frame))]).toBeCloseTo(said.middle, 4);
  expect(volume.data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(said.sum, 2);
});

test("four frames of 2.5 s", () => {
  const file = "frames.nii";
  const { frames } = readNifti(readFileSync(new URL(file, folder)), { file });
  expect(frames).toEqual([0, 2.5, 5, 7.5].map((start) => ({ start, duration: 2.5 })));
});
