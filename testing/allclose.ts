import { expect } from "vitest";

interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** |got - expected| <= atol + rtol |expected| at every element; NaN never passes. */
    toBeAllclose(expected: ArrayLike<number>, tolerance: Tolerance): R;
  }
}

expect.extend({
  toBeAllclose(received: ArrayLike<number>, expected: ArrayLike<number>, { rtol = 0, atol = 0 }: Tolerance) {
    if (received.length !== expected.length) {
      return { pass: false, message: () => `length ${received.length}, expected ${expected.length}` };
    }
    let [worst, excess] = [-1, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < expected.length; i++) {
      const over =
        Math.abs((received[i] as number) - (expected[i] as number)) - atol - rtol * Math.abs(expected[i] as number);
      if (!(over <= excess)) [worst, excess] = [i, over];
      if (Number.isNaN(over)) break;
    }
    const pass = worst < 0 || excess <= 0;
    return {
      pass,
      message: () =>
        `worst at ${worst} of ${expected.length}: got ${received[worst]}, expected ${expected[worst]}, ` +
        `off by ${Math.abs((received[worst] as number) - (expected[worst] as number))} (rtol ${rtol}, atol ${atol})`,
    };
  },
});
