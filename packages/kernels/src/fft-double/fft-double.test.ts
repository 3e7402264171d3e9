import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referenceDft } from "../fft/fft.ref.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { compiledForward } from "./fft-double.ts";

beforeAll(async () => void (await loadKernels()));
afterAll(unregisterKernels);

const random = seededRandom(1);

describe("compiledForward", () => {
  test.each([64, 105, 128, 248, 360, 512, 1250])("%i points as the sum", (n) => {
    const data = Float64Array.from({ length: 2 * n }, () => random.normal());
    const out = new Float64Array(2 * n);
    const before = data.slice();
    (compiledForward(n) as NonNullable<ReturnType<typeof compiledForward>>)(out, data);
    const part = (offset: number): Float64Array => Float64Array.from({ length: n }, (_, i) => data[2 * i + offset]);
    const { re, im } = referenceDft(part(0), part(1));
    // The reference sums n terms: its own rounding is 1e-16 n.
    const scale = Math.max(...re.map(Math.abs));
    expect(Float64Array.from(re, (_, k) => out[2 * k])).toBeAllclose(re, { atol: 1e-15 * n * scale });
    expect(Float64Array.from(im, (_, k) => out[2 * k + 1])).toBeAllclose(im, { atol: 1e-15 * n * scale });
    expect(data).toBeAllclose(before, { atol: 0 });
  });
  test("twice is the mirrored signal times n", () => {
    const n = 1024;
    const data = Float64Array.from({ length: 2 * n }, () => random.normal());
    const forward = compiledForward(n) as NonNullable<ReturnType<typeof compiledForward>>;
    const [once, twice] = [new Float64Array(2 * n), new Float64Array(2 * n)];
    forward(once, data);
    forward(twice, once);
    for (let k = 0; k < n; k++) expect(twice[2 * k] / n).toBeCloseTo(data[2 * ((n - k) % n)], 12);
  });
  test("none for short and very long ones, nor with a prime factor above 31", () => {
    expect(compiledForward(32)).toBeUndefined();
    expect(compiledForward(37 * 4)).toBeUndefined();
    expect(compiledForward(2 ** 21)).toBeUndefined();
  });
});
