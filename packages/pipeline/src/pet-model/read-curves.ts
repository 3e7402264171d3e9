/** Curves of regions and blood from the files that tools write: told by their names' endings. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type Blood, DataError, type Metadata, type Tacs } from "@quintet/core";
import { readBloodTsv, readDft, readJson, readPmodBlood, readPmodTac, readTacsTsv } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import { curvesCorrectedAsStated } from "@quintet/modalities/pet";
import { type KineticModelName, kineticModels } from "./kinetic-models.ts";

/** Above every table of curves. */
const mostBytes = 256 * 2 ** 20;

async function textOf(path: string): Promise<string> {
  return new TextDecoder().decode(await readFileBounded(path, mostBytes));
}

/** The side file of the same name; {} without one. */
async function besideIt(path: string): Promise<Metadata> {
  const side = path.replace(/\.tsv$/i, ".json");
  return side !== path && existsSync(side) ? readJson(await textOf(side), side) : {};
}

/**
 * Regional curves: *_tacs.tsv with its .json (PETPrep), PMOD .tac, Turku .dft.
 *
 * @throws DataError `unknown-format`, and those of the readers
 */
export async function readCurves(path: string): Promise<Tacs> {
  const file = basename(path);
  if (/\.tsv$/i.test(path)) return readTacsTsv(await textOf(path), { file, metadata: await besideIt(path) });
  if (/\.tac$/i.test(path)) return readPmodTac(await textOf(path), { file });
  if (/\.dft$/i.test(path)) return readDft(await textOf(path), { file });
  throw new DataError("unknown-format", "curves are read from three kinds of tables", {
    file: path,
    expected: "*_tacs.tsv (BIDS derivative, with its .json), .tac (PMOD), .dft (Turku)",
    found: file,
  });
}

/**
 * Blood of a scan: BIDS *_blood.tsv with its .json, or PMOD .bld (one curve a file: its column's name says whole blood,
 * parent fraction or plasma).
 *
 * @throws DataError `unknown-format`, and those of the readers
 */
export async function readBlood(path: string): Promise<Blood> {
  const file = basename(path);
  if (/\.tsv$/i.test(path)) {
    return readBloodTsv(await textOf(path), { file, clock: "pet", metadata: await besideIt(path) });
  }
  if (/\.(bld|crv)$/i.test(path)) {
    const { name, curve } = readPmodBlood(await textOf(path), { file });
    if (curve.unit === "1") return { clock: "pet", parentFraction: curve };
    return /whole|blood/i.test(name) && !/plasma/i.test(name)
      ? { clock: "pet", wholeBlood: curve }
      : { clock: "pet", plasma: curve };
  }
  throw new DataError("unknown-format", "blood is read from two kinds of tables", {
    file: path,
    expected: "*_blood.tsv (BIDS, with its .json), .bld (PMOD)",
    found: file,
  });
}

/** What the scan's own sidecar says of tracer and injection, looked for beside the curves and in the raw data set. */
export async function scanFacts(path: string): Promise<Metadata> {
  const own = await besideIt(path);
  const stem = basename(path).match(/^(sub-[^_]+(?:_ses-[^_]+)?)/)?.[1];
  const folders = path.split(/[\\/]/);
  const derivatives = folders.lastIndexOf("derivatives");
  if (stem === undefined || derivatives < 0) return own;
  const [subject = "", session] = stem.split("_");
  const root = folders.slice(0, derivatives).join("/") || (path.startsWith("/") ? "/" : ".");
  const raw = join(root, subject, ...(session ? [session] : []), "pet", `${stem}_pet.json`);
  return existsSync(raw) ? { ...readJson(await textOf(raw), raw), ...own } : own;
}

/**
 * Curves and what is known of their scan; curves that are stated not to be corrected for decay are, or are refused.
 *
 * @throws DataError those of readCurves and curvesCorrectedAsStated
 */
export async function curvesAtOneTime(
  path: string,
  { radionuclide, model }: { readonly radionuclide?: string; readonly model: KineticModelName },
): Promise<{ readonly tacs: Tacs; readonly facts: Metadata; readonly choices: string[] }> {
  const stated = await scanFacts(path);
  const given = radionuclide === undefined ? stated : { ...stated, TracerRadionuclide: radionuclide };
  const { value: tacs, metadata: facts, note } = curvesCorrectedAsStated(await readCurves(path), given, path);
  const { ImageDecayCorrected: corrected, ImageDecayCorrectionTime: time } = facts;
  const plasma = kineticModels[model].needs === "plasma" && typeof time === "number" && time !== 0;
  return {
    tacs,
    facts,
    choices: [
      ...(note === undefined ? [] : [note]),
      ...(corrected === true ? [] : ["not stated whether the curves are corrected for decay: taken as corrected"]),
      ...(plasma ? [`curves corrected for decay to ${time} s from TimeZero: blood must be corrected to the same`] : []),
    ],
  };
}

/** Folder and name without ending, for what is written. */
export function stemOf(path: string): string {
  return basename(path).replace(/\.(tsv|tac|dft)$/i, "");
}
