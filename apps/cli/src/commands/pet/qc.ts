import { checkPhantom } from "@quintet/pipeline";
import type { Command } from "../../command.ts";
import { figureOf } from "../../finding-line.ts";
import { imageAndFolder, listFiles } from "./shared.ts";

export const petQc: Command = {
  name: "pet qc",
  usage: "quintet pet qc PHANTOM.nii.gz --out FOLDER [--phantom PHANTOM.json] [--counts COUNTS.tsv]",
  summary: "A phantom's scan: uniformity, recovery of spheres, dose calibrator against scanner, count rates",
  description: `PHANTOM.nii.gz is the image of a uniform cylinder along the scanner's axis: it is found, tiled with squares of 10 mm,
and its coefficient of variation, non-uniformity, slices, cupping and noise are told, each with a verdict.
--phantom names a JSON with what is known of the phantom; times count in seconds on the clock of the JSON beside the image:
  {"calibration": {"radionuclide": "F18", "activity_MBq": 70, "activity_time_s": -3600, "residual_MBq": 1.2,
    "residual_time_s": -3300, "volume_mL": 6283, "activity_error_percent": 2, "volume_error_percent": 0.5},
   "spheres": [{"x_mm": 57, "y_mm": 0, "z_mm": 0, "diameter_mm": 37, "ratio": 4}], "radius_mm": 100}
With spheres the image is that of a contrast phantom; recovery is measured against circles in its background, placed inside
radius_mm or where "background": [{"x_mm", "y_mm", "z_mm"}] says. Of an image in Bq/mL, corrected for decay, it is told by how much dose
calibrator and scanner differ. Of an image that quintet pet recon made without --calibration (counts per mm of line), it is told
which factor --calibration takes from then on, for scans of the same scanner with the same kind of --norm.
--counts names a table with duration_s, prompts, randoms, scatter and, where it is known, activity_MBq: a row a measurement.
Written: a JSON with everything, a page (HTML) that shows it, and a table of the cylinder's slices. Exit code: 0 done (whatever the verdicts), 1 refused, 2
wrong usage.

Example: quintet pet recon cylinder.petsird --norm file --mumap mumap.nii.gz --randoms delayeds --scatter estimate --out cylinder.nii.gz
         quintet pet qc cylinder.nii.gz --phantom filling.json --out qc
Example: quintet pet qc cylinder_pet.nii.gz --phantom filling.json --counts decay.tsv --out qc`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    phantom: { type: "string", value: "FILE", help: "JSON: the dose calibrator's readings, spheres" },
    counts: { type: "string", value: "FILE", help: "Table of counts: rates, fractions, noise-equivalent rate" },
    "noisy-randoms": {
      type: "boolean",
      help: "Randoms are the delayed counts themselves: they count twice in the noise-equivalent rate",
    },
    json: {
      type: "boolean",
      help: "One JSON object: {uniformity?, recovery?, calibration?, scanner?, counts?, findings[], files[]}",
    },
  },
  async run(call) {
    const [image, out] = imageAndFolder(call, "pet qc");
    const [phantom, counts] = [call.text("phantom"), call.text("counts")];
    const result = await checkPhantom(image, out, {
      ...(phantom === undefined ? {} : { phantom }),
      ...(counts === undefined ? {} : { counts }),
      noisyRandoms: call.flag("noisy-randoms"),
    });
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    for (const { name, value, unit, verdict, note } of result.findings) {
      console.log(`  ${verdict.padEnd(4)} ${name}: ${figureOf(value, unit)} (${note})`);
    }
    listFiles(result.files);
    return 0;
  },
};
