import { expect, test } from "vitest";
import { physiologyPacket, type TwixFile, twixFile } from "../../../../fixtures/raw-mri/twix.ts";
import { readTwix } from "./twix.ts";

const line = { line: 0, bits: [3], samples: 8, data: new Float32Array(16) };
const small: TwixFile = { version: "VD", base: 4, phaseLines: 1, lines: [line] };
/** 5 ms in steps of 0.1 ms: a pulse every 2.5 ms is two samples, an external line at 1 ms five. */
const packet = physiologyPacket(8000, 50, [
  { mark: 0x01050000, period: 25, pairs: [2048, 0, 4095, 1] },
  { mark: 0x01070000, period: 10, pairs: [0, 0, 9, 1, 9, 1, 0, 0, 0, 0] },
]);
const read = (packets: readonly Uint8Array[]): ReturnType<typeof readTwix>["waveforms"] =>
  readTwix(twixFile({ ...small, packets }), { file: "meas.dat" }).waveforms;

test("signals of a packet: values, triggers, stamp in ticks, time between samples", () => {
  expect(read([packet])).toEqual([
    {
      ...{ name: "PULS", channels: 2, stamp: 8000, triggerChannel: 1 },
      dwell: expect.closeTo(0.0025, 12),
      data: Float64Array.of(2048, 4095, 0, 1),
    },
    {
      ...{ name: "EXT1", channels: 2, stamp: 8000, triggerChannel: 1 },
      dwell: expect.closeTo(0.001, 12),
      data: Float64Array.of(0, 9, 9, 0, 0, 0, 1, 1, 0, 0),
    },
  ]);
});

test("the learning phase is told apart", () => {
  const learning = physiologyPacket(1, 25, [{ mark: 0x01010000, period: 25, pairs: [1, 0] }], "PMULearnPhase");
  expect(read([learning]).map(({ name }) => name)).toEqual(["ECG1 (learning)"]);
});

test.each([
  ["another packet", physiologyPacket(1, 25, [{ mark: 0x01010000, period: 25, pairs: [1, 0] }], "SOMETHING")],
  ["an unknown signal", physiologyPacket(1, 25, [{ mark: 7, period: 25, pairs: [1, 0] }])],
  ["a period of 0", physiologyPacket(1, 25, [{ mark: 0x01010000, period: 0, pairs: [] }])],
  ["more samples than bytes", physiologyPacket(1, 2 ** 31, [{ mark: 0x01010000, period: 1, pairs: [1, 0] }])],
  ["a packet cut off", packet.slice(0, 70)],
])("%s gives no waveform, and the readouts are there", (_, bytes) => {
  const kspace = readTwix(twixFile({ ...small, packets: [bytes] }), { file: "meas.dat" });
  expect([kspace.waveforms, kspace.readouts.length]).toEqual([[], 1]);
});
