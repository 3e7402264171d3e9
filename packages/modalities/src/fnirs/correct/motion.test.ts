/** Ways to repair motion: by hand where that is possible, on a made run with a known truth where it is not. */
import type { Channel, Events, Montage, Recording } from "@quintet/core";
import { changeDetails, responseAt, responseFunctions, seededRandom, summarise } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { globalVariance } from "../qc/gvtd.ts";
import { compareMotion } from "../qc/motion-comparison.ts";
import { extinction } from "../recon/extinction.ts";
import { correlationImprovement } from "./correlation-improvement.ts";
import { motionArtefacts } from "./motion-artefacts.ts";
import { principalMotion } from "./principal-motion.ts";
import { motionMethods, repairConcentration, repairDensity } from "./repair.ts";
import { splineMotion } from "./spline-motion.ts";
import { waveletMotion } from "./wavelet-motion.ts";

const [rate, n] = [10, 3000];
const pairs = [1, 2, 3, 4].map((d) => ["S1", `D${d}`] as const);
const channels: Channel[] = pairs.flatMap((sensors) =>
  [760, 850].map((wavelength) => ({
    name: `${sensors.join("-")} ${wavelength}`,
    kind: "nirs-od" as const,
    unit: "{od}" as const,
    sensors,
    wavelength,
  })),
);
const montage: Montage = {
  space: "CapTrak",
  sensors: [
    { name: "S1", kind: "source", position: [0, 0, 90] },
    ...[1, 2, 3, 4].map((d) => ({
      name: `D${d}`,
      kind: "detector" as const,
      position: [30 * Math.cos(d), 30 * Math.sin(d), 90] as const,
    })),
  ],
};
const onsets = [30, 62, 101, 137, 170, 201, 237, 270];
const events: Events = { clock: "c", list: onsets.map((onset) => ({ onset, duration: 10, type: "tap" })) };
const [response] = responseFunctions("none");
const made = (kind: "clean" | "moved" | "spikes"): Recording => {
  const random = seededRandom(21);
  const data = new Float64Array(channels.length * n);
  channels.forEach(({ wavelength = 0 }, row) => {
    const { hbo, hbr } = extinction("prahl", wavelength);
    for (let t = 0; t < n; t++) {
      const task = 14 * onsets.reduce((sum, onset) => sum + responseAt(response!, t / rate - onset, 10) / 10, 0);
      const beat = 0.3 * Math.sin((2 * Math.PI * 1.1 * t) / rate);
      data[row * n + t] = Math.LN10 * 3 * 6 * 1e-6 * (hbo * (task + beat) - 0.3 * hbr * task) + 1e-3 * random.normal();
    }
  });
  if (kind !== "clean") {
    // A shift of the level at 90 s and spikes of 1 s at 128, 195 and 250 s, of all channels, each of its own size.
    channels.forEach((_, row) => {
      for (let t = 900; t < n && kind === "moved"; t++)
        data[row * n + t] = (data[row * n + t] as number) + 0.3 + 0.05 * row;
      for (const at of [1280, 1950, 2500])
        for (let t = at; t < at + 10; t++)
          data[row * n + t] = (data[row * n + t] as number) + (0.5 + 0.03 * row) * Math.sin((Math.PI * (t - at)) / 10);
    });
  }
  return { clock: "c", groups: [{ rate, channels, segments: [{ start: 0, data }] }] };
};
const rows = (recording: Recording): Float64Array => recording.groups[0]!.segments[0]!.data as Float64Array;

