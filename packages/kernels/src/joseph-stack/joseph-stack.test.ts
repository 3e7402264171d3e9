import { afterAll, describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { stackProjector } from "../joseph/line-projectors.ts";
import type { ImageGrid, LineStack } from "../joseph/lines.ts";
import { referenceStackProjector } from "../joseph/reference-projector.ts";
import { Crew, unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { countRoom } from "./counted.ts";
import { planeFamilies, planeStride, slopeGroups } from "./plane-groups.ts";
import { familyPairs, oppositeRays } from "./symmetries.ts";

const random = seededRandom(11);
const grid: ImageGrid = { shape: [26, 22, 41], size: [8, 9, 2], origin: [-100, -94.5, -40] };
const filled = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.uniform());

/** Rays at every angle, the 45-degree ones among them, some of which miss the image. */
function rays(views: number, bins: number): Float64Array {
  const out: number[] = [];
  for (let view = 0; view < views; view++) {
    const [c, n] = [Math.cos((Math.PI * view) / views), Math.sin((Math.PI * view) / views)];
    for (let bin = 0; bin < bins; bin++) {
      const s = (bin - (bins - 1) / 2) * (300 / bins);
      const h = Math.sqrt(170 ** 2 - s * s);
      out.push(s * c + h * n, s * n - h * c, s * c - h * n, s * n + h * c);
    }
  }
  return Float64Array.from(out);
}

/** Planes as a scanner of blocks has them: `crystals` rings at `pitch` mm in each block, all pairs of rings. */
function planes(blocks: number, crystals: number, pitch: number, gap: number): Float64Array {
  const z = Array.from(
    { length: blocks * crystals },
    (_, i) => (i - 0.5) * pitch + Math.floor(i / crystals) * gap - 30,
  );
  const order = z.flatMap((_, d) => (d === 0 ? [0] : [d, -d]));
  return Float64Array.from(
    order.flatMap((d) => z.flatMap((za, i) => (z[i + d] === undefined ? [] : [za, z[i + d] as number]))),
  );
}

/** Planes of one slope, 2 mm apart. */
const ramp = (first: number, count: number, rise: number): number[] =>
  Array.from({ length: count }, (_, i) => [first + 2 * i, first + rise + 2 * i]).flat();

const filledOnce = filled(26 * 22 * 41);
const tof = { bins: 13, width: 25, sigma: 24 };
const stacks: readonly (readonly [name: string, stride: number, stack: LineStack])[] = [
  ["half the pitch as voxel, span 1", 2, { rays: rays(12, 11), planes: planes(1, 14, 4, 0) }],
  ["the pitch as voxel", 1, { rays: rays(8, 11), planes: planes(1, 30, 2, 0) }],
  ["blocks with gaps", 2, { rays: rays(8, 11), planes: planes(3, 5, 4, 1.3) }],
  ["long families, block by block", 1, { rays: rays(9, 12), planes: planes(1, 40, 2, 0).subarray(0, 2 * 270) }],
  [
    "long families that reach out of the image",
    1,
    { rays: rays(8, 7), planes: planes(1, 60, 2, 0).subarray(0, 2 * 177) },
  ],
  [
    "long families of which one lacks its opposite",
    1,
    { rays: rays(8, 9), planes: Float64Array.from([...ramp(-24, 30, -6), ...ramp(-24, 30, 6), ...ramp(-30, 30, 6)]) },
  ],
  ["steep lines", 1, { rays: rays(8, 7), planes: Float64Array.of(-90, 90, 80, -40, -40, 80, 10, -100, 5, 5, 60, 10) }],
  ["a pitch that suits no voxel", 1, { rays: rays(8, 11), planes: planes(1, 8, 3.7, 0) }],
  ["time of flight, blocks with gaps", 1, { rays: rays(8, 7), planes: planes(2, 7, 2, 3.1), tof }],
  ["time of flight, two voxels apart", 1, { rays: rays(8, 7), planes: planes(1, 9, 4, 0), tof }],
];
const relaxedHere = await loadKernels({ threads: 1 }).then((names) => names.includes("joseph-stack.relaxed"));
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

describe.each(stacks)("%s", (_, stride, stack) => {
  const reference = referenceStackProjector(stack, grid);
  const image = filled(reference.domain);
  const data = filled(reference.range);
  const [there, back] = [reference.forward(image), reference.adjoint(data)];

  test.each(forms)(
    "%i threads, relaxed %s: the reference within 1e-6 RMS, adjoint within 1e-6",
    async (threads, relaxed) => {
      await loadKernels({ threads, relaxed });
      const projector = stackProjector(stack, grid);
      expect(projector.kernel).toContain(`stride of ${stride}, ${threads} thread`);
      // Forward leaves its rows in the scratch that back adds into: the order matters here.
      expect(rms(projector.forward(image), there)).toBeLessThan(1e-6);
      expect(rms(projector.adjoint(data), back)).toBeLessThan(1e-6);
      expect(dotTest(projector)).toBeLessThan(1e-6);
      projector.close();
    },
  );

  test("planes without counts are passed over: data in three parts, of runs of 23 planes, go back as all together", async () => {
    await loadKernels({ threads: 2 });
    const projector = stackProjector(stack, grid);
    const count = stack.planes.length / 2;
    const sum = new Float32Array(reference.domain);
    for (let part = 0; part < 3; part++) {
      const some = data.map((value, i) => (Math.floor((i % count) / 23) % 3 === part ? value : 0));
      for (const [j, value] of projector.adjoint(some).entries()) sum[j]! += value;
    }
    expect(rms(sum, back)).toBeLessThan(1e-6);
    projector.close();
  });

  test("an update in one pass is A'(y / (A x + b)) of the reference's A x and A', with its logarithms and what nothing explains", async () => {
    await loadKernels({ threads: 2 });
    const projector = stackProjector(stack, grid);
    // A line that all but misses the image has a sum of its own rounding: no counts there, some where a whole ray is beside it.
    const perRay = there.length / (stack.rays.length / 4);
    const beside = Array.from({ length: stack.rays.length / 4 }, (_, r) =>
      there.subarray(r * perRay, (r + 1) * perRay).every((p) => p === 0),
    );
    const level = there.reduce((sum, p) => sum + p, 0) / there.length;
    const clear = data.map((value, i) =>
      there[i]! > 0.01 * level ? value * there[i]! : beside[Math.floor(i / perRay)] ? value : 0,
    );
    for (const background of [undefined, data]) {
      const operator = projector.counted!(background !== undefined);
      operator.counts.set(clear);
      if (background) operator.background!.set(background);
      let [logarithms, unexplained] = [0, 0];
      const ratios = there.map((p, i) => {
        const e = p + (background ? background[i]! : 0);
        if (!(e > 0)) unexplained += clear[i]!;
        else if (clear[i]! > 0) logarithms += clear[i]! * Math.log(e);
        return e > 0 ? clear[i]! / e : 0;
      });
      const found = operator.update(image, true);
      expect(rms(found.back, projector.adjoint(ratios))).toBeLessThan(1e-6);
      expect(found.logarithms / logarithms).toBeCloseTo(1, 6);
      expect(found.unexplained / (unexplained || 1)).toBeCloseTo(unexplained > 0 ? 1 : 0, 6);
      expect(operator.update(image, false).logarithms).toBe(0);
    }
    projector.close();
  });

  test("arrays in the projector's memory, parts of them and subsets give the same values", async () => {
    await loadKernels({ threads: 2 });
    const projector = stackProjector(stack, grid);
    const [x, y, x2] = [projector.newImage(), projector.newData(), projector.newImage()];
    x.set(image);
    expect(projector.forward(x, y)).toBe(y);
    expect(y).toEqual(projector.forward(image));
    expect(rms(projector.adjoint(y, x2), projector.adjoint(Float32Array.from(y)))).toBeLessThan(1e-6);
    const chosen = Int32Array.of(5, 6, 20, 21);
    const part = projector.subset(chosen);
    const perRay = part.range / 4;
    const values = part.forward(x);
    expect(values.subarray(2 * perRay, 3 * perRay)).toEqual(y.subarray(20 * perRay, 21 * perRay));
    const masked = new Float32Array(y.length);
    for (const ray of chosen) masked.set(y.subarray(ray * perRay, (ray + 1) * perRay), ray * perRay);
    const lone = projector.subset(Int32Array.of(20));
    const [inside, copied] = [
      lone.adjoint(y.subarray(20 * perRay, 21 * perRay)),
      lone.adjoint(y.slice(20 * perRay, 21 * perRay)),
    ];
    expect(rms(inside, copied)).toBeLessThan(1e-6);
    expect(rms(part.adjoint(values), projector.adjoint(masked))).toBeLessThan(1e-6);
    projector.close();
  });
});

test("more counts than are kept share two arrays", () => {
  const crew = new Crew(1);
  const room = countRoom(crew, 8, 100);
  const [own, again, more, less] = [room.take(8, 2), room.take(9, 2), room.take(12, 2), room.take(9, 1)];
  expect([own, again, more, less].map(({ shared }) => shared)).toEqual([false, true, true, false]);
  expect(again.arrays.map(({ length }) => length)).toEqual([9, 9]);
  const third = room.take(10, 2);
  expect(third.arrays.map(({ byteOffset }) => byteOffset)).toEqual(more.arrays.map(({ byteOffset }) => byteOffset));
  crew.close();
});

test("forward is bitwise the same on one thread and on two", async () => {
  const [, , stack] = stacks[4]!;
  const image = filled(26 * 22 * 41);
  const both: Float32Array[] = [];
  for (const threads of [1, 2]) {
    await loadKernels({ threads });
    const projector = stackProjector(stack, grid);
    both.push(projector.forward(image));
    projector.close();
  }
  expect(both[0]).toEqual(both[1]);
});

test("time-of-flight bins add up to the lines without them, 1e-5", async () => {
  await loadKernels({ threads: 2 });
  for (const [, , { rays: some, planes: levels }] of [stacks[1]!, stacks[2]!]) {
    const wide = { bins: 41, width: 11, sigma: 24 };
    const [plain, timed] = [
      { rays: some, planes: levels },
      { rays: some, planes: levels, tof: wide },
    ].map((stack) => {
      const projector = stackProjector(stack, grid);
      const values = projector.forward(filledOnce);
      projector.close();
      return values;
    }) as [Float32Array, Float32Array];
    const count = levels.length / 2;
    for (const [i, value] of plain.entries()) {
      let sum = 0;
      for (let bin = 0; bin < 41; bin++) sum += timed[(Math.floor(i / count) * 41 + bin) * count + (i % count)]!;
      expect(Math.abs(sum - value)).toBeLessThan(1e-5 * (1 + value));
    }
  }
});

test("planes group by slope and even distance; gaps and other slopes begin new families", () => {
  const stack = { rays: rays(1, 1), planes: planes(2, 3, 4, 1) };
  expect(planeStride(stack, grid)).toBe(2);
  const families = planeFamilies(stack, grid, 2);
  expect(families.reduce((sum, { count }) => sum + count, 0)).toBe(36);
  expect(families.filter(({ rise }) => rise === 0).map(({ count }) => count)).toEqual([3, 3]);
  // By slope alone they are 11: 5 differences of crystals and 2 x 3 of blocks and crystals, 36 planes.
  const slopes = slopeGroups(stack, grid);
  expect(slopes.flatMap(({ numbers }) => [...numbers]).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 36 }, (_, i) => i),
  );
  expect(Math.max(...slopes.map(({ numbers }) => numbers.length))).toBeLessThanOrEqual(16);
});

test("a family and its mirrored one lie at d and at a whole number less d; opposite rays are found by their ends", () => {
  const even = { ...grid, origin: [-100, -94.5, -40] as const };
  const stack = { rays: rays(4, 5), planes: planes(1, 4, 4, 0).map((z) => z + 24) };
  const families = planeFamilies(stack, even, 2);
  const pairs = familyPairs(families);
  const all = pairs.flatMap(({ family, mirrored }) => (mirrored ? [family, mirrored] : [family]));
  expect(new Set(all).size).toBe(families.length);
  for (const { family, mirrored, sum, turned } of pairs) {
    expect([turned?.base, turned?.delta]).toEqual([family.base, -family.delta || 0]);
    if (mirrored) expect([mirrored.base + family.base, mirrored.delta]).toEqual([sum, -family.delta || 0]);
  }
  expect([...oppositeRays(stack, even).subarray(0, 5)]).toEqual([4, 3, -1, 1, 0]);
  expect([...oppositeRays(stack, { ...even, origin: [-99, -94.5, -40] }).subarray(0, 5)]).toEqual([-1, -1, -1, -1, -1]);
});
