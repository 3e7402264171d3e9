import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { type LinearMap, type LinearMapModel, linearMapReference } from "./linear-map.ref.ts";
import { linearMap } from "./linear-map.ts";

const frames = 12;
const voxels = 2500;
const time = Float64Array.from({ length: frames }, (_, i) => 1.5 * i + 0.7);
const weights = time.map((_, i) => (i < 3 ? 0 : 0.5 + i / frames));
const first = time.map((t) => 3 * t + 1);
const second = time.map((t) => Math.exp(-t / 9));
const random = seededRandom(8);
const data = Float32Array.from({ length: frames * voxels }, () => 2 * random.uniform() - 0.1);
/** A voxel of zeros, one not finite, one of NaN, one whose every frame is below 0. */
for (let t = 0; t < frames; t++) {
  data[t * voxels] = 0;
  data[t * voxels + 1] = t === 5 ? Number.POSITIVE_INFINITY : 1;
  data[t * voxels + 2] = t === 5 ? Number.NaN : 1;
  data[t * voxels + 3] = -1;
}
const models: readonly LinearMapModel[] = (["regression", "plot", "fixed"] as const).map((kind) => ({
  kind,
  time,
  weights,
  first,
  second,
}));
const flat = ({ first: a, second: b, variances }: LinearMap): number[] => [a, b, ...variances].flatMap((v) => [...v]);

afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

test("fixed columns by hand: y = 2 x1 - x2 in every voxel, no variance", () => {
  const exact = Float32Array.from({ length: 2 * frames }, (_, i) => 2 * first[i >> 1]! - second[i >> 1]!);
  const found = linearMapReference(models[2]!, exact, 2);
  expect([found.first[0]!, found.second[1]!]).toBeAllclose([2, -1], { rtol: 1e-5 });
  expect(found.variances[0][0]).toBeLessThan(1e-9);
});

describe.each([1, 2])("%i threads", (threads) => {
  beforeAll(async () => expect(await loadKernels({ threads })).toContain("linear-map"));
  test.each(models)("$kind: the reference to the bit", (model) => {
    expect(flat(linearMap(model, data, voxels))).toEqual(flat(linearMapReference(model, data, voxels)));
  });
  test("invariant: twice the data is twice the coefficient of a fixed column", () => {
    const [one, two] = [data, data.map((v) => 2 * v)].map((values) => linearMap(models[2]!, values, voxels).first);
    expect(two!.subarray(4)).toBeAllclose(
      one!.subarray(4).map((v) => 2 * v),
      { rtol: 1e-9 },
    );
  });
});

test.each([
  ["shape-mismatch", models[0]!, 3],
  ["too-few-samples", { ...models[0]!, weights: weights.map((w, i) => (i < 10 ? 0 : w)) }, voxels],
] as const)("refusal: %s", (code, model, count) => {
  expect(() => linearMap(model, data, count)).toThrow(expect.objectContaining({ code }));
});
