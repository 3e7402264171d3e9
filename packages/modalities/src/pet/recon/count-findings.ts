import { DataError, type QcFinding, type Seconds } from "@quintet/core";
import type { TailFit } from "../correct/tail-fit.ts";
import type { Reconstruction } from "./reconstruct.ts";

/** Which terms of the model are there; one left out has no share that could be judged. */
export interface ModelledTerms {
  readonly randoms: boolean;
  readonly scatter: boolean;
}

/** Shares above which a reader should look twice. Chosen here. */
const limits = { randoms: 0.6, scatter: 0.5, change: 0.05, unexplained: 0.001, scale: [0.7, 1.5] } as const;

/**
 * What the counts of a reconstruction say: rates, and the shares of randoms and scatter, with r and s the model's terms:
 *
 *   randoms fraction r / y,   scatter fraction s / (y - r)   (NEMA NU 2's definition of the scatter fraction, of the object scanned)
 *
 * Where scatter was estimated, the scale that its tails asked for: computed absolutely, it is 1 for single scatter and 1.1 to 1.2 with
 * scatter of higher order. One that is outside 0.7 to 1.5 (chosen here) by more than twice its error says that map, energy window,
 * randoms or normalisation do not belong to these counts.
 *
 * A term that was left out has the value "not modelled" and asks for a look: 0 would read as a measurement.
 *
 * @param duration of the frame; rates are left out where it is 0 or unknown
 */
export function countFindings(
  { totals: { prompts, randoms, scatter }, fit, tails }: Pick<Reconstruction, "totals" | "fit" | "tails">,
  duration: Seconds,
  modelled: ModelledTerms = { randoms: true, scatter: true },
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
    modelled.randoms
      ? finding(
          "randoms-fraction",
          prompts > 0 ? randoms / prompts : 0,
          "1",
          limits.randoms,
          `randoms over prompts; look twice above ${limits.randoms} (limit of this program)`,
        )
      : notModelled(
          "randoms-fraction",
          "randoms are no term of the model: the image holds whatever of them was measured",
        ),
    modelled.scatter
      ? finding(
          "scatter-fraction",
          left > 0 ? scatter / left : 0,
          "1",
          limits.scatter,
          `scatter over prompts without randoms; look twice above ${limits.scatter} (limit of this program)`,
        )
      : notModelled("scatter-fraction", "scatter is no term of the model: the image holds whatever of it was measured"),
    ...(tails ? [scaleFinding(tails.overall)] : []),
    finding(
      "last-change",
      fit.history.at(-1)?.change ?? 0,
      "1",
      limits.change,
      `change of the image in the last iteration, as a share of it; above ${limits.change} it has not settled (limit of this program)`,
    ),
    finding(
      "unexplained-counts",
      prompts > 0 ? fit.unexplained / prompts : 0,
      "1",
      limits.unexplained,
      `share of counts in lines where the model expects none; look twice above ${limits.unexplained} (limit of this program)`,
    ),
  ];
}

function notModelled(name: string, note: string): QcFinding {
  return { modality: "pet", name, value: "not modelled", verdict: "warn", note };
}

function scaleFinding({ value, error }: TailFit["overall"]): QcFinding {
  const [low, high] = limits.scale;
  const far = value + 2 * error < low || value - 2 * error > high;
  return {
    modality: "pet",
    name: "scatter-scale",
    value,
    unit: "1",
    verdict: far ? "warn" : "ok",
    note: `± ${error.toFixed(3)}, what the tails ask of the computed scatter; outside ${low} to ${high} (limits of this program) look at mu-map, energy window, randoms and normalisation`,
  };
}

/** Frames of one scan together: counts added up, the largest last change, the scale of scatter farthest from 1, every note once. */
export function sumOfFrames(
  frames: readonly Reconstruction[],
): Pick<Reconstruction, "totals" | "fit" | "kernel" | "tails" | "notes"> {
  const [first] = frames;
  if (!first) throw new DataError("no-frames", "a scan has at least one frame");
  const sum = (of: (frame: Reconstruction) => number): number => frames.reduce((s, frame) => s + of(frame), 0);
  const worst = frames.reduce((a, b) => (lastChange(a) >= lastChange(b) ? a : b));
  const off = ({ overall }: TailFit): number => Math.abs(Math.log(Math.max(overall.value, 1e-3)));
  const [tails] = frames.flatMap((frame) => frame.tails ?? []).sort((a, b) => off(b) - off(a));
  return {
    totals: {
      prompts: sum(({ totals }) => totals.prompts),
      randoms: sum(({ totals }) => totals.randoms),
      scatter: sum(({ totals }) => totals.scatter),
    },
    fit: { ...worst.fit, counts: sum(({ fit }) => fit.counts), unexplained: sum(({ fit }) => fit.unexplained) },
    kernel: first.kernel,
    ...(tails ? { tails } : {}),
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
