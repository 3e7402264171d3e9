/** Centiloid of an amyloid scan in the standard regions. */
import { DataError, frameData, type Mask, type Volume, voxelVolume } from "@quintet/core";
import { effectiveSamples } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type AmyloidTracer,
  type Centiloid,
  centiloid,
  centiloidEquations,
  meanOverWindow,
} from "@quintet/modalities/pet";
import { windowOf } from "./measure-uptake.ts";
import { inFile, maskOn, ResultFiles, readPetImage, sourcesOf } from "./pet-image.ts";

export interface MeasureCentiloidOptions {
  readonly tracer: AmyloidTracer;
  /** The standard cortical target and the whole cerebellum, in the world of the image. */
  readonly target: string;
  readonly cerebellum: string;
  /** Minutes after the injection; the tracer's own without it. */
  readonly window?: readonly [number, number];
  /** FWHM of the image in mm: for the standard error. */
  readonly resolution?: number;
}

export interface MeasuredCentiloid extends Centiloid {
  readonly tracer: AmyloidTracer;
  readonly suvr: number;
  readonly suvrError?: number;
  readonly window: readonly [number, number];
  readonly voxels: { readonly target: number; readonly cerebellum: number };
  readonly files: readonly string[];
}

/**
 * SUVR of the cortical target over the whole cerebellum in the tracer's window, and its Centiloid.
 *
 * @throws DataError `empty-region`, `not-positive`, and those of readers, meanOverWindow and centiloid
 */
export async function measureCentiloid(
  path: string,
  out: string,
  { tracer, target, cerebellum, window, resolution }: MeasureCentiloidOptions,
): Promise<MeasuredCentiloid> {
  await loadKernels();
  const { volume, metadata } = await readPetImage(path);
  const minutes = window ?? centiloidEquations[tracer].window;
  const span = windowOf(minutes, metadata.InjectionStart, path);
  const mean = inFile(path, () => meanOverWindow(volume, span));
  const [cortex, reference] = [await maskOn(mean, target), await maskOn(mean, cerebellum)];
  const overlap = cortex.data.reduce((n, inside, i) => n + (inside && reference.data[i] ? 1 : 0), 0);
  if (overlap > 0) {
    throw new DataError("not-comparable", "target and cerebellum are two regions", {
      file: target,
      expected: "no voxel in both",
      found: `${overlap} voxels`,
    });
  }
  const [top, bottom] = [
    inFile(target, () => inside(mean, cortex, resolution)),
    inFile(cerebellum, () => inside(mean, reference, resolution)),
  ];
  if (!(bottom.mean > 0)) {
    throw new DataError("not-positive", "the cerebellum's uptake", {
      file: cerebellum,
      expected: "> 0",
      found: `${bottom.mean}`,
    });
  }
  const suvr = top.mean / bottom.mean;
  const relative = Math.hypot(top.error / top.mean, bottom.error / bottom.mean);
  const error = Number.isFinite(relative) ? Math.abs(suvr) * relative : undefined;
  const found = centiloid({
    suvr,
    ...(error === undefined ? {} : { standardError: error }),
    tracer,
    reference: "whole cerebellum",
    window: minutes,
  });
  const files = new ResultFiles(out, path);
  const result = {
    ...found,
    tracer,
    suvr,
    ...(error === undefined ? {} : { suvrError: error }),
    window: minutes,
    voxels: { target: top.n, cerebellum: bottom.n },
  };
  await files.json("desc-centiloid_measures", { ...result, Sources: await sourcesOf([path, target, cerebellum]) });
  return { ...result, files: files.written };
}

/** Mean and its standard error; NaN without a resolution. */
function inside(image: Volume, mask: Mask, fwhm: number | undefined): { mean: number; error: number; n: number } {
  const data = frameData(image, 0);
  let [sum, squares, n] = [0, 0, 0];
  for (let v = 0; v < data.length; v++) {
    if (mask.data[v] === 0) continue;
    const value = data[v] as number;
    sum += value;
    squares += value * value;
    n++;
  }
  if (n === 0) throw new DataError("empty-region", "no voxel of the region lies in the image");
  const mean = sum / n;
  const variance = Math.max(0, squares / n - mean * mean);
  const error = fwhm === undefined ? Number.NaN : Math.sqrt(variance / effectiveSamples(n, voxelVolume(image), fwhm));
  return { mean, error, n };
}
