/** One run at a time per output folder. */
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
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
      const holder = await holderOf(path);
      if (holder !== undefined)
        throw new DataError("locked", `another run (process ${holder || "just started"}) is writing here`, {
          file: folder,
        });
      await clearDead(path);
    }
  }
}

/** Process that holds the lock, 0 for one that is only just writing it; undefined for a dead run's lock, and for none. */
async function holderOf(path: string): Promise<number | undefined> {
  const holder = Number(await readFile(path, "utf8").catch(() => ""));
  const isHeld =
    holder > 0 ? (holder === process.pid ? held.has(path) : alive(holder)) : (await ageOf(path)) < newbornMs;
  return isHeld ? holder : undefined;
}

/**
 * Takes a dead run's lock away. One at a time does, and looks again first: else the second of two that found it dead would
 * take away the lock that the first has made meanwhile.
 */
async function clearDead(path: string): Promise<void> {
  const mark = `${path}.clearing`;
  const own = await open(mark, "wx").catch(() => undefined);
  if (own === undefined) {
    // Somebody is at it, or died of it.
    if ((await ageOf(mark)) >= newbornMs) await rm(mark, { force: true });
    await pause(20);
    return;
  }
  try {
    await own.close();
    if ((await holderOf(path)) === undefined) await rm(path, { force: true });
  } finally {
    await rm(mark, { force: true });
  }
}

/** Milliseconds since a file was written; infinitely many where there is none. */
async function ageOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
