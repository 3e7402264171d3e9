import { type ReconstructedFile, type ReconstructFileOptions, reconstructFile } from "@quintet/pipeline";
import { checkImageName, oneAndOut, oneOf } from "../../arguments.ts";
import { type Command, wholeNumber } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

const methods = ["auto", "fft", "grappa", "sense", "espirit", "cs"] as const;
const combinations = ["sos", "walsh", "espirit"] as const;
const partials = ["pocs", "homodyne", "zero"] as const;

export const mriRecon: Command = {
  name: "mri recon",
  usage: "quintet mri recon RAW --out IMAGE.nii.gz [--method NAME] [--combine NAME] [--partial NAME] [--json]",
  summary: "Make images from the raw readouts of an MRI scanner (MRD, Siemens twix)",
  description: `RAW is an MRD (ISMRMRD) file (.h5, .mrd) or a Siemens twix file (.dat). What the header and the measured lines ask for
is done: whitening by noise readouts, ramp samples, reversed lines and their ghost, averages, oversampling, missing lines,
partial Fourier, coils. The image is a magnitude in the scanner's space; IMAGE.json beside it tells what was done and found.
Several echoes, sets or orientations become several images (IMAGE_echo-2.nii.gz).

Methods: auto (what the measured lines ask for); fft (what is missing stays 0); grappa; sense (Walsh's sensitivities);
espirit (ESPIRiT's); cs (ESPIRiT's with a wavelet prior, for lines left out at random).
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet mri recon meas.dat --out bold.nii.gz
Example: quintet mri recon phantom.h5 --out phantom.nii.gz --method grappa --combine walsh --json`,
  options: {
    out: { type: "string", value: "IMAGE.nii.gz", help: "Where the image goes" },
    method: { type: "string", value: "NAME", help: `${methods.join(", ")} (default auto)` },
    combine: {
      type: "string",
      value: "NAME",
      help: "Coils after fft and grappa: sos (root sum of squares, default), walsh, espirit",
    },
    partial: { type: "string", value: "NAME", help: "Lines left out on one side: pocs (default), homodyne, zero" },
    measurement: { type: "string", value: "N", help: "Of a twix file with several, from 1 (default the last)" },
    json: {
      type: "boolean",
      help: "One JSON object: {images[{path, shape, method, quality, steps}], problems[], seconds}",
    },
  },
  async run(call) {
    const example = "RAW --out IMAGE.nii.gz";
    const [raw, out] = oneAndOut(call, { command: "mri recon", what: "one raw file", example });
    checkImageName(out);
    const measurement = call.text("measurement");
    const options: ReconstructFileOptions = {
      method: oneOf("method", call.text("method") ?? "auto", methods),
      combine: oneOf("combine", call.text("combine") ?? "sos", combinations),
      partial: oneOf("partial", call.text("partial") ?? "pocs", partials),
      ...(measurement === undefined ? {} : { measurement: wholeNumber("measurement", measurement, 1, 64) - 1 }),
      onProgress: progressLine(),
    };
    const result = await reconstructFile(raw, out, options);
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function tell({ images, coils, problems, seconds }: ReconstructedFile): void {
  for (const { path, shape, spacing, steps, quality } of images) {
    console.log(
      `${path}\n  ${shape.join(" x ")}, ${spacing.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm, ${coils} coils`,
    );
    for (const step of steps) console.log(`  - ${step}`);
    const { signalToNoise, ghostRatio, missingLines, noiseFrom } = quality;
    const found = [
      signalToNoise === undefined ? "" : `signal to noise ${signalToNoise.toFixed(1)} (${noiseFrom})`,
      ghostRatio === undefined ? "" : `ghost ${(100 * ghostRatio).toFixed(2)} % of the signal`,
      missingLines > 0 ? `${missingLines} lines missing` : "",
    ].filter(Boolean);
    if (found.length > 0) console.log(`  ${found.join("; ")}`);
  }
  for (const problem of problems) console.log(`  ! ${problem}`);
  console.log(`Done in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}
