import { type HeadOutcome, type RunHeadOptions, runHead } from "@quintet/pipeline";
import { oneAndOut } from "../../arguments.ts";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";
import { interruption } from "../../interruption.ts";
import { runDisplay } from "../../terminal.ts";

export const mriHead: Command = {
  name: "mri head",
  usage: "quintet mri head T1 --out DIR [--template FOLDER|phantom] [--labels DIR|FILE] [--warp 2mm|1mm] [--json]",
  summary: "Scalp, skull, CSF, grey and white matter, surfaces and volumes of a T1-weighted image",
  description: `T1 is one T1-weighted image of a head (NIfTI, .mgz, DICOM). No template is needed for the tissues: brain mask, bias field,
the brain's classes, then the skull as a closed shell round it and the scalp up to the skin. The template gives names to
regions; without one the code-made head is taken. Results go to DIR as BIDS derivatives, nothing half-written:

  NAME_desc-head_dseg.nii.gz + .tsv       1 scalp, 2 skull, 3 csf, 4 grey, 5 white
  NAME_label-TISSUE_probseg.nii.gz        the share of each tissue
  NAME_desc-brain_mask.nii.gz, NAME_desc-head_mask.nii.gz, NAME_desc-preproc_T1w.nii.gz (no bias field)
  NAME_desc-{scalp,outerskull,innerskull}_surf.gii    closed and nested, for boundary element models
  NAME_hemi-{L,R}_{midthickness,inflated}.surf.gii    half way through the cortex, and unfolded for viewing
  NAME_desc-hemispheres_dseg.nii.gz + .tsv   1 left cerebrum, 2 right cerebrum, 3 cerebellum and brainstem
  NAME_desc-mu{511,159,140}keV_mumap.nii.gz + .json   attenuation in 1/cm for PET, I-123 and Tc-99m
  NAME_desc-sublobar_dseg.nii.gz + .tsv   the template's regions on this head
  NAME_desc-head_volumes.tsv + .json      mL with standard errors, shares of the intracranial volume, left against
                                          right; with --norms z (age, sex) and w (age, sex, intracranial volume)
  NAME_desc-normalisation.json, NAME_desc-head_qc.json, NAME_desc-head_provenance.json

With --labels the brain is parted as FreeSurfer, FastSurfer or SynthSeg parted it: a subject's folder, or one aseg, aparc+aseg
or SynthSeg image in this T1's world. What they name takes precedence; skull and scalp stay our own. Of a subject's folder
surf/{lh,rh}.white and .pial are taken too: the cortex lies half way between them. --cortex-left and --cortex-right give
mid-grey surfaces of your own (GIFTI or FreeSurfer), which come first.

What was done before is taken from the store in DIR/.quintet; a run that was stopped goes on where it was.
Exit code: 0 done, 1 refused or a step failed, 2 wrong usage, 130 stopped. A finding of quality control is no failure.

Example: quintet mri head sub-01_T1w.nii.gz --out heads
Example: quintet mri head sub-01_T1w.nii.gz --out heads --template ~/templateflow/tpl-MNI152NLin2009cAsym --warp 1mm --json`,
  options: {
    out: { type: "string", value: "DIR", help: "Where the results go" },
    template: {
      type: "string",
      value: "FOLDER|phantom",
      help: "Template head; default: $TEMPLATEFLOW_HOME, Debian's mricron data, $FSLDIR, else the code-made head",
    },
    atlas: { type: "string", value: "FILE", help: "Label image in the template's space, when the template has none" },
    labels: {
      type: "string",
      value: "DIR|FILE",
      help: "FreeSurfer, FastSurfer or SynthSeg output of this head; takes precedence over our own tissues",
    },
    "cortex-left": { type: "string", value: "FILE", help: "Mid-grey surface of the left hemisphere, taken as it is" },
    "cortex-right": { type: "string", value: "FILE", help: "Mid-grey surface of the right hemisphere, taken as it is" },
    warp: { type: "string", value: "2mm|1mm", help: "Voxel edge of the deformation to the template (default 2mm)" },
    norms: { type: "string", value: "FILE", help: "Normative table: z and w of each measure, with --age and --sex" },
    age: { type: "string", value: "YEARS", help: "Age of the person, for --norms" },
    sex: { type: "string", value: "M|F", help: "Sex of the person, for --norms" },
    workers: { type: "string", value: "N", help: "Worker threads (default: all cores)" },
    json: { type: "boolean", help: "Progress and result as JSON lines" },
  },
  async run(call) {
    const [t1, out] = oneAndOut(call, { command: "mri head", what: "one image", example: "T1 --out DIR" });
    const display = runDisplay(call.flag("json"));
    using stop = interruption("stopped; nothing is half written, the next run goes on from here");
    const start = performance.now();
    try {
      const outcome = await runHead(t1, out, {
        ...optionsOf(call),
        signal: stop.signal,
        onEvent: (event, subject) => {
          if (!stop.signal.aborted) display.show(event, subject);
        },
      });
      display.close();
      const seconds = Number(((performance.now() - start) / 1000).toFixed(2));
      if (call.flag("json")) process.stdout.write(`${JSON.stringify({ event: "finished", seconds, ...outcome })}\n`);
      else tell(outcome, out, seconds);
      return outcome.failed.length === 0 ? 0 : 1;
    } finally {
      display.close();
    }
  },
};

function optionsOf(call: Call): RunHeadOptions {
  const [warp, age, sex, norms, workers] = ["warp", "age", "sex", "norms", "workers"].map((name) => call.text(name));
  if (warp !== undefined && warp !== "2mm" && warp !== "1mm")
    throw new UsageError(`--warp takes 2mm or 1mm, not "${warp}"`);
  if (sex !== undefined && sex !== "M" && sex !== "F") throw new UsageError(`--sex takes M or F, not "${sex}"`);
  if (norms !== undefined && (age === undefined || sex === undefined))
    throw new UsageError("--norms needs --age and --sex: people differ by both");
  const [template, atlas, labels] = [call.text("template"), call.text("atlas"), call.text("labels")];
  const [left, right] = [call.text("cortex-left"), call.text("cortex-right")];
  return {
    cortex: { ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) },
    resolution: warp === "1mm" ? 1 : 2,
    ...(template === undefined ? {} : { template }),
    ...(atlas === undefined ? {} : { atlas }),
    ...(labels === undefined ? {} : { labels }),
    ...(norms === undefined ? {} : { norms }),
    ...(age === undefined ? {} : { age: wholeNumber("age", age, 0, 120) }),
    ...(sex === undefined ? {} : { sex }),
    ...(workers === undefined ? {} : { workers: wholeNumber("workers", workers, 1, 99) }),
  };
}

function tell({ measures, qc, failed, files, template }: HeadOutcome, out: string, seconds: number): void {
  for (const { region, measure, value, unit, standardError } of measures)
    if (measure === "volume" && unit === "mL")
      console.log(
        `  ${region.padEnd(16)} ${value.toFixed(0).padStart(5)} mL${standardError === undefined ? "" : ` +- ${standardError.toFixed(0)}`}`,
      );
  if (template !== undefined) console.log(`  Regions by ${template}`);
  for (const { name, value, unit, verdict, note } of qc)
    if (verdict !== "ok")
      console.log(
        `  ! ${name} ${typeof value === "number" ? Number(value.toPrecision(4)) : value} ${unit ?? ""}: ${note}`,
      );
  for (const { step, why } of failed) console.log(`  ! ${step} failed: ${why.split("\n")[0]}`);
  console.log(`${files.length} files in ${out}`);
  console.log(`Done in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}
