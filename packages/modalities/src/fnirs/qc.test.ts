import type { Channel, Montage, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import {
  heartRate,
  intensityVariation,
  opticalDensity,
  pairQuality,
  peakSpectralPower,
  qc,
  saturation,
  scalpCouplingIndex,
  windowedCoupling,
} from "./index.ts";

const rate = 10;
const montage: Montage = {
  space: "subject:T1w",
  sensors: [
    { name: "S1", kind: "source", position: [-50, 0, 60] },
    ...[1, 2, 3].map((d) => ({ name: `D${d}`, kind: "detector" as const, position: [-50, 27 + d, 60] as const })),
    { name: "D4", kind: "detector", position: [-50, 8, 60] },
  ],
};

/**
 * Two minutes of light: a pulse of 66 beats per minute of `pulse` (share of the light) at both wavelengths, the second
 * 0.7 as strong, slow drift and noise of 0.2 % of its own at each.
 */
function light(pulses: readonly number[], seed = 1, seconds = 120): Recording {
  const random = seededRandom(seed);
  const n = seconds * rate;
  const channels: Channel[] = [];
  const rows: number[] = [];
  pulses.forEach((pulse, d) => {
    for (const [wavelength, share] of [
      [760, 1],
      [850, 0.7],
    ] as const) {
      channels.push({
        name: `S1-D${d + 1} ${wavelength}`,
        kind: "nirs-intensity",
        unit: "{intensity}",
        sensors: ["S1", `D${d + 1}`],
        wavelength,
      });
      for (let t = 0; t < n; t++) {
        const beat = pulse * share * Math.sin((2 * Math.PI * 1.1 * t) / rate);
        const drift = 0.01 * Math.sin((2 * Math.PI * 0.01 * t) / rate);
        rows.push(1000 * (1 + beat + drift + 0.002 * random.normal()));
      }
    }
  });
  return { clock: "c", groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows) }] }] };
}

const withSamples = (recording: Recording, change: (data: Float64Array, n: number) => void): Recording => {
  const group = recording.groups[0];
  const data = Float64Array.from(group.segments[0].data);
  change(data, data.length / group.channels.length);
  return { ...recording, groups: [{ ...group, segments: [{ start: 0, data }] }] };
};

describe("scalpCouplingIndex", () => {
  test("near 1 with a pulse, near 0 without, in between as the noise says", () => {
    const [clear, none, faint] = scalpCouplingIndex(opticalDensity(light([0.02, 0, 0.0015])));
    expect(clear.pair).toBe("S1-D1");
    expect(clear.value).toBeGreaterThan(0.99);
    // 0.7 to 1.5 Hz holds about 2 x 0.9 x 120 = 200 independent values: SE 0.07.
    expect(Math.abs(none.value)).toBeLessThan(4 * 0.07);
    expect(faint.value).toBeGreaterThan(0.3);
    expect(faint.value).toBeLessThan(0.95);
  });
  test("one wavelength brighter, the recording in two segments: the same within their ends", () => {
    const whole = light([0.01]);
    const half = whole.groups[0].segments[0].data.length / 4;
    const data = whole.groups[0].segments[0].data;
    const segments = [0, half].map((at, i) => ({
      start: 60 * i,
      data: Float64Array.from([...data.subarray(at, at + half), ...data.subarray(2 * half + at, 3 * half + at)]),
    }));
    const split: Recording = { ...whole, groups: [{ ...whole.groups[0], segments }] };
    const [a, b] = [whole, split].map((recording) => scalpCouplingIndex(opticalDensity(recording))[0].value);
    expect(a).toBeCloseTo(b, 1);
  });
  test.each([
    ["too slow a rate", 3, 2, "rate-too-low"],
    ["a few seconds", 10, 0.05, "segment-too-short"],
  ] as const)("refuses %s", (_, fs, minutes, code) => {
    const { groups } = opticalDensity(light([0.01], 1, 60 * minutes));
    const od = { clock: "c", groups: [{ ...groups[0], rate: fs }] };
    expect(() => scalpCouplingIndex(od)).toThrow(expect.objectContaining({ code }));
  });
  test("refuses a single wavelength and no light at all", () => {
    const { groups } = opticalDensity(light([0.01]));
    const n = groups[0].segments[0].data.length / 2;
    const one = [
      {
        ...groups[0],
        channels: [groups[0].channels[0]],
        segments: [{ start: 0, data: groups[0].segments[0].data.slice(0, n) }],
      },
    ];
    expect(() => scalpCouplingIndex({ clock: "c", groups: one })).toThrow(
      expect.objectContaining({ code: "one-wavelength" }),
    );
    expect(() => scalpCouplingIndex({ clock: "c", groups: [] })).toThrow(
      expect.objectContaining({ code: "no-channels" }),
    );
  });
});

