import type { Channel, Events, Montage, Recording } from "@quintet/core";
import { responseAt, responseFunctions, seededRandom, summarise } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { embeddedCourses } from "./embedded-courses.ts";
import { groupEffects } from "./group-effects.ts";
import { linearModel } from "./linear-model.ts";
import { shortCourses } from "./short-channels.ts";

const [rate, n] = [5, 3000];
const onsets = [20, 62, 101, 147, 190, 231, 277, 322, 365, 402, 451, 493, 540];
const events: Events = {
  clock: "nirs",
  list: onsets.map((onset) => ({ onset, duration: 10, type: "tap" })),
};
const at = (x: number): readonly [number, number, number] => [x, 0, 0];
const montage: Montage = {
  space: "CapTrak",
  sensors: [
    { name: "S1", kind: "source", position: at(0) },
    { name: "D1", kind: "detector", position: at(30) },
    { name: "S2", kind: "source", position: at(70) },
    { name: "D2", kind: "detector", position: at(100) },
    { name: "D8", kind: "detector", position: at(8) },
    { name: "D9", kind: "detector", position: at(78) },
  ],
};
const pairs = [
  ["S1", "D1"],
  ["S2", "D2"],
  ["S1", "D8"],
  ["S2", "D9"],
] as const;
const channels: Channel[] = pairs.flatMap((sensors) =>
  (["hbo", "hbr"] as const).map((kind) => ({ name: `${sensors.join("-")} ${kind}`, kind, unit: "mol/L", sensors })),
);

const [response] = responseFunctions("none");
const peak = Math.max(...Array.from({ length: 400 }, (_, k) => responseAt(response!, k / 10, 10)));
/** 1 at the peak of the response to one block of 10 s. */
const expected = Float64Array.from({ length: n }, (_, t) =>
  onsets.reduce((sum, onset) => sum + responseAt(response!, t / rate - onset, 10) / peak, 0),
);

/** Of S1-D1 1 umol/L of HbO and -0.4 of HbR; scalp waves and noise in all, the scalp twice as strong in short pairs. */
function made(seed: number, { noise = 0.1, scalp = 1 } = {}): Recording {
  const random = seededRandom(seed);
  const waves = Float64Array.from(
    { length: n },
    (_, t) => Math.sin((2 * Math.PI * 0.1 * t) / rate) + 0.8 * (expected[t] as number),
  );
  const data = new Float64Array(channels.length * n);
  for (const [row, { sensors, kind }] of channels.entries()) {
    let state = 0;
    const depth = ["D8", "D9"].includes(sensors[1] as string) ? 2 : 1;
    const own = sensors[1] === "D1" ? (kind === "hbo" ? 1 : -0.4) : 0;
    for (let t = 0; t < n; t++) {
      state = 0.7 * state + random.normal();
      data[row * n + t] = 1e-6 * (own * (expected[t] as number) + scalp * depth * (waves[t] as number) + noise * state);
    }
  }
  return { clock: "nirs", groups: [{ rate, channels, segments: [{ start: 0, data }] }] } as unknown as Recording;
}
const effectOf = (model: ReturnType<typeof linearModel>, name: string) =>
  model.effects.find(({ channel }) => channel.name === name)!;

