import type { Recording } from "@quintet/core";
import { expect, test } from "vitest";
import { bipolar, doubleBanana } from "./bipolar.ts";

/** One sample a channel: its place in the list. */
function of(names: readonly string[], bad: readonly string[] = []): Recording {
  return {
    clock: "recording",
    groups: [
      {
        rate: 1,
        channels: names.map((name) => ({
          name,
          kind: name === "Trigger" ? "trigger" : "eeg",
          unit: "V",
          sensors: [name],
          ...(bad.includes(name) ? { status: "bad" } : {}),
        })),
        segments: [{ start: 3, data: Float64Array.from(names, (_, i) => i) }],
      },
    ],
  };
}

test("18 derivations, left above right, each electrode minus the next behind it", () => {
  expect(doubleBanana.length).toBe(18);
  expect(doubleBanana.slice(0, 4)).toEqual([
    ["Fp1", "F7"],
    ["F7", "T7"],
    ["T7", "P7"],
    ["P7", "O1"],
  ]);
  expect(doubleBanana[8]).toEqual(["Fz", "Cz"]);
});

test("by hand, with older names, what recorders put around a name, and electrodes that are not there", () => {
  const { groups } = bipolar(of(["Trigger", "EEG Fp1-REF", "F7", "T3", "Cz"], ["F7"]), doubleBanana);
  expect(groups[0]?.channels.map(({ name, status }) => [name, status])).toEqual([
    ["Fp1-F7", "bad"],
    ["F7-T3", "bad"],
  ]);
  expect(groups[0]?.segments).toEqual([{ start: 3, data: Float64Array.of(-1, -1) }]);
});

test("the reference cancels: a signal on all electrodes leaves nothing changed", () => {
  const plain = of(["Fz", "Cz", "Pz"]);
  const [group] = plain.groups;
  const [segment] = group?.segments ?? [];
  const lifted: Recording = {
    ...plain,
    groups: [
      {
        ...(group as Recording["groups"][number]),
        segments: [{ start: 3, data: Float64Array.from(segment?.data ?? [], (v) => v + 5) }],
      },
    ],
  };
  expect(bipolar(lifted, doubleBanana).groups[0]?.segments).toEqual(bipolar(plain, doubleBanana).groups[0]?.segments);
});

test("a recording without any of the pairs is refused", () => {
  expect(() => bipolar(of(["A1", "B1"]), doubleBanana)).toThrow(expect.objectContaining({ code: "no-pairs" }));
});
