import {
  type AttenuationMap,
  checkProjections,
  DataError,
  type Grid,
  type SpectProjections,
  type Volume,
} from "@quintet/core";
import {
  checkOptions,
  type EmissionFit,
  type EmissionSubset,
  type ReconstructionOptions,
  type ReconstructionProgress,
  runAlgorithm,
} from "@quintet/kernels";
import type { CameraResponse } from "../forward/collimators.ts";
import { spectProjector } from "../forward/spect-projector.ts";

/** Each term of y = f (A x) + s: present, or "none" where it is left out on purpose. */
export interface SpectTerms {
  readonly response: CameraResponse | "none";
  /** At the photons' energy, on the image's grid. */
  readonly attenuation: AttenuationMap | "none";
  /** Counts expected in each bin besides: scatter, photons of a higher energy. */
  readonly scatter: Float32Array | "none";
  /** f of each bin: what decayed while the camera turned, what a pixel counts less than others. */
  readonly factor: Float32Array | "none";
}

export interface SpectReconstruction {
  /** Counts per mm of line in one view. */
  readonly image: Volume<"1">;
  readonly fit: EmissionFit;
  readonly kernel: string;
  readonly totals: { readonly counts: number; readonly scatter: number };
  /** What a reader must know. */
  readonly notes: readonly string[];
}

/**
 * An image from a gamma camera's projections by MLEM, OSEM, BSREM with Bowsher's neighbours or kernel EM: the engine that PET has,
 * over the camera's projector. Counts are as measured: scatter, decay, uniformity and the centre of rotation are terms of the model,
 * not taken from the counts.
 *
 * A generator: every step says where it stands, so that a caller can show it, or stop it by not asking on; what is finished comes
 * with it as a state that a later run resumes.
 *
 * @throws DataError `bad-projections`, `missing-term`, `no-counts` (all, or one view of them all, is empty), `bad-subsets`, those of
 *   spectProjector, checkOptions, osem and bsrem
 */
export function* reconstruct(
  projections: SpectProjections,
  grid: Grid,
  terms: SpectTerms,
  options: ReconstructionOptions,
): Generator<ReconstructionProgress, SpectReconstruction> {
  checkProjections(projections);
  checkOptions(grid, options);
  for (const name of ["scatter", "factor"] as const) {
    if (terms[name] !== undefined) continue;
    throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
      expected: 'a term, or "none" where it is left out on purpose',
      found: "nothing",
    });
  }
  refuseEmptyViews(projections);
  const { angles, columns, rows, data } = projections;
  const views = angles.length;
  const { subsets: count } = options;
  if (!(Number.isInteger(count) && count > 0 && count <= views && views % count === 0)) {
    throw new DataError("bad-subsets", "subsets share the views out evenly", {
      expected: `a divisor of ${views} views`,
      found: `${count}`,
    });
  }
  const projector = spectProjector(projections, grid, terms);
  try {
    const perView = columns * rows;
    const cut = (values: Float32Array, chosen: readonly number[]): Float32Array[] =>
      chosen.map((v) => values.subarray(v * perView, (v + 1) * perView));
    const subsets = farApart(count).map((first): EmissionSubset => {
      const chosen = Array.from({ length: views / count }, (_, i) => first + i * count);
      return {
        parts: [
          {
            operator: projector.subset(chosen),
            counts: cut(data, chosen),
            ...(terms.factor === "none" ? {} : { factor: cut(terms.factor, chosen) }),
            ...(terms.scatter === "none" ? {} : { background: cut(terms.scatter, chosen) }),
          },
        ],
      };
    });
    const { image, fit } = yield* runAlgorithm(subsets, grid, options, (step) => step);
    const { shape, affine, space } = grid;
    const { start = 0, duration = 0 } = projections;
    return {
      image: { shape, affine, space, unit: "1", frames: [{ start, duration }], clock: "scanner", data: image },
      fit,
      kernel: projector.kernel,
      totals: { counts: fit.counts, scatter: terms.scatter === "none" ? 0 : sum(terms.scatter) },
      notes: notesOf(fit),
    };
  } finally {
    projector.close();
  }
}

/** Subsets in an order in which each is far from those before: bit reversal of the next power of two. */
function farApart(count: number): readonly number[] {
  const bits = Math.ceil(Math.log2(count));
  const reversed = (i: number): number =>
    Array.from({ length: bits }, (_, b) => ((i >> b) & 1) << (bits - 1 - b)).reduce((a, b) => a + b, 0);
  return Array.from({ length: 2 ** bits }, (_, i) => reversed(i)).filter((i) => i < count);
}

/** @throws DataError `no-counts` */
function refuseEmptyViews({ angles, data }: SpectProjections): void {
  const perView = data.length / angles.length;
  const empty = Array.from(angles, (_, v) => v).filter(
    (v) => !data.subarray(v * perView, (v + 1) * perView).some((y) => y > 0),
  );
  if (empty.length === 0) return;
  throw new DataError("no-counts", "every view of a scan has counts", {
    expected: `counts in ${angles.length} views`,
    found: `none in ${empty.length} (${empty
      .slice(0, 5)
      .map((v) => v + 1)
      .join(", ")}${empty.length > 5 ? ", ..." : ""})`,
  });
}

function sum(values: Float32Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i] as number;
  return total;
}

function notesOf({ blind, unexplained }: EmissionFit): readonly string[] {
  return [
    ...(blind > 0 ? [`${blind} voxels that no view sees are 0`] : []),
    ...(unexplained > 0 ? [`${unexplained} counts lie where the model expects none; they take no part`] : []),
  ];
}
