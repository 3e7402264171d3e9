import { midTimes, type Tacs } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { readDft, writeDft } from "./dft.ts";
import { readPmodBlood, readPmodTac, writePmodBlood, writePmodTac } from "./pmod.ts";
import { readTacsTsv, writeTacsTsv } from "./tacs-tsv.ts";

const file = "x.tac";
const tac = "start[minutes]\tend[kBq/cc]\tL caudate\tR_caudate\r\n0\t0.5\t1.5\t-2\r\n0.5\t1.5\t3e1\t.25\r\n";
const dft = [
  "# made by hand",
  "DFT1\tput\tput\tcau\tweight",
  "us1234\tdx\tsin\t.\t.",
  "kBq/ml\tPl05\t.\t.\t.",
  "Times (min)\t2500\t1.2e+3\t.\t.",
  "0.0\t0.5\t1\t2\t3\t0.5  # late blink",
  "",
  "0.5\t1.5\t4\t5\t6\t1",
].join("\n");

describe("PMOD .tac", () => {
  test("minutes become seconds, kBq/cc Bq/mL; blanks of names are kept as underscores", () => {
    const read = readPmodTac(tac, { file });
    expect(read).toEqual({
      clock: "pet",
      unit: "Bq/mL",
      frames: [
        { start: 0, duration: 30 },
        { start: 30, duration: 60 },
      ],
      regions: [
        { name: "L_caudate", values: Float64Array.of(1500, 30000) },
        { name: "R_caudate", values: Float64Array.of(-2000, 250) },
      ],
    });
    expect([...midTimes(read)]).toEqual([15, 60]);
  });

  test("middle of the frames only: samples without duration", () => {
    const read = readPmodTac("time[seconds] Region1[Bq/ml] Region2\n10 1 2\n30 3 4\n", { file });
    expect(read.frames).toEqual([
      { start: 10, duration: 0 },
      { start: 30, duration: 0 },
    ]);
    expect([...(read.regions[1]?.values ?? [])]).toEqual([2, 4]);
  });

  test("what is written is read back", () => {
    const read = readPmodTac(tac, { file });
    expect(readPmodTac(writePmodTac(read), { file })).toEqual(read);
  });
});

describe("PMOD .bld", () => {
  test("activity and fraction, with a blank before the unit", () => {
    const blood = readPmodBlood("TIME [min]\tParent [kBq/cc]\n0.5\t8.74E-04\n1\t2\n", { file });
    expect(blood.name).toBe("Parent");
    expect([...blood.curve.time]).toEqual([30, 60]);
    expect([...blood.curve.value]).toBeAllclose([0.874, 2000], { rtol: 1e-15 });
    const fraction = readPmodBlood("time[minutes]\tparent-fraction[1/1]\n0\t1\n5\t0.875\n", { file });
    expect(fraction.curve).toEqual({ time: Float64Array.of(0, 300), value: Float64Array.of(1, 0.875), unit: "1" });
    expect(readPmodBlood(writePmodBlood("plasma", blood.curve), { file }).curve).toEqual(blood.curve);
    expect(readPmodBlood(writePmodBlood("f", fraction.curve), { file })).toEqual({ name: "f", curve: fraction.curve });
  });
});

describe("Turku .dft", () => {
  test("names of three parts, sizes in mm3, weights apart, comments left out", () => {
    expect(readDft(dft, { file })).toEqual({
      clock: "pet",
      unit: "Bq/mL",
      frames: [
        { start: 0, duration: 30 },
        { start: 30, duration: 60 },
      ],
      regions: [
        { name: "put_dx_Pl05", values: Float64Array.of(1000, 4000), volume: 2.5 },
        { name: "put_sin", values: Float64Array.of(2000, 5000), volume: 1.2 },
        { name: "cau", values: Float64Array.of(3000, 6000) },
      ],
      weights: Float64Array.of(0.5, 1),
    });
  });

  test("the unit may be followed by its kind in brackets; Time gives the middle", () => {
    const read = readDft("DFT1 a\n. .\nBq/cc (calibrated) .\nTime (sec) .\n5 7\n9 8\n", { file });
    expect(read.frames[1]).toEqual({ start: 9, duration: 0 });
    expect([...(read.regions[0]?.values ?? [])]).toEqual([7, 8]);
  });

  test("what is written is read back", () => {
    const read = readDft(dft, { file });
    expect(readDft(writeDft(read, { study: "x 1" }), { file })).toEqual(read);
    const samples: Tacs = {
      ...read,
      frames: [
        { start: 1, duration: 0 },
        { start: 2, duration: 0 },
      ],
    };
    expect(readDft(writeDft(samples), { file }).frames).toEqual(samples.frames);
  });
});

