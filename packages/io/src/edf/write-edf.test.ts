import { channelData, type DataError, type Recording, sampleCount } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { eegGroup, eegRecording, someEvents } from "../../../../fixtures/signals/recordings.ts";
import { readEdf } from "./edf.ts";
import { eightCharacters } from "./eight-characters.ts";
import { writeBdf, writeEdf } from "./write-edf.ts";

const ascii = (bytes: Uint8Array, from: number, to: number): string =>
  new TextDecoder().decode(bytes.subarray(from, to));
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as DataError).code;
  }
  return "none";
};

/** Largest difference of every channel between two readings, over the range of the channel. */
function worst(a: Recording, b: Recording): number {
  let worst = 0;
  a.groups.forEach((group, g) => {
    const other = b.groups[g]!;
    group.segments.forEach((segment, s) => {
      expect(other.segments[s]?.start).toBeCloseTo(segment.start, 6);
      group.channels.forEach((_, c) => {
        const [x, y] = [channelData(group, segment, c), channelData(other, other.segments[s]!, c)];
        expect(y.length).toBe(x.length);
        const range = Math.max(...x) - Math.min(...x);
        x.forEach((value, i) => {
          worst = Math.max(worst, Math.abs(value - (y[i] as number)) / range);
        });
      });
    });
  });
  return worst;
}

describe("write, then read", () => {
  const two = eegRecording(
    [eegGroup(256, ["Fp1", "Cz"], [[0, 512]]), eegGroup(64, ["Pz"], [[0, 128]])],
    "2021-03-02T10:20:30",
  );

  // Half a step of 2^16 (2^24) levels; the outward rounding of the range to 8 characters adds up to 1 %.
  test.each([
    ["EDF", writeEdf, 0.51 / 65535],
    ["BDF", writeBdf, 0.51 / 16777215 + 1e-9],
  ])("%s keeps samples within half a step, rates, start and annotations", (_, write, step) => {
    const read = readEdf(write(two, someEvents), { file: "x" });
    expect(worst(two, read.recording)).toBeLessThan((step as number) + 6e-8);
    expect(read.recording.groups.map((g) => [g.rate, g.channels.map((c) => c.name)])).toEqual([
      [256, ["Fp1", "Cz"]],
      [64, ["Pz"]],
    ]);
    expect(read.recording.startedAt).toBe("2021-03-02T10:20:30");
    expect(read.events.list.map(({ onset, duration, type }) => ({ onset, duration, type }))).toEqual(
      someEvents.list.map(({ onset, duration, type }) => ({ onset, duration, type })),
    );
    expect([read.identity, read.problems]).toEqual([[], []]);
  });

  test("gaps: EDF+D with the same segments", () => {
    const gaps = eegRecording([
      eegGroup(
        128,
        ["Cz"],
        [
          [0, 256],
          [7.25, 128],
          [100.001, 384],
        ],
      ),
    ]);
    const bytes = writeEdf(gaps);
    const read = readEdf(bytes, { file: "x" });
    expect(ascii(bytes, 192, 197)).toBe("EDF+D");
    expect(worst(gaps, read.recording)).toBeLessThan(0.51 / 65535);
  });

  test("7.8125 Hz gets a record that holds whole samples", () => {
    const slow = eegRecording([eegGroup(7.8125, ["Cz"], [[0, 500]])]);
    const read = readEdf(writeEdf(slow), { file: "x" });
    expect(read.recording.groups[0]?.rate).toBe(7.8125);
    expect(worst(slow, read.recording)).toBeLessThan(0.51 / 65535);
  });

  test("a channel with a large offset does not spoil the others: one range per channel", () => {
    const read = readEdf(writeEdf(eegRecording([eegGroup(128, ["A1", "C1", "C2"], [[0, 256]])])), { file: "x" });
    const group = read.recording.groups[0]!;
    expect(new Set(channelData(group, group.segments[0]!, 0)).size).toBeGreaterThan(30);
  });

  test("a trigger line keeps its integers and gives its events again", () => {
    const data = Float32Array.from({ length: 128 }, (_, i) => (i >= 40 && i < 44 ? 255 : 0));
    const trigger = {
      rate: 128,
      channels: [{ name: "Status", kind: "trigger" as const, unit: "1" as const, sensors: [] }],
      segments: [{ start: 0, data }],
    };
    const list = [{ onset: 40 / 128, duration: 0, type: "trigger/255", value: 255, channels: ["Status"] }];
    const read = readEdf(writeBdf(eegRecording([trigger]), { clock: "recording", list }), { file: "x" });
    expect(read.events.list).toEqual(list);
    expect([...(read.recording.groups[0]?.segments[0]?.data ?? [])]).toEqual([...data]);
  });
});