test("peakSpectralPower: above 0.1 with a pulse in every window, below without", () => {
  const [clear, none] = peakSpectralPower(opticalDensity(light([0.02, 0])));
  expect(clear.windows.length).toBe(12);
  expect(Math.min(...clear.windows)).toBeGreaterThan(0.1);
  expect(none.value).toBeLessThan(clear.value / 2);
});

test("heartRate: 66 beats per minute, prominent; nothing in a short recording", () => {
  const found = heartRate(opticalDensity(light([0.02, 0.01])));
  // Windows of 20 s: lines 3 per minute apart.
  expect(Math.abs((found?.beatsPerMinute ?? 0) - 66)).toBeLessThanOrEqual(1.5);
  expect(found?.prominence).toBeGreaterThan(20);
  expect(heartRate(opticalDensity(light([0.02], 1, 10)))).toBeUndefined();
  // Drift that falls through the whole band has no prominent peak.
  const random = seededRandom(8);
  const drifting = withSamples(light([0, 0]), (data) => {
    let slow = 0;
    data.forEach((_, t) => {
      slow = 0.999 * slow + random.normal();
      data[t] = 1000 + slow;
    });
  });
  expect(heartRate(opticalDensity(drifting))?.prominence ?? 0).toBeLessThan(4);
});

test("intensityVariation by hand: 1 and 3 vary by 70.7 %", () => {
  const pair = withSamples(light([0.01]), (data, n) => {
    for (let t = 0; t < n; t++) data[t] = t % 2 ? 3 : 1;
  });
  const [first, second] = intensityVariation(pair);
  expect(first.value).toBeCloseTo(50 * Math.sqrt(1200 / 1199), 8);
  expect(second.value).toBeLessThan(2);
});

describe("qc", () => {
  const verdicts = (recording: Recording): Record<string, string> =>
    Object.fromEntries(qc(recording, montage).map(({ name, verdict }) => [name, verdict]));
  test("a good recording is good", () => {
    expect(Object.values(verdicts(light([0.02, 0.015, 0.02])))).toEqual(["ok", "ok", "ok", "ok", "ok", "ok"]);
  });
  test("clipped, dark and uncoupled channels are named; dark ones do not stop the rest", () => {
    const damaged = withSamples(light([0.02, 0, 0.02]), (data, n) => {
      for (let t = 4 * n; t < 5 * n; t++) data[t] = Math.min(data[t], 1005);
      data[7] = 0;
    });
    expect(saturation(damaged)[4].value).toBeGreaterThan(0.1);
    const findings = qc(damaged, montage);
    const noteOf = (name: string): string => findings.find((finding) => finding.name === name)?.note ?? "";
    expect(noteOf("dark-channels")).toContain("S1-D1 760");
    expect(noteOf("saturated-channels")).toContain("S1-D3 760");
    expect(noteOf("weakly-coupled-pairs")).toContain("S1-D2");
    expect(verdicts(damaged)["heart-rate"]).toBe("ok");
  });
  test("a short pair is not blamed for its small pulse", () => {
    expect(verdicts(light([0.02, 0.02, 0.02, 0]))["weakly-coupled-pairs"]).toBe("ok");
    expect(qc(light([0.02, 0.02, 0.02, 0])).find(({ name }) => name === "weakly-coupled-pairs")?.verdict).toBe("warn");
  });
  test("short pairs alone are judged after all", () => {
    const near = {
      ...montage,
      sensors: montage.sensors.map((s) => (s.kind === "detector" ? { ...s, position: [-50, 8, 60] as const } : s)),
    };
    const finding = qc(light([0.02, 0.02]), near).find(({ name }) => name === "scalp-coupling-index");
    expect(finding).toMatchObject({ verdict: "ok", note: "median over 2 pairs" });
  });
  test("what cannot be judged says so", () => {
    const short = qc(light([0.02], 1, 5), montage);
    expect(short.find(({ name }) => name === "scalp-coupling-index")?.value).toBe("not available");
    expect(short.find(({ name }) => name === "heart-rate")?.value).toBe("not available");
    expect(() => qc({ clock: "c", groups: [] })).toThrow(expect.objectContaining({ code: "no-channels" }));
  });
});