describe("linear model of fNIRS", () => {
  test("1 umol/L without scalp signal: within 2 %, HbR with its own sign, the silent pair silent", () => {
    // Noise whose standard error of the response is 0.6 %: 2 % is a bias, not the draw.
    const model = linearModel(made(1, { scalp: 0, noise: 0.02 }), montage, events, { short: "none" });
    expect(effectOf(model, "S1-D1 hbo").standardError * 1e6).toBeLessThan(0.01);
    expect(Math.abs(effectOf(model, "S1-D1 hbo").value * 1e6 - 1)).toBeLessThan(0.02);
    expect(Math.abs(effectOf(model, "S1-D1 hbr").value * 1e6 + 0.4)).toBeLessThan(0.02);
    expect(Math.abs(effectOf(model, "S2-D2 hbo").t)).toBeLessThan(3);
    expect(model.orders.get("S1-D1 hbo")).toBeGreaterThan(0);
    expect(model.inflation.get("tap")).toBeGreaterThanOrEqual(1);
    expect(model.inflation.get("tap")).toBeLessThan(1.5);
  });

  test.each(["mean", "nearest", "components"] as const)(
    "a scalp that follows the task is taken out by short channels (%s): 1 umol/L within 3 standard errors",
    (short) => {
      const model = linearModel(made(2), montage, events, { short });
      const { value, standardError } = effectOf(model, "S1-D1 hbo");
      expect(Math.abs(value - 1e-6)).toBeLessThan(3 * standardError);
      expect(Math.abs(effectOf(model, "S2-D2 hbo").t)).toBeLessThan(4);
      // Of the scalp's course 0.64 v of 0.5 + 0.64 v is the task's, v the variance of the response.
      const { sd } = summarise(expected);
      const shared = (0.64 * sd * sd) / (0.5 + 0.64 * sd * sd);
      expect(model.inflation.get("tap")).toBeCloseTo(1 / (1 - shared), 1);
      expect(model.inflation.get("tap")).toBeGreaterThan(1.1);
      const without = linearModel(made(2), montage, events, { short: "none" });
      expect(effectOf(without, "S2-D2 hbo").value * 1e6).toBeGreaterThan(0.5);
    },
  );

  test("a free response: stairs of 2 s come back step by step, F finds them, and where nothing is it does not", () => {
    const bins = Float64Array.of(0, 0.2, 0.7, 1, 1, 0.8, 0.5, 0.2, 0, -0.1, -0.1, 0);
    const whole = made(1, { scalp: 0, noise: 0.05 });
    const data = Float64Array.from(whole.groups[0]!.segments[0]!.data);
    for (let t = 0; t < n; t++) {
      const step = onsets.reduce((sum, onset) => sum + (bins[Math.floor((t / rate - onset) / 2 + 1e-9)] ?? 0), 0);
      data[t] = (data[t] as number) + 1e-6 * (step - (expected[t] as number));
    }
    const stairs = {
      ...whole,
      groups: [{ ...whole.groups[0]!, segments: [{ start: 0, data }] }],
    } as unknown as Recording;
    const model = linearModel(stairs, montage, events, { short: "none", response: "fir" });
    const [first] = model.responses.filter(({ channel }) => channel.name === "S1-D1 hbo");
    expect(first?.times.subarray(0, 3)).toBeAllclose([1, 3, 5], { atol: 1e-12 });
    const errors = first?.standardErrors ?? new Float64Array(12);
    for (const [k, value] of (first?.values ?? []).entries())
      expect(Math.abs(value * 1e6 - (bins[k] as number))).toBeLessThan(4e6 * (errors[k] as number));
    expect(Math.max(...errors) * 1e6).toBeLessThan(0.1);
    expect(first?.test).toMatchObject({ kind: "F", dof: [12, first?.test.dof[1]] });
    // What estimating the noise leaves of some 2950.
    expect(first?.test.dof[1]).toBeLessThan(2950);
    expect(first?.test.p).toBeLessThan(1e-12);
    expect(effectOf(model, "S1-D1 hbo").value * 1e6).toBeCloseTo(
      ((bins[2] as number) + (bins[3] as number) + (bins[4] as number)) / 3,
      1,
    );
    const [silent] = model.responses.filter(({ channel }) => channel.name === "S2-D2 hbo");
    expect(silent?.test.p).toBeGreaterThan(1e-3);
    expect(() => linearModel(made(1), montage, events, { response: "fir", form: { window: [90, 99] } })).toThrow(
      expect.objectContaining({ code: "bad-window" }),
    );
  });

  test.each(["glover", "gamma", "gaussians"] as const)(
    "a %s response finds the planted one at its pair alone",
    (family) => {
      const model = linearModel(made(1, { scalp: 0, noise: 0.05 }), montage, events, {
        short: "none",
        response: family,
      });
      expect(effectOf(model, "S1-D1 hbo").t).toBeGreaterThan(10);
      expect(Math.abs(effectOf(model, "S2-D2 hbo").t)).toBeLessThan(4);
    },
  );

  test("contrasts: of one condition its own t, of two the difference with its error; F over both; unknown names refused", () => {
    const two: Events = {
      ...events,
      list: events.list.map((event, k) => ({ ...event, type: k % 2 === 0 ? "left" : "right" })),
    };
    const model = linearModel(made(1, { scalp: 0 }), montage, two, {
      short: "none",
      contrasts: [
        { name: "left", rows: [{ left: 1 }] },
        { name: "left - right", rows: [{ left: 1, right: -1 }] },
        { name: "any", rows: [{ left: 1 }, { right: 1 }] },
      ],
    });
    const of = (name: string) => model.contrasts.find((c) => c.name === name && c.channel.name === "S1-D1 hbo")!;
    const left = model.effects.find((e) => e.condition === "left" && e.channel.name === "S1-D1 hbo")!;
    const right = model.effects.find((e) => e.condition === "right" && e.channel.name === "S1-D1 hbo")!;
    expect(of("left").statistic).toBeCloseTo(left.t, 9);
    expect((of("left - right").value as number) * 1e6).toBeCloseTo((left.value - right.value) * 1e6, 9);
    // Both are the same response: no difference, but something in either.
    expect(Math.abs(of("left - right").statistic)).toBeLessThan(3);
    expect(of("any").kind).toBe("F");
    // Of two conditions with the same noise nearly those of one.
    expect(of("any").dof[0]).toBe(2);
    expect(of("any").dof[1] / left.dof).toBeGreaterThan(0.5);
    expect(of("any").dof[1] / left.dof).toBeLessThan(2);
    expect(of("any").p).toBeLessThan(1e-9);
    expect(() => linearModel(made(1), montage, two, { contrasts: [{ name: "x", rows: [{ up: 1 }] }] })).toThrow(
      expect.objectContaining({ code: "bad-contrast" }),
    );
  });

  test("tcca: a scalp signal that comes 1.4 s late is followed, which the mean of the short channels cannot", () => {
    const whole = made(6, { scalp: 0 });
    const [group] = whole.groups;
    const data = Float64Array.from(group!.segments[0]!.data);
    const random = seededRandom(60);
    const waves = new Float64Array(n + 20);
    for (let t = 2; t < waves.length; t++)
      waves[t] = 1.6 * (waves[t - 1] as number) - 0.8 * (waves[t - 2] as number) + random.normal();
    for (let row = 0; row < channels.length; row++) {
      const late = row < 4 ? 0 : 7;
      for (let t = 0; t < n; t++)
        data[row * n + t] = (data[row * n + t] as number) + 3e-7 * (waves[t + late] as number);
    }
    const scalp = { ...whole, groups: [{ ...group!, segments: [{ start: 0, data }] }] } as unknown as Recording;
    const [mean, tcca] = (["mean", "tcca"] as const).map((short) => linearModel(scalp, montage, events, { short }));
    const errors = [mean!, tcca!].map((model) => effectOf(model, "S1-D1 hbo").standardError);
    expect(errors[1]).toBeLessThan(0.7 * (errors[0] as number));
    expect(Math.abs(effectOf(tcca!, "S1-D1 hbo").value * 1e6 - 1)).toBeLessThan(0.15);
    expect(tcca!.short.used).toBe("tcca");
    const near = embeddedCourses(
      {
        ...scalp,
        groups: [{ ...group!, channels: channels.slice(0, 4), segments: [{ start: 0, data: data.slice(0, 4 * n) }] }],
      } as unknown as Recording,
      {
        ...scalp,
        groups: [
          { ...group!, channels: channels.slice(4), segments: [{ start: 0, data: data.slice(4 * n) }] },
          { rate: 7, channels: [channels[0]!], segments: [{ start: 0, data: new Float64Array(n) }] },
        ],
      } as unknown as Recording,
    );
    expect(near.correlations[0]).toBeGreaterThan(0.9);
    expect(near.leftOut).toEqual(["S1-D1 hbo"]);
    expect(() => embeddedCourses(scalp, { ...scalp, groups: [] } as unknown as Recording)).toThrow(
      expect.objectContaining({ code: "no-short-channels" }),
    );
  });

  test("a group of subjects: the analysis of variance where errors are alike, the sure one counts more where they are not", () => {
    const rows = (errors: readonly number[]) =>
      [1, 3, 8].map((value, s) => ({
        subject: `s${s}`,
        channel: "S1-D1 hbo",
        condition: "tap",
        value: value * 1e-7,
        standardError: (errors[s] as number) * 1e-8,
      }));
    const [even] = groupEffects(rows([1, 1, 1]));
    // Mean 4, sd sqrt(13): t = 4 / sqrt(13 / 3) with 2 degrees of freedom.
    expect(even?.t).toBeCloseTo(4 / Math.sqrt(13 / 3), 6);
    expect([even?.dof, even?.subjects]).toEqual([2, 3]);
    // Four sure subjects about 1, four with fifty times their errors about 4: the plain mean would be 2.5.
    const eight = [1, 1.1, 0.9, 1, 9, -3, 10, 0].map((value, s) => ({
      subject: `s${s}`,
      channel: "S1-D1 hbo",
      condition: "tap",
      value: value * 1e-7,
      standardError: s < 4 ? 1e-8 : 5e-7,
    }));
    const [sure] = groupEffects(eight);
    expect((sure?.value ?? 0) * 1e7).toBeCloseTo(1, 1);
    expect(() => groupEffects(rows([1, 1, 1]).slice(0, 1))).toThrow(expect.objectContaining({ code: "no-effects" }));
  });

  test("invariant: twice the signal is twice the response and the same t", () => {
    const whole = made(3);
    const [group] = whole.groups;
    const twice = {
      ...whole,
      groups: [
        { ...group!, segments: [{ start: 0, data: Float64Array.from(group!.segments[0]!.data, (v) => 2 * v) }] },
      ],
    } as unknown as Recording;
    const [a, b] = [whole, twice].map((recording) => effectOf(linearModel(recording, montage, events), "S1-D1 hbo"));
    expect(b!.value / a!.value).toBeCloseTo(2, 6);
    expect(b!.t / a!.t).toBeCloseTo(1, 6);
  });

  test("a short channel of NaN is left out and named; with no other left it is refused", () => {
    const whole = made(4);
    const data = Float64Array.from(whole.groups[0]!.segments[0]!.data);
    data[4 * n + 17] = Number.NaN;
    const broken = {
      ...whole,
      groups: [{ ...whole.groups[0]!, segments: [{ start: 0, data }] }],
    } as unknown as Recording;
    expect(linearModel(broken, montage, events).short.leftOut).toEqual(["S1-D8 hbo"]);
    data.fill(Number.NaN, 4 * n);
    expect(() => linearModel(broken, montage, events)).toThrow(expect.objectContaining({ code: "no-short-channels" }));
  });

  test("refusals: a long channel of NaN by its name, two segments, nothing but short pairs", () => {
    const whole = made(5);
    const [group] = whole.groups;
    const data = Float64Array.from(group!.segments[0]!.data);
    data[3] = Number.NaN;
    const nan = { ...whole, groups: [{ ...group!, segments: [{ start: 0, data }] }] } as unknown as Recording;
    expect(() => linearModel(nan, montage, events)).toThrow(
      expect.objectContaining({ code: "not-finite", message: expect.stringContaining("S1-D1 hbo") }),
    );
    const cut = { ...whole, groups: [{ ...group!, segments: [group!.segments[0]!, group!.segments[0]!] }] };
    expect(() => linearModel(cut as unknown as Recording, montage, events)).toThrow(
      expect.objectContaining({ code: "one-recording" }),
    );
    const near = {
      ...montage,
      sensors: montage.sensors.map((s) =>
        s.name === "D1" || s.name === "D2" ? { ...s, position: at(s.name === "D1" ? 9 : 79) } : s,
      ),
    };
    expect(() => linearModel(whole, near, events)).toThrow(expect.objectContaining({ code: "no-channels" }));
    expect(() => shortCourses({ ...whole, groups: [] } as unknown as Recording, montage, "mean")).toThrow(
      expect.objectContaining({ code: "no-short-channels" }),
    );
  });
});
