import { beforeEach, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { listProjector, stackProjector } from "./line-projectors.ts";
import type { ImageGrid, LineStack } from "./lines.ts";

const grid: ImageGrid = { shape: [12, 10, 6], size: [2, 2, 3], origin: [-11, -9, -7.5] };
const stack: LineStack = {
  rays: Float64Array.of(50, 3, -50, 3, 20, 40, -25, -38, 35, 35, -35, -35, 4, 45, 4, -45),
  planes: Float64Array.of(-4.5, -4.5, -6, 9, 7.5, -3),
};

test("along x through voxel centres: the sum of a row times the voxel's edge", () => {
  const image = new Float32Array(720);
  for (let x = 0; x < 12; x++) image[x + 12 * 6 + 120 * 1] = x + 1;
  const values = stackProjector(stack, grid).forward(image);
  expect(values[0]).toBeCloseTo(2 * 78, 5);
});

test("all-ones: the length of the chord between the outermost centres' faces, half a voxel beyond each", () => {
  const values = stackProjector(stack, grid).forward(new Float32Array(720).fill(1));
  expect(values[0]).toBeCloseTo(24, 5);
  expect(values[1]).toBeCloseTo(24 * Math.hypot(1, 15 / 100), 5);
  expect(values[9]).toBeCloseTo(20, 5);
});

test("45 degrees: x is the principal axis", () => {
  const image = new Float32Array(720);
  image[5 + 12 * 5 + 120] = 1;
  const diagonal = { rays: Float64Array.of(40, 41.5, -40, -38.5), planes: Float64Array.of(-4.5, -4.5) };
  // y = x + 1.5: at x = -1 the line is at y = 0.5, a quarter of a voxel below the centre at 1.
  expect(stackProjector(diagonal, grid).forward(image)[0]).toBeCloseTo(0.75 * 2 * Math.SQRT2, 5);
});

test("time-of-flight bins add up to the line without them", () => {
  const random = seededRandom(3);
  const image = Float32Array.from({ length: 720 }, () => random.uniform());
  const tof = { bins: 21, width: 8, sigma: 10 };
  const plain = stackProjector(stack, grid).forward(image);
  const binned = stackProjector({ ...stack, tof }, grid).forward(image);
  for (const [i, value] of plain.entries()) {
    const ray = Math.floor(i / 3);
    let sum = 0;
    for (let bin = 0; bin < 21; bin++) sum += binned[(ray * 21 + bin) * 3 + (i % 3)]!;
    expect(Math.abs(sum - value)).toBeLessThan(1e-5 * (1 + value));
  }
});

test("forward and adjoint pass the dot test, also in a subset", () => {
  const projector = stackProjector({ ...stack, tof: { bins: 5, width: 12, sigma: 10 } }, grid);
  expect(dotTest(projector)).toBeLessThan(1e-6);
  expect(dotTest(projector.subset(Int32Array.of(2, 0)))).toBeLessThan(1e-6);
});

/** Which forms other files of this process have left loaded must not tell what is tested here. */
beforeEach(() => {
  unregisterKernels();
  unregisterCrew();
});

test.each([
  // The reference walks both through the same samples in the same order.
  ["the reference, to the bit", false, 0],
  // The compiled kernels add in float32, lines step by step and stacks in running sums of a block: twelve steps here, each of
  // which may round by 6e-8 of the sum; two units in the last place are allowed.
  ["compiled, to two units in the last place", true, 2.4e-7],
] as const)(
  "single lines give what the stack gives, TOF by the middle of each line's bin: %s",
  async (_, compiled, rtol) => {
    if (compiled) await loadKernels({ threads: 1 });
    const random = seededRandom(4);
    const image = Float32Array.from({ length: 720 }, () => random.uniform());
    const tof = { bins: 5, width: 12, sigma: 10 };
    const ends = Float64Array.of(20, 40, -6, -25, -38, 9, 20, 40, -6, -25, -38, 9);
    const list = { ends, tof: { position: Float32Array.of(0, 12), width: 12, sigma: 10 } };
    const [middle, next] = listProjector(list, grid).forward(image);
    const binned = stackProjector({ ...stack, tof }, grid).forward(image);
    expect([middle, next] as number[]).toBeAllclose([binned[(5 + 2) * 3 + 1], binned[(5 + 3) * 3 + 1]] as number[], {
      rtol,
      atol: 0,
    });
  },
);

test.each([
  ["a line along the axis", { rays: Float64Array.of(1, 1, 1, 1) }, "bad-lines"],
  ["half a ray", { rays: Float64Array.of(1, 1) }, "bad-lines"],
  ["a plane nowhere", { planes: Float64Array.of(Number.NaN, 1) }, "bad-lines"],
  ["TOF bins of no width", { tof: { bins: 3, width: 0, sigma: 1 } }, "bad-lines"],
])("refuses %s", (_, change, code) => {
  expect(() => stackProjector({ ...stack, ...change }, grid)).toThrow(expect.objectContaining({ code }));
});

test("refuses images and data of other lengths, and rays that are not there", () => {
  const projector = stackProjector(stack, grid);
  const short = expect.objectContaining({ code: "shape-mismatch" });
  expect(() => projector.forward(new Float32Array(719))).toThrow(short);
  expect(() => projector.adjoint(new Float32Array(11))).toThrow(short);
  expect(() => projector.subset(Int32Array.of(4))).toThrow(expect.objectContaining({ code: "bad-subset" }));
});