describe("tacs.tsv", () => {
  const tsv = "frame_start\tframe_end\tLeft-Putamen\n0\t30\t1.5\n30\t90\t2\n";
  test("seconds and the side file's unit; back again", () => {
    const read = readTacsTsv(tsv, { file, metadata: { Units: "kBq/mL" } });
    expect(read.regions).toEqual([{ name: "Left-Putamen", values: Float64Array.of(1500, 2000) }]);
    const written = writeTacsTsv(read);
    expect(readTacsTsv(written.tsv, { file, metadata: written.metadata })).toEqual(read);
  });
});

test.each<[string, string, () => unknown]>([
  ["bad-header", "no names", () => readPmodTac("1\t2\t3\n", { file })],
  ["bad-header", "an empty file", () => readPmodTac("", { file })],
  ["unknown-units", "times without a unit", () => readPmodTac("start\tend[kBq/cc]\ta\n0\t1\t2\n", { file })],
  ["unknown-units", "activity without a unit", () => readPmodTac("start[s]\tend\ta\n0\t1\t2\n", { file })],
  ["unknown-units", "SUV", () => readPmodTac("start[s]\tend[SUV]\ta\n0\t1\t2\n", { file })],
  ["ragged-row", "a short line", () => readPmodTac("start[s]\tend[Bq/cc]\ta\tb\n0\t1\t2\n", { file })],
  ["not-a-number", "NaN", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n0\t1\tNaN\n", { file })],
  ["not-a-number", "hexadecimal", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n0\t1\t0x10\n", { file })],
  ["bad-frames", "a frame of no length", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n5\t5\t1\n", { file })],
  ["bad-frames", "an end before its start", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n5\t4\t1\n", { file })],
  ["bad-frames", "frames that overlap", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n0\t9\t1\n5\t19\t1\n", { file })],
  ["duplicate-region", "a name twice", () => readPmodTac("start[s]\tend[Bq/cc]\ta\ta\n0\t9\t1\t1\n", { file })],
  ["no-frames", "a header alone", () => readPmodTac("start[s]\tend[Bq/cc]\ta\n", { file })],
  ["no-regions", "times alone", () => readPmodTac("start[s]\tend[Bq/cc]\n0\t1\n", { file })],
  ["not-text", "a spreadsheet", () => readPmodTac("PK\u0003\u0004x", { file })],
  ["not-text", "binary", () => readPmodBlood("time[s]\tb[1/1]\n\0", { file })],
  ["time-not-increasing", "two samples at once", () => readPmodBlood("time[s]\tb[1/1]\n1\t1\n1\t1\n", { file })],
  ["bad-header", "three columns of blood", () => readPmodBlood("time[s]\tb[1/1]\tc\n1\t1\t1\n", { file })],
  ["not-dft", "another format", () => readDft(tac, { file })],
  [
    "bad-header",
    "a title line too short",
    () => readDft("DFT1 a b\n. .\nkBq/ml . .\nTime (min) . .\n0 1 1\n", { file }),
  ],
  ["bad-header", "distances", () => readDft("DFT1 a\n. .\nkBq/ml .\nDistances (mm) .\n0 1 1\n", { file })],
  ["missing-column", "no frames", () => readTacsTsv("time\ta\n0\t1\n", { file, metadata: { Units: "Bq/mL" } })],
  ["unknown-units", "no side file", () => readTacsTsv("frame_start\tframe_end\ta\n0\t1\t1\n", { file, metadata: {} })],
  ["unknown-units", "SUV as .dft", () => writeDft({ ...readDft(dft, { file }), unit: "g/mL" })],
])("refuses: %s, %s", (code, _, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});
