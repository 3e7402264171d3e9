/** The worker thread's side: takes jobs, answers with events. */
import { parentPort, workerData } from "node:worker_threads";
import { Cache } from "./cache.ts";
import type { Job, JobEvent } from "./job.ts";
import { failureOf, runJob } from "./job.ts";
import type { StepRegistry } from "./step.ts";

export function serveJobs(registry: StepRegistry): void {
  const port = parentPort;
  if (!port) return;
  const cache = new Cache((workerData as { cacheFolder: string }).cacheFolder);
  const say = (event: JobEvent): void => port.postMessage(event);
  port.on("message", (job: Job) => {
    runJob(job, registry, cache, (fraction, note) =>
      say(note === undefined ? { kind: "progress", fraction } : { kind: "progress", fraction, note }),
    )
      .then((stored) => say({ kind: "done", stored }))
      .catch((error: unknown) => say({ kind: "failed", failure: failureOf(error) }));
  });
}
