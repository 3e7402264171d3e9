import { readFileSync } from "node:fs";
import { channelData, type DataError } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { readFif } from "../../../../fixtures/signals/fif.ts";
import { eegGroup, eegRecording, someEvents } from "../../../../fixtures/signals/recordings.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { type BrainVisionFiles, readBrainVision } from "./brainvision.ts";
import { writeBrainVision } from "./write-brainvision.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const western = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

interface Parts {
  readonly common?: string;
  readonly binary?: string;
  readonly channels?: string;
  readonly markers?: string;
  readonly comment?: readonly string[];
  readonly encode?: (text: string) => Uint8Array;
}

function files(
  eeg: Uint8Array,
  {
    common = "",
    binary = "BinaryFormat=INT_16",
    channels = "Ch1=Cz,,0.5,µV\nCh2=Pz,,,",
    markers,
    comment = [],
    encode = utf8,
  }: Parts,
): BrainVisionFiles {
  const count = channels.split("\n").length;
  const head = [
    "Brain Vision Data Exchange Header File Version 1.0",
    "; a comment",
    "[Common Infos]",
    ...(encode === utf8 ? ["Codepage=UTF-8"] : []),
    "DataFile=x.eeg",
    "DataFormat=BINARY",
    ...(common.includes("DataOrientation") ? [] : ["DataOrientation=MULTIPLEXED"]),
    ...(common.includes("NumberOfChannels") ? [] : [`NumberOfChannels=${count}`]),
    ...(common.includes("SamplingInterval") ? [] : ["SamplingInterval=10000"]),
    common,
    "[Binary Infos]",
    binary,
    "[Channel Infos]",
    channels,
    "[Comment]",
    "Patient=never read",
    ...comment,
  ].join("\r\n");
  const marks =
    markers === undefined
      ? {}
      : {
          vmrk: encode(
            `Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\n${encode === utf8 ? "Codepage=UTF-8\n" : ""}[Marker Infos]\n${markers}`,
          ),
        };
  return { vhdr: encode(head), eeg, ...marks };
}

const int16 = (values: readonly number[], little = true): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  values.forEach((v, i) => {
    view.setInt16(i * 2, v, little);
  });
  return new Uint8Array(view.buffer);
};
const read = (f: BrainVisionFiles) => readBrainVision(f, { file: "x.vhdr" });
const rows = (f: BrainVisionFiles): number[][] => {
  const group = read(f).recording.groups[0]!;
  return group.channels.map((_, c) => [...channelData(group, group.segments[0]!, c)]);
};

describe("samples by hand", () => {
  test("multiplexed: resolution times unit; no unit and no resolution is 1 microvolt", () => {
    const [cz, pz] = rows(files(int16([2, 10, 4, -20]), {}));
    expect(cz).toBeAllclose([1e-6, 2e-6], { rtol: 1e-6 });
    expect(pz).toBeAllclose([10e-6, -20e-6], { rtol: 1e-6 });
  });

  test("vectorized, big-endian", () => {
    const parts = { common: "DataOrientation=VECTORIZED", binary: "BinaryFormat=INT_16\nUseBigEndianOrder=YES" };
    const [cz, pz] = rows(files(int16([2, 4, 10, -20], false), parts));
    expect(cz).toBeAllclose([1e-6, 2e-6], { rtol: 1e-6 });
    expect(pz).toBeAllclose([10e-6, -20e-6], { rtol: 1e-6 });
  });

  test.each([
    ["INT_32", (view: DataView, at: number, v: number) => view.setInt32(at, v, true)],
    ["IEEE_FLOAT_32", (view: DataView, at: number, v: number) => view.setFloat32(at, v, true)],
  ])("%s", (format, set) => {
    const view = new DataView(new ArrayBuffer(16));
    [2_000_000, 10, 4, -20].forEach((v, i) => {
      set(view, i * 4, v);
    });
    const [cz] = rows(files(new Uint8Array(view.buffer), { binary: `BinaryFormat=${format}` }));
    expect(cz).toBeAllclose([1, 2e-6], { rtol: 1e-6 });
  });

  test("each unit is its own: mV with an empty resolution, nV, µS, and one that is none of ours", () => {
    const channels = "Ch1=A,,,mV\nCh2=B,,2,nV\nCh3=GSR,,0.5,µS\nCh4=X,,0.5,BS";
    const { recording, problems } = read(files(int16([3, 3, 3, 3]), { channels }));
    expect(recording.groups[0]?.segments[0]?.data).toBeAllclose([3e-3, 6e-9, 1.5e-6, 1.5], { rtol: 1e-6 });
    expect(recording.groups[0]?.channels.map((c) => c.unit)).toEqual(["V", "V", "S", "{arbitrary}"]);
    expect(problems).toEqual(['channel X: unit "BS" is kept as stored numbers']);
  });

  test("Windows-1252 without a code page; a comma in a name is written \\1", () => {
    const parts = { channels: "Ch1=F\\1z,Réf,1,\u00b5V\nCh2=Pz,,1,\u00b5V", encode: western };
    const { recording } = read(files(int16([1, 1]), parts));
    expect(recording.groups[0]?.channels[0]).toMatchObject({ name: "F,z", unit: "V" });
    expect(recording.notes).toEqual({ reference: "Réf" });
  });
});

