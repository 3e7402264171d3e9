/** From tables of curves and blood to a table of parameters, and a page to look at. */
import { basename, join } from "node:path";
import type { Tac, Tacs } from "@quintet/core";
import { writeTsv } from "@quintet/io";
import { sha256File, writeFileAtomic } from "@quintet/io/node";
import { type BloodVolume, type Estimate, estimated, type KineticFit, kineticData } from "@quintet/modalities/pet";
import { type KineticsView, renderKineticsPage } from "@quintet/view";
import { inFile } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import { fitRegions } from "./fit-regions.ts";
import { chosen, inputOf, type KineticChoices, referenceOf, weightsOf } from "./kinetic-choices.ts";
import { type KineticModelName, kineticModels } from "./kinetic-models.ts";
import { curvesAtOneTime, stemOf } from "./read-curves.ts";

export interface ModelCurvesOptions extends KineticChoices {
  readonly model: KineticModelName;
  /** Regions whose union is the reference; names, or parts of names between slashes (/cerebell/). */
  readonly reference?: readonly string[];
  /** Regions to fit, likewise; all without. */
  readonly regions?: readonly string[];
  readonly bloodVolume?: BloodVolume;
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
