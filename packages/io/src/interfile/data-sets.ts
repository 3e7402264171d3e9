/** Where each frame's numbers lie in the data file, and that file's size held against the header. */
import { DataError } from "@quintet/core";
import { checkedProduct } from "../bytes/byte-reader.ts";
import { type InterfileHeader, interfileNumber, interfileNumbers } from "./header.ts";
import { decodeNumbers, type NumberFormat, numberFormatOf } from "./numbers.ts";

export interface DataSets {
  readonly format: NumberFormat;
  /** Numbers in one frame. */
  readonly count: number;
  /** Byte offset of each frame. */
  readonly offsets: readonly number[];
  /** Bytes the data file must have. */
  readonly size: number;
}

/**
 * Lays out `frames` data sets of the given extents: each at its "data offset in bytes [n]", else right behind the one before.
 *
 * @throws DataError `bad-dimensions`, `bad-number`, `unsupported-number-format`, `missing-key`
 */
export function dataSetsOf(header: InterfileHeader, extents: readonly number[], frames: number): DataSets {
  const { file } = header;
  const format = numberFormatOf(header);
  const count = checkedProduct(extents, "the matrix sizes", file);
  const length = checkedProduct([count, format.bytes], "the bytes of a frame", file);
  checkedProduct([length, frames], "the bytes of all frames", file);
  const offsets: number[] = [];
  for (let i = 0; i < frames; i++) {
    const follows = i === 0 ? 0 : (offsets[i - 1] as number) + length;
    const offset = interfileNumber(header, "data offset in bytes", i + 1) ?? follows;
    if (!(Number.isSafeInteger(offset) && offset >= follows)) {
      throw new DataError("bad-number", `the offset of frame ${i + 1} lies within another frame or nowhere`, {
        file,
        expected: `${follows} or more`,
        found: `${offset}`,
      });
    }
    offsets.push(offset);
  }
  return { format, count, offsets, size: (offsets.at(-1) as number) + length };
}

/** @throws DataError `size-mismatch`: header and data file disagree, naming both sizes */
export function checkDataSize({ size, count, format, offsets }: DataSets, found: number, file: string): void {
  if (found === size) return;
  throw new DataError("size-mismatch", "the data file is not as large as its header says", {
    file,
    expected: `${size} bytes: ${offsets.length} x ${count} numbers of ${format.bytes} bytes`,
    found: `${found} bytes`,
  });
}

/**
 * The numbers of all frames, in the file's order, scaled by "image scaling factor [n]" (one, or one per slice of the last
 * axis) or, where those are absent, by "quantification units".
 *
 * @param slices extent of the slowest axis, over which a list of factors runs
 * @throws DataError `size-mismatch`, `not-finite`, `bad-scaling`
 */
export function readDataSets(
  header: InterfileHeader,
  data: Uint8Array,
  sets: DataSets,
  slices: number,
  dataFile: string,
): Float32Array {
  checkDataSize(sets, data.length, dataFile);
  const scales = sets.offsets.map((_, i) => scalesOf(header, i + 1, slices));
  const contiguous = sets.offsets.every(
    (offset, i) => offset === (sets.offsets[0] as number) + i * sets.count * sets.format.bytes,
  );
  const plain = scales.every((list) => list.every((scale) => scale === 1));
  const [start = 0] = sets.offsets;
  if (contiguous && plain) {
    return decodeNumbers(data, start, sets.count * sets.offsets.length, sets.format, dataFile);
  }
  const out = new Float32Array(sets.count * sets.offsets.length);
  for (const [t, offset] of sets.offsets.entries()) {
    const values = decodeNumbers(data, offset, sets.count, sets.format, dataFile);
    const list = scales[t] as readonly number[];
    const run = sets.count / list.length;
    for (let i = 0; i < sets.count; i++)
      out[t * sets.count + i] = (values[i] as number) * (list[Math.floor(i / run)] as number);
  }
  return out;
}

/** One factor, or one for each slice. */
function scalesOf(header: InterfileHeader, frame: number, slices: number): readonly number[] {
  const { file } = header;
  const scales = interfileNumbers(header, "image scaling factor", frame) ?? [1];
  if (scales.length !== 1 && scales.length !== slices) {
    throw new DataError("bad-scaling", `frame ${frame} has neither one scaling factor nor one per slice`, {
      file,
      expected: `1 or ${slices}`,
      found: `${scales.length}`,
    });
  }
  const units = interfileNumber(header, "quantification units") ?? 1;
  if (units === 1) return scales;
  if (scales.every((scale) => scale === 1)) return scales.map(() => units);
  if (scales.every((scale) => scale === units)) return scales;
  throw new DataError("bad-scaling", "scaling factors and quantification units disagree", {
    file,
    expected: `${units}`,
    found: `${scales[0]}`,
  });
}

/**
 * One time frame of projections, scaled.
 *
 * @param frame counted from 1
 * @throws DataError `no-such-frame`; those of readDataSets
 */
export function readFrame(
  header: InterfileHeader,
  data: Uint8Array,
  sets: DataSets,
  frame: number,
  dataFile: string,
): Float32Array {
  if (sets.offsets[frame - 1] === undefined) {
    throw new DataError("no-such-frame", "the projections have no such time frame", {
      file: header.file,
      expected: `1 to ${sets.offsets.length}`,
      found: `${frame}`,
    });
  }
  return readDataSets(header, data, sets, 1, dataFile).subarray((frame - 1) * sets.count, frame * sets.count);
}
