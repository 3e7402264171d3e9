import { beforeAll, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { distanceTransformReference } from "./distance.ref.ts";
import { distanceTransform } from "./distance.ts";

describe.each(["wasm", "plain"])("distanceTransform, %s", (device) => {
  beforeAll(async () => {
    if (device === "plain") unregisterKernels();
    else expect(await loadKernels()).toContain("distance");
  });

  test("from one corner voxel: sqrt((1 i)^2 + (2 j)^2 + (3 k)^2)", () => {
    const mask = new Uint8Array(27);
    mask[0] = 1;
    const out = distanceTransform(mask, [3, 3, 3], [1, 2, 3]);
    expect([out[0], out[2], out[3], out[9], out[26]]).toBeAllclose([0, 2, 2, 3, Math.sqrt(4 + 16 + 36)], {
      atol: 1e-6,
    });
  });

  test("an empty mask is infinitely far", () => {
    expect([...distanceTransform(new Uint8Array(8), [2, 2, 2], [1, 1, 1])]).toEqual(
      new Array(8).fill(Number.POSITIVE_INFINITY),
    );
  });

  test.each([
    [0.01, [9, 8, 7], [1, 1, 1]],
    [0.05, [13, 4, 9], [0.7, 3, 1.9]],
    [0.5, [6, 6, 6], [2, 1, 0.3]],
  ] as const)("equals the reference at density %d", (density, shape, spacing) => {
    const random = seededRandom(6);
    const mask = Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () =>
      random.uniform() < density ? 1 : 0,
    );
    mask[5] = 1;
    const expected = distanceTransformReference(mask, shape, spacing);
    expect(distanceTransform(mask, shape, spacing)).toBeAllclose(expected, { rtol: 1e-6, atol: 1e-6 });
  });

  test.each([
    ["shape-mismatch", new Uint8Array(7), [1, 1, 1]],
    ["bad-spacing", new Uint8Array(8), [1, 0, 1]],
    ["bad-spacing", new Uint8Array(8), [1, Number.NaN, 1]],
  ] as const)("refuses: %s", (code, mask, spacing) => {
    expect(() => distanceTransform(mask, [2, 2, 2], spacing)).toThrow(expect.objectContaining({ code }));
  });
});
