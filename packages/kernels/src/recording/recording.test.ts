import type { Channel, Events, Recording } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { averageEpochs, cutEpochs, groupOf } from "./cut-epochs.ts";
import { butterworthRecording, firFilterRecording } from "./filter-recording.ts";

const channel = (name: string, kind: Channel["kind"] = "eeg"): Channel => ({ name, kind, unit: "V", sensors: [name] });
const isEeg = ({ kind }: Channel): boolean => kind === "eeg";
const events = (...onsets: number[]): Events => ({
  clock: "device:eeg",
  list: onsets.map((onset) => ({ onset, duration: 0, type: "go" })),
});

/** Two channels at 10 Hz in two segments: a ramp and ten times it; a trigger beside. */
const ramp: Recording = {
  clock: "device:eeg",
  groups: [
    {
      rate: 10,
      channels: [channel("a"), channel("trig", "trigger"), channel("b")],
      segments: [
        { start: 0, data: Float64Array.from({ length: 60 }, (_, i) => [1, 5, 10][Math.floor(i / 20)] * (i % 20)) },
        {
          start: 10,
          data: Float64Array.from({ length: 90 }, (_, i) => [1, 5, 10][Math.floor(i / 30)] * (100 + (i % 30))),
        },
      ],
    },
  ],
};

describe("cutEpochs", () => {
  test("by hand: nearest sample, both ends included, baseline removed, nothing across the gap", () => {
    const epochs = cutEpochs(ramp, events(0.52, 1.9, 10.3, 12.9), isEeg, {
      window: [-0.2, 0.1],
      baseline: [-0.2, -0.1],
    });
    expect(epochs.times).toBeAllclose([-0.2, -0.1, 0, 0.1], { atol: 1e-15 });
    expect(epochs.events.map((e) => e.onset)).toEqual([0.52, 10.3]);
    expect(epochs.outside.map((e) => e.onset)).toEqual([1.9, 12.9]);
    expect(epochs.data[0]).toBeAllclose([-0.5, 0.5, 1.5, 2.5, -5, 5, 15, 25], { atol: 1e-12 });
    expect(epochs.channels.map((c) => c.name)).toEqual(["a", "b"]);
  });

  test("mean and standard error by hand", () => {
    const { mean, standardError } = averageEpochs([Float64Array.of(1, 4), Float64Array.of(3, 4)]);
    expect([...mean]).toEqual([2, 4]);
    expect([...standardError]).toEqual([1, 0]);
    expect(averageEpochs([Float64Array.of(1)]).standardError[0]).toBeNaN();
  });

  test.each([
    ["another clock", { ...events(1), clock: "pc" }, [-0.1, 0.1], undefined, "clock-mismatch"],
    ["a window backwards", events(1), [0.1, -0.1], undefined, "bad-window"],
    ["a baseline outside", events(1), [-0.1, 0.1], [-0.5, 0], "bad-window"],
  ] as const)("refuses %s", (_, list, window, baseline, code) => {
    expect(() => cutEpochs(ramp, list, isEeg, baseline ? { window, baseline } : { window })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("refuses no such channel and channels at two rates", () => {
    expect(() => groupOf(ramp, (c) => c.kind === "hbo")).toThrow(expect.objectContaining({ code: "no-channels" }));
    const twice = { ...ramp, groups: [ramp.groups[0], { ...ramp.groups[0], rate: 20 }] };
    expect(() => groupOf(twice, isEeg)).toThrow(expect.objectContaining({ code: "several-rates" }));
  });
});

describe("filters on a recording", () => {
  const long: Recording = {
    clock: "c",
    groups: [
      {
        rate: 100,
        channels: [channel("a"), channel("trig", "trigger")],
        segments: [0, 50].map((start) => ({
          start,
          data: Float32Array.from({ length: 2000 }, (_, i) =>
            i < 1000 ? start + Math.sin((2 * Math.PI * 10 * i) / 100) + Math.sin((2 * Math.PI * 40 * i) / 100) : i,
          ),
        })),
      },
    ],
  };
  test("takes 40 Hz away, keeps 10 Hz, the trigger, the precision and the input; a gap's step does not ring", () => {
    const before = long.groups[0].segments[1].data.slice();
    const { groups } = firFilterRecording(long, { high: 20 }, isEeg);
    const { data } = groups[0].segments[1];
    expect(data).toBeInstanceOf(Float32Array);
    expect(data.subarray(1000)).toEqual(before.subarray(1000));
    const sine = Float64Array.from({ length: 900 }, (_, i) => 50 + Math.sin((2 * Math.PI * 10 * (i + 50)) / 100));
    // Hamming ripple 0.2 % per transition.
    expect(data.subarray(50, 950)).toBeAllclose(sine, { atol: 0.01 });
    expect(long.groups[0].segments[1].data).toEqual(before);
  });
  test("Butterworth: the offset goes, the middle stays", () => {
    const { groups } = butterworthRecording(long, { low: 1, high: 20, lowOrder: 5, highOrder: 3 }, isEeg);
    const sine = Float64Array.from({ length: 600 }, (_, i) => Math.sin((2 * Math.PI * 10 * (i + 200)) / 100));
    expect(groups[0].segments[1].data.subarray(200, 800)).toBeAllclose(sine, { atol: 0.03 });
  });
  test("a short segment is named", () => {
    expect(() => firFilterRecording(long, { low: 0.1 }, isEeg)).toThrow(
      expect.objectContaining({
        code: "segment-too-short",
        message: expect.stringContaining("segment at 0 s (10.000 s, 100 Hz)"),
      }),
    );
    expect(() => butterworthRecording(long, { lowOrder: 1, highOrder: 1 }, isEeg)).toThrow(
      expect.objectContaining({ code: "bad-band" }),
    );
  });
});
