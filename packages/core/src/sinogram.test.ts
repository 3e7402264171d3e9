import { expect, test } from "vitest";
import {
  binOfDetectors,
  checkLayout,
  detectorPositions,
  detectorsOfBin,
  type PetScanner,
  ringPositions,
  type SinogramLayout,
  sinogramPlanes,
  sinogramSize,
} from "./index.ts";

const mmr: PetScanner = {
  name: "mMR",
  source: "test",
  ring: { kind: "cylinder", detectors: 504, radius: 328 },
  axial: { blocks: 8, crystals: 8, pitch: 4.0625, blockPitch: 32.5 },
  depth: 7,
  tilt: 0,
};
const span11: SinogramLayout = { scanner: mmr, views: 252, bins: 344, span: 11, maxRingDifference: 60 };

test("the mMR's span-11 sinogram has 837 planes and 72,557,856 bins", () => {
  const planes = sinogramPlanes(span11);
  const counts = Map.groupBy(planes, (plane) => Math.abs(plane.segment));
  expect([...counts.values()].map((list) => list.length)).toEqual([127, 230, 186, 142, 98, 54]);
  expect(sinogramSize(span11)).toBe(72_557_856);
  expect(planes[127]).toEqual({ segment: 1, za: -138.125, zb: -93.4375, pairs: [[0, 6]] });
});

test("every ring pair within the largest difference is in one plane", () => {
  const pairs = sinogramPlanes(span11).flatMap((plane) => plane.pairs.map(([a, b]) => 64 * a + b));
  expect(new Set(pairs).size).toBe(pairs.length);
  expect(pairs.length).toBe(64 * 64 - 2 * (1 + 2 + 3));
});

test("every pair of detectors of a ring is one bin, either way round", () => {
  const layout = { ...span11, bins: 503 };
  const seen = new Set<number>();
  for (let view = 0; view < 252; view += 9) {
    for (let bin = 0; bin < 503; bin++) {
      const [a, b] = detectorsOfBin(layout, view, bin);
      seen.add(504 * Math.min(a, b) + Math.max(a, b));
      expect(binOfDetectors(layout, a, b)).toEqual({ view, bin, swapped: false });
      expect(binOfDetectors(layout, b, a)).toEqual({ view, bin, swapped: true });
    }
  }
  expect(seen.size).toBe(28 * 503);
  expect(binOfDetectors(span11, 0, 1)).toBeUndefined();
});

test("a bin u from the middle lies at R sin(pi u / N) from the axis", () => {
  const place = detectorPositions(mmr);
  const [a, b] = detectorsOfBin(span11, 17, 172 + 30);
  const [xa, ya, xb, yb] = [place[2 * a]!, place[2 * a + 1]!, place[2 * b]!, place[2 * b + 1]!];
  const s = Math.abs(xa * yb - xb * ya) / Math.hypot(xb - xa, yb - ya);
  expect(s).toBeCloseTo(335 * Math.sin((Math.PI * 30) / 504), 9);
});

test("blocks leave gaps along the axis and on the sides of a polygon", () => {
  const gaps: PetScanner = {
    ...mmr,
    ring: { kind: "polygon", sides: 4, blocks: 2, crystals: 2, pitch: 3, blockPitch: 7, apothem: 50 },
    axial: { blocks: 2, crystals: 2, pitch: 3, blockPitch: 8 },
  };
  expect([...ringPositions(gaps)]).toEqual([-5.5, -2.5, 2.5, 5.5]);
  expect([...detectorPositions(gaps).slice(0, 8)]).toEqual([57, -5, 57, -2, 57, 2, 57, 5]);
});

test.each([
  ["an even span", { span: 2 }],
  ["views of another ring", { views: 251 }],
  ["more bins than pairs", { bins: 504 }],
  ["a difference beyond the rings", { maxRingDifference: 64 }],
  ["bins beyond the ring", { arc: { width: 5 } }],
  ["TOF of a scanner without", { timeOfFlight: { bins: 13, width: 300 } }],
  ["a span over gaps", { scanner: { ...mmr, axial: { ...mmr.axial, blockPitch: 34 } } }],
])("refuses %s", (_, change) => {
  expect(() => checkLayout({ ...span11, ...change })).toThrow(expect.objectContaining({ code: "bad-layout" }));
});

test("refuses blocks that overlap", () => {
  const scanner = { ...mmr, axial: { ...mmr.axial, blockPitch: 30 } };
  expect(() => checkLayout({ ...span11, scanner })).toThrow(expect.objectContaining({ code: "bad-scanner" }));
});
