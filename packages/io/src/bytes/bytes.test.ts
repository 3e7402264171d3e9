import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { byteReader, checkedProduct, latin1 } from "./byte-reader.ts";
import { crc32 } from "./crc32.ts";
import { boundedGunzip } from "./gunzip.ts";

const file = "x";
const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 2654435761) >>> (i % 24));

describe("numbers at stated places", () => {
  const reader = byteReader(Uint8Array.of(1, 2, 3, 4, 0xff, 0xff, 0xff, 0x7f), file, true);
  test("by hand, both byte orders", () => {
    expect(reader.uint16(0, "a")).toBe(0x0201);
    expect(reader.int32(0, "a")).toBe(0x04030201);
    expect(byteReader(Uint8Array.of(1, 2), file, false).int16(0, "a")).toBe(0x0102);
    expect(latin1(Uint8Array.of(0x41, 0xe9, 0x20, 0, 0x42))).toBe("Aé");
  });
  test.each<[string, () => unknown]>([
    ["truncated", () => reader.uint32(5, "a size")],
    ["truncated", () => reader.bytes(0, 9, "a field")],
    ["bad-number", () => reader.uint8(-1, "a field")],
    ["bad-number", () => reader.bytes(0, Number.NaN, "a field")],
    ["bad-number", () => reader.int64(0, "a count")],
    ["bad-dimensions", () => checkedProduct([3, 0], "extents", file)],
    ["bad-dimensions", () => checkedProduct([2 ** 30, 2 ** 30], "extents", file)],
    ["bad-dimensions", () => checkedProduct([1.5], "extents", file)],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code, file }));
  });
});

describe("gzip", () => {
  test("CRC-32 of '123456789' is cbf43926", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
  test("gives back what was packed, one member or two", () => {
    expect(boundedGunzip(gzipSync(noise), { file })).toEqual(noise);
    const two = Buffer.concat([gzipSync("left "), gzipSync("right")]);
    expect(latin1(boundedGunzip(two, { file }))).toBe("left right");
  });
  test("an almost empty label map of 7 MB unpacks although it packs 700 to 1", () => {
    expect(boundedGunzip(gzipSync(new Uint8Array(7e6)), { file }).length).toBe(7e6);
  });
  test.each<[string, string, () => unknown]>([
    ["gzip-bomb", "ratio", () => boundedGunzip(gzipSync(new Uint8Array(40e6)), { file })],
    [
      "gzip-bomb",
      "ratio without allowance",
      () => boundedGunzip(gzipSync(new Uint8Array(1e6)), { file, freeBytes: 0 }),
    ],
    ["gzip-bomb", "absolute", () => boundedGunzip(gzipSync(noise), { file, maxBytes: 99_999 })],
    ["corrupt-gzip", "cut", () => boundedGunzip(gzipSync(noise).subarray(0, 5000), { file })],
    ["corrupt-gzip", "one bit", () => boundedGunzip(gzipSync(noise).fill(0x55, 7000, 7001), { file })],
    ["corrupt-gzip", "something behind", () => boundedGunzip(Buffer.concat([gzipSync(noise), noise]), { file })],
    ["not-gzip", "another format", () => boundedGunzip(noise, { file })],
    ["truncated", "a header only", () => boundedGunzip(gzipSync(noise).subarray(0, 12), { file })],
  ])("%s: %s", (code, _, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});
