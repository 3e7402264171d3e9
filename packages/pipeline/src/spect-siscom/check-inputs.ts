/** What is given to SISCOM, looked at before anything is computed: a refusal after minutes costs them. */
import { existsSync } from "node:fs";
import { DataError, type Metadata } from "@quintet/core";
import { readVolume } from "@quintet/io/node";
import { checkSiscomOptions } from "@quintet/modalities/spect";
import { readSideFile } from "../pet-quantify/pet-image.ts";
import { refuseDifferentPeople, refuseOtherKind, refuseOtherState } from "./check-pair.ts";
import { type NormalPair, readNormalPairs } from "./normal-pairs.ts";
import { readStatic, refuseSameImage } from "./static-scan.ts";

export interface SiscomImages {
  readonly ictal: string;
  readonly interictal: string;
  readonly t1: string;
}

export interface CheckedInputs {
  readonly metadata: { readonly ictal: Metadata; readonly interictal: Metadata };
  readonly normals: readonly NormalPair[];
}

/**
 * @throws DataError `missing-file`, `bad-threshold`, `different-people`, `state-mismatch`, `wrong-kind`, `zero-counts`, `not-one-image`
 *   (a T1 of several frames), `same-image`, those of readNormalPairs and readVolume
 */
export async function checkInputs(
  files: SiscomImages,
  options: { readonly threshold?: number; readonly smoothing?: number; readonly normals?: string },
): Promise<CheckedInputs> {
  for (const file of Object.values(files))
    if (!existsSync(file)) throw new DataError("missing-file", "there is no such image", { file });
  const { threshold, smoothing } = options;
  checkSiscomOptions({
    ...(threshold === undefined ? {} : { z: threshold }),
    ...(smoothing === undefined ? {} : { smoothingFwhm: smoothing }),
  });
  const metadata = { ictal: await readSideFile(files.ictal), interictal: await readSideFile(files.interictal) };
  refuseDifferentPeople([
    { file: files.ictal, metadata: metadata.ictal },
    { file: files.interictal, metadata: metadata.interictal },
    { file: files.t1 },
  ]);
  refuseOtherState(metadata.ictal, "ictal", files.ictal);
  refuseOtherState(metadata.interictal, "interictal", files.interictal);
  refuseOtherKind(files.ictal, "spect");
  refuseOtherKind(files.interictal, "spect");
  refuseOtherKind(files.t1, "T1w");
  const normals = options.normals === undefined ? [] : await readNormalPairs(options.normals);
  const t1 = await readVolume(files.t1, { space: "subject:T1w", clock: "mri" });
  if (t1.frames.length > 1)
    throw new DataError("not-one-image", "the T1 is one image", {
      file: files.t1,
      expected: "one frame",
      found: `${t1.frames.length}`,
    });
  refuseSameImage([
    { file: files.t1, volume: t1 },
    { file: files.interictal, volume: await readStatic(files.interictal, "scanner:spect", metadata.interictal) },
    { file: files.ictal, volume: await readStatic(files.ictal, "scanner:spect", metadata.ictal) },
  ]);
  return { metadata, normals };
}
