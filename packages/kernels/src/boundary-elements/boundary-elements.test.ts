import type { Point } from "@quintet/core";
import { beforeAll, describe, expect, test } from "vitest";
import { median } from "../../../../testing/bench-line.ts";
import { icosphere } from "../../../modalities/src/mri/quantify/sphere.ts";
import { meshTopology } from "../mesh/mesh-topology.ts";
import { loadKernels } from "../pool/node.ts";
import { spherePotential } from "../sphere/sphere-potential.ts";
import { unregisterKernels, wasmKernel } from "../wasm/wasm.ts";
import {
  type BoundaryShell,
  boundaryPotentialsReference,
  linearSolidAngles,
  solidAnglesReference,
} from "./boundary-elements.ref.ts";
import { boundaryHead, boundaryLeadField } from "./boundary-elements.ts";
import { firstFree } from "./boundary-memory.ts";
import { hatRule, hatWeights } from "./hat-weights.ts";

/** mm and S/m of the three spheres of the known answers. */
const spheres = [
  [78.3, 0.33],
  [82.8, 0.0042],
  [90, 0.33],
] as const;
/** Spheres of triangles that enclose as much as the spheres they stand for. */
const shellsOf = (subdivisions: number): BoundaryShell[] =>
  spheres.map(([radius, conductivity]) => {
    const { vertices, faces } = icosphere(subdivisions);
    const unit = { vertices: Float32Array.from(vertices), faces: Uint32Array.from(faces) };
    // meshTopology takes mm and gives mL.
    const scale = radius * (((4 / 3) * Math.PI) / (1000 * meshTopology(unit).volume)) ** (1 / 3);
    return { vertices: Float64Array.from(vertices, (v) => v * scale), faces: unit.faces, conductivity };
  });
const lattice = (n: number, lowest: number, radius: number): Point[] =>
  Array.from({ length: n }, (_, i) => {
    const z = 1 - ((1 - lowest) * (i + 0.5)) / n;
    const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    return [radius * r * Math.cos(phi), radius * r * Math.sin(phi), radius * z];
  });
const electrodes = lattice(60, -0.3, 90);

/** RDM = |a/|a| - b/|b|| and MAG = |a|/|b| of two columns, each less its mean. */
function compared(a: readonly Float64Array[], b: readonly Float64Array[], column: number): [number, number] {
  const centred = (rows: readonly Float64Array[]): number[] => {
    const values = rows.map((row) => row[column]);
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    return values.map((v) => v - mean);
  };
  const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((s, x) => s + x * x, 0));
  const [x, y] = [centred(a), centred(b)];
  const [nx, ny] = [norm(x), norm(y)];
  return [norm(x.map((v, i) => v / nx - y[i] / ny)), nx / ny];
}
const exact = (places: readonly Point[]): Float64Array[] => {
  const rows = electrodes.map(() => new Float64Array(3 * places.length));
  const metres = electrodes.map(([x, y, z]): Point => [x / 1000, y / 1000, z / 1000]);
  const shells = spheres.map(([radius, conductivity]) => ({ radius: radius / 1000, conductivity }));
  for (const [i, p] of places.entries()) {
    const lead = spherePotential(metres, [p[0] / 1000, p[1] / 1000, p[2] / 1000], shells);
    for (const [e, row] of rows.entries()) row.set(lead.subarray(3 * e, 3 * e + 3), 3 * i);
  }
  return rows;
};