describe("search for motion", () => {
  const spike = (at: number, size: number): Recording => {
    const random = seededRandom(2);
    const data = Float64Array.from({ length: 2 * 200 }, () => 0.001 * random.normal());
    data[at] = (data[at] as number) + size;
    return { clock: "c", groups: [{ rate, channels: channels.slice(0, 2), segments: [{ start: 0, data }] }] };
  };
  test("one spike: 0.5 s before it to 1 s after, in both wavelengths of its pair", () => {
    const [first, second] = motionArtefacts(spike(100, 6))[0]![0]!;
    const marked = [...first!.keys()].filter((t) => first![t] === 1);
    // Changes within 5 samples begin at 95 to 100 and are told of one sample later; 10 samples on both sides.
    expect([marked[0], marked.at(-1), marked.length]).toEqual([86, 111, 26]);
    expect(second).toEqual(first);
  });
  test("a smaller one is found by deviations, not by amplitude; none in noise", () => {
    expect(motionArtefacts(spike(100, 0.2), { deviations: 5 })[0]![0]![0]!.includes(1)).toBe(true);
    expect(motionArtefacts(spike(100, 0.2))[0]![0]![0]!.includes(1)).toBe(false);
    expect(motionArtefacts(spike(100, 0), { deviations: 8 })[0]![0]![0]!.includes(1)).toBe(false);
  });
  test("the whole cap: its course peaks where it moved", () => {
    const random = seededRandom(9);
    const data = Float64Array.from({ length: channels.length * n }, () => 1e-3 * random.normal());
    const still = globalVariance({
      clock: "c",
      groups: [{ rate, channels, segments: [{ start: 0, data: data.slice() }] }],
    });
    for (let c = 0; c < channels.length; c++)
      for (let t = 900; t < 910; t++)
        data[c * n + t] = (data[c * n + t] as number) + 0.02 * Math.sin((Math.PI * (t - 900)) / 10);
    const moved = globalVariance({ clock: "c", groups: [{ rate, channels, segments: [{ start: 0, data }] }] });
    const top = moved.values.indexOf(Math.max(...moved.values));
    expect(Math.abs(top - 905)).toBeLessThan(10);
    expect(moved.values[top]).toBeGreaterThan(3 * moved.threshold);
    // Of 3000 samples the movement of 10 and the filter's ringing take 5 to 60.
    expect(moved.motion - still.motion).toBeGreaterThan(5 / n);
    expect(moved.motion - still.motion).toBeLessThan(60 / n);
    expect(moved.times[900]).toBeCloseTo(90, 9);
  });
});

