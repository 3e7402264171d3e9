import { halfLives, identityAffine, type Metadata, type Tacs, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { curvesCorrectedAsStated, imageCorrectedAsStated } from "./stated-decay.ts";

const half = halfLives.C11;
/** Each of one half-life: a frame's mean is 2 ln 2 below its start, the second starts one half-life late. */
const frames = [
  { start: 0, duration: half },
  { start: half, duration: half },
];
const pet: Volume = {
  unit: "Bq/mL",
  shape: [1, 1, 1],
  affine: identityAffine(),
  space: "scanner:pet",
  clock: "pet",
  frames,
  data: Float32Array.of(100, 100),
};
const tacs: Tacs = { clock: "pet", unit: "Bq/mL", frames, regions: [{ name: "a", values: Float64Array.of(100, 100) }] };
const stated: Metadata = {
  ImageDecayCorrected: false,
  TracerRadionuclide: "C11",
  FrameTimesStart: [0, half],
  FrameDuration: [half, half],
};
const truth = [200 * Math.LN2, 400 * Math.LN2];

test("known answer: 2 ln 2 in the first frame, twice that in the second; the side file tells what it is then", () => {
  const image = imageCorrectedAsStated(pet, stated, "a.json");
  expect(image.value.data).toBeAllclose(truth, { rtol: 1e-6 }); // float32 storage
  expect(image.metadata).toMatchObject({ ImageDecayCorrected: true, ImageDecayCorrectionTime: 0 });
  expect(image.note).toMatch(/C11 to TimeZero/);
  const curves = curvesCorrectedAsStated(tacs, stated, "a.tsv");
  expect(curves.value.regions[0]!.values).toBeAllclose(truth, { rtol: 1e-12 });
  expect([pet.data[0], tacs.regions[0]!.values[0]]).toEqual([100, 100]);
});
test.each([true, undefined, "n/a"])("ImageDecayCorrected %j: as it is", (said) => {
  const metadata = { ...stated, ImageDecayCorrected: said } as Metadata;
  expect(imageCorrectedAsStated(pet, metadata, "a")).toEqual({ value: pet, metadata });
  expect(curvesCorrectedAsStated(tacs, metadata, "a")).toEqual({ value: tacs, metadata });
});
test("a ready SUV of one frame is left as it is, of several refused", () => {
  const one: Volume = { ...pet, unit: "g/mL", frames: frames.slice(0, 1), data: Float32Array.of(2) };
  expect(imageCorrectedAsStated(one, stated, "a").value).toBe(one);
  expect(() => imageCorrectedAsStated({ ...pet, unit: "g/mL" }, stated, "a")).toThrow(
    expect.objectContaining({ code: "not-decay-corrected" }),
  );
});
test("what was corrected is not corrected again", () => {
  const once = imageCorrectedAsStated(pet, stated, "a");
  expect(imageCorrectedAsStated(once.value, once.metadata, "a").value).toBe(once.value);
});
test.each([
  ["not-decay-corrected", { TracerRadionuclide: undefined }, {}],
  ["not-decay-corrected", { FrameTimesStart: undefined }, {}],
  ["not-decay-corrected", {}, { unit: "{arbitrary}" }],
  ["not-decay-corrected", {}, { frames: frames.map(({ start }) => ({ start, duration: 0 })) }],
  ["unknown-radionuclide", { TracerRadionuclide: "Zr89" }, {}],
] as const)("refusal: %s of %o %o", (code, metadata, image) => {
  const attempt = (): unknown =>
    imageCorrectedAsStated({ ...pet, ...image }, { ...stated, ...metadata } as Metadata, "a");
  expect(attempt).toThrow(expect.objectContaining({ code }));
});