describe("linearSolidAngles", () => {
  const [a, b, c]: Point[] = [
    [1, 0, 0.2],
    [0, 1.2, 0],
    [-0.1, 0, 1],
  ];

  test.each<[Point]>([[[0, 0, 0]], [[0.1, 0.2, -0.3]], [[0.3, 0.45, 0.55]], [[3, 1, 1]], [[2, -1, 0.2]]])(
    "seen from %j they are the integrals over many small triangles",
    (p) => {
      // Midpoints of n^2 small triangles: the error falls as 1/n^2, so that two sizes give the limit to 1e-6 here.
      const sum = (n: number): number[] => {
        const out = [0, 0, 0];
        const u = b.map((v, k) => v - a[k]);
        const v = c.map((w, k) => w - a[k]);
        const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < 2 * (n - i) - 1; j++) {
            const down = j % 2;
            const [s, t] = [(i + (1 + down) / 3) / n, ((j - down) / 2 + (1 + down) / 3) / n];
            const d = a.map((x, k) => x + t * u[k] + s * v[k] - p[k]);
            const density = normal.reduce((q, w, k) => q + w * d[k], 0) / (2 * n * n * Math.hypot(...d) ** 3);
            for (const [k, h] of [1 - s - t, t, s].entries()) out[k] += h * density;
          }
        }
        return out;
      };
      const [coarse, fine] = [sum(150), sum(300)];
      const limit = fine.map((v, k) => v + (v - coarse[k]) / 3);
      expect(linearSolidAngles(p, a, b, c)).toBeAllclose(limit, { atol: 2e-6 });
    },
  );

  test("an octant's face takes 4 pi / 8, a third to each corner", () => {
    const [x, y, z]: Point[] = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(linearSolidAngles([0, 0, 0], x, y, z)).toBeAllclose(new Array(3).fill(Math.PI / 6), { atol: 1e-14 });
    expect(linearSolidAngles([0, 0, 0], x, z, y)).toBeAllclose(new Array(3).fill(-Math.PI / 6), { atol: 1e-14 });
  });

  test("a closed surface takes 2 pi at its own vertices, 4 pi inside and 0 outside", () => {
    const [brain, , scalp] = shellsOf(1);
    const total = (from: BoundaryShell, of: BoundaryShell): Float64Array =>
      Float64Array.from(solidAnglesReference(from, of), (row) => row.reduce((s, v) => s + v, 0));
    expect(total(brain, brain)).toBeAllclose(new Float64Array(42).fill(2 * Math.PI), { atol: 1e-12 });
    expect(total(brain, scalp)).toBeAllclose(new Float64Array(42).fill(4 * Math.PI), { atol: 1e-11 });
    expect(total(scalp, brain)).toBeAllclose(new Float64Array(42), { atol: 1e-11 });
  });
});

