import { DataError } from "@quintet/core";
import { type Hdf5Group, type Hdf5Node, hdf5Numbers, hdf5Texts } from "../hdf5/hdf5-tree.ts";

/** Reads fields of a SNIRF group by the specification's rules and notes where the file breaks them. */
export interface SnirfContext {
  readonly file: string;
  readonly problems: string[];
}

export function childGroup(group: Hdf5Group, name: string): Hdf5Group | undefined {
  const node = Object.hasOwn(group.children, name) ? group.children[name] : undefined;
  return node?.kind === "group" ? node : undefined;
}

export function child(group: Hdf5Group | undefined, name: string): Hdf5Node | undefined {
  return group !== undefined && Object.hasOwn(group.children, name) ? group.children[name] : undefined;
}

/** A scalar must be stored in a scalar dataspace; a 1x1 or 1-element array is read, and told of. */
export function scalarNumber(
  group: Hdf5Group | undefined,
  name: string,
  path: string,
  context: SnirfContext,
): number | undefined {
  const node = child(group, name);
  const numbers = hdf5Numbers(node);
  if (numbers === undefined || numbers.length === 0) return undefined;
  noteRank(node, 0, `${path}/${name}`, context);
  return numbers[0];
}

export function scalarText(
  group: Hdf5Group | undefined,
  name: string,
  path: string,
  context: SnirfContext,
): string | undefined {
  const node = child(group, name);
  const texts = hdf5Texts(node);
  if (texts === undefined || texts.length === 0) return undefined;
  noteRank(node, 0, `${path}/${name}`, context);
  if (node?.kind === "dataset" && node.variableLength === false)
    note(context, `${path}/${name} is a string of fixed length`);
  return untilNul(texts[0] ?? "");
}

/** Text up to its first NUL: fixed-length strings are padded with them. */
export function untilNul(text: string): string {
  return (text.split("\0", 1)[0] ?? "").trim();
}

/** A list of numbers, whatever its rank; a rank other than 1 is told of. */
export function vector(
  group: Hdf5Group | undefined,
  name: string,
  path: string,
  context: SnirfContext,
): Float64Array | undefined {
  const node = child(group, name);
  const numbers = hdf5Numbers(node);
  if (numbers === undefined) return undefined;
  noteRank(node, 1, `${path}/${name}`, context);
  return Float64Array.from(numbers);
}

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * A table of numbers. A rank-1 array is read as one row when `rowLength` allows that length (a single optode or
 * stimulus), else as one column; both are told of.
 *
 * @throws DataError `bad-shape`
 */
export function matrix(
  group: Hdf5Group | undefined,
  name: string,
  path: string,
  context: SnirfContext,
  rowLength: readonly number[] = [],
): Matrix | undefined {
  const node = child(group, name);
  const numbers = hdf5Numbers(node);
  if (node?.kind !== "dataset" || numbers === undefined) return undefined;
  const data = Float64Array.from(numbers);
  const [rows = 0, columns = 0] = data.length > 0 ? node.shape : [0, 0];
  if (node.shape.length === 2 && rows * columns === data.length) return { rows, columns, data };
  if (node.shape.length > 2) {
    throw new DataError("bad-shape", `${path}/${name}`, {
      file: context.file,
      expected: "rank 2",
      found: `rank ${node.shape.length}`,
    });
  }
  if (data.length === 0) return { rows: 0, columns: 0, data };
  note(context, `${path}/${name} has rank ${node.shape.length}, the specification wants 2`);
  return rowLength.includes(data.length)
    ? { rows: 1, columns: data.length, data }
    : { rows: data.length, columns: 1, data };
}

/**
 * Indexed groups name1, name2 ... in order. `allowBare` lets a single group stand without a number (/nirs).
 * Numbers that do not run from 1 without a hole, and names with leading zeros, are told of.
 */
export function indexedGroups(
  group: Hdf5Group,
  name: string,
  context: SnirfContext,
  allowBare = false,
): { path: string; group: Hdf5Group }[] {
  const found: { index: number; path: string; group: Hdf5Group }[] = [];
  for (const [key, node] of Object.entries(group.children)) {
    if (node.kind !== "group" || !key.startsWith(name)) continue;
    const digits = key.slice(name.length);
    if (digits === "" && allowBare) found.push({ index: 1, path: key, group: node });
    else if (/^[1-9]\d*$/.test(digits)) found.push({ index: Number(digits), path: key, group: node });
    else if (/^\d+$/.test(digits)) note(context, `group ${key} is no valid name (leading zero) and is left out`);
  }
  found.sort((a, b) => a.index - b.index);
  if (found.some(({ index }, i) => index !== i + 1))
    note(context, `the numbers of ${name} groups do not run from 1 without a hole`);
  return found.map(({ path, group: g }) => ({ path, group: g }));
}

/** Each sentence once, and numbered fields only for their first number. */
export function note(context: SnirfContext, sentence: string): void {
  const general = sentence.replace(/(measurementList|stim|aux|data)\d+/g, "$1{i}");
  if (!context.problems.includes(general)) context.problems.push(general);
}

function noteRank(node: Hdf5Node | undefined, rank: number, path: string, context: SnirfContext): void {
  if (node?.kind === "dataset" && node.shape.length !== rank) {
    note(context, `${path} has rank ${node.shape.length}, the specification wants ${rank}`);
  }
}

/** The same departure at many fields, as one sentence. */
export function gatherProblems(problems: readonly string[]): string[] {
  const fields = new Map<string, string[]>();
  const others: string[] = [];
  for (const problem of problems) {
    const [, field, what] = /^(\S+) ((?:has rank|is a string of fixed) .*)$/.exec(problem) ?? [];
    if (field === undefined || what === undefined) others.push(problem);
    else fields.set(what, [...(fields.get(what) ?? []), field]);
  }
  return [
    ...others,
    ...[...fields].map(
      ([what, names]) =>
        `${what.replace(/^has/, "fields whose storage has").replace(/^is/, "fields whose storage is")}: ${names.join(", ")}`,
    ),
  ];
}
