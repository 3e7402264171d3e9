/** From tables of curves and blood to a table of parameters, and a page to look at. */
import { basename, join } from "node:path";
import { type Blood, DataError, type Metadata, type Radionuclide, type Tac, type Tacs } from "@quintet/core";
import { writeTsv } from "@quintet/io";
import { sha256File, writeFileAtomic } from "@quintet/io/node";
import {
  type BloodVolume,
  curvesCorrectedAsStated,
  type Estimate,
  estimateDelay,
  estimated,
  frameWeights,
  type KineticFit,
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
import { type KineticsView, renderKineticsPage } from "@quintet/view";
import { inFile } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import { fitRegions } from "./fit-regions.ts";
import { type KineticModelName, kineticModels } from "./kinetic-models.ts";
import { readBlood, readCurves, scanFacts, stemOf } from "./read-curves.ts";

export interface ModelCurvesOptions {
  readonly model: KineticModelName;
  /** Regions whose union is the reference; names, or parts of names between slashes (/cerebell/). */
  readonly reference?: readonly string[];
  /** Regions to fit, likewise; all without. */
  readonly regions?: readonly string[];
  /** Tables of blood. */
  readonly input?: readonly string[];
  readonly weights?: WeightScheme;
  readonly radionuclide?: string;
  readonly start?: StartTime;
  readonly k2prime?: number;
  readonly bloodVolume?: BloodVolume;
  readonly compare?: "middle" | "mean";
  readonly parent?: PlasmaInputOptions["parent"] | "corrected";
  readonly tail?: "interpolation" | "exponential";
  readonly dispersion?: number;
  /** Seconds, or found from the mean of all regions. */
  readonly delay?: number | "auto";
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ModelledCurves {
  readonly model: string;
  readonly reference?: string;
  readonly k2prime?: number;
  readonly choices: readonly string[];
  readonly regions: readonly {
    readonly region: string;
    readonly estimates: readonly Estimate[];
    readonly start?: number;
    readonly converged: boolean;
    readonly flags: readonly string[];
  }[];
  readonly files: { readonly table: string; readonly json: string; readonly page: string };
  readonly seconds: number;
}

/**
 * Fits a kinetic model to every region of a table of curves and writes STEM_model-NAME_kinetics.tsv, .json and .html.
 *
 * @throws DataError `missing-reference`, `missing-plasma`, `unknown-region` and those of readers, curvesCorrectedAsStated and models
 */
export async function modelCurves(path: string, out: string, options: ModelCurvesOptions): Promise<ModelledCurves> {
  const started = performance.now();
  const { model, onProgress } = options;
  onProgress?.(0, "reading");
  const about = kineticModels[model];
  const { tacs, facts, choices } = await curvesAtOneTime(path, options);
  const reference = inFile(path, () => referenceOf(tacs, options, choices));
  const injection = typeof facts.InjectionStart === "number" ? facts.InjectionStart : 0;
  const weights = weightsOf(tacs, options, facts, choices);
  const compare = options.compare ?? "middle";
  choices.push(
    compare === "mean" ? "model compared as its mean over each frame" : "model compared at the middle of each frame",
  );
  const data = { compare, injection, ...(weights ? { weights } : {}) };
  const input = about.needs === "plasma" ? await inputOf(tacs, options, data, choices) : undefined;
  const { regions } = options;
  const wanted = regions === undefined ? tacs.regions : inFile(path, () => chosen(tacs, regions));
  const { fits, k2prime, notes } = await fitRegions(tacs, wanted, model, {
    data,
    ...(reference ? { reference } : {}),
    ...(input ? { input } : {}),
    ...(options.start === undefined ? {} : { start: options.start }),
    ...(options.k2prime === undefined ? {} : { k2prime: options.k2prime }),
    ...(options.bloodVolume === undefined ? {} : { bloodVolume: options.bloodVolume }),
    onRegion: (done, all) => onProgress?.(done / all, `region ${done} of ${all}`),
  }).catch((error: unknown) =>
    inFile(path, () => {
      throw error;
    }),
  );
  choices.push(...notes);
  if (options.k2prime !== undefined) choices.push(`k2′ given: ${options.k2prime} /min`);
  const view: KineticsView = {
    title: about.title,
    equation: about.equation,
    choices,
    inputs: [
      ...(reference ? [{ name: reference.name, ...curveOf(tacs, reference, injection) }] : []),
      ...(input ? [{ name: "parent in plasma", ...input.plasma }] : []),
      ...(input?.blood ? [{ name: "whole blood", ...input.blood }] : []),
    ],
    regions: fits,
  };
  const stem = join(out, `${stemOf(path)}_model-${model}_kinetics`);
  const files = { table: `${stem}.tsv`, json: `${stem}.json`, page: `${stem}.html` };
  const generatedAt = new Date().toISOString().slice(0, 19);
  const software = { name: "Quintet", version };
  await writeFileAtomic(files.table, tableOf(fits));
  await writeFileAtomic(files.page, renderKineticsPage(view, { software, generatedAt, source: basename(path) }));
  const result: ModelledCurves = {
    model,
    ...(reference ? { reference: reference.name } : {}),
    ...(k2prime === undefined ? {} : { k2prime }),
    choices,
    regions: fits.map(({ region, estimates, start, converged, flags }) => ({
      region,
      estimates,
      converged,
      flags,
      ...(start === undefined ? {} : { start }),
    })),
    files,
    seconds: Number(((performance.now() - started) / 1000).toFixed(2)),
  };
  const sources = await Promise.all(
    [path, ...(options.input ?? [])].map(async (source) => ({
      path: basename(source),
      sha256: await sha256File(source),
    })),
  );
  await writeFileAtomic(files.json, `${JSON.stringify({ software, generatedAt, sources, ...result }, null, 1)}\n`);
  return result;
}

/** Curves and what is known of their scan; curves that are stated not to be corrected for decay are, or are refused. */
async function curvesAtOneTime(
  path: string,
  { radionuclide, model }: ModelCurvesOptions,
): Promise<{ readonly tacs: Tacs; readonly facts: Metadata; readonly choices: string[] }> {
  const stated = await scanFacts(path);
  const given = radionuclide === undefined ? stated : { ...stated, TracerRadionuclide: radionuclide };
  const { value: tacs, metadata: facts, note } = curvesCorrectedAsStated(await readCurves(path), given, path);
  const { ImageDecayCorrected: corrected, ImageDecayCorrectionTime: time } = facts;
  const plasma = kineticModels[model].needs === "plasma" && typeof time === "number" && time !== 0;
  return {
    tacs,
    facts,
    choices: [
      ...(note === undefined ? [] : [note]),
      ...(corrected === true ? [] : ["not stated whether the curves are corrected for decay: taken as corrected"]),
      ...(plasma ? [`curves corrected for decay to ${time} s from TimeZero: blood must be corrected to the same`] : []),
    ],
  };
}

function referenceOf(tacs: Tacs, { model, reference }: ModelCurvesOptions, choices: string[]): Tac | undefined {
  if (kineticModels[model].needs !== "reference") return undefined;
  if (!reference || reference.length === 0) {
    // Of a hundred names the cerebellum's are what most would take.
    const names = tacs.regions.map(({ name }) => name);
    const shown = [
      ...names.filter((name) => /cerebell/i.test(name)),
      ...names.filter((name) => !/cerebell/i.test(name)),
    ].slice(0, 4);
    throw new DataError("missing-reference", `${model} needs a reference region`, {
      expected: `--reference with one or more of ${tacs.regions.length} names: ${shown.join(", ")}${tacs.regions.length > shown.length ? ", ..." : ""}`,
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

/** Regions by name, or by /part/ of it. */
function chosen(tacs: Tacs, names: readonly string[]): readonly Tac[] {
  const found = names.flatMap((name) => {
    const part = name.match(/^\/(.+)\/$/)?.[1]?.toLowerCase();
    if (part === undefined) return [regionNamed(tacs, name)];
    const like = tacs.regions.filter((region) => region.name.toLowerCase().includes(part));
    return like.length > 0 ? like : [regionNamed(tacs, name)];
  });
  return [...new Set(found)];
}

function weightsOf(
  tacs: Tacs,
  { weights = "duration", radionuclide }: ModelCurvesOptions,
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

async function inputOf(
  tacs: Tacs,
  { input = [], parent = "interpolation", tail, dispersion, delay = 0, model }: ModelCurvesOptions,
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

function curveOf(tacs: Tacs, tac: Tac, injection: number): { time: Float64Array; value: Float64Array } {
  const { time, values } = kineticData(tacs, tac, { injection });
  return { time, value: values };
}

/** One row a region: value and error of each parameter, t*, and what stands against it. */
function tableOf(fits: readonly KineticFit[]): string {
  const names = [...new Set(fits.flatMap(({ estimates }) => estimates.map(({ name }) => name)))];
  const columns = ["region", ...names.flatMap((name) => [name, `${name}_se`]), "t_star", "aicc", "note"];
  const rows = fits.map((fit) => [
    fit.region,
    ...names.flatMap((name) => [
      estimated(fit, name),
      fit.estimates.find((estimate) => estimate.name === name)?.standardError,
    ]),
    fit.start,
    fit.aicc,
    fit.flags.join("; ") || undefined,
  ]);
  return writeTsv(columns, rows);
}