test("never padded silently: refused, or filled with an annotation over the stretch", () => {
  const odd = eegRecording([eegGroup(256, ["Cz"], [[0, 509]])]);
  expect(code(() => writeEdf(odd))).toBe("partial-record");
  const read = readEdf(writeEdf(odd, undefined, { pad: true }), { file: "x" });
  const group = read.recording.groups[0]!;
  const data = group.segments[0]!.data;
  expect(sampleCount(group, group.segments[0]!)).toBe(512);
  expect(data[511]).toBe(data[508]);
  expect(read.events.list).toEqual([{ onset: 1.9882813, duration: 0.0117188, type: "padding" }]);
});

test("the header names no one", () => {
  const bytes = writeEdf(eegRecording([eegGroup(128, ["Cz"], [[0, 128]])], "1921-12-24T01:02:03"));
  expect(ascii(bytes, 8, 88).trim()).toBe("X X X X");
  expect(ascii(bytes, 88, 168).trim()).toBe("Startdate 24-DEC-1921 X X X");
  expect(ascii(bytes, 168, 176)).toBe("24.12.yy");
  expect(readEdf(bytes, { file: "x" }).recording.startedAt).toBe("1921-12-24T01:02:03");
});

test.each([
  [-3276.8, "down", "-3276.80"],
  [1.23456789, "up", "1.234568"],
  [-1234.56789, "down", "-1234.57"],
  [12345678, "up", "12345678"],
  [0.5e-7, "up", "0.000001"],
] as const)("eight characters: %d %s", (value, direction, expected) => {
  expect(eightCharacters(value, direction)).toBe(expected);
});

test.each([
  [
    "NaN",
    () =>
      writeEdf(
        eegRecording([
          { ...eegGroup(4, ["Cz"], [[0, 4]]), segments: [{ start: 0, data: Float32Array.of(1, Number.NaN, 2, 3) }] },
        ]),
      ),
    "not-finite",
  ],
  ["no channels", () => writeEdf(eegRecording([])), "no-signals"],
  [
    "a name that is too long",
    () => writeEdf(eegRecording([eegGroup(4, ["a channel with a long name"], [[0, 4]])])),
    "bad-label",
  ],
  [
    "rates without a common record",
    () => writeEdf(eegRecording([eegGroup(Math.PI, ["A"], [[0, 9]]), eegGroup(Math.E, ["B"], [[0, 9]])])),
    "no-record-duration",
  ],
  [
    "groups that start apart",
    () => writeEdf(eegRecording([eegGroup(4, ["A"], [[0, 4]]), eegGroup(8, ["B"], [[1, 8]])])),
    "segments-differ",
  ],
  [
    "separators in a text",
    () =>
      writeEdf(eegRecording([eegGroup(4, ["A"], [[0, 4]])]), {
        clock: "recording",
        list: [{ onset: 0, duration: 0, type: "a\x14b" }],
      }),
    "bad-annotation",
  ],
])("refuses %s", (_, act, expected) => {
  expect(code(act)).toBe(expected);
});
