import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Picture } from "./png.ts";
import { base64, encodePng } from "./png.ts";

/** Slow decoder for the test: chunks, zlib, the five filters. */
function decode(png: Uint8Array): {
  width: number;
  height: number;
  type: number;
  pixels: Uint8Array;
  chunks: string[];
} {
  const view = new DataView(png.buffer, png.byteOffset);
  const chunks: string[] = [];
  let [width, height, type] = [0, 0, 0];
  let data = new Uint8Array(0);
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    chunks.push(name);
    if (name === "IHDR") [width, height, type] = [view.getUint32(at + 8), view.getUint32(at + 12), png[at + 17] ?? 0];
    if (name === "IDAT") data = new Uint8Array(inflateSync(png.subarray(at + 8, at + 8 + length)));
    at += 12 + length;
  }
  const channels = type === 6 ? 4 : 1;
  const stride = width * channels;
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const raw = data[y * (stride + 1) + 1 + i] ?? 0;
      const a = i >= channels ? (pixels[y * stride + i - channels] ?? 0) : 0;
      const b = y > 0 ? (pixels[(y - 1) * stride + i] ?? 0) : 0;
      const c = i >= channels && y > 0 ? (pixels[(y - 1) * stride + i - channels] ?? 0) : 0;
      const p = a + b - c;
      const nearest =
        Math.abs(p - a) <= Math.abs(p - b) && Math.abs(p - a) <= Math.abs(p - c)
          ? a
          : Math.abs(p - b) <= Math.abs(p - c)
            ? b
            : c;
      pixels[y * stride + i] = raw + ([0, a, b, (a + b) >> 1, nearest][filter ?? 0] ?? 0);
    }
  }
  return { width, height, type, pixels, chunks };
}

const wavy = (n: number): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => 128 + 100 * Math.sin(i / 7) + ((i * 31) % 9));

test.each([
  ["gray", { width: 23, height: 17, channels: 1, pixels: wavy(391) }, 0],
  ["rgba", { width: 11, height: 9, channels: 4, pixels: wavy(396) }, 6],
  [
    "palette",
    {
      width: 16,
      height: 4,
      channels: 1,
      pixels: wavy(64),
      palette: Array.from({ length: 256 }, (_, i) => ({ colour: [i, 255 - i, 7] as const, alpha: i })),
    },
    3,
  ],
] satisfies [string, Picture, number][])("%s pixels come back as they were", (_, picture, type) => {
  const got = decode(encodePng(picture));
  expect([got.width, got.height, got.type]).toEqual([picture.width, picture.height, type]);
  expect(got.pixels).toEqual(picture.pixels);
  expect(got.chunks).toEqual(type === 3 ? ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"] : ["IHDR", "IDAT", "IEND"]);
});

test("the IEND chunk carries the CRC of the specification", () => {
  expect([...encodePng({ width: 1, height: 1, channels: 1, pixels: Uint8Array.of(0) }).slice(-4)]).toEqual([
    0xae, 0x42, 0x60, 0x82,
  ]);
});

test.each([
  ["too few", { width: 2, height: 2, channels: 1, pixels: new Uint8Array(3) }],
  ["no width", { width: 0, height: 2, channels: 1, pixels: new Uint8Array(0) }],
] satisfies [string, Picture][])("refuses pixels that do not fill the picture: %s", (_, picture) => {
  expect(() => encodePng(picture)).toThrow(expect.objectContaining({ code: "bad-picture" }));
});

test("base64 is that of RFC 4648 section 10", () => {
  const of = (text: string): string => base64(new TextEncoder().encode(text));
  expect(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(of)).toEqual([
    "",
    "Zg==",
    "Zm8=",
    "Zm9v",
    "Zm9vYg==",
    "Zm9vYmE=",
    "Zm9vYmFy",
  ]);
});
