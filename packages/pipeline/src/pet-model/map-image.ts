/** From a dynamic image to an image of every parameter of a model, and of its standard error. */
import { DataError, type Metadata, type QcFinding, type Tac, type Tacs, type Volume, voxelCount } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import {
  imageCorrectedAsStated,
  type KineticDataOptions,
  kineticData,
  type ParameterMap,
  type PlasmaInput,
} from "@quintet/modalities/pet";
import { checkOutputFolder } from "../output-place.ts";
import { inFile, maskOn, readStoredImage, sourcesOf, writeAll } from "../pet-quantify/pet-image.ts";
import { fitRegions, globalK2prime } from "./fit-regions.ts";
import { inputOf, type KineticChoices, weightsOf } from "./kinetic-choices.ts";
import { hasStart, kineticModels, needsK2prime } from "./kinetic-models.ts";
import { type MappedParameter, parameterFiles } from "./map-files.ts";
import { referenceCurves } from "./reference-curves.ts";
import { fewestFrames } from "./regional-curves.ts";
import { type VoxelModelName, voxelMaps } from "./voxel-models.ts";

export interface MapImageOptions extends KineticChoices {
  readonly model: VoxelModelName;
  /** A table of curves that holds the reference region, in the image's frames. */
  readonly reference?: string;
  /** Or regions in the world of the image. */
  readonly labels?: string;
  /** Regions whose union is the reference; names, or /part/ of them. */
  readonly referenceRegion?: readonly string[];
  /** Voxels to model; those with activity without it. */
  readonly mask?: string;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface MappedImage {
  readonly model: string;
  readonly reference?: string;
  readonly k2prime?: number;
  /** t*, minutes. */
  readonly start?: number;
  readonly choices: readonly string[];
  readonly voxels: number;
  readonly maps: readonly MappedParameter[];
  readonly findings: readonly QcFinding[];
  readonly files: readonly string[];
  readonly seconds: number;
}

/** Voxels whose curves lie side by side at a time: 40 frames of them are 20 MB. */
const blockVoxels = 2 ** 17;

/**
 * Fits a model in every voxel and writes STEM_model-NAME_meas-PARAMETER_mimap.nii.gz, the same with desc-standardError, and a .json
 * beside each; all of them or none. NaN stands where no number is justified, and outside the mask.
 *
 * @throws DataError `too-few-frames`, `unknown-duration`, `unknown-unit`, `missing-reference`, `missing-plasma`, `frame-mismatch`,
 *   `empty-region` (no voxel to model), `not-determined` (t*, k2', or the model in every voxel), `not-decay-corrected`, and those of
 *   readers and models
 */
export async function mapImage(path: string, out: string, options: MapImageOptions): Promise<MappedImage> {
  const started = performance.now();
  const { model, onProgress, labels, mask, reference: table, input: blood } = options;
  const about = kineticModels[model];
  onProgress?.(0, "reading");
  await checkOutputFolder(out);
  await loadKernels();
  const stored = await readStoredImage(path);
  const { radionuclide } = options;
  const given = radionuclide === undefined ? stored.metadata : { ...stored.metadata, TracerRadionuclide: radionuclide };
  inFile(path, () => checkDynamic(stored.volume, given, about.needs));
  const { value: pet, metadata, note } = imageCorrectedAsStated(stored.volume, given, path);
  const choices = decayChoices(metadata, note, about.needs);
  const curves =
    about.needs === "reference" ? await referenceCurves({ volume: pet, metadata, path }, options, choices) : undefined;
  const voxels = mask === undefined ? active(pet) : insideOf((await maskOn(pet, mask)).data);
  if (voxels.length === 0) throw new DataError("empty-region", "there is no voxel to model", { file: mask ?? path });
  choices.push(
    mask === undefined ? "modelled: every voxel whose mean is above 0 (no mask given)" : "modelled: voxels of the mask",
  );
  const mean: Tac = { name: "all voxels modelled", values: meanCurve(pet, voxels) };
  const whole: Tacs = { clock: pet.clock, unit: pet.unit, frames: pet.frames, regions: [mean] };
  const injection = typeof metadata.InjectionStart === "number" ? metadata.InjectionStart : 0;
  const weights = weightsOf(whole, options, metadata, choices);
  const compare = model === "srtm" || model === "srtm2" ? (options.compare ?? "middle") : "middle";
  choices.push(
    compare === "mean" ? "model compared as its mean over each frame" : "model compared at the middle of each frame",
  );
  const data = { compare, injection, ...(weights ? { weights } : {}) };
  const input = about.needs === "plasma" ? await inputOf(whole, options, data, choices) : undefined;
  const frames = inFile(path, () => kineticData(whole, mean, data));
  const reference = curves && kineticData(whole, curves.reference, data);
  const k2prime =
    reference && needsK2prime.has(model)
      ? (options.k2prime ??
        globalK2prime(
          curves.others.map((tac) => kineticData(whole, tac, data)),
          reference,
          choices,
        ))
      : undefined;
  if (k2prime !== undefined && k2prime === options.k2prime) choices.push(`k2′ given: ${k2prime} /min`);
  const shared = {
    ...(input ? { input } : {}),
    ...(k2prime === undefined ? {} : { k2prime }),
  };
  const start = hasStart.has(model)
    ? await startOf(
        whole,
        mean,
        options,
        { data, ...shared, ...(curves ? { reference: curves.reference } : {}) },
        choices,
      )
    : undefined;
  const mapped = await inBlocks(pet, voxels, onProgress, (block, n) =>
    voxelMaps(
      model,
      block,
      n,
      { frames, ...shared, ...(reference ? { reference } : {}) },
      { ...(weights ? { weights } : {}), ...(start === undefined ? {} : { start }) },
    ),
  );
  onProgress?.(0.95, "writing");
  const facts = {
    model,
    ...(curves ? { reference: curves.reference.name } : {}),
    ...(k2prime === undefined ? {} : { k2prime }),
    ...(start === undefined ? {} : { start }),
    choices,
    voxels: voxels.length,
  };
  const sources = await sourcesOf([path, table, labels, mask, ...(blood ?? [])]);
  const { contents, maps, findings } = parameterFiles(
    { path, out, pet, voxels, metadata, facts: { ...facts, sources } },
    about,
    mapped,
  );
  await writeAll(contents);
  return {
    ...facts,
    maps,
    findings,
    files: contents.map(([file]) => file),
    seconds: Number(((performance.now() - started) / 1000).toFixed(2)),
  };
}

function checkDynamic({ frames, unit }: Volume, metadata: Metadata, needs: "reference" | "plasma"): void {
  if (frames.length < fewestFrames) {
    throw new DataError("too-few-frames", "kinetics are seen in a dynamic image, from the injection on", {
      expected: `${fewestFrames} frames or more`,
      found: frames.length === 1 ? "1: a static image" : `${frames.length}`,
    });
  }
  const timed = Array.isArray(metadata.FrameTimesStart) && Array.isArray(metadata.FrameDuration);
  if (!timed || frames.some(({ duration }) => !(duration > 0))) {
    throw new DataError("unknown-duration", "when each frame was measured is not known", {
      expected: "FrameTimesStart and FrameDuration in the JSON beside the image",
      found: timed ? "frames that last 0 s" : "none",
    });
  }
  if (needs === "plasma" && unit !== "Bq/mL") {
    throw new DataError("unknown-unit", "tissue is held against blood in activity concentration", {
      expected: "Units Bq/mL (kBq/mL, MBq/mL) in the JSON beside the image",
      found: unit,
    });
  }
}

function decayChoices(
  { ImageDecayCorrected: corrected, ImageDecayCorrectionTime: time }: Metadata,
  note: string | undefined,
  needs: "reference" | "plasma",
): string[] {
  return [
    ...(note === undefined ? [] : [note]),
    ...(corrected === true ? [] : ["not stated whether the image is corrected for decay: taken as corrected"]),
    ...(needs === "plasma" && typeof time === "number" && time !== 0
      ? [`image corrected for decay to ${time} s from TimeZero: blood must be corrected to the same`]
      : []),
  ];
}

/** Voxels whose mean over the frames, by duration, is above 0. */
function active({ data, frames, ...grid }: Volume): Uint32Array {
  const n = voxelCount(grid);
  const sum = new Float64Array(n);
  for (const [t, { duration }] of frames.entries())
    for (let v = 0; v < n; v++) sum[v] = (sum[v] as number) + duration * (data[t * n + v] as number);
  return insideOf(sum);
}

function insideOf(data: ArrayLike<number>): Uint32Array {
  const found = new Uint32Array(data.length);
  let n = 0;
  for (let v = 0; v < data.length; v++) if ((data[v] as number) > 0) found[n++] = v;
  return found.subarray(0, n);
}

function meanCurve({ data, frames, ...grid }: Volume, voxels: Uint32Array): Float64Array {
  const n = voxelCount(grid);
  return Float64Array.from(frames, (_, t) => {
    let sum = 0;
    for (const v of voxels) sum += data[t * n + v] as number;
    return sum / voxels.length;
  });
}

/** t* as given, or where the plot of the mean of all voxels becomes straight: one t* for all, so that voxels compare. */
async function startOf(
  whole: Tacs,
  mean: Tac,
  { model, start = model === "mrtm2" ? 0 : "auto" }: MapImageOptions,
  given: {
    readonly data: KineticDataOptions;
    readonly reference?: Tac;
    readonly input?: PlasmaInput;
    readonly k2prime?: number;
  },
  choices: string[],
): Promise<number> {
  if (start !== "auto") {
    choices.push(start === 0 ? "all frames count" : `t* given: ${start} min`);
    return start;
  }
  const { fits } = await fitRegions(whole, [mean], model, { ...given, start, bloodVolume: 0 });
  const found = fits[0]?.start;
  if (found === undefined) {
    throw new DataError("not-determined", "the mean of all voxels has no straight part: t* must be given", {
      expected: "--t-star MIN",
      found: fits[0]?.flags.join("; ") ?? "no fit",
    });
  }
  choices.push(`t* ${found.toFixed(2)} min: from there on the mean of all voxels lies within 10 % of a line`);
  return found;
}

async function inBlocks(
  { data, frames, ...grid }: Volume,
  voxels: Uint32Array,
  onProgress: MapImageOptions["onProgress"],
  fit: (block: Float32Array, voxels: number) => readonly ParameterMap[],
): Promise<readonly ParameterMap[]> {
  const all = voxelCount(grid);
  const whole: ParameterMap[] = [];
  for (let from = 0; from < voxels.length; from += blockVoxels) {
    onProgress?.(0.1 + (0.8 * from) / voxels.length, `voxel ${from + 1} of ${voxels.length}`);
    // Lets a second Ctrl-C and the progress line through between blocks.
    await new Promise(setImmediate);
    const own = voxels.subarray(from, from + blockVoxels);
    const block = new Float32Array(frames.length * own.length);
    for (let t = 0; t < frames.length; t++)
      for (let i = 0; i < own.length; i++) block[t * own.length + i] = data[t * all + (own[i] as number)] as number;
    for (const [k, { name, unit, values, standardError }] of fit(block, own.length).entries()) {
      whole[k] ??= {
        name,
        unit,
        values: new Float32Array(voxels.length),
        standardError: new Float32Array(voxels.length),
      };
      whole[k].values.set(values, from);
      whole[k].standardError.set(standardError, from);
    }
  }
  return whole;
}
