import { DataError } from "@quintet/core";
import { type ByteReader, byteReader } from "../bytes/byte-reader.ts";
import type { VertexLabels } from "../surface/vertex-labels.ts";

const mostEntries = 100_000;
const longestName = 4096;

/**
 * Reads a FreeSurfer annotation (lh.aparc.annot): the region of each vertex by its place in the colour table.
 *
 *   int32 n, n x (vertex, colour), int32 1, colour table; colour = red + 256 green + 65536 blue
 *
 * A vertex with the colour of no region has the label -1.
 *
 * @throws DataError `truncated`, `bad-dimensions`, `no-colour-table`, `bad-vertex`
 */
export function readFreeSurferAnnot(
  bytes: Uint8Array,
  { file = "annot" }: { readonly file?: string } = {},
): VertexLabels {
  const at = byteReader(bytes, file, false);
  const count = at.int32(0, "the number of vertices");
  if (count < 1) throw new DataError("bad-dimensions", "at least one vertex", { file, found: `${count}` });
  at.bytes(4, 8 * count, `its ${count} vertices`);
  const end = 4 + 8 * count;
  if (at.length < end + 8 || at.int32(end, "the colour table's mark") !== 1) {
    throw new DataError("no-colour-table", "regions are named by a colour table, which is missing", { file });
  }
  const table = readTable(at, end + 4);
  const data = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    const vertex = at.int32(4 + 8 * i, "a vertex");
    if (vertex < 0 || vertex >= count) {
      throw new DataError("bad-vertex", "vertices are counted from 0", {
        file,
        expected: `below ${count}`,
        found: `${vertex}`,
      });
    }
    data[vertex] = table.byColour.get(at.int32(8 + 8 * i, "a colour")) ?? -1;
  }
  return { data, names: table.names };
}

interface ColourTable {
  readonly names: ReadonlyMap<number, string>;
  readonly byColour: ReadonlyMap<number, number>;
}

/** First form: count, name of the source, then (name, r g b t) in order. Second: -2, count, source, entries with a place each. */
function readTable(at: ByteReader, start: number): ColourTable {
  let place = start;
  const integer = (what: string): number => {
    const value = at.int32(place, what);
    place += 4;
    return value;
  };
  const text = (what: string): string => {
    const length = integer(`the length of ${what}`);
    if (length < 0 || length > longestName) {
      throw new DataError("bad-dimensions", "a name of a possible length", { file: at.file, found: `${length}` });
    }
    const found = at.text(place, length, what);
    place += length;
    return found;
  };
  const first = integer("the colour table");
  if (first < 0 && first !== -2) {
    throw new DataError("no-colour-table", "the colour table has a version that is not read", {
      file: at.file,
      expected: "1 or 2",
      found: `${-first}`,
    });
  }
  let entries = first;
  if (first === -2) integer("the colour table's size");
  text("the colour table's source");
  if (first === -2) entries = integer("the number of regions");
  if (entries < 0 || entries > mostEntries) {
    throw new DataError("bad-dimensions", "a possible number of regions", { file: at.file, found: `${entries}` });
  }
  const names = new Map<number, string>();
  const byColour = new Map<number, number>();
  for (let i = 0; i < entries; i++) {
    const index = first === -2 ? integer("a region's place") : i;
    names.set(index, text("a region's name"));
    const [r, g, b] = [integer("a colour"), integer("a colour"), integer("a colour")];
    integer("a transparency");
    byColour.set((r + g * 256 + b * 65536) | 0, index);
  }
  return { names, byColour };
}
