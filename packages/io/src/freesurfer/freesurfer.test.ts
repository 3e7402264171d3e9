import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { cRas } from "../mgh/geometry.ts";
import { readMgh } from "../mgh/read.ts";
import { readFreeSurferAnnot } from "./annot.ts";
import { readFreeSurferCurv } from "./curv.ts";
import { looksLikeFreeSurferSurface, readFreeSurferSurface } from "./surface.ts";

const folder = new URL("../../../../fixtures/surfaces/", import.meta.url);
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const octahedron = fixture("lh.octahedron");
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8"));

describe("an octahedron written by nibabel 5.4.2", () => {
  test("its vertices in scanner RAS through the footer's volume, as nibabel's affines carry them", () => {
    const surface = readFreeSurferSurface(octahedron);
    expect(surface.space).toBe("scanner");
    expect(surface.vertices).toBeAllclose(expected["lh.octahedron"].scanner, { atol: 1e-4 });
    expect(surface.faces.length).toBe(24);
  });
  test("as stored in tkRAS", () => {
    const { vertices, space } = readFreeSurferSurface(octahedron, { coordinates: "tkRAS" });
    expect(space).toBe("tkRAS");
    expect([...vertices.subarray(0, 3)]).toEqual([10, 0, 0]);
  });
  test("faces stay counter-clockwise from outside: the volume of the mesh is positive", () => {
    const { vertices, faces } = readFreeSurferSurface(octahedron);
    const at = (i: number): readonly number[] => [...vertices.subarray(3 * i, 3 * i + 3)];
    let sixfold = 0;
    for (let f = 0; f < faces.length; f += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => at(faces[f + k] as number)) as [number[], number[], number[]];
      const [ax, ay, az] = a as [number, number, number];
      const [bx, by, bz] = b as [number, number, number];
      const [cx, cy, cz] = c as [number, number, number];
      sixfold += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
    }
    // Octahedron of half axes 10, 12, 14: 4/3 of their product.
    expect(sixfold / 6).toBeCloseTo((4 / 3) * 10 * 12 * 14, 1);
  });
});

describe("the old forms, by hand", () => {
  const tetrahedron = [0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10];
  test("quadrangles in hundredths of a millimetre become two triangles each", () => {
    const bytes = new Uint8Array(9 + 24 + 12);
    bytes.set([0xff, 0xff, 0xff, 0, 0, 4, 0, 0, 1]);
    const view = new DataView(bytes.buffer);
    for (const [i, v] of tetrahedron.entries()) view.setInt16(9 + 2 * i, v * 100);
    bytes.set([0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3], 33);
    const { vertices, faces } = readFreeSurferSurface(bytes, { coordinates: "tkRAS" });
    expect([...vertices]).toEqual(tetrahedron);
    expect([...faces]).toEqual([0, 1, 2, 0, 2, 3]);
  });
  test("curvature in hundredths", () => {
    expect([...readFreeSurferCurv(Uint8Array.of(0, 0, 2, 0, 0, 1, 0, 50, 0xff, 0xce))]).toEqual([0.5, -0.5]);
  });
});

test("values and regions at vertices, written by nibabel 5.4.2", () => {
  expect([...readFreeSurferCurv(fixture("lh.curv"))]).toEqual([0.5, -0.25, 1, 2, 3, 4]);
  const { data, names } = readFreeSurferAnnot(fixture("lh.aparc.annot"));
  expect([...data]).toEqual([0, 1, 2, 2, 1, -1]);
  expect([...names.values()]).toEqual(["unknown", "precuneus", "insula"]);
});

describe("refusals", () => {
  const broken = (bytes: Uint8Array, place: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setInt32(place, value);
    return copy;
  };
  const end = octahedron.indexOf(10);
  test.each<[string, () => unknown, string]>([
    ["another file", () => readFreeSurferSurface(new Uint8Array(40)), "not-freesurfer-surface"],
    ["more vertices than bytes", () => readFreeSurferSurface(broken(octahedron, end + 2, 2 ** 20)), "truncated"],
    ["no vertices", () => readFreeSurferSurface(broken(octahedron, end + 2, 0)), "bad-dimensions"],
    ["a corner that is no vertex", () => readFreeSurferSurface(broken(octahedron, end + 10 + 72, 6)), "bad-face"],
    ["a vertex that is no number", () => readFreeSurferSurface(broken(octahedron, end + 10, 0x7fc00000)), "not-finite"],
    [
      "scanner RAS without a volume",
      () => readFreeSurferSurface(octahedron.subarray(0, end + 10 + 72 + 96)),
      "no-geometry",
    ],
    ["values of another count", () => readFreeSurferCurv(broken(fixture("lh.curv"), 3, 9)), "truncated"],
    ["two values a vertex", () => readFreeSurferCurv(broken(fixture("lh.curv"), 11, 2)), "bad-dimensions"],
    ["regions without names", () => readFreeSurferAnnot(fixture("lh.aparc.annot").subarray(0, 52)), "no-colour-table"],
    ["a vertex beyond the count", () => readFreeSurferAnnot(broken(fixture("lh.aparc.annot"), 4, 6)), "bad-vertex"],
    ["a table that ends early", () => readFreeSurferAnnot(fixture("lh.aparc.annot").subarray(0, 90)), "truncated"],
  ])("%s", (_, read, code) => {
    expect(read).toThrow(expect.objectContaining({ code }));
  });
  test("told by its bytes", () => {
    expect(looksLikeFreeSurferSurface(octahedron)).toBe(true);
    expect(looksLikeFreeSurferSurface(fixture("lh.curv"))).toBe(false);
  });
});

/** Means of nibabel 5.4.2 in tkRAS. */
const meanOf = {
  inner_skull: [0.63, -9.6428, 43.8489],
  outer_skull: [0.6796, -9.5474, 43.4642],
  outer_skin: [-0.3879, -0.1339, 23.1952],
};
describeRealData(
  "the BEM surfaces of the MNE sample subject",
  ["T1.mgz", ...Object.keys(meanOf).map((name) => `${name}.surf`)].map((name) => `multimodal/mne_sample/${name}`),
  (t1, ...paths) => {
    test("2562 vertices, 5120 faces; without a footer the T1 says where they lie", () => {
      const volume = readMgh(readFileSync(t1));
      for (const [i, mean] of Object.values(meanOf).entries()) {
        const bytes = readFileSync(paths[i] as string);
        expect(() => readFreeSurferSurface(bytes)).toThrow(expect.objectContaining({ code: "no-geometry" }));
        const tk = readFreeSurferSurface(bytes, { coordinates: "tkRAS" });
        const { vertices, faces } = readFreeSurferSurface(bytes, { volume });
        expect([vertices.length / 3, faces.length / 3]).toEqual([2562, 5120]);
        const centre = [0, 1, 2].map(
          (k) => tk.vertices.filter((_, j) => j % 3 === k).reduce((s, x) => s + x, 0) / 2562,
        );
        expect(centre).toBeAllclose(mean, { atol: 1e-3 });
        const shift = [0, 1, 2].map((k) => (vertices[k] as number) - (tk.vertices[k] as number));
        expect(shift).toBeAllclose(cRas(volume), { atol: 1e-3 });
      }
    });
  },
);
