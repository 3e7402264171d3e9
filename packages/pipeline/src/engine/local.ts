/** Runs jobs on worker threads of this machine, or in this thread (tests, one core). */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Cache, StoredResult } from "./cache.ts";
import type { Job, JobEvent } from "./job.ts";
import { failureOf, runJob } from "./job.ts";
import type { Failure, StepRegistry } from "./step.ts";

export interface JobOutcome {
  readonly stored?: StoredResult;
  readonly failure?: Failure;
}

export interface Engine extends AsyncDisposable {
  /** How many jobs may run at once. */
  readonly width: number;
  run(job: Job, report: (fraction: number, note?: string) => void): Promise<JobOutcome>;
}

/** Every job in this thread, one after another. */
export function inlineEngine(registry: StepRegistry, cache: Cache): Engine {
  return {
    width: 1,
    async run(job, report) {
      try {
        return { stored: await runJob(job, registry, cache, report) };
      } catch (error) {
        return { failure: failureOf(error) };
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

interface Seat {
  worker: Worker | undefined;
  busy: boolean;
}

/**
 * @param entry module that calls `serveJobs`
 * @param cacheFolder as given to `new Cache`
 */
export function workerEngine(entry: URL, cacheFolder: string, width: number = availableParallelism()): Engine {
  const seats: Seat[] = Array.from({ length: Math.max(1, width) }, () => ({ worker: undefined, busy: false }));
  return {
    width: seats.length,
    run(job, report) {
      const seat = seats.find((s) => !s.busy) as Seat;
      seat.busy = true;
      seat.worker ??= new Worker(entry, { workerData: { cacheFolder }, execArgv: [] });
      const { worker } = seat;
      return new Promise<JobOutcome>((settle) => {
        const finish = (outcome: JobOutcome): void => {
          worker.off("message", hear).off("error", fail).off("exit", leave);
          seat.busy = false;
          settle(outcome);
        };
        const hear = (event: JobEvent): void => {
          if (event.kind === "progress") report(event.fraction, event.note);
          else if (event.kind === "done") finish({ stored: event.stored });
          else finish({ failure: event.failure });
        };
        const fail = (error: Error): void => {
          seat.worker = undefined;
          finish({ failure: failureOf(error) });
        };
        const leave = (code: number): void => {
          seat.worker = undefined;
          finish({ failure: { message: `the worker thread ended with code ${code}` } });
        };
        worker.on("message", hear).on("error", fail).on("exit", leave);
        worker.postMessage(job);
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(seats.map((seat) => seat.worker?.terminate()));
    },
  };
}
