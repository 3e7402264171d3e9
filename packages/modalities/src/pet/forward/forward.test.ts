import { affineOf, type ListMode, type SinogramLayout, sinogramPlanes } from "@quintet/core";
import { expect, test } from "vitest";
import { eventLines, scannerNamed, scanners, sinogramLines, sinogramProjector } from "../index.ts";

const neuroLf = scannerNamed("NeuroLF");
const layout: SinogramLayout = { scanner: neuroLf, views: 128, bins: 129, span: 1, maxRingDifference: 47 };

test("the public scanners are whole rings with a name and a source each", () => {
  for (const scanner of scanners) {
    expect(scanner.source.length).toBeGreaterThan(3);
    expect(() => sinogramPlanes({ ...layout, scanner, views: Number.NaN })).toThrow(/views/);
  }
  expect(new Set(scanners.map(({ name }) => name)).size).toBe(scanners.length);
  expect(() => scannerNamed("nobody's")).toThrow(expect.objectContaining({ code: "unknown-scanner" }));
});

test("NeuroLF: 48 x 48 planes; the middle bin joins detectors that face each other", () => {
  const { rays, planes } = sinogramLines(layout);
  expect(planes.length).toBe(2 * 48 * 48);
  const [xa, ya, xb, yb] = rays.subarray(4 * (3 * 129 + 64), 4 * (3 * 129 + 65));
  expect([xa, ya]).toEqual([expect.closeTo(143, 9), expect.closeTo(-1.5 * 27.36 - 0.5 * 3.313, 9)]);
  expect([xb, yb]).toEqual([expect.closeTo(-143, 9), expect.closeTo(1.5 * 27.36 + 0.5 * 3.313, 9)]);
});

test("arc-corrected bins are parallel lines at even distances, in the same place as the pairs", () => {
  const scanner = scannerNamed("Siemens mMR");
  const pairs = { scanner, views: 252, bins: 201, span: 1, maxRingDifference: 0 };
  const width = 335 * (Math.PI / 504);
  const [a, b] = [pairs, { ...pairs, arc: { width } }].map((cut) => sinogramLines(cut).rays);
  const near = 4 * (40 * 201 + 100 + 2);
  for (let k = 0; k < 4; k++) expect(Math.abs(a![near + k]! - b![near + k]!)).toBeLessThan(2e-3);
});

test("events lie where their detectors are; a moved head and a delayed window come out of the same list", () => {
  const events: ListMode = {
    scanner: neuroLf,
    clock: "pet",
    start: 0,
    duration: 1,
    time: Float64Array.of(0.1, 0.2),
    a: Uint32Array.of(3, 256 + 3),
    b: Uint32Array.of(128 + 3, 128 + 3),
    delayed: Uint8Array.of(0, 1),
  };
  const z = -2.5 * 27.36 - 3.5 * 3.313;
  const { ends } = eventLines(events);
  expect([...ends]).toEqual([143, -42.6965, z, -143, 42.6965, z].map((x) => expect.closeTo(x, 3)));
  expect(eventLines(events, { delayed: true }).ends[2]).toBeCloseTo(z + 3.313, 4);
  expect(() => eventLines({ ...events, b: Uint32Array.of(12288, 0) })).toThrow(
    expect.objectContaining({ code: "bad-event" }),
  );
});

test("a sinogram's projector by views; an oblique image is refused", () => {
  const shape = [4, 4, 3] as const;
  const affine = affineOf([10, 0, 0, -15, 0, 10, 0, -15, 0, 0, 20, -20]);
  const small = { ...layout, bins: 5, maxRingDifference: 0 };
  const projector = sinogramProjector(small, { shape, affine, space: "scanner:pet" });
  const image = new Float32Array(48).fill(1);
  const whole = projector.forward(image);
  const size = 5 * 48;
  expect(projector.views([3, 1]).forward(image)).toEqual(
    Float32Array.of(...whole.subarray(3 * size, 4 * size), ...whole.subarray(size, 2 * size)),
  );
  const turned = Float64Array.from(affine);
  turned[1] = 1;
  expect(() => sinogramProjector(small, { shape, affine: turned, space: "scanner:pet" })).toThrow(
    expect.objectContaining({ code: "oblique-grid" }),
  );
});
