import type { Channel, Events, Montage, Recording } from "@quintet/core";
import { responseAt, responseFunctions, seededRandom, summarise } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
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
