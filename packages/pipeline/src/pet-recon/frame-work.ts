/** One frame's reconstruction, kept as it goes. */
import { setImmediate as othersFirst } from "node:timers/promises";
import type { Frame, Volume } from "@quintet/core";
import type { Algorithm, ReconstructionState } from "@quintet/kernels";
import type { MotionTrack, Reconstruction } from "@quintet/modalities/pet";
import type { FrameJob } from "./raw-scan.ts";
import type { UnfinishedWork } from "./unfinished-work.ts";

export interface DoneFrame {
  readonly frame: Frame;
  readonly subsets: number;
  readonly result: Reconstruction;
}

export interface FrameOptions {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  readonly subsets?: number;
  readonly strength?: number;
  readonly psf?: number;
  readonly anatomy: Volume | undefined;
  readonly track: MotionTrack | undefined;
  readonly signal?: AbortSignal;
}

/** From what an earlier run left of it; each finished iteration and the image itself are kept under `name`. */
export async function reconstructFrame(
  job: FrameJob,
  name: string,
  options: FrameOptions,
  {
    work,
    resumed,
    tell,
  }: {
    readonly work: UnfinishedWork;
    readonly resumed: { frames: number; iterations: number };
    readonly tell: (share: number, note: string) => void;
  },
): Promise<DoneFrame> {
  const { algorithm, iterations, strength, psf, anatomy, track, signal } = options;
  const subsets = options.subsets ?? (algorithm === "mlem" ? 1 : job.subsets);
  const finished = await work.take<Reconstruction>(`${name}.image`);
  if (finished) {
    resumed.frames++;
    return { frame: job.frame, subsets, result: finished };
  }
  const resume = await work.take<ReconstructionState>(`${name}.state`);
  resumed.iterations += resume?.history.length ?? 0;
  const how = {
    algorithm,
    iterations,
    subsets,
    logLikelihood: true,
    ...(strength === undefined ? {} : { strength }),
    ...(psf === undefined ? {} : { psf }),
    ...(anatomy ? { anatomy } : {}),
    ...(resume ? { resume } : {}),
  };
  const steps = job.reconstruct(how, track);
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) {
        await work.keep(`${name}.image`, step.value);
        await work.drop(`${name}.state`);
        return { frame: job.frame, subsets, result: step.value };
      }
      const { stage, fraction, iteration, state } = step.value;
      if (state) await work.keep(`${name}.state`, state);
      tell(fraction, iteration === undefined ? stage : `${stage}, iteration ${iteration + 1}`);
      await othersFirst();
      signal?.throwIfAborted();
    }
  } finally {
    steps.return(undefined as never);
  }
}