describe("hat functions as weights", () => {
  const shells = shellsOf(1).slice(0, 2);
  test("the rules hold polynomials of the second degree, at any depth", () => {
    // Of a^2, a b and 1 over a triangle of area 1: 2/12, 1/12 and 1.
    for (const depth of [0, 1, 2]) {
      const mean = (f: (a: number, b: number) => number): number =>
        hatRule(depth).reduce((sum, [a, b, w]) => sum + w * f(a, b), 0);
      expect([mean((a) => a * a), mean((a, b) => a * b), mean(() => 1)]).toBeAllclose([1 / 6, 1 / 12, 1], {
        atol: 1e-14,
      });
    }
  });
  test("areas add up to the surface, overlaps to 1 a vertex", () => {
    const cube: BoundaryShell = {
      vertices: Float64Array.of(0, 0, 0, 1000, 0, 0, 0, 1000, 0, 0, 0, 1000),
      faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
      conductivity: 1,
    };
    const { areas, overlaps } = hatWeights(cube);
    expect(areas.reduce((a, b) => a + b, 0)).toBeCloseTo(1.5 + Math.sqrt(3) / 2, 12);
    for (const row of overlaps) expect([...row.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
  test("compiled and plain give one lead field", async () => {
    const places: Point[] = [
      [0, 0, 0],
      [30, -30, 50],
    ];
    const field = (): readonly Float64Array[] =>
      boundaryLeadField(boundaryHead(shells, electrodes, { weighting: "galerkin" }), places);
    unregisterKernels();
    const plain = field();
    await loadKernels();
    const most = Math.max(...plain.flatMap((row) => [...row].map(Math.abs)));
    for (const [e, row] of field().entries()) expect(row).toBeAllclose(plain[e], { atol: 1e-9 * most });
  });
});

test("the compiled kernel's tables end below the memory it is given", async () => {
  await loadKernels();
  expect(wasmKernel("boundary-elements")?.(0).exports.firstFree?.()).toBeLessThan(firstFree);
});

describe.each(["wasm", "plain"])("boundary elements, %s", (device) => {
  beforeAll(async () => {
    if (device === "plain") unregisterKernels();
    else expect(await loadKernels()).toContain("boundary-elements");
  });

  test.each([
    [true, 0.0042],
    [false, 0.1],
  ])("equal to the reference at the vertices, isolated problem %s", (isolated, skull) => {
    const shells = shellsOf(1).map((s, k) => (k === 1 ? { ...s, conductivity: skull } : s));
    const scalp = shells[2].vertices;
    const at = Array.from({ length: 42 }, (_, i): Point => [scalp[3 * i], scalp[3 * i + 1], scalp[3 * i + 2]]);
    const head = boundaryHead(shells, at);
    expect(head.isolated).toBe(isolated);
    const places: Point[] = [
      [0, 0, 0],
      [20, -30, 40],
    ];
    const truth = boundaryPotentialsReference(shells, places, isolated);
    const got = boundaryLeadField(head, places);
    const most = Math.max(...truth.flatMap((row) => [...row].map(Math.abs)));
    for (const [i, row] of got.entries()) expect(row).toBeAllclose(truth[i], { atol: 1e-9 * most });
  });
});

describe("against the exact sphere", () => {
  beforeAll(async () => {
    await loadKernels();
  });
  const places = [0.02, 0.3, 0.5, 0.6, 0.7, 0.8].map((b): Point => [0.36 * b * 90, 0.48 * b * 90, 0.8 * b * 90]);
  const truth = exact(places);

  // What these meshes gave (median 0.072 and 0.022, largest 0.21 and 0.069; potentials up to 27 and 10 % too small), a tenth more:
  // edges of 24 and 12 mm before a skull of 4.5 mm and a dipole 6 mm from it. `npm run study -- eeg-forward` prints the table.
  test.each([
    ["collocation", 2, 0.08, 0.235, 0.3],
    ["collocation", 3, 0.025, 0.076, 0.115],
    // 0.0113, 0.074 and 0.020; 642 vertices give 0.0028, 0.0124 and 0.0032 in four seconds, which the study prints.
    ["galerkin", 2, 0.0125, 0.082, 0.022],
  ] as const)("%s on icosphere %i: RDM and MAG up to eccentricity 0.8", (weighting, subdivisions, middle, rdm, mag) => {
    const field = boundaryLeadField(boundaryHead(shellsOf(subdivisions), electrodes, { weighting }), places);
    const found = places.flatMap((_, i) => [0, 1, 2].map((k) => compared(field, truth, 3 * i + k)));
    const errors = found.map(([r]) => r);
    expect(median(errors)).toBeLessThan(middle);
    expect(Math.max(...errors)).toBeLessThan(rdm);
    expect(Math.max(...found.map(([, m]) => Math.abs(m - 1)))).toBeLessThan(mag);
  });
});

describe("refusals", () => {
  const shells = shellsOf(1);
  test.each<[string, () => unknown]>([
    ["bad-shells", () => boundaryHead([], electrodes)],
    ["bad-shells", () => boundaryHead([shells[0], { ...shells[1], conductivity: 0 }], electrodes)],
    ["bad-shells", () => boundaryHead([{ ...shells[0], faces: shells[0].faces.slice(3) }], electrodes)],
    ["bad-shells", () => boundaryHead([{ ...shells[0], faces: shells[0].faces.toReversed() }], electrodes)],
    ["bad-shells", () => boundaryHead(shells.toReversed(), electrodes)],
    ["bad-electrode", () => boundaryHead(shells, [])],
    ["bad-electrode", () => boundaryHead(shells, [[0, Number.NaN, 0]])],
    ["outside-brain", () => boundaryLeadField(boundaryHead(shells, electrodes), [[0, 0, 90]])],
  ])("%s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});
