/** Frames made ready in a thread of their own. */
import type { ReadyFrame, VoxelType } from "./ready-frame.ts";

export interface FrameJob {
  readonly id: number;
  readonly type: VoxelType;
  readonly buffer: ArrayBuffer;
  readonly shape: readonly [number, number, number];
}

export interface FrameAnswer {
  readonly id: number;
  readonly frame: ReadyFrame;
}

export class FrameThread {
  readonly #waiting = new Map<number, { done(frame: ReadyFrame): void; failed(why: Error): void }>();
  #worker: Worker | undefined;
  #asked = 0;

  /** Takes the buffer over. @throws Error when the thread cannot be started */
  ready(type: VoxelType, buffer: ArrayBuffer, shape: FrameJob["shape"]): Promise<ReadyFrame> {
    const worker = this.#started();
    const job: FrameJob = { id: this.#asked++, type, buffer, shape };
    return new Promise((done, failed) => {
      this.#waiting.set(job.id, { done, failed });
      worker.postMessage(job, [buffer]);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker("./frame-worker.js", { type: "module" });
    worker.addEventListener("message", ({ data: { id, frame } }: MessageEvent<FrameAnswer>) => {
      this.#waiting.get(id)?.done(frame);
      this.#waiting.delete(id);
    });
    worker.addEventListener("error", ({ message }) => {
      // The next frame starts another thread: the server may only have been away.
      this.#worker = undefined;
      worker.terminate();
      for (const { failed } of this.#waiting.values()) failed(new Error(message || "the thread for images has ended"));
      this.#waiting.clear();
    });
    this.#worker = worker;
    return worker;
  }
}
