import { describe, expect, it, test } from "vitest";
import { nrmse } from "../../../../test/mri-phantom.ts";
import { toImage, toKSpace } from "../../forward/fourier.ts";
import type { EpiEchoes } from "./epi-ghost.ts";
import { removeOversampling } from "./oversampling.ts";
import { rampRegridding, regridRamp, trapezoidPositions } from "./ramp-regrid.ts";

describe("oversampling", () => {
  it("keeps the middle of the image, for odd and even sizes", () => {
    for (const [nx, keep] of [
      [16, 8],
      [15, 7],
      [16, 7],
    ] as const) {
      const data = Float32Array.from({ length: 2 * nx * 3 }, (_, i) => Math.sin(i));
      const small = toImage(removeOversampling(toKSpace({ coils: 1, shape: [nx, 3, 1] as const, data }), keep));
      const first = Math.floor(nx / 2) - Math.floor(keep / 2);
      const expected = [0, 1, 2].flatMap((y) => [...data.slice(2 * (y * nx + first), 2 * (y * nx + first + keep))]);
      expect(small.shape).toEqual([keep, 3, 1]);
      expect(small.data).toBeAllclose(expected, { atol: 1e-6 });
    }
  });
  it("refuses more than was measured", () => {
    expect(() => removeOversampling({ coils: 1, shape: [4, 1, 1], data: new Float32Array(8) }, 5)).toThrow(
      expect.objectContaining({ code: "bad-size" }),
    );
  });
});

describe("ramp sampling", () => {
  const trapezoid = { up: 100e-6, flat: 300e-6, down: 100e-6, delay: 20e-6, dwell: 460e-6 / 63 };
  it("is even on the flat top, wider apart there than on the ramps, and by hand for a triangle", () => {
    // ramp of 2 s, area t^2 / 4: 0.25, 1 at 1 s, 2 s, then 1.75 at 3 s; step (1.75 - 0.25) / 2
    const shape = { up: 2, flat: 0, down: 2, delay: 1, dwell: 1 };
    expect(trapezoidPositions(shape, 3)).toBeAllclose([0, 1, 2], { atol: 1e-12 });
    expect(trapezoidPositions({ ...shape, delay: 0, dwell: 0.5 }, 5)[1]).toBeCloseTo(0.25, 12);
    const at = trapezoidPositions(trapezoid, 64);
    expect(at[33]! - at[32]!).toBeGreaterThan(1.5 * (at[1]! - at[0]!));
    expect(at[63]).toBeCloseTo(63, 9);
  });
  it("gives back the even samples of a line", () => {
    // an object within 80 % of the field of view
    const n = 64;
    const positions = trapezoidPositions(trapezoid, n);
    const line = (k: number): [number, number] => {
      let [re, im] = [0, 0];
      for (let r = -20; r < 24; r++) {
        const phase = (-2 * Math.PI * r * (k - n / 2)) / n;
        re += (1 + Math.cos(r)) * Math.cos(phase);
        im += (1 + Math.cos(r)) * Math.sin(phase);
      }
      return [re, im];
    };
    const lines = (at: ArrayLike<number>): EpiEchoes => ({
      coils: 1,
      samples: n,
      reversed: [false],
      data: Float32Array.from({ length: 2 * n }, (_, i) => line(at[i >> 1]!)[i % 2]!),
    });
    const even = lines(Array.from({ length: n }, (_, i) => i)).data;
    const uneven = lines(positions);
    const error = nrmse(regridRamp(uneven, rampRegridding(positions)).data, even);
    console.log(`ramp regridding: error ${nrmse(uneven.data, even).toFixed(3)} before, ${error.toFixed(5)} after`);
    expect(error).toBeLessThan(0.02);
    expect(
      nrmse(
        regridRamp(
          lines(Array.from({ length: n }, (_, i) => i)),
          rampRegridding(Array.from({ length: n }, (_, i) => i)),
        ).data,
        even,
      ),
    ).toBeLessThan(1e-5);
  });
  test.each([
    ["bad-trapezoid", () => trapezoidPositions({ ...trapezoid, delay: 100e-6 }, 64)],
    [
      "shape-mismatch",
      () => regridRamp({ coils: 1, samples: 4, reversed: [false], data: new Float32Array(8) }, rampRegridding([0, 1])),
    ],
  ])("refuses %s", (code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
