/**
 * A yardl protocol's schema as a tree that can be walked over bytes: names resolved, generics filled in.
 *
 * @see microsoft.github.io/yardl/reference/binary.html
 */
import { DataError } from "@quintet/core";

export type Primitive =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "size"
  | "float32"
  | "float64"
  | "string"
  | "datetime";

export type Node =
  | { readonly kind: "primitive"; readonly type: Primitive }
  | {
      readonly kind: "record";
      readonly name: string;
      readonly fields: readonly { readonly name: string; readonly node: Node }[];
    }
  | {
      readonly kind: "enum";
      readonly name: string;
      readonly symbols: readonly { readonly symbol: string; readonly value: number }[];
    }
  | { readonly kind: "optional"; readonly item: Node }
  | { readonly kind: "union"; readonly cases: readonly { readonly tag: string; readonly node: Node }[] }
  /** A list of items; of fixed length when `length` is given. */
  | { readonly kind: "vector"; readonly item: Node; readonly length?: number }
  /** A list whose items are `width` unsigned integers each: one flat Uint32Array. */
  | { readonly kind: "packed"; readonly width: number }
  /** Numbers of a fixed shape, or of `rank` extents written before them. */
  | { readonly kind: "array"; readonly item: Primitive; readonly shape?: readonly number[]; readonly rank: number }
  | { readonly kind: "stream"; readonly item: Node };

export interface Protocol {
  readonly name: string;
  readonly steps: readonly { readonly name: string; readonly node: Node }[];
}

type Json = null | string | number | readonly Json[] | { readonly [key: string]: Json };
type Named = { readonly [key: string]: Json };

const primitives: ReadonlySet<string> = new Set([
  "bool",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "size",
  "float32",
  "float64",
  "string",
  "datetime",
]);

/** @throws DataError `bad-schema` for a type this codec has no bytes for */
export function protocolOf(schema: string): Protocol {
  const { protocol, types } = JSON.parse(schema) as { protocol: Named; types: readonly Named[] };
  const byName = new Map(types.map((type) => [String(type.name), type]));
  const steps = (protocol.sequence as readonly Named[]).map(({ name, type }) => ({
    name: String(name),
    node: nodeOf(type as Json, byName, new Map()),
  }));
  return { name: String(protocol.name), steps };
}

function nodeOf(type: Json, byName: ReadonlyMap<string, Named>, given: ReadonlyMap<string, Node>): Node {
  const inside = (part: Json): Node => nodeOf(part, byName, given);
  if (typeof type === "string") {
    const filled = given.get(type);
    if (filled) return filled;
    return primitives.has(type) ? { kind: "primitive", type: type as Primitive } : declared(type, [], byName);
  }
  if (Array.isArray(type)) return unionOf(type as readonly Json[], inside);
  const { vector, array, stream, name, typeArguments } = type as Named;
  if (vector) {
    const { items, length } = vector as Named;
    const item = inside(items as Json);
    if (typeof length === "number") return { kind: "vector", item, length };
    const width = unsignedWidth(item);
    return width === undefined || width < 2 ? { kind: "vector", item } : { kind: "packed", width };
  }
  if (array) return arrayOf(array as Named, inside);
  if (stream) return { kind: "stream", item: inside((stream as Named).items as Json) };
  if (typeof name === "string") return declared(name, (typeArguments as readonly Json[]).map(inside), byName);
  throw new DataError("bad-schema", "a type of the schema is not understood", {
    found: JSON.stringify(type).slice(0, 80),
  });
}

function declared(full: string, typeArguments: readonly Node[], byName: ReadonlyMap<string, Named>): Node {
  const type = byName.get(full.slice(full.indexOf(".") + 1));
  if (!type) throw new DataError("bad-schema", "the schema names a type it does not have", { found: full });
  const { name, fields, values, typeParameters = [] } = type;
  const given = new Map(
    (typeParameters as readonly string[]).map((parameter, i) => [parameter, typeArguments[i] as Node]),
  );
  if (fields) {
    const list = (fields as readonly Named[]).map((field) => ({
      name: String(field.name),
      node: nodeOf(field.type as Json, byName, given),
    }));
    return { kind: "record", name: String(name), fields: list };
  }
  if (values) {
    const symbols = (values as readonly Named[]).map((entry) => ({
      symbol: String(entry.symbol),
      value: Number(entry.value),
    }));
    return { kind: "enum", name: String(name), symbols };
  }
  return nodeOf(type.type as Json, byName, given);
}

function unionOf(cases: readonly Json[], inside: (part: Json) => Node): Node {
  const [first, second, ...more] = cases;
  if (first === null && more.length === 0) return { kind: "optional", item: inside(second as Json) };
  return {
    kind: "union",
    cases: cases.map((entry) => {
      const { tag, type } = entry as Named;
      return { tag: String(tag), node: inside(type as Json) };
    }),
  };
}

function arrayOf({ items, dimensions }: Named, inside: (part: Json) => Node): Node {
  const item = inside(items as Json);
  if (item.kind !== "primitive" || dimensions === undefined) {
    throw new DataError("bad-schema", "arrays hold numbers and state their rank", { found: JSON.stringify(items) });
  }
  if (typeof dimensions === "number") return { kind: "array", item: item.type, rank: dimensions };
  const extents = (dimensions as readonly Named[]).map(({ length }) => length);
  const fixed = extents.every((length) => typeof length === "number");
  return { kind: "array", item: item.type, rank: extents.length, ...(fixed ? { shape: extents as number[] } : {}) };
}

/** How many unsigned integers a node is made of, when it is made of nothing else. */
function unsignedWidth(node: Node): number | undefined {
  if (node.kind === "primitive") return node.type === "uint32" ? 1 : undefined;
  if (node.kind === "vector" && node.length !== undefined) {
    const one = unsignedWidth(node.item);
    return one === undefined ? undefined : one * node.length;
  }
  if (node.kind !== "record") return undefined;
  let width = 0;
  for (const field of node.fields) {
    const one = unsignedWidth(field.node);
    if (one === undefined) return undefined;
    width += one;
  }
  return width;
}

/** The fewest bytes a value of this node takes: no count of items may promise more than the file still holds. */
export function leastBytes(node: Node): number {
  switch (node.kind) {
    case "primitive":
      return { float32: 4, float64: 8 }[node.type as string] ?? 1;
    case "record":
      return node.fields.reduce((sum, field) => sum + leastBytes(field.node), 0);
    case "vector":
      return node.length === undefined ? 1 : node.length * leastBytes(node.item);
    case "array":
      return (node.shape?.reduce((a, b) => a * b, 1) ?? 0) * leastBytes({ kind: "primitive", type: node.item }) || 1;
    case "union":
      return 1 + Math.min(...node.cases.map((one) => leastBytes(one.node)));
    default:
      return 1;
  }
}
