import { composeTimeMaps, invertTimeMap, mapTime, type TimeMap, timeSigma } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { fiveDevices } from "../../test/five-devices.ts";
import { networkProbes } from "../../test/network-probes.ts";
import { duplicateFindings, gapFindings, mapFindings, unwrapCounter } from "./clock-findings.ts";
import { hardwareLock, hardwareLockMap } from "./hardware-lock.ts";
import { correlationMap, crossCorrelationLag } from "./lag.ts";
import { matchPulses } from "./match-pulses.ts";
import { probeMap } from "./probe-map.ts";
import { pulseCode } from "./pulse-code.ts";
import { risingEdges } from "./rising-edges.ts";
import { studyClock } from "./study-clock.ts";

const on = (
  from: string,
  to: string,
  offset: number,
  rate: number,
  covariance: readonly [number, number, number],
): TimeMap => ({
  from,
  to,
  method: "made",
  pieces: [{ until: Number.POSITIVE_INFINITY, anchor: 10, offset, rate, covariance }],
});

describe("maps one behind the other", () => {
  const a = on("a", "b", 25, 1.5, [0.04, 0.001, 0.0001]);
  const b = on("b", "c", -3, 0.8, [0.01, -0.002, 0.0009]);

  test("times go through both, variances add as hand-computed", () => {
    const both = composeTimeMaps(a, b);
    expect(mapTime(both, 17)).toBeCloseTo(mapTime(b, mapTime(a, 17)), 12);
    // At t = 10: rate 0.8^2 x 0.04 + [1 15] C_b [1 15]' with d = 25 - 10.
    expect(timeSigma(both, 10) ** 2).toBeCloseTo(0.0256 + 0.01 - 2 * 15 * 0.002 + 225 * 0.0009, 12);
    // Anywhere else both errors at that place.
    const there = mapTime(a, 17);
    expect(timeSigma(both, 17) ** 2).toBeCloseTo(0.64 * timeSigma(a, 17) ** 2 + timeSigma(b, there) ** 2, 3);
  });

  test("there and back is where it was, with the error of the other unit", () => {
    const back = invertTimeMap(a);
    expect(mapTime(back, mapTime(a, 17))).toBeCloseTo(17, 12);
    expect(timeSigma(back, mapTime(a, 17))).toBeCloseTo(timeSigma(a, 17) / 1.5, 12);
  });

  test("pieces of both are kept, in order", () => {
    const jumpy: TimeMap = {
      ...a,
      pieces: [
        { ...a.pieces[0], until: 20 },
        { ...a.pieces[0], offset: 45 },
      ],
    };
    const late: TimeMap = {
      ...b,
      pieces: [
        { ...b.pieces[0], until: 30 },
        { ...b.pieces[0], offset: 7 },
      ],
    };
    const both = composeTimeMaps(jumpy, late);
    for (const t of [5, 12, 15, 25]) expect(mapTime(both, t)).toBeCloseTo(mapTime(late, mapTime(jumpy, t)), 12);
  });
});

test("a visit of five devices: EEG within 1 ms of the scanner, light within half a sample, PET within 0.1 s, SPECT by wall clock", () => {
  const { streams, truth } = fiveDevices(3, true);
  const { reference, maps, links } = studyClock(streams);
  const start = mapTime(maps.get("mr") as TimeMap, 0);
  expect([...maps.keys()].sort()).toEqual(["eeg", "mr", "nirs", "pet", "spect"]);
  expect(links.every(({ match }) => match !== undefined)).toBe(true);
  expect(maps.get(reference ?? "")?.method).toBe("reference");
  const rms = (clock: string): number => {
    const own = truth[clock] as Float64Array;
    const scanner = truth.mr as Float64Array;
    const [mine, mr] = [maps.get(clock) as TimeMap, maps.get("mr") as TimeMap];
    const squares = own.reduce((sum, t, k) => sum + (mapTime(mine, t) - mapTime(mr, scanner[k] as number)) ** 2, 0);
    return Math.sqrt(squares / own.length);
  };
  expect(rms("eeg")).toBeLessThan(1e-3);
  expect(rms("nirs")).toBeLessThan(0.05);
  expect(rms("pet")).toBeLessThan(0.1);
  expect(timeSigma(maps.get("spect") as TimeMap, 600)).toBeGreaterThan(2);
  expect(Number.isFinite(start)).toBe(true);
});

