import {
  type AttenuationMap,
  DataError,
  type Grid,
  type ListMode,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";
import { beginning, checkOptions, osem, type ReconstructionProgress, runAlgorithm } from "@quintet/kernels";
import { type CoarseScatter, scatterOfBins, scatterOfLines } from "../correct/coarse-scatter.ts";
import { randomsFromDelayeds } from "../correct/randoms.ts";
import { coarseScatter, type ScatterOptions } from "../correct/scatter.ts";
import { fitTails, normalised, type TailFit } from "../correct/tail-fit.ts";
import { sameLayout, withoutTof } from "../forward/acquisition-model.ts";
import { sinogramLines } from "../forward/lines-of-response.ts";
import { binFinder, histogram } from "./histogram.ts";
import { type ListModeModel, linesOf, listModeModel, promptsOf, type SeenByPairs, seenByPairs } from "./list-mode.ts";
import type { MotionTrack } from "./motion-track.ts";
import {
  engineOptions,
  fitNotes,
  noTailsNote,
  type PetReconstructionOptions,
  type Reconstruction,
  total,
  volumeOf,
} from "./reconstruct.ts";
import { scatterIterations, scatterRounds, scatterShare } from "./scatter-rounds.ts";

/** Each term of y = n a (A x) + r + s for single events: present, or "none" where it is left out on purpose. */
export interface ListReconstructionTerms {
  /** n of each pair of detectors, cut as the layout without time of flight. */
  readonly normalisation: Sinogram | "none";
  /** The head's mu-map in its reference place, on the image's grid. */
  readonly attenuation: AttenuationMap | "none";
  /** Expected counts without time of flight, or from the list's own delayed events. */
  readonly randoms: Sinogram | "delayeds" | "none";
  /** Expected counts, with time of flight where the layout has it, or the way to estimate them. */
  readonly scatter: Sinogram | (ScatterOptions & { readonly rounds?: number }) | "none";
  /** Where the head was; absent: it did not move. */
  readonly track?: MotionTrack;
}

export interface ListReconstruction extends Reconstruction {
  /** Places of the head that were told apart, and how far apart they are at least, mm; absent without a track. */
  readonly motion?: { readonly poses: number; readonly tolerance: number };
}

/** What every image of one list shares. */
interface Shared {
  readonly prompts: ListMode;
  readonly grid: Grid;
  readonly terms: ListReconstructionTerms;
  readonly layout: SinogramLayout;
  readonly seen: SeenByPairs;
  /** Bin of each prompt without time of flight; -1 outside the layout. */
  readonly bin: Int32Array;
  /** n, or n a of a head that kept still. */
  readonly factor: Float32Array;
  readonly randoms: Sinogram | "none";
  /** Randoms expected in each prompt's line and time-of-flight bin. */
  readonly accidental: Float32Array | undefined;
}

/**
 * An image from single events: attenuation and efficiencies of each event's line, randoms from the delayed window, scatter
 * estimated in rounds from the image itself, with time of flight where events have it, then the algorithm asked for. With a
 * track every event's line is taken back to where the head was (see `movedLines`).
 *
 * Scatter of a head that moved is that of its reference place, seen along the moved lines.
 *
 * @param layout of listModeLayout or of the normalisation: which pairs count, each once
 * @throws DataError `missing-term`, `layout-mismatch`, those of listModeModel, seenByPairs and runAlgorithm
 */
export function* reconstructList(
  events: ListMode,
  layout: SinogramLayout,
  grid: Grid,
  terms: ListReconstructionTerms,
  asked: PetReconstructionOptions,
): Generator<ReconstructionProgress, ListReconstruction> {
  const options = engineOptions(grid, asked);
  checkOptions(grid, options);
  checkTerms(layout, terms);
  yield { stage: "sensitivity", fraction: 0 };
  const shared = sharedOf(events, layout, grid, terms);
  const { scatter: how } = terms;
  const { resume = beginning } = options;
  const rounds = how !== "none" && !("layout" in how) ? (how.rounds ?? 2) : 0;
  let estimated: { readonly scatter?: EventScatter; readonly image?: Float32Array } = {};
  if (rounds > 0) {
    const count = Math.max(1, Math.min(10, Math.floor(shared.prompts.time.length / 5000)));
    const imageWith = function* (found: EventScatter | undefined): ReturnType<typeof osem> {
      const model = modelOf(shared, found?.expected, count);
      try {
        return yield* osem(model.subsets, { iterations: scatterIterations });
      } finally {
        model.close();
      }
    };
    estimated = yield* scatterRounds(rounds, resume, imageWith, (image) => scatterOf(shared, image));
  }
  const begin = rounds > 0 ? scatterShare : 0;
  const given = how !== "none" && "layout" in how ? givenScatter(how, shared) : undefined;
  const model = modelOf(shared, estimated.scatter?.expected ?? given, options.subsets);
  try {
    const { image, fit } = yield* runAlgorithm(model.subsets, grid, options, ({ state, ...step }) => ({
      ...step,
      fraction: begin + (1 - begin) * step.fraction,
      ...(state ? { state: { ...state, rounds, ...(estimated.image ? { scatterImage: estimated.image } : {}) } } : {}),
    }));
    const { tails, notes = [], total: scattered } = estimated.scatter ?? {};
    const { poses, tolerance } = shared.seen;
    return {
      image: volumeOf(grid, image),
      fit,
      kernel: model.kernel,
      totals: {
        prompts: fit.counts,
        randoms: total(shared.randoms),
        scatter: scattered ?? (how !== "none" && "layout" in how ? total(how) : 0),
      },
      ...(tails ? { tails } : {}),
      ...(terms.track ? { motion: { poses, tolerance } } : {}),
      notes: [...notes, ...fitNotes(fit)],
    };
  } finally {
    model.close();
  }
}

function checkTerms(layout: SinogramLayout, terms: ListReconstructionTerms): void {
  for (const name of ["normalisation", "attenuation", "randoms", "scatter"] as const) {
    const term = terms[name];
    if (term === undefined) {
      throw new DataError("missing-term", `the model of the counts says nothing about ${name}`, {
        expected: 'a term, or "none" where it is left out on purpose',
        found: "nothing",
      });
    }
    if (name === "attenuation" || typeof term === "string" || !("layout" in term)) continue;
    const own = name === "scatter" ? layout : withoutTof(layout);
    if (!sameLayout(term.layout, own)) {
      throw new DataError("layout-mismatch", `${name} is not cut as the events' pairs of detectors are`, {
        expected: `${own.views} views, ${own.bins} bins, span 1 to ring difference ${own.maxRingDifference}`,
        found: `${term.layout.views} views, ${term.layout.bins} bins, span ${term.layout.span} to ${term.layout.maxRingDifference}`,
      });
    }
  }
  if (terms.scatter !== "none" && !("layout" in terms.scatter) && terms.attenuation === "none") {
    throw new DataError("missing-term", "scatter is estimated from the attenuation map", {
      expected: "an attenuation map on the image's grid",
      found: "none",
    });
  }
}

function sharedOf(events: ListMode, layout: SinogramLayout, grid: Grid, terms: ListReconstructionTerms): Shared {
  const plain = withoutTof(layout);
  const prompts = promptsOf(events);
  const { normalisation, attenuation, track } = terms;
  const seen = seenByPairs(plain, grid, { normalisation, attenuation, ...(track ? { track } : {}) }, events);
  const randoms = terms.randoms === "delayeds" ? randomsFromDelayeds(plain, events).randoms : terms.randoms;
  const find = binFinder(plain);
  const n = prompts.time.length;
  const bin = new Int32Array(n);
  for (let i = 0; i < n; i++) bin[i] = find(prompts.a[i] as number, prompts.b[i] as number, 0);
  const still = track === undefined && seen.attenuation !== "none" ? seen.attenuation.data : undefined;
  const factor = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const at = bin[i] as number;
    if (at < 0) continue;
    const efficiency = normalisation === "none" ? 1 : (normalisation.data[at] as number);
    factor[i] = efficiency * (still ? (still[at] as number) : 1);
  }
  const tof = layout.timeOfFlight?.bins ?? 1;
  const accidental =
    randoms === "none" ? undefined : Float32Array.from(bin, (at) => (at < 0 ? 0 : (randoms.data[at] as number) / tof));
  return { prompts, grid, terms, layout, seen, bin, factor, randoms, accidental };
}

