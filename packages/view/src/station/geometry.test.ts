import { affineOf, invert } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { layoutNames, layoutPanes, paneAt } from "./layout.ts";
import { meshHit, spotAt } from "./pick.ts";
import { valueAt } from "./volume-value.ts";

describe("panes", () => {
  test("2 x 2 by hand: 2 pixels between, edges filled", () => {
    const panes = layoutPanes("quad", { width: 402, height: 302 });
    expect(panes.map(({ id, x, y, width, height }) => [id, x, y, width, height])).toEqual([
      ["axial", 0, 0, 200, 150],
      ["coronal", 202, 0, 200, 150],
      ["sagittal", 0, 152, 200, 150],
      ["3d", 202, 152, 200, 150],
    ]);
  });

  test("panes of every layout stay on the canvas and do not overlap", () => {
    for (const layout of layoutNames) {
      const panes = layoutPanes(layout, { width: 731, height: 413, layers: ["a", "b", "c"] });
      for (const [i, p] of panes.entries()) {
        expect(p.x >= 0 && p.y >= 0 && p.x + p.width <= 731 && p.y + p.height <= 413).toBe(true);
        for (const q of panes.slice(i + 1))
          expect(p.x + p.width <= q.x || q.x + q.width <= p.x || p.y + p.height <= q.y || q.y + q.height <= p.y).toBe(
            true,
          );
      }
    }
  });

  test("one pane fills the canvas when asked, and a point finds its pane", () => {
    expect(layoutPanes("quad", { width: 400, height: 300, maximised: "3d" })).toMatchObject([
      { id: "3d", x: 0, y: 0, width: 400, height: 300 },
    ]);
    const panes = layoutPanes("quad", { width: 402, height: 302 });
    expect(paneAt(panes, 250, 10)?.id).toBe("coronal");
    expect(paneAt(panes, 201, 10)).toBeUndefined();
  });
});

describe("picking", () => {
  const vertices = Float32Array.of(0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 5, 10, 0, 5, 0, 10, 5);
  const faces = Uint32Array.of(0, 1, 2, 3, 4, 5);

  test("the first of two triangles along the ray", () => {
    expect(meshHit({ vertices, faces }, [2, 3, 20], [0, 0, -1])).toEqual([2, 3, 5]);
    expect(meshHit({ vertices, faces }, [2, 3, -20], [0, 0, 1])).toEqual([2, 3, 0]);
  });

  test("beside the triangle, behind the eye and along its plane there is none", () => {
    expect(meshHit({ vertices, faces }, [8, 8, 20], [0, 0, -1])).toBeUndefined();
    expect(meshHit({ vertices, faces }, [2, 3, 20], [0, 0, 1])).toBeUndefined();
    expect(meshHit({ vertices, faces }, [-5, 3, 5], [1, 0, 0])).toBeUndefined();
  });

  test("of spots under the pointer the one nearest to the eye, of equally near ones the nearest on the screen", () => {
    const spots = [
      { x: 10, y: 10, depth: 0 },
      { x: 14, y: 10, depth: 50 },
      { x: 16, y: 10, depth: 52 },
    ];
    expect(spotAt(spots, 13, 10)).toBe(1);
    expect(spotAt(spots, 40, 10)).toBeUndefined();
  });
});

describe("the value under the crosshair", () => {
  // 2 x 2 x 1 voxels of 2 mm; the first one's centre at (-1, -1, 0).
  const inverse = invert(affineOf([2, 0, 0, -1, 0, 2, 0, -1, 0, 0, 2, 0, 0, 0, 0, 1]));
  const data = Float32Array.of(1, 2, 3, 8);

  test("trilinear between centres, the edge's value up to half a voxel beyond, nothing farther out", () => {
    expect(valueAt(data, [2, 2, 1], inverse, [-1, -1, 0])).toBe(1);
    expect(valueAt(data, [2, 2, 1], inverse, [0, 0, 0])).toBe(3.5);
    expect(valueAt(data, [2, 2, 1], inverse, [1.9, 1.9, 0.9])).toBe(8);
    expect(valueAt(data, [2, 2, 1], inverse, [2.1, 0, 0])).toBeNaN();
  });

  test("labels take the nearest voxel; a missing neighbour without weight spoils nothing", () => {
    expect(valueAt(data, [2, 2, 1], inverse, [0.4, 0.4, 0], true)).toBe(8);
    expect(valueAt(Float32Array.of(1, Number.NaN, 3, 8), [2, 2, 1], inverse, [-1, 0, 0])).toBe(2);
  });
});
