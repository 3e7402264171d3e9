import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { DataError } from "@quintet/core";

/** The bytes of a file that is not larger than `maxBytes`. @throws DataError `file-too-large` */
export async function readFileBounded(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) {
      throw new DataError("file-too-large", "file", {
        file: path,
        expected: `at most ${maxBytes} bytes`,
        found: `${size}`,
      });
    }
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** Writes beside the target, then renames: the file is whole or not there. */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.part`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
