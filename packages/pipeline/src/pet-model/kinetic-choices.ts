/** What a user may choose of a kinetic model, whether it is fitted to regions or voxels, and what becomes of each choice. */
import { type Blood, DataError, type Metadata, type Radionuclide, type Tac, type Tacs } from "@quintet/core";
import {
  estimateDelay,
  frameWeights,
  kineticData,
  type PlasmaInput,
  type PlasmaInputOptions,
  plasmaInput,
  radionuclideOf,
  regionNamed,
  type StartTime,
  unionOf,
  type WeightScheme,
} from "@quintet/modalities/pet";
import { type KineticModelName, kineticModels } from "./kinetic-models.ts";
import { readBlood } from "./read-curves.ts";

export interface KineticChoices {
  /** Tables of blood. */
  readonly input?: readonly string[];
  readonly weights?: WeightScheme;
  readonly radionuclide?: string;
  readonly start?: StartTime;
  readonly k2prime?: number;
  readonly compare?: "middle" | "mean";
  readonly parent?: PlasmaInputOptions["parent"] | "corrected";
  readonly tail?: "interpolation" | "exponential";
  readonly dispersion?: number;
  /** Seconds, or found from the mean of all regions. */
  readonly delay?: number | "auto";
}

export interface ReferenceChoice {
  readonly model: KineticModelName;
  readonly reference?: readonly string[];
  /** What names it on the command line. */
  readonly option?: string;
}

/** The union of the regions named; undefined for a model that takes none. @throws DataError `missing-reference`, `unknown-region` */
export function referenceOf(
  tacs: Tacs,
  { model, reference, option = "--reference" }: ReferenceChoice,
  choices: string[],
): Tac | undefined {
  if (kineticModels[model].needs !== "reference") return undefined;
  if (!reference || reference.length === 0) {
    // Of a hundred names the cerebellum's are what most would take.
    const names = tacs.regions.map(({ name }) => name);
    const shown = [
      ...names.filter((name) => /cerebell/i.test(name)),
      ...names.filter((name) => !/cerebell/i.test(name)),
    ].slice(0, 4);
    throw new DataError("missing-reference", `${model} needs a reference region`, {
      expected: `${option} with one or more of ${tacs.regions.length} names: ${shown.join(", ")}${tacs.regions.length > shown.length ? ", ..." : ""}`,
      found: "none",
    });
  }
  const parts = chosen(tacs, reference);
  const [only] = parts;
  const tac = parts.length === 1 && only ? only : unionOf("reference", parts);
  choices.push(
    `reference region: ${parts.map(({ name }) => name).join(" + ")}${parts.length > 1 && tac.volume === undefined ? ", each region alike (no sizes are known)" : ""}`,
  );
  return tac;
}

/** Regions by name, or by /part/ of it. @throws DataError `unknown-region` */
export function chosen(tacs: Tacs, names: readonly string[]): readonly Tac[] {
  const found = names.flatMap((name) => {
    const part = name.match(/^\/(.+)\/$/)?.[1]?.toLowerCase();
    if (part === undefined) return [regionNamed(tacs, name)];
    const like = tacs.regions.filter((region) => region.name.toLowerCase().includes(part));
    return like.length > 0 ? like : [regionNamed(tacs, name)];
  });
  return [...new Set(found)];
}

/** Undefined: all weigh alike. @throws DataError those of frameWeights and radionuclideOf */
export function weightsOf(
  tacs: Tacs,
  { weights = "duration", radionuclide }: KineticChoices,
  facts: Metadata,
  choices: string[],
): Float64Array | undefined {
  const scheme = weights === "duration" && tacs.frames.some(({ duration }) => duration === 0) ? "none" : weights;
  const words = {
    none: "all frames weigh alike",
    duration: "frames weigh by their duration",
    decay: "frames weigh by duration and decay",
    counts: "frames weigh by duration, decay and mean uptake",
    given: "frames weigh as the file says",
  };
  choices.push(words[scheme]);
  if (scheme === "none") return undefined;
  const stated = radionuclide ?? facts.TracerRadionuclide;
  const nuclide: Radionuclide | undefined =
    (scheme === "decay" || scheme === "counts") && stated !== undefined ? radionuclideOf(stated) : undefined;
  return frameWeights(tacs, scheme, nuclide);
}

/** @param tacs a delay "auto" is found from their mean @throws DataError `missing-plasma`, those of readers and plasmaInput */
export async function inputOf(
  tacs: Tacs,
  {
    input = [],
    parent = "interpolation",
    tail,
    dispersion,
    delay = 0,
    model,
  }: KineticChoices & { readonly model: KineticModelName },
  data: { readonly injection: number; readonly compare: "middle" | "mean"; readonly weights?: Float64Array },
  choices: string[],
): Promise<PlasmaInput> {
  if (input.length === 0) {
    throw new DataError("missing-plasma", `${model} needs an input function from blood`, {
      expected: "--input with a *_blood.tsv or .bld",
      found: "none",
    });
  }
  const recordings = await Promise.all(input.map(readBlood));
  const { injection } = data;
  const unchanged = parent === "corrected";
  const blood = unchanged ? recordings.map(allParent) : recordings;
  const make = (seconds: number): PlasmaInput =>
    plasmaInput(blood, {
      injection,
      delay: seconds,
      ...(unchanged ? {} : { parent }),
      ...(tail ? { tail } : {}),
      ...(dispersion === undefined ? {} : { dispersion }),
    });
  if (unchanged) choices.push("plasma taken as corrected for metabolites already");
  if (delay !== "auto") {
    const plain = make(delay);
    choices.push(...plain.notes);
    return plain;
  }
  const whole = kineticData(tacs, unionOf("all regions", tacs.regions), data);
  const { seconds, standardError } = estimateDelay(whole, make(0));
  const moved = make(seconds);
  choices.push(...moved.notes, `delay found from all regions: ${seconds.toFixed(1)} ± ${standardError.toFixed(1)} s`);
  return moved;
}

function allParent(blood: Blood): Blood {
  const { plasma } = blood;
  if (!plasma) return blood;
  return { ...blood, parentFraction: { time: plasma.time, value: plasma.value.map(() => 1), unit: "1" } };
}