describe("impedances", () => {
  const table = (at: string, rows: readonly string[]): string[] => [
    `Impedance [kOhm] at ${at} :`,
    ...rows,
    "",
    "Notes: none",
  ];
  const channelsOf = (comment: readonly string[]) => {
    const { recording } = read(files(int16([1, 1]), { comment }));
    return { values: recording.groups[0]!.channels.map(({ impedance }) => impedance), notes: recording.notes };
  };
  test("in Ohm by channel; reference and ground in words; the last of two tables counts", () => {
    const comment = [
      ...table("10:00:00", ["Cz: 80", "Pz: 90"]),
      ...table("10:05:00", ["Cz:   4,5", "Pz:     12", "Ref: 3", "Gnd: 0"]),
    ];
    const { values, notes } = channelsOf(comment);
    expect(values).toEqual([4500, 12_000]);
    expect(notes).toEqual({ impedances: "Ref 3 kOhm, Gnd 0 kOhm at 10:05:00" });
  });
  test("??? is not known; out of range is told as no number", () => {
    expect(channelsOf(table("10:00:00", ["Cz: ???", "Pz: Out of Range!"])).values).toEqual([undefined, Infinity]);
  });
  test("a header without a table, or with words that look like one, has none", () => {
    expect(channelsOf(["Cz: 5", "Impedance check done: yes"]).values).toEqual([undefined, undefined]);
  });
});

test("identity: free text of the header is named, never handed on", () => {
  const back = read(files(int16([1, 1]), {}));
  expect(back.identity).toEqual(["[Comment] of the header"]);
  expect(JSON.stringify(back)).not.toMatch(/never read/);
});

describe("markers", () => {
  test("position counts from 1, size above 1 is a duration, a channel number names a channel", () => {
    const markers = [
      "Mk1=New Segment,,1,1,0,20210302102030250000",
      "Mk2=Stimulus,S 12,1,1,0",
      "Mk3=Comment,eyes\\1 closed,3,2,2",
    ].join("\n");
    const { recording, events } = read(files(int16([0, 0, 0, 0, 0, 0]), { markers }));
    expect(recording.startedAt).toBe("2021-03-02T10:20:30.250000");
    expect(events.list).toEqual([
      { onset: 0, duration: 0, type: "New Segment/" },
      { onset: 0, duration: 0, type: "Stimulus/S 12", value: 12 },
      { onset: 0.02, duration: 0.02, type: "Comment/eyes, closed", channels: ["Pz"] },
    ]);
  });

  test("a later New Segment is a gap: its stamp says how long, markers move along", () => {
    const markers = [
      "Mk1=New Segment,,1,1,0,20210302102030000000",
      "Mk2=New Segment,,3,1,0,20210302102035500000",
      "Mk3=Stimulus,S1,4,1,0",
    ].join("\n");
    const { recording, events, problems } = read(files(int16(new Array(8).fill(0)), { markers }));
    expect(recording.groups[0]?.segments.map((s) => [s.start, s.data.length])).toEqual([
      [0, 4],
      [5.5, 4],
    ]);
    expect(events.list[2]?.onset).toBeCloseTo(5.51, 9);
    expect(problems).toEqual([]);
  });

  test("a gap without a stamp is a break, told", () => {
    const { recording, problems } = read(
      files(int16(new Array(8).fill(0)), { markers: "Mk1=New Segment,,1,1,0\nMk2=New Segment,,3,1,0" }),
    );
    expect(recording.groups[0]?.segments.map((s) => s.start)).toEqual([0, 0.02]);
    expect(problems[0]).toMatch(/not known/);
  });
});

describe("refusals", () => {
  const eeg = int16([1, 2, 3, 4]);
  test.each([
    [
      "a header of another kind",
      { ...files(eeg, {}), vhdr: utf8("[Common Infos]\nDataFile=x.eeg") },
      "not-brainvision",
    ],
    ["half a sample", files(eeg.slice(0, 6), {}), "truncated"],
    ["ASCII data", files(eeg, { common: "DataFormat=ASCII" }), "not-supported"],
    ["frequency data", files(eeg, { common: "DataType=FREQUENCYDOMAIN" }), "not-supported"],
    ["an unknown orientation", files(eeg, { common: "DataOrientation=DIAGONAL" }), "not-supported"],
    ["an unknown number format", files(eeg, { binary: "BinaryFormat=INT_24" }), "not-supported"],
    ["absurd channels", files(eeg, { common: "NumberOfChannels=4000000000" }), "bad-header"],
    ["a channel that is not described", files(eeg, { common: "NumberOfChannels=4" }), "bad-header"],
    ["no interval", files(eeg, { common: "SamplingInterval=0" }), "bad-header"],
    ["a resolution that is no number", files(eeg, { channels: "Ch1=A,,x,µV\nCh2=B,,1,µV" }), "bad-header"],
    ["a marker at 0", files(eeg, { markers: "Mk1=Stimulus,S1,0,1,0" }), "bad-marker"],
    [
      "text that is not the UTF-8 it says",
      { ...files(eeg, {}), vhdr: western("Brain Vision Data Exchange Header File\nCodepage=UTF-8\n\u00b5") },
      "bad-text",
    ],
  ])("%s", (_, input, expected) => {
    const got = ((): string => {
      try {
        read(input);
      } catch (error) {
        return (error as DataError).code;
      }
      return "none";
    })();
    expect(got).toBe(expected);
  });
});

