/** Replicates of a scan: what it might have given another time, each reconstructed as the scan was. */
import { setImmediate as othersFirst } from "node:timers/promises";
import { DataError, type Grid, type SpectProjections } from "@quintet/core";
import { type ReconstructionOptions, seededRandom } from "@quintet/kernels";
import {
  countDispersion,
  expectedCounts,
  fewestReplicates,
  reconstruct,
  replicateCounts,
} from "@quintet/modalities/spect";
import type { UnfinishedWork } from "../pet-recon/unfinished-work.ts";
import type { ReadTerms } from "./spect-terms.ts";

export interface ReplicateOptions {
  readonly count: number;
  readonly seed: number;
  readonly how: ReconstructionOptions;
  readonly work: UnfinishedWork;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ReplicateScans {
  /** Data of each, on the grid. */
  readonly images: readonly Float32Array[];
  /** Of the scan's own counts about what its image makes the camera expect: about 1 for Poisson counts. */
  readonly dispersion: number;
}

/** More cost time and tell no more: 200 know a standard error to 5 %. */
const mostReplicates = 200;

/**
 * Poisson counts about what the image makes the camera expect, windows' counts about themselves, scatter estimated anew from them;
 * attenuation, axis and uniformity as they are. Each finished one is kept in `work`.
 *
 * @param image of the scan, before any filter
 * @throws DataError `too-few-counts` (a replicate with a view without counts), those of expectedCounts and reconstruct
 */
export async function replicateScans(
  { projections, terms, scatterAgain }: ReadTerms,
  grid: Grid,
  image: Float32Array,
  { count, seed, how, work, signal, onProgress }: ReplicateOptions,
): Promise<ReplicateScans> {
  const { data, ...geometry } = projections;
  const expected = expectedCounts(geometry, grid, terms, image);
  const images: Float32Array[] = [];
  for (let k = 0; k < count; k++) {
    const name = `replicate-${seed}-${k + 1}`;
    const kept = await work.take<Float32Array>(name);
    if (kept) images.push(kept);
    else {
      onProgress?.(k / count, `replicate ${k + 1} of ${count}`);
      const random = seededRandom(seed).fork(name);
      const again = { ...geometry, data: replicateCounts(expected, random.fork("peak")) };
      const one = reconstructed(again, grid, { ...terms, scatter: scatterAgain(random) }, how);
      await work.keep(name, one);
      images.push(one);
      await othersFirst();
      signal?.throwIfAborted();
    }
  }
  return { images, dispersion: countDispersion(data, expected) };
}

/** @throws DataError `bad-replicates` (their number), `not-counts` (counts that are not whole) */
export function checkReplicates(count: number, { data }: SpectProjections): void {
  if (!(Number.isInteger(count) && count >= fewestReplicates && count <= mostReplicates))
    throw new DataError("bad-replicates", "replicates of a scan", {
      expected: `${fewestReplicates} to ${mostReplicates}`,
      found: `${count}`,
    });
  const at = data.findIndex((y) => !Number.isInteger(y));
  if (at < 0) return;
  throw new DataError(
    "not-counts",
    "replicates are drawn as Poisson counts, so that counts must be as they were measured",
    { expected: "whole numbers", found: `${data[at]} in bin ${at}` },
  );
}

function reconstructed(...[projections, grid, terms, how]: Parameters<typeof reconstruct>): Float32Array {
  try {
    const steps = reconstruct(projections, grid, terms, how);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value.image.data;
    }
  } catch (error) {
    if (!(error instanceof DataError && error.code === "no-counts")) throw error;
    throw new DataError("too-few-counts", "a replicate of the scan has a view without counts", {
      expected: "counts in every view of every replicate",
      found: `${projections.data.reduce((sum, y) => sum + y, 0)} counts in all`,
      cause: error,
    });
  }
}
