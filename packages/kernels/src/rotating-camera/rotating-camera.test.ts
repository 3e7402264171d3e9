import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import type { ImageGrid } from "../joseph/lines.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import type { CameraOptions, CameraViews } from "./camera-setup.ts";
import { cameraProjector } from "./rotating-camera.ts";
import { varianceTaps } from "./variance-taps.ts";

const random = seededRandom(3);
const centred = (shape: ImageGrid["shape"], voxel: number, along = voxel): ImageGrid => ({
  shape,
  size: [voxel, voxel, along],
  origin: [(-(shape[0] - 1) / 2) * voxel, (-(shape[1] - 1) / 2) * voxel, (-(shape[2] - 1) / 2) * along],
});
const around = (
  views: number,
  radius: number,
  more: Partial<CameraViews> & Pick<CameraViews, "columns" | "rows" | "size">,
): CameraViews => ({
  angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(radius),
  ...more,
});
/** STIR's example of a collimator: 1.466 mm at the face, 0.0163 mm more a mm. */
const sigma = (distance: number): number => 1.466 + 0.0163 * distance;

afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

describe("variance of the weights", () => {
  test.each([0.01, 0.2, 0.34, 0.5, 1, 4.3])("%f pixels squared, exactly", (variance) => {
    const taps = varianceTaps(variance);
    expect(taps.reduce((sum, w, k) => sum + (k === 0 ? w : 2 * w), 0)).toBeCloseTo(1, 12);
    expect(taps.reduce((sum, w, k) => sum + 2 * w * k * k, 0)).toBeCloseTo(variance, 9);
    expect(Math.min(...taps)).toBeGreaterThan(0);
  });
  test("none", () => expect([...varianceTaps(0)]).toEqual([1]));
});

const grid = centred([13, 15, 19], 6, 5);
const image = Float32Array.from({ length: 13 * 15 * 19 }, () => random.uniform());
const mu = image.map((x) => (x > 0.3 ? 0.1 + 0.1 * x : 0));
const odd: CameraViews = {
  columns: 14,
  rows: 19,
  size: [5.5, 5],
  angles: Float64Array.of(0, 0.4, 1.9, Math.PI, 4.1, 5.5),
  radii: Float64Array.of(60, 45, 70, 30, 55, 61),
};
const cases: readonly (readonly [string, CameraViews, CameraOptions])[] = [
  ["rotation alone", odd, {}],
  ["blur and attenuation, non-circular", odd, { sigma, attenuation: mu }],
  ["shifted axis", { ...odd, offsets: Float64Array.of(0, 1, -3, 2, 0, 6) }, { sigma }],
  ["fan beam", { ...odd, focalLength: 300 }, { sigma, attenuation: mu }],
];
const expected = new Map(
  cases.map(([name, views, options]) => {
    const projector = cameraProjector(views, grid, options);
    const there = projector.forward(image);
    return [name, { there, back: projector.adjoint(there) }] as const;
  }),
);

describe.each([
  ["float64 reference", 0],
  ["compiled, 1 thread", 1],
  ["compiled, 2 threads", 2],
])("%s", (_, threads) => {
  beforeAll(async () => {
    unregisterKernels();
    if (threads > 0) await loadKernels({ threads });
  });

  test.each(cases)("%s: equal to the reference, adjoint, subsets", (name, views, options) => {
    const projector = cameraProjector(views, grid, options);
    expect(projector.kernel).toContain(threads ? `${threads} thread` : "reference");
    const { there, back } = expected.get(name)!;
    const atol = (values: Float32Array): number => 2e-6 * Math.max(...values);
    const data = projector.forward(image);
    expect(data).toBeAllclose(there, { atol: atol(there) });
    expect(projector.adjoint(there)).toBeAllclose(back, { atol: atol(back) });
    expect(dotTest(projector)).toBeLessThan(1e-6);
    const part = projector.subset([4, 1]);
    const own = part.newData();
    expect(part.forward(image, own)).toBeAllclose([...data.subarray(4 * 266, 5 * 266), ...data.subarray(266, 532)], {
      rtol: 1e-7,
    });
    expect(dotTest(part)).toBeLessThan(1e-6);
    projector.close();
  });

  test("one voxel, by hand: where the docstring of the views puts it", () => {
    const views = around(4, 100, { columns: 13, rows: 19, size: [6, 5] });
    const projector = cameraProjector(views, centred([13, 13, 19], 6, 5));
    const point = new Float32Array(13 * 13 * 19);
    // 12 mm along +x, 18 mm along -y, 10 mm along +z
    point[8 + 13 * 3 + 169 * 11] = 2;
    const data = projector.forward(point);
    const columns = [0, 1, 2, 3].map((v) => data.subarray(v * 247, v * 247 + 247).findIndex((x) => x > 1) - 11 * 13);
    // a = 0 has columns along -y, a = pi/2 along +x, and so on
    expect(columns).toEqual([6 + 3, 6 + 2, 6 - 3, 6 - 2]);
    // 2 per mm over 6 mm
    expect(Math.max(...data)).toBeCloseTo(12, 4);
    projector.close();
  });

  test("what has its middle behind the face is not seen", () => {
    const near: CameraViews = {
      ...odd,
      columns: 13,
      size: [6, 5],
      angles: Float64Array.of(0),
      radii: Float64Array.of(20),
    };
    const projector = cameraProjector(near, centred([13, 13, 19], 6, 5));
    const line = projector.forward(new Float32Array(13 * 13 * 19).fill(1));
    // of the thirteen voxels across the middle, those at 24, 30 and 36 mm lie beyond 20 mm
    expect(line[9 * 13 + 6]).toBeCloseTo(10 * 6, 3);
    projector.close();
  });
});

