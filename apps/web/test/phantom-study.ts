/**
 * A person of 4-mm voxels with one bright block in the RIGHT hemisphere, a PET scan of three frames whose values are linear
 * in space and differ in time, a derivative map and regions: small enough for a test, lopsided enough to catch a flip.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Point, Recording, Volume } from "@quintet/core";
import { apply } from "@quintet/core";
import { writeEdf, writeGiftiSurface, writeNifti } from "@quintet/io";

const [nx, ny, nz] = [44, 52, 44];
/** Stored with x falling: a reader that ignores the affine shows the block on the wrong side. */
const affine = Float64Array.of(-4, 0, 0, 86, 0, 4, 0, -104, 0, 0, 4, -86, 0, 0, 0, 1);
export const block: Point = [44, 20, 8];

function volumeOf(unit: Volume["unit"], value: (p: Point, frame: number) => number, frames = 1): Volume {
  const data = new Float32Array(nx * ny * nz * frames);
  for (let t = 0, i = 0; t < frames; t++)
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) data[i++] = value(apply(affine, [x, y, z]), t);
  const list = Array.from({ length: frames }, (_, k) => ({ start: k, duration: 1 }));
  return { unit, shape: [nx, ny, nz], affine, space: "scanner", frames: list, clock: "image", data };
}

const inHead = ([x, y, z]: Point): boolean => (x / 70) ** 2 + (y / 88) ** 2 + (z / 76) ** 2 < 1;
const inBlock = (p: Point): boolean => p.every((v, k) => Math.abs(v - (block[k] as number)) <= 10);

export const t1: Volume = volumeOf("{arbitrary}", (p) => (inBlock(p) ? 1000 : inHead(p) ? 300 : 0));
/** Bq/mL; the true frames are those of the side file: 0-60, 60-180, 180-480 s. */
export const pet: Volume = volumeOf(
  "Bq/mL",
  (p, t) => (inHead(p) ? (t + 1) * (4000 + 10 * p[0] + 5 * p[1] - 3 * p[2]) : 0),
  3,
);
export const suvr: Volume = {
  ...volumeOf("1", (p) => (inHead(p) ? 1 + p[0] / 200 + p[2] / 400 : 0)),
  space: "subject:T1w",
};

/** Of light from one pair of optodes: a blob under C3's place, as a map of sensitivity is stored. */
export const sensitivity: Volume = {
  ...volumeOf("1", ([x, y, z]) => 0.8 * Math.exp(-((x + 40) ** 2 + y ** 2 + (z - 40) ** 2) / 800)),
  space: "subject:T1w",
};

/** Stand for the two cortices: octahedra below the cuts that the other tests look at, the left one twice as large. */
export const markers = {
  left: { centre: [-50, 30, -50] as Point, radius: 12 },
  right: { centre: [50, 30, -50] as Point, radius: 6 },
} as const;

function octahedron({ centre, radius }: { readonly centre: Point; readonly radius: number }): Uint8Array {
  const tips = [0, 1, 2].flatMap((k) => [1, -1].map((s) => centre.map((c, i) => c + (i === k ? s * radius : 0))));
  // Tips: +x -x +y -y +z -z; each face takes one of each pair, turned so that it looks outwards.
  const faces = [0, 1].flatMap((x) =>
    [2, 3].flatMap((y) => [4, 5].flatMap((z) => ((x + y + z) % 2 === 0 ? [x, y, z] : [y, x, z]))),
  );
  return writeGiftiSurface({
    vertices: Float32Array.from(tips.flat()),
    faces: Uint32Array.from(faces),
    space: "subject:T1w",
  });
}

const eeg: Recording = {
  clock: "recording",
  startedAt: "2025-01-01T10:00:00",
  groups: [
    {
      rate: 100,
      channels: ["C3", "C4", "Cz"].map((name) => ({ name, kind: "eeg" as const, unit: "V" as const, sensors: [name] })),
      segments: [
        {
          start: 0,
          data: Float64Array.from(
            { length: 6000 },
            (_, i) => 20e-6 * Math.sin(2 * Math.PI * ((i % 2000) / 100) * (4 + Math.floor(i / 2000))),
          ),
        },
      ],
    },
  ],
};

