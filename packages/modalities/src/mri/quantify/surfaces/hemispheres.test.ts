import { affineOf, type Grid, type LabelVolume, type Point, type Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headTissueNames, headTissues } from "../head-tissue/head-tissues.ts";
import { icosphere } from "../sphere.ts";
import { brainParts, partBrain } from "./brain-parts.ts";
import { importedCortex, midGreyCortex } from "./cortex.ts";
import { hemisphereMask, hemispheres } from "./hemispheres.ts";
import { regionMarkers } from "./region-markers.ts";
import { isDeep, isVentricle, partAt, templateMarkers } from "./template-markers.ts";

const { left, right, below } = brainParts;

describe("places of MNI space", () => {
  test.each([
    ["hand area, left", [-38, -24, 56], left],
    ["hand area, right", [38, -24, 56], right],
    ["temporal pole, right", [42, 14, -32], right],
    ["occipital pole, left", [-12, -98, 2], left],
    ["fusiform gyrus, left", [-38, -42, -12], left],
    ["cerebellar hemisphere, right", [32, -62, -42], below],
    ["vermis", [0, -62, -24], below],
    ["pons", [0, -28, -34], below],
    ["medulla", [0, -40, -58], below],
    ["midline of the callosum: not sure", [0, 4, 18], 0],
    ["tentorium: not sure", [20, -62, -15], 0],
  ] as const)("%s", (_, [x, y, z], part) => expect(partAt(x, y, z)).toBe(part));
  test("left and right mirror each other everywhere", () => {
    for (let i = 0; i < 2000; i++) {
      const [x, y, z] = [1 + ((i * 13) % 70), -105 + ((i * 29) % 175), -60 + ((i * 41) % 140)];
      const [r, l] = [partAt(x, y, z), partAt(-x, y, z)];
      expect(l).toBe(r === right ? left : r);
    }
  });
  test("thalamus, putamen and hippocampus are deep, insula and cingulate are not; ventricles are wider for fluid", () => {
    const deep: readonly Point[] = [
      [-10, -18, 8],
      [26, 4, 2],
      [27, -20, -14],
    ];
    const outside: readonly Point[] = [
      [38, 2, 2],
      [-6, 10, 38],
      [6, -46, 28],
    ];
    for (const [x, y, z] of deep) expect(isDeep(x, y, z)).toBe(true);
    for (const [x, y, z] of outside) expect(isDeep(x, y, z) || isVentricle(x, y, z)).toBe(false);
    expect([isDeep(-16, -20, 27), isVentricle(-16, -20, 27)]).toEqual([false, true]);
  });
});

describe("parting by cost", () => {
  const grid: Grid = { shape: [11, 1, 1], affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), space: "made" };
  const row = (text: string): { white: Uint8Array; grey: Uint8Array; fluid: Uint8Array } => ({
    white: Uint8Array.from(text, (c) => (c === "w" ? 1 : 0)),
    grey: Uint8Array.from(text, (c) => (c === "g" ? 1 : 0)),
    fluid: Uint8Array.from(text, (c) => (c === "f" ? 1 : 0)),
  });
  const markers = Uint8Array.from("10000000002", Number);
  const none = new Float32Array(11);
  test("half way through one tissue", () => {
    expect([...partBrain(grid, markers, row("wwwwwwwwwww"), none).parts].join("")).toBe("11111122222".slice(0, 11));
  });
  test("white matter is cheaper than grey: the border moves towards the grey side", () => {
    // From the left the seventh voxel costs 4 x 2 + 2 x 6 = 20, from the right 4 x 6 = 24.
    expect([...partBrain(grid, markers, row("wwwwwgggggg"), none).parts].join("")).toBe("11111112222");
  });
  test("a voxel with half a share of CSF holds both sides", () => {
    const csf = none.slice();
    csf[8] = 0.5;
    expect([...partBrain(grid, markers, row("ggggggggggg"), csf).parts].join("").slice(0, 8)).toBe("11111111");
  });
  test("what no path reaches is counted; without a right side it is refused", () => {
    const { parts, unreached } = partBrain(grid, markers, row("ww.ww.wwwww"), none);
    expect([[...parts].join(""), unreached]).toEqual(["11000022222", 2]);
    expect(() => partBrain(grid, new Uint8Array(11).fill(1), row("wwwwwwwwwww"), none)).toThrow(
      expect.objectContaining({ code: "empty-region" }),
    );
    expect(() => partBrain(grid, markers, row("ww"), none)).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
  });
});

