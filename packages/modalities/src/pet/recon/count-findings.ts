import { DataError, type QcFinding, type Seconds } from "@quintet/core";
import type { Reconstruction } from "./reconstruct.ts";

/** Shares above which a reader should look twice. Chosen here. */
const limits = { randoms: 0.6, scatter: 0.5, change: 0.05, unexplained: 0.001 };

/**
 * What the counts of a reconstruction say: rates, and the shares of randoms and scatter, with r and s the model's terms:
 *
 *   randoms fraction r / y,   scatter fraction s / (y - r)   (NEMA NU 2's definition of the scatter fraction, of the object scanned)
 *
 * @param duration of the frame; rates are left out where it is 0 or unknown
 */
export function countFindings(
  { totals: { prompts, randoms, scatter }, fit }: Pick<Reconstruction, "totals" | "fit">,
  duration: Seconds,
): readonly QcFinding[] {
  const finding = (name: string, value: number, unit: string, most: number, note: string): QcFinding => ({
    modality: "pet",
    name,
    value,
    unit,
    verdict: value > most ? "warn" : "ok",
    note,
  });
  const any = Number.POSITIVE_INFINITY;
  const left = prompts - randoms;
  return [
    finding("prompts", prompts, "{count}", any, "coincidences in the prompt window"),
    ...(duration > 0 ? [finding("prompt-rate", prompts / duration, "1/s", any, "mean over the frame")] : []),
    finding(
      "randoms-fraction",
      prompts > 0 ? randoms / prompts : 0,
      "1",
      limits.randoms,
      "randoms over prompts; 0.6 chosen here",
    ),
    finding(
      "scatter-fraction",
      left > 0 ? scatter / left : 0,
      "1",
      limits.scatter,
      "scatter over prompts without randoms; 0.5 chosen here",
    ),
    finding(
      "last-change",
      fit.history.at(-1)?.change ?? 0,
      "1",
      limits.change,
      "change of the image in the last iteration: above 0.05 it has not settled (chosen here)",
    ),
    finding(
      "unexplained-counts",
      prompts > 0 ? fit.unexplained / prompts : 0,
      "1",
      limits.unexplained,
      "share of counts where the model expects none",
    ),
  ];
}

/** Frames of one scan together: counts added up, the largest last change, every note once. */
export function sumOfFrames(
  frames: readonly Reconstruction[],
): Pick<Reconstruction, "totals" | "fit" | "kernel" | "notes"> {
  const [first] = frames;
  if (!first) throw new DataError("no-frames", "a scan has at least one frame");
  const sum = (of: (frame: Reconstruction) => number): number => frames.reduce((s, frame) => s + of(frame), 0);
  const worst = frames.reduce((a, b) => (lastChange(a) >= lastChange(b) ? a : b));
  return {
    totals: {
      prompts: sum(({ totals }) => totals.prompts),
      randoms: sum(({ totals }) => totals.randoms),
      scatter: sum(({ totals }) => totals.scatter),
    },
    fit: { ...worst.fit, counts: sum(({ fit }) => fit.counts), unexplained: sum(({ fit }) => fit.unexplained) },
    kernel: first.kernel,
    notes: frames.length === 1 ? first.notes : notesOf(frames),
  };
}

function lastChange({ fit }: Reconstruction): number {
  return fit.history.at(-1)?.change ?? 0;
}

function notesOf(frames: readonly Reconstruction[]): readonly string[] {
  const about = new Map<string, number[]>();
  for (const [i, { notes }] of frames.entries()) {
    for (const note of notes) about.set(note, [...(about.get(note) ?? []), i + 1]);
  }
  return [...about].map(([note, of]) => (of.length === frames.length ? note : `frame ${of.join(", ")}: ${note}`));
}