describe("repair", () => {
  test("wavelets: a transform whose details are left alone gives the signal back", () => {
    const random = seededRandom(1);
    const x = Float64Array.from({ length: 256 }, () => random.normal());
    expect(changeDetails(x, 5, () => undefined)).toBeAllclose(x, { atol: 1e-12 });
    // Turned by one sample, whatever is done to the details, the result is turned as well.
    const harsh = (d: Float64Array): void => void d.fill(0, 0, d.length).fill(0);
    const turned = Float64Array.from(x, (_, t) => x[(t + 1) % 256] as number);
    const [a, b] = [changeDetails(x, 3, harsh), changeDetails(turned, 3, harsh)];
    expect(b).toBeAllclose(
      Float64Array.from(a, (_, t) => a[(t + 1) % 256] as number),
      { atol: 1e-12 },
    );
  });

  test("spline: channels without motion stay to the bit, the shift at 90 s is gone", () => {
    const moved = made("moved");
    const none = motionArtefacts(moved, { deviations: 1e6, amplitude: 1e6 });
    expect(rows(splineMotion(moved, none)).every((v, i) => v === rows(moved)[i])).toBe(true);
    const fixed = rows(splineMotion(moved, motionArtefacts(moved, { deviations: 8 })));
    const [before, after] = [summarise(fixed.subarray(700, 850)).mean, summarise(fixed.subarray(1050, 1250)).mean];
    expect(Math.abs(after - before)).toBeLessThan(0.03);
  });

  test("tpca: what all channels share while they move is gone, channels need company", () => {
    const moved = made("moved");
    const fixed = rows(principalMotion(moved, { deviations: 8 }));
    const peak = (x: Float64Array): number => Math.max(...x.subarray(1270, 1300)) - (x[1265] as number);
    expect(peak(fixed)).toBeLessThan(0.1 * peak(rows(moved)));
    const two = {
      ...moved,
      groups: [{ rate, channels: channels.slice(0, 2), segments: [{ start: 0, data: rows(moved).slice(0, 2 * n) }] }],
    };
    expect(() => principalMotion(two, { deviations: 8 })).toThrow(
      expect.objectContaining({ code: "too-few-channels" }),
    );
  });

  test("cbsi by hand: HbO 1, -1, 3, -3 and HbR 2, -2, -2, 2", () => {
    const kinds = (["hbo", "hbr", "hbt"] as const).map((kind) => ({
      name: `S1-D1 ${kind}`,
      kind,
      unit: "mol/L" as const,
      sensors: ["S1", "D1"],
    }));
    const data = Float64Array.of(1, -1, 3, -3, 2, -2, -2, 2, 3, -3, 1, -1);
    const blood = { clock: "c", groups: [{ rate, channels: kinds, segments: [{ start: 0, data }] }] } as Recording;
    // sd^2 20/3 and 16/3: a = sqrt(5/4).
    const a = Math.sqrt(1.25);
    const hbo = [1 - 2 * a, -1 + 2 * a, 3 + 2 * a, -3 - 2 * a].map((v) => v / 2);
    const found = rows(correlationImprovement(blood));
    expect(found.subarray(0, 4)).toBeAllclose(hbo, { atol: 1e-14 });
    expect(found.subarray(4, 8)).toBeAllclose(
      hbo.map((v) => -v / a),
      { atol: 1e-14 },
    );
    expect(found.subarray(8)).toBeAllclose(
      hbo.map((v) => v - v / a),
      { atol: 1e-14 },
    );
    // What goes opposite ways already stays.
    expect(
      rows(
        correlationImprovement({ ...blood, groups: [{ ...blood.groups[0]!, segments: [{ start: 0, data: found }] }] }),
      ),
    ).toBeAllclose(found, { atol: 1e-12 });
    expect(() =>
      correlationImprovement({
        ...blood,
        groups: [{ ...blood.groups[0]!, channels: kinds.slice(1), segments: [{ start: 0, data: data.slice(4) }] }],
      }),
    ).toThrow(expect.objectContaining({ code: "unpaired" }));
  });

  test.each(motionMethods.filter((method) => method !== "none" && method !== "cbsi"))(
    "%s: closer to the truth than the moved run",
    (method) => {
      // Wavelets leave the coarsest levels, and with them a shift, alone.
      const kind = method === "wavelet" ? "spikes" : "moved";
      const [truth, moved] = [rows(made("clean")), rows(made(kind))];
      const fixed = rows(repairDensity(made(kind), method, { deviations: 8 }));
      const away = (x: Float64Array): number => {
        let sum = 0;
        for (let c = 0; c < channels.length; c++) {
          const [a, b] = [x, truth].map((of) => of.subarray(c * n, (c + 1) * n)) as [Float64Array, Float64Array];
          const shift = summarise(a).mean - summarise(b).mean;
          for (let t = 0; t < n; t++) sum += ((a[t] as number) - (b[t] as number) - shift) ** 2;
        }
        return Math.sqrt(sum / (channels.length * n));
      };
      expect(away(fixed)).toBeLessThan(0.5 * away(moved));
    },
  );

  test("comparison on one run: rows for all, less left of the artefacts, a refusal told in its row", () => {
    const { rows: found, marked } = compareMotion(
      made("moved"),
      montage,
      events,
      { pathlength: { ppf: 6 } },
      { deviations: 8 },
    );
    expect(found.map(({ method }) => method)).toEqual([...motionMethods]);
    expect(marked).toBeGreaterThan(0.02);
    const of = Object.fromEntries(found.map((row) => [row.method, row]));
    expect(of.none?.changed).toBe(0);
    expect(of.none?.marked).toBeGreaterThan(of.tddr?.marked ?? 1);
    for (const method of ["tddr", "spline", "tpca"] as const) {
      expect(of[method]?.artefactPower).toBeLessThan(0.5 * (of.none?.artefactPower ?? 0));
      expect(of[method]?.contrast).toBeGreaterThan(of.none?.contrast ?? 9);
    }
    const few = compareMotion(
      {
        ...made("moved"),
        groups: [
          { rate, channels: channels.slice(0, 2), segments: [{ start: 0, data: rows(made("moved")).slice(0, 2 * n) }] },
        ],
      },
      montage,
      events,
      { pathlength: { ppf: 6 } },
      { deviations: 8 },
    );
    expect(few.rows.find(({ method }) => method === "tpca")?.refused).toMatch(/channels/);
  });

  test.each([
    ["no-channels", () => waveletMotion({ clock: "c", groups: [] })],
    ["no-channels", () => motionArtefacts({ clock: "c", groups: [] })],
    ["no-channels", () => repairConcentration({ clock: "c", groups: [] }, "cbsi")],
    ["not-positive", () => waveletMotion(made("clean"), 0)],
    ["not-positive", () => motionArtefacts(made("clean"), { deviations: -1 })],
    ["out-of-range", () => principalMotion(made("clean"), { share: 1 })],
  ])("refusal: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ code }));
  });
});
