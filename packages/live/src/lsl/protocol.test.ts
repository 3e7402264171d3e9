import { parseXml, xdfValueBytes } from "@quintet/io";
import { describe, expect, test } from "vitest";
import { parseQuery, queryOf } from "./query.ts";
import { sampleDecoder } from "./sample-decoder.ts";
import { encodeSamples } from "./sample-encoder.ts";
import { readInfo } from "./stream-info.ts";
import { patternValues } from "./test-pattern.ts";

describe("what stands in the protocol", () => {
  test("the test patterns as liblsl sends them", () => {
    expect(patternValues("float32", 4, 4)).toEqual([4, -5, 6, -7]);
    expect(patternValues("float32", 4, 2)).toEqual([2, -3, 4, -5]);
    expect(patternValues("double64", 2, 4)).toEqual([16777221, -16777222]);
    expect(patternValues("int32", 1, 2)).toEqual([65539]);
    expect(patternValues("int16", 2, 4)).toEqual([261, -262]);
    expect(patternValues("int8", 130, 4)[124]).toBe((124 + 4 + 1) % 127);
    expect(patternValues("int64", 2, 2)).toEqual([2147483651, -2147483652]);
    expect(patternValues("string", 3, 4)).toEqual(["10", "-11", "12"]);
  });

  test("samples as bytes: a stamp that is sent and one that is deduced", () => {
    const bytes = encodeSamples("int16", 2, [1, Number.NaN], [1, -1, 2, 300]);
    expect([...bytes]).toEqual([2, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 1, 0, 255, 255, 1, 2, 0, 0x2c, 1]);
    const decoder = sampleDecoder({ format: "int16", channels: 2, rate: 4, bigEndian: false, peer: "here" });
    // Byte by byte: nothing depends on how the network cuts.
    const chunks = [...bytes]
      .map((byte) => decoder.push(Uint8Array.of(byte)))
      .filter(({ stamps }) => stamps.length > 0);
    expect(chunks.flatMap(({ stamps }) => [...stamps])).toEqual([1, 1.25]);
    expect(chunks.flatMap(({ values }) => [...values])).toEqual([1, -1, 2, 300]);
    expect(decoder.pending()).toBe(0);
  });

  test.each(["float32", "double64", "int32", "int8"] as const)(
    "%s in pieces of 7 bytes is what was sent, of both byte orders",
    (format) => {
      const values = Array.from({ length: 60 }, (_, i) => (i * 7) % 50);
      const stamps = [1, Number.NaN, Number.NaN, 5, Number.NaN];
      const bytes = encodeSamples(format, 12, stamps, values);
      const size = xdfValueBytes[format];
      const turned = bytes.slice();
      for (let i = 0, at = 0; i < stamps.length; i++, at += 12 * size) {
        const stamp = Number.isNaN(stamps[i]) ? 0 : 8;
        turned.subarray(at + 1, at + 1 + stamp).reverse();
        at += 1 + stamp;
        for (let c = 0; c < 12; c++) turned.subarray(at + c * size, at + (c + 1) * size).reverse();
      }
      for (const [sent, bigEndian] of [
        [bytes, false],
        [turned, true],
      ] as const) {
        const decoder = sampleDecoder({ format, channels: 12, rate: 2, bigEndian, peer: "here" });
        const pieces = Array.from({ length: Math.ceil(sent.length / 7) }, (_, k) => sent.subarray(7 * k, 7 * k + 7));
        const chunks = pieces.map((piece) => decoder.push(piece));
        expect(chunks.flatMap((chunk) => [...chunk.stamps])).toEqual([1, 1.5, 2, 5, 5.5]);
        expect(chunks.flatMap((chunk) => [...chunk.values])).toEqual(values);
        expect(decoder.pending()).toBe(0);
      }
    },
  );

  test("reused memory: the next chunk lies where the last did, and values are right either way", () => {
    const layout = { format: "float32", channels: 2, rate: 2, bigEndian: false, peer: "here" } as const;
    const [own, shared] = [sampleDecoder(layout), sampleDecoder({ ...layout, reuse: true })];
    const packets = [0, 10, 20].map((v) => encodeSamples("float32", 2, [v, Number.NaN], [v + 1, v + 2, v + 3, v + 4]));
    const kept = packets.map((bytes) => own.push(bytes).values);
    expect(kept.map((values) => [...values])).toEqual([
      [1, 2, 3, 4],
      [11, 12, 13, 14],
      [21, 22, 23, 24],
    ]);
    const lent = packets.map((bytes) => {
      const { values, stamps } = shared.push(bytes);
      return { values, now: [...values], stamps: [...stamps] };
    });
    expect(lent.map(({ now }) => now)).toEqual(kept.map((values) => [...values]));
    expect(lent.map(({ stamps }) => stamps)).toEqual([
      [0, 0.5],
      [10, 10.5],
      [20, 20.5],
    ]);
    expect(new Set(lent.map(({ values }) => values.buffer)).size).toBe(1);
  });

  test("strings of every length; big-endian numbers", () => {
    const values = ["", "β", "x".repeat(255), "y".repeat(70_000)];
    const decoder = sampleDecoder({ format: "string", channels: 2, rate: 0, bigEndian: false, peer: "here" });
    expect(decoder.push(encodeSamples("string", 2, [1, 2], values)).strings).toEqual(values);
    const big = sampleDecoder({ format: "int32", channels: 1, rate: 1, bigEndian: true, peer: "here" });
    expect([...big.push(Uint8Array.of(2, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)).values]).toEqual([256]);
  });

  test.each([
    ["a tag of its own making", [7]],
    ["a string of 2^40 bytes", [1, 8, 0, 0, 0, 0, 0, 1, 0, 0]],
    ["a length of 3 bytes", [1, 3]],
  ])("%s is refused before anything is held for it", (_, bytes) => {
    const decoder = sampleDecoder({ format: "string", channels: 1, rate: 0, bigEndian: false, peer: "here" });
    expect(() => decoder.push(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: "bad-sample" }));
  });

  const info = parseXml(
    "<info><name>it's</name><type>EEG</type><nominal_srate>500</nominal_srate><desc><a/><a/></desc></info>",
    "x",
  );
  test.each([
    ["", true],
    ["type='EEG'", true],
    ["type='EEG' and nominal_srate>=500", true],
    ["type='NIRS' or (starts-with(name,\"it\") and not(contains(name,'x')))", true],
    ["count(desc/a)=2", true],
    ["type!='EEG'", false],
    [queryOf({ name: "it's", type: "EEG" }), true],
  ])("query %s", (text, answer) => {
    expect(parseQuery(text)(info)).toBe(answer);
  });

  test.each([
    "type=",
    "type='EEG' type",
    "//*",
    "name[1]='x'",
    "document('file')",
    "(".repeat(40),
    "x".repeat(5000),
    "a='b",
  ])("query %s is refused", (text) => {
    expect(() => parseQuery(text)).toThrow(expect.objectContaining({ code: "bad-query" }));
  });

  test.each(["<info><name>x</name></info>", "not xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><info/>"])(
    "%s is no stream",
    (xml) => {
      expect(() => readInfo(xml, "here")).toThrow(expect.objectContaining({ name: "DataError" }));
    },
  );
});
