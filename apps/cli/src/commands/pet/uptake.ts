import { measureUptake, uptakeMeasures } from "@quintet/pipeline";
import { oneOf, positive } from "../../arguments.ts";
import type { Command } from "../../command.ts";
import { imageAndFolder, listFiles, minutes } from "./shared.ts";

export const petUptake: Command = {
  name: "pet uptake",
  also: ["suv", "sul", "suvr", "suvbw"],
  usage: "quintet pet uptake PET.nii.gz --out FOLDER [--measure suv|sul|suvr]",
  summary: "SUV, SUV by lean body mass, or SUVR: the image, and its regions",
  description: `PET.nii.gz is an image of activity with PET.json beside it, as BIDS has it (Units, FrameTimesStart, FrameDuration,
TracerRadionuclide, InjectedRadioactivity, InjectionStart, ImageDecayCorrected ...); quintet import writes both.
suv needs the body weight: weight (kg) of the person in the study's participants.tsv, PatientWeight in the JSON, or --weight; sul
also height and sex. Two that differ (weights by more than 0.5 kg) are refused, and both places named. Frames that are not corrected
for decay (ImageDecayCorrected false) are, each to the injection, by the nuclide's half-life; an image in g/mL by body weight (SUVType
BW or none) is SUV already. suvr needs a reference region: a mask, or names of regions. Nothing is guessed: what is missing, or
disagrees, is refused with its name and the line to add.
Written: the image (g/mL or ratio), its JSON, and with --labels a table of regional means with standard errors and left against
right. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet pet uptake STUDY/sub-01/pet/sub-01_pet.nii.gz --out uptake
Example: quintet pet uptake sub-01_pet.nii.gz --measure suv --weight 72 --out uptake
Example: quintet pet uptake sub-01_pet.nii.gz --measure suvr --labels atlas.nii.gz --reference-region /cerebellum/ --window 50-70 --out uptake`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    measure: {
      type: "string",
      value: "NAME",
      help: `${uptakeMeasures.join(", ")} (default suvr with a reference, else suv)`,
    },
    weight: { type: "string", value: "KG", help: "Body weight, where no file says it" },
    height: { type: "string", value: "M", help: "Height in metres, for sul, where participants.tsv lacks it" },
    sex: { type: "string", value: "F|M", help: "For sul, where participants.tsv lacks it" },
    window: {
      type: "string",
      value: "FROM-TO",
      help: "Minutes after the injection; frames wholly inside count (default all)",
    },
    labels: { type: "string", value: "IMAGE", help: "Regions in the world of the image, with their names beside them" },
    reference: { type: "string", value: "MASK", help: "The reference region of suvr" },
    "reference-region": {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "Or regions of --labels by name, or /part/ of it",
    },
    resolution: {
      type: "string",
      value: "MM",
      help: "FWHM of the image: standard errors count resolution elements, not voxels",
    },
    json: { type: "boolean", help: "One JSON object: {measure, unit, window?, reference?, regions[], files[]}" },
  },
  async run(call) {
    const [image, out] = imageAndFolder(call, "pet uptake");
    const names = call.texts("reference-region");
    const mask = call.text("reference");
    const fallback = mask !== undefined || names.length > 0 ? "suvr" : "suv";
    const sex = call.text("sex");
    const [weight, height, resolution] = [
      positive(call, "weight"),
      positive(call, "height"),
      positive(call, "resolution"),
    ];
    const [window, labels] = [minutes(call), call.text("labels")];
    const result = await measureUptake(image, out, {
      measure: oneOf("measure", call.text("measure") ?? fallback, uptakeMeasures),
      ...(weight === undefined ? {} : { weight }),
      ...(height === undefined ? {} : { height }),
      ...(sex === undefined ? {} : { sex: oneOf("sex", sex, ["F", "M"]) }),
      ...(window === undefined ? {} : { window }),
      ...(labels === undefined ? {} : { labels }),
      ...(mask === undefined ? {} : { reference: mask }),
      ...(names.length === 0 ? {} : { referenceRegions: names }),
      ...(resolution === undefined ? {} : { resolution }),
    });
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    console.log(`${result.measure.toUpperCase()}, ${result.unit}`);
    for (const { region, side, measure, value, standardError, unit } of result.regions) {
      const error = standardError === undefined ? "" : ` ± ${standardError.toPrecision(2)}`;
      console.log(
        `  ${[side, region].filter(Boolean).join(" ")}: ${measure} ${value.toPrecision(4)}${error}${unit === "1" ? "" : ` ${unit}`}`,
      );
    }
    listFiles(result.files);
    return 0;
  },
};
