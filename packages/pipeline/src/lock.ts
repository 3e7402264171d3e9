/** One run at a time per output folder. */
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";

/** @throws DataError `locked` when another living run holds the folder */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "lock");
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(path, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 0) throw error;
      const holder = Number(await readFile(path, "utf8").catch(() => ""));
      if (holder > 0 && holder !== process.pid && alive(holder)) {
        throw new DataError("locked", `another run (process ${holder}) is writing here`, { file: folder });
      }
      await rm(path, { force: true });
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
