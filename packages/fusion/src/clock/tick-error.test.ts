import { mapTime, timeSigma } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { matchPulses } from "./match-pulses.ts";
import { commonTickVariance, jitterOf, tickVariance, withQuartzRate } from "./tick-error.ts";

const every = (step: number, n: number): number[] => Array.from({ length: n }, (_, k) => step * (k - (n - 1) / 2));

describe("what rounding to ticks adds to a line", () => {
  test("an interval of whole ticks keeps tick^2 / 12 however many pulses; the rate is not touched", () => {
    for (const n of [8, 64]) {
      const { offset, rate } = tickVariance(every(2, n), 0, 0.1, 0);
      // Fifty harmonics hold all but 1.2 % of the series.
      expect(Math.abs(offset / (0.1 ** 2 / 12) - 0.988)).toBeLessThan(0.002);
      expect(rate).toBeLessThan(1e-20);
    }
  });

  test("pulses spread evenly over the ticks: far below the independent case; jitter of a tick takes the rest", () => {
    // 64 pulses at 64 different phases: the sum of e^(2 pi i m k / 64) is 0 for the 50 harmonics.
    const even = tickVariance(every(1 + 0.1 / 64, 64), 0, 0.1, 0);
    expect(even.offset).toBeLessThan(1e-15);
    expect(tickVariance(every(2, 64), 0, 0.1, 0.1).offset).toBeLessThan(1e-15);
    expect(commonTickVariance(every(2, 64), 0, 0.1, 0.1)).toEqual({ offset: 0, rate: 0 });
    expect(commonTickVariance(every(2, 64), 0, 0, 0)).toEqual({ offset: 0, rate: 0 });
  });

  test("one step in a train is no jitter; normal scatter is its standard deviation", () => {
    expect(jitterOf(Array.from({ length: 40 }, (_, k) => (k < 20 ? 0 : 0.1)))).toBe(0);
    const random = seededRandom(1);
    // 4000 values: the median of their differences is known to about 2 %.
    expect(Math.abs(jitterOf(Array.from({ length: 4000 }, () => 3 * random.normal())) - 3)).toBeLessThan(0.18);
  });

  test("a rate that the pulses leave open is that of quartz, one they know stays", () => {
    const open = withQuartzRate({ anchor: 0, offset: 5, rate: 1.002, covariance: [1e-4, 0, 1e-6] }, 2e-4);
    // Prior (1e-4)^2 against 1e-6: a hundredth of the fitted deviation stays.
    expect([open.rate - 1, open.covariance[2], open.offset]).toBeAllclose([2e-3 / 101, 1e-6 / 101, 5], { rtol: 1e-9 });
    const known = withQuartzRate({ anchor: 0, offset: 5, rate: 1.00005, covariance: [1e-8, 0, 1e-16] }, 2e-4);
    expect(known.rate).toBeCloseTo(1.00005, 11);
  });
});

test("volumes every 2 s on a clock of 0.1 s: the true error lies within two sigma, which is the tick's and no less", () => {
  let within = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    const [start, drift] = [10 + random.uniform(), 1e-4 * (random.uniform() - 0.5)];
    const other = Array.from({ length: 64 }, (_, k) => 2 * k);
    const heard = other.map((t) => 0.1 * Math.round(((1 + drift) * (t + start)) / 0.1));
    const { map } = matchPulses(
      { clock: "light", times: heard, tick: 0.1 },
      { clock: "mr", times: other },
      {
        prior: { offset: -start, sigma: 0.2 },
      },
    );
    const at = 126 * random.uniform();
    const error = mapTime(map, (1 + drift) * (at + start)) - at;
    const sigma = timeSigma(map, (1 + drift) * (at + start));
    expect(sigma).toBeGreaterThan(0.02);
    if (Math.abs(error) <= 1.96 * sigma) within++;
  }
  // An error that is even over a tick lies within 1.73 sigma; 95 % of 60 less two standard deviations of a count.
  expect(within).toBeGreaterThanOrEqual(54);
});
