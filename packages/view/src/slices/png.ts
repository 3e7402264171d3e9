/**
 * Portable Network Graphics, the three kinds the report needs: 8-bit gray, 8-bit palette with transparency, RGBA.
 * Each row takes the filter with the smallest sum of absolute differences.
 *
 * @see PNG specification (third edition), W3C 2025, sections 7-12
 */
import { DataError } from "@quintet/core";
import { zlibSync } from "fflate";
import type { Rgb } from "../colour/colour-map.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Bytes per pixel: 1 gray or palette index, 4 RGBA. */
  readonly channels: 1 | 4;
  readonly pixels: Uint8Array;
  /** Colour and alpha of each index; makes a one-byte picture a palette picture. */
  readonly palette?: readonly { readonly colour: Rgb; readonly alpha: number }[];
}

const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const b of bytes) c = (crcTable[(c ^ b) & 255] as number) ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

function filtered({ width, height, channels, pixels, palette }: Picture): Uint8Array {
  const stride = width * channels;
  const out = new Uint8Array(height * (stride + 1));
  const tries = palette ? 1 : 5;
  const line = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    let best = Number.POSITIVE_INFINITY;
    for (let filter = 0; filter < tries; filter++) {
      let sum = 0;
      for (let i = 0; i < stride; i++) {
        const at = y * stride + i;
        const a = i >= channels ? (pixels[at - channels] as number) : 0;
        const b = y > 0 ? (pixels[at - stride] as number) : 0;
        const c = i >= channels && y > 0 ? (pixels[at - stride - channels] as number) : 0;
        const guess =
          filter === 0 ? 0 : filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
        const left = ((pixels[at] as number) - guess) & 255;
        line[i] = left;
        sum += left < 128 ? left : 256 - left;
      }
      if (sum < best) {
        best = sum;
        out[y * (stride + 1)] = filter;
        out.set(line, y * (stride + 1) + 1);
      }
    }
  }
  return out;
}

/** The file's bytes. @throws DataError `bad-picture` when the pixels do not fill width x height. */
export function encodePng(picture: Picture): Uint8Array {
  const { width, height, channels, pixels, palette } = picture;
  if (!(width > 0 && height > 0) || pixels.length !== width * height * channels) {
    throw new DataError("bad-picture", "pixels must fill the picture", {
      expected: `${width} x ${height} x ${channels} bytes`,
      found: `${pixels.length}`,
    });
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = palette ? 3 : channels === 4 ? 6 : 0;
  const parts = [signature, chunk("IHDR", header)];
  if (palette) {
    parts.push(chunk("PLTE", Uint8Array.from(palette.flatMap(({ colour }) => [...colour]))));
    parts.push(
      chunk(
        "tRNS",
        Uint8Array.from(palette, ({ alpha }) => alpha),
      ),
    );
  }
  parts.push(chunk("IDAT", zlibSync(filtered(picture), { level: 9 })), chunk("IEND", new Uint8Array(0)));
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 section 4. */
export function base64(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    out.push(
      alphabet.charAt(word >> 18) +
        alphabet.charAt((word >> 12) & 63) +
        (b === undefined ? "=" : alphabet.charAt((word >> 6) & 63)) +
        (c === undefined ? "=" : alphabet.charAt(word & 63)),
    );
  }
  return out.join("");
}

export function pngUrl(picture: Picture): string {
  return `data:image/png;base64,${base64(encodePng(picture))}`;
}
