import { readFileSync } from "node:fs";
import { channelData, type DataError } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { annotationSignal, discontinuousEdf, edfBytes, smallBdf } from "../../../../fixtures/signals/edf.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readMat } from "../mat/mat.ts";
import { matNumbers } from "../mat/mat-value.ts";
import { bytesSource } from "../signal/byte-source.ts";
import { readEdf } from "./edf.ts";
import { readEdfHeader } from "./edf-header.ts";
import { readEdfSamples } from "./edf-samples.ts";
import { readEdfTimeline } from "./edf-timeline.ts";

const file = "x.edf";
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as DataError).code;
  }
  return "none";
};

test("phys = (dig - digMin) (physMax - physMin) / (digMax - digMin) + physMin, in volts, each channel at its own rate", () => {
  const { recording, events, identity, problems } = readEdf(
    edfBytes({
      records: 2,
      signals: [
        { label: "EEG Cz", physical: ["-100", "300"], digital: ["0", "4"], samples: 2, value: (r, i) => 2 * r + i },
        { label: "Resp", unit: "mV", physical: ["-1", "1"], digital: ["-2", "2"], samples: 1, value: (r) => r },
      ],
    }),
    { file },
  );
  const [eeg, slow] = recording.groups;
  expect(recording.startedAt).toBe("2021-03-02T10:20:30");
  expect(recording.groups.map((g) => g.rate)).toEqual([2, 1]);
  expect(eeg?.channels).toEqual([{ name: "EEG Cz", kind: "eeg", unit: "V", sensors: ["Cz"] }]);
  expect(slow?.channels[0]).toMatchObject({ kind: "resp", unit: "V" });
  expect(eeg?.segments[0]?.data).toBeAllclose([-100e-6, 0, 100e-6, 200e-6], { atol: 1e-11 });
  expect(slow?.segments[0]?.data).toBeAllclose([0, 0.5e-3], { atol: 1e-10 });
  expect([events.list, identity, problems]).toEqual([[], [], []]);
});

test("EDF+D: gaps are segments, each at the onset its first annotation says; two annotation signals, UTF-8", () => {
  const { recording, events } = readEdf(discontinuousEdf(), { file });
  const [fast, slow] = recording.groups;
  expect(fast?.segments.map((s) => [s.start, s.data.length])).toEqual([
    [0, 2 * 128],
    [5.5, 128],
  ]);
  expect(slow?.segments.map((s) => [s.start, s.data.length])).toEqual([
    [0, 4],
    [5.5, 2],
  ]);
  expect(slow?.channels[0]).toMatchObject({ kind: "temperature", unit: "Cel" });
  expect(fast?.channels[1]?.sensors).toEqual(["C3"]);
  expect(events.list).toEqual([
    { onset: 0.25, duration: 0.5, type: "eyes closed" },
    { onset: 1.5, duration: 0, type: "Müde" },
    { onset: 1.5, duration: 0, type: "wach" },
  ]);
});

test("a time window is read without touching other records", () => {
  const bytes = discontinuousEdf();
  const plain = bytesSource(bytes, file);
  const header = readEdfHeader(plain, file);
  const timeline = readEdfTimeline(header, plain);
  const asked: number[] = [];
  const watched = {
    size: plain.size,
    read: (at: number, n: number) => {
      asked.push(at);
      return plain.read(at, n);
    },
  };
  const [fast] = readEdfSamples(header, watched, timeline, 5.75, 6);
  const whole = readEdf(bytes, { file }).recording.groups[0]!;
  expect(fast?.segments.map((s) => [s.start, s.data.length])).toEqual([[5.75, 32]]);
  expect(fast?.segments[0]?.data.slice(0, 16)).toEqual(channelData(whole, whole.segments[1]!, 0).slice(16, 32));
  expect(Math.min(...asked)).toBe(header.headerBytes + 2 * header.recordBytes);
});

