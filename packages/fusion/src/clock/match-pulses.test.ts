import { mapTime, timeSigma } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { twoTrains } from "../../test/pulse-trains.ts";
import { matchPulses } from "./match-pulses.ts";
import { cleanTrain } from "./pulse-train.ts";

const train = (clock: string, times: ArrayLike<number>) => ({ clock, times });

describe("two clean trains", () => {
  const random = seededRandom(3);
  let t = 0;
  const mine = Float64Array.from({ length: 60 }, () => {
    t += 1 + random.uniform();
    return t;
  });

  test("a known offset and rate come back exactly", () => {
    const { map, pairs } = matchPulses(
      train("a", mine),
      train(
        "b",
        mine.map((s) => 500 + 1.00005 * s),
      ),
    );
    expect(pairs).toHaveLength(60);
    expect(mapTime(map, 42)).toBeCloseTo(500 + 1.00005 * 42, 9);
  });

  test("moving either clock moves the answer, nothing else", () => {
    const other = mine.map((s) => 7 + s);
    const here = matchPulses(train("a", mine), train("b", other));
    const there = matchPulses(
      train(
        "a",
        mine.map((s) => s + 1.7e9),
      ),
      train(
        "b",
        other.map((s) => s + 1.7e9),
      ),
    );
    // Stamps since 1970 are told in steps of 0.24 us.
    expect(mapTime(there.map, 1.7e9 + 30) - 1.7e9).toBeCloseTo(mapTime(here.map, 30), 5);
  });

  test("missing, extra and bounced pulses are named", () => {
    const other = [...mine.map((s) => s + 3)];
    other.splice(20, 1);
    other.push((mine[40] as number) + 3.004);
    other.push(55.5);
    const { pairs, refusedMine, refusedOther } = matchPulses(
      train("a", mine),
      train(
        "b",
        other.sort((x, y) => x - y),
      ),
    );
    expect(pairs).toHaveLength(59);
    expect(refusedMine).toEqual([{ index: 20, time: mine[20], why: "unmatched" }]);
    expect(refusedOther.map(({ why }) => why).sort()).toEqual(["bounced", "unmatched"]);
  });

  test("a quantised trigger line is taken in the middle of its tick", () => {
    const tick = 0.2;
    const late = {
      clock: "slow",
      times: mine.map((s) => Math.ceil((s + 9) / tick) * tick),
      tick,
      rounding: "up" as const,
    };
    const { map, jitter } = matchPulses(train("a", mine), late, { tolerance: 0.3 });
    expect(Math.abs(mapTime(map, 45) - 54)).toBeLessThan(3 * timeSigma(map, 45));
    expect(jitter).toBeGreaterThanOrEqual(tick / Math.sqrt(12));
  });
});

test("drift, jitter, lost and spurious pulses, a jump: within a millisecond, and sigma says so", () => {
  const { mine, other, truth } = twoTrains({ seed: 5, minutes: 60, jump: 1800 });
  const { map, refusedMine, refusedOther } = matchPulses(train("eeg", mine), train("mr", other));
  expect(map.pieces).toHaveLength(2);
  let squares = 0;
  for (let k = 0; k < 60; k++) {
    const [at, sure] = [truth[k * 20]?.mine as number, truth[k * 20]?.other as number];
    squares += (mapTime(map, at) - sure) ** 2 / 60;
    expect(Math.abs(mapTime(map, at) - sure)).toBeLessThan(6 * timeSigma(map, at));
  }
  // 5 ms of jitter over some 700 pulses a piece: sigma 0.2 to 0.4 ms.
  expect(Math.sqrt(squares)).toBeLessThan(1e-3);
  expect(refusedMine.length).toBeGreaterThan(5);
  expect(refusedOther.length).toBeGreaterThan(5);
});

describe("refusals", () => {
  const even = Float64Array.from({ length: 100 }, (_, i) => 2 * i);

  test("a strictly periodic train is refused unless something tells its periods apart", () => {
    const other = train(
      "b",
      even.map((s) => s + 10.3),
    );
    expect(() => matchPulses(train("a", even), other)).toThrow(expect.objectContaining({ code: "ambiguous-train" }));
    const told = matchPulses(train("a", even), other, { prior: { offset: 10, sigma: 0.2 } });
    expect(mapTime(told.map, 50)).toBeCloseTo(60.3, 9);
  });

  test.each([
    ["no-match", [1, 2, 3], [1, 2, 3]],
    [
      "no-match",
      Array.from({ length: 50 }, (_, i) => i * i * 0.11),
      Array.from({ length: 50 }, (_, i) => 7 * Math.sqrt(i)),
    ],
    ["not-ascending", [1, 2, 3, 2.5, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]],
    ["not-finite", [1, Number.NaN, 3, 4, 5], [1, 2, 3, 4, 5]],
  ])("%s", (code, mine, other) => {
    expect(() => matchPulses(train("a", mine), train("b", other))).toThrow(expect.objectContaining({ code }));
  });
});

test("a bounce is what follows within 20 ms or a fifth of a short interval", () => {
  expect(cleanTrain(train("a", [0, 0.01, 1, 2, 2.019, 3])).refused.map(({ index }) => index)).toEqual([1, 4]);
  expect(cleanTrain(train("fast", [0, 0.05, 0.1, 0.109, 0.15])).times).toHaveLength(4);
});
