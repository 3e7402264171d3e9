import { measureSbr } from "@quintet/pipeline";
import { oneAndOut, oneOf, positive, required } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

export const spectSbr: Command = {
  name: "spect sbr",
  usage:
    "quintet spect sbr SPECT --labels REGIONS [--t1 T1] --out FOLDER [--reference occipital|whole-brain] [--replicates FILE] [--json]",
  summary: "Binding ratios of a dopamine transporter SPECT: caudate, putamen and its halves, sides, total counts",
  description: `REGIONS names caudate, putamen and occipital cortex of both sides, in the world of the T1 (as quintet mri head writes them), to which
the image is registered, or of the SPECT image where there is no T1. SBR = (C - C_ref) / C_ref of every part, asymmetry 200 (L - R) /
(L + R), caudate over putamen, and of each whole striatum the ratio from total counts in a large volume (the Southampton method),
which blur does not lower: over 11.2 mL, or --striatum own.
--spill-over takes blur back by the geometric transfer matrix of the regions at --fwhm: small parts no longer read low, nor by how full their
neighbours are. A calibration belongs to one way of measuring: make it with the same flag.
Standard errors are of counting alone. With --replicates (of quintet spect recon --replicates) they are the spread of the replicates; without, where a T1
is given, an upper bound from the noise in the brain outside the striata, one to two times the spread, as what is uneven there counts as noise; without either
an upper bound of three to four times it. They pass through spill-over, calibration, asymmetry and caudate over putamen, with what sides share through one reference.
--calibration is a table of what this camera makes of a striatal phantom (region, measure, slope, offset: measured = slope true +
offset). z values need --norms, a table of healthy people of the same camera and corrections (region, measure, at0, per_year, sd) and --age; none is built in, because
published ones hold for other programs.
Written: a table of measures, one page to look at, and a JSON. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet spect sbr sub-01_spect.nii.gz --labels heads/sub-01_desc-sublobar_dseg.nii.gz --t1 sub-01_T1w.nii.gz --out dat
Example: quintet spect sbr dat.nii.gz --labels regions.nii.gz --t1 T1.nii.gz --replicates dat_replicates.nii.gz --out dat
Example: quintet spect sbr dat.nii.gz --labels regions.nii.gz --out dat --calibration phantom.tsv --norms camera.tsv --age 61`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    labels: { type: "string", value: "IMAGE", help: "Regions: caudate, putamen, occipital, each with its side" },
    t1: { type: "string", value: "FILE", help: "T1 of the same head that the regions belong to" },
    reference: { type: "string", value: "WHICH", help: "occipital (default) or whole-brain (needs --t1)" },
    fwhm: {
      type: "string",
      value: "MM",
      help: "Resolution of the image in the striatum, for --spill-over and for the upper bound of standard errors",
    },
    replicates: { type: "string", value: "FILE", help: "Replicates of this very image, for its standard errors" },
    "spill-over": {
      type: "boolean",
      help: "Take back what regions give to each other and to their surroundings (needs --fwhm)",
    },
    striatum: { type: "string", value: "ML|own", help: "Volume of one striatum for total counts (default 11.2)" },
    calibration: { type: "string", value: "FILE", help: "Table of the camera: region, measure, slope, offset" },
    norms: { type: "string", value: "FILE", help: "Table of healthy people: region, measure, at0, per_year, sd" },
    age: { type: "string", value: "YEARS", help: "Of this person" },
    json: {
      type: "boolean",
      help: "One JSON object: {reference, measures[], striatumMl, registration, standardErrors: {from, replicates, note}, withoutNorms, withoutResolution, files[]}",
    },
  },
  async run(call) {
    const [image, out] = oneAndOut(call, {
      command: "spect sbr",
      what: "one image",
      example: "SPECT --labels REGIONS --out FOLDER",
    });
    const striatum = call.text("striatum");
    const given = {
      t1: call.text("t1"),
      reference: oneOf("reference", call.text("reference"), ["occipital", "whole-brain"]),
      fwhm: positive(call, "fwhm"),
      replicates: call.text("replicates"),
      striatum: striatum === "own" ? ("own" as const) : positive(call, "striatum"),
      calibration: call.text("calibration"),
      norms: call.text("norms"),
      age: positive(call, "age"),
    };
    if (call.flag("spill-over") && given.fwhm === undefined)
      throw new UsageError("--spill-over needs the image's resolution in the striatum: --fwhm MM");
    const json = call.flag("json");
    const result = await measureSbr(image, out, {
      labels: required(call, "labels", "an image of regions"),
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      ...(call.flag("spill-over") ? { spillOver: true } : {}),
      ...(json ? {} : { onProgress: progressLine() }),
    }).finally(endProgress);
    if (json) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    console.log(`reference: ${result.reference}`);
    for (const { region, side, measure, value, unit, standardError, z } of result.measures) {
      const error = standardError === undefined ? "" : ` ± ${standardError.toFixed(2)}`;
      const place = side === "midline" ? region : `${side} ${region}`;
      console.log(
        `  ${place}, ${measure}: ${value.toFixed(2)}${error}${unit === "1" ? "" : ` ${unit}`}${z === undefined ? "" : `, z ${z.toFixed(1)}`}`,
      );
    }
    for (const why of [result.standardErrors.note, result.withoutNorms, result.withoutResolution])
      if (why) console.log(`  ${why}`);
    for (const file of result.files) console.log(`  ${file}`);
    console.log(result.note);
    return 0;
  },
};
