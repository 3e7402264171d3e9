/** The files below a folder, in a fixed order and of bounded number. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";

export interface FoundFile {
  /** Relative to the folder walked, "/" between folders. */
  readonly path: string;
  readonly bytes: number;
}

export interface WalkOptions {
  /** Relative folders to leave out. */
  readonly skip?: (folder: string) => boolean;
  /** Hears of links that lead nowhere and folders that cannot be read. */
  readonly unreadable?: (path: string, why: string) => void;
}

const maxFiles = 1_000_000;
const maxDepth = 32;

/**
 * Regular files and links to such; links to folders are not followed, hidden names are left out.
 *
 * @throws DataError `too-many-files`
 */
export async function filesBelow(root: string, { skip, unreadable }: WalkOptions = {}): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((cause: Error) => {
      unreadable?.(folder, cause.message);
      return [];
    });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith(".")) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (skip?.(path)) continue;
        if (depth < maxDepth) await visit(path, depth + 1);
        else unreadable?.(path, `folders nested more than ${maxDepth} deep`);
        continue;
      }
      const target = await stat(join(root, path)).catch(() => undefined);
      if (target === undefined) unreadable?.(path, "a link without target");
      else if (target.isFile()) found.push({ path, bytes: target.size });
      if (found.length > maxFiles) {
        throw new DataError("too-many-files", "this folder holds too many files", {
          file: root,
          expected: `at most ${maxFiles}`,
        });
      }
    }
  };
  await visit("", 0);
  return found;
}
