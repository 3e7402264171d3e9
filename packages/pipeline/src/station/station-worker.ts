/** Entry of the station's worker threads. */
import { parentPort } from "node:worker_threads";
import { failureOf } from "../engine/job.ts";
import { decode } from "./decode.ts";
import type { StationAnswer, StationJob } from "./job.ts";

parentPort?.on("message", async ({ id, job }: { readonly id: number; readonly job: StationJob }) => {
  try {
    const done = await decode(job);
    // Handed over, not copied: the buffer is this job's own unless the reader gave a view of a larger one.
    const { bytes } = done;
    const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
    const answer: StationAnswer = { id, done: { ...done, bytes: own } };
    parentPort?.postMessage(answer, [own.buffer as ArrayBuffer]);
  } catch (error) {
    parentPort?.postMessage({ id, failure: failureOf(error) } satisfies StationAnswer);
  }
});
