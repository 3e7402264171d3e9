import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { smallXdf } from "../../../../fixtures/signals/xdf.ts";
import { describeRealData } from "../../../../testing/real-data.ts";
import { xdfBoundary, xdfFileHeader, xdfMagic, xdfSamplesChunk, xdfStreamHeader } from "./write-xdf.ts";
import { readXdf } from "./xdf.ts";
import { xdfFormats } from "./xdf-format.ts";

const file = "made.xdf";
const info = (format: string, channels: number, rate: number, more = ""): string =>
  `<?xml version="1.0"?><info><name>made</name><type>EEG</type><channel_count>${channels}</channel_count>` +
  `<nominal_srate>${rate}</nominal_srate><channel_format>${format}</channel_format>${more}</info>`;
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

test("bytes by hand: one int16 sample of two channels with a stamp, one without", () => {
  const xml = new TextEncoder().encode(info("int16", 2, 4));
  const bytes = Uint8Array.of(
    ...[0x58, 0x44, 0x46, 0x3a],
    ...[4, (xml.length + 6) & 255, (xml.length + 6) >> 8, 0, 0, 2, 0, 7, 0, 0, 0, ...xml],
    ...[1, 2 + 4 + 2 + 13 + 5, 3, 0, 7, 0, 0, 0, 1, 2],
    ...[8, 0, 0, 0, 0, 0, 0, 0x24, 0x40, 0x05, 0x00, 0xfb, 0xff],
    ...[0, 0x06, 0x00, 0xfa, 0xff],
  );
  const { streams, problems } = readXdf(bytes, { file });
  expect(problems).toEqual([]);
  expect(streams[0]).toMatchObject({ id: 7, name: "made", rate: 4, format: "int16", broken: 0 });
  expect(Array.from(streams[0]?.stamps ?? [])).toEqual([10, 10.25]);
  // [channel][sample]
  expect(Array.from(streams[0]?.values ?? [])).toEqual([5, 6, -5, -6]);
});

test.each(xdfFormats)("%s samples come back as they were written", (format) => {
  const values = format === "string" ? ["a", "β≥", "", "x".repeat(300)] : [1, -2, 100, -100];
  const bytes = joined(
    xdfMagic,
    xdfFileHeader("2026-01-02T03:04:05+0100"),
    xdfStreamHeader(1, info(format, 2, 10)),
    xdfSamplesChunk(1, format, 2, [5, Number.NaN], values),
  );
  const xdf = readXdf(bytes, { file });
  expect(xdf.startedAt).toBe("2026-01-02T03:04:05+0100");
  const stream = xdf.streams[0];
  expect(Array.from(stream?.stamps ?? [])).toEqual([5, 5.1]);
  if (format === "string") expect(stream?.strings).toEqual(values);
  else expect(Array.from(stream?.values ?? [])).toEqual([1, 100, -2, -100]);
});

test("channels, source, clock offsets and footer are read", () => {
  const { streams } = readXdf(smallXdf(), { file });
  expect(streams.map(({ name, type, sourceId }) => [name, type, sourceId])).toEqual([
    ["cap", "EEG", "cap-1"],
    ["keys", "Markers", "keys-1"],
  ]);
  expect(streams[0]?.channels).toEqual([
    { label: "Cz", type: "EEG", unit: "microvolts" },
    { label: "Pz", type: "EEG", unit: "microvolts" },
  ]);
  expect(Array.from(streams[0]?.offsets.values ?? [])).toEqual([-0.5, -0.4999]);
  expect(streams[0]?.footerCount).toBe(20);
  expect(streams[1]?.strings).toEqual(["go", "stop"]);
});

test("a recording cut off anywhere keeps every whole chunk before the cut", () => {
  const whole = smallXdf();
  const all = readXdf(whole, { file }).streams[0]?.stamps.length as number;
  let before = 0;
  for (let end = 700; end <= whole.length; end++) {
    const { streams } = readXdf(whole.subarray(0, end), { file });
    const count = streams[0]?.stamps.length ?? 0;
    expect(count).toBeGreaterThanOrEqual(before);
    before = count;
  }
  expect(before).toBe(all);
});

test("reading goes on behind the next boundary after damage", () => {
  const chunk = (first: number): Uint8Array => xdfSamplesChunk(1, "float32", 1, [first], [first]);
  const damaged = chunk(2);
  damaged[0] = 3;
  const bytes = joined(
    xdfMagic,
    xdfStreamHeader(1, info("float32", 1, 1)),
    chunk(1),
    damaged,
    chunk(3),
    xdfBoundary(),
    chunk(4),
  );
  const { streams, problems } = readXdf(bytes, { file });
  expect(Array.from(streams[0]?.stamps ?? [])).toEqual([1, 4]);
  expect(problems).toHaveLength(1);
});

test("whole numbers beyond 2^53 are told of; a count that lies keeps what is there", () => {
  const big = joined(xdfMagic, xdfStreamHeader(1, info("int64", 1, 1)), xdfSamplesChunk(1, "int64", 1, [1], [2 ** 60]));
  expect(readXdf(big, { file }).problems[0]).toMatch(/2\^53/);
  const samples = xdfSamplesChunk(1, "int8", 1, [1, 2], [3, 4]);
  samples[9] = 200;
  const lying = readXdf(joined(xdfMagic, xdfStreamHeader(1, info("int8", 1, 1)), samples), { file });
  expect(lying.streams[0]).toMatchObject({ broken: 1 });
  expect(Array.from(lying.streams[0]?.values ?? [])).toEqual([3, 4]);
});

test.each([
  ["not-xdf", new Uint8Array(100)],
  ["not-xdf", new Uint8Array(0)],
  ["no-streams", joined(xdfMagic, xdfFileHeader())],
  ["bad-stream", joined(xdfMagic, xdfStreamHeader(1, info("float16", 2, 10)))],
  ["bad-stream", joined(xdfMagic, xdfStreamHeader(1, info("float32", 1e9, 10)))],
  ["bad-stream", joined(xdfMagic, xdfStreamHeader(1, info("float32", 1, -1)))],
  ["bad-xml", joined(xdfMagic, xdfStreamHeader(1, "<!DOCTYPE x [<!ENTITY a 'b'>]><info/>"))],
])("refused: %s", (code, bytes) => {
  expect(() => readXdf(bytes, { file })).toThrow(expect.objectContaining({ code }));
});

describeRealData("XDF samples", ["eeg/xdf/minimal.xdf"], (minimal) => {
  test("minimal: the values its README lists", () => {
    const [eeg, marks] = readXdf(readFileSync(minimal as string), { file: minimal as string }).streams;
    const n = eeg?.stamps.length as number;
    const sample = (i: number): number[] => [0, 1, 2].map((c) => eeg?.values[c * n + i] as number);
    expect([n, sample(0), sample(1), sample(2)]).toEqual([9, [192, 255, 238], [12, 22, 32], [13, 23, 33]]);
    expect(marks?.strings.slice(0, 1)).toEqual([expect.stringContaining("<?xml")]);
    expect(marks?.id).toBe(46202862);
    expect(marks?.strings).toContain("Hello");
  });
});
