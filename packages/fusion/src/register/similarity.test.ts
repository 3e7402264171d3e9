import { identityAffine, rigid, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { bins, fixedSamples, greyRange, movingImage, normalisedMutualInformation, similarity } from "./similarity.ts";
import { downhillSimplex } from "./simplex.ts";

function volume(fill: (x: number, y: number, z: number) => number): Volume {
  const data = Float32Array.from({ length: 8000 }, (_, i) =>
    fill(i % 20, Math.floor(i / 20) % 20, Math.floor(i / 400)),
  );
  return {
    shape: [20, 20, 20],
    affine: identityAffine(),
    space: "a",
    unit: "1",
    frames: [{ start: 0, duration: 0 }],
    clock: "c",
    data,
  };
}

describe("normalisedMutualInformation", () => {
  test("by hand: two equal levels that tell each other give 2, independent ones give 1", () => {
    const joint = new Float64Array(bins * bins);
    joint[0] = 5;
    joint[bins + 1] = 5;
    expect(normalisedMutualInformation(joint, 10)).toBeCloseTo(2, 12);
    joint[1] = 5;
    joint[bins] = 5;
    expect(normalisedMutualInformation(joint, 20)).toBeCloseTo(1, 12);
    expect(normalisedMutualInformation(new Float64Array(bins * bins), 0)).toBe(1);
  });
});

describe("similarity", () => {
  const random = seededRandom(3);
  const image = volume((x, y, z) => Math.sin(x / 3) + Math.cos(y / 4) + 0.2 * z);
  const samples = fixedSamples(image, 1);

  test("is highest where the image lies on itself, also inverted, and overlap is the share inside", () => {
    const inverted = { ...image, data: image.data.map((v) => 7 - v) };
    for (const moving of [image, inverted]) {
      const here = similarity(samples, movingImage(moving), identityAffine());
      const away = similarity(samples, movingImage(moving), rigid([0, 0, 0], [2, 0, 0]));
      expect(here.nmi).toBeGreaterThan(away.nmi + 0.1);
      expect(here.overlap).toBeCloseTo((19 / 20) ** 3, 2); // the last plane has no neighbour to interpolate with
      expect(away.overlap).toBeCloseTo((17 / 20) * (19 / 20) ** 2, 2);
    }
  });

  test("scaling or shifting the grey values changes nothing", () => {
    const other = { ...image, data: image.data.map((v) => 300 * v - 40) };
    const map = rigid([5, 3, 1], [1, 0, 0.5]);
    const [a, b] = [image, other].map((m) => similarity(samples, movingImage(m), map).nmi);
    expect(b).toBeCloseTo(a!, 4); // float32 rounding of the values
  });

  test("noise tells nothing: 1 within the bias of 8000 samples in 48 x 48 cells", () => {
    const noise = volume(() => random.uniform());
    expect(similarity(samples, movingImage(noise), identityAffine()).nmi).toBeLessThan(1.03);
  });

  test("greyRange drops half a per cent at either end", () => {
    expect(greyRange(Float32Array.from({ length: 1001 }, (_, i) => i))).toEqual([5, 995]);
  });
});

test("downhillSimplex finds the minimum of Rosenbrock's valley", () => {
  const { x } = downhillSimplex(([a, b]) => (1 - a!) ** 2 + 100 * (b! - a! * a!) ** 2, [-1.2, 1], [0.5, 0.5], {
    evaluations: 600,
    tolerance: 1e-14,
  });
  expect(x).toBeAllclose([1, 1], { atol: 1e-4 });
});
