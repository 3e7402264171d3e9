/** A result image as DICOM, beside the study that it was made from. */
import { join } from "node:path";
import { apply, DataError, type Metadata, type Volume, type VoxelUnit, voxelUnits } from "@quintet/core";
import {
  cornerPoints,
  type DicomFile,
  dicomSeriesGeometry,
  type IdentityChoice,
  readJson,
  withSidecar,
  writeDicomResult,
  writeSecondaryCapture,
} from "@quintet/io";
import { kindOfPath, readDicomSeriesTags, readFileBounded, readVolume, writeFileAtomic } from "@quintet/io/node";
import { version } from "../version.ts";
import { threeCuts } from "./three-cuts.ts";

export interface ExportDicomOptions {
  /** A DICOM file or folder with the series that the image was made from. */
  readonly source: string;
  /** SeriesInstanceUID where the folder holds several PET series. */
  readonly series?: string;
  readonly description?: string;
  readonly identity?: IdentityChoice;
  /** Unit of the values, where the image does not say. */
  readonly unit?: string;
  /** A picture of three cuts as Secondary Capture too. */
  readonly capture?: boolean;
  /** ISO 8601 without zone; the present by default. */
  readonly madeAt?: string;
}

export interface ExportedDicom {
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Writes `image` as a derived PET series into the folder `out`; every file appears whole or not at all.
 *
 * @throws DataError `unknown-unit`, `elsewhere` (the image does not lie where the source does), `target-not-empty`, and those of
 *   readVolume, readDicomSeriesTags and writeDicomResult
 */
export async function exportDicom(image: string, out: string, options: ExportDicomOptions): Promise<ExportedDicom> {
  if ((await kindOfPath(out)) === "file") {
    throw new DataError("unwritable", "a file lies where a folder is needed", { file: out });
  }
  const volume = await described(image, options.unit);
  const sources = await readDicomSeriesTags(options.source, {
    modality: "PT",
    ...(options.series === undefined ? {} : { series: options.series }),
  });
  mustOverlap(volume, sources, image);
  const { identity = "keep", description = "Quintet result" } = options;
  const about = {
    sources,
    description,
    derivation: `Quintet ${version}: ${description}`,
    identity,
    madeAt: options.madeAt ?? localTime(new Date()),
  };
  const outputs = [...writeDicomResult(volume, about)];
  if (options.capture) outputs.push(writeSecondaryCapture(threeCuts(volume), about));
  const files: string[] = [];
  for (const { name, bytes } of outputs) {
    const path = join(out, name);
    if ((await kindOfPath(path)) !== "missing") {
      throw new DataError("target-not-empty", "a file of this name is there already", { file: path });
    }
    await writeFileAtomic(path, bytes);
    files.push(path);
  }
  const notes = [
    identity === "keep"
      ? "name and number of the patient are the source's"
      : "identity removed: the result cannot be filed with its study in an archive",
    "values are stored as 16-bit integers: right within half of the greatest value / 32767",
  ];
  return { files, notes };
}

/** The image in the unit that its side file or the caller states. */
async function described(path: string, unit: string | undefined): Promise<Volume> {
  if (unit !== undefined && !voxelUnits.includes(unit as VoxelUnit)) {
    throw new DataError("unknown-unit", "unit of the values", { expected: voxelUnits.join(", "), found: unit });
  }
  const volume = await readVolume(path, unit === undefined ? {} : { unit: unit as VoxelUnit });
  const beside = path.replace(/(\.nii)?(\.gz)?$/i, ".json");
  if (unit !== undefined || beside === path || (await kindOfPath(beside)) !== "file") return volume;
  const metadata: Metadata = readJson(new TextDecoder().decode(await readFileBounded(beside)), beside);
  return withSidecar(volume, metadata, beside);
}

/** A result whose middle lies far outside its source's images belongs to another space. */
function mustOverlap(volume: Volume, sources: readonly DicomFile[], file: string): void {
  const corners = cornerPoints(dicomSeriesGeometry(sources));
  const middle = apply(volume.affine, volume.shape.map((n) => (n - 1) / 2) as [number, number, number]);
  for (const axis of [0, 1, 2] as const) {
    const along = corners.map((point) => point[axis]);
    const [low, high] = [Math.min(...along) - 50, Math.max(...along) + 50];
    if (middle[axis] >= low && middle[axis] <= high) continue;
    throw new DataError(
      "elsewhere",
      "the image does not lie where the source series does; bring it back to the scanner's space first",
      {
        file,
        expected: `its middle between ${low.toFixed(0)} and ${high.toFixed(0)} mm along ${"xyz"[axis]}`,
        found: `${middle[axis].toFixed(0)} mm`,
      },
    );
  }
}

function localTime(now: Date): string {
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
