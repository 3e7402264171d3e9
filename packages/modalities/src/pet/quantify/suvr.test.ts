import { affineOf, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { asymmetryIndex } from "./asymmetry-index.ts";
import { meanOverWindow } from "./mean-over-window.ts";
import { regionalMeans } from "./regional-means.ts";
import { suvr } from "./suvr.ts";

const affine = affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
const grid = { shape: [4, 1, 1] as const, affine, space: "subject:T1w" };
const pet: Volume<"Bq/mL"> = {
  ...grid,
  unit: "Bq/mL",
  clock: "pet",
  frames: [
    { start: 0, duration: 60 },
    { start: 60, duration: 60 },
    { start: 120, duration: 180 },
  ],
  data: Float32Array.of(9, 9, 9, 9, 4, 2, 6, 2, 8, 2, 10, 6),
};
const reference: Mask = { ...grid, data: Uint8Array.of(0, 1, 0, 0) };
const labels: LabelVolume = {
  ...grid,
  data: Uint8Array.of(1, 0, 2, 2),
  names: new Map([
    [1, "Insula_L"],
    [2, "Insula_R"],
  ]),
};

test("durations weigh: (60 * 4 + 180 * 8) / 240 = 7 over a reference of 2 is 3.5", () => {
  const out = suvr(pet, reference, { start: 60, end: 300 });
  expect(out.data).toBeAllclose([3.5, 1, 4.5, 2.5], { rtol: 1e-7 });
  expect([out.unit, out.frames]).toEqual(["1", [{ start: 60, duration: 240 }]]);
});
test("a frame that sticks out of the window is left out", () => {
  expect(meanOverWindow(pet, { start: 50, end: 299 }).frames).toEqual([{ start: 60, duration: 60 }]);
});
test("a static frame of unknown duration is its own mean", () => {
  const still = { ...pet, frames: [{ start: 0, duration: 0 }], data: pet.data.subarray(0, 4) };
  expect(meanOverWindow(still).data).toEqual(still.data);
});
test("scaling the activity changes nothing; the input is untouched", () => {
  const twice = { ...pet, data: pet.data.map((x) => 2 * x) };
  expect(suvr(twice, reference).data).toBeAllclose(suvr(pet, reference).data, { rtol: 1e-6 });
  expect(pet.data[0]).toBe(9);
});
test("regional means: rows with side, unit and SE", () => {
  const rows = regionalMeans(suvr(pet, reference, { start: 60, end: 300 }), labels, { sources: ["a.nii.gz"] });
  expect(rows[1]).toMatchObject({ region: "Insula", side: "right", measure: "suvr", unit: "1", n: 2, value: 3.5 });
  expect(rows[1]?.standardError).toBeCloseTo(1, 6); // sd sqrt(2), n 2
  expect(rows[0]).not.toHaveProperty("standardError");
});
test("asymmetry index: 200 (3.5 - 3.5) / 7 = 0; doubled left gives 66.7 %", () => {
  const out = suvr(pet, reference, { start: 60, end: 300 });
  expect(asymmetryIndex(out, labels)[0]).toMatchObject({ region: "Insula", value: 0, unit: "%", n: 3 });
  const left = { ...out, data: out.data.map((x, i) => (i === 0 ? 2 * x : x)) };
  expect(asymmetryIndex(left, labels)[0]?.value).toBeCloseTo(66.6667, 3);
});
test.each([
  ["grid-mismatch", () => suvr(pet, { ...reference, space: "other" })],
  ["no-frames-in-window", () => suvr(pet, reference, { start: 1000, end: 2000 })],
  ["empty-region", () => suvr(pet, { ...reference, data: new Uint8Array(4) })],
  ["not-positive", () => suvr({ ...pet, data: pet.data.map(() => 0) }, reference)],
  ["not-positive", () => suvr({ ...pet, data: pet.data.map(() => Number.NaN) }, reference)],
  ["unknown-duration", () => suvr({ ...pet, frames: pet.frames.map((f) => ({ ...f, duration: 0 })) }, reference)],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
