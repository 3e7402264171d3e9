/** Bytes of values of a yardl schema: what decode reads. */
import { DataError } from "@quintet/core";
import type { Extended } from "./decode.ts";
import type { Node, Primitive } from "./schema.ts";

/** A growing run of bytes. */
export interface ByteSink {
  readonly byte: (value: number) => void;
  readonly varint: (value: number) => void;
  readonly signed: (value: number) => void;
  readonly signed64: (value: bigint) => void;
  readonly float32: (value: number) => void;
  readonly float64: (value: number) => void;
  readonly bytes: (value: Uint8Array) => void;
  /** What was written so far; the sink is empty afterwards. */
  readonly take: () => Uint8Array;
}

export function byteSink(): ByteSink {
  let [buffer, at] = [new Uint8Array(1024), 0];
  const room = (length: number): number => {
    if (at + length > buffer.length) {
      const grown = new Uint8Array(Math.max(2 * buffer.length, at + length));
      grown.set(buffer.subarray(0, at));
      buffer = grown;
    }
    const from = at;
    at += length;
    return from;
  };
  const byte = (value: number): void => {
    const from = room(1);
    buffer[from] = value;
  };
  const varint = (value: number): void => {
    let rest = value;
    while (rest >= 128) {
      byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    byte(rest);
  };
  const float = (length: 4 | 8, value: number): void => {
    const from = room(length);
    const view = new DataView(buffer.buffer, from, length);
    if (length === 4) view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
  };
  return {
    byte,
    varint,
    signed: (value) => varint(value < 0 ? -2 * value - 1 : 2 * value),
    signed64: (value) => {
      let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
      while (rest >= 128n) {
        byte(Number(rest & 0x7fn) | 0x80);
        rest >>= 7n;
      }
      byte(Number(rest));
    },
    float32: (value) => float(4, value),
    float64: (value) => float(8, value),
    bytes: (value) => {
      const from = room(value.length);
      buffer.set(value, from);
    },
    take: () => {
      const done = buffer.slice(0, at);
      at = 0;
      return done;
    },
  };
}

/**
 * Writes one value as the schema has it.
 *
 * @throws DataError `does-not-fit` for a value the schema has no bytes for
 */
export function encode(node: Node, value: unknown, sink: ByteSink): void {
  switch (node.kind) {
    case "primitive":
      encodePrimitive(node.type, value, sink);
      return;
    case "record": {
      const record = value as Readonly<Record<string, unknown>>;
      for (const { name, node: inner } of node.fields) encode(inner, record[name], sink);
      return;
    }
    case "enum": {
      const found = node.symbols.find(({ symbol }) => symbol === value);
      if (!found) throw misfit(`one of ${node.symbols.map(({ symbol }) => symbol).join(", ")}`, value);
      sink.signed(found.value);
      return;
    }
    case "optional":
      sink.byte(value === undefined ? 0 : 1);
      if (value !== undefined) encode(node.item, value, sink);
      return;
    case "union": {
      const [tag, inner] = value as readonly [string, unknown];
      const index = node.cases.findIndex((one) => one.tag === tag);
      const found = node.cases[index];
      if (!found) throw misfit(`one of ${node.cases.map((one) => one.tag).join(", ")}`, tag);
      sink.byte(index);
      encode(found.node, inner, sink);
      return;
    }
    case "vector": {
      const list = value as ArrayLike<unknown>;
      if (node.length === undefined) sink.varint(list.length);
      else if (list.length !== node.length) throw misfit(`${node.length} items`, list.length);
      for (let i = 0; i < list.length; i++) encode(node.item, list[i], sink);
      return;
    }
    case "packed": {
      const list = value as Uint32Array;
      if (list.length % node.width !== 0) throw misfit(`groups of ${node.width}`, list.length);
      sink.varint(list.length / node.width);
      for (let i = 0; i < list.length; i++) sink.varint(list[i] as number);
      return;
    }
    case "array":
      encodeArray(node, value, sink);
      return;
    case "stream":
      throw misfit("a stream as a step of its own", "a stream within a value");
  }
}

function encodeArray({ item, shape, rank }: Extract<Node, { kind: "array" }>, value: unknown, sink: ByteSink): void {
  const { shape: extents, data } =
    shape || rank === 1
      ? { shape: shape ?? [(value as ArrayLike<number>).length], data: value as ArrayLike<number> }
      : (value as Extended<ArrayLike<number>>);
  if (extents.length !== rank || extents.reduce((a, b) => a * b, 1) !== data.length) {
    throw misfit(`${rank} extents that hold ${data.length} numbers`, extents.join(" x "));
  }
  if (!shape) for (const extent of extents) sink.varint(extent);
  for (let i = 0; i < data.length; i++) encodePrimitive(item, data[i], sink);
}

const whole: Readonly<Partial<Record<Primitive, readonly [least: number, most: number]>>> = {
  uint8: [0, 0xff],
  int8: [-0x80, 0x7f],
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffffffff],
  int32: [-0x80000000, 0x7fffffff],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  size: [0, Number.MAX_SAFE_INTEGER],
};

function encodePrimitive(type: Primitive, value: unknown, sink: ByteSink): void {
  const bounds = whole[type];
  if (bounds) {
    const number = value as number;
    if (!(Number.isInteger(number) && number >= bounds[0] && number <= bounds[1])) throw misfit(type, value);
    if (type === "uint8" || type === "int8") sink.byte(number);
    else if (type.startsWith("i")) sink.signed(number);
    else sink.varint(number);
    return;
  }
  if (type === "bool" && typeof value === "boolean") sink.byte(value ? 1 : 0);
  else if (type === "float32" && typeof value === "number") sink.float32(value);
  else if (type === "float64" && typeof value === "number") sink.float64(value);
  else if (type === "datetime" && typeof value === "bigint") sink.signed64(value);
  else if (type === "string" && typeof value === "string") {
    const bytes = new TextEncoder().encode(value);
    sink.varint(bytes.length);
    sink.bytes(bytes);
  } else throw misfit(type, value);
}

function misfit(expected: string, found: unknown): DataError {
  return new DataError("does-not-fit", "a value has no place in the schema", {
    expected,
    found: String(found).slice(0, 60),
  });
}
