import { scoreAgainstNormals } from "@quintet/pipeline";
import { oneOf, positive, required } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { imageAndFolder, listFiles } from "./shared.ts";

export const petZscore: Command = {
  name: "pet zscore",
  usage: "quintet pet zscore PET.nii.gz --normals FOLDER --age YEARS --sex F|M --fwhm MM --out FOLDER",
  summary: "One person against a folder of normals: a z map, its clusters, and the brain's surface from eight sides",
  description: `FOLDER holds an image of each normal, all in one template and of one kind (SUVR, or anything with --reference), brain.nii.gz
(which voxels are brain) and participants.tsv: participant_id, age, sex and, where they differ, fwhm_mm. PET.nii.gz is in the same
template. All images are smoothed to the coarsest one's resolution; age and sex are part of the model; z has the error of the
normals' own line in it. Ten normals at least; people more than 5 years outside their ages are refused.
Written: the z map, clusters with chances corrected for the search of the whole brain, peaks below the surface and their z
(3D-SSP's way: largest value along the inward normal) as GIFTI and as one page to look at, and a JSON. Exit code: 0 done, 1
refused, 2 wrong usage.

Example: quintet pet zscore sub-07_space-MNI_desc-SUVR_pet.nii.gz --normals normals --age 64 --sex F --fwhm 6 --out against
Example: quintet pet zscore sub-07_space-MNI_pet.nii.gz --normals normals --age 64 --sex F --fwhm 6 --reference pons.nii.gz --out against`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    normals: { type: "string", value: "FOLDER", help: "Images of normals with participants.tsv" },
    age: { type: "string", value: "YEARS", help: "Of this person" },
    sex: { type: "string", value: "F|M", help: "Of this person" },
    fwhm: { type: "string", value: "MM", help: "Resolution of this image, full width at half maximum" },
    "normals-fwhm": { type: "string", value: "MM", help: "Of the normals, where participants.tsv has no fwhm_mm" },
    brain: {
      type: "string",
      value: "MASK",
      help: "Voxels of the brain (default brain.nii.gz in the folder of normals)",
    },
    reference: { type: "string", value: "MASK", help: "Each image is divided by its mean here first" },
    threshold: { type: "string", value: "Z", help: "Size of z that clusters exceed (default 3)" },
    surface: {
      type: "string",
      multiple: true,
      value: "FILE",
      help: "Surfaces in the template, GIFTI or FreeSurfer (default: the brain mask's outline)",
    },
    depth: { type: "string", value: "MM", help: "How far below the surface is looked (default 13.5)" },
    json: { type: "boolean", help: "One JSON object: {normals, ages, fwhm, mean, sd, clusters[], surface, files[]}" },
  },
  async run(call) {
    const [image, out] = imageAndFolder(call, "pet zscore");
    const [age, fwhm] = [positive(call, "age"), positive(call, "fwhm")];
    if (age === undefined) throw new UsageError("--age is needed: years of this person");
    if (fwhm === undefined) throw new UsageError("--fwhm is needed: the resolution of the image in mm");
    const optional = {
      normalsFwhm: positive(call, "normals-fwhm"),
      threshold: positive(call, "threshold"),
      depth: positive(call, "depth"),
      brain: call.text("brain"),
      reference: call.text("reference"),
    };
    const surfaces = call.texts("surface");
    const result = await scoreAgainstNormals(image, out, {
      normals: required(call, "normals", "a folder of normals"),
      age,
      sex: oneOf("sex", required(call, "sex", "F or M"), ["F", "M"]),
      fwhm,
      ...(surfaces.length > 0 ? { surfaces } : {}),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      onProgress: progressLine(),
    });
    endProgress();
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    console.log(
      `${result.normals} normals of ${result.ages.join(" to ")} years at ${result.fwhm.toFixed(1)} mm; z ${result.mean.toFixed(2)} ± ${result.sd.toFixed(2)} over the brain`,
    );
    for (const { peak, volume, peakPosition, p } of result.clusters.slice(0, 8))
      console.log(
        `  z ${peak.toFixed(1)}, ${volume.toFixed(1)} mL at ${peakPosition.map((mm) => mm.toFixed(0)).join(", ")} mm, p ${p < 0.001 ? "< 0.001" : p.toFixed(3)}`,
      );
    if (result.clusters.length === 0) console.log(`  no cluster beyond |z| = ${result.threshold}`);
    console.log(`  surface: z from ${result.surface.lowest.toFixed(1)} to ${result.surface.highest.toFixed(1)}`);
    listFiles(result.files);
    return 0;
  },
};
