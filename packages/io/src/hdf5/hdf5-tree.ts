/** An HDF5 file as plain data, so that what it means is decided without an HDF5 library. */
export type Hdf5Node = Hdf5Group | Hdf5Dataset | Hdf5Records;

export interface Hdf5Group {
  readonly kind: "group";
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly children: Readonly<Record<string, Hdf5Node>>;
}

export type Hdf5Numbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface Hdf5Dataset {
  readonly kind: "dataset";
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** What the file stores; "reference" data are paths, "other" is not read. */
  readonly type: "integer" | "float" | "string" | "reference" | "other";
  /** Of strings: whether their length is variable, as SNIRF wants it. */
  readonly variableLength?: boolean;
  /** C order (last axis fastest). */
  readonly data: Hdf5Numbers | readonly string[];
}

/**
 * Rows of a compound type: fixed members as the bytes of each row, members of variable length end to end. Read only from
 * the data sets that a reader names.
 */
export interface Hdf5Records {
  readonly kind: "records";
  readonly count: number;
  /** Bytes of a row, and all rows end to end, little-endian. */
  readonly size: number;
  readonly rows: Uint8Array;
  readonly members: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  /** Members of variable length: how many bytes each row has, and all of them end to end. */
  readonly sequences: Readonly<Record<string, { readonly lengths: Uint32Array; readonly bytes: Uint8Array }>>;
}

/** The node at a path such as "/nirs/probe/wavelengths". */
export function hdf5Node(root: Hdf5Group, path: string): Hdf5Node | undefined {
  let node: Hdf5Node | undefined = root;
  for (const part of path.split("/").filter((p) => p !== "")) {
    if (node?.kind !== "group") return undefined;
    node = Object.hasOwn(node.children, part) ? node.children[part] : undefined;
  }
  return node;
}

export function hdf5Numbers(node: Hdf5Node | undefined): Hdf5Numbers | undefined {
  return node?.kind === "dataset" && ArrayBuffer.isView(node.data) ? node.data : undefined;
}

export function hdf5Texts(node: Hdf5Node | undefined): readonly string[] | undefined {
  return node?.kind === "dataset" && node.type === "string" && !ArrayBuffer.isView(node.data) ? node.data : undefined;
}
