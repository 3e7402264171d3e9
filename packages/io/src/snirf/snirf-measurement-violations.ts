import { type Hdf5Group, hdf5Numbers, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import { untilNul } from "./snirf-fields.ts";
import { dataTypes, processedLabels } from "./snirf-rules.ts";
import type { Told } from "./snirf-violations.ts";

interface Column {
  /** Where its fields stand; of a table, with the row. */
  readonly at: (field: string) => string;
  readonly number: (field: string) => number | undefined;
  readonly text: (field: string) => string;
}

/**
 * What the columns of a data block say, held against the probe and against each other: as many as the data has, each index names
 * something, no two alike, types and labels of the specification, units where a number means nothing without one.
 */
export function measurementViolations(
  data: Hdf5Group,
  lists: readonly { readonly at: string; readonly group: Hdf5Group }[],
  table: Hdf5Group | undefined,
  probe: Hdf5Group | undefined,
  path: string,
  tell: Told,
): void {
  const columns = table ? tableColumns(table, `${path}/measurementLists`, tell) : lists.map(listColumn);
  const series = data.children.dataTimeSeries;
  const wide = series?.kind === "dataset" && series.shape.length === 2 ? series.shape[1] : undefined;
  if (wide !== undefined && columns.length > 0 && wide !== columns.length)
    tell(`${path}/dataTimeSeries`, `has ${wide} columns for ${columns.length} measurements`);
  const offset = hdf5Numbers(data.children.dataOffset);
  if (offset && wide !== undefined && offset.length !== wide)
    tell(`${path}/dataOffset`, `has ${offset.length} values for ${wide} columns`);
  const seen = new Map<string, string>();
  for (const column of columns) {
    checkColumn(column, probe, tell);
    const key = ["sourceIndex", "detectorIndex", "wavelengthIndex", "dataType", "dataTypeIndex"]
      .map((field) => column.number(field) ?? "")
      .concat([column.text("dataTypeLabel")] as never)
      .join(" ");
    const first = seen.get(key);
    if (first !== undefined) tell(column.at("sourceIndex"), `is the same measurement as ${first}`, "warning");
    else seen.set(key, column.at("sourceIndex"));
  }
}

function listColumn({ at, group }: { readonly at: string; readonly group: Hdf5Group }): Column {
  return {
    at: (field) => `${at}/${field}`,
    number: (field) => hdf5Numbers(group.children[field])?.[0],
    text: (field) => untilNul(hdf5Texts(group.children[field])?.[0] ?? ""),
  };
}

function tableColumns(table: Hdf5Group, path: string, tell: Told): Column[] {
  const lengths = new Map(
    Object.entries(table.children).map(([name, node]) => [name, (hdf5Numbers(node) ?? hdf5Texts(node))?.length ?? 0]),
  );
  const count = lengths.get("sourceIndex") ?? 0;
  for (const [name, length] of lengths)
    if (length !== count) tell(`${path}/${name}`, `has ${length} rows where sourceIndex has ${count}`);
  return Array.from({ length: count }, (_, row) => ({
    at: (field) => `${path}/${field}[${row + 1}]`,
    number: (field) => hdf5Numbers(table.children[field])?.[row],
    text: (field) => untilNul(hdf5Texts(table.children[field])?.[row] ?? ""),
  }));
}

function checkColumn(column: Column, probe: Hdf5Group | undefined, tell: Told): void {
  const type = column.number("dataType");
  const known = type === undefined ? undefined : dataTypes.get(type);
  if (type !== undefined && !known) tell(column.at("dataType"), `is ${type}, which the specification does not list`);
  const processed = type === 99999;
  for (const [field, list] of [
    ["sourceIndex", lengthOf(probe, "sourcePos3D") ?? lengthOf(probe, "sourcePos2D")],
    ["detectorIndex", lengthOf(probe, "detectorPos3D") ?? lengthOf(probe, "detectorPos2D")],
    ["wavelengthIndex", lengthOf(probe, "wavelengths")],
  ] as const) {
    const index = column.number(field);
    // A processed quantity such as HbO is of no wavelength.
    if (index === undefined || (processed && field === "wavelengthIndex" && index <= 0)) continue;
    if (!(Number.isInteger(index) && index >= 1)) tell(column.at(field), `is ${index}; indices count from 1`);
    else if (list !== undefined && index > list) tell(column.at(field), `is ${index} of ${list}`);
  }
  const index = column.number("dataTypeIndex");
  if (known?.listed !== undefined) {
    const count = lengthOf(probe, known.listed);
    if (count === undefined)
      tell(column.at("dataType"), `is ${type} (${known.says}); the probe has no ${known.listed}`);
    else if (index !== undefined && !(index >= 1 && index <= count))
      tell(column.at("dataTypeIndex"), `is ${index} of ${count} ${known.listed}`);
  }
  const label = column.text("dataTypeLabel");
  if (processed && label === "") tell(column.at("dataTypeLabel"), "is required where dataType is 99999");
  else if (processed && !processedLabels.has(label))
    tell(column.at("dataTypeLabel"), `is "${label}", which the specification does not list`, "warning");
  if (processed && /Hb[ORT]$/.test(label) && column.text("dataUnit") === "")
    tell(column.at("dataUnit"), `is missing: ${label} without a unit is a number without a size`, "warning");
}

function lengthOf(probe: Hdf5Group | undefined, name: string): number | undefined {
  const node = probe?.children[name];
  if (node?.kind !== "dataset") return undefined;
  return node.shape.length > 0 ? node.shape[0] : 1;
}