/** Two balls of white matter in grey, joined by a bar of white matter, over a smaller one: MNI mm, on a grid turned round in x. */
function madeBrain(): { labels: LabelVolume; csf: Float32Array } {
  const shape = [50, 54, 60] as const;
  const affine = affineOf([-2, 0, 0, 49, 0, 2, 0, -84, 0, 0, 2, -62]);
  const data = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => {
    const x = 49 - 2 * (i % shape[0]);
    const y = -84 + 2 * (Math.floor(i / shape[0]) % shape[1]);
    const z = -62 + 2 * Math.floor(i / (shape[0] * shape[1]));
    const cerebrum = Math.hypot(Math.abs(x) - 24, y + 20, z - 30);
    const cerebellum = Math.hypot(x, y + 60, z + 40);
    if (cerebrum < 16 || (Math.abs(x) < 12 && Math.hypot(y + 20, z - 30) < 5)) return headTissues.white;
    if (cerebrum < 20 || cerebellum < 18) return headTissues.grey;
    return Math.hypot(x, y + 30, z - 10) < 72 ? headTissues.csf : 0;
  });
  const labels: LabelVolume = { shape, affine, space: "subject:T1w", data, names: headTissueNames };
  return { labels, csf: Float32Array.from(data, (l) => (l === headTissues.csf ? 1 : 0)) };
}

describe("a made brain of two balls over a third", () => {
  const { labels, csf } = madeBrain();
  const place = (p: Point): Point => p;
  const head = hemispheres(labels, csf, (inside) => templateMarkers(labels, inside, place));
  const sides = (surface: Surface): { left: number; right: number } => {
    let [l, r] = [0, 0];
    for (let v = 0; v < surface.vertices.length; v += 3)
      if ((surface.vertices[v] as number) < 0) l++;
      else r++;
    return { left: l, right: r };
  };
  test("each ball is its part, and the bar is cut in the middle", () => {
    const volume = (part: number): number =>
      head.parts.data.filter((p, i) => p === part && (labels.data[i] as number) >= 4).length * 0.008;
    const ball = (4 / 3) * Math.PI * 20 ** 3 * 1e-3;
    // Bar and voxels of 2 mm.
    for (const part of [left, right]) expect(Math.abs(volume(part) / ball - 1)).toBeLessThan(0.03);
    expect(Math.abs(volume(below) / ((4 / 3) * Math.PI * 5.832) - 1)).toBeLessThan(0.05);
    expect(head.qc.map(({ name, verdict }) => [name, verdict])).toContainEqual(["hemisphere-asymmetry", "ok"]);
  });
  test("the left cortex lies left of the middle, the right one right, whatever way the voxels run", () => {
    for (const side of ["left", "right"] as const) {
      const { surface, qc } = midGreyCortex(labels, hemisphereMask(head, side), { vertices: 800, filled: head.deep });
      const found = sides(surface);
      expect(found[side]).toBeGreaterThan(0.99 * 800);
      const named = new Map(qc.map(({ name, value }) => [name, value]));
      expect([named.get("cortex-genus"), named.get("cortex-self-intersections")]).toEqual([0, 0]);
      // Voxels of 2 mm.
      expect(named.get("cortex-to-ribbon-middle")).toBeLessThan(0.6);
    }
  });
  test("a cortex brought along is taken on its side, refused on the other and elsewhere", () => {
    const { vertices, faces } = icosphere(4);
    const ball = (x: number): Surface => ({
      space: "file",
      vertices: Float32Array.from(vertices, (v, i) => 18 * v + ([x, -20, 30][i % 3] as number)),
      faces: Uint32Array.from(faces),
    });
    const { surface, qc, inflated } = importedCortex(ball(24), head, "right");
    expect([surface.space, inflated.faces]).toEqual(["subject:T1w", surface.faces]);
    expect(qc.find(({ name }) => name === "cortex-area")?.value).toBeCloseTo(4 * Math.PI * 3.24, 0);
    expect(() => importedCortex(ball(24), head, "left")).toThrow(expect.objectContaining({ code: "wrong-side" }));
    expect(() => importedCortex(ball(124), head, "right")).toThrow(expect.objectContaining({ code: "no-overlap" }));
  });
  test("a mirrored place tells the sides the other way round", () => {
    const turned = hemispheres(labels, csf, (inside) => templateMarkers(labels, inside, ([x, y, z]) => [-x, y, z]));
    const swapped = turned.parts.data.map((p) => (p === left ? right : p === right ? left : p));
    const differ = swapped.filter((p, i) => p !== head.parts.data[i]).length;
    // Of two ways of one cost the first is taken: the middle layer of the bar may differ.
    expect(differ).toBeLessThan(100);
  });
});

test("labels of FreeSurfer: sides, what lies below, and what is deep", () => {
  const codes = [0, 2, 41, 3, 42, 7, 47, 16, 10, 49, 4, 14, 251, 1021, 2021, 3021, 4021];
  const grid: Grid = { shape: [17, 1, 1], affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), space: "made" };
  const { markers, deep } = regionMarkers({ ...grid, data: Int32Array.from(codes), names: new Map() });
  expect([...markers].join("")).toBe("01212333121001212");
  expect([...deep].join("")).toBe("00000000111100000");
  expect(() => regionMarkers({ ...grid, data: Int32Array.from(codes, () => 2), names: new Map() })).toThrow(
    expect.objectContaining({ code: "unknown-label" }),
  );
});

test("shares of CSF on another grid are refused", () => {
  const { labels } = madeBrain();
  const mark = (): never => {
    throw new Error("not asked");
  };
  expect(() => hemispheres(labels, new Float32Array(3), mark)).toThrow(
    expect.objectContaining({ code: "shape-mismatch" }),
  );
});
