import { DataError } from "@quintet/core";
import { Unzlib } from "fflate";

/** Bytes that may still be unpacked from one file: at most 200 times what is packed, and 16 MB for small files full of zeros. */
export interface InflateBudget {
  left: number;
}

export function inflateBudget(fileBytes: number): InflateBudget {
  return { left: Math.min(2 ** 31, Math.max(200 * fileBytes, 16 * 2 ** 20)) };
}

/**
 * Unpacks one zlib stream piece by piece and stops as soon as the budget is spent.
 *
 * @throws DataError `bad-compression`, `decompression-limit`
 */
export function boundedInflate(packed: Uint8Array, budget: InflateBudget, file: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Unzlib((part) => {
    size += part.length;
    if (size > budget.left) {
      throw new DataError("decompression-limit", "the file unpacks to far more than it holds", {
        file,
        expected: `at most ${budget.left} bytes more`,
        found: `> ${size}`,
      });
    }
    parts.push(part);
  });
  try {
    const step = 16_384;
    for (let at = 0; at < packed.length; at += step) {
      stream.push(packed.subarray(at, at + step), at + step >= packed.length);
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError("bad-compression", "a compressed variable cannot be unpacked", { file, cause });
  }
  budget.left -= size;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