describe("the physics, compiled", () => {
  beforeAll(async () => {
    unregisterKernels();
    await loadKernels();
  });

  test("K7: FWHM at five depths is 2.355 (slope d + sigma0) within 2 %, whatever the angle and the place in a voxel", () => {
    const [n, pixel] = [96, 2];
    const grid = centred([n, n, 33], pixel);
    for (const depth of [60, 90, 120, 150, 180]) {
      const views: CameraViews = around(24, 150, { columns: n, rows: 33, size: [pixel, pixel] });
      const angles = views.angles.map((a) => a + 0.05);
      // a voxel off the axis: its distance from the face is the radius less what it lies towards the camera
      const [i, j] = [60, 40];
      const [x, y] = [i, j].map((k) => (k - (n - 1) / 2) * pixel) as [number, number];
      const radii = angles.map((a) => depth + x * Math.cos(a) + y * Math.sin(a));
      const projector = cameraProjector({ ...views, angles, radii }, grid, { sigma });
      const point = new Float32Array(n * n * 33);
      point[i + n * (j + n * 16)] = 1;
      const data = projector.forward(point);
      let [sumAcross, sumAlong] = [0, 0];
      for (let v = 0; v < 24; v++) {
        const view = data.subarray(v * n * 33, (v + 1) * n * 33);
        const profile = Array.from({ length: n }, (_, c) =>
          sum(Array.from({ length: 33 }, (_, r) => view[r * n + c]!)),
        );
        const rows = Array.from({ length: 33 }, (_, r) => sum([...view.subarray(r * n, (r + 1) * n)]));
        sumAcross += gaussianFwhm(profile, pixel) / 24;
        sumAlong += gaussianFwhm(rows, pixel) / 24;
      }
      const wanted = 2.3548 * sigma(depth);
      // 0.6 % is what is measured
      expect(Math.abs(sumAcross / wanted - 1)).toBeLessThan(0.02);
      expect(Math.abs(sumAlong / wanted - 1)).toBeLessThan(0.02);
      projector.close();
    }
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Full width at half maximum by a parabola through the logarithms about the top. */
function gaussianFwhm(profile: readonly number[], pixel: number): number {
  const top = Math.max(...profile);
  const points = profile.flatMap((p, i) => (p > 0.3 * top ? [[i, Math.log(p / top)] as const] : []));
  const centre = sum(points.map(([i]) => i)) / points.length;
  const [s0, s1, s2, s3, s4] = [0, 1, 2, 3, 4].map((k) => sum(points.map(([i]) => (i - centre) ** k)));
  const [t0, t1, t2] = [0, 1, 2].map((k) => sum(points.map(([i, l]) => l * (i - centre) ** k)));
  // least squares of l = a + b x + c x^2; c = -1 / 2 sigma^2
  const m = [
    [s0!, s1!, s2!, t0!],
    [s1!, s2!, s3!, t1!],
    [s2!, s3!, s4!, t2!],
  ];
  for (let k = 0; k < 3; k++) {
    for (let r = k + 1; r < 3; r++) {
      const f = m[r]![k]! / m[k]![k]!;
      m[r] = m[r]!.map((v, c) => v - f * m[k]![c]!);
    }
  }
  return 2.3548 * Math.sqrt(-0.5 / (m[2]![3]! / m[2]![2]!)) * pixel;
}
