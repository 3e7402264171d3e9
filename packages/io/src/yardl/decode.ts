/** Values of a yardl schema from bytes. */
import { DataError } from "@quintet/core";
import type { ByteCursor } from "./byte-cursor.ts";
import { leastBytes, type Node, type Primitive } from "./schema.ts";

/** Numbers with their extents, the last one fastest. */
export interface Extended<T> {
  readonly shape: readonly number[];
  readonly data: T;
}

/**
 * One value: records as objects, lists as arrays, lists of unsigned groups as one Uint32Array, arrays of rank 1 and of fixed
 * shape as typed arrays, of higher rank with their shape, enums as their symbol, unions as [tag, value], 64-bit times as bigint.
 *
 * @throws DataError `truncated`, `bad-varint`, `bad-yardl` (a tag or symbol that is not in the schema)
 */
export function decode(node: Node, cursor: ByteCursor): unknown {
  switch (node.kind) {
    case "primitive":
      return decodePrimitive(node.type, cursor);
    case "record": {
      const record: Record<string, unknown> = {};
      for (const { name, node: inner } of node.fields) record[name] = decode(inner, cursor);
      return record;
    }
    case "enum": {
      const value = cursor.signed();
      const found = node.symbols.find((entry) => entry.value === value);
      if (!found) throw bad(cursor, `${node.name} has no such value`, `${value}`);
      return found.symbol;
    }
    case "optional": {
      const there = cursor.byte();
      if (there > 1) throw bad(cursor, "a value is there or not", `${there}`);
      return there === 0 ? undefined : decode(node.item, cursor);
    }
    case "union": {
      const tag = cursor.byte();
      const found = node.cases[tag];
      if (!found) throw bad(cursor, "a union has no such case", `${tag}`);
      return [found.tag, decode(found.node, cursor)];
    }
    case "vector": {
      const count = node.length ?? countOf(cursor, leastBytes(node.item));
      if (node.item.kind === "primitive" && node.item.type === "float32") return numbers("float32", count, cursor);
      const list: unknown[] = [];
      for (let i = 0; i < count; i++) list.push(decode(node.item, cursor));
      return list;
    }
    case "packed": {
      const out = new Uint32Array(countOf(cursor, node.width) * node.width);
      cursor.varints(out);
      return out;
    }
    case "array":
      return decodeArray(node, cursor);
    case "stream":
      throw bad(cursor, "a stream stands only as a step of its own", "");
  }
}

/** Items of a stream, one by one: blocks of a count and as many items, until a count of 0. */
export function* decodeStream(item: Node, cursor: ByteCursor): Generator<unknown> {
  for (let count = countOf(cursor, leastBytes(item)); count > 0; count = countOf(cursor, leastBytes(item))) {
    for (let i = 0; i < count; i++) yield decode(item, cursor);
  }
}

function countOf(cursor: ByteCursor, least: number): number {
  const count = cursor.varint();
  if (count * least > cursor.remaining()) {
    throw short(cursor, "a list", `${count} items of ${least} bytes or more`);
  }
  return count;
}

function decodePrimitive(type: Primitive, cursor: ByteCursor): unknown {
  switch (type) {
    case "bool": {
      const value = cursor.byte();
      if (value > 1) throw bad(cursor, "a truth value is 0 or 1", `${value}`);
      return value === 1;
    }
    case "uint8":
      return cursor.byte();
    case "int8":
      return (cursor.byte() << 24) >> 24;
    case "int16":
    case "int32":
    case "int64":
      return cursor.signed();
    case "float32":
      return cursor.float32();
    case "float64":
      return cursor.float64();
    case "datetime":
      return cursor.signed64();
    case "string":
      return new TextDecoder().decode(cursor.bytes(countOf(cursor, 1)));
    default:
      return cursor.varint();
  }
}

function decodeArray({ item, shape, rank }: Extract<Node, { kind: "array" }>, cursor: ByteCursor): unknown {
  const extents = shape ?? Array.from({ length: rank }, () => cursor.varint());
  const count = extents.reduce((a, b) => a * b, 1);
  const least = leastBytes({ kind: "primitive", type: item });
  if (!(count * least <= cursor.remaining())) {
    throw short(cursor, "an array", extents.join(" x "));
  }
  const data = numbers(item, count, cursor);
  return shape || rank === 1 ? data : { shape: extents, data };
}

function numbers(type: Primitive, count: number, cursor: ByteCursor): Float32Array | Float64Array {
  if (type === "float32") {
    const bytes = cursor.bytes(count * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  }
  return Float64Array.from({ length: count }, () => Number(decodePrimitive(type, cursor)));
}

function bad(cursor: ByteCursor, message: string, found: string): DataError {
  return new DataError("bad-yardl", message, { file: cursor.file, found: `${found} at byte ${cursor.position()}` });
}

function short(cursor: ByteCursor, what: string, found: string): DataError {
  return new DataError("truncated", `${what} is longer than the rest of the file`, {
    file: cursor.file,
    expected: `at most ${cursor.remaining()} bytes behind byte ${cursor.position()}`,
    found,
  });
}