test("BDF: 24-bit, float64 because of the offset, status masked to 16 bits, triggers as events", () => {
  const { recording, events, problems } = readEdf(smallBdf(), { file: "x.bdf" });
  const [group] = recording.groups;
  const data = group?.segments[0]?.data;
  const perStep = 524287 / 16777215;
  expect(data).toBeInstanceOf(Float64Array);
  expect(data?.[1]).toBeCloseTo((-262144 + (500_001 + 8_388_608) * perStep) * 1e-6, 12);
  expect((data?.[1] as number) - (data?.[0] as number)).toBeCloseTo(perStep * 1e-6, 14);
  expect(group?.channels[2]).toMatchObject({ kind: "trigger", unit: "1" });
  expect(events.list).toEqual([{ onset: 1.125, duration: 0, type: "trigger/387", value: 387, channels: ["Status"] }]);
  expect(problems).toEqual([]);
});

describe("traps", () => {
  const one = { label: "Cz", samples: 4, value: (r: number, i: number) => r * 4 + i };

  test("-1 records: counted from the file, and told", () => {
    const { recording, problems } = readEdf(edfBytes({ records: 3, statedRecords: "-1", signals: [one] }), { file });
    expect(recording.groups[0]?.segments[0]?.data.length).toBe(12);
    expect(problems[0]).toMatch(/in progress/);
  });

  test("decimal commas are understood and told", () => {
    const { recording, problems } = readEdf(
      edfBytes({ records: 1, duration: "0,5", signals: [{ ...one, physical: ["-3276,8", "3276,7"] }] }),
      { file },
    );
    expect(recording.groups[0]?.rate).toBe(8);
    expect(recording.groups[0]?.segments[0]?.data[1]).toBeCloseTo(0.1e-6, 12);
    expect(problems.filter((p) => p.includes("comma")).length).toBe(3);
  });

  test.each([
    ["digital", { digital: ["7", "7"] as const }],
    ["physical", { physical: ["0", "0"] as const }],
  ])("equal %s minimum and maximum: stored integers, marked bad", (which, range) => {
    const { recording, problems } = readEdf(edfBytes({ records: 1, signals: [{ ...one, ...range }] }), { file });
    expect(recording.groups[0]?.channels[0]).toMatchObject({ unit: "{arbitrary}", status: "bad" });
    expect([...(recording.groups[0]?.segments[0]?.data ?? [])]).toEqual([0, 1, 2, 3]);
    expect(problems[0]).toContain(which);
  });

  test("a large offset at 16 bits keeps its steps", () => {
    const signal = { ...one, physical: ["175000", "175001"] as const, digital: ["0", "1000"] as const };
    const { recording } = readEdf(edfBytes({ records: 1, signals: [signal] }), { file });
    const data = recording.groups[0]?.segments[0]?.data;
    expect(data).toBeInstanceOf(Float64Array);
    expect((data?.[1] as number) - (data?.[0] as number)).toBeCloseTo(1e-9, 14);
  });

  test("record duration 0: annotations only", () => {
    const bytes = edfBytes({
      records: 1,
      duration: "0",
      reserved: "EDF+C",
      signals: [annotationSignal(["+0\x14\x14\x00+3\x14seizure\x14\x00"], 20)],
    });
    const { recording, events } = readEdf(bytes, { file });
    expect(recording.groups).toEqual([]);
    expect(events.list).toEqual([{ onset: 3, duration: 0, type: "seizure" }]);
  });

  test("Latin-1 texts of old files", () => {
    const latin = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
    const bytes = edfBytes({
      records: 1,
      reserved: "EDF+C",
      signals: [one, annotationSignal(["+0\x14\x14\x00+1\x14müde\x14\x00"], 20, "EDF Annotations", latin)],
    });
    expect(readEdf(bytes, { file }).events.list[0]?.type).toBe("müde");
  });

  test("µV written with 0xB5, and a unit that is no voltage", () => {
    const { recording, problems } = readEdf(
      edfBytes({
        records: 1,
        signals: [
          { ...one, unit: "\u00b5V" },
          { ...one, label: "SpO2", unit: "furlong" },
        ],
      }),
      { file },
    );
    expect(recording.groups[0]?.channels.map((c) => c.unit)).toEqual(["V", "{arbitrary}"]);
    expect(problems).toEqual(['channel SpO2: unit "furlong" is kept as stored numbers']);
  });

  test.each([
    ["31.12.84", "X", "2084-12-31T10:20:30"],
    ["01.01.85", "X", "1985-01-01T10:20:30"],
    ["05.06.yy", "Startdate 05-JUN-2091 X X X", "2091-06-05T10:20:30"],
    ["31.02.20", "X", undefined],
  ])("start date %s", (date, recording, expected) => {
    expect(readEdf(edfBytes({ records: 1, date, recording, signals: [one] }), { file }).recording.startedAt).toBe(
      expected,
    );
  });

  test("a continuous file whose time stamps hold a gap is told, and the gap kept", () => {
    const lists = ["+0\x14\x14\x00", "+9\x14\x14\x00"];
    const { recording, problems } = readEdf(
      edfBytes({ records: 2, reserved: "EDF+C", signals: [one, annotationSignal(lists, 10)] }),
      { file },
    );
    expect(recording.groups[0]?.segments.map((s) => s.start)).toEqual([0, 9]);
    expect(problems[0]).toMatch(/1 gaps/);
  });
});

