import { DataError } from "@quintet/core";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i++) values[letters.charCodeAt(i)] = i;

/** Bytes of base64 text (RFC 4648); blanks and line ends between are passed over. @throws DataError `bad-base64` */
export function fromBase64(text: string, file: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [bits, count, at, padding] = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 32) continue;
    if (code === 61) {
      padding++;
      continue;
    }
    const value = code < 128 ? (values[code] as number) : 255;
    if (value === 255 || padding > 0) {
      throw new DataError("bad-base64", "this is not base64", { file, found: JSON.stringify(text.slice(i, i + 12)) });
    }
    bits = ((bits << 6) | value) & 0xffffff;
    if (++count % 4 === 0) {
      out[at++] = bits >> 16;
      out[at++] = (bits >> 8) & 255;
      out[at++] = bits & 255;
    }
  }
  const left = count % 4;
  if (left === 1) throw new DataError("bad-base64", "base64 ends inside a byte", { file });
  if (left >= 2) out[at++] = left === 2 ? (bits >> 4) & 255 : (bits >> 10) & 255;
  if (left === 3) out[at++] = (bits >> 2) & 255;
  return out.subarray(0, at);
}

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] as number, bytes[i + 1], bytes[i + 2]];
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const letter = (shift: number): string => letters[(word >> shift) & 63] as string;
    parts.push(letter(18), letter(12), b === undefined ? "=" : letter(6), c === undefined ? "=" : letter(0));
  }
  return parts.join("");
}
