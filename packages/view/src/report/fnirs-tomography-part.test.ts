import { affineOf, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { fnirsTomographyPart } from "./fnirs-tomography-part.ts";
import type { FnirsTomography } from "./fnirs-tomography-view.ts";
import type { ImageLayer } from "./model.ts";
import { sceneOf } from "./scene.ts";

const n = 20;
const volume = <U extends "mm" | "mol/L" | "1">(
  unit: U,
  at: (i: number, j: number, k: number) => number,
): Volume<U> => ({
  shape: [n, n, n],
  affine: affineOf([4, 0, 0, -38, 0, 4, 0, -38, 0, 0, 4, -38]),
  space: "subject:T1w",
  unit,
  frames: [{ start: 0, duration: 0 }],
  clock: "none",
  data: Float32Array.from({ length: n ** 3 }, (_, v) => at(v % n, Math.floor(v / n) % n, Math.floor(v / n ** 2))),
});
const layer = (id: string, name: string, unit: string, scale: number, image: Volume): ImageLayer => ({
  kind: "image",
  id,
  modality: "fnirs",
  name,
  unit,
  scale,
  range: [0, 10],
  threshold: 1,
  colourMap: "inferno",
  note: "",
  volume: image,
});
const ball = (i: number, j: number, k: number): number => Math.max(0, 10 - Math.hypot(i - 10, j - 10, k - 15));
const map = (condition: string): FnirsTomography["maps"][number] => ({
  condition,
  events: 4,
  hbo: layer(
    `hbo-${condition}`,
    `HbO, ${condition}`,
    "µM",
    1e6,
    volume("mol/L", (...p) => 1e-6 * ball(...p)),
  ),
  hbr: layer(
    `hbr-${condition}`,
    `HbR, ${condition}`,
    "µM",
    1e6,
    volume("mol/L", (...p) => -1e-6 * ball(...p)),
  ),
  peak: { hbo: 9.5, hbr: -2.25, place: [2, 2, 22] },
});
const tomography: FnirsTomography = {
  note: "λ1 0.01, λ2 0.1.",
  sensitivity: layer("sensitivity", "Sensitivity", "mm", 1, volume("mm", ball)),
  best: [2, 2, 22],
  outline: 1,
  maps: ["a", "b", "c", "d"].map(map),
  resolution: { localisation: 8.4, fwhm: 24.6 },
  factors: [850, 760].flatMap((wavelength) =>
    ["S1-D1", "S2-D1"].map((pair) => ({ pair, wavelength, distance: 30, factors: { csf: 0.25, grey: 0.1875 } })),
  ),
};
const t1 = volume("1", (i, j, k) => (Math.hypot(i - 10, j - 10, k - 10) < 8 ? 1 : 0));
const scene = () => sceneOf({ findings: [] }, { t1 }, "RAD", 4);

test("cuts with the outline of what is seen, the peak, the regularisation, and factors pair by pair", () => {
  const text = fnirsTomographyPart(tomography, scene()).markup;
  // Sensitivity, then HbO and HbR of the first three conditions, three cuts each.
  expect(text.match(/<svg class="slice/g)).toHaveLength(21);
  expect(text.match(/stroke="#f0e442"/g)).toHaveLength(21);
  expect(text).toContain("HbR, c: µM, the ends at ±10.");
  expect(text).toContain("Not drawn, but kept: d.");
  expect(text).toContain("9.50 µM (HbR there −2.25 µM) at (+2, +2, +22) mm");
  expect(text).toContain("at least 10 % of the cortex’s largest");
  expect(text).toContain("λ1 0.01, λ2 0.1.");
  const cells = [...text.matchAll(/<tr><th scope="row">(.+?)<\/th><td class="num">30<\/td><td class="num">(\d+)/g)];
  expect(cells.map(([, pair, nm]) => `${pair} ${nm}`)).toEqual(["S1-D1 760", "S1-D1 850", "S2-D1 760", "S2-D1 850"]);
  expect(text).toContain('<td class="num">0.25</td><td class="num">0.19</td>');
});

test("without images of haemoglobin it says where the reason stands; without a T1 there are no cuts", () => {
  const text = fnirsTomographyPart({ ...tomography, maps: [] }, scene()).markup;
  expect(text).toContain("Why there is no image of haemoglobin stands with the quality findings.");
  expect(text.match(/<svg class="slice/g)).toHaveLength(3);
  expect(fnirsTomographyPart(tomography, undefined).markup).not.toContain("<svg");
});
