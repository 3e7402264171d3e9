/** One run at a time per output folder. */
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DataError } from "@quintet/core";

/** Locks of this process: its number alone does not tell two runs in it apart, or one from a dead run of equal number. */
const held = new Set<string>();

/** A lock without a number may be one that is being written just now. */
const newbornMs = 10_000;
/** At a dead run's lock, waits of 20 ms for whoever clears it away among them: longer than it takes to see that one died of it. */
const mostTries = 1000;

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
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt > mostTries) throw error;
      const known = await pidIn(path);
      const holder = holds(known, path) ? known : await clearDead(path);
      if (holder !== undefined)
        throw new DataError("locked", `another run (process ${holder || "just started"}) is writing here`, {
          file: folder,
        });
    }
  }
}

/**
 * Takes a dead run's lock away. One at a time does, while the mark beside the lock is its own: else the second of two that
 * found it dead would take away the lock that the first has made meanwhile.
 *
 * @returns the process that holds the lock, 0 for one that is only just writing it; undefined when it is worth another try
 */
async function clearDead(path: string): Promise<number | undefined> {
  const mark = `${path}.clearing`;
  const own = await open(mark, "wx").catch(() => undefined);
  if (own === undefined) {
    // Somebody is at it, or died of it.
    const since = (await changed(mark)) ?? Date.now();
    if (!alive(await pidIn(mark)) && Date.now() - since >= newbornMs) await rm(mark, { force: true });
    await pause(20);
    return undefined;
  }
  try {
    await own.writeFile(String(process.pid));
    await own.close();
    const holder = await pidIn(path);
    const [now, written] = [await changed(mark), await changed(path)];
    // Let go meanwhile: the next to come makes a new one, which is not ours to take away.
    if (written === undefined) return undefined;
    // Both by the clock of the disk, which may be another machine's.
    const isNewborn = (now ?? written) - written < newbornMs;
    if (holder > 0 ? holds(holder, path) : isNewborn) return holder;
    await rm(path, { force: true });
    return undefined;
  } finally {
    await rm(mark, { force: true });
  }
}

const holds = (pid: number, path: string): boolean => (pid === process.pid ? held.has(path) : alive(pid));

/** The process number a file holds, 0 while it holds none. */
async function pidIn(path: string): Promise<number> {
  return Math.max(0, Number(await readFile(path, "utf8").catch(() => "")) || 0);
}

/** When a file was last written, ms; undefined where there is none. */
async function changed(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function alive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