/** Writes `study` and `study/derivatives`. PET begins an hour after the EEG. */
export async function writePhantomStudy(root: string): Promise<void> {
  const text = (value: unknown): string => JSON.stringify(value);
  const files: Record<string, string | Uint8Array> = {
    "dataset_description.json": text({ Name: "Block phantom", BIDSVersion: "1.10.0", DatasetType: "raw" }),
    "participants.tsv": "participant_id\tage\tweight\nsub-01\t40\t80\n",
    "sub-01/sub-01_scans.tsv":
      "filename\tacq_time\npet/sub-01_trc-FDG_pet.nii.gz\t2025-01-01T11:00:00\neeg/sub-01_task-rest_eeg.edf\t2025-01-01T10:00:00\n",
    "sub-01/anat/sub-01_T1w.nii.gz": writeNifti(t1, { gzip: true }),
    "sub-01/pet/sub-01_trc-FDG_pet.nii.gz": writeNifti(pet, { gzip: true }),
    "sub-01/pet/sub-01_trc-FDG_pet.json": text({
      Units: "Bq/mL",
      TracerName: "FDG",
      FrameTimesStart: [0, 60, 180],
      FrameDuration: [60, 120, 300],
      TracerRadionuclide: "F18",
      InjectedRadioactivity: 200,
      InjectedRadioactivityUnits: "MBq",
      InjectionStart: 0,
      ImageDecayCorrected: true,
      ImageDecayCorrectionTime: 0,
    }),
    "sub-01/eeg/sub-01_task-rest_eeg.edf": writeEdf(eeg),
    "sub-01/eeg/sub-01_task-rest_eeg.json": text({ TaskName: "rest", SamplingFrequency: 100 }),
    "sub-01/eeg/sub-01_task-rest_events.tsv": "onset\tduration\ttrial_type\n2\t0\tblink\n5\t1.5\tspike\n",
    "derivatives/dataset_description.json": text({
      Name: "Block phantom: Quintet derivatives",
      BIDSVersion: "1.10.0",
      DatasetType: "derivative",
    }),
    // As a run leaves it: the page then opens in two parts, images first.
    "derivatives/sub-01/sub-01_scene.json": text({
      format: "quintet-scene",
      version: 1,
      layers: [],
      surfaces: [],
      sensors: [],
      tracks: [],
      qc: [],
      images: {},
      rawRanges: {},
      badChannels: {},
      pairs: {},
      registered: {},
      plots: {},
    }),
    "derivatives/sub-01/anat/sub-01_desc-preproc_T1w.nii.gz": writeNifti(
      { ...t1, space: "subject:T1w" },
      { gzip: true },
    ),
    "derivatives/sub-01/pet/sub-01_space-T1w_desc-SUVR_pet.nii.gz": writeNifti(suvr, { gzip: true }),
    "derivatives/sub-01/anat/sub-01_hemi-L_midthickness.surf.gii": octahedron(markers.left),
    "derivatives/sub-01/anat/sub-01_hemi-R_midthickness.surf.gii": octahedron(markers.right),
    "derivatives/sub-01/nirs/sub-01_desc-sensitivity_nirs.nii.gz": writeNifti(sensitivity, { gzip: true }),
    "derivatives/sub-01/eeg/sub-01_desc-spike_dipoles.tsv": "name\tx\ty\tz\tqx\tqy\tqz\nspike\t-30\t0\t8\t0\t20\t0\n",
    "derivatives/sub-01/report.html": "<!doctype html><title>Report</title><h1>What was found</h1>",
    "derivatives/sub-01/pet/sub-01_space-T1w_desc-SUVR_pet.json": text({ Units: "unitless" }),
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}
