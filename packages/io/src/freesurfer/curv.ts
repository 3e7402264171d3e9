import { DataError } from "@quintet/core";
import { byteReader } from "../bytes/byte-reader.ts";

/**
 * Reads a value per vertex from FreeSurfer's binary form (lh.curv, lh.thickness, lh.sulc), new or old:
 *
 *   new: ff ff ff, int32 vertices, faces, values per vertex (1), float32 values
 *   old: 3-byte vertices, 3-byte faces, int16 hundredths
 *
 * @throws DataError `truncated`, `bad-dimensions`, `not-finite`
 */
export function readFreeSurferCurv(
  bytes: Uint8Array,
  { file = "curv" }: { readonly file?: string } = {},
): Float32Array {
  const at = byteReader(bytes, file, false);
  const three = (place: number): number => at.uint8(place, "a count") * 65536 + at.uint16(place + 1, "a count");
  const isNew = three(0) === 0xffffff;
  const count = isNew ? at.int32(3, "the number of vertices") : three(0);
  const perVertex = isNew ? at.int32(11, "the values of a vertex") : 1;
  if (count < 1 || perVertex !== 1) {
    throw new DataError("bad-dimensions", "one value per vertex, and at least one vertex", {
      file,
      found: `${count} vertices, ${perVertex} values each`,
    });
  }
  const [start, size] = isNew ? [15, 4] : [6, 2];
  at.bytes(start, size * count, `its ${count} values`);
  const values = Float32Array.from({ length: count }, (_, i) =>
    isNew ? at.float32(start + 4 * i, "a value") : at.int16(start + 2 * i, "a value") / 100,
  );
  const lost = values.findIndex((value) => !Number.isFinite(value));
  if (lost >= 0) throw new DataError("not-finite", "values must be numbers", { file, found: `vertex ${lost}` });
  return values;
}
