import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recording } from "@quintet/core";
import { writeEdf } from "@quintet/io";
import { openRecording, readRecording } from "@quintet/io/node";
import { minMax, seededRandom } from "@quintet/kernels";
import { averageReference, bipolar, doubleBanana, filterRecording, markBad, notch } from "@quintet/modalities/eeg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WindowAnswer, WindowWish } from "./job.ts";
import { buildPyramid } from "./pyramid.ts";
import { RecordingRoom } from "./serve.ts";
import { treatGroup } from "./treat.ts";
import { planWindow } from "./window.ts";

const rate = 200;
const names = ["Fp1", "F7", "T7", "Cz"];
let folder: string;
let path: string;
let whole: Recording;
const room = new RecordingRoom();

/** Four channels of noise: 60 s, a gap of 5 s, 20 s. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-window-"));
  path = join(folder, "noise.edf");
  const random = seededRandom(3);
  const noise = (seconds: number): Float64Array =>
    Float64Array.from({ length: names.length * seconds * rate }, () => 50e-6 * random.normal());
  const recording: Recording = {
    clock: "recording",
    groups: [
      {
        rate,
        channels: names.map((name) => ({ name, kind: "eeg", unit: "V", sensors: [name] })),
        segments: [
          { start: 0, data: noise(60) },
          { start: 65, data: noise(20) },
        ],
      },
    ],
  };
  await writeFile(path, writeEdf(recording));
  // What the file holds, 16 bits a sample.
  whole = (await readRecording(path)).recording;
});
afterAll(async () => {
  room[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

async function ask(wish: WindowWish, bad: readonly string[] = []): Promise<WindowAnswer> {
  const { mtimeMs, size } = await stat(path);
  const source = { path, stamp: `${mtimeMs} ${size}`, companions: {}, participant: {}, bad };
  return (await room.answer({ kind: "window", source, wish })) as WindowAnswer;
}

/** Samples [first, end) of a channel of a segment, uV. */
function part({ groups }: Recording, segment: number, channel: number, first: number, end: number): number[] {
  const [group] = groups;
  const { data } = group?.segments[segment] ?? { data: new Float64Array() };
  const n = data.length / (group?.channels.length ?? 1);
  return Array.from(data.subarray(channel * n + first, channel * n + end), (v) => v * 1e6);
}

/** float32 holds 200 uV to 1e-5; the filters' own rounding is far below. */
const rounding = { rtol: 1e-6, atol: 1e-4 };

test("samples of a window over a gap, as stored, in uV", async () => {
  const { head, values } = await ask({ group: 0, from: 59, to: 66, channels: [2, 0] });
  expect(head).toMatchObject({ kind: "samples", rate, channels: [{ name: "T7", unit: "µV" }, { name: "Fp1" }] });
  expect(head.segments).toEqual([
    { start: 59, count: 200, at: 0 },
    { start: 65, count: 200, at: 400 },
  ]);
  expect(values.subarray(0, 200)).toBeAllclose(part(whole, 0, 2, 11_800, 12_000), rounding);
  expect(values.subarray(600, 800)).toBeAllclose(part(whole, 1, 0, 0, 200), rounding);
});

test.each([
  ["band-pass", { low: 1, high: 40 }, (r: Recording) => filterRecording(r, { low: 1, high: 40 })],
  ["high-pass of 0.5 Hz", { low: 0.5 }, (r: Recording) => filterRecording(r, { low: 0.5 })],
  [
    "average and notch",
    { montage: "average", notch: 50 },
    (r: Recording) => notch(averageReference(r), 50, { width: 1 }),
  ],
  [
    "bipolar, band-pass and notch",
    { montage: "double-banana", low: 1, high: 70, notch: 50 },
    (r: Recording) => notch(filterRecording(bipolar(r, doubleBanana), { low: 1, high: 70 }), 50),
  ],
] as const)(
  "%s of any window equals the same stretch of the whole recording treated at once",
  async (_, treatment, expected) => {
    const treated = expected(whole);
    const count = treated.groups[0]?.channels.length ?? 0;
    for (const [segment, from, to] of [
      [0, 20, 21],
      [0, 0, 0.5],
      [0, 59.5, 60],
      [1, 65, 67],
      [1, 84, 85],
    ] as const) {
      const { head, values } = await ask({ group: 0, from, to, ...treatment });
      const start = segment === 0 ? 0 : 65;
      const [first, end] = [Math.round((from - start) * rate), Math.round((to - start) * rate)];
      expect(head.channels.length).toBe(count);
      const wanted = Array.from({ length: count }, (_, c) => part(treated, segment, c, first, end)).flat();
      expect(values).toBeAllclose(wanted, rounding);
    }
  },
);

