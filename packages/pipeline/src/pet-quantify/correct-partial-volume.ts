/** Partial volume correction of a PET image with regions: the regions' own values, and every voxel. */
import { DataError, frameData, type Tacs, type Volume, voxelCount, voxelVolume } from "@quintet/core";
import { writeTacsTsv, writeTsv } from "@quintet/io";
import { type CorrectedRegion, regionBasedVoxelwise, regionSpill, transferMatrix } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { carriedFields, labelsOn, ResultFiles, readPetImage, sourcesOf } from "./pet-image.ts";

export interface CorrectPartialVolumeOptions {
  readonly labels: string;
  /** Of the image's point spread, mm. */
  readonly fwhm: number;
  /** Whether the corrected image is written too (region-based voxelwise correction); default true. */
  readonly image?: boolean;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface CorrectedPartialVolume {
  readonly frames: number;
  readonly unit: string;
  readonly condition: number;
  /** Of the only frame; of several the mean over their durations. */
  readonly regions: readonly CorrectedRegion[];
  /** What was done to the image on the way in. */
  readonly notes: readonly string[];
  readonly files: readonly string[];
}

/**
 * Geometric transfer matrix for every frame, and the image corrected voxel by voxel with it.
 *
 * @throws DataError those of readers, transferMatrix and regionBasedVoxelwise
 */
export async function correctPartialVolume(
  path: string,
  out: string,
  { labels: atlas, fwhm, image = true, onProgress }: CorrectPartialVolumeOptions,
): Promise<CorrectedPartialVolume> {
  await loadKernels();
  const { volume, metadata, note } = await readPetImage(path);
  const carried = carriedFields(metadata);
  const labels = await labelsOn(volume, atlas);
  const n = voxelCount(volume);
  const found: (readonly CorrectedRegion[])[] = [];
  const corrected = new Float32Array(image ? volume.data.length : 0);
  const spill = regionSpill(labels, fwhm);
  const { condition } = spill;
  for (const [t, frame] of volume.frames.entries()) {
    onProgress?.(t / volume.frames.length, `frame ${t + 1} of ${volume.frames.length}`);
    const one: Volume = { ...volume, frames: [frame], data: frameData(volume, t) };
    found.push(transferMatrix(one, labels, spill).regions);
    if (image) corrected.set(regionBasedVoxelwise(one, labels, spill).data, t * n);
  }
  const regions = overFrames(found, volume);
  const notes = note === undefined ? [] : [note];
  const files = new ResultFiles(out, path);
  const about = { PartialVolumeCorrection: "geometric transfer matrix", PointSpread_mm: fwhm, condition };
  const sources = await sourcesOf([path, atlas]);
  if (image) {
    await files.image(
      "desc-pvc_pet",
      { ...volume, data: corrected },
      {
        ...carried,
        ...about,
        PartialVolumeCorrection: "region-based voxelwise",
        Sources: sources as never,
      },
    );
  }
  const columns = ["region", "label", "measured", "corrected", "standard_error", "voxels", "volume_mL"];
  const rows = regions.map((r) => [
    r.name,
    r.label,
    r.measured,
    r.corrected,
    r.standardError,
    r.voxels,
    r.voxels * voxelVolume(volume),
  ]);
  await files.text("desc-gtm_regions.tsv", writeTsv(columns, rows));
  await files.json("desc-gtm_regions", { ...about, unit: volume.unit, Sources: sources });
  if (volume.frames.length > 1) {
    const { tsv, metadata: times } = writeTacsTsv(curvesOf(found, volume));
    await files.text("desc-gtm_tacs.tsv", tsv);
    await files.json("desc-gtm_tacs", { ...times, ...carried, ...about });
  }
  return { frames: volume.frames.length, unit: volume.unit, condition, regions, notes, files: files.written };
}

/** Means over the frames' durations; errors as of frames whose noise is independent. */
function overFrames(found: readonly (readonly CorrectedRegion[])[], { frames }: Volume): readonly CorrectedRegion[] {
  const [first] = found;
  if (!first) throw new DataError("no-frames", "an image has at least one frame");
  const weights = frames.map(({ duration }) => (frames.length === 1 ? 1 : duration));
  const total = weights.reduce((sum, w) => sum + w, 0);
  if (!(total > 0)) throw new DataError("unknown-duration", "frames without a duration cannot be averaged");
  return first.map((region, i) => {
    const mean = (of: (r: CorrectedRegion) => number): number =>
      found.reduce((sum, rows, t) => sum + ((weights[t] as number) / total) * of(rows[i] as CorrectedRegion), 0);
    const variance = found.reduce(
      (sum, rows, t) => sum + (((weights[t] as number) / total) * (rows[i] as CorrectedRegion).standardError) ** 2,
      0,
    );
    return {
      ...region,
      measured: mean((r) => r.measured),
      corrected: mean((r) => r.corrected),
      standardError: Math.sqrt(variance),
    };
  });
}

function curvesOf(found: readonly (readonly CorrectedRegion[])[], volume: Volume): Tacs {
  const [first = []] = found;
  return {
    clock: volume.clock,
    unit: volume.unit,
    frames: volume.frames,
    regions: first.flatMap(({ label, name, voxels }, i) =>
      label === 0
        ? []
        : [
            {
              name,
              values: Float64Array.from(found, (rows) => rows[i]?.corrected ?? Number.NaN),
              volume: voxels * voxelVolume(volume),
            },
          ],
    ),
  };
}
