import type { XdfFormat, XdfNumberFormat } from "@quintet/io";

const further: Readonly<Record<XdfNumberFormat, bigint>> = {
  float32: 0n,
  double64: 16777217n,
  int32: 65537n,
  int16: 257n,
  int8: 1n,
  int64: 2147483649n,
};
const most: Partial<Readonly<Record<XdfFormat, bigint>>> = { int8: 127n, int16: 32767n, int32: 2147483647n };

/**
 * The values of the two samples that open a stream: channel k holds +-(k + offset + a shift that fills the format's
 * bytes), minus for odd k, whole formats modulo their largest value; strings hold the decimal of +-(k + 10).
 *
 * @param offset 4 in the first, 2 in the second sample
 */
export function patternValues(format: XdfFormat, channels: number, offset: 2 | 4): number[] | string[] {
  if (format === "string") return Array.from({ length: channels }, (_, k) => `${(k + 10) * (k % 2 === 0 ? 1 : -1)}`);
  const limit = most[format];
  return Array.from({ length: channels }, (_, k) => {
    const value = BigInt(k) + BigInt(offset) + further[format];
    const held = limit === undefined ? value : value % limit;
    return Number(k % 2 === 0 ? held : -held);
  });
}
