/** A BIDS study of a few hundred voxels and a few seconds, and what a run would have left of it. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Recording, Volume } from "@quintet/core";
import { writeEdf, writeNifti } from "@quintet/io";

export const tinyT1: Volume = {
  unit: "{arbitrary}",
  shape: [4, 5, 6],
  affine: Float64Array.of(2, 0, 0, -3, 0, 2, 0, -4, 0, 0, 2, -5, 0, 0, 0, 1),
  space: "scanner",
  frames: [{ start: 0, duration: 0 }],
  clock: "image",
  data: Float32Array.from({ length: 120 }, (_, i) => i),
};

/** Three frames; voxel i of frame t holds 1000 (t + 1) + i, in Bq/mL. */
export const tinyPet: Volume = {
  ...tinyT1,
  unit: "Bq/mL",
  frames: [0, 60, 180].map((start, k) => ({ start, duration: [60, 120, 300][k] as number })),
  data: Float32Array.from({ length: 360 }, (_, i) => 1000 * (Math.floor(i / 120) + 1) + (i % 120)),
};

/** Two channels of 20 s at 100 Hz: 10 uV at 10 Hz, and a ramp from 0 to 100 uV. */
export const tinyEeg: Recording = {
  clock: "recording",
  startedAt: "2025-01-01T10:00:00",
  groups: [
    {
      rate: 100,
      channels: [
        { name: "C3", kind: "eeg", unit: "V", sensors: ["C3"] },
        { name: "C4", kind: "eeg", unit: "V", sensors: ["C4"] },
      ],
      segments: [
        {
          start: 0,
          data: Float64Array.from({ length: 4000 }, (_, i) =>
            i < 2000 ? 10e-6 * Math.sin((2 * Math.PI * 10 * i) / 100) : (100e-6 * (i - 2000)) / 2000,
          ),
        },
      ],
    },
  ],
};

const text = (value: unknown): string => JSON.stringify(value);

/** @returns paths of what was written, relative */
export async function writeTinyStudy(root: string, parts: readonly ("t1" | "pet" | "eeg")[]): Promise<void> {
  const files: Record<string, string | Uint8Array> = {
    "dataset_description.json": text({ Name: "Tiny", BIDSVersion: "1.10.0", DatasetType: "raw" }),
    "participants.tsv": "participant_id\tage\nsub-01\t40\n",
    "sub-01/sub-01_scans.tsv": [
      "filename\tacq_time",
      ...(parts.includes("pet") ? ["pet/sub-01_trc-FDG_pet.nii.gz\t2025-01-01T11:00:00"] : []),
      ...(parts.includes("eeg") ? ["eeg/sub-01_task-rest_eeg.edf\t2025-01-01T10:00:00"] : []),
      "",
    ].join("\n"),
  };
  if (parts.includes("t1")) files["sub-01/anat/sub-01_T1w.nii.gz"] = writeNifti(tinyT1, { gzip: true });
  if (parts.includes("pet")) {
    files["sub-01/pet/sub-01_trc-FDG_pet.nii.gz"] = writeNifti({ ...tinyPet, frames: evenly(tinyPet) }, { gzip: true });
    files["sub-01/pet/sub-01_trc-FDG_pet.json"] = text({
      Units: "Bq/mL",
      TracerName: "FDG",
      FrameTimesStart: tinyPet.frames.map(({ start }) => start),
      FrameDuration: tinyPet.frames.map(({ duration }) => duration),
    });
  }
  if (parts.includes("eeg")) {
    files["sub-01/eeg/sub-01_task-rest_eeg.edf"] = writeEdf(tinyEeg);
    files["sub-01/eeg/sub-01_task-rest_eeg.json"] = text({ TaskName: "rest", SamplingFrequency: 100 });
    files["sub-01/eeg/sub-01_task-rest_events.tsv"] = "onset\tduration\ttrial_type\n2\t0\tblink\n5\t1.5\tspike\n";
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

/** NIfTI holds frames of equal length alone; the side file tells the true ones. */
const evenly = ({ frames }: Volume): Volume["frames"] => frames.map((_, k) => ({ start: k, duration: 1 }));
