import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { whenWorked } from "./thread-time.ts";

/** Seconds of the clock and of the thread's own work until it was late, and what it does: works or sleeps for ever. */
async function untilLate(does: string, seconds: number): Promise<{ readonly clock: number; readonly work: number }> {
  const worker = new Worker(does, { eval: true });
  await once(worker, "online");
  const work = async (): Promise<number> => {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1e6;
  };
  const [begun, before] = [performance.now(), await work()];
  await new Promise<void>((late) => whenWorked(worker, seconds, late));
  const told = { clock: (performance.now() - begun) / 1000, work: (await work()) - before };
  await worker.terminate();
  return told;
}

test("a thread that works is late when it has worked so long, whatever the clock says", async () => {
  expect((await untilLate("for (;;);", 0.2)).work).toBeGreaterThanOrEqual(0.2);
});

test("one that sleeps is late after fifteen times as long by the clock", async () => {
  const { clock, work } = await untilLate("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)", 0.05);
  // Timers count whole milliseconds.
  expect(clock).toBeGreaterThan(0.749);
  expect(work).toBeLessThan(0.05);
});

test("stopped, it is never late", async () => {
  const worker = new Worker("for (;;);", { eval: true });
  await once(worker, "online");
  let late = false;
  const { stop } = whenWorked(worker, 0.01, () => {
    late = true;
  });
  stop();
  await delay(300);
  expect(late).toBe(false);
  await worker.terminate();
});
