import type { KSpace } from "@quintet/core";
import { expect, test } from "vitest";
import { scannerTriggers, volumeTimes } from "./scanner-times.ts";

const tick = 0.0025;
type Row = readonly [purpose: string, repetition: number, stamp: number, since?: number];
const readouts = (rows: readonly Row[]): KSpace["readouts"] =>
  rows.map(([purpose, repetition, stamp, since = 0]) => ({
    ...{ purpose, stamp, physiology: [since] },
    counters: { repetition },
  })) as never;
const wave = (name: string, stamp: number, trigger: readonly number[]): KSpace["waveforms"][number] => ({
  ...{ name, channels: 2, stamp, dwell: tick, triggerChannel: 1 },
  data: Float64Array.from([...trigger.map(() => 7), ...trigger]),
});

test("a volume begins with its first imaging readout, whatever came before it for other ends", () => {
  const rows = readouts([
    ["noise", 0, 900],
    ["navigator", 0, 1000],
    ["image", 0, 1004],
    ["image", 0, 1010],
    ["image-and-calibration", 1, 1804],
  ]);
  expect([...volumeTimes({ readouts: rows, tick })]).toBeAllclose([2.51, 4.51], { atol: 1e-12 });
  expect(() => volumeTimes({ readouts: rows })).toThrow(expect.objectContaining({ code: "no-tick" }));
  expect(() => volumeTimes({ readouts: readouts([["noise", 0, 1]]), tick })).toThrow(
    expect.objectContaining({ code: "no-image" }),
  );
});

test("rising edges of trigger channels across blocks; an edge is counted once, one before the record is unknown", () => {
  const triggers = scannerTriggers({
    readouts: readouts([["image", 0, 1000]]),
    tick,
    waveforms: [
      // The second block goes on where the first ends: high over the seam is one edge.
      wave("EXT1", 1004, [1, 0, 1, 0]),
      wave("EXT1", 1000, [1, 0, 0, 1]),
      // A gap of 92 samples: what is high behind it rose nobody knows when.
      wave("EXT1", 1100, [1, 0, 1, 1]),
      { ...wave("RESP", 1000, [0, 1]), triggerChannel: undefined } as never,
    ],
  });
  expect(Object.keys(triggers)).toEqual(["EXT1"]);
  expect([...(triggers.EXT1 ?? [])]).toBeAllclose(
    [1003, 1006, 1102].map((n) => n * tick),
    { atol: 1e-9 },
  );
});

test("ticks since the last trigger tell each trigger once", () => {
  const rows = readouts([
    ["image", 0, 1000, 40],
    ["image", 0, 1020, 60],
    ["image", 0, 1080, 19],
  ]);
  const { "readout trigger 1": times } = scannerTriggers({ readouts: rows, tick, waveforms: [] });
  expect([...(times ?? [])]).toBeAllclose([960 * tick, 1061 * tick], { atol: 1e-9 });
});

test("a waveform stamped before midnight of a scan that began behind it lies on the day before", () => {
  const { EXT1 } = scannerTriggers({
    readouts: readouts([["image", 0, 400]]),
    tick,
    waveforms: [wave("EXT1", 86_400 / tick - 4, [0, 1, 0, 0])],
  });
  expect([...(EXT1 ?? [])]).toBeAllclose([-3 * tick], { atol: 1e-9 });
});
