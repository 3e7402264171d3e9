import { DataError } from "@quintet/core";
import { type Hdf5Dataset, type Hdf5Group, type Hdf5Node, type Hdf5Numbers, hdf5Node } from "../hdf5/hdf5-tree.ts";
import { charRows, type MatValue } from "./mat-value.ts";

/**
 * Variables of a MAT-file of version 7.3, which is an HDF5 file: classes stand in the attribute MATLAB_class, shapes
 * are reversed (so the data are column-major as they lie), cells and struct arrays are references into /#refs#.
 *
 * @throws DataError `too-deep`, `bad-element`
 */
export function matFromHdf5(root: Hdf5Group, { file }: { readonly file: string }): Map<string, MatValue> {
  const left = { values: 1_000_000 };
  const convert = (node: Hdf5Node | undefined, depth: number): MatValue => {
    if (depth > 40 || --left.values < 0)
      throw new DataError("too-deep", "variables are nested too deep or refer to each other", { file });
    if (node === undefined) return { kind: "unsupported", type: "missing" };
    if (node.kind === "records") return { kind: "unsupported", type: "compound" };
    return node.kind === "group" ? struct(node, depth) : dataset(node, depth);
  };
  const referenced = (node: Hdf5Dataset, depth: number): MatValue[] =>
    (node.data as readonly string[]).map((path) => convert(hdf5Node(root, path), depth + 1));
  const isList = (node: Hdf5Node): node is Hdf5Dataset =>
    node.kind === "dataset" && node.type === "reference" && node.attributes?.MATLAB_class === undefined;
  const struct = (group: Hdf5Group, depth: number): MatValue => {
    const entries = Object.entries(group.children);
    const lists = entries.flatMap(([name, node]) => (isList(node) ? [{ name, node }] : []));
    const [first] = lists;
    if (first === undefined || lists.length < entries.length) {
      return {
        kind: "struct",
        shape: [1, 1],
        fields: new Map(entries.map(([name, node]) => [name, [convert(node, depth + 1)]])),
      };
    }
    const shape = matShape(first.node.shape);
    return {
      kind: "struct",
      shape,
      fields: new Map(lists.map(({ name, node }) => [name, referenced(node, depth)])),
    };
  };
  const dataset = (node: Hdf5Dataset, depth: number): MatValue => {
    const type = String(node.attributes?.MATLAB_class ?? "double");
    if (node.attributes?.MATLAB_empty === 1) return empty(type);
    const shape = matShape(node.shape);
    if (node.type === "reference") return { kind: "cell", shape, cells: referenced(node, depth) };
    if (!ArrayBuffer.isView(node.data)) return { kind: "unsupported", type };
    const data = node.data as Hdf5Numbers;
    if (type === "char") return { kind: "char", shape, rows: charRows(data, shape) };
    return { kind: "numeric", type, shape, data };
  };
  return new Map(
    Object.entries(root.children)
      .filter(([name]) => !name.startsWith("#"))
      .map(([name, node]) => [name, convert(node, 0)]),
  );
}

function matShape(shape: readonly number[]): number[] {
  const reversed = [...shape].reverse();
  return reversed.length >= 2 ? reversed : reversed.length === 1 ? [reversed[0] as number, 1] : [1, 1];
}

function empty(type: string): MatValue {
  if (type === "char") return { kind: "char", shape: [0, 0], rows: [] };
  if (type === "cell") return { kind: "cell", shape: [0, 0], cells: [] };
  if (type === "struct") return { kind: "struct", shape: [0, 0], fields: new Map() };
  return { kind: "numeric", type, shape: [0, 0], data: new Float64Array(0) };
}
