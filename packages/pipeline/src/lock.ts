/** One run at a time per output folder. */
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataError } from "@quintet/core";

/** Locks of this process: its number alone does not tell two runs in it apart, or one from a dead run of equal number. */
const held = new Set<string>();

/** A lock without a number may be one that is being written just now. */
const newbornMs = 10_000;

/** @throws DataError `locked` when another living run holds the folder */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const path = resolve(join(folder, "lock"));
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(path, "wx");
      held.add(path);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return {
        [Symbol.asyncDispose]: async () => {
          held.delete(path);
          await rm(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > 9) throw error;
      await refuseIfHeld(path, folder);
      await rm(path, { force: true });
    }
  }
}

async function refuseIfHeld(path: string, folder: string): Promise<void> {
  const holder = Number(await readFile(path, "utf8").catch(() => ""));
  const age = await stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  const isHeld = holder > 0 ? (holder === process.pid ? held.has(path) : alive(holder)) : age < newbornMs;
  if (isHeld)
    throw new DataError("locked", `another run (process ${holder || "just started"}) is writing here`, {
      file: folder,
    });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
