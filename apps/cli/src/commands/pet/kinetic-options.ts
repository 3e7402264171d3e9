/** The options of kinetic models, whether regions or voxels are fitted: one set of words for both. */
import type { KineticChoices } from "@quintet/pipeline";
import { oneOf } from "../../arguments.ts";
import { type Call, type OptionHelp, UsageError } from "../../command.ts";

const schemes = ["none", "duration", "decay", "counts", "given"] as const;
const parents = ["interpolation", "hill", "exponential", "corrected"] as const;

type Options = Readonly<Record<string, OptionHelp>>;

export const bloodOption: Options = {
  input: {
    type: "string",
    multiple: true,
    value: "BLOOD",
    help: "*_blood.tsv (autosampler first, then manual) or PMOD .bld files",
  },
};

/** Of the fit itself. */
export const fitOptions: Options = {
  weights: { type: "string", value: "NAME", help: `Of frames: ${schemes.join(", ")} (default duration)` },
  radionuclide: {
    type: "string",
    value: "C11",
    help: "For weights decay and counts, and decay correction (default as the sidecar says)",
  },
  "t-star": { type: "string", value: "MIN", help: "Start of the straight part in minutes, or auto (default)" },
  k2prime: {
    type: "string",
    value: "RATE",
    help: "Clearance of the reference, 1/min (default from SRTM over the regions)",
  },
};

/** Of the comparison and of what is made of blood. */
export const inputOptions: Options = {
  compare: {
    type: "string",
    value: "HOW",
    help: "Model at the middle of frames (default), or its mean over them: middle, mean",
  },
  parent: { type: "string", value: "NAME", help: `Parent fraction: ${parents.join(", ")} (default interpolation)` },
  tail: { type: "string", value: "NAME", help: "Input after its peak: interpolation (default), exponential" },
  dispersion: { type: "string", value: "SECONDS", help: "Dispersion constant of the sampling line (default 0)" },
  delay: { type: "string", value: "SECONDS", help: "Blood moved by this, or auto (default 0)" },
};

/** @throws UsageError */
export function kineticChoices(call: Call): KineticChoices {
  const blood = call.texts("input");
  return {
    ...given("input", blood.length > 0 ? blood : undefined),
    ...given("weights", oneOf("weights", call.text("weights"), schemes)),
    ...given("radionuclide", call.text("radionuclide")),
    ...given("start", numberOr(call, "t-star", "auto")),
    ...given("k2prime", numberOr(call, "k2prime")),
    ...given("compare", oneOf("compare", call.text("compare"), ["middle", "mean"] as const)),
    ...given("parent", oneOf("parent", call.text("parent"), parents)),
    ...given("tail", oneOf("tail", call.text("tail"), ["interpolation", "exponential"] as const)),
    ...given("dispersion", numberOr(call, "dispersion")),
    ...given("delay", numberOr(call, "delay", "auto")),
  };
}

/** {key: value}, or nothing. */
export function given<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}

/** Names given once or often, with commas or without. */
export function namesOf(call: Call, option: string): readonly string[] | undefined {
  const names = call.texts(option).flatMap((text) => text.split(","));
  return names.length > 0 ? names : undefined;
}

export function numberOr(call: Call, option: string): number | undefined;
export function numberOr<W extends string>(call: Call, option: string, word: W): number | W | undefined;
export function numberOr<W extends string>(call: Call, option: string, word?: W): number | W | undefined {
  const asked = call.text(option);
  if (asked === undefined) return undefined;
  if (word !== undefined && asked === word) return word;
  const value = asked.trim() === "" ? Number.NaN : Number(asked);
  if (Number.isFinite(value)) return value;
  throw new UsageError(`--${option} takes a number${word === undefined ? "" : ` or ${word}`}, not "${asked}"`);
}