test("a bad channel counts for no average; a segment shorter than the filter is a gap", async () => {
  const { values } = await ask({ group: 0, from: 10, to: 11, montage: "average" }, ["Cz"]);
  const wanted = averageReference(markBad(whole, new Set(["Cz"])));
  expect(values).toBeAllclose(
    [0, 1, 2, 3].flatMap((c) => part(wanted, 0, c, 2000, 2200)),
    rounding,
  );
  // 0.1 Hz asks for 3.3 s / 0.1 = 33 s of taps.
  const slow = await ask({ group: 0, from: 65, to: 66, low: 0.1 });
  expect(slow.values.every(Number.isNaN)).toBe(true);
});

test("pairs: every sample lies inside its pair, and pairs lie still when the window moves", async () => {
  const { head, values } = await ask({ group: 0, from: 0, to: 60, pixels: 200, channels: [1] });
  expect([head.kind, head.rate, head.segments]).toEqual(["min-max", rate / 60, [{ start: 0, count: 200, at: 0 }]]);
  const samples = Float32Array.from(part(whole, 0, 1, 0, 12_000));
  expect(values).toBeAllclose(minMax(samples, 60), rounding);
  const moved = await ask({ group: 0, from: 0.3, to: 60, pixels: 199, channels: [1] });
  expect(moved.values.subarray(0, 8)).toEqual(values.subarray(2, 10));
});

test("the pyramid's pairs are those of the samples, at any level and across a gap", async () => {
  using open = await openRecording(path);
  const group = treatGroup(open, 0, { low: 2 }, []);
  const pyramid = await buildPyramid(group, () => Promise.resolve());
  const filtered = filterRecording(whole, { low: 2 });
  for (const [segment, bin, first, end] of [
    [0, 64, 0, 188],
    [0, 512, 1, 20],
    [0, 192, 3, 62],
    [1, 64, 60, 63],
  ] as const) {
    const n = segment === 0 ? 12_000 : 4000;
    const samples = Float64Array.from(part(filtered, segment, 3, first * bin, Math.min(n, end * bin)));
    const pairs = pyramid.pairs(segment, 3, bin, first, end).map((v) => v * 1e6);
    expect(pairs).toBeAllclose(minMax(samples, bin), rounding);
  }
});

test("a plan reads little, and asks for the pyramid only where it must", () => {
  const hour = {
    rate: 500,
    channels: Array.from({ length: 64 }, () => whole.groups[0]?.channels[0] as never),
    segments: [{ start: 0, samples: 1_800_000 }],
  };
  expect(planWindow(hour, { group: 0, from: 0, to: 10, pixels: 1200 })).toMatchObject({ bin: 4, wantsPyramid: false });
  expect(planWindow(hour, { group: 0, from: 0, to: 3600, pixels: 1200 })).toMatchObject({
    bin: 1472,
    wantsPyramid: true,
  });
  expect(planWindow(hour, { group: 0, from: -5, to: 1 }).parts).toEqual([{ segment: 0, first: 0, end: 500 }]);
  expect(planWindow(hour, { group: 0, from: 4000, to: 4001 }).parts).toEqual([]);
});

test.each([
  ["bad-window", { from: 5, to: 5 }],
  ["bad-window", { from: 0, to: Number.POSITIVE_INFINITY }],
  ["bad-window", { from: 0, to: 1, pixels: 0 }],
  ["bad-channels", { from: 0, to: 1, channels: [4] }],
  ["bad-group", { from: 0, to: 1, group: 1 }],
  ["bad-band", { from: 0, to: 1, low: 150 }],
  ["bad-band", { from: 0, to: 1, low: 10, high: 10 }],
  ["no-channels", { from: 0, to: 1, derived: "hb" }],
] as const)("%s is refused", async (code, wish) => {
  await expect(ask({ group: 0, ...wish })).rejects.toMatchObject({ code });
});
