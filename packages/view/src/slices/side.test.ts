/** The deadliest fault: sides. A bright blob at the patient's left must be seen where the letter L stands. */
import type { Point, Volume } from "@quintet/core";
import { affineOf, invert, multiply, rigid, toWorld } from "@quintet/core";
import { describe, expect, test } from "vitest";
import type { PlaneName, SideConvention } from "./plane.ts";
import { onPlane, slicePlane } from "./plane.ts";
import { sampleSlice } from "./sample.ts";
import { sliceFigure } from "./slice-figure.ts";

const blob: Point = [-46, 30, 12]; // left, anterior, a little up

/** A volume of 2 mm voxels whose affine is `affine`, with a bright ball at `blob`, and its storage order free. */
function blobVolume(affine: Float64Array, shape: Volume["shape"]): Volume {
  const [nx, ny, nz] = shape;
  const data = new Float32Array(nx * ny * nz);
  const grid = { shape, affine, space: "subject:T1w" };
  for (let i = 0, z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        const p = toWorld(grid, [x, y, z]);
        data[i] = Math.exp(-0.5 * (Math.hypot(p[0] - blob[0], p[1] - blob[1], p[2] - blob[2]) / 5) ** 2);
      }
  return { ...grid, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "scanner", data };
}

const view = { centre: [0, 0, 0], side: 200 } as const;

function brightest(
  plane: PlaneName,
  volume: Volume,
  convention: SideConvention,
  toAnatomy?: Float64Array,
): { x: number; y: number } {
  const slice = slicePlane(plane, blob, view, { pixel: 1, convention });
  const values = sampleSlice(slice, volume, toAnatomy).map((v) => (Number.isNaN(v) ? -1 : v));
  let best = 0;
  for (let i = 0; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return { x: best % slice.size, y: Math.floor(best / slice.size) };
}

const positive = affineOf([2, 0, 0, -90, 0, 2, 0, -100, 0, 0, 2, -80]);
const negative = affineOf([-2, 0, 0, 90, 0, 2, 0, -100, 0, 0, 2, -80]);
const oblique = multiply(rigid([8, -6, 11], [3, -4, 2]), negative);
const permuted = affineOf([0, 0, -2, 88, -2, 0, 0, 96, 0, 2, 0, -84]);

describe.each([
  ["determinant > 0", positive, [91, 101, 81]],
  ["determinant < 0", negative, [91, 101, 81]],
  ["oblique", oblique, [96, 106, 86]],
  ["axes exchanged", permuted, [97, 85, 89]],
] as const)("stored with %s", (_, affine, shape) => {
  const volume = blobVolume(affine, shape);

  test("axial and coronal: right half in RAD, left half in NEURO; anterior and superior up", () => {
    for (const plane of ["axial", "coronal"] as const) {
      // Row and column of the blob by hand: the view spans -99.5 ... 99.5 mm in 200 pixels.
      const row = plane === "axial" ? 99.5 - 30 : 99.5 - 12;
      const rad = brightest(plane, volume, "RAD");
      expect(Math.abs(rad.x - (99.5 + 46))).toBeLessThanOrEqual(1); // one pixel: the blob is sampled on 2 mm voxels
      expect(Math.abs(rad.y - row)).toBeLessThanOrEqual(1);
      const neuro = brightest(plane, volume, "NEURO");
      expect(Math.abs(neuro.x - (99.5 - 46))).toBeLessThanOrEqual(1);
      expect(Math.abs(neuro.y - row)).toBeLessThanOrEqual(1);
    }
  });

  test("sagittal: nose to the viewer's left in both conventions", () => {
    for (const convention of ["RAD", "NEURO"] as const) {
      const got = brightest("sagittal", volume, convention);
      expect(Math.abs(got.x - (99.5 - 30))).toBeLessThanOrEqual(1);
      expect(Math.abs(got.y - (99.5 - 12))).toBeLessThanOrEqual(1);
    }
  });
});

test("a moved volume is seen where its transform puts it", () => {
  const move = rigid([0, 0, 20], [7, -3, 5]);
  const volume = blobVolume(positive, [91, 101, 81]);
  const moved: Volume = { ...volume, affine: multiply(invert(move), volume.affine) };
  expect(brightest("axial", moved, "RAD", move)).toEqual(brightest("axial", volume, "RAD"));
});

describe("the letters", () => {
  const marks = (plane: PlaneName, convention: SideConvention, noseLeft = true) =>
    slicePlane(plane, blob, view, { pixel: 1, convention, noseLeft }).marks;

  test.each([
    ["axial", "RAD", { left: "R", right: "L", top: "A", bottom: "P" }],
    ["axial", "NEURO", { left: "L", right: "R", top: "A", bottom: "P" }],
    ["coronal", "RAD", { left: "R", right: "L", top: "S", bottom: "I" }],
    ["coronal", "NEURO", { left: "L", right: "R", top: "S", bottom: "I" }],
    ["sagittal", "RAD", { left: "A", right: "P", top: "S", bottom: "I" }],
    ["sagittal", "NEURO", { left: "A", right: "P", top: "S", bottom: "I" }],
  ] as const)("%s %s", (plane, convention, letters) => {
    expect(marks(plane, convention)).toEqual(letters);
  });

  test("nose right turns the sagittal letters", () => {
    expect(marks("sagittal", "RAD", false)).toEqual({ left: "P", right: "A", top: "S", bottom: "I" });
  });

  test.each(["axial", "coronal", "sagittal"] as const)(
    "%s: the letter on each side is that of the world direction there",
    (plane) => {
      for (const convention of ["RAD", "NEURO"] as const) {
        const slice = slicePlane(plane, [0, 0, 0], view, { pixel: 1, convention });
        const worlds: Record<string, Point> = {
          L: [-80, 0, 0],
          R: [80, 0, 0],
          A: [0, 80, 0],
          P: [0, -80, 0],
          S: [0, 0, 80],
          I: [0, 0, -80],
        };
        const at = (letter: string) => onPlane(slice, worlds[letter] as Point);
        const middle = (slice.size - 1) / 2;
        expect(at(slice.marks.left).column).toBeLessThan(middle - 50);
        expect(at(slice.marks.right).column).toBeGreaterThan(middle + 50);
        expect(at(slice.marks.top).row).toBeLessThan(middle - 50);
        expect(at(slice.marks.bottom).row).toBeGreaterThan(middle + 50);
      }
    },
  );

  test("are drawn where they belong, with the badge and the coordinate", () => {
    const slice = slicePlane("axial", blob, view, { pixel: 1 });
    const { markup } = sliceFigure(slice, { pictures: [], label: "test" });
    const letter = (text: string) =>
      markup.match(new RegExp(`<text class="mark side drawn" x="([\\d.]+)"[^>]*>${text}</text>`))?.[1];
    expect(Number(letter("L"))).toBe(196); // viewer's right
    expect(Number(letter("R"))).toBe(4);
    expect(markup).toContain(">RAD</text>");
    expect(markup).toContain("z +12 mm");
    // What the page shows once the reader has turned it, in the mirrored picture.
    expect(markup).toMatch(/<text class="mark side mirrored" x="196"[^>]*>R<\/text>/);
    expect(markup).toMatch(/<text class="badge mirrored"[^>]*>NEURO<\/text>/);
  });
});
