/** Two worker threads that decode files, started when the first is asked for. */
import { Worker } from "node:worker_threads";
import { type DecodedImage, type DecodedSurface, failureAsError, type StationAnswer, type StationJob } from "./job.ts";

export interface StationThreads extends AsyncDisposable {
  decode(job: StationJob & { readonly kind: "surface" }): Promise<DecodedSurface>;
  decode(job: StationJob & { readonly kind: "volume" | "labels" }): Promise<DecodedImage>;
}

const most = 2;

export function openThreads(): StationThreads {
  const seats: { worker: Worker; waiting: Map<number, (answer: StationAnswer) => void> }[] = [];
  let asked = 0;
  const seat = (): (typeof seats)[number] => {
    const idle = seats.find(({ waiting }) => waiting.size === 0);
    if (idle) return idle;
    if (seats.length >= most) return seats.toSorted((a, b) => a.waiting.size - b.waiting.size)[0] as (typeof seats)[0];
    const worker = new Worker(new URL("./station-worker.ts", import.meta.url), { execArgv: [] });
    const own = { worker, waiting: new Map<number, (answer: StationAnswer) => void>() };
    worker.on("message", (answer: StationAnswer) => own.waiting.get(answer.id)?.(answer));
    const lost = (why: string): void => {
      const index = seats.indexOf(own);
      if (index >= 0) seats.splice(index, 1);
      for (const [id, settle] of own.waiting) settle({ id, failure: { message: why } });
    };
    worker.on("error", (error: Error) => lost(error.message));
    worker.on("exit", () => lost("the worker thread has ended"));
    // An idle thread keeps no process alive.
    worker.unref();
    seats.push(own);
    return own;
  };
  return {
    decode<T>(job: StationJob): Promise<T> {
      const { worker, waiting } = seat();
      const id = asked++;
      return new Promise<T>((resolve, reject) => {
        worker.ref();
        waiting.set(id, (answer) => {
          waiting.delete(id);
          if (waiting.size === 0) worker.unref();
          if ("failure" in answer) reject(failureAsError(answer.failure));
          else resolve(answer.done as T);
        });
        worker.postMessage({ id, job });
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(seats.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}