function modelOf(
  { prompts, grid, terms: { attenuation, track }, seen, factor, accidental }: Shared,
  scatter: Float32Array | undefined,
  count: number,
): ListModeModel {
  const background =
    accidental && scatter ? accidental.map((r, i) => r + (scatter[i] as number)) : (accidental ?? scatter ?? "none");
  return listModeModel(
    prompts,
    grid,
    // A head that kept still has its attenuation in the factors.
    track ? { attenuation, track } : { attenuation: "none" },
    { sensitivity: seen.sensitivity, efficiencies: factor, background, count },
  );
}

/** Time-of-flight bin of each event, counted from a to b. */
function tofBins({ timeOfFlight }: SinogramLayout, { timeDifference }: ListMode): Int32Array | undefined {
  if (!timeOfFlight || !timeDifference) return undefined;
  const { bins, width } = timeOfFlight;
  return Int32Array.from(timeDifference, (t) =>
    Math.min(bins - 1, Math.max(0, Math.round(t / width + (bins - 1) / 2))),
  );
}

function givenScatter({ data }: Sinogram, { layout, prompts }: Shared): Float32Array {
  const find = binFinder(layout);
  return Float32Array.from(prompts.a, (a, i) => {
    const at = find(a, prompts.b[i] as number, prompts.timeDifference?.[i] ?? 0);
    return at < 0 ? 0 : (data[at] as number);
  });
}

