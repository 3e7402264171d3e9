/**
 * The composite study of real recordings: one T1, group-average PET and SPECT, one EEG and one fNIRS run, of different
 * people. It proves that real files run to the end and that registration undoes planted offsets; it can have no finding.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Affine, affineOf, DataError, type Grid, invert, spacing, toWorld, type Volume } from "@quintet/core";
import { readNifti } from "@quintet/io";
import { BidsWriter, readRecording } from "@quintet/io/node";
import { type Random, resample, seededRandom } from "@quintet/kernels";

/** What is planted into each moving image. */
const plantedShift = 20;
const plantedDegrees = 15;

const parts = {
  t1: "mri/mricron/ch2.nii.gz",
  atlas: "mri/mricron/aal.nii.gz",
  template: "mri/mni152_09a",
  pet: "spm_templates_GPL/PET.nii",
  spect: "spm_templates_GPL/SPECT.nii",
  fnirs: "fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.nirs",
  eeg: "eeg/eeglab/eeglab_data.set",
} as const;

const disclaimer =
  "The parts of this study come from different people and from group averages (T1: Colin27; PET and SPECT: group-average templates; EEG and fNIRS: two other people). They show that real files run from start to end; no finding is claimed.";

/** The folder of real recordings: $QUINTET_DATA, else ../shared/data beside the checkout. @throws DataError `missing-file` */
function realDataFolder(): string {
  const stated = process.env.QUINTET_DATA;
  const folder = stated || join(dirname(process.cwd()), "shared", "data");
  const missing = Object.values(parts).find((part) => !existsSync(join(folder, part)));
  if (missing !== undefined) {
    throw new DataError("missing-file", "the real recordings are not there", {
      file: join(folder, missing),
      expected: "set QUINTET_DATA to their folder",
    });
  }
  return folder;
}

export interface RealStudy {
  readonly template: string;
  readonly atlas: string;
}

/** Writes the composite as a BIDS data set; a folder written before with the same seed is replaced. */
export async function writeRealStudy(root: string, { seed }: { readonly seed: number }): Promise<RealStudy> {
  const data = realDataFolder();
  const at = (part: keyof typeof parts): string => join(data, parts[part]);
  await rm(root, { recursive: true, force: true });
  const writer = await BidsWriter.open(root, {
    name: "Composite of real recordings",
    readme: `# Composite of real recordings\n\n${disclaimer}`,
    description: { QuintetNoClaim: disclaimer },
  });
  const subject = "01";
  await writer.writeParticipants([{ label: subject }]);
  const image = async (part: "t1" | "pet" | "spect"): Promise<Volume> =>
    readNifti(new Uint8Array(await readFile(at(part))), { file: at(part), space: `scanner:${part}` });

  await writer.writeVolume({
    subject,
    datatype: "anat",
    suffix: "T1w",
    volume: await image("t1"),
    metadata: { Modality: "MR" },
  });
  const random = seededRandom(seed);
  for (const part of ["pet", "spect"] as const) {
    const moved = displaced(await image(part), plantedOffset(random.fork(part)));
    await writer.writeVolume({
      subject,
      datatype: part,
      suffix: part,
      volume: moved.volume,
      metadata: {
        TracerName: part === "pet" ? "FDG" : "HMPAO",
        ResolutionFWHM: 8,
        QuintetTruePlace: [...moved.truth],
        ...(part === "spect" ? { SpectState: "baseline" } : {}),
      },
    });
  }
  for (const [part, datatype, task] of [
    ["eeg", "eeg", "oddball"],
    ["fnirs", "nirs", "fingertapping"],
  ] as const) {
    const { recording, events, montage } = await readRecording(at(part));
    await writer.writeRecording({
      subject,
      datatype,
      entities: { task },
      recording,
      events,
      pad: true,
      ...(montage ? { montage } : {}),
      metadata: { TaskName: task, PowerLineFrequency: 60 },
    });
  }
  return { template: at("template"), atlas: at("atlas") };
}

/** A rigid map of 15 degrees about a random axis and 20 mm along a random direction. */
export function plantedOffset(random: Random): Affine {
  const direction = (): [number, number, number] => {
    const v = [random.normal(), random.normal(), random.normal()] as const;
    const length = Math.hypot(...v);
    return [v[0] / length, v[1] / length, v[2] / length];
  };
  const [ux, uy, uz] = direction();
  const shift = direction().map((d) => d * plantedShift);
  const angle = (plantedDegrees * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const k = 1 - c;
  return affineOf([
    c + ux * ux * k,
    ux * uy * k - uz * s,
    ux * uz * k + uy * s,
    shift[0] as number,
    uy * ux * k + uz * s,
    c + uy * uy * k,
    uy * uz * k - ux * s,
    shift[1] as number,
    uz * ux * k - uy * s,
    uz * uy * k + ux * s,
    c + uz * uz * k,
    shift[2] as number,
  ]);
}

/**
 * The head moved inside its scanner: J(x) = I(O^-1 x), written into the voxels of a grid 30 mm wider on every side.
 * @returns the image and its true place: from its world to where it was
 */
export function displaced(volume: Volume, offset: Affine): { readonly volume: Volume; readonly truth: Affine } {
  const pad = spacing(volume).map((mm) => Math.ceil(30 / mm));
  const shape = volume.shape.map((n, axis) => n + 2 * (pad[axis] as number)) as unknown as Grid["shape"];
  const affine = volume.affine.slice();
  const corner = toWorld(volume, pad.map((n) => -n) as unknown as [number, number, number]);
  for (let axis = 0; axis < 3; axis++) affine[axis * 4 + 3] = corner[axis] as number;
  const truth = invert(offset);
  const grid: Grid = { shape, affine, space: volume.space };
  return { volume: resample(volume, grid, truth, { interpolation: "cubic" }), truth };
}
