/**
 * Threads for the HDF5 library. Starting one takes a fifth of a second, so the last one to finish waits a moment for the
 * next file. Only a thread that read or refused its file in good order is kept; one that was too slow, ran out of memory,
 * crashed, grew or threw anything of the library's own is ended.
 */
import { Worker } from "node:worker_threads";
import type { Hdf5Answer, Hdf5Job, Hdf5Reply, Hdf5Request } from "./hdf5-job.ts";
import { whenWorked } from "./thread-time.ts";

/** Files one thread reads: what the library leaks of damaged ones stays small. */
const mostJobs = 50;
/** Milliseconds an idle thread waits. */
const patience = 200;

/** The bundler makes it a file beside the bundle. */
const workerFile = new URL("./hdf5-worker.ts", import.meta.url);

class Hdf5Thread {
  readonly #worker: Worker = new Worker(workerFile, {
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
    stdout: true,
    stderr: true,
  });
  #jobs = 0;
  #settle: ((reply: Hdf5Reply) => void) | undefined;

  constructor() {
    this.#worker.on("message", (reply: Hdf5Reply) => this.#settle?.(reply));
    this.#worker.on("error", (error) => this.#fail("bad-hdf5", `the HDF5 reader failed: ${error.message}`));
    this.#worker.on("exit", () => {
      if (idle === this) idle = undefined;
      this.#fail("bad-hdf5", "the HDF5 reader ended without an answer");
    });
  }

  #fail(code: string, message: string): void {
    this.#settle?.({ answer: { ok: false, code, message }, reusable: false });
  }

  /** The process stays while a job is under way, and may end while the thread is idle. */
  async ask(request: Hdf5Request, seconds: number): Promise<Hdf5Reply> {
    this.#worker.ref();
    this.#jobs++;
    const time = whenWorked(this.#worker, seconds, () =>
      this.#fail("too-slow", `the HDF5 reader did not finish in ${Math.round(seconds)} s`),
    );
    const reply = await new Promise<Hdf5Reply>((resolve) => {
      this.#settle = resolve;
      this.#worker.postMessage(request);
    });
    time.stop();
    this.#settle = undefined;
    this.#worker.unref();
    return { ...reply, reusable: reply.reusable && this.#jobs < mostJobs };
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

let idle: Hdf5Thread | undefined;
let leaving: NodeJS.Timeout | undefined;

/** One job in a thread that does nothing else meanwhile. Every failure is an answer; the thread that failed is gone by then. */
export async function askHdf5Thread(job: Hdf5Job, wasmLimit: number, seconds: number): Promise<Hdf5Answer> {
  const kept = job.task === "read" ? idle : undefined;
  if (kept !== undefined) {
    idle = undefined;
    clearTimeout(leaving);
  }
  const thread = kept ?? new Hdf5Thread();
  const { answer, reusable } = await thread.ask({ job, wasmLimit }, seconds);
  if (reusable && idle === undefined) {
    idle = thread;
    leaving = setTimeout(() => {
      idle = undefined;
      void thread.end();
    }, patience).unref();
  } else await thread.end();
  return answer;
}
