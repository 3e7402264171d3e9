/**
 * The inheritance principle: a side file applies to every data file below its folder whose name has all of its entities
 * and its suffix; what stands nearer to the data file overrides what stands higher.
 * https://bids-specification.readthedocs.io/en/stable/common-principles.html#the-inheritance-principle
 */
import { appliesTo, type BidsName, parseBidsName } from "./name.ts";

export interface PlacedName {
  /** Relative path, "/" between folders. */
  readonly path: string;
  readonly name: BidsName;
}

/** Folders from the root to the file's own: "", "sub-01", "sub-01/eeg". */
function foldersAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return ["", ...parts.map((_, i) => parts.slice(0, i + 1).join("/"))];
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** BIDS names among relative paths, by folder: made once per data set so that look-up stays quick. */
export function indexByFolder(paths: readonly string[]): ReadonlyMap<string, readonly PlacedName[]> {
  const index = new Map<string, PlacedName[]>();
  for (const path of paths) {
    const name = parseBidsName(path.slice(path.lastIndexOf("/") + 1));
    if (name === undefined) continue;
    const folder = folderOf(path);
    const list = index.get(folder);
    if (list) list.push({ path, name });
    else index.set(folder, [{ path, name }]);
  }
  return index;
}

/**
 * Side files with `suffix` and `extension` that apply to `data`, the most general first.
 * Entities in `except` (space, recording) may stand in the side file's name only.
 */
export function applicable(
  index: ReadonlyMap<string, readonly PlacedName[]>,
  data: PlacedName,
  suffix: string,
  extension: string,
  except: readonly string[] = [],
): readonly PlacedName[] {
  return foldersAbove(data.path).flatMap((folder) =>
    (index.get(folder) ?? [])
      .filter(
        ({ name }) =>
          name.suffix === suffix &&
          name.extension === extension &&
          appliesTo(name.entities, data.name.entities, except),
      )
      .sort(
        (a, b) =>
          Object.keys(a.name.entities).length - Object.keys(b.name.entities).length || (a.path < b.path ? -1 : 1),
      ),
  );
}
