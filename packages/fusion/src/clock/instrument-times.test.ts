import { expect, test } from "vitest";
import { petsirdPulses } from "../../../io/src/petsird/external-pulses.ts";
import type { PetsirdHeader, PetsirdTimeBlock } from "../../../io/src/petsird/model.ts";
import { projectionTimes, readoutTimes, sliceInstants } from "./instrument-times.ts";

test("readouts by their ticks, across a counter that begins again", () => {
  const readouts = [100, 140, 4].map((stamp) => ({ stamp })) as never;
  expect([...readoutTimes({ readouts, tick: 2.5e-3 })].map((t) => Number(t.toFixed(4)))).toEqual([0.25, 0.35, 0.01]);
  const wrapped = [2 ** 32 - 2, 3].map((stamp) => ({ stamp })) as never;
  const [a, b] = readoutTimes({ readouts: wrapped, tick: 2.5e-3 });
  expect((b as number) - (a as number)).toBeCloseTo(5 * 2.5e-3, 6);
  expect(() => readoutTimes({ readouts })).toThrow(expect.objectContaining({ code: "no-tick" }));
});

test("slices of volumes", () => {
  expect([...sliceInstants([0, 2], [0, 1, 0.5], 2)]).toEqual([0, 1, 0.5, 2, 3, 2.5]);
  expect(() => sliceInstants([0], [0, 2], 2)).toThrow(expect.objectContaining({ code: "bad-slice-times" }));
});

test("projections of a camera with two heads", () => {
  const stops = projectionTimes(6, { heads: 2, dwell: 10, turn: 2, start: 5 });
  expect(stops).toEqual([
    { start: 5, duration: 10, views: [0, 3] },
    { start: 17, duration: 10, views: [1, 4] },
    { start: 29, duration: 10, views: [2, 5] },
  ]);
  expect(() => projectionTimes(7, { heads: 2, dwell: 10 })).toThrow(expect.objectContaining({ code: "bad-rotation" }));
});

test("trigger tags of a list-mode file by type, in seconds; traces are no pulses", () => {
  const header = {
    exam: {
      externalSignals: [
        { id: 1, type: "mrPulseStart", description: "" },
        { id: 2, type: "respTrace", description: "" },
      ],
    },
  } as unknown as PetsirdHeader;
  const block = (signalID: number, start: number): PetsirdTimeBlock => [
    "ExternalSignalTimeBlock",
    { timeInterval: { start, stop: start + 1 }, signalID, signalValues: new Float32Array(1) },
  ];
  const pulses = petsirdPulses(header, [block(1, 4000), block(2, 4500), block(1, 2000)]);
  expect(Object.keys(pulses)).toEqual(["mrPulseStart"]);
  expect([...(pulses.mrPulseStart ?? [])]).toEqual([2, 4]);
});
