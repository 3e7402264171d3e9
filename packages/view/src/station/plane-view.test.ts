import { describe, expect, test } from "vitest";
import type { PlaneView } from "./plane-view.ts";
import { edgeLetters, pixelAt, planeFrame, planeNames, worldAt } from "./plane-view.ts";

const view = (change: Partial<PlaneView> = {}): PlaneView => ({
  plane: "axial",
  convention: "RAD",
  noseLeft: true,
  centre: [10, 20, 30],
  at: 5,
  scale: 0.5,
  width: 200,
  height: 100,
  ...change,
});

describe("a cut in a window", () => {
  test.each([
    // 200 x 100 px of 0.5 mm: 50 mm to each side of the middle, 25 mm up and down.
    ["axial RAD", {}, [60, 45, 5], [-0.5, 0, 0]],
    ["axial NEURO", { convention: "NEURO" }, [-40, 45, 5], [0.5, 0, 0]],
    ["coronal RAD", { plane: "coronal" }, [60, 5, 55], [-0.5, 0, 0]],
    ["sagittal, nose left", { plane: "sagittal" }, [5, 70, 55], [0, -0.5, 0]],
    ["sagittal, nose right", { plane: "sagittal", noseLeft: false }, [5, -30, 55], [0, 0.5, 0]],
  ] as const)("%s: corner and step to the right by hand", (_, change, corner, right) => {
    const frame = planeFrame(view(change));
    expect(frame.corner).toEqual(corner);
    expect(frame.right).toEqual(right);
  });

  test("the middle of the window is the view's centre, moved onto the cut", () => {
    expect(worldAt(view(), 100, 50)).toEqual([10, 20, 5]);
    expect(pixelAt(view(), [10, 20, 8])).toEqual({ x: 100, y: 50, distance: 3 });
  });

  test("there and back for every plane, side and nose", () => {
    for (const plane of planeNames)
      for (const convention of ["RAD", "NEURO"] as const)
        for (const noseLeft of [true, false]) {
          const v = view({ plane, convention, noseLeft });
          const { x, y, distance } = pixelAt(v, worldAt(v, 17, 83));
          // Doubles: 1e-9 px is rounding.
          expect(Math.abs(x - 17) + Math.abs(y - 83) + Math.abs(distance)).toBeLessThan(1e-9);
        }
  });

  test("the letter at an edge is the side that lies there", () => {
    const axis = { R: 0, L: 0, A: 1, P: 1, S: 2, I: 2 } as const;
    const sign = { R: 1, L: -1, A: 1, P: -1, S: 1, I: -1 } as const;
    for (const plane of planeNames)
      for (const convention of ["RAD", "NEURO"] as const)
        for (const noseLeft of [true, false]) {
          const v = view({ plane, convention, noseLeft, centre: [0, 0, 0], at: 0 });
          const letters = edgeLetters(v);
          const ends = { left: [0, 50], right: [200, 50], top: [100, 0], bottom: [100, 100] } as const;
          for (const [edge, [x, y]] of Object.entries(ends)) {
            const letter = letters[edge as keyof typeof ends] as keyof typeof axis;
            const world = worldAt(v, x, y)[axis[letter]] as number;
            expect(Math.sign(world)).toBe(sign[letter]);
          }
        }
  });
});
