/** Dynamic PET: the model that tracer and data allow, region by region and, with a reference region, voxel by voxel. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataError, type Measure, type Metadata, type Tac, type Tacs, type Volume, voxelCount } from "@quintet/core";
import { withSidecar } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { resampleLabels, sideOf } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  frameWeights,
  imageCorrectedAsStated,
  kineticData,
  plasmaInput,
  regionNamed,
  srtmMap,
  unionOf,
} from "@quintet/modalities/pet";
import type { KineticsView } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import { fitRegions } from "../../pet-model/fit-regions.ts";
import { type KineticModelName, kineticModels } from "../../pet-model/kinetic-models.ts";
import { readBlood } from "../../pet-model/read-curves.ts";
import { regionalCurves, spanOf } from "../../pet-model/regional-curves.ts";
import type { Anatomy, HeadFrame, Placed } from "./outcome.ts";
import { maskOnto } from "./work-grid.ts";

export interface PetKineticsParams {
  readonly source: string;
  readonly tracer: string;
  readonly metadata: Metadata;
  /** blood.tsv, relative to the image's folder. */
  readonly blood?: string;
}

export interface PetKinetics {
  /** Absent when no model holds; the warnings say why. */
  readonly view?: KineticsView;
  readonly measures: readonly Measure[];
  /** In the image's own space; absent where the model is fitted by regions only. */
  readonly map?: Volume<"1">;
  readonly warnings: readonly string[];
}

/** Trapped in all of the brain: no region is a reference. */
const trapped = /fdg|fluorodeoxyglucose|dopa/i;

export const petKineticsStep: Step<
  { file: string; placed: Placed; anatomy: Anatomy; frame: HeadFrame | Absent },
  PetKineticsParams,
  PetKinetics
> = {
  name: "pet-kinetics",
  version: 3,
  title: "PET: kinetics of regions and voxels",
  async run({ file, placed, anatomy, frame }, { source, tracer, metadata, blood }, { progress }) {
    await loadKernels();
    if ("absent" in frame || !frame.regions) return none("no template with an atlas: no regions to model");
    const space = placed.volume.space;
    const read = await readVolume(file, { space, clock: placed.volume.clock, nonFinite: "background" });
    const stored = withSidecar(read, metadata, file);
    let pet: Volume<"Bq/mL">;
    let corrected: string | undefined;
    try {
      const { value, note } = imageCorrectedAsStated(stored, metadata, file);
      pet = value as Volume<"Bq/mL">;
      corrected = note;
    } catch (error) {
      if (error instanceof DataError) return none(error.message);
      throw error;
    }
    const regions = resampleLabels(frame.regions, { ...pet, space }, placed.transform.matrix);
    const tacs = regionalCurves(pet, regions);
    const bloodFile = blood === undefined ? undefined : join(dirname(file), blood);
    const withBlood = bloodFile !== undefined && existsSync(bloodFile);
    const model = modelFor(tracer, withBlood);
    if (typeof model !== "string") return none(model.absent);
    progress(0.2, kineticModels[model].title);
    const injection = typeof metadata.InjectionStart === "number" ? metadata.InjectionStart : 0;
    const weights = frameWeights(tacs, "duration");
    const data = { injection, weights };
    const choices = [
      ...(corrected === undefined ? [] : [corrected]),
      "frames weigh by their duration",
      "model compared at the middle of each frame",
    ];
    try {
      const cerebellum = tacs.regions.filter(({ name }) => /cerebellum$/i.test(name));
      const reference = kineticModels[model].needs === "reference" ? unionOf("cerebellum", cerebellum) : undefined;
      const input = withBlood && !reference ? plasmaInput([await readBlood(bloodFile)], { injection }) : undefined;
      if (input) choices.push(...input.notes);
      const targets = reference ? tacs.regions.filter((tac) => !cerebellum.includes(tac)) : tacs.regions;
      const { fits, notes } = await fitRegions(tacs, targets, model, {
        data,
        ...(reference ? { reference } : {}),
        ...(input ? { input } : {}),
      });
      if (reference) choices.unshift("reference region: cerebellum, taken to hold no receptors of this tracer");
      const view: KineticsView = {
        title: kineticModels[model].title,
        equation: kineticModels[model].equation,
        choices: [...choices, ...notes],
        inputs: [
          ...(reference ? [{ name: "cerebellum", ...pointsOf(tacs, reference, injection) }] : []),
          ...(input ? [{ name: "parent in plasma", ...input.plasma }] : []),
        ],
        regions: fits,
      };
      progress(0.6, "every voxel");
      const map = reference ? bindingMap(pet, tacs, reference, data, anatomy, placed) : undefined;
      return { view, measures: measuresOf(fits, model, source), ...(map ? { map } : {}), warnings: [] };
    } catch (error) {
      if (error instanceof DataError) return none(error.message);
      throw error;
    }
  },
};

