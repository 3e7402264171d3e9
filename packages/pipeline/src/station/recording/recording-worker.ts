/** Entry of the recording thread. */
import { parentPort } from "node:worker_threads";
import { failureOf } from "../../engine/job.ts";
import type { RecordingAnswer, RecordingJob } from "./job.ts";
import { RecordingRoom } from "./serve.ts";

const room = new RecordingRoom();
parentPort?.on("message", async ({ id, job }: { readonly id: number; readonly job: RecordingJob }) => {
  try {
    const done = await room.answer(job);
    const answer: RecordingAnswer = { id, done };
    parentPort?.postMessage(answer, "values" in done ? [done.values.buffer as ArrayBuffer] : []);
  } catch (error) {
    parentPort?.postMessage({ id, failure: failureOf(error) } satisfies RecordingAnswer);
  }
});
