/** Whether results can be written where they are wanted, asked before the work: a refusal after an hour costs it. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DataError } from "@quintet/core";

/** A file's place, and that of the folder beside it where unfinished work is kept (FILE.part). @throws DataError `unwritable` */
export async function checkOutputFile(out: string): Promise<void> {
  if (await isFolder(out)) throw new DataError("unwritable", "a folder lies where the file is wanted", { file: out });
  if ((await isFolder(`${out}.part`)) === false)
    throw new DataError("unwritable", "a file lies where unfinished work is kept", { file: `${out}.part` });
  await checkOutputFolder(dirname(out));
}

/** A folder that is there or can be made. Nothing is made here. @throws DataError `unwritable` */
export async function checkOutputFolder(out: string): Promise<void> {
  let place = resolve(out);
  let folder = await isFolder(place);
  while (folder === undefined && dirname(place) !== place) {
    place = dirname(place);
    folder = await isFolder(place);
  }
  if (folder === false) throw new DataError("unwritable", "a file lies where a folder is needed", { file: place });
  try {
    await access(place, constants.W_OK);
  } catch (cause) {
    throw new DataError("unwritable", "this folder cannot be written to", {
      file: place,
      found: (cause as NodeJS.ErrnoException).code ?? String(cause),
      cause,
    });
  }
}

/** undefined: nothing is there. */
async function isFolder(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return undefined;
  }
}
