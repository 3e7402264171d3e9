import { correctPartialVolume } from "@quintet/pipeline";
import { positive, required } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { imageAndFolder, listFiles } from "./shared.ts";

export const petPvc: Command = {
  name: "pet pvc",
  usage: "quintet pet pvc PET.nii.gz --labels REGIONS --fwhm MM --out FOLDER",
  summary: "Partial volume correction with regions from anatomy: their values (GTM) and every voxel (RBV)",
  description: `A scanner of 5 mm blurs what lies in thin cortex into its neighbours. With regions from an MR (in the world of the PET
image) and the image's resolution, each region's own activity is found from what all regions give to each other (geometric
transfer matrix); the voxels are then corrected with it (region-based voxelwise). Regions too small to be told apart at that
resolution are refused.
Written: a table of regions (measured, corrected, standard error), the corrected image, and of a dynamic image corrected curves
(*_tacs.tsv) that quintet pet model takes. An image that its JSON says is not corrected for decay is corrected with the radionuclide and times
stated there, or refused. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet pet pvc sub-01_pet.nii.gz --labels sub-01_aparc+aseg_space-pet.nii.gz --fwhm 5.5 --out corrected`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    labels: { type: "string", value: "IMAGE", help: "Regions in the world of the image; all else is background" },
    fwhm: { type: "string", value: "MM", help: "Resolution of the image, full width at half maximum" },
    "regions-only": { type: "boolean", help: "No corrected image" },
    json: { type: "boolean", help: "One JSON object: {frames, unit, condition, regions[], notes[], files[]}" },
  },
  async run(call) {
    const [image, out] = imageAndFolder(call, "pet pvc");
    const fwhm = positive(call, "fwhm");
    if (fwhm === undefined) throw new UsageError("--fwhm is needed: the resolution of the image in mm");
    const result = await correctPartialVolume(image, out, {
      labels: required(call, "labels", "an image of regions"),
      fwhm,
      image: !call.flag("regions-only"),
      onProgress: progressLine(),
    });
    endProgress();
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    const unit = result.unit === "1" ? "" : ` ${result.unit}`;
    console.log(
      `${result.regions.length} regions, ${result.frames} ${result.frames === 1 ? "frame" : "frames"}, condition ${result.condition.toFixed(1)}`,
    );
    for (const { name, measured, corrected, standardError } of result.regions)
      console.log(
        `  ${name}: ${measured.toPrecision(4)} -> ${corrected.toPrecision(4)} ± ${standardError.toPrecision(2)}${unit}`,
      );
    for (const note of result.notes) console.log(`  ! ${note}`);
    listFiles(result.files);
    return 0;
  },
};