test("equally many volume triggers are counted; unequally many are not guessed", () => {
  const volumes = Array.from({ length: 50 }, (_, i) => 2 * i);
  const stream = (clock: string, times: number[]) => ({ clock, middle: 50, pulses: { volume: times } });
  const counted = studyClock([
    stream("mr", volumes),
    stream(
      "eeg",
      volumes.map((t) => t + 33),
    ),
  ]);
  expect(counted.links[0]?.match?.pairs).toHaveLength(50);
  const short = studyClock([
    stream("mr", volumes),
    stream(
      "eeg",
      volumes.slice(0, 47).map((t) => t + 33),
    ),
  ]);
  expect(short.links[0]?.why).toMatch(/more than one way/);
  expect(short.maps.size).toBe(0);
});

test("without pulses each stream stands where its wall clock puts it", () => {
  const { maps, reference, startedAt } = studyClock([
    { clock: "a", middle: 0, pulses: {}, startedAt: "2026-01-01T10:00:00" },
    { clock: "b", middle: 0, pulses: {}, startedAt: "2026-01-01T10:01:00" },
    { clock: "c", middle: 0, pulses: {} },
  ]);
  expect([reference, startedAt, mapTime(maps.get("b") as TimeMap, 5), maps.has("c")]).toEqual([
    undefined,
    "2026-01-01T10:00:00",
    65,
    false,
  ]);
});

describe("probes", () => {
  test("offset and drift come back, the asymmetry stays within its bound, a reset makes a second piece", () => {
    const { probes, truth } = networkProbes({ seed: 4, minutes: 30, reset: 900 });
    const { map, ranges } = probeMap("device", "host", probes);
    expect(ranges).toHaveLength(2);
    for (const k of [10, 100, 300]) {
      const t = probes.times[k] as number;
      const error = mapTime({ ...map, pieces: [map.pieces[k < 180 ? 0 : 1] as (typeof map.pieces)[0]] }, t) - truth(t);
      expect(Math.abs(error)).toBeLessThan((map.biasBound ?? 0) + 3 * timeSigma(map, t));
    }
  });

  test("symmetrical and still: exact; fewer than three: refused", () => {
    const times = [0, 10, 20, 30];
    const probes = { times, offsets: times.map((t) => 5 + 1e-5 * t), roundTrips: times.map(() => 1e-3) };
    const { map } = probeMap("a", "b", probes);
    expect(mapTime(map, 15)).toBeCloseTo(20.00015, 9);
    expect(map.biasBound).toBeCloseTo(5e-4, 12);
    expect(() => probeMap("a", "b", { times: [1, 2], offsets: [0, 0], roundTrips: [] })).toThrow(
      expect.objectContaining({ code: "too-few-probes" }),
    );
  });
});

