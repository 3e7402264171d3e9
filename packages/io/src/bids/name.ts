/** File names of BIDS: sub-01[_ses-02][_key-label...]_suffix.extension. */
import { DataError } from "@quintet/core";
import { quoted } from "./text.ts";

export interface BidsName {
  /** In the order of the file name, sub and ses included. */
  readonly entities: Readonly<Record<string, string>>;
  readonly suffix: string;
  /** With its dot: ".nii.gz", ".json". */
  readonly extension: string;
}

/** The order BIDS prescribes (schema rules/entities.yaml). */
const order = [
  "sub",
  "ses",
  "sample",
  "task",
  "tracksys",
  "acq",
  "ce",
  "trc",
  "stain",
  "rec",
  "dir",
  "run",
  "mod",
  "echo",
  "flip",
  "inv",
  "mt",
  "part",
  "proc",
  "hemi",
  "space",
  "split",
  "recording",
  "chunk",
  "seg",
  "res",
  "den",
  "label",
  "from",
  "to",
  "mode",
  "desc",
];

/** Parts of a BIDS file name, or undefined when it is not one. */
export function parseBidsName(name: string): BidsName | undefined {
  const dot = name.indexOf(".");
  if (dot <= 0 || name.length > 255) return undefined;
  const parts = name.slice(0, dot).split("_");
  const suffix = parts.pop() as string;
  if (!/^[A-Za-z0-9]+$/.test(suffix)) return undefined;
  const entities: Record<string, string> = {};
  for (const part of parts) {
    const [, key, label] = part.match(/^([a-z]+)-([A-Za-z0-9+]+)$/) ?? [];
    if (key === undefined || label === undefined || Object.hasOwn(entities, key)) return undefined;
    entities[key] = label;
  }
  return { entities, suffix, extension: name.slice(dot) };
}

/**
 * A BIDS file name with its entities in the prescribed order.
 *
 * @throws DataError `bad-label` when a label is not alphanumeric, `unknown-entity`
 */
export function bidsName(
  entities: Readonly<Record<string, string | undefined>>,
  suffix: string,
  extension: string,
): string {
  const given = Object.entries(entities).filter((e): e is [string, string] => e[1] !== undefined);
  for (const [key, label] of given) {
    if (!order.includes(key)) throw new DataError("unknown-entity", "not an entity of BIDS", { found: quoted(key) });
    if (!/^[A-Za-z0-9]+$/.test(label)) {
      throw new DataError("bad-label", `label of ${key}`, { expected: "letters and digits", found: quoted(label) });
    }
  }
  const sorted = given.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return `${[...sorted.map(([key, label]) => `${key}-${label}`), suffix].join("_")}${extension}`;
}

/** Is every entity of `general` in `special` with the same label? `except` are not looked at. */
export function appliesTo(
  general: Readonly<Record<string, string>>,
  special: Readonly<Record<string, string>>,
  except: readonly string[] = [],
): boolean {
  return Object.entries(general).every(([key, label]) => except.includes(key) || special[key] === label);
}