describe("write, then read", () => {
  const recording = eegRecording(
    [
      eegGroup(
        250,
        ["Fp1", "C,z"],
        [
          [0, 500],
          [3.5, 60],
        ],
      ),
    ],
    "2021-03-02T10:20:30.500000",
  );
  // Half a step of the resolution (peak / 32767); float32 keeps 24 bits.
  test.each([
    ["INT_16", "MULTIPLEXED", 0.51 / 32767],
    ["INT_16", "VECTORIZED", 0.51 / 32767],
    ["INT_32", "MULTIPLEXED", 1e-7],
    ["IEEE_FLOAT_32", "VECTORIZED", 1e-7],
  ] as const)("%s %s", (format, orientation, step) => {
    const [vhdr, vmrk, eeg] = writeBrainVision(recording, someEvents, { name: "sub-01", format, orientation });
    const back = read({ vhdr: vhdr!.bytes, vmrk: vmrk!.bytes, eeg: eeg!.bytes });
    const [a, b] = [recording.groups[0]!, back.recording.groups[0]!];
    expect(b.channels.map((c) => [c.name, c.unit])).toEqual([
      ["Fp1", "V"],
      ["C,z", "V"],
    ]);
    expect(b.segments.map((s) => s.start)).toBeAllclose([0, 3.5], { atol: 1e-9 });
    a.segments.forEach((segment, s) => {
      for (const c of [0, 1]) {
        const data = channelData(a, segment, c);
        const peak = Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        expect(channelData(b, b.segments[s]!, c)).toBeAllclose(data, { atol: peak * (step + 1e-7) });
      }
    });
    expect(back.recording.startedAt).toBe("2021-03-02T10:20:30.500000");
    const kept = back.events.list.filter((e) => e.type !== "New Segment/");
    expect(kept.map((e) => [e.type, e.duration])).toEqual([
      ["Stimulus/S  1", 0],
      ["Comment/eyes, closed µ", 0.5],
    ]);
    expect(back.problems).toEqual([]);
  });
});

test.each([
  ["two rates", eegRecording([eegGroup(250, ["A"], [[0, 9]]), eegGroup(100, ["B"], [[0, 9]])]), "mixed-rates"],
  [
    "an event in a gap",
    eegRecording([
      eegGroup(
        250,
        ["A"],
        [
          [0, 9],
          [9, 900],
        ],
      ),
    ]),
    "event-in-gap",
  ],
  [
    "NaN",
    eegRecording([
      { ...eegGroup(250, ["A"], [[0, 2]]), segments: [{ start: 0, data: Float32Array.of(Number.NaN, 1) }] },
    ]),
    "not-finite",
  ],
  ["a line break in a name", eegRecording([eegGroup(250, ["A\nB"], [[0, 2]])]), "bad-label"],
])("the writer refuses %s", (_, recording, expected) => {
  expect(() => writeBrainVision(recording, someEvents, { name: "x" })).toThrowError(
    expect.objectContaining({ code: expected }),
  );
});

describeRealData(
  "BrainVision against FIF",
  [
    "eeg/brainvision/test.vhdr",
    "eeg/brainvision/test.vmrk",
    "eeg/brainvision/test.eeg",
    "eeg/brainvision/test_bin_raw.fif",
  ],
  (vhdr, vmrk, eeg, fif) => {
    test("28 of 32 channels equal the FIF; the other four carry a unit that the FIF took for microvolt", () => {
      const { recording, events } = read({
        vhdr: readFileSync(vhdr!),
        vmrk: readFileSync(vmrk!),
        eeg: readFileSync(eeg!),
      });
      const group = recording.groups[0]!;
      const reference = readFif(readFileSync(fif!));
      expect([group.rate, group.channels.length, group.segments[0]!.data.length / 32]).toEqual([1000, 32, 7900]);
      const taken = ["CP5", "HL", "Vb", "ReRef"];
      group.channels.forEach(({ name }, c) => {
        const expected = reference[c]!.map((v) => (taken.includes(name) ? v * 1e6 : v));
        // both hold int16 steps of 0.5; float32 keeps them to 6e-8
        expect(channelData(group, group.segments[0]!, c)).toBeAllclose(expected, { rtol: 2e-7, atol: 1e-13 });
      });
      expect(events.list.length).toBe(14);
      expect(events.list.find((e) => e.type === "SyncStatus/Sync On")?.onset).toBe(7.629);
    });
  },
);