describe("quality of pairs", () => {
  test("an optode that came loose after one minute: its windows say when", () => {
    const loose = withSamples(light([0.02, 0.02]), (data, n) => {
      const random = seededRandom(4);
      for (let c = 0; c < 2; c++)
        for (let t = n / 2; t < n; t++) data[c * n + t] = 1000 * (1 + 0.002 * random.normal());
    });
    const [first, second] = windowedCoupling(opticalDensity(loose));
    expect(first?.windows.map(({ start }) => start)).toEqual(Array.from({ length: 12 }, (_, i) => 10 * i));
    // The filter of 1 s reaches over the border: the windows beside it are in between.
    expect(first?.windows.slice(0, 5).every(({ coupling, power }) => coupling > 0.9 && power > 0.1)).toBe(true);
    expect(first?.windows.slice(7).every(({ coupling }) => coupling < 0.75)).toBe(true);
    expect(second?.windows.every(({ coupling }) => coupling > 0.9)).toBe(true);
    const [bad, good] = pairQuality(loose, montage);
    expect(bad?.goodWindows).toBeGreaterThan(0.4);
    expect(bad?.goodWindows).toBeLessThan(0.6);
    expect(bad?.flags.join()).toContain("windows");
    expect(good).toMatchObject({ pair: "S1-D2", goodWindows: 1, flags: [] });
    expect(good?.pulse).toBeCloseTo(66, 0);
  });

  test("signal to noise by hand: a deviation of a hundredth is 40 dB, and ten times the light is the same", () => {
    const plain = light([0.02]);
    const [one] = pairQuality(plain);
    const [ten] = pairQuality(withSamples(plain, (data) => data.set(data.map((v) => 10 * v))));
    expect(one?.signalToNoise).toBeCloseTo(20 * Math.log10(100 / (one?.variation ?? 1)), 12);
    expect(ten?.signalToNoise).toBeCloseTo(one?.signalToNoise ?? 0, 9);
    // A pulse of 0.02 / sqrt 2, drift of 0.01 / sqrt 2 and noise of 0.002: 1.594 %, 35.95 dB.
    expect(one?.signalToNoise).toBeCloseTo(35.95, 1);
  });

  test("detectors far from the head are flagged, and a probe without places is judged all the same", () => {
    const far = {
      ...montage,
      sensors: montage.sensors.map((s) => (s.name === "D1" ? { ...s, position: [900, 0, 0] as const } : s)),
    };
    const [first] = pairQuality(light([0.02]), far);
    expect(first?.flags.join()).toContain("mm apart");
    expect(first?.distance).toBeUndefined();
    expect(pairQuality(light([0.02]))[0]?.flags).toEqual([]);
  });

  test.each([
    ["no-channels", () => pairQuality({ clock: "c", groups: [] })],
    ["not-positive", () => pairQuality(withSamples(light([0.02]), (data) => data.fill(0, 3, 4)))],
  ])("refusal: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
