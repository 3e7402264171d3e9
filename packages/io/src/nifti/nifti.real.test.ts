import { readFileSync } from "node:fs";
import { type Volume, voxelCount } from "@quintet/core";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { type NiftiOptions, readNifti, readNiftiLabels } from "./read.ts";

/** Affine (rows 1 to 3), sum of all voxels and the voxel at a third of each extent: nibabel 5.3.2. */
interface Reference {
  readonly file: string;
  readonly shape: readonly number[];
  readonly affine: readonly number[];
  readonly sum: number;
  readonly third: number;
  readonly options?: Partial<NiftiOptions>;
}

const colin = [1, 0, 0, -90, 0, 1, 0, -125, 0, 0, 1, -71];
const spm = [-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72];
const docs4d = [-2, 0, 0, 117.855103, 0, 1.973711, -0.355528, -35.722942, 0, 0.323208, 2.171082, -7.248798];
const tilted = [3, 0, 0, -78, 0, 2.866009, -0.886561, -76, 0, 0.886561, 2.866009, -64];
const moved = [4, 0, 0, -35.297897, 0, 4, 0, -47.977585, 0, 0, 4, -27.599409];
const mni305 = [-2, 0, 0, 74, 0, 0, 2, -109, 0, -2, 0, 85];
const background = { nonFinite: "background" } as const;

// biome-ignore format: one row a file
const references: readonly Reference[] = [
  { file: "mri/nibabel/anatomical.nii", shape: [33, 41, 25, 1], affine: [-2, 0, 0, 32, 0, 2, 0, -40, 0, 0, 2, -16], sum: 284166082, third: 10168 },
  { file: "mri/nibabel/example4d.nii.gz", shape: [128, 96, 24, 2], affine: docs4d, sum: 101985356, third: 474 },
  { file: "mri/nibabel/example_nifti2.nii.gz", shape: [32, 20, 12, 2], affine: docs4d, sum: 6926802, third: 420 },
  { file: "mri/nibabel/functional.nii", shape: [17, 21, 3, 20], affine: [-4, 0, 0, 32, 0, 4, 0, -40, 0, 0, 8, 0], sum: 77913290.36292362, third: 3869.9127984046936 },
  { file: "mri/nibabel/reoriented_anat_moved.nii", shape: [21, 26, 22, 1], affine: moved, sum: 32739769.449157715, third: 10534.6240234375 },
  { file: "mri/nibabel/someones_anatomy.nii.gz", shape: [57, 67, 56, 1], affine: [2.75, 0, 0, -78, 0, 2.75, 0, -91, 0, 0, 2.75, -91], sum: 9834293.113646, third: 51.793121337890625 },
  { file: "mri/nibabel/someones_epi.nii.gz", shape: [53, 61, 33, 1], affine: tilted, sum: 4873536.8466768265, third: 98.49471187591553 },
  { file: "mri/nibabel/standard.nii.gz", shape: [4, 5, 7, 1], affine: [1, 0, 0, 0, 0, 3, 0, 0, 0, 0, 2, 0], sum: 7650, third: 0 },
  { file: "mri/mricron/ch2.nii.gz", shape: [181, 217, 181, 1], affine: colin, sum: 317151210, third: 98 },
  { file: "mri/mricron/aal.nii.gz", shape: [181, 217, 181, 1], affine: colin, sum: 76656511, third: 55 },
  { file: "spm_templates_GPL/PET.nii", shape: [91, 109, 91, 1], affine: spm, sum: 245901.52826785576, third: 0.7921569095924497 },
  { file: "spm_templates_GPL/SPECT.nii", shape: [91, 109, 91, 1], affine: [2, 0, 0, -90, 0, 2, 0, -126, 0, 0, 2, -72], sum: 402133015, third: 1389 },
  { file: "pet/kineticmodel/R1.mni305.2mm.sm6.nii.gz", shape: [76, 76, 93, 1], affine: mni305, sum: 230613.32695222646, third: 0.35658979415893555, options: background },
];

function at(volume: Volume, fraction: number): number {
  const [nx, ny, nz] = volume.shape;
  const [x, y, z, t] = [nx, ny, nz, volume.frames.length].map((n) => Math.floor(n * fraction)) as [
    number,
    number,
    number,
    number,
  ];
  return volume.data[x + nx * (y + ny * (z + nz * t))] as number;
}

for (const { file, shape, affine, sum, third, options } of references) {
  describeRealData(`${file} as nibabel 5.3.2 reads it`, [file], (path) => {
    test("shape, affine, sum and one voxel", () => {
      const volume = readNifti(readFileSync(path), { file, ...options });
      expect([...volume.shape, volume.frames.length]).toEqual(shape);
      expect(volume.affine.subarray(0, 12)).toBeAllclose(affine, { atol: 1e-6 });
      // float32 voxels summed in float64: each is right to 6e-8 of itself.
      expect(volume.data.reduce((total, v) => total + v, 0)).toBeCloseTo(sum, -Math.log10(Math.abs(sum) * 1e-6));
      expect(at(volume, 1 / 3)).toBeCloseTo(third, 2);
    });
  });
}

describeRealData(
  "the Harvard-Oxford atlas of mricron-data",
  ["mri/mricron/HarvardOxford-cort-maxprob-thr0-1mm.nii.gz"],
  (path) => {
    test("sform and qform stand on opposite sides: refused, unless one is chosen", () => {
      const bytes = readFileSync(path);
      expect(() => readNiftiLabels(bytes, { file: "atlas" })).toThrow(/ambiguous-orientation|145\.1 mm apart/);
      const labels = readNiftiLabels(bytes, { file: "atlas", orientation: "sform" });
      expect(labels.affine.subarray(0, 12)).toBeAllclose([-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1, -72], { atol: 1e-6 });
      expect(labels.data.length).toBe(voxelCount(labels));
    });
  },
);

describeRealData("a PET map with NaN outside the head", ["pet/kineticmodel/BP.mni305.2mm.sm6.nii.gz"], (path) => {
  test("is refused with the count of NaN voxels", () => {
    expect(() => readNifti(readFileSync(path), { file: "BP" })).toThrow(/232557 NaN/);
  });
});
