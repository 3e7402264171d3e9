/**
 * How long a thread may work. The clock alone would refuse good files on a machine that does much else meanwhile: what
 * counts is the thread's own processor time, where the runtime tells it (Node 24.6 on), else the clock.
 */
import type { Worker } from "node:worker_threads";

/** By the clock a thread has at most so many times its limit: one that waits for ever works no more. */
const slack = 15;

/** Seconds of processor time; undefined where nobody tells, nothing of a thread that is only starting. */
async function worked(worker: Worker): Promise<number | undefined> {
  if (!("cpuUsage" in worker)) return undefined;
  const { user, system } = await worker.cpuUsage().catch(() => ({ user: 0, system: 0 }));
  return (user + system) / 1e6;
}

/** Calls `late` when the thread has worked for `seconds` from now on, unless it is stopped before. */
export function whenWorked(worker: Worker, seconds: number, late: () => void): { readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const stop = (): void => {
    over = true;
    clearTimeout(timer);
    clearTimeout(last);
  };
  const end = (): void => {
    if (over) return;
    stop();
    late();
  };
  const after = (time: number, then: () => void): NodeJS.Timeout =>
    // What the thread has said by now, while this one was busy, is heard first.
    setTimeout(() => setImmediate(then), 1000 * time);
  const last = after(slack * seconds, end);
  const before = worked(worker);
  const look = async (): Promise<void> => {
    const [from, now] = [await before, await worked(worker)];
    const left = from === undefined || now === undefined ? 0 : seconds - (now - from);
    if (left <= 0) end();
    else if (!over) timer = after(left, look);
  };
  timer = after(seconds, look);
  return { stop };
}