describe("other ties", () => {
  test("a lag between samples is found", () => {
    const random = seededRandom(9);
    const waves = Array.from({ length: 12 }, () => [0.2 + 3 * random.uniform(), 7 * random.uniform()] as const);
    const signal = (t: number): number => waves.reduce((sum, [f, p]) => sum + Math.sin(2 * Math.PI * f * t + p), 0);
    const rate = 50;
    const a = Float64Array.from({ length: 2000 }, (_, i) => signal(i / rate));
    const b = Float64Array.from({ length: 2000 }, (_, i) => signal(i / rate - 0.1234));
    const { lag, correlation } = crossCorrelationLag(a, b, rate, 20);
    // A parabola through a band-limited peak is off by a hundredth of a sample.
    expect(Math.abs(lag - 0.1234)).toBeLessThan(0.02 / rate);
    expect(correlation).toBeGreaterThan(0.99);
    const map = correlationMap(
      { clock: "a", start: 0, rate, data: a },
      { clock: "b", start: 7, rate, data: b },
      { prior: 7, reach: 0.3, window: 5 },
    );
    expect(Math.abs(mapTime(map, 20) - 27.1234)).toBeLessThan(1e-3);
    expect(() => crossCorrelationLag(new Float64Array(100), b, rate, 5)).toThrow(
      expect.objectContaining({ code: "no-lag" }),
    );
  });

  test("a pulse code is found wherever one listens in", () => {
    const code = pulseCode(200);
    const heard = code.subarray(120, 150).map((t) => t - 33);
    const { map } = matchPulses({ clock: "late", times: heard }, { clock: "sender", times: code });
    expect(mapTime(map, heard[3] as number)).toBeCloseTo(code[123] as number, 9);
    expect(pulseCode(50)).toEqual(pulseCode(50));
    expect(() => pulseCode(5, { shortest: 2, longest: 1 })).toThrow(expect.objectContaining({ code: "bad-interval" }));
  });

  test("edges of an analogue trigger lie between samples; noise on one is one", () => {
    expect([...risingEdges([0, 0, 4, 4, 0, 1, 4], 10, 2)]).toEqual([10.75, 12.666666666666666]);
    expect(risingEdges([0, 5, 4.9, 5, 0], 0, 1, { level: 4.95, hysteresis: 1 })).toHaveLength(1);
    expect(() => risingEdges([3, 3], 0, 1)).toThrow(expect.objectContaining({ code: "no-edge" }));
  });

  test("a locked amplifier is known to the tick, a free one is refused", () => {
    const tick = 2e-4;
    const triggers = Array.from({ length: 100 }, (_, i) => 5 + 2.0004 * i).filter((_, i) => i !== 40);
    const check = hardwareLock(triggers, tick);
    expect(check.locked).toBe(true);
    const map = hardwareLockMap("eeg", "mr", check, { mine: 5, other: 0 }, tick);
    expect([mapTime(map, 7.0004), timeSigma(map, 100)]).toBeAllclose([2.0004, tick / Math.sqrt(12)], { rtol: 1e-12 });
    const free = hardwareLock(
      triggers.map((t) => t * (1 + 3e-5)),
      tick,
    );
    expect(free.locked).toBe(false);
    expect(hardwareLock(triggers, tick, [0, 1, 2, 5, 6]).lost).toEqual([[2, 5]]);
    expect(() => hardwareLockMap("eeg", "mr", free, { mine: 5, other: 0 }, tick)).toThrow(
      expect.objectContaining({ code: "not-locked" }),
    );
  });
});

describe("findings", () => {
  test("drift, resets, gaps, marks that stand twice, counters that wrap", () => {
    const drifting: TimeMap = { ...on("a", "b", 0, 1 + 3e-4, [0, 0, 0]) };
    expect(mapFindings(drifting)[0]?.text).toBe("runs 300 ppm slow against b");
    const piece = on("a", "b", 10, 1, [0, 0, 0]).pieces[0];
    const jumped: TimeMap = {
      ...drifting,
      pieces: [
        { ...piece, until: 50 },
        { ...piece, offset: -90 },
      ],
    };
    expect(mapFindings(jumped)).toEqual([{ kind: "reset", time: 50, text: "the clock jumped by 100.000 s" }]);
    expect(
      gapFindings(
        [
          { start: 0, samples: 100 },
          { start: 1.5, samples: 10 },
        ],
        100,
      ),
    ).toEqual([{ kind: "gap", time: 1, text: "50 samples are missing" }]);
    expect(
      duplicateFindings([
        { onset: 1, type: "go" },
        { onset: 1.0005, type: "go" },
        { onset: 1.0005, type: "stop" },
      ]),
    ).toHaveLength(1);
    const { ticks, findings } = unwrapCounter([65_000, 65_500, 100, 600], 1e-3);
    expect([...ticks]).toEqual([65_000, 65_500, 65_636, 66_136]);
    expect(findings).toEqual([{ kind: "wrap-around", time: 65.636, text: "its 16-bit counter began again" }]);
  });
});
