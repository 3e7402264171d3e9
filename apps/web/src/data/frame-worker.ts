/** Entry of the thread that makes frames ready: a frame of millions of voxels is looked through without holding up the page. */
import type { FrameAnswer, FrameJob } from "./frame-thread.ts";
import { readyFrame } from "./ready-frame.ts";

addEventListener("message", ({ data: { id, type, buffer, shape } }: MessageEvent<FrameJob>) => {
  const frame = readyFrame(type, buffer, shape);
  const answer: FrameAnswer = { id, frame };
  const buffers = new Set([frame.values.buffer, frame.drawn.buffer, frame.ranges.extremes.buffer]);
  postMessage(answer, { transfer: [...buffers] as ArrayBuffer[] });
});