interface EventScatter {
  /** In each prompt's line and time-of-flight bin. */
  readonly expected: Float32Array;
  readonly total: number;
  readonly tails?: TailFit;
  readonly notes: readonly string[];
}

function scatterOf({ prompts, grid, terms, layout, seen, bin, randoms }: Shared, image: Float32Array): EventScatter {
  const { attenuation, normalisation, track, scatter } = terms;
  const plain = withoutTof(layout);
  const { rays, tof } = sinogramLines(layout);
  const coarse = coarseScatter(
    volumeOf(grid, image),
    attenuation as AttenuationMap,
    layout,
    scatter as ScatterOptions,
    tof,
  );
  const estimate = { layout: plain, data: scatterOfBins(overTime(coarse), plain, rays) };
  const known = { normalisation, attenuation: seen.attenuation, randoms };
  const planes = sinogramPlanes(plain).length;
  let [tails, notes]: [TailFit | undefined, readonly string[]] = [undefined, []];
  try {
    tails = fitTails(histogram(prompts, plain).sinogram, estimate, known);
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "no-tails") throw error;
    notes = [noTailsNote];
  }
  const expected = scatterOfLines(coarse, linesOf(prompts, track), tofBins(layout, prompts));
  for (let i = 0; i < expected.length; i++) {
    const at = bin[i] as number;
    const efficiency = at < 0 ? 0 : normalisation === "none" ? 1 : (normalisation.data[at] as number);
    const scale = tails && at >= 0 ? (tails.scales[at % planes] as number) : 1;
    expected[i] = (expected[i] as number) * efficiency * scale;
  }
  return {
    expected,
    total: total(tails?.scatter ?? normalised(estimate, normalisation)),
    ...(tails ? { tails } : {}),
    notes,
  };
}

/** Time-of-flight bins added up. */
function overTime({ scanner, table, bins }: CoarseScatter): CoarseScatter {
  if (bins === 1) return { scanner, table, bins };
  const sums = new Float32Array(table.length / bins);
  for (let i = 0; i < table.length; i++) {
    const pair = Math.floor(i / bins);
    sums[pair] = (sums[pair] as number) + (table[i] as number);
  }
  return { scanner, table: sums, bins: 1 };
}
