import { afterAll, describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import { listProjector } from "../joseph/line-projectors.ts";
import type { ImageGrid, LineList } from "../joseph/lines.ts";
import { referenceListProjector } from "../joseph/reference-projector.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";

const random = seededRandom(5);
const grid: ImageGrid = { shape: [21, 18, 15], size: [8, 9, 7], origin: [-80, -76.5, -49] };
const count = 600;

/** Lines between random points of a barrel; some through voxel centres and at 45 degrees, some that miss, one that ends inside. */
function ends(): Float64Array {
  const out = new Float64Array(6 * count);
  for (let i = 0; i < count; i++) {
    const [a, b] = [random.uniform() * 2 * Math.PI, random.uniform() * 2 * Math.PI];
    out.set([170 * Math.cos(a), 170 * Math.sin(a), 160 * (random.uniform() - 0.5)], 6 * i);
    out.set([170 * Math.cos(b), 170 * Math.sin(b), 160 * (random.uniform() - 0.5)], 6 * i + 3);
  }
  out.set([150, 4.5, 0, -150, 4.5, 0], 0);
  out.set([120, 120, 3, -120, -120, -10], 6);
  out.set([-16, 150, 100, -16, -150, 100], 12);
  out.set([5, 6, 0, -150, 10, 20], 18);
  return out;
}

const position = Float32Array.from({ length: count }, () => 120 * (random.uniform() - 0.5));
const lists: readonly (readonly [string, LineList])[] = [
  ["float64 ends", { ends: ends() }],
  ["float32 ends", { ends: Float32Array.from(ends()) }],
  ["time of flight", { ends: ends(), tof: { position, width: 14, sigma: 18 } }],
];
afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

function rms(a: Float32Array, b: Float32Array): number {
  let [apart, size] = [0, 0];
  for (const [i, value] of b.entries()) {
    apart += (a[i]! - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(apart / size);
}

describe.each(lists)("single lines, %s", (_, list) => {
  const reference = referenceListProjector(list, grid);
  const image = Float32Array.from({ length: reference.domain }, () => random.uniform());
  const data = Float32Array.from({ length: count }, () => random.uniform());
  const [there, back] = [reference.forward(image), reference.adjoint(data)];

  test.each([
    [1, false],
    [2, false],
    [2, true],
  ])("%i threads, relaxed %s: the reference within 1e-6 RMS, adjoint within 1e-6", async (threads, relaxed) => {
    await loadKernels({ threads, relaxed });
    const projector = listProjector(list, grid);
    expect(projector.kernel).toContain("joseph-lines");
    expect(rms(projector.forward(image), there)).toBeLessThan(1e-6);
    expect(rms(projector.adjoint(data), back)).toBeLessThan(1e-6);
    expect(dotTest(projector)).toBeLessThan(1e-6);
    const [x, y] = [projector.newImage(), projector.newData()];
    x.set(image);
    expect(projector.forward(x, y)).toEqual(projector.forward(image));
    const [head, tail] = [projector.part(0, 250), projector.part(250, count - 250)];
    expect([...head.forward(image), ...tail.forward(image)]).toEqual([...projector.forward(image)]);
    const sum = head.adjoint(data.subarray(0, 250)).map((v, j) => v + tail.adjoint(data.subarray(250))[j]!);
    expect(rms(sum, back)).toBeLessThan(1e-6);
    expect(() => projector.part(590, 11)).toThrow(expect.objectContaining({ code: "bad-subset" }));
    projector.close();
  });
});
