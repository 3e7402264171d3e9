import { type MapImageOptions, type MappedImage, mapImage, voxelModelNames } from "@quintet/pipeline";
import { oneOf } from "../../arguments.ts";
import { type Call, type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { bloodOption, fitOptions, given, inputOptions, kineticChoices, namesOf } from "./kinetic-options.ts";
import { listFiles } from "./shared.ts";

export const petMap: Command = {
  name: "pet map",
  usage:
    "quintet pet map PET.nii.gz --model NAME (--labels REGIONS --reference-region NAME | --input BLOOD) --out FOLDER",
  summary: "Kinetic parameters of every voxel of a dynamic image: parametric maps, each with its standard error",
  description: `PET.nii.gz is a dynamic image (8 frames or more, from the injection on) with PET.json beside it, as BIDS has it (Units,
FrameTimesStart, FrameDuration, InjectionStart, ImageDecayCorrected ...). Written are, for each parameter of the model, an image,
an image of its standard error, and a JSON beside each with model, unit, choices made and files used. A voxel whose data justify no
number is NaN in the maps; how many there are is said. quintet pet model fits the same models to whole regions, with far less noise.

With a reference region (no blood needed): srtm, srtm2, mrtm2, reference-logan. The region is taken from --labels, an image of
regions in the world of the PET, or from --reference, a table of curves of the same scan (*_tacs.tsv, .tac, .dft).
With blood (--input): logan, ma1, patlak.
New to it? A receptor tracer with a region without receptors: srtm, or the calmer mrtm2. FDG with blood: patlak. Else with blood: logan.
t* is one for all voxels: as given, or where the mean of all voxels becomes straight. The share of blood in a voxel is not taken out.
An image whose JSON says that it is not corrected for decay is corrected with the radionuclide stated (or --radionuclide), or refused.
Units: rates 1/min, Ki mL/cm3/min, VT mL/cm3. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet pet map sub-01_pet.nii.gz --model srtm --labels atlas.nii.gz --reference-region /cerebellum/ --mask brain.nii.gz --out maps
Example: quintet pet map sub-01_pet.nii.gz --model logan --input sub-01_recording-manual_blood.tsv --t-star 30 --out maps`,
  options: {
    model: { type: "string", value: "NAME", help: voxelModelNames.join(", ") },
    labels: { type: "string", value: "IMAGE", help: "Regions in the world of the image, with their names beside them" },
    reference: {
      type: "string",
      value: "TACS",
      help: "Or a table of curves with the reference region, in the image's frames",
    },
    "reference-region": {
      type: "string",
      multiple: true,
      value: "REGION",
      help: "Reference region of either; several (or /part/ of names) are taken together",
    },
    ...bloodOption,
    mask: { type: "string", value: "IMAGE", help: "Voxels to model (default every voxel whose mean is above 0)" },
    ...fitOptions,
    ...inputOptions,
    out: { type: "string", value: "FOLDER", help: "Where the maps go" },
    json: {
      type: "boolean",
      help: "One JSON object: {model, reference, k2prime, start, choices[], voxels, maps[], findings[], files[], seconds}",
    },
  },
  async run(call) {
    const [image, ...more] = call.positionals;
    const [out, model] = [call.text("out"), oneOf("model", call.text("model"), voxelModelNames)];
    if (image === undefined || more.length > 0 || out === undefined || model === undefined)
      throw new UsageError(
        "pet map takes one dynamic image, --model and --out: quintet pet map PET.nii.gz --model srtm --labels REGIONS --reference-region NAME --out FOLDER",
      );
    const result = await mapImage(image, out, { model, ...optionsOf(call), onProgress: progressLine() });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function optionsOf(call: Call): Omit<MapImageOptions, "model"> {
  return {
    ...kineticChoices(call),
    ...given("labels", call.text("labels")),
    ...given("reference", call.text("reference")),
    ...given("referenceRegion", namesOf(call, "reference-region")),
    ...given("mask", call.text("mask")),
  };
}

function tell({ choices, maps, findings, files, voxels, seconds }: MappedImage): void {
  for (const choice of choices) console.log(choice);
  console.log(`\n${voxels} voxels in ${seconds} s; medians of the voxels with a value, and of their standard errors:`);
  for (const { parameter, unit, median, medianError } of maps) {
    const value = median === undefined ? "–" : `${median.toPrecision(4)} ± ${medianError?.toPrecision(2)}`;
    console.log(`  ${parameter}: ${value}${unit === "1" ? "" : ` ${unit}`}`);
  }
  for (const { name, value, verdict, note } of findings)
    console.log(`${verdict === "ok" ? " " : "!"} ${name}: ${value} (${note})`);
  listFiles(files);
}