function none(why: string): PetKinetics {
  return { measures: [], warnings: [`No PET kinetics: ${why}`] };
}

/** Blood beats a reference region; without it, one is taken where the tracer has one. */
function modelFor(tracer: string, withBlood: boolean): KineticModelName | Absent {
  if (trapped.test(tracer)) {
    return withBlood ? "patlak" : { absent: `${tracer} is trapped everywhere: without blood no model holds` };
  }
  return withBlood ? "2tcm" : "srtm";
}

function bindingMap(
  pet: Volume,
  tacs: Tacs,
  reference: Tac,
  options: { readonly injection: number; readonly weights: Float64Array },
  anatomy: Anatomy,
  { transform }: Placed,
): Volume<"1"> {
  const n = voxelCount(pet);
  const own = { ...anatomy.brain, space: pet.space };
  const toOwn = resampleLabels({ ...own, space: transform.to, names: new Map() }, pet, transform.matrix);
  const inside = maskOnto(
    { ...pet, data: new Uint8Array(toOwn.data.length).map((_, i) => ((toOwn.data[i] as number) > 0 ? 1 : 0)) },
    pet,
  );
  const voxels = Array.from(inside.data.keys()).filter((v) => inside.data[v] !== 0);
  const data = new Float32Array(pet.frames.length * voxels.length);
  for (let t = 0; t < pet.frames.length; t++)
    for (const [i, v] of voxels.entries()) data[t * voxels.length + i] = pet.data[t * n + v] as number;
  const region = kineticData(
    { ...tacs, regions: [reference] },
    regionNamed({ ...tacs, regions: [reference] }, reference.name),
    options,
  );
  const [bp] = srtmMap(data, voxels.length, region, { weights: options.weights });
  const out = new Float32Array(n);
  for (const [i, v] of voxels.entries()) {
    const value = bp.values[i] as number;
    out[v] = Number.isFinite(value) ? value : 0;
  }
  return { ...pet, unit: "1", frames: [spanOf(pet)], data: out };
}

function pointsOf(tacs: Tacs, tac: Tac, injection: number): { time: Float64Array; value: Float64Array } {
  const { time, values } = kineticData(tacs, tac, { injection });
  return { time, value: values };
}

/** The main parameter of each region as rows of the measures table. */
function measuresOf(fits: KineticsView["regions"], model: KineticModelName, source: string): readonly Measure[] {
  const { main, title } = kineticModels[model];
  return fits.flatMap(({ region, estimates }): Measure[] => {
    const estimate = estimates.find(({ name }) => name === main);
    if (estimate?.value === undefined) return [];
    const { side, base } = sideOf(region);
    return [
      {
        region: base,
        side,
        modality: "pet",
        measure: main.toLowerCase(),
        value: estimate.value,
        unit: estimate.unit,
        ...(estimate.standardError === undefined ? {} : { standardError: estimate.standardError }),
        method: title,
        sources: [source],
      },
    ];
  });
}