test("identity: where it stood, never what it said; sex and age are kept", () => {
  const bytes = edfBytes({
    records: 1,
    reserved: "EDF+C",
    patient: "MCH-0234567 F 02-MAY-1951 Haagse_Harry",
    recording: "Startdate 02-MAR-2002 EMG561 BK/JOP Sony",
    date: "02.03.02",
    signals: [{ label: "Cz", samples: 4, value: () => 0 }, annotationSignal(["+0\x14\x14\x00"], 10)],
  });
  const read = readEdf(bytes, { file });
  expect(read.identity.length).toBe(4);
  expect(JSON.stringify(read)).not.toMatch(/Harry|0234567|1951|JOP/);
  expect(read.person).toEqual({ sex: "F", age: 50 });
});

describe("refusals", () => {
  const good = discontinuousEdf();
  const patched = (at: number, text: string): Uint8Array => {
    const bytes = good.slice();
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    return bytes;
  };
  const header = 256 * 6;
  const record = (64 + 64 + 2 + 40 + 20) * 2;
  test.each([
    ["not an EDF", new Uint8Array(300), "not-edf"],
    ["a cut header", good.slice(0, 200), "truncated"],
    ["a header length that lies", patched(184, "99999999"), "bad-header"],
    ["no signals", patched(252, "0   "), "bad-header"],
    ["absurd signals", patched(252, "9999"), "bad-header"],
    ["a number that is none", patched(244, "********"), "bad-number"],
    ["more records than bytes", patched(236, "99999999"), "truncated"],
    ["a cut record", good.slice(0, good.length - 1), "truncated"],
    ["no record duration", patched(244, "0       "), "bad-header"],
    ["negative samples", patched(256 + 5 * 216, "-64     "), "bad-header"],
    ["a broken annotation", patched(header + (64 + 64 + 2) * 2, "?"), "bad-annotation"],
    ["records out of order", patched(header + record + (64 + 64 + 2) * 2, "+0\x14\x14\x00"), "records-out-of-order"],
    ["a record without onset", patched(header + record + (64 + 64 + 2) * 2, "\0\0\0\0\0\0"), "no-record-onset"],
  ])("%s", (_, bytes, expected) => {
    expect(code(() => readEdf(bytes, { file }))).toBe(expected);
  });
});

