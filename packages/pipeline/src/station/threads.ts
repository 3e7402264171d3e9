/** Worker threads that answer one job at a time each, started when they are first needed. */
import { Worker } from "node:worker_threads";
import { DataError } from "@quintet/core";
import type { Failure } from "../engine/step.ts";

export interface Threads<Job, Done> extends AsyncDisposable {
  /** @throws what the job threw: DataError by its code, else Error */
  ask(job: Job): Promise<Done>;
}

type Answer<Done> = { readonly id: number } & ({ readonly done: Done } | { readonly failure: Failure });

interface Seat<Done> {
  readonly worker: Worker;
  readonly waiting: Map<number, (answer: Answer<Done>) => void>;
}

/** @param entry module that answers each `{id, job}` with `{id, done}` or `{id, failure}` */
export function openThreads<Job, Done>(entry: URL, most: number): Threads<Job, Done> {
  const seats: Seat<Done>[] = [];
  let asked = 0;
  const open = (): Seat<Done> => {
    const worker = new Worker(entry, { execArgv: [] });
    const own: Seat<Done> = { worker, waiting: new Map() };
    worker.on("message", (answer: Answer<Done>) => own.waiting.get(answer.id)?.(answer));
    const lost = (message: string): void => {
      const index = seats.indexOf(own);
      if (index >= 0) seats.splice(index, 1);
      for (const [id, settle] of own.waiting) settle({ id, failure: { message } });
    };
    worker.on("error", (error: Error) => lost(error.message));
    worker.on("exit", () => lost("the worker thread has ended"));
    // An idle thread keeps no process alive.
    worker.unref();
    seats.push(own);
    return own;
  };
  const freest = (): Seat<Done> => {
    const [first] = seats.toSorted((a, b) => a.waiting.size - b.waiting.size);
    return first && (first.waiting.size === 0 || seats.length >= most) ? first : open();
  };
  return {
    ask(job) {
      const { worker, waiting } = freest();
      const id = asked++;
      return new Promise((resolve, reject) => {
        worker.ref();
        waiting.set(id, (answer) => {
          waiting.delete(id);
          if (waiting.size === 0) worker.unref();
          if ("failure" in answer) reject(errorOf(answer.failure));
          else resolve(answer.done);
        });
        worker.postMessage({ id, job });
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(seats.splice(0).map(({ worker }) => worker.terminate()));
    },
  };
}

function errorOf({ message, code }: Failure): Error {
  return code === undefined ? new Error(message) : new DataError(code, message);
}
