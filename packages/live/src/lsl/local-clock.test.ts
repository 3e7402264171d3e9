import { expect, test } from "vitest";
import { localClock } from "./local-clock.ts";

test("the clock is the machine's monotonic one", () => {
  const [a, b] = [localClock(), localClock()];
  expect(b).toBeGreaterThanOrEqual(a);
  expect(b - a).toBeLessThan(1);
});