describeRealData(
  "EDF and BDF against EEGLAB's reading",
  [
    "eeg/edf_bdf/test.edf",
    "eeg/edf_bdf/test_edf_eeglab.mat",
    "eeg/edf_bdf/test.bdf",
    "eeg/edf_bdf/test_bdf_eeglab.mat",
  ],
  (edf, edfMat, bdf, bdfMat) => {
    // The .mat holds single precision microvolts: half a unit in the 24th bit of the largest value is the only difference.
    test("test.edf: 138 channels equal", () => {
      const { recording } = readEdf(readFileSync(edf!), { file: "test.edf" });
      const stored = matNumbers(readMat(readFileSync(edfMat!), { file: "mat" }).get("data"))!;
      const group = recording.groups[0]!;
      expect(group.channels.length).toBe(139);
      for (let c = 0; c < 138; c++) {
        const expected = Float64Array.from({ length: 3072 }, (_, s) => (stored[s * 139 + c] as number) * 1e-6);
        expect(channelData(group, group.segments[0]!, c)).toBeAllclose(expected, { rtol: 2e-7, atol: 1e-12 });
      }
    });

    test("test.edf: annotations as MNE 1.3.0 reads them", () => {
      const { events } = readEdf(readFileSync(edf!), { file: "test.edf" });
      expect(
        events.list.filter((e) => !e.type.startsWith("trigger")).map((e) => [e.onset, e.duration, e.type]),
      ).toEqual([
        [0, 0, "start"],
        [0.1344, 0.256, "type A"],
        [0.3904, 1, "type A"],
        [2, 0, "type B"],
        [2.5, 2.5, "type A"],
      ]);
    });

    // The reference is single precision: half a unit in its 24th bit, 0.0155 uV at the largest value of 0.26 V.
    test("test.bdf: 72 channels equal; the trigger where MNE 1.3.0 finds it", () => {
      const { recording, events } = readEdf(readFileSync(bdf!), { file: "test.bdf" });
      const stored = matNumbers(readMat(readFileSync(bdfMat!), { file: "mat" }).get("data"))!;
      const group = recording.groups[0]!;
      for (let c = 0; c < 72; c++) {
        const expected = Float64Array.from({ length: 2048 }, (_, s) => (stored[s * 72 + c] as number) * 1e-6);
        expect(channelData(group, group.segments[0]!, c)).toBeAllclose(expected, { rtol: 2 ** -24, atol: 1e-15 });
      }
      expect(events.list.map((e) => [e.onset * 2048, e.value])).toEqual([[589, 128]]);
    });
  },
);

describeRealData(
  "EDF with a DC offset and a trigger line",
  [
    "eeg/edf_bdf/test_edf_stim_channel.edf",
    "eeg/edf_bdf/test_edf_stim_channel.txt",
    "eeg/edf_bdf/test_uneven_samp.edf",
  ],
  (edf, text, uneven) => {
    test("equals the recorder's own export, which has 0.1 uV digits and was made before the 16-bit steps (cut or rounded, so one step)", () => {
      const { recording, events } = readEdf(readFileSync(edf!), { file: "stim.edf" });
      const rows = readFileSync(text!, "utf8")
        .trim()
        .split("\n")
        .map((line) => line.trim().split(/\s+/).map(Number));
      const group = recording.groups[0]!;
      const { signals } = readEdfHeader(bytesSource(readFileSync(edf!), file), file);
      for (let c = 0; c < 24; c++) {
        const step = (signals[c]!.physicalMax - signals[c]!.physicalMin) / 65535;
        const data = channelData(group, group.segments[0]!, c);
        const printed = rows.slice(0, data.length).map((row) => (row[c] as number) * 1e-6);
        expect(data.slice(0, printed.length)).toBeAllclose(printed, { atol: (0.0501 + step) * 1e-6 });
      }
      expect(events.list.map((e) => e.value).every((v) => v === 100)).toBe(true);
    });

    test("mixed rates stay apart: 100 Hz and 12.8 Hz", () => {
      const { recording } = readEdf(readFileSync(uneven!), { file: "uneven.edf" });
      expect(recording.groups.map((g) => [g.rate, g.segments[0]?.data.length])).toEqual([
        [100, 11000],
        [12.8, 1408],
      ]);
      // "3Hz +5/-5 V": amplitude 5 V within its 12-bit step
      const [low, high] = [
        Math.min(...recording.groups[0]!.segments[0]!.data),
        Math.max(...recording.groups[0]!.segments[0]!.data),
      ];
      expect([low, high].map((v) => Math.abs(v))).toBeAllclose([5, 5], { atol: 0.01 });
    });
  },
);
