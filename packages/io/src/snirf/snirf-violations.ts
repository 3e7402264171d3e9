import { type Hdf5Group, type Hdf5Node, hdf5Numbers, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import { untilNul } from "./snirf-fields.ts";
import { measurementViolations } from "./snirf-measurement-violations.ts";
import {
  auxRules,
  dataRules,
  type FieldForm,
  type GroupRules,
  measurementRules,
  metaDataRules,
  probeRules,
  stimRules,
} from "./snirf-rules.ts";

export interface SnirfViolation {
  /** Where in the file: "/nirs/data1/time". */
  readonly path: string;
  readonly says: string;
  /** "error": another reader may fail or misread. "warning": allowed, and doubtful. */
  readonly level: "error" | "warning";
}

export type Told = (path: string, says: string, level?: SnirfViolation["level"]) => void;

/**
 * Everything in which a file departs from SNIRF 1.1: fields that are missing, of a wrong type or rank, stored as strings of fixed length,
 * unknown; and what a check of single fields does not see: indices that name nothing, lists and tables that do not fit together,
 * times that do not increase, numbers that are none, units that are not the specification's.
 *
 * @returns in the order of the file; empty for a file without fault
 * @see SNIRF specification 1.1, github.com/fNIRS/snirf
 */
export function snirfViolations(root: Hdf5Group): SnirfViolation[] {
  const found: SnirfViolation[] = [];
  const tell: Told = (path, says, level = "error") => void found.push({ path, says, level });
  const version = root.children.formatVersion;
  if (version === undefined) tell("/formatVersion", "is required and missing");
  else checkField(version, "text", "/formatVersion", tell);
  const wholes = Object.keys(root.children).filter((name) => /^nirs\d*$/.test(name));
  if (wholes.length === 0) tell("/nirs", "is required and missing");
  if (wholes.length > 1 && wholes.includes("nirs")) tell("/nirs", "must be numbered where there are several");
  for (const name of Object.keys(root.children)) {
    if (name !== "formatVersion" && !wholes.includes(name)) tell(`/${name}`, "is not of the specification", "warning");
  }
  for (const name of wholes.sort()) {
    const node = root.children[name];
    if (node?.kind === "group") checkNirs(node, `/${name}`, tell);
    else tell(`/${name}`, "must be a group");
  }
  return found;
}

function checkNirs(nirs: Hdf5Group, path: string, tell: Told): void {
  const tags = groupOf(nirs, "metaDataTags", path, tell, true);
  if (tags) {
    checkFields(tags, metaDataRules, `${path}/metaDataTags`, tell, true);
    checkUnits(tags, `${path}/metaDataTags`, tell);
  }
  const probe = groupOf(nirs, "probe", path, tell, true);
  if (probe) checkProbe(probe, `${path}/probe`, tell);
  const blocks = numbered(nirs, "data", path, tell);
  if (blocks.length === 0) tell(`${path}/data1`, "is required and missing");
  for (const { at, group } of blocks) checkData(group, probe, at, tell);
  for (const { at, group } of numbered(nirs, "stim", path, tell)) checkStim(group, at, tell);
  for (const { at, group } of numbered(nirs, "aux", path, tell)) {
    checkFields(group, auxRules, at, tell);
    checkTime(group, at, tell);
    checkFinite(group.children.dataTimeSeries, `${at}/dataTimeSeries`, tell);
  }
  for (const name of Object.keys(nirs.children)) {
    if (!/^(metaDataTags|probe|(data|stim|aux)\d+)$/.test(name))
      tell(`${path}/${name}`, "is not of the specification", "warning");
  }
}

function checkData(data: Hdf5Group, probe: Hdf5Group | undefined, path: string, tell: Told): void {
  const table = data.children.measurementLists;
  const lists = numbered(data, "measurementList", path, tell);
  checkFields(data, dataRules, path, tell, false, /^measurementLists?\d*$/);
  checkTime(data, path, tell);
  checkFinite(data.children.dataTimeSeries, `${path}/dataTimeSeries`, tell);
  if (table !== undefined && lists.length > 0)
    tell(`${path}/measurementLists`, "must not stand beside measurementList{i}");
  if (table === undefined && lists.length === 0) tell(`${path}/measurementList1`, "is required and missing");
  for (const { at, group } of lists) checkFields(group, measurementRules, at, tell);
  if (table?.kind === "group") {
    const columns = Object.fromEntries(
      Object.entries(measurementRules).map(([name, rule]) => [name, { ...rule, form: `${rule.form}1` as FieldForm }]),
    );
    checkFields(table, columns, `${path}/measurementLists`, tell);
  }
  measurementViolations(data, lists, table?.kind === "group" ? table : undefined, probe, path, tell);
}

function checkStim(stim: Hdf5Group, path: string, tell: Told): void {
  checkFields(stim, stimRules, path, tell);
  const { data, dataLabels } = stim.children;
  if (data?.kind !== "dataset" || data.shape.length !== 2) return;
  const [rows = 0, columns = 0] = data.shape;
  if (rows > 0 && columns < 3) tell(`${path}/data`, `has ${columns} columns; start, duration and value are required`);
  const names = hdf5Texts(dataLabels);
  if (names && names.length !== columns) tell(`${path}/dataLabels`, `has ${names.length} names for ${columns} columns`);
  checkFinite(data, `${path}/data`, tell);
  const numbers = hdf5Numbers(data);
  for (let row = 0; row < rows; row++)
    if ((numbers?.[row * columns + 1] ?? 0) < 0) tell(`${path}/data`, `row ${row + 1} has a negative duration`);
}

function checkProbe(probe: Hdf5Group, path: string, tell: Told): void {
  checkFields(probe, probeRules, path, tell);
  for (const which of ["source", "detector"] as const) {
    const places = [`${which}Pos3D`, `${which}Pos2D`] as const;
    const [first, second] = places.map((name) => probe.children[name]);
    if (!first && !second) tell(`${path}/${places[0]}`, `is required and missing, as is ${places[1]}`);
    for (const [name, columns] of [
      [places[0], 3],
      [places[1], 2],
    ] as const) {
      const node = probe.children[name];
      if (node?.kind === "dataset" && node.shape.length === 2 && node.shape[1] !== columns)
        tell(`${path}/${name}`, `is ${node.shape.join(" x ")}; must be N x ${columns}`);
      checkFinite(node, `${path}/${name}`, tell);
    }
    const count =
      (first ?? second)?.kind === "dataset" ? ((first ?? second) as { shape: readonly number[] }).shape[0] : undefined;
    const labels = hdf5Texts(probe.children[`${which}Labels`]);
    if (labels && count !== undefined && labels.length < count)
      tell(`${path}/${which}Labels`, `has ${labels.length} labels for ${count} ${which}s`);
    if (labels && new Set(labels).size !== labels.length) tell(`${path}/${which}Labels`, "names two alike");
  }
  const wavelengths = hdf5Numbers(probe.children.wavelengths);
  if (wavelengths?.length === 0) tell(`${path}/wavelengths`, "is empty");
  for (const l of wavelengths ?? [])
    if (!(l >= 400 && l <= 1400)) tell(`${path}/wavelengths`, `holds ${l}; wavelengths are in nm`, "warning");
  const system = text(probe.children.coordinateSystem);
  if (system === "Other" && probe.children.coordinateSystemDescription === undefined)
    tell(`${path}/coordinateSystemDescription`, `is required where coordinateSystem is "Other"`);
  checkLandmarks(probe, path, tell);
}

function checkLandmarks(probe: Hdf5Group, path: string, tell: Told): void {
  const labels = hdf5Texts(probe.children.landmarkLabels);
  for (const [name, plain] of [
    ["landmarkPos3D", 3],
    ["landmarkPos2D", 2],
  ] as const) {
    const node = probe.children[name];
    if (node?.kind !== "dataset" || node.shape.length !== 2) continue;
    const [rows = 0, columns = 0] = node.shape;
    if (columns !== plain && columns !== plain + 1) {
      tell(`${path}/${name}`, `is ${rows} x ${columns}; must be N x ${plain} or N x ${plain + 1}`);
      continue;
    }
    if (!labels) {
      tell(`${path}/landmarkLabels`, `is missing; ${name} names nothing`, "warning");
    } else if (columns === plain && labels.length !== rows) {
      tell(`${path}/landmarkLabels`, `has ${labels.length} labels for ${rows} landmarks`);
    }
    const numbers = hdf5Numbers(node);
    for (let row = 0; row < rows && columns > plain; row++) {
      const index = numbers?.[row * columns + plain] ?? 0;
      if (!(Number.isInteger(index) && index >= 1 && index <= (labels?.length ?? 0)))
        tell(`${path}/${name}`, `row ${row + 1} points at label ${index} of ${labels?.length ?? 0}`);
    }
  }
}

/** Time: as many values as samples and increasing, or start and spacing. */
function checkTime(group: Hdf5Group, path: string, tell: Told): void {
  const times = hdf5Numbers(group.children.time);
  const series = group.children.dataTimeSeries;
  if (!times || series?.kind !== "dataset") return;
  const samples = series.shape[0] ?? 0;
  const pair = times.length === 2 && samples !== 2;
  if (!pair && times.length !== samples) {
    tell(`${path}/time`, `has ${times.length} values for ${samples} samples; must be one each, or start and spacing`);
    return;
  }
  const at = pair
    ? (times[1] as number) > 0
      ? -1
      : 1
    : times.findIndex((t, i) => i > 0 && !(t > (times[i - 1] as number)));
  if (at > 0) tell(`${path}/time`, pair ? `has a spacing of ${times[1]}` : `does not increase at sample ${at + 1}`);
}

function checkFinite(node: Hdf5Node | undefined, path: string, tell: Told): void {
  const numbers = hdf5Numbers(node);
  if (!numbers) return;
  let bad = 0;
  for (const v of numbers) if (!Number.isFinite(v)) bad++;
  if (bad > 0) tell(path, `holds ${bad} values that are no numbers`, "warning");
}

const units = {
  LengthUnit: ["m", "cm", "mm", "um"],
  TimeUnit: ["s", "ms", "us", "min"],
  FrequencyUnit: ["Hz", "kHz", "MHz", "GHz"],
} as const;

function checkUnits(tags: Hdf5Group, path: string, tell: Told): void {
  for (const [name, allowed] of Object.entries(units)) {
    const unit = text(tags.children[name]);
    if (unit !== undefined && !(allowed as readonly string[]).includes(unit))
      tell(`${path}/${name}`, `is "${unit}"; must be an SI unit, in its own case, such as ${allowed.join(", ")}`);
  }
  const date = text(tags.children.MeasurementDate);
  if (date !== undefined && date !== "unknown" && !/^\d{4}-\d\d-\d\d$/.test(date))
    tell(`${path}/MeasurementDate`, "must be YYYY-MM-DD");
  const time = text(tags.children.MeasurementTime);
  if (time !== undefined && time !== "unknown" && !/^\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.test(time))
    tell(`${path}/MeasurementTime`, "must be hh:mm:ss, with fraction and zone if wanted");
}

function text(node: Hdf5Node | undefined): string | undefined {
  const [first] = hdf5Texts(node) ?? [];
  return first === undefined ? undefined : untilNul(first);
}

function groupOf(parent: Hdf5Group, name: string, path: string, tell: Told, required: boolean): Hdf5Group | undefined {
  const node = parent.children[name];
  if (node?.kind === "group") return node;
  if (node !== undefined) tell(`${path}/${name}`, "must be a group");
  else if (required) tell(`${path}/${name}`, "is required and missing");
  return undefined;
}

/** Groups name1, name2 ..., which run from 1 without a hole. */
function numbered(parent: Hdf5Group, name: string, path: string, tell: Told): { at: string; group: Hdf5Group }[] {
  const found: { index: number; at: string; group: Hdf5Group }[] = [];
  for (const [key, node] of Object.entries(parent.children)) {
    const digits = new RegExp(`^${name}(\\d+)$`).exec(key)?.[1];
    if (digits === undefined) continue;
    if (node.kind !== "group") tell(`${path}/${key}`, "must be a group");
    else if (digits.startsWith("0")) tell(`${path}/${key}`, "is no valid number: it begins with 0");
    else found.push({ index: Number(digits), at: `${path}/${key}`, group: node });
  }
  found.sort((a, b) => a.index - b.index);
  const hole = found.findIndex(({ index }, i) => index !== i + 1);
  if (hole >= 0)
    tell(`${path}/${name}${hole + 1}`, `is missing: the numbers of ${name} must run from 1 without a hole`);
  return found;
}

/** @param open whether other fields are allowed (metaDataTags); `others`: names that another check looks at */
function checkFields(
  group: Hdf5Group,
  rules: GroupRules,
  path: string,
  tell: Told,
  open = false,
  others?: RegExp,
): void {
  for (const [name, { form, required }] of Object.entries(rules)) {
    const node = group.children[name];
    if (node !== undefined) checkField(node, form, `${path}/${name}`, tell);
    else if (required) tell(`${path}/${name}`, "is required and missing");
  }
  for (const [name, node] of Object.entries(group.children)) {
    if (Object.hasOwn(rules, name) || others?.test(name)) continue;
    if (!open) tell(`${path}/${name}`, "is not of the specification", "warning");
    else if (node.kind === "dataset" && node.variableLength === false)
      tell(`${path}/${name}`, "is a string of fixed length");
  }
}

function checkField(node: Hdf5Node, form: FieldForm, path: string, tell: Told): void {
  if (node.kind !== "dataset") {
    tell(path, "must be a dataset");
    return;
  }
  const [, kind = "", rank = ""] = /^([a-z]+?)((?:\d(?:or\d)?)?)$/.exec(form) ?? [];
  const ranks = rank === "" ? [0] : rank.split("or").map(Number);
  if (!ranks.includes(node.shape.length)) {
    const wanted = ranks[0] === 0 ? "a scalar" : `an array of rank ${ranks.join(" or ")}`;
    tell(path, `has rank ${node.shape.length} (${node.shape.join(" x ") || "scalar"}); must be ${wanted}`);
  }
  if (kind === "text") {
    if (node.type !== "string") tell(path, `is stored as ${node.type}; must be text`);
    else if (node.variableLength === false) tell(path, "is a string of fixed length; must be of variable length");
  } else if (node.type === "string" || node.type === "other" || node.type === "reference") {
    tell(path, `is stored as ${node.type}; must be a number`);
  } else if (kind === "integer" && node.type !== "integer") tell(path, "is stored as a float; must be an integer");
}
