import type { QcFinding, Seconds } from "@quintet/core";
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
