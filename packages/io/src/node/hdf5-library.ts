import { DataError } from "@quintet/core";
import type * as H5 from "h5wasm";
import type { Hdf5Dataset, Hdf5Group, Hdf5Node, Hdf5Numbers } from "../hdf5/hdf5-tree.ts";
import { readRecords } from "./hdf5-records.ts";

type Library = typeof H5;
export type Module = Awaited<Library["ready"]>;

const hdf5Types: readonly Hdf5Dataset["type"][] = [
  "integer",
  "float",
  "other",
  "string",
  "other",
  "other",
  "other",
  "reference",
  "integer",
];

/** What one file may ask for: numbers unpacked to at most 200 times its bytes (16 MB for small ones), and 200 000 objects. */
export interface Budget {
  bytes: number;
  nodes: number;
}

interface Reading {
  readonly library: Library;
  readonly module: Module;
  readonly budget: Budget;
  readonly only: readonly string[] | undefined;
}

export function readTree(library: Library, module: Module, bytes: Uint8Array, only?: readonly string[]): Hdf5Group {
  const { FS } = module;
  FS.writeFile("/input.h5", bytes);
  try {
    const opened = new library.File("/input.h5", "r");
    if (opened.file_id < 0n) throw new DataError("bad-hdf5", "the HDF5 library cannot open it");
    const budget: Budget = { bytes: Math.max(200 * bytes.length, 16 * 2 ** 20), nodes: 200_000 };
    try {
      return readGroup({ library, module, budget, only }, opened, 0);
    } finally {
      opened.close();
    }
  } finally {
    FS.unlink("/input.h5");
  }
}

function readGroup(reading: Reading, group: H5.Group, depth: number): Hdf5Group {
  const { library, budget } = reading;
  if (depth > 32) throw new DataError("too-deep", "groups are nested more than 32 deep");
  const children: Record<string, Hdf5Node> = Object.create(null);
  for (const name of group.keys()) {
    if (--budget.nodes < 0) throw new DataError("too-many-objects", "the file holds more than 200 000 objects");
    const entity = group.get(name);
    if (entity === null) continue;
    if (entity instanceof library.Group) children[name] = readGroup(reading, entity, depth + 1);
    else if (entity instanceof library.Dataset) children[name] = readNamed(reading, name, entity);
  }
  return { kind: "group", children: { ...children }, ...attributesOf(group) };
}

function readNamed({ module, budget, only }: Reading, name: string, dataset: H5.Dataset): Hdf5Node {
  if (only === undefined) return readDataset(dataset, budget);
  if (!only.includes(name))
    return { kind: "dataset", shape: dataset.shape ?? [], type: "other", data: new Float64Array(0) };
  const compound = dataset.metadata.type === module.H5T_class_t.H5T_COMPOUND.value;
  return compound ? readRecords(module, dataset, budget) : readDataset(dataset, budget);
}

function attributesOf(entity: H5.Group | H5.Dataset): { attributes?: Record<string, string | number> } {
  const attributes: Record<string, string | number> = {};
  for (const name of ["MATLAB_class", "MATLAB_empty"]) {
    if (!Object.hasOwn(entity.attrs, name)) continue;
    const value = entity.attrs[name]?.value;
    const single = Array.isArray(value) || ArrayBuffer.isView(value) ? (value as ArrayLike<unknown>)[0] : value;
    if (typeof single === "string" || typeof single === "number") attributes[name] = single;
  }
  return Object.keys(attributes).length > 0 ? { attributes } : {};
}

function readDataset(dataset: H5.Dataset, budget: Budget): Hdf5Dataset {
  const { shape, type: code, size, total_size: count, vlen } = dataset.metadata;
  const type = hdf5Types[code] ?? "other";
  const base = { kind: "dataset" as const, shape: shape ?? [], type, ...attributesOf(dataset) };
  budget.bytes -= count * size;
  if (!(budget.bytes >= 0)) {
    throw new DataError("decompression-limit", "the datasets claim far more than the file holds", {
      found: `${count} x ${size} bytes at ${dataset.path}`,
    });
  }
  if (shape === null || count === 0 || type === "other") {
    return { ...base, data: type === "string" || type === "reference" ? [] : new Float64Array(0) };
  }
  const value: unknown = dataset.value;
  if (type === "string") {
    const texts = (Array.isArray(value) ? value : [value]).map((text) => (typeof text === "string" ? text : ""));
    return { ...base, variableLength: vlen, data: texts };
  }
  if (type === "reference") {
    const references = (Array.isArray(value) ? value : [value]) as H5.Reference[];
    return { ...base, data: references.map((reference) => referencedPath(dataset, reference)) };
  }
  return { ...base, data: numbersOf(value) };
}

function referencedPath(dataset: H5.Dataset, reference: H5.Reference): string {
  const target = dataset.dereference(reference);
  return target !== null && "path" in target && typeof target.path === "string" ? target.path : "";
}

function numbersOf(value: unknown): Hdf5Numbers {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Float64Array.from(value, Number);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return (value as Hdf5Numbers).slice();
  if (typeof value === "number" || typeof value === "bigint") {
    return Float64Array.of(Number(value));
  }
  return new Float64Array(0);
}

/** Strings as variable-length UTF-8, scalars in a scalar dataspace, arrays of more than 10 000 numbers in gzip chunks. */
export function writeTree(library: Library, module: Module, tree: Hdf5Group): Uint8Array {
  const { FS } = module;
  const opened = new library.File("/output.h5", "w");
  try {
    writeGroup(opened, tree);
    opened.flush();
  } finally {
    opened.close();
  }
  const bytes = FS.readFile("/output.h5").slice();
  FS.unlink("/output.h5");
  return bytes;
}

const dtypes: readonly (readonly [string, string])[] = [
  ["Float64Array", "<d"],
  ["Float32Array", "<f"],
  ["Int32Array", "<i"],
];

function writeGroup(into: H5.Group, group: Hdf5Group): void {
  for (const [name, node] of Object.entries(group.children)) {
    if (node.kind === "group") {
      writeGroup(into.create_group(name), node);
      continue;
    }
    if (node.kind === "records")
      throw new DataError("bad-hdf5", "rows of a compound are not written through the library");
    const scalar = node.shape.length === 0;
    if (ArrayBuffer.isView(node.data)) {
      const numbers = node.data as Hdf5Numbers;
      const dtype = dtypes.find(([type]) => numbers.constructor.name === type)?.[1] ?? "<d";
      const [rows = 1, ...rest] = node.shape;
      const large = numbers.length > 10_000;
      const width = rest.reduce((n, d) => n * d, 1);
      into.create_dataset({
        name,
        data: scalar ? (numbers[0] as number) : (numbers as Float64Array),
        shape: [...node.shape],
        dtype,
        ...(large
          ? { chunks: [Math.max(1, Math.min(rows, Math.floor(65_536 / width))), ...rest], compression: 4 }
          : {}),
      });
    } else {
      const texts = node.data as readonly string[];
      into.create_dataset(scalar ? { name, data: texts[0] ?? "" } : { name, data: [...texts], shape: [...node.shape] });
    }
  }
}
