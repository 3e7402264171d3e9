import { DataError } from "@quintet/core";
import { blocksOf, type FifBlock, type FifTag, readFifTree, tagOf } from "./tags.ts";
import { fifInt, fifMatrix, fifText, frameName } from "./values.ts";

const [forwardBlock, namedMatrix] = [352, 357];
const [solution, rowNames, columnNames] = [3520, 3502, 3503];
const [methods, orientation, sourceCount, frameTag] = [3522, 3521, 3512, 3506];
const eeg = 2;

export interface FifLeadField {
  readonly channels: readonly string[];
  readonly orientations: 1 | 3;
  /** Frame of the sources and moments. */
  readonly space: string;
  /** [channel][source x orientation], V per A m. */
  readonly rows: readonly Float64Array[];
}

/**
 * The EEG part of a forward solution (NAME-fwd.fif). The file keeps it turned, a row per source and orientation.
 *
 * @throws DataError `no-lead-field` (none of EEG), `bad-dimensions`, as `readFifTree`
 */
export function readFifLeadField(bytes: Uint8Array, { file = "FIF" }: { readonly file?: string } = {}): FifLeadField {
  const fif = readFifTree(bytes, file);
  const number = (block: FifBlock, kind: number): number | undefined => {
    const tag = tagOf(block, kind);
    return tag && fifInt(fif, tag);
  };
  const block = blocksOf(fif.root, forwardBlock).find((b) => number(b, methods) === eeg);
  const matrices = block ? blocksOf(block, namedMatrix) : [];
  const holder = matrices.find((b) => tagOf(b, solution));
  if (!block || !holder)
    throw new DataError("no-lead-field", "this FIF file holds no forward solution of EEG", { file });
  const matrix = fifMatrix(fif, tagOf(holder, solution) as FifTag);
  // Turned in the file, so that its columns, the channels, are named where a matrix of channels would have its rows named.
  const names = [columnNames, rowNames].flatMap((kind) => {
    const tag = tagOf(holder, kind);
    const found = tag ? fifText(fif, tag).split(":") : [];
    return found.length === matrix.columns ? [found] : [];
  })[0];
  const sources = number(block, sourceCount) ?? 0;
  const orientations = matrix.rows / sources;
  if (!names || (orientations !== 1 && orientations !== 3))
    throw new DataError(
      "bad-dimensions",
      "a forward solution has one or three rows per source and a name per channel",
      {
        file,
        expected: `${sources} sources`,
        found: `${matrix.rows} x ${matrix.columns}, orientation ${number(block, orientation)}`,
      },
    );
  const frame = number(block, frameTag);
  return {
    channels: names,
    orientations,
    space: frameName(frame ?? 4),
    rows: names.map((_, c) =>
      Float64Array.from({ length: matrix.rows }, (_, k) => matrix.data[k * matrix.columns + c] as number),
    ),
  };
}
