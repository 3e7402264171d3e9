import { type AttenuationMap, affineOf, identityAffine, type LabelVolume, rigid } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headTissueNames } from "../head-tissue/head-tissues.ts";
import { addHardware, attenuationMap, convertAttenuation } from "./attenuation-map.ts";
import { corticalShare, headAttenuation } from "./head-attenuation.ts";

/** One line of voxels of 1 mm through a head: air, scalp, skull, CSF, grey, white. */
const labels = (data: readonly number[] = [0, 1, 2, 3, 4, 5]): LabelVolume => ({
  shape: [data.length, 1, 1],
  affine: identityAffine(),
  space: "subject:T1w",
  names: headTissueNames,
  data: Uint8Array.from(data),
});

describe("the five tissues, by hand from the NIST tables", () => {
  test("511 keV: soft tissue 1.06 x 0.0951, brain 1.04 x 0.0955, CSF 1.007 x 0.0960", () => {
    const [air, scalp, , csf, grey, white] = headAttenuation(511);
    expect(air).toBe(0);
    expect([scalp, csf, grey, white]).toBeAllclose([0.1008, 0.0967, 0.0993, 0.0993], { atol: 5e-5 });
  });

  // XCOM cross sections of the whole cranium's own composition (ICRU 46; xraylib 4.3.0) times 1.61 g/cm3: the mixture of
  // two tabulated materials that stands for it here is right within 0.3 %.
  test.each([
    [140, 1.61 * 0.15286],
    [159, 1.61 * 0.14475],
    [364, 1.61 * 0.10444],
    [511, 1.61 * 0.090726],
  ])("skull at %d keV is the cranium's %f per cm", (energy, cranium) => {
    expect(corticalShare).toBeCloseTo(0.64, 2);
    expect(Math.abs((headAttenuation(energy)[2] as number) / cranium - 1)).toBeLessThan(3e-3);
  });

  test.each([140, 159, 511])("a map at %d keV carries its energy, unit and grid", (energy) => {
    const map = attenuationMap(labels(), energy);
    expect(map).toMatchObject({ unit: "1/cm", energy, space: "subject:T1w", shape: [6, 1, 1] });
    expect([...map.data]).toBeAllclose([...headAttenuation(energy)], { rtol: 1e-7 });
  });
});

describe("another energy", () => {
  test("is reached by a factor per tissue, the same as made there; no one factor would do", () => {
    const converted = convertAttenuation(attenuationMap(labels(), 511), labels(), 140);
    const made = attenuationMap(labels(), 140);
    expect(converted.energy).toBe(140);
    expect(converted.data).toBeAllclose(made.data, { rtol: 1e-6 });
    const factors = [1, 2, 4].map((i) => (made.data[i] as number) / (headAttenuation(511)[i] as number));
    expect(factors).toBeAllclose([1.603, 1.683, 1.603], { atol: 1e-3 });
  });
  test("there and back is where it was; what attenuates in air goes as soft tissue", () => {
    const map = attenuationMap(labels(), 511);
    const hair = { ...map, data: map.data.map((mu, i) => (i === 0 ? 0.01 : mu)) };
    const there = convertAttenuation(hair, labels(), 159);
    expect(there.data[0]).toBeCloseTo(0.01537, 4);
    expect(convertAttenuation(there, labels(), 511).data).toBeAllclose(hair.data, { rtol: 1e-6 });
  });
});

describe("hardware", () => {
  const head = attenuationMap(labels([0, 0, 0, 1, 4, 4]), 511);
  const coil: AttenuationMap = { ...head, shape: [1, 1, 1], data: Float32Array.of(0.1) };
  test("is added where it lies, nothing elsewhere", () => {
    const placed = { ...coil, affine: affineOf([1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0]) };
    const sum = addHardware(head, placed);
    expect([...sum.data]).toBeAllclose(
      [0, 0.1, 0, head.data[3] as number, head.data[4] as number, head.data[5] as number],
      { atol: 1e-7 },
    );
  });
  test("is carried by its pose", () => {
    const pose = { from: "coil", to: "subject:T1w", matrix: rigid([0, 0, 0], [2, 0, 0]) };
    expect(addHardware(head, { ...coil, space: "coil" }, pose).data[2]).toBeCloseTo(0.1, 6);
    expect(() => addHardware(head, { ...coil, space: "coil" })).toThrow(/coil -> subject:T1w/);
  });
  test("of another energy, or so dense that no head is left, is refused", () => {
    expect(() => addHardware(head, { ...coil, energy: 140 })).toThrow(
      expect.objectContaining({ code: "wrong-energy" }),
    );
    const onHead = { ...coil, affine: affineOf([1, 0, 0, 4, 0, 1, 0, 0, 0, 0, 1, 0]), data: Float32Array.of(0.2) };
    expect(() => addHardware(head, onHead)).toThrow(/at most 0.25/);
  });
});

test("refusals: strange labels, another grid, an empty head, an energy without a table", () => {
  expect(() => attenuationMap(labels([0, 7]), 511)).toThrow(expect.objectContaining({ code: "unknown-label" }));
  expect(() => convertAttenuation(attenuationMap(labels(), 511), labels([1]), 140)).toThrow(/on the map's grid/);
  expect(() => attenuationMap(labels([0, 0]), 511)).toThrow(expect.objectContaining({ code: "empty-map" }));
  expect(() => attenuationMap(labels(), 30)).toThrow(expect.objectContaining({ code: "bad-energy" }));
});
