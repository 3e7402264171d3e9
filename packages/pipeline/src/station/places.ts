/** What was given to look at: a study, its derivatives, or one file; and which of its files may be served. */
import { existsSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { DataError } from "@quintet/core";

export interface Places {
  readonly name: string;
  /** Raw BIDS data set. */
  readonly study?: string;
  readonly derivatives?: string;
  /** A bare file, when no study was given. */
  readonly file?: string;
}

interface Description {
  readonly Name?: string;
  readonly DatasetType?: string;
}

/** Ends the name that a run gives to a study's derivatives. */
const derivativesOf = ": Quintet derivatives";

/**
 * A folder that describes itself as derivatives is looked at with its study: the folder above it or a `study` beside it,
 * when the names agree. A study brings its own `derivatives`, or those beside it. A folder that holds both, as the demo
 * writes them, stands for the pair.
 *
 * @param out the derivatives, where they are neither in the study nor beside it
 * @throws DataError `not-found`; `nothing-recognised` for a folder that is neither
 */
export async function findPlaces(given: string, out?: string): Promise<Places> {
  const path = resolve(given);
  const there = await stat(path).catch(() => undefined);
  if (!there) throw new DataError("not-found", "there is no such file or folder", { file: given });
  if (!there.isDirectory()) return { name: basename(path), file: path };
  const derivatives = out === undefined ? undefined : resolve(out);
  const own = await describe(path);
  if (own?.DatasetType === "derivative") {
    const name = own.Name?.replace(derivativesOf, "") ?? basename(path);
    for (const candidate of [dirname(path), join(dirname(path), "study")]) {
      const found = await describe(candidate);
      if (found && found.DatasetType !== "derivative" && found.Name === name)
        return { name, derivatives: path, study: candidate };
    }
    return { name, derivatives: path };
  }
  if (own) {
    const name = own.Name ?? basename(path);
    if (derivatives) return { name, study: path, derivatives };
    for (const candidate of [join(path, "derivatives"), join(dirname(path), "derivatives")]) {
      const found = await describe(candidate);
      const isOurs = found?.DatasetType === "derivative" && found.Name === `${name}${derivativesOf}`;
      if (isOurs || (found && candidate === join(path, "derivatives")))
        return { name, study: path, derivatives: candidate };
    }
    return { name, study: path, derivatives: join(path, "derivatives") };
  }
  if (existsSync(join(path, "study", "dataset_description.json"))) return findPlaces(join(path, "study"), out);
  throw new DataError("nothing-recognised", "this folder is neither a BIDS study nor derivatives", {
    file: given,
    expected: "dataset_description.json in it",
    found: "none",
  });
}

async function describe(folder: string): Promise<Description | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, "dataset_description.json"), "utf8")) as Description;
  } catch {
    return undefined;
  }
}

/**
 * The real path of a file below one of the roots.
 *
 * @throws DataError `gone` when it is not there any more, `outside-study` when a link leads out of the roots
 */
export async function insideOf(roots: readonly string[], path: string): Promise<string> {
  const real = await realpath(path).catch(() => {
    throw new DataError("gone", "the file is not there any more", { file: path });
  });
  for (const root of roots) {
    const own = await realpath(root).catch(() => undefined);
    if (own !== undefined && (real === own || real.startsWith(own.endsWith(sep) ? own : `${own}${sep}`))) return real;
  }
  throw new DataError("outside-study", "a link leads out of the study; it is not served", { file: path });
}
