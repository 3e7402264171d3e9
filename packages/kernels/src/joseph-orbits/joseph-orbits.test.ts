import { afterAll, describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { stackProjector } from "../joseph/line-projectors.ts";
import type { ImageGrid, LineStack } from "../joseph/lines.ts";
import { referenceStackProjector } from "../joseph/reference-projector.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { orbitGroups, rayOrbits } from "./orbits.ts";

const random = seededRandom(17);
const filled = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.uniform());

function square(n: number, nz: number): ImageGrid {
  return { shape: [n, n, nz], size: [8, 8, 2], origin: [-4 * (n - 1), -4 * (n - 1), 1 - nz] };
}

/** Rays of a ring of 340 mm, those at 0 and 45 degrees among them; the outermost miss the image. */
function rays(views: number, bins: number): Float64Array {
  const out: number[] = [];
  for (let view = 0; view < views; view++) {
    const [c, n] = [Math.cos((Math.PI * view) / views), Math.sin((Math.PI * view) / views)];
    for (let bin = 0; bin < bins; bin++) {
      const s = (bin - (bins - 1) / 2) * (320 / bins);
      const h = Math.sqrt(170 ** 2 - s * s);
      out.push(s * c + h * n, s * n - h * c, s * c - h * n, s * n + h * c);
    }
  }
  return Float64Array.from(out);
}

/** All pairs of rings of blocks with gaps, about the middle of the axis. */
function pairs(blocks: number, crystals: number, pitch: number, gap: number): Float64Array {
  const last = blocks * crystals - 1;
  const place = (i: number): number => i * pitch + Math.floor(i / crystals) * gap;
  const z = Array.from({ length: last + 1 }, (_, i) => place(i) - place(last) / 2);
  return Float64Array.from(z.flatMap((za) => z.flatMap((zb) => [za, zb])));
}

const stacks: readonly (readonly [name: string, stack: LineStack, grid: ImageGrid])[] = [
  ["blocks with gaps, two voxels a ring", { rays: rays(8, 11), planes: pairs(3, 5, 4, 1.3) }, square(24, 31)],
  ["blocks of ten, an odd number of voxels", { rays: rays(12, 8), planes: pairs(2, 10, 2, 0.9) }, square(25, 40)],
  ["rings beside the image, steep lines", { rays: rays(8, 9), planes: pairs(3, 4, 8, 3) }, square(26, 33)],
  ["a pitch that suits no voxel", { rays: rays(8, 12), planes: pairs(1, 7, 3.7, 0) }, square(27, 16)],
];
const relaxedHere = await loadKernels({ threads: 1 }).then((names) => names.includes("joseph-orbits.relaxed"));
const forms = [[1, false], [2, false], ...(relaxedHere ? ([[2, true]] as const) : [])] as const;
afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

