import { afterAll, describe, expect, test } from "vitest";
import { dotTest } from "../iterate/linear-operator.ts";
import type { ImageGrid, LineStack } from "../joseph/lines.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { siddonProjector } from "./siddon.ts";

const grid: ImageGrid = { shape: [14, 11, 9], size: [7, 8, 5], origin: [-45, -41, -20] };
const [lowest, highest] = [0, 1].map((end) =>
  [0, 1, 2].map((k) => grid.origin[k]! + (end * grid.shape[k]! - 0.5) * grid.size[k]!),
) as [number[], number[]];
const random = seededRandom(8);
const ends = Float64Array.from({ length: 6 * 400 }, () => 240 * (random.uniform() - 0.5));
/** Through the middles of voxels along each axis, and one that never meets the image. */
ends.set([200, -1, 0, -200, -1, 0, -45, 300, 5, -45, -300, 5, 100, 90, 0, 99, -200, 0]);

/** Length inside the box of a line, by clipping. */
function chord(line: ArrayLike<number>): number {
  let [from, to] = [0, 1];
  const d = [0, 1, 2].map((k) => line[3 + k]! - line[k]!);
  for (let k = 0; k < 3; k++) {
    const [p, q] = [(lowest[k]! - line[k]!) / d[k]!, (highest[k]! - line[k]!) / d[k]!];
    if (d[k] === 0) continue;
    from = Math.max(from, Math.min(p, q));
    to = Math.min(to, Math.max(p, q));
  }
  return Math.max(0, to - from) * Math.hypot(...d);
}

afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

describe.each([
  ["float64 reference", 0],
  ["compiled, 1 thread", 1],
  ["compiled, 2 threads", 2],
])("%s", (_, threads) => {
  const start = async (): Promise<void> => {
    unregisterKernels();
    if (threads > 0) await loadKernels({ threads });
  };

  test("all-ones: the analytic chord of the box, 1e-6", async () => {
    await start();
    const projector = siddonProjector({ ends }, grid);
    expect(projector.kernel).toContain(threads ? `${threads} thread` : "reference");
    const values = projector.forward(new Float32Array(projector.domain).fill(1));
    for (const [i, value] of values.entries()) {
      const expected = chord(ends.subarray(6 * i, 6 * i + 6));
      expect(Math.abs(value - expected)).toBeLessThan(1e-6 * (1 + expected) + 1e-5);
    }
    expect([...values.subarray(0, 3)]).toEqual([98, 88, 0].map((x) => expect.closeTo(x, 4)));
    projector.close();
  });

  test("forward and adjoint pass the dot test, of lines and of stacks", async () => {
    await start();
    const stack: LineStack = {
      rays: Float64Array.of(60, 9, -70, 3, 10, 60, -8, -60),
      planes: Float64Array.of(-20, -20, -10, 14, 3, 1),
    };
    for (const lines of [{ ends }, stack]) {
      const projector = siddonProjector(lines, grid);
      expect(dotTest(projector)).toBeLessThan(1e-6);
      projector.close();
    }
  });
});

test("the compiled form agrees with the reference on random images, of lines and of stacks", async () => {
  const stack: LineStack = {
    rays: Float64Array.of(60, 9, -70, 3, 10, 60, -8, -60),
    planes: Float64Array.of(-20, -20, -10, 14),
  };
  for (const lines of [{ ends }, stack]) {
    unregisterKernels();
    const slow = siddonProjector(lines, grid);
    await loadKernels({ threads: 2 });
    const fast = siddonProjector(lines, grid);
    const image = Float32Array.from({ length: slow.domain }, () => random.uniform());
    const [a, b] = [slow.forward(image), fast.forward(image)];
    for (const [i, value] of a.entries()) expect(Math.abs(b[i]! - value)).toBeLessThan(1e-5 * (1 + value));
    fast.close();
  }
});
