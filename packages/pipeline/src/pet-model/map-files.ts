/** What is written of parametric maps, and what is found in them. */
import { basename, join } from "node:path";
import type { Metadata, QcFinding, Volume } from "@quintet/core";
import { DataError, voxelCount } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import type { ParameterMap } from "@quintet/modalities/pet";
import { carriedFields, researchUse } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import type { KineticModelFacts } from "./kinetic-models.ts";
import { spanOf } from "./regional-curves.ts";

export interface MappedParameter {
  readonly parameter: string;
  readonly unit: string;
  /** Voxels with a value, and those of the mask without. */
  readonly voxels: number;
  readonly absent: number;
  /** Of the voxels with a value; absent where there is none. */
  readonly median?: number;
  readonly medianError?: number;
  readonly file: string;
  readonly errorFile: string;
}

export interface MapJob {
  readonly path: string;
  readonly out: string;
  readonly pet: Volume;
  /** Where in the image the maps' values lie. */
  readonly voxels: Uint32Array;
  readonly metadata: Metadata;
  readonly facts: { readonly model: string; readonly sources: readonly object[] } & object;
}

/** Above this share of voxels without a number a map is to be looked at. Chosen here. */
const manyAbsent = 0.5;

/** @throws DataError `not-determined` when no voxel has the main parameter */
export function parameterFiles(
  job: MapJob,
  about: KineticModelFacts,
  mapped: readonly ParameterMap[],
): {
  readonly contents: readonly (readonly [path: string, content: string | Uint8Array])[];
  readonly maps: readonly MappedParameter[];
  readonly findings: readonly QcFinding[];
} {
  const contents: (readonly [string, string | Uint8Array])[] = [];
  const { sources, ...facts } = job.facts;
  const stem = join(
    job.out,
    `${basename(job.path).replace(/(_pet)?(\.nii(\.gz)?|\.mg[hz]|\.v|\.hv)$/i, "")}_model-${facts.model}`,
  );
  const span = spanOf(job.pet);
  const maps = mapped.map((map): MappedParameter => {
    const found = map.values.filter(Number.isFinite);
    const name = `${stem}_meas-${map.name.replace("'", "prime")}`;
    const [file, errorFile] = [`${name}_mimap.nii.gz`, `${name}_desc-standardError_mimap.nii.gz`];
    const absent = map.values.length - found.length;
    for (const [path, values, what] of [
      [file, map.values, map.name],
      [errorFile, map.standardError, `standard error of ${map.name}`],
    ] as const) {
      contents.push([path, writeNifti(imageOf(job, map, values), { gzip: true })]);
      const side = {
        Units: map.unit === "1" ? "unitless" : map.unit,
        Parameter: what,
        Model: about.title,
        Equation: about.equation,
        ...facts,
        VoxelsWithoutValue: absent,
        NotANumber: "outside the voxels modelled, and where the data justify no number",
        ...carriedFields(job.metadata),
        FrameTimesStart: [span.start],
        FrameDuration: [span.duration],
        FramesModelled: job.pet.frames.length,
        Sources: sources,
        GeneratedBy: [{ Name: "quintet", Version: version }],
        note: researchUse,
      };
      contents.push([path.replace(/\.nii\.gz$/, ".json"), `${JSON.stringify(side, null, 1)}\n`]);
    }
    const [median, medianError] = [middle(found), middle(map.standardError.filter(Number.isFinite))];
    return {
      parameter: map.name,
      unit: map.unit,
      voxels: found.length,
      absent,
      ...(median === undefined || medianError === undefined ? {} : { median, medianError }),
      file,
      errorFile,
    };
  });
  const main = maps.find(({ parameter }) => parameter === about.main);
  if (main?.voxels === 0) {
    throw new DataError("not-determined", `${main.parameter} is determined in no voxel`, {
      file: job.path,
      expected: "a model that suits the tracer, and the right reference region or blood",
      found: `${main.absent} voxels without a value`,
    });
  }
  return { contents, maps, findings: maps.map(findingOf) };
}

function findingOf({ parameter, voxels, absent }: MappedParameter): QcFinding {
  const share = absent / (voxels + absent);
  return {
    modality: "pet",
    name: `voxels without ${parameter}`,
    value: absent,
    unit: "{count}",
    verdict: voxels === 0 ? "bad" : share > manyAbsent ? "warn" : "ok",
    note: `${(100 * share).toFixed(1)} % of ${voxels + absent} voxels: the data justify no number there`,
  };
}

function imageOf({ pet, voxels }: MapJob, { unit }: ParameterMap, values: Float32Array): Volume {
  const data = new Float32Array(voxelCount(pet)).fill(Number.NaN);
  for (const [i, v] of voxels.entries()) data[v] = values[i] as number;
  return { ...pet, unit, frames: [spanOf(pet)], data };
}

function middle(values: Float32Array): number | undefined {
  return values.length === 0 ? undefined : values.sort()[Math.floor(values.length / 2)];
}