function rms(a: ArrayLike<number>, b: Float32Array): number {
  let [apart, size] = [0, 0];
  for (const [i, value] of b.entries()) {
    apart += (a[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(apart / size);
}

describe.each(stacks)("%s", (_, stack, grid) => {
  const reference = referenceStackProjector(stack, grid);
  const image = filled(reference.domain);
  const data = filled(reference.range);
  const [there, back] = [reference.forward(image), reference.adjoint(data)];
  const perRay = there.length / (stack.rays.length / 4);

  test.each(forms)(
    "%i threads, relaxed %s: the reference within 1e-6 RMS, adjoint within 1e-6",
    async (threads, relaxed) => {
      await loadKernels({ threads, relaxed });
      const projector = stackProjector(stack, grid);
      expect(projector.kernel).toContain("joseph-orbits");
      // Either way leaves its rows in the scratch that the other uses: both orders.
      for (let turn = 0; turn < 2; turn++) {
        expect(rms(projector.forward(image), there)).toBeLessThan(1e-6);
        expect(rms(projector.adjoint(data), back)).toBeLessThan(1e-6);
      }
      expect(dotTest(projector)).toBeLessThan(1e-6);
      projector.close();
    },
  );

  test("subsets, rays twice and lone ones give the same values; forward does not depend on threads", async () => {
    await loadKernels({ threads: 1 });
    const alone = stackProjector(stack, grid);
    const values = alone.forward(image);
    alone.close();
    await loadKernels({ threads: 2 });
    const projector = stackProjector(stack, grid);
    expect(projector.forward(image)).toEqual(values);
    const chosen = Int32Array.of(20, 5, 6, 6, 21);
    const part = projector.subset(chosen);
    const some = part.forward(image);
    const masked = new Float32Array(values.length);
    for (const [i, ray] of chosen.entries()) {
      const own = values.subarray(ray * perRay, (ray + 1) * perRay);
      expect(some.subarray(i * perRay, (i + 1) * perRay)).toEqual(own);
      for (let k = 0; k < perRay; k++) masked[ray * perRay + k]! += own[k]!;
    }
    expect(rms(part.adjoint(some), projector.adjoint(masked))).toBeLessThan(1e-6);
    projector.close();
  });

  test("an update in one pass is A'(y / (A x + b)) of its own A and A'", async () => {
    await loadKernels({ threads: 2 });
    const projector = stackProjector(stack, grid);
    const operator = projector.counted!(true);
    operator.counts.set(data);
    operator.background!.fill(40);
    const ratios = projector.forward(image).map((p, i) => data[i]! / (p + 40));
    const found = operator.update(image, true);
    expect(rms(found.back, projector.adjoint(ratios))).toBeLessThan(1e-6);
    const logarithms = there.reduce((sum, p, i) => sum + data[i]! * Math.log(p + 40), 0);
    expect(found.logarithms / logarithms).toBeCloseTo(1, 6);
    expect(found.unexplained).toBe(0);
    projector.close();
  });
});

test("orbits: 16 rays of eight views that a quarter turn and a mirror take into each other, by hand", () => {
  // Views at 0, 22.5, ... degrees, two bins: 0 and 90 are one orbit of four lanes, 45 and 135 two lanes on either side.
  const stack = { rays: rays(8, 2), planes: Float64Array.of(0, 0) };
  const orbits = rayOrbits(stack, square(24, 3))!;
  const lanes = orbits.map(({ sides }) => sides.map(({ rays: found }) => found.filter((ray) => ray >= 0).length));
  expect(lanes.sort()).toEqual([
    [2, 2],
    [4, 0],
    [4, 4],
  ]);
  expect(
    orbits
      .flatMap(({ sides }) => sides.flatMap((side) => side.rays))
      .filter((ray) => ray >= 0)
      .sort((a, b) => a - b),
  ).toEqual(Array.from({ length: 16 }, (_, i) => i));
  // Data of the same ray twice begin a second group.
  expect(orbitGroups(orbits, Int32Array.of(3, 3)).length).toBe(22);
});

test("images that a quarter turn changes, planes without their opposite and few filled lanes go another way", async () => {
  await loadKernels({ threads: 1 });
  const [, stack, grid] = stacks[0]!;
  const [{ rays: all, planes }, { origin }] = [stack, grid];
  const kernels = [
    [stack, { ...grid, shape: [24, 22, 31] as const }],
    [stack, { ...grid, size: [8, 7, 2] as const }],
    [stack, { ...grid, origin: [origin[0] + 1, origin[1], origin[2]] as const }],
    [{ rays: all, planes: Float64Array.of(...planes.subarray(0, 2), ...planes.subarray(4)) }, grid],
    [{ rays: all.subarray(0, 44), planes }, grid],
    [{ rays: Float64Array.of(...all, ...all.subarray(0, 4)), planes }, grid],
  ] as const;
  for (const [lines, image] of kernels) {
    const projector = stackProjector(lines, image);
    expect(projector.kernel).toContain("joseph-stack");
    projector.close();
  }
  const projector = stackProjector(stack, grid);
  expect(() => projector.subset(Int32Array.of(88))).toThrow(expect.objectContaining({ code: "bad-subset" }));
  expect(() => projector.forward(new Float32Array(3))).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  projector.close();
});
